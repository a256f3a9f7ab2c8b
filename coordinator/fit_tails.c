#include "coordinator/fit_tails.h"

#include "worker/hill.h"
#include "worker/order_interval.h"
#include "worker/pot_interval.h"
#include "worker/rolling_quantile.h"
#include "worker/student_fit.h"
#include "worker/tail_law.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Losses ascending, and room for their excesses. */
struct losses {
    size_t n;
    double *sorted, *excess;
};

static int take_losses(const struct fit_request *request, const struct fit_data *data,
                       struct losses *losses, struct err *err)
{
    const double sign = request->losses ? 1.0 : -1.0;
    double *loss = malloc((3 * data->n + 1) * sizeof *loss);

    if (loss == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu values", data->n);
    for (size_t t = 0; t < data->n; t++)
        loss[t] = sign * data->value[t];
    *losses = (struct losses){.sorted = loss + data->n, .excess = loss + 2 * data->n};
    losses->n = pot_sort(data->n, loss, losses->sorted);
    memmove(loss, losses->sorted, losses->n * sizeof *loss);
    losses->sorted = loss; /* whose memory it is */
    return 0;
}

/* How many lie beyond the threshold, which --share or --threshold give. */
static size_t n_beyond(const struct fit_request *request, const struct losses *losses)
{
    size_t k = (size_t)(request->share * (double)losses->n);

    if (!isnan(request->threshold))
        for (k = 0;
             k < losses->n && losses->sorted[losses->n - 1 - k] > request->threshold;)
            k++;
    return k;
}

static const char *level_name(double confidence, char name[32])
{
    snprintf(name, 32, "%.10g", confidence);
    return name;
}

/* ---- peaks over threshold
 * ------------------------------------------------------------- */

static void report_interval(struct fit_report *report, const char *name, double value,
                            struct pot_interval interval)
{
    char low[40], high[40];

    snprintf(low, sizeof low, "%s_low", name);
    snprintf(high, sizeof high, "%s_high", name);
    fit_report_real(report, name, value);
    fit_report_real(report, low, interval.low);
    fit_report_real(report, high, interval.high);
}

static void report_gpd(struct fit_report *report, const char *name,
                       const struct gpd_fit *fit)
{
    fit_report_open(report, name);
    fit_report_text(report, "status", gpd_status_name(fit->status));
    fit_report_real(report, "xi", fit->gpd.xi);
    fit_report_real(report, "beta", fit->gpd.beta);
    fit_report_real(report, "xi_error", fit->error[GPD_XI]);
    fit_report_real(report, "beta_error", fit->error[GPD_BETA]);
    fit_report_real(report, "covariance", fit->covariance[GPD_XI][GPD_BETA]);
    fit_report_real(report, "log_likelihood", fit->log_likelihood);
    fit_report_real(report, "distance", fit->distance);
    fit_report_count(report, "evaluations", fit->n_evaluations);
    fit_report_close(report);
}

static void report_risk(const struct fit_request *request, const struct pot *pot,
                        const double *excess, struct fit_report *report)
{
    char name[32];

    fit_report_open(report, "risk");
    for (size_t i = 0; i < request->n_confidences; i++) {
        const double c = request->confidence[i], level = request->level;

        fit_report_open(report, level_name(c, name));
        report_interval(report, "var", pot_var(pot, c),
                        pot_interval_var(pot, excess, c, level));
        report_interval(report, "es", pot_es(pot, c),
                        pot_interval_es(pot, excess, c, level));
        fit_report_close(report);
    }
    fit_report_close(report);
}

/* Thresholds that leave from 500 down to 15 beyond, as many as there are. */
static void report_scan(const struct fit_request *request, const struct losses *losses,
                        struct fit_report *report)
{
    static const size_t ks[] = {500, 400, 300, 250, 200, 150, 125, 100,
                                80,  60,  50,  40,  30,  25,  20,  15};
    enum { ROWS = sizeof ks / sizeof *ks };
    struct pot_row row[ROWS];
    char name[32];
    size_t n = 0;

