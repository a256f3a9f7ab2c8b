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
    bool is_stressed;          /* held for a limit under stress, alone or together  */
    struct found found;        /* ranking of the search, marginals                   */
    struct tried tried;        /* points of a search that is not the grid's; they are
                                  numbered by it                                    */
    uint64_t n_left_out;       /* points of boxes that went wrong (schedule.on_fault) */
    /* The points to be judged bar by bar: those of the ranking, or, where axes are
     * shared, of the cells that are in question (pool.h); then the incumbent's. */
    size_t n_asked;
    struct candidate *asked;
    /* ... as judged, best first: [n_judged]. */
    size_t n_judged;
    struct candidate *point;
    struct verdict *verdict;

    /* Where axes are shared: with whom; n counts who has a value, by scope. */
    struct outcome_shared {
        const char *group; /* NULL: no axis is shared by group */
        double weight;
        size_t n[AXIS_GLOBAL + 1];
    } shared;

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

/* The points of the ranking become those to be judged. */
int outcome_ask_ranking(struct outcome *outcome, struct err *err);
/* Give every judged point its own figures' violation and cost. */
void outcome_score(const struct plan *plan, struct outcome *outcome);
/* Look at what the incumbent's own point is worth, before others are taken away. */
void outcome_score_incumbent(const struct plan *plan, struct outcome *outcome);
/* Keep the judged points with keep[i] alone. */
void outcome_narrow(struct outcome *outcome, const bool keep[]);

/* Order the judged points by their own figures, keep the incumbent where no point is
 * enough better (plan->hysteresis), and decide the status: `failed` where the nearest
 * point breaks a constraint, `held` where a gate or a limit under stress says no. */
void outcome_decide(const struct plan *plan, struct outcome *outcome);

/* Reset to nothing and free. */
void outcome_free(struct outcome *outcome);

#endif /* COORDINATOR_OUTCOME_H */
