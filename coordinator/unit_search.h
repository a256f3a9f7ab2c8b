/* unit_search.h -- what a rank is asked about scattered points, and what it answers
 *
 *     UNIT_RATE      points on a share of the bars   ->  their ratings
 *     UNIT_POLISH    a start, points that are known  ->  the points tried from there
 *     UNIT_JUDGE_AT  points                          ->  every figure of each
 *
 * The head is struct unit's.  Points are their values, for only the coordinator knows
 * their numbers. */
#ifndef COORDINATOR_UNIT_SEARCH_H
#define COORDINATOR_UNIT_SEARCH_H

#include "coordinator/unit.h"
#include "worker/search.h"

#include <stddef.h>
#include <stdint.h>

/* Behind the head: UNIT_RATE and UNIT_JUDGE_AT have unit.n_points points, UNIT_POLISH a
 * start and its rating, and then what is known. */
struct unit_points {
    double share;    /* UNIT_RATE */
    uint64_t n_most; /* UNIT_POLISH: points it may try */
    struct rating rating;
};

_Static_assert(sizeof(struct unit_points) == 40, "units travel as bytes");

/* value [unit->n_points][n_axes] */
void unit_put_points(struct buffer *buffer, const struct unit *unit,
                     const struct unit_points *points, size_t n_axes,
                     const double value[]);
/* *value: free() it.  -1: cannot be read, or no memory. */
int unit_get_points(struct reader *reader, const struct unit *unit, size_t n_axes,
                    struct unit_points *points, double **value);

/* Of UNIT_RATE; refusal: why points are undefined, or empty. */
void unit_put_ratings(struct buffer *buffer, size_t n, const struct rating rating[],
                      const char *refusal);
int unit_get_ratings(struct reader *reader, size_t n, struct rating rating[],
                     char refusal[ERR_TEXT_MAX]);

/* Of UNIT_POLISH: what it tried; and, of what is rated on all training bars, what it
 * could come to from its start. */
void unit_put_tried(struct buffer *buffer, const struct tried *tried);
void unit_put_known(struct buffer *buffer, const struct grid *grid,
                    const double start[], const struct tried *known);
int unit_get_tried(struct reader *reader, struct tried *tried, struct err *err);

#endif /* COORDINATOR_UNIT_SEARCH_H */
