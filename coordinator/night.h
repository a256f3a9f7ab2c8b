/* night.h -- which nights were due, who runs one, and what became of each?
 *
 * A calendar divides time into slots, `every` after `first`; a slot is named by the
 * moment it begins.  The book (a JSON file that is replaced durably, under a lock)
 * holds a record of each slot that was begun:
 *
 *     begun ──► running ──► validated ──► publishing ──► published
 *       │          └────────────┴──────────────┴───► held, failed (with the reason)
 *       └──► superseded: a later slot was begun, or published, before it was its turn
 *
 * What a relay holds until people approve of it is published from held, what failed
 * while it was published is published again.
 *
 * A record has one owner at a time.  Beginning a slot whose owner was silent for longer
 * than `stale` makes another attempt of it, and from then on what the former owner
 * notes is refused: only one attempt of a slot can publish, and no slot after a later
 * one.  A slot without a record is due, then late, then missed: that follows from the
 * calendar and needs nobody to write it down. */
#ifndef COORDINATOR_NIGHT_H
#define COORDINATOR_NIGHT_H

#include "core/err.h"
#include "core/sha256.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum night_state {
    NIGHT_BEGUN,
    NIGHT_RUNNING,
    NIGHT_VALIDATED,
    NIGHT_PUBLISHING,
    NIGHT_PUBLISHED,
    NIGHT_HELD,
    NIGHT_FAILED,
    NIGHT_SUPERSEDED,
    NIGHT_RECORDED, /* the states above are in the book, those below are concluded   */
    NIGHT_GONE = NIGHT_RECORDED, /* begun, but its owner is silent for too long      */
    NIGHT_DUE,                   /* now, and not begun                               */
    NIGHT_LATE,                  /* ... for longer than is allowed                   */
    NIGHT_MISSED,                /* a later slot is due and this was never begun     */
    NIGHT_STATES
};

const char *night_state_text(enum night_state state);
/* Has it an owner who is still to end it? */
bool night_state_is_active(enum night_state state);
/* Should have been published, and is not, and nobody is at it. */
bool night_state_is_unpublished(enum night_state state);

struct night_calendar {
    int64_t first_ns, every_ns;
    int64_t late_ns;  /* a slot that is begun so long after its moment is late */
    int64_t stale_ns; /* an owner that is silent for so long is gone           */
};

/* The slot that `moment` is in; -1 before the first. */
int64_t night_slot_of(const struct night_calendar *calendar, int64_t moment_ns);

enum { NIGHT_OWNER_MAX = 128, NIGHT_REASON_MAX = 480 };

struct night {
    int64_t slot_ns;
    enum night_state state;
    int64_t attempt;            /* 1, 2 ...: the owner's token                       */
    int64_t n_doubled;          /* times that another wanted to begin it as well     */
    int64_t began_ns, noted_ns; /* this attempt; the last word of its owner          */
    int64_t version;            /* as which it was published; 0: it was not          */
    char owner[NIGHT_OWNER_MAX];
    char sha256[SHA256_TEXT_MAX]; /* of the set that was validated; empty before     */
    char reason[NIGHT_REASON_MAX];
};

struct night_book {
    struct night_calendar calendar;
    int64_t since_ns;    /* the first slot that anyone began */
    size_t n, capacity;  /* records, by rising slot          */
    struct night *night; /* [n]                              */
};

/* A missing file is an empty book whose calendar's every_ns is 0. */
int night_book_read(const char *path, struct night_book *book, struct err *err);
int night_book_write(const char *path, const struct night_book *book, struct err *err);
void night_book_free(struct night_book *book);

/* NULL where the slot was never begun. */
const struct night *night_find(const struct night_book *book, int64_t slot_ns);

/* ---- what owners do: each changes the book, which is then to be written ---- */

struct night_wish {
    const struct night_calendar *calendar;
    int64_t now_ns;
    int64_t slot_ns; /* -1: the one that now is in */
    const char *owner;
    bool again; /* also a slot that was held, has failed or was superseded */
};

/* `refused` is empty where the wish is granted; else the book may have noted the
 * attempt, and `refused` says why. */
struct night_answer {
    const struct night *night; /* NULL: there is no record */
    char refused[ERR_TEXT_MAX];
};

/* ERR_INPUT where book and calendar disagree or the slot is none. */
int night_begin(struct night_book *book, const struct night_wish *wish,
                struct night_answer *answer, struct err *err);

struct night_word {
    int64_t now_ns, slot_ns, attempt;
    enum night_state state; /* where it goes; NIGHT_RUNNING again is a sign of life */
    const char *reason, *sha256;
    int64_t version;
    bool unless_ended; /* leave what has ended as it is */
};

/* ERR_INPUT where the slot was never begun. */
int night_note(struct night_book *book, const struct night_word *word,
               struct night_answer *answer, struct err *err);

/* ---- what others see ---- */

/* The record of a slot, or one that concludes what its absence means; gone where its
 * owner is. */
struct night night_look(const struct night_book *book, int64_t slot_ns, int64_t now_ns);

#endif /* COORDINATOR_NIGHT_H */
