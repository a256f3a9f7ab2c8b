/* backtest_rate.h -- does a share of rejections agree with the one that is known? */
#ifndef TESTS_WORKER_BACKTEST_RATE_H
#define TESTS_WORKER_BACKTEST_RATE_H

#include "tests/check.h"
#include "tests/reference.h"

#define BACKTEST_RATE_LEVEL 0.05

/* 4 standard errors of a share of n, of which the true value is share */
static inline double backtest_rate_errors(double share, double n)
{
    return 4.0 * sqrt(share * (1.0 - share) / n);
}

/* Which table of tests/oracle/reference knows the rates. */
static const char *backtest_rate_table = "backtests_size.csv";

static inline double backtest_rate_want(const char *what, double n, double p,
                                        double *there)
{
    struct reference table;
    double share = NAN;

    CU_ASSERT_FATAL(reference_open(backtest_rate_table, &table));
    for (size_t i = 0; i < table.n_rows; i++)
        if (strcmp(reference_text(&table, i, "what"), what) == 0 &&
            reference_real(&table, i, "n") == n &&
            reference_real(&table, i, "p") == p) {
            share = reference_real(&table, i, "rejected");
            *there = reference_real(&table, i, "there");
        }
    reference_close(&table);
    return share;
}

/* Rejections among the samples that have a statistic. */
struct backtest_rate {
    const char *what;
    double rejected, there;
};

static inline void backtest_rate_count(struct backtest_rate *rate, double p_value)
{
    rate->there += !isnan(p_value);
    rate->rejected += p_value < BACKTEST_RATE_LEVEL;
}

/* Two Monte Carlos that share no number: 4 standard errors of their difference. */
static inline void backtest_rate_check(const struct backtest_rate *rate, double n,
                                       double p)
{
    double there = 0.0;
    const double reference = backtest_rate_want(rate->what, n, p, &there);
    const double share = rate->rejected / rate->there;

    printf("\n    %-18s n %4.0f p %.3f: %.4f (numpy %.4f) ", rate->what, n, p, share,
           reference);
    CU_ASSERT(fabs(share - reference) <
              backtest_rate_errors(reference, 1.0 / (1.0 / rate->there + 1.0 / there)));
}

#endif /* TESTS_WORKER_BACKTEST_RATE_H */
