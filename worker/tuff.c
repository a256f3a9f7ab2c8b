#include "worker/tuff.h"
#include "worker/deviance.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

double tuff_ratio(size_t first, double p)
{
    const double t = (double)first;

    return 2.0 * (deviance(1.0, t * p) + deviance(t - 1.0, t * (1.0 - p)));
}

static bool is_as_far(size_t t, double p, double lr)
{
    return tuff_ratio(t, p) >= lr * (1.0 - 0x1p-40);
}

double tuff_exact_p(size_t first, double p)
{
    const double lr = tuff_ratio(first, p), log_inside = log1p(-p);
    const size_t middle = (size_t)(1.0 / p);
    size_t early = 0, near = middle, late = middle + 1, far = middle + 1;

    while (early < near) { /* so many of the first are as far out */
        const size_t t = early + (near - early + 1) / 2;

        if (is_as_far(t, p, lr))
            early = t;
        else
            near = t - 1;
    }
    while (!is_as_far(far, p, lr))
        late = far + 1, far *= 2;
    while (late < far) { /* and all from here on */
        const size_t t = late + (far - late) / 2;

        if (is_as_far(t, p, lr))
            far = t;
        else
            late = t + 1;
    }
    return fmin(1.0, exp((double)(late - 1) * log_inside) -
                         expm1((double)early * log_inside));
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
