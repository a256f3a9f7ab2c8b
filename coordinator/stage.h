/* stage.h -- which group of subscribers gets a new publication next, and when?
 *
 *     accepted --> group 0 --> group 1 --> ... --> the last: production
 *                  (shadow)    (canary)
 *
 * A publication is served to one group after the other, and never taken back from one:
 * what is wrong is followed by a rollback, a publication of its own.  It moves on when
 * enough of those whom it is served to said for long enough that they hold it, or by
 * hand.  Nothing here knows of sockets or clocks. */
#ifndef COORDINATOR_STAGE_H
#define COORDINATOR_STAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STAGES_MAX = 8, STAGE_NONE = -1 };

/* When a group has shown enough.  Never by itself where by_hand. */
struct stage_rule {
    bool by_hand;
    int64_t n_acknowledged; /* at least so many hold it, 0: none need            */
    double share;           /* and this share of those that are there            */
    int64_t for_ns;         /* all this time on end                              */
};

/* Where the newest publication stands. */
struct stage {
    int group;        /* it is served to 0 .. group; STAGE_NONE: to nobody yet */
    int64_t since_ns; /* since when its last group has shown enough; 0: not    */
};

/* The subscribers of the group that it was last served to. */
struct stage_count {
    size_t n_present, n_acknowledged;
};

/* Has the group shown enough by now?  Keeps in mind since when; the share of nobody is
 * not enough unless nobody is asked for. */
bool stage_is_shown(const struct stage_rule *rule, const struct stage_count *count,
                    int64_t now_ns, struct stage *stage);

/* The next group; the last stays the last. */
struct stage stage_next(const struct stage *stage, size_t n_groups);

#endif /* COORDINATOR_STAGE_H */
