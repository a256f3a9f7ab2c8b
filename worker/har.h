/* har.h -- what variance do the last day, week and month of bars foretell?
 *
 *     x[t]     variance of bar t (a squared return, or a realised variance)
 *     D, W, M  mean of x over the last day, week and month of bars, t included
 *     y[t]     mean of x[t+1 .. t+h]
 *     y[t] = b0 + b1 D[t] + b2 W[t] + b3 M[t] + error
 *
 * by ordinary least squares (Corsi, J. Financial Econometrics 7, 2009, in variances).
 * Means leave missing x (NaN) out. A bar is a row of the regression when a month of
 * bars ends with it, each mean has a value, and y's horizon is whole and without a
 * missing x. */
#ifndef WORKER_HAR_H
#define WORKER_HAR_H

#include "core/err.h"

#include <stddef.h>

enum { HAR_CONSTANT, HAR_DAY, HAR_WEEK, HAR_MONTH, HAR_COEFFICIENTS };

struct har_spec {
    size_t day, week, month; /* bars, ascending, >= 1 */
    size_t horizon;          /* h >= 1 bars           */
    size_t lags;             /* of the Newey-West errors */
};

enum har_status {
    HAR_ESTIMATED,
    HAR_TOO_FEW,   /* fewer than HAR_FEWEST rows                       */
    HAR_NO_UNIQUE, /* the regressors are dependent: frozen prices, D = W */
    HAR_STATUSES
};

enum { HAR_FEWEST = 40 };

struct har_fit {
    enum har_status status;
    size_t n; /* rows                                                          */
    double coefficient[HAR_COEFFICIENTS];
    double error[HAR_COEFFICIENTS];     /* s^2 (X'X)^-1, s^2 = rss / (n - 4)    */
    double error_hac[HAR_COEFFICIENTS]; /* Newey, West 1987: Bartlett weights   */
    double mean;                        /* of y */
    double rss, r_squared;
};

/* The regressors of every bar, [HAR_COEFFICIENTS] each, the constant 1 among them; NaN
 * where a mean has no value or no month of bars ends. */
int har_regressors(const struct har_spec *spec, size_t n, const double x[],
                   double regressor[][HAR_COEFFICIENTS], struct err *err);

/* Fit the rows whose bars and horizons lie in [first, end).  Fails for memory only. */
int har_fit(const struct har_spec *spec, size_t first, size_t end, const double x[],
            double regressor[][HAR_COEFFICIENTS], struct har_fit *fit, struct err *err);

/* Mean variance of the next h bars: b'X, and what stands in for one that is not above
 * 0: the mean of y (an "insanity filter", Swanson, White 1997).  NaN in, NaN out. */
double har_forecast(const struct har_fit *fit,
                    const double regressor[HAR_COEFFICIENTS]);

const char *har_status_name(enum har_status status);

#endif /* WORKER_HAR_H */
