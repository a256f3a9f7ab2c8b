#include "coordinator/backtest.h"
#include "worker/acerbi_szekely.h"
#include "worker/christoffersen.h"
#include "worker/combine.h"
#include "worker/duration.h"
#include "worker/dynamic_quantile.h"
#include "worker/kupiec.h"
#include "worker/mcneil_frey.h"
#include "worker/scores.h"
#include "worker/traffic_light.h"
#include "worker/tuff.h"

#include <stdlib.h>

/* Room that several tests work in. */
struct work {
    double *real;            /* [2 n + n_samples + 2] */
    double *z[ACERBI_TESTS]; /* [n_samples] each      */
    size_t *count;           /* [n + 1]               */
    double *p_value;         /* [2][horizon_bars]     */
};

static void put_status(struct fit_report *report, enum backtest_status status)
{
    fit_report_text(report, "status", backtest_status_text(status));
}

/* ---- counts, and the tests of counts by phase ---- */

struct counts {
    size_t n, x, n_missing;
};

/* Bars first, first + step, ... */
static struct counts count(const struct backtest_series *series, size_t first,
                           size_t step, struct transitions *pairs)
{
    enum backtest_hit before = BACKTEST_MISSING;
    struct counts counts = {0};

    *pairs = (struct transitions){0};
    for (size_t t = first; t < series->n; t += step) {
        const enum backtest_hit hit = backtest_hit(series->loss[t], series->var[t]);

        counts.n_missing += hit == BACKTEST_MISSING;
        counts.n += hit != BACKTEST_MISSING;
        counts.x += hit == BACKTEST_EXCEEDS;
        if (hit != BACKTEST_MISSING && before != BACKTEST_MISSING) {
            pairs->n00 += !before && !hit;
            pairs->n01 += !before && hit;
            pairs->n10 += before && !hit;
            pairs->n11 += before && hit;
        }
        before = hit;
    }
    return counts;
}

/* One horizon a phase does not overlap the next: a p-value each, and min(1, 2 median)
 * of them. */
static void put_phases(const struct backtest_plan *plan,
                       const struct backtest_series *series, double *p_value,
                       struct fit_report *report)
{
    double *kupiec = p_value, *independence = p_value + plan->horizon_bars;
    struct transitions pairs;
    size_t n = 0;

    for (size_t phase = 0; phase < plan->horizon_bars; phase++) {
        const struct counts counts = count(series, phase, plan->horizon_bars, &pairs);

        if (counts.n == 0)
            continue;
        kupiec[n] = kupiec_test(counts.n, counts.x, plan->p).p_value;
        independence[n++] = christoffersen_independence(&pairs).p_value;
    }
    fit_report_open(report, "phases");
    fit_report_count(report, "horizon_bars", plan->horizon_bars);
    fit_report_count(report, "phases", n);
    fit_report_real(report, "kupiec_p", combine_p_values(n, kupiec));
    fit_report_real(report, "independence_p", combine_p_values(n, independence));
    fit_report_close(report);
}

static void put_counts(const struct backtest_plan *plan,
                       const struct backtest_series *series, const struct work *work,
                       struct fit_report *report)
{
    struct transitions pairs;
    const struct counts counts = count(series, 0, 1, &pairs);
    const struct kupiec kupiec = kupiec_test(counts.n, counts.x, plan->p);
    const struct independence independence = christoffersen_independence(&pairs);

    fit_report_count(report, "bars", counts.n);
    fit_report_count(report, "missing", counts.n_missing);
    fit_report_count(report, "exceedances", counts.x);
    fit_report_real(report, "coverage", 1.0 - (double)counts.x / (double)counts.n);
    fit_report_open(report, "kupiec");
    fit_report_real(report, "lr", kupiec.lr);
    fit_report_real(report, "p_value", kupiec.p_value);
    fit_report_real(report, "p_upper", kupiec.p_upper);
    fit_report_close(report);
    fit_report_open(report, "christoffersen");
    fit_report_count(report, "n00", pairs.n00);
    fit_report_count(report, "n01", pairs.n01);
    fit_report_count(report, "n10", pairs.n10);
    fit_report_count(report, "n11", pairs.n11);
    fit_report_real(report, "lr", independence.lr);
    fit_report_real(report, "p_value", independence.p_value);
    fit_report_real(report, "conditional_coverage_lr", kupiec.lr + independence.lr);
    fit_report_real(report, "conditional_coverage_p",
                    christoffersen_conditional_p(kupiec.lr, independence.lr));
    fit_report_close(report);
    put_phases(plan, series, work->p_value, report);
}

