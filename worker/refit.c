#include "worker/refit.h"

#include <math.h>
#include <string.h>

int refit_check_window(const struct volatility *of, const char *axis, size_t n_bars,
                       struct err *err)
{
    if (n_bars < of->series->n)
        return 0;
    return err_set(err, ERR_INPUT,
                   "%s: a %s of %zu bars is not shorter than the series of %zu",
                   of->model->name, axis, n_bars, of->series->n);
}

/* A bar without a forecast holds the variance before it. */
static void hold(const struct series *series, struct range bars,
                 struct mean_square *so_far, double *variance)
{
    for (size_t t = bars.first; t < bars.end; t++)
        if (isnan(variance[t]))
            variance[t] = t > series->rules.warmup_bars
                              ? variance[t - 1]
                              : mean_square_until(series, t, so_far);
}

static int no_estimate(const struct volatility *of, const struct fits_report *report,
                       struct err *err)
{
    return err_set(err, ERR_INPUT,
                   "%s: none of %llu fits gave an estimate (the last: %s)",
                   of->model->name, (unsigned long long)report->n_fits,
                   of->model->status_name(report->status));
}

int refit_along(const struct volatility *of, const struct refit *refit,
                double *variance, struct fits_report *report, struct err *err)
{
    const struct series *series = of->series;
    const size_t n = series->n, warmup = series->rules.warmup_bars;
    struct mean_square so_far = {0};

    if (refit_check_window(of, "fit_window", refit->window, err) != 0)
        return -1;
    memset(variance, 0, warmup * sizeof *variance);
    for (size_t now = warmup; now < n; now += refit->every) {
        const struct range bars = {now,
                                   refit->every < n - now ? now + refit->every : n};
        const struct range past = {now > refit->window ? now + 1 - refit->window : 1,
                                   now + 1};
        bool is_estimate = false;

        if (refit->fit(refit->state, past, &is_estimate, report, err) != 0)
            return -1;
        report->n_fits++;
        report->n_estimates += is_estimate;
        if (report->n_estimates > 0) {
            refit->forecast(refit->state, bars, variance);
            hold(series, bars, &so_far, variance);
            continue;
        }
        report->n_fallback_bars += bars.end - bars.first;
        for (size_t t = bars.first; t < bars.end; t++)
            variance[t] = mean_square_until(series, t, &so_far);
    }
    return report->n_estimates > 0 ? 0 : no_estimate(of, report, err);
}
