/* margin_oracle.h -- the figures of one point, as worker/README.md defines them, slowly
 *
 * Written from the page alone and sharing nothing with worker/ but the logarithm and
 * the exponential, whose bits the page fixes. */
#ifndef TESTS_ORACLE_MARGIN_ORACLE_H
#define TESTS_ORACLE_MARGIN_ORACLE_H

#include "market/bars.h"

#include <stdbool.h>
#include <stddef.h>

struct oracle_request {
    size_t horizon_bars, warmup_bars, embargo_bars;
    bool path, use_long, use_short; /* sides both: both flags */
    double confidence, holdout;
    double release_from, release_full, release_halflife_bars;
    double lambda, q, floor, buffer;
    bool release;
};

struct oracle_figures {
    double observations, left_out;
    double exceedances, exceedances_long, exceedances_short, coverage;
    double kupiec_lr, kupiec_p, kupiec_p_upper, kupiec_phase_p, independence_p;
    double mean_margin, max_margin, last_margin;
    double mean_shortfall, worst_shortfall, es_ratio, peak_to_trough;
    double rise[4]; /* 1, 5, 20, 30 days */
};

/* The margin of every bar, 0 before the warm-up's end; free() it.  NULL where there is
 * no return in the warm-up. */
double *oracle_margins(const struct oracle_request *request, const struct bars *bars);

/* The figures of the margins over the training bars, or over the test bars. */
struct oracle_figures oracle_judge(const struct oracle_request *request,
                                   const struct bars *bars, const double *margin,
                                   bool test);

#endif /* TESTS_ORACLE_MARGIN_ORACLE_H */
