/* outcome.h -- what became of one instrument: its parameters or the reason there are
 * none */
#ifndef COORDINATOR_OUTCOME_H
#define COORDINATOR_OUTCOME_H

#include "coordinator/incumbent.h"
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

    const struct incumbent *incumbent; /* NULL: the job names none */
    struct outcome_warm {
        bool is_scored;    /* its figures follow */
        bool is_kept;      /* in the first place, though another costs a little less */
        double cost, gain; /* its own; what the best point saves of it, a share */
        char breach[128];  /* of a constraint or a gate; empty: it satisfies all */
    } warm;
};

/* The incumbent's points. */
size_t outcome_n_incumbent(const struct outcome *outcome);
/* The values of judged point i. */
void outcome_values(const struct plan *plan, const struct outcome *outcome, size_t i,
                    double value[AXES_MAX]);

/* Order the judged points by their own figures, keep the incumbent where no point is
 * enough better (plan->hysteresis), and decide the status: `failed` where the nearest
 * point breaks a constraint, `held` where a gate says no. */
void outcome_decide(const struct plan *plan, struct outcome *outcome);

/* Reset to nothing and free. */
void outcome_free(struct outcome *outcome);

#endif /* COORDINATOR_OUTCOME_H */