    for (size_t i = 0; i < ROWS; i++)
        if (2 * ks[i] <= losses->n)
            row[n++] = (struct pot_row){.k = ks[i]};
    pot_scan(losses->n, losses->sorted, request->confidence[0], losses->excess, n, row);
    fit_report_open(report, "scan");
    for (size_t i = 0; i < n; i++) {
        const struct gpd_fit *fit = &row[i].pot.fit;

        snprintf(name, sizeof name, "%zu", row[i].k);
        fit_report_open(report, name);
        fit_report_real(report, "threshold", row[i].pot.threshold);
        fit_report_count(report, "exceedances", row[i].pot.n_exceed);
        fit_report_real(report, "xi", fit->gpd.xi);
        fit_report_real(report, "xi_error", fit->error[GPD_XI]);
        fit_report_real(report, "beta", fit->gpd.beta);
        fit_report_real(report, "modified_scale",
                        fit->gpd.beta - fit->gpd.xi * row[i].pot.threshold);
        fit_report_real(report, "mean_excess", row[i].mean_excess);
        fit_report_real(report, "var", row[i].var);
        fit_report_text(report, "status", gpd_status_name(fit->status));
        fit_report_close(report);
    }
    fit_report_close(report);
}

int fit_run_pot(const struct fit_request *request, const struct fit_data *data,
                struct fit_report *report, struct fit_paths *paths, const char **reason,
                struct err *err)
{
    struct losses losses;

    (void)paths;
    if (take_losses(request, data, &losses, err) != 0)
        return -1;
    const double threshold =
        isnan(request->threshold)
            ? pot_threshold(losses.n, losses.sorted, n_beyond(request, &losses))
            : request->threshold;
    const struct pot pot = pot_fit(losses.n, losses.sorted, threshold, losses.excess);
    const struct gpd_fit moments = gpd_fit_moments(pot.n_exceed, losses.excess);

    fit_report_text(report, "status", gpd_status_name(pot.fit.status));
    fit_report_real(report, "threshold", pot.threshold);
    fit_report_count(report, "losses", pot.n);
    fit_report_count(report, "exceedances", pot.n_exceed);
    report_gpd(report, "likelihood", &pot.fit);
    report_gpd(report, "moments", &moments);
    if (gpd_is_estimate(&pot.fit)) {
        report_interval(report, "xi", pot.fit.gpd.xi,
                        pot_interval_xi(&pot, losses.excess, request->level));
        report_risk(request, &pot, losses.excess, report);
    } else {
        *reason = gpd_status_name(pot.fit.status);
    }
    if (request->scan)
        report_scan(request, &losses, report);
    free(losses.sorted);
    return 0;
}

/* ---- Hill
 * ----------------------------------------------------------------------------- */

static int report_hill_plot(const struct losses *losses, struct fit_report *report,
                            struct err *err)
{
    const size_t k = losses->n / 2 < 500 ? losses->n / 2 : 500;
    struct hill *hill = malloc((k + 1) * sizeof *hill);
    char name[32];

