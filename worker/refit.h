/* refit.h -- how does a model that is fitted again and again go along a series?
 *
 * At bars t = W, W + every, ... it is fitted to the last `window` bars up to and
 * including t, never a later one.  A fit that gives no estimate leaves the one before
 * in force; before the first one v[t] is the mean square of the returns so far. */
#ifndef WORKER_REFIT_H
#define WORKER_REFIT_H

#include "worker/volatility.h"

#include <stdbool.h>

struct refit {
    size_t window, every; /* bars, >= 1 */
    void *state;          /* the model's own */
    /* Fit to the bars of `past`, and tell: status, and where there is an estimate all
     * the rest of its own in the report. */
    int (*fit)(void *state, struct range past, bool *is_estimate,
               struct fits_report *report, struct err *err);
    /* v of these bars by the last estimate; NaN where it has none.  Every call goes on
     * where the one before ended. */
    void (*forecast)(void *state, struct range bars, double *variance);
};

/* ERR_INPUT where the window is not shorter than the series, or no fit gives an
 * estimate. */
int refit_along(const struct volatility *of, const struct refit *refit,
                double *variance, struct fits_report *report, struct err *err);

/* ERR_INPUT unless the series is longer than this axis, of so many bars. */
int refit_check_window(const struct volatility *of, const char *axis, size_t n_bars,
                       struct err *err);

#endif /* WORKER_REFIT_H */
