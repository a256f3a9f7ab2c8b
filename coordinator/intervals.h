/* intervals.h -- how sure are the parameters that a job chose, and what does the set in
 * production cost beyond the best?
 *
 * Block bootstrap (worker/bootstrap.h) of a job's choice among all points of its grid:
 * the training bars of each instrument are cut into even blocks, each of at least two
 * horizons, whose figures are computed once; a replicate only adds them up.  Units are
 * instruments; the answer is the same on any number of ranks. */
#ifndef COORDINATOR_INTERVALS_H
#define COORDINATOR_INTERVALS_H

#include "coordinator/intervals_unit.h"
#include "coordinator/subject.h"
#include "core/err.h"
#include "mpi/team.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct intervals_options {
    struct subject_options subject;
    size_t n_replicates, n_blocks;
    uint64_t seed;
    const char *incumbent; /* NULL: the job's, if it names one */
    bool as_json;
};

/* Collective over the team; rank 0 prints. */
int intervals(const struct team *team, const struct intervals_options *options,
              struct err *err);

/* One instrument's line of the result, or why it has none. */
struct interval_row {
    const struct history_entry *entry;
    struct interval_answer answer;
};

struct interval_table {
    const struct subject *subject;
    const struct intervals_options *options;
    size_t n;
    struct interval_row *row;
};

void intervals_print_table(const struct interval_table *table, FILE *out);
int intervals_print_json(const struct interval_table *table, FILE *out,
                         struct err *err);

#endif /* COORDINATOR_INTERVALS_H */
