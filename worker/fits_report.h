/* fits_report.h -- how did the fits along a path go?
 *
 * Of a volatility model or of a tail, whose table row names the status and the
 * parameters. */
#ifndef WORKER_FITS_REPORT_H
#define WORKER_FITS_REPORT_H

#include <math.h>
#include <stdint.h>

enum { FITS_PARAMETERS_MAX = 6 };

/* It travels between ranks as bytes. */
struct fits_report {
    uint64_t n_fits, n_estimates; /* 0 fits: the model has none                    */
    uint64_t n_fallback_bars;     /* from W on, before the first estimate          */
    int64_t status;               /* of the last fit, for the model's status_name  */
    /* Of the last fit that gave an estimate; NaN where the model has no such thing. */
    double gradient_norm, distance, log_likelihood;
    double parameter[FITS_PARAMETERS_MAX];
    double error[FITS_PARAMETERS_MAX]; /* standard errors */
};

_Static_assert(sizeof(struct fits_report) ==
                   (7 + 2 * FITS_PARAMETERS_MAX) * sizeof(double),
               "a report has no holes");

/* That of a path without fits. */
static inline struct fits_report fits_report_none(void)
{
    struct fits_report report = {
        .gradient_norm = NAN, .distance = NAN, .log_likelihood = NAN};

    for (int i = 0; i < FITS_PARAMETERS_MAX; i++)
        report.parameter[i] = report.error[i] = NAN;
    return report;
}

#endif /* WORKER_FITS_REPORT_H */
