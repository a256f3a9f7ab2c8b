#include "coordinator/backtest_figures.h"

#include "worker/traffic_light.h"

#include <stdlib.h>

int backtest_room_new(const struct backtest_plan *plan, size_t n,
                      struct backtest_room *room, struct err *err)
{
    const size_t m = plan->n_samples;
    double *real = calloc(4 * n + CHOLESKY_MAX + 4 + ACERBI_TESTS * m, sizeof *real);

    if (real == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu bars and %zu samples", n, m);
    *room = (struct backtest_room){.real = real};
    for (size_t i = 0; i < ACERBI_TESTS; i++)
        room->z[i] = real + 4 * n + CHOLESKY_MAX + 4 + i * m;
    return 0;
}

void backtest_room_free(struct backtest_room *room)
{
    free(room->real);
    *room = (struct backtest_room){0};
}

static void test_counts(const struct backtest_plan *plan,
                        const struct backtest_series *series, double *work,
                        struct backtest_figures *of)
{
    of->pairs = christoffersen_pairs(series->n, series->loss, series->var, &of->n_bars,
                                     &of->n_hits);
    of->n_missing = series->n - of->n_bars;
    if (of->n_bars == 0)
        return;
    of->kupiec = kupiec_test(of->n_bars, of->n_hits, plan->p);
    of->independence = christoffersen_independence(&of->pairs);
    const struct christoffersen_null null =
        christoffersen_simulate(series->n, series->loss, series->var, plan->p,
                                plan->n_samples, plan->seed, work);

    of->p[P_KUPIEC] = of->kupiec.p_value;
    of->p[P_KUPIEC_UPPER] = of->kupiec.p_upper;
    of->p[P_KUPIEC_EXACT] = kupiec_exact_p(of->n_bars, of->n_hits, plan->p);
    of->p[P_BINOMIAL_UPPER] =
        traffic_light_of(of->n_bars, of->n_hits, plan->p).at_least;
    of->p[P_INDEPENDENCE] = of->independence.p_value;
    of->p[P_CONDITIONAL] =
        christoffersen_conditional_p(of->kupiec.lr, of->independence.lr);
    of->p[P_INDEPENDENCE_SIMULATED] = null.independence.p_value;
    of->p[P_CONDITIONAL_SIMULATED] = null.conditional.p_value;
}

static void test_times(const struct backtest_plan *plan,
                       const struct backtest_series *series, double *work,
                       struct backtest_figures *of)
{
    of->tuff = tuff_test(series->n, series->loss, series->var, plan->p);
    of->p[P_TUFF] = of->tuff.p_value;
    if (of->tuff.status == BACKTEST_OK)
        of->p[P_TUFF_EXACT] = tuff_exact_p(of->tuff.first, plan->p);
    of->duration = duration_test(series->n, series->loss, series->var, work);
    of->p[P_DURATION] = of->duration.p_value;
    if (of->duration.status == BACKTEST_OK)
        of->p[P_DURATION_SIMULATED] =
            duration_simulated_p(of->duration.n_bars, plan->p, of->duration.lr,
                                 plan->n_samples, plan->seed, work)
                .p_value;
}

/* Among the bars that have one. */
static bool is_constant(size_t n, const double x[])
{
    double first = NAN;

    for (size_t t = 0; t < n; t++) {
        if (isnan(first))
            first = x[t];
        if (!isnan(x[t]) && x[t] != first)
            return false;
    }
    return true;
}

static void test_regression(const struct backtest_plan *plan,
                            const struct backtest_series *series, double *work,
                            struct backtest_figures *of)
{
    const struct dynamic_quantile_spec spec = {
        .p = plan->p,
        .n_lags = 4,
        .constant = true,
        .var = !is_constant(series->n, series->var)};

    of->dynamic_quantile =
        dynamic_quantile_test(&spec, series->n, series->loss, series->var, NULL);
    of->p[P_DYNAMIC_QUANTILE] = of->dynamic_quantile.p_value;
    if (of->dynamic_quantile.status == BACKTEST_OK)
        of->p[P_DYNAMIC_QUANTILE_SIMULATED] =
            dynamic_quantile_simulate(&spec, series->n, series->loss, series->var,
                                      plan->n_samples, plan->seed, work)
                .p_value;
}

static void test_shortfall(const struct backtest_plan *plan,
                           const struct backtest_series *series,
                           const struct backtest_room *room,
                           struct backtest_figures *of)
{
    const struct acerbi_szekely_law law = {plan->law, plan->p};
    const struct acerbi_szekely_null null = {plan->n_samples, plan->seed};
    const struct mcneil_frey_spec spec = {plan->n_samples, plan->seed};
    size_t n[ACERBI_TESTS] = {0};

    of->acerbi = acerbi_szekely_of(&law, series, room->real);
    acerbi_szekely_simulate(&law, series, &null, room->real, room->z, n);
    for (int i = 0; i < ACERBI_TESTS; i++)
        if (n[i] > 0 && of->acerbi.status[i] == BACKTEST_OK) {
            of->p[P_Z1 + i] = acerbi_szekely_p_value(n[i], room->z[i], of->acerbi.z[i]);
            of->critical[i][0] = acerbi_szekely_critical(n[i], room->z[i], 0.05);
            of->critical[i][1] = acerbi_szekely_critical(n[i], room->z[i], 0.01);
        }
    of->mcneil_frey = mcneil_frey_test(&spec, series, room->real);
    of->p[P_MCNEIL_FREY_STUDENT] = of->mcneil_frey.p_student;
    of->p[P_MCNEIL_FREY_BOOTSTRAP] = of->mcneil_frey.p_bootstrap;
}

void backtest_figures_of(const struct backtest_plan *plan,
                         const struct backtest_series *series,
                         const struct backtest_room *room,
                         struct backtest_figures *figures)
{
    *figures = (struct backtest_figures){0};
    for (int i = 0; i < BACKTEST_PS; i++)
        figures->p[i] = NAN;
    for (int i = 0; i < ACERBI_TESTS; i++)
        figures->critical[i][0] = figures->critical[i][1] = NAN;
    test_counts(plan, series, room->real, figures);
    if (figures->n_bars == 0)
        return;
    test_times(plan, series, room->real, figures);
    test_regression(plan, series, room->real, figures);
    if (series->es != NULL)
        test_shortfall(plan, series, room, figures);
}