    if (hill == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu estimates", k);
    hill_scan(losses->n, losses->sorted, k, hill);
    fit_report_open(report, "scan");
    for (size_t j = 5; j <= k; j += j < 100 ? 5 : 25) {
        snprintf(name, sizeof name, "%zu", j);
        fit_report_open(report, name);
        fit_report_real(report, "threshold", hill[j - 1].threshold);
        fit_report_real(report, "xi", hill[j - 1].xi);
        fit_report_real(report, "error", hill[j - 1].error);
        fit_report_close(report);
    }
    fit_report_close(report);
    free(hill);
    return 0;
}

int fit_run_hill(const struct fit_request *request, const struct fit_data *data,
                 struct fit_report *report, struct fit_paths *paths,
                 const char **reason, struct err *err)
{
    struct losses losses;
    char name[32];
    int status = 0;

    (void)paths;
    if (take_losses(request, data, &losses, err) != 0)
        return -1;
    const struct hill hill =
        hill_fit(losses.n, losses.sorted, n_beyond(request, &losses));
    fit_report_text(report, "status", hill_status_name(hill.status));
    fit_report_count(report, "losses", losses.n);
    fit_report_count(report, "exceedances", hill.k);
    fit_report_real(report, "threshold", hill.threshold);
    fit_report_real(report, "xi", hill.xi);
    fit_report_real(report, "tail_index", 1.0 / hill.xi);
    fit_report_real(report, "error", hill.error);
    fit_report_open(report, "risk");
    for (size_t i = 0; i < request->n_confidences; i++) {
        fit_report_open(report, level_name(request->confidence[i], name));
        fit_report_real(report, "var", hill_var(&hill, request->confidence[i]));
        fit_report_real(report, "es", hill_es(&hill, request->confidence[i]));
        fit_report_close(report);
    }
    fit_report_close(report);
    if (hill.status != HILL_ESTIMATED)
        *reason = hill_status_name(hill.status);
    if (request->scan)
        status = report_hill_plot(&losses, report, err);
    free(losses.sorted);
    return status;
}

/* ---- historical simulation
 * ---------------------------------------------------------- */

/* The mean from the k-th smallest on, which counts for its part beyond c. */
static double shortfall_of(const struct losses *losses, double c, size_t k)
{
    const double m = (double)losses->n;
    double sum = ((double)k - c * m) * losses->sorted[k - 1];

    for (size_t i = k; i < losses->n; i++)
        sum += losses->sorted[i];
    return sum / (m * (1.0 - c));
}

static double value_at(const struct losses *losses, size_t rank)
{
    return rank >= 1 && rank <= losses->n ? losses->sorted[rank - 1] : (double)NAN;
}

static void report_ranks(const struct fit_request *request, const struct losses *losses,
                         double c, struct fit_report *report)
{
    const size_t k = quantile_place(c, losses->n);
    const struct order_interval ranks = order_interval_of(losses->n, c, request->level);
    const struct pot_interval ends = {value_at(losses, ranks.low),
                                      value_at(losses, ranks.high)};
    char name[32];

    fit_report_open(report, level_name(c, name));
    fit_report_count(report, "rank", k);
    report_interval(report, "var", losses->sorted[k - 1], ends);
    fit_report_real(report, "es", shortfall_of(losses, c, k));
    fit_report_close(report);
}

int fit_run_historical(const struct fit_request *request, const struct fit_data *data,
                       struct fit_report *report, struct fit_paths *paths,
                       const char **reason, struct err *err)
{
    struct losses losses;

    (void)paths;
    if (take_losses(request, data, &losses, err) != 0)
        return -1;
    if (losses.n == 0)
        *reason = "no losses";
    fit_report_text(report, "status", losses.n == 0 ? *reason : "computed");
    fit_report_count(report, "losses", losses.n);
    fit_report_open(report, "risk");
    for (size_t i = 0; losses.n > 0 && i < request->n_confidences; i++)
        report_ranks(request, &losses, request->confidence[i], report);
    fit_report_close(report);
    free(losses.sorted);
    return 0;
}

/* ---- normal and Student-t
 * ------------------------------------------------------------- */

static void report_law(struct fit_report *report, const char *name, bool has_nu,
                       const double value[STUDENT_PARAMETERS])
{
    fit_report_open(report, name);
    fit_report_real(report, "mean", value[STUDENT_MEAN]);
    fit_report_real(report, "scale", value[STUDENT_SCALE]);
    if (has_nu)
        fit_report_real(report, "nu", value[STUDENT_NU]);
    fit_report_close(report);
}

/* Of losses with this law: m + s t.  ES of t_nu is infinite for nu <= 1. */
static void report_law_risk(const struct fit_request *request,
                            const struct student_fit *fit, struct fit_report *report)
{
    const double m = fit->parameter[STUDENT_MEAN], s = fit->parameter[STUDENT_SCALE];
    const struct tail_law law = {.nu = fit->parameter[STUDENT_NU]};
    char name[32];

    fit_report_open(report, "risk");
    for (size_t i = 0; i < request->n_confidences; i++) {
        const double p = 1.0 - request->confidence[i];

        fit_report_open(report, level_name(request->confidence[i], name));
        fit_report_real(report, "var", m + s * tail_law_quantile(&law, p));
        fit_report_real(report, "es",
                        law.nu > 1.0 ? m + s * tail_law_shortfall(&law, p)
                                     : (double)INFINITY);
        fit_report_close(report);
    }
    fit_report_close(report);
}

int fit_run_law(const struct fit_request *request, const struct fit_data *data,
                struct fit_report *report, struct fit_paths *paths, const char **reason,
                struct err *err)
{
    const bool student = strcmp(request->model, "student") == 0;
    struct losses losses;

    (void)paths;
    if (take_losses(request, data, &losses, err) != 0)
        return -1;
    const struct student_fit fit = student
                                       ? student_fit(losses.n, losses.sorted)
                                       : student_fit_normal(losses.n, losses.sorted);
    const bool is_estimate =
        fit.status == STUDENT_CONVERGED || fit.status == STUDENT_AT_BOUND;
    fit_report_text(report, "status", student_status_name(fit.status));
    fit_report_count(report, "losses", fit.n);
    fit_report_real(report, "log_likelihood", fit.log_likelihood);
    fit_report_real(report, "distance", fit.distance);
    fit_report_count(report, "iterations", fit.n_iterations);
    report_law(report, is_estimate ? "parameters" : "stopped_at", student,
               fit.parameter);
    report_law(report, "standard_errors", student, fit.error);
    report_law(report, "gradient", student, fit.gradient);
    if (is_estimate)
        report_law_risk(request, &fit, report);
    else
        *reason = student_status_name(fit.status);
    free(losses.sorted);
    return 0;
}
