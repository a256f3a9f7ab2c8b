/* challenger.h -- which simple margins should a calibrated one not be worse than?
 *
 * Each is a plan of its own, chosen on the same training bars by the same objective
 * under one constraint, coverage of at least the confidence; no floor, no buffer. */
#ifndef WORKER_CHALLENGER_H
#define WORKER_CHALLENGER_H

#include "core/err.h"
#include "worker/plan.h"

#include <stddef.h>

enum challenger_kind {
    CHALLENGER_CONSTANT,   /* q times the root of the mean square so far            */
    CHALLENGER_EWMA,       /* q times EWMA of 0.94 (RiskMetrics)                    */
    CHALLENGER_HISTORICAL, /* the empirical quantile at the confidence, as it is    */
    CHALLENGERS
};

enum { CHALLENGER_MULTIPLIERS = 401 };

/* A plan and the values of its axes, which point into it: do not copy. */
struct challenger {
    struct plan plan;
    double lambda, window, level, nought, one;
    double q[CHALLENGER_MULTIPLIERS]; /* 0.5 to 20, each 0.93 % above the last */
};

const char *challenger_name(enum challenger_kind kind);

/* Against the plan; window_bars: of historical simulation.  ERR_BUG: the study has
 * axes that are not known here. */
int challenger_make(enum challenger_kind kind, const struct plan *plan,
                    size_t window_bars, struct challenger *challenger, struct err *err);

#endif /* WORKER_CHALLENGER_H */
