/* margin_inside.h -- one instrument of the margin study under work, for
 * worker/margin*.c alone */
#ifndef WORKER_MARGIN_INSIDE_H
#define WORKER_MARGIN_INSIDE_H

#include "worker/margin.h"
#include "worker/margin_rate.h"
#include "worker/plan.h"
#include "worker/study.h"
#include "worker/sweep.h"

struct margin_work {
    const struct plan *plan;
    struct series series;
    struct range range[JUDGED_RANGES];
    unsigned needs;
    struct sweep *sweep; /* made when the first box comes              */
    struct rater *rater; /* made when the first scattered points come  */
    /* The last judged path, which neighbours in the ranking mostly share. */
    bool has_path;
    double path_value[AXES_MAX]; /* the path's */
    struct path_stages path;     /* [n] each */
    struct path_fits fits;
    double *scaled, *in_use, *margin; /* [n] each, one point's path                */
    struct margin_backtests_room backtests;
    struct phase *phase; /* [horizon_bars]                             */
    bool has_spans;
    struct range span[STRESS_SPANS_MAX]; /* of the scenarios */
};

struct sweep_rules margin_rules(const struct margin_work *work);

/* Any point's figures, bar by bar (study.h). */
int margin_judge(void *of, const double *value, struct verdict *verdict,
                 struct err *err);
int margin_scores(void *of, const double *value, enum judged range, double score[],
                  struct err *err);

#endif /* WORKER_MARGIN_INSIDE_H */
