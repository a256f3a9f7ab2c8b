/* join.h -- one series from the rows of its files
 *
 * The other half of import.c: only import.c includes it. */
#ifndef MARKET_JOIN_H
#define MARKET_JOIN_H

#include "market/gather.h"

/* What was found while the rows were joined, for quality_add. */
struct join_note {
    enum quality_kind kind;
    int64_t time;
    double value;
};

struct joined {
    struct bars bars; /* ascending, one a time */
    size_t n_notes, notes_capacity;
    struct join_note *note;
    uint64_t n_outside_span, n_conflicts;
    uint64_t *n_kept; /* a member of gather */
};

/* Sort, shift to the start of the bar, cut to the span, drop duplicates.  group's
 * rows are reordered.  ERR_INPUT where the interval cannot be told or does not fit.
 * join_free in any case. */
int join_rows(const struct gather *gather, struct gather_group *group,
              struct joined *joined, struct err *err);
void join_free(struct joined *joined);

#endif /* MARKET_JOIN_H */
