#include "worker/christoffersen.h"
#include "worker/deviance.h"

#include <gsl/gsl_cdf.h>

struct independence christoffersen_independence(const struct transitions *pairs)
{
    const double n[2][2] = {{(double)pairs->n00, (double)pairs->n01},
                            {(double)pairs->n10, (double)pairs->n11}};
    const double all = n[0][0] + n[0][1] + n[1][0] + n[1][1];
    double lr = 0.0;

    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 2; j++) {
            const double row = n[i][0] + n[i][1], column = n[0][j] + n[1][j];

            if (row > 0.0 && column > 0.0)
                lr += 2.0 * deviance(n[i][j], row * column / all);
        }
    return (struct independence){.lr = lr, .p_value = gsl_cdf_chisq_Q(lr, 1.0)};
}

struct transitions christoffersen_pairs(size_t n, const double loss[],
                                        const double var[], size_t *n_bars,
                                        size_t *n_hits)
{
    enum backtest_hit before = BACKTEST_MISSING;
    struct transitions pairs = {0};

    *n_bars = *n_hits = 0;
    for (size_t t = 0; t < n; t++) {
        const enum backtest_hit hit = backtest_hit(loss[t], var[t]);

        *n_bars += hit != BACKTEST_MISSING;
        *n_hits += hit == BACKTEST_EXCEEDS;
        if (hit != BACKTEST_MISSING && before != BACKTEST_MISSING) {
            pairs.n00 += !before && !hit;
            pairs.n01 += !before && hit;
            pairs.n10 += before && !hit;
            pairs.n11 += before && hit;
        }
        before = hit;
    }
    return pairs;
}

double christoffersen_conditional_p(double lr_coverage, double lr_independence)
{
    return gsl_cdf_chisq_Q(lr_coverage + lr_independence, 2.0);
}