static void put_tuff(const struct backtest_plan *plan,
                     const struct backtest_series *series, struct fit_report *report)
{
    const struct tuff tuff = tuff_test(series->n, series->loss, series->var, plan->p);

    fit_report_open(report, "tuff");
    put_status(report, tuff.status);
    fit_report_count(report, "first", tuff.first);
    fit_report_real(report, "lr", tuff.lr);
    fit_report_real(report, "p_value", tuff.p_value);
    fit_report_real(report, "p_at_most", tuff.p_at_most);
    fit_report_close(report);
}

static void put_duration(const struct backtest_plan *plan,
                         const struct backtest_series *series, struct work *work,
                         struct fit_report *report)
{
    const struct duration test =
        duration_test(series->n, series->loss, series->var, work->real);
    struct duration_null null = {.p_value = NAN};

    if (test.status == BACKTEST_OK)
        null = duration_simulated_p(test.n_bars, plan->p, test.lr, plan->n_samples,
                                    plan->seed, work->real);
    fit_report_open(report, "duration");
    put_status(report, test.status);
    fit_report_real(report, "b", test.b);
    fit_report_real(report, "log_likelihood", test.log_likelihood);
    fit_report_real(report, "lr", test.lr);
    fit_report_real(report, "p_value", test.p_value);
    fit_report_real(report, "simulated_p", null.p_value);
    fit_report_close(report);
}

static bool is_constant(size_t n, const double x[])
{
    for (size_t t = 1; t < n; t++)
        if (x[t] != x[0])
            return false;
    return true;
}

static void put_dynamic_quantile(const struct backtest_plan *plan,
                                 const struct backtest_series *series,
                                 struct fit_report *report)
{
    const struct dynamic_quantile_spec spec = {
        .p = plan->p,
        .n_lags = 4,
        .constant = true,
        .var = !is_constant(series->n, series->var)};
    const struct dynamic_quantile test =
        dynamic_quantile_test(&spec, series->n, series->loss, series->var, NULL);

    fit_report_open(report, "dynamic_quantile");
    put_status(report, test.status);
    fit_report_count(report, "regressors", test.n_regressors);
    fit_report_real(report, "dq", test.dq);
    fit_report_real(report, "p_value", test.p_value);
    fit_report_close(report);
}

static const char *zone_text(enum traffic_light_zone zone)
{
    return zone == TRAFFIC_LIGHT_GREEN    ? "green"
           : zone == TRAFFIC_LIGHT_YELLOW ? "yellow"
                                          : "red";
}

static void put_traffic_light(const struct backtest_plan *plan,
                              const struct backtest_series *series, struct work *work,
                              struct fit_report *report)
{
    struct transitions pairs;
    const struct counts counts = count(series, 0, 1, &pairs);
    const struct traffic_light light = traffic_light_of(counts.n, counts.x, plan->p);
    const struct traffic_light_overlap overlap = {.n_bars = counts.n,
                                                  .horizon_bars = plan->horizon_bars,
                                                  .p = plan->p,
                                                  .n_samples = plan->n_samples,
                                                  .seed = plan->seed};
    struct traffic_light_bounds bounds = light.bounds;

    if (plan->horizon_bars > 1 &&
        traffic_light_simulate(&overlap, work->real, work->count) == BACKTEST_OK)
        bounds = traffic_light_bounds_of(counts.n, work->count);
    fit_report_open(report, "traffic_light");
    put_status(report, light.status);
    fit_report_text(report, "zone",
                    zone_text(traffic_light_zone_of(&bounds, counts.x)));
    fit_report_count(report, "yellow_from", bounds.yellow);
    fit_report_count(report, "red_from", bounds.red);
    fit_report_real(report, "binomial_at_most", light.at_most);
    fit_report_real(report, "binomial_at_least", light.at_least);
    fit_report_close(report);
}

/* ---- expected shortfall ---- */

