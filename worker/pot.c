#include "worker/pot.h"

#include <gsl/gsl_sort_double.h>
#include <math.h>

size_t pot_sort(size_t n, const double loss[], double sorted[])
{
    size_t n_there = 0;

    for (size_t i = 0; i < n; i++)
        if (!isnan(loss[i]))
            sorted[n_there++] = loss[i];
    gsl_sort(sorted, 1, n_there); /* in place: no allocation, unlike qsort */
    return n_there;
}

double pot_threshold(size_t n, const double sorted[], size_t k)
{
    return k < n ? sorted[n - 1 - k] : NAN;
}

struct pot pot_fit(size_t n, const double sorted[], double threshold, double excess[])
{
    struct pot pot = {.n = n, .threshold = threshold};
    size_t first = n;

    while (first > 0 && sorted[first - 1] > threshold)
        first--;
    for (size_t i = first; i < n; i++)
        excess[pot.n_exceed++] = sorted[i] - threshold;
    pot.fit = gpd_fit_likelihood(pot.n_exceed, excess);
    return pot;
}

/* (n/N_u)(1 - c); NaN where the threshold's own probability is passed by more than the
 * rounding of c. */
static double share_beyond(const struct pot *pot, double confidence)
{
    const double rounding = 1e-12;
    const double q = (double)pot->n / (double)pot->n_exceed * (1.0 - confidence);

    if (!gpd_is_estimate(&pot->fit) || !(confidence < 1.0) || !(q <= 1.0 + rounding))
        return NAN;
    return fmin(q, 1.0);
}

double pot_var(const struct pot *pot, double confidence)
{
    return pot->threshold +
           gpd_quantile_upper(pot->fit.gpd, share_beyond(pot, confidence));
}

/* (VaR + beta - xi u)/(1 - xi), with VaR = u + x written as u + (x + beta)/(1 - xi). */
double pot_es(const struct pot *pot, double confidence)
{
    const struct gpd gpd = pot->fit.gpd;
    const double x = gpd_quantile_upper(gpd, share_beyond(pot, confidence));

    if (isnan(x))
        return NAN;
    return gpd.xi < 1.0 ? pot->threshold + (x + gpd.beta) / (1.0 - gpd.xi) : INFINITY;
}

void pot_scan(size_t n, const double sorted[], double confidence, double excess[],
              size_t n_rows, struct pot_row row[])
{
    for (size_t i = 0; i < n_rows; i++) {
        struct pot *pot = &row[i].pot;
        double sum = 0.0;

        *pot = pot_fit(n, sorted, pot_threshold(n, sorted, row[i].k), excess);
        for (size_t j = 0; j < pot->n_exceed; j++)
            sum += excess[j];
        row[i].mean_excess = sum / (double)pot->n_exceed;
        row[i].var = pot_var(pot, confidence);
    }
}
