#include "worker/christoffersen.h"
#include "worker/lngamma.h"

#include <math.h>

/* ln C(n, k) */
static double log_choose(size_t n, size_t k)
{
    return lngamma((double)(n + 1)) - lngamma((double)(k + 1)) -
           lngamma((double)(n - k + 1));
}

/* A row of bars: x hits in `runs` runs, y others, whether it begins and ends with a
 * hit. */
struct row {
    size_t x, y, runs;
    bool begins, ends;
};

/* Runs of others: one between two runs of hits, and one at each end without a hit. */
static size_t other_runs(const struct row *row)
{
    return row->runs + 1 - row->begins - row->ends;
}

static double share_of(const struct row *row, double log_rows)
{
    return exp(log_choose(row->x - 1, row->runs - 1) +
               log_choose(row->y - 1, other_runs(row) - 1) - log_rows);
}

static double ratio_of(const struct row *row)
{
    const struct transitions pairs = {.n00 = row->y - other_runs(row),
                                      .n01 = row->runs - row->begins,
                                      .n10 = row->runs - row->ends,
                                      .n11 = row->x - row->runs};

    return christoffersen_independence(&pairs).lr;
}

double christoffersen_exact_p(size_t n_bars, size_t n_hits, double lr)
{
    const size_t x = n_hits, y = n_bars - n_hits;
    double sum = 0.0;

    if (x == 0 || y == 0)
        return 1.0;
    const double log_rows = log_choose(n_bars, x);

    for (int end = 0; end < 4; end++)
        for (size_t runs = 1; runs <= x; runs++) {
            const struct row row = {x, y, runs, end & 1, end >> 1};
            const size_t others = other_runs(&row);

            if (others > 0 && others <= y && ratio_of(&row) >= lr * (1.0 - 0x1p-40))
                sum += share_of(&row, log_rows);
        }
    return fmin(1.0, sum);
}
