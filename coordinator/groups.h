/* groups.h -- which instruments share values, and what does each weigh?
 *
 * Groups are numbered in the order of their names, so that sums over them do not hang
 * on the order of the job file. */
#ifndef COORDINATOR_GROUPS_H
#define COORDINATOR_GROUPS_H

#include "coordinator/job.h"
#include "core/err.h"
#include "market/history.h"

#include <stddef.h>

struct groups {
    size_t n;          /* 1 where no axis is shared by group             */
    const char **name; /* [n], the job's; NULL where there is only that one */
    size_t *of;        /* [instruments] */
    double *weight;    /* [instruments] */
};

/* ERR_INPUT where an instrument is in no group or in two, or has two weights: with line
 * and column in the job file. */
int groups_new(const struct job *job, size_t n_instruments,
               const struct history_entry *const entry[], struct groups *groups,
               struct err *err);
void groups_free(struct groups *groups);

#endif /* COORDINATOR_GROUPS_H */
