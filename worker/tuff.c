#include "worker/tuff.h"
#include "worker/deviance.h"

#include <gsl/gsl_cdf.h>

double tuff_ratio(size_t first, double p)
{
    const double t = (double)first;

    return 2.0 * (deviance(1.0, t * p) + deviance(t - 1.0, t * (1.0 - p)));
}

struct tuff tuff_test(size_t n, const double loss[], const double var[], double p)
{
    struct tuff tuff = {
        .status = BACKTEST_NO_HIT, .lr = NAN, .p_value = NAN, .p_at_most = NAN};

    for (size_t i = 0; i < n; i++) {
        const enum backtest_hit hit = backtest_hit(loss[i], var[i]);

        tuff.n_missing += hit == BACKTEST_MISSING;
        tuff.n_bars += hit != BACKTEST_MISSING;
        if (hit == BACKTEST_EXCEEDS && tuff.first == 0)
            tuff.first = tuff.n_bars;
    }
    if (!(p > 0.0 && p < 1.0)) {
        tuff.status = BACKTEST_BAD_INPUT;
    } else if (tuff.n_bars == 0) {
        tuff.status = BACKTEST_NO_DATA;
    } else if (tuff.first > 0) {
        tuff.status = BACKTEST_OK;
        tuff.lr = tuff_ratio(tuff.first, p);
        tuff.p_value = gsl_cdf_chisq_Q(tuff.lr, 1.0);
    } else if ((double)(tuff.n_bars + 1) * p > 1.0) {
        /* the ratio rises in T beyond 1/p */
        tuff.p_at_most = gsl_cdf_chisq_Q(tuff_ratio(tuff.n_bars + 1, p), 1.0);
    }
    return tuff;
}
