/* unit.h -- what a rank is asked at a time, and what it answers
 *
 *     UNIT_SEARCH  (instrument, box)      ->  the best points and marginals of the box
 *     UNIT_JUDGE   (instrument, points)   ->  every figure of each point
 *     UNIT_WALK    (instrument, fold)     ->  as walk_unit.h says
 *
 * and of scattered points as unit_search.h says.  An instrument that cannot be worked
 * on is an answer too: its reason.  Both sides write and read the bytes here, so that
 * their order stands once. */
#ifndef COORDINATOR_UNIT_H
#define COORDINATOR_UNIT_H

#include "core/buffer.h"
#include "core/err.h"
#include "worker/study.h"

#include <stddef.h>
#include <stdint.h>

enum unit_kind {
    UNIT_SEARCH = 1,
    UNIT_JUDGE,
    UNIT_RATE,
    UNIT_POLISH,
    UNIT_JUDGE_AT,
    UNIT_WALK
};

struct unit {
    uint32_t kind;
    uint32_t instrument;      /* place in the universe                             */
    uint32_t next_instrument; /* likely to be asked for after it; UNIT_NONE: none  */
    uint32_t n_points;        /* UNIT_JUDGE, followed by points                    */
    uint64_t box;             /* UNIT_SEARCH; UNIT_WALK: the fold                  */
};

enum {
    UNIT_NONE = 0xffffffff,
    UNIT_POINTS_MAX = 2048, /* judged at once: a ranking of each of some cells */
};

_Static_assert(sizeof(struct unit) == 24, "units travel as bytes");

void unit_put(struct buffer *buffer, const struct unit *unit, const uint64_t points[]);
int unit_get(struct reader *reader, struct unit *unit,
             uint64_t points[UNIT_POINTS_MAX]);

/* What an answer is about. */
enum unit_outcome {
    UNIT_GOOD,       /* what was asked for follows                                */
    UNIT_IMPOSSIBLE, /* the instrument's bars do not allow it: the reason         */
    UNIT_FAULT,      /* it went wrong here and now: a struct err                  */
};

void unit_put_impossible(struct buffer *buffer, const char *reason);
void unit_put_fault(struct buffer *buffer, const struct err *fault);
void unit_put_found(struct buffer *buffer, const struct box *box,
                    const struct found *found);
void unit_put_verdict(struct buffer *buffer, const struct plan *plan,
                      const struct verdict *verdict);

/* The first thing of an answer, and why where it is not good.  -1: cannot be read. */
int unit_get_outcome(struct reader *reader, enum unit_outcome *outcome,
                     struct err *why);
/* Add what a box found to what was found before. */
int unit_get_found(struct reader *reader, const struct box *box, struct found *found);
int unit_get_verdict(struct reader *reader, const struct plan *plan,
                     struct verdict *verdict);

/* The start of a good answer. */
void unit_put_good(struct buffer *buffer);

#endif /* COORDINATOR_UNIT_H */