static void put_acerbi_szekely(const struct backtest_plan *plan,
                               const struct backtest_series *series, struct work *work,
                               struct fit_report *report)
{
    static const char *const names[] = {"z1", "z2", "z3"};
    const struct acerbi_szekely_law law = {plan->law, plan->p};
    const struct acerbi_szekely_null null = {plan->n_samples, plan->seed};
    const struct acerbi_szekely test = acerbi_szekely_of(&law, series, work->real);
    size_t n_there[ACERBI_TESTS] = {0};

    acerbi_szekely_simulate(&law, series, &null, work->real, work->z, n_there);
    for (int i = 0; i < ACERBI_TESTS; i++) {
        const bool has_law = n_there[i] > 0 && test.status[i] == BACKTEST_OK;

        fit_report_open(report, names[i]);
        put_status(report, test.status[i]);
        fit_report_real(report, "z", test.z[i]);
        fit_report_real(report, "simulated_p",
                        has_law
                            ? acerbi_szekely_p_value(n_there[i], work->z[i], test.z[i])
                            : (double)NAN);
        fit_report_real(report, "critical_5",
                        has_law ? acerbi_szekely_critical(n_there[i], work->z[i], 0.05)
                                : (double)NAN);
        fit_report_close(report);
    }
}

static void put_shortfall(const struct backtest_plan *plan,
                          const struct backtest_series *series, struct work *work,
                          struct fit_report *report)
{
    const struct mcneil_frey_spec spec = {plan->n_samples, plan->seed};
    const struct mcneil_frey test = mcneil_frey_test(&spec, series, work->real);

    fit_report_open(report, "acerbi_szekely");
    put_acerbi_szekely(plan, series, work, report);
    fit_report_close(report);
    fit_report_open(report, "mcneil_frey");
    put_status(report, test.status);
    fit_report_real(report, "mean_residual", test.mean);
    fit_report_real(report, "t", test.t);
    fit_report_real(report, "p_student", test.p_student);
    fit_report_real(report, "p_bootstrap", test.p_bootstrap);
    fit_report_close(report);
}

static void put_scores(const struct backtest_plan *plan,
                       const struct backtest_series *series, struct fit_report *report)
{
    const struct scores scores =
        scores_of(series->n, series->loss, series->var, series->es, plan->p);

    fit_report_open(report, "scores");
    put_status(report, scores.status);
    fit_report_real(report, "tick", scores.tick);
    fit_report_text(report, "fz0_status", backtest_status_text(scores.fz_status));
    fit_report_real(report, "fz0", scores.fz);
    fit_report_close(report);
}

/* ---- all ---- */

static int work_new(const struct backtest_plan *plan, size_t n, struct work *work,
                    struct err *err)
{
    const size_t m = plan->n_samples;
    double *real = calloc((2 * n + m + 2) + ACERBI_TESTS * m + plan->horizon_bars +
                              2 * plan->horizon_bars,
                          sizeof *real);

    *work = (struct work){.real = real, .count = calloc(n + 1, sizeof *work->count)};
    if (real == NULL || work->count == NULL) {
        free(real);
        free(work->count);
        return err_set(err, ERR_MEMORY, "no memory for %zu bars", n);
    }
    double *at = real + 2 * n + m + 2 + plan->horizon_bars;
    for (int i = 0; i < ACERBI_TESTS; i++, at += m)
        work->z[i] = at;
    work->p_value = at;
    return 0;
}

int backtest_report(const struct backtest_plan *plan,
                    const struct backtest_series *series, struct fit_report *report,
                    struct err *err)
{
    struct transitions pairs;
    struct work work;

    if (count(series, 0, 1, &pairs).n == 0)
        return err_set(err, ERR_INPUT,
                       "backtest: none of %zu bars has a loss and a forecast",
                       series->n);
    if (work_new(plan, series->n, &work, err) != 0)
        return -1;
    fit_report_real(report, "confidence", 1.0 - plan->p);
    put_counts(plan, series, &work, report);
    put_tuff(plan, series, report);
    put_duration(plan, series, &work, report);
    put_dynamic_quantile(plan, series, report);
    put_traffic_light(plan, series, &work, report);
    if (series->es != NULL)
        put_shortfall(plan, series, &work, report);
    put_scores(plan, series, report);
    free(work.real);
    free(work.count);
    return 0;
}
