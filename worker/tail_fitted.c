#include "worker/hill.h"
#include "worker/pot.h"
#include "worker/tail_path_inside.h"

#include <math.h>
#include <string.h>

const char *const tail_pot_parameters[] = {"xi", "beta", "threshold", "exceedances",
                                           NULL};
const char *const tail_hill_parameters[] = {"xi", "threshold", "exceedances", NULL};

/* After the statuses of the fit: it is an estimate, but not of what is asked for. */
enum { LEVEL_BELOW, MEAN_INFINITE };

static const char *beyond_name(int64_t beyond)
{
    return beyond == LEVEL_BELOW ? "the level lies below the threshold"
                                 : "no finite mean beyond the level";
}

const char *tail_pot_status(int64_t status)
{
    return status < GPD_STATUSES ? gpd_status_name((enum gpd_status)status)
                                 : beyond_name(status - GPD_STATUSES);
}

const char *tail_hill_status(int64_t status)
{
    return status < HILL_STATUSES ? hill_status_name((enum hill_status)status)
                                  : beyond_name(status - HILL_STATUSES);
}

/* One fit: what it says at each level, NaN where nothing. */
struct tail_fit {
    const struct tail_path *of;
    size_t n; /* losses known */
    double share;
    size_t n_levels;
    const double *level;
    double *rate; /* [n_levels], out */
    struct fits_report *report;
};

/* The estimate is there: is it one at this level? */
static bool settle(struct tail_fit *fit, size_t l, double rate, int64_t n_statuses)
{
    fit->rate[l] = isfinite(rate) ? rate : (double)NAN;
    if (l == 0 && isnan(rate))
        fit->report->status = n_statuses + LEVEL_BELOW;
    else if (l == 0 && isinf(rate))
        fit->report->status = n_statuses + MEAN_INFINITE;
    return isfinite(rate);
}

static void tell_pot(const struct pot *pot, struct fits_report *report)
{
    report->log_likelihood = pot->fit.log_likelihood;
    report->distance = pot->fit.distance;
    report->parameter[0] = pot->fit.gpd.xi;
    report->parameter[1] = pot->fit.gpd.beta;
    report->parameter[2] = pot->threshold;
    report->parameter[3] = (double)pot->n_exceed;
    report->error[0] = pot->fit.error[GPD_XI];
    report->error[1] = pot->fit.error[GPD_BETA];
}

static void fit_pot(struct tail_fit *fit)
{
    double *sorted = fit->of->room->sorted, *excess = sorted + fit->of->series->n;
    const size_t k = (size_t)(fit->share * (double)fit->n);
    const struct pot pot =
        pot_fit(fit->n, sorted, pot_threshold(fit->n, sorted, k), excess);

    fit->report->status = pot.fit.status;
    for (size_t l = 0; l < fit->n_levels; l++) {
        const double rate = fit->of->measure == TAIL_ES ? pot_es(&pot, fit->level[l])
                                                        : pot_var(&pot, fit->level[l]);

        if (!gpd_is_estimate(&pot.fit))
            fit->rate[l] = NAN;
        else if (settle(fit, l, rate, GPD_STATUSES) && l == 0)
            tell_pot(&pot, fit->report);
    }
}

static void tell_hill(const struct hill *hill, struct fits_report *report)
{
    report->parameter[0] = hill->xi;
    report->parameter[1] = hill->threshold;
    report->parameter[2] = (double)hill->k;
    report->error[0] = hill->error;
}

static void fit_hill(struct tail_fit *fit)
{
    const size_t k = (size_t)(fit->share * (double)fit->n);
    const struct hill hill = hill_fit(fit->n, fit->of->room->sorted, k);

    fit->report->status = hill.status;
    for (size_t l = 0; l < fit->n_levels; l++) {
        const double rate = fit->of->measure == TAIL_ES
                                ? hill_es(&hill, fit->level[l])
                                : hill_var(&hill, fit->level[l]);

        if (hill.status != HILL_ESTIMATED)
            fit->rate[l] = NAN;
        else if (settle(fit, l, rate, HILL_STATUSES) && l == 0)
            tell_hill(&hill, fit->report);
    }
}

/* Levels without an estimate so far keep what they have: NaN until the first. */
static void take_rates(size_t n_levels, const double *from, double *in_force)
{
    for (size_t l = 0; l < n_levels; l++)
        if (!isnan(from[l]))
            in_force[l] = from[l];
}

static int check_rates(const struct tail_path *of, size_t n_levels, const double *level,
                       const double *in_force, const struct fits_report *report,
                       struct err *err)
{
    for (size_t l = 0; l < n_levels; l++)
        if (isnan(in_force[l]))
            return err_set(err, ERR_INPUT,
                           "%s: none of %llu fits gave an estimate at level %g (the "
                           "last: %s)",
                           of->model->name, (unsigned long long)report->n_fits,
                           level[l], of->model->status_name(report->status));
    return 0;
}

int tail_follow_fitted(const struct tail_path *of, const double *value, size_t n_levels,
                       const double *level, double *variance,
                       struct fits_report *report, struct err *err)
{
    const size_t n = of->series->n, warmup = of->series->rules.warmup_bars;
    const size_t window = (size_t)value[TAIL_FIT_WINDOW];
    const size_t every = (size_t)value[TAIL_FIT_EVERY];
    double rate[TAIL_LANES], in_force[TAIL_LANES];
    struct tail_fit fit = {.of = of,
                           .share = value[TAIL_FIT_SHARE],
                           .n_levels = n_levels,
                           .level = level,
                           .rate = rate,
                           .report = report};

    if (tail_check_window(of, window, err) != 0)
        return -1;
    tail_fill_known(of);
    for (size_t l = 0; l < n_levels; l++)
        in_force[l] = NAN;
    for (size_t now = warmup; now < n; now += every) {
        const size_t end = every < n - now ? now + every : n;
        const size_t first = now + 1 > window ? now + 1 - window : 0;

        fit.n = pot_sort(now + 1 - first, of->room->known + first, of->room->sorted);
        of->model->parameter == tail_pot_parameters ? fit_pot(&fit) : fit_hill(&fit);
        take_rates(n_levels, rate, in_force);
        report->n_fits++;
        report->n_estimates += !isnan(rate[0]);
        report->n_fallback_bars += isnan(in_force[0]) ? end - now : 0;
        for (size_t l = 0; l < n_levels; l++)
            for (size_t t = now; t < end; t++)
                variance[l * n + t] = tail_variance_of(of, in_force[l], t);
    }
    return check_rates(of, n_levels, level, in_force, report, err);
}
