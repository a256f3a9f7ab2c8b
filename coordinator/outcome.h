/* outcome.h -- what became of one instrument: its parameters or the reason there are
 * none */
#ifndef COORDINATOR_OUTCOME_H
#define COORDINATOR_OUTCOME_H

#include "market/history.h"
#include "worker/study.h"

#include <stddef.h>
#include <stdint.h>

enum status { STATUS_CALIBRATED, STATUS_HELD, STATUS_FAILED, STATUS_COUNT };

const char *status_text(enum status status);

struct outcome {
    const struct history_entry *entry;
    enum status status;
    char reason[ERR_TEXT_MAX]; /* empty where calibrated                            */
    struct found found;        /* ranking of the search, marginals                   */
    uint64_t n_left_out;       /* points of boxes that went wrong (schedule.on_fault) */
    /* The points of the ranking as judged bar by bar, best first: [n_judged]. */
    size_t n_judged;
    struct candidate *point;
    struct verdict *verdict;
};

/* Order the judged points by their own figures and decide the status: `failed` where
 * the nearest point breaks a constraint, `held` where a gate says no. */
void outcome_decide(const struct plan *plan, struct outcome *outcome);

/* Reset to nothing and free. */
void outcome_free(struct outcome *outcome);

#endif /* COORDINATOR_OUTCOME_H */
