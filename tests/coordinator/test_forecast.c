/* The forecasts of `plimsoll backtest`: what they are, and that none of them knows what
 * comes after it.  The cases are made from the tables of models and tails. */
#include "coordinator/forecast.h"
#include "tests/check.h"
#include "tests/sample.h"
#include "worker/returns.h"
#include "worker/tail.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>

enum { BARS = 420, W = 110, H = 3 };

static const size_t cuts[] = {W, W + 1, 200, 333, BARS - 2};
enum { CUTS = sizeof cuts / sizeof *cuts };

/* Small windows, so that several fits fall into a test. */
static struct forecast_spec spec_of(const char *model, const char *tail)
{
    static const struct forecast_setting small[] = {
        {"window", 6, 30},       {"fit_window", 10, 150}, {"refit", 5, 60},
        {"har_day", 7, 2},       {"har_week", 8, 7},      {"har_month", 9, 20},
        {"tail_window", 11, 80}, {"tail_refit", 10, 20},  {"tail_share", 10, 0.3}};
    const struct volatility_model *volatility = volatility_find(model);
    const struct tail_model *rows = tail_model_find(tail);
    struct forecast_spec spec = {
        .model = model,
        .tail = tail,
        .confidence = 0.95,
        .rules = {H, W, LOSS_CLOSE, SIDES_LONG},
    };

    for (size_t i = 0; i < sizeof small / sizeof *small; i++) {
        bool has = false;

        for (size_t a = 0; a < volatility->n_axes; a++)
            has = has || strcmp(volatility->axes[a].name, small[i].name) == 0;
        for (size_t a = 0; a < rows->n_axes; a++)
            has = has || strcmp(rows->axes[a].name, small[i].name) == 0;
        if (has)
            spec.setting[spec.n_settings++] = small[i];
    }
    return spec;
}

/* The usual bars up to and including the cut, others after it; without `has_bars`
 * their returns alone. */
static void set_up(size_t cut, bool has_bars, struct fit_data *data)
{
    struct bars other;

    *data = (struct fit_data){.has_bars = has_bars};
    CU_ASSERT_FATAL(sample_bars(747, BARS, 0.01, 0.02, &data->bars) == 0);
    CU_ASSERT_FATAL(sample_bars(13, BARS, 0.03, 0.0, &other) == 0);
    for (size_t t = cut + 1; t < BARS; t++) {
        const double level = data->bars.close[cut] / other.open[cut + 1];

        data->bars.open[t] = level * other.open[t];
        data->bars.high[t] = level * other.high[t];
        data->bars.low[t] = level * other.low[t];
        data->bars.close[t] = level * other.close[t];
    }
    bars_free(&other);
    data->n = BARS;
    data->value = malloc(BARS * sizeof *data->value);
    CU_ASSERT_FATAL(data->value != NULL);
    returns_of_bars(&data->bars, data->value);
    if (!has_bars)
        bars_free(&data->bars);
}

static struct forecast make(const struct forecast_spec *spec,
                            const struct fit_data *data)
{
    struct forecast forecast;
    struct err err = {0};

    CU_ASSERT_FATAL(forecast_settle(spec, &forecast, &err) == 0);
    if (forecast_make(spec, data, &forecast, &err) != 0)
        fprintf(stderr, "\n%s, %s: %s", spec->model, spec->tail, err.text);
    CU_ASSERT_FATAL(err.kind == ERR_NONE);
    return forecast;
}

static bool is_alike(const double *a, const double *b, size_t n)
{
    return (a == NULL) == (b == NULL) &&
           (a == NULL || memcmp(a, b, n * sizeof *a) == 0);
}

/* Bar t of returns alone comes after row t - 1. */
static void check_future(const struct forecast_spec *spec, size_t cut, bool has_bars)
{
    const size_t known = cut + 1 + !has_bars;
    struct fit_data data;

    set_up(BARS - 1, has_bars, &data);
    struct forecast before = make(spec, &data);
    fit_data_free(&data);
    set_up(cut, has_bars, &data);
    struct forecast after = make(spec, &data);

    CU_ASSERT(is_alike(before.var, after.var, known));
    CU_ASSERT(is_alike(before.es, after.es, known));
    CU_ASSERT(is_alike(before.mean, after.mean, known));
    CU_ASSERT(is_alike(before.scale, after.scale, known));
    CU_ASSERT(is_alike(before.loss, after.loss, known - H));
    /* and the future does matter where it is known */
    CU_ASSERT(cut > BARS - 60 || !is_alike(before.var, after.var, before.n));
    forecast_free(&before);
    forecast_free(&after);
    fit_data_free(&data);
}

static void no_forecast_of_any_model_and_tail_looks_ahead(void)
{
    for (size_t i = 0; volatility_row(i) != NULL; i++)
        for (size_t c = 0; c < CUTS; c += 1 + i % 2) {
            const struct forecast_spec spec =
                spec_of(volatility_row(i)->name, "normal");

            check_future(&spec, cuts[c], true);
        }
    for (size_t i = 1; tail_model_row(i) != NULL; i++)
        for (size_t c = 2; c < CUTS; c++) {
            const struct forecast_spec spec = spec_of("ewma", tail_model_row(i)->name);

            check_future(&spec, cuts[c], true);
            check_future(&spec, cuts[c], false);
        }
}

/* Losses are those of the horizon that begins at t; VaR is the law's quantile of what
 * EWMA knows at t, over H bars. */
static void ewma_is_what_one_writes_by_hand(void)
{
    struct forecast_spec spec = spec_of("ewma", "normal");
    const double z = gsl_cdf_ugaussian_Qinv(0.05);
    double v = 0.0, n = 0.0;
    struct fit_data data;

    spec.setting[spec.n_settings++] = (struct forecast_setting){"lambda", 6, 0.9};
    set_up(BARS - 1, true, &data);
    struct forecast forecast = make(&spec, &data);

    for (size_t t = 1; t < BARS; t++) {
        const double r = data.value[t];

        if (t <= W && !isnan(r))
            v = (v * n + r * r) / (n + 1), n++;
        else if (!isnan(r))
            v = 0.9 * v + 0.1 * r * r;
        if (t < W) {
            CU_ASSERT(isnan(forecast.var[t]));
            continue;
        }
        CHECK_REL(forecast.var[t], z * sqrt(H * v), 1e-9);
        CHECK_REL(forecast.es[t], tail_normal(0.95).es * sqrt(H * v), 1e-9);
        CHECK_REL(forecast.scale[t], sqrt(H * v), 1e-9);
        if (!isnan(forecast.loss[t]))
            CHECK_REL(forecast.loss[t], 1 - data.bars.close[t + H] / data.bars.close[t],
                      1e-12);
    }
    CU_ASSERT(isnan(forecast.loss[BARS - H]) && !isnan(forecast.var[BARS - 1]));
    forecast_free(&forecast);
    fit_data_free(&data);
}

/* Losses in percent and in units of 2^-30 are the same forecasts, times that; returns
 * that are missing leave out the horizons over them. */
static void returns_may_be_in_any_unit(void)
{
    static const double units[] = {1.0, 100.0, 1e4, 0x1p-30};
    static const char *const tails[] = {"student", "filtered", "pot"};
    double first[BARS + 1];

    for (size_t k = 0; k < 3; k++)
        for (size_t u = 0; u < 4; u++) {
            const struct forecast_spec spec = spec_of("garch", tails[k]);
            struct fit_data data;

            set_up(BARS - 1, false, &data);
            for (size_t t = 0; t < BARS; t++)
                data.value[t] *= units[u];
            struct forecast forecast = make(&spec, &data);

            CU_ASSERT_EQUAL_FATAL(forecast.n, BARS + 1);
            if (u == 0)
                memcpy(first, forecast.var, sizeof first);
            for (size_t t = W; t <= BARS;
                 t++) /* a fit stops within 1e-6 of its errors */
                CHECK_REL(forecast.var[t], units[u] * first[t], 1e-5);
            for (size_t t = 0; t + H <= BARS; t++) {
                const double sum =
                    data.value[t] + data.value[t + 1] + data.value[t + 2];

                CU_ASSERT(isnan(sum) == isnan(forecast.loss[t]));
                CU_ASSERT(isnan(sum) ||
                          fabs(forecast.loss[t] + sum) <= 1e-14 * units[u]);
            }
            forecast_free(&forecast);
            fit_data_free(&data);
        }
}

static void sides_and_paths_are_those_of_a_job(void)
{
    struct forecast_spec spec = spec_of("ewma", "normal");
    struct fit_data data;

    set_up(BARS - 1, true, &data);
    spec.rules.loss = LOSS_PATH;
    spec.rules.sides = SIDES_BOTH;
    struct forecast forecast = make(&spec, &data);

    for (size_t t = 0; t + H < BARS; t++) {
        const struct bars *b = &data.bars;
        const double low = fmin(b->low[t + 1], fmin(b->low[t + 2], b->low[t + 3]));
        const double high = fmax(b->high[t + 1], fmax(b->high[t + 2], b->high[t + 3]));

        if (!isnan(forecast.loss[t]))
            CHECK_REL(forecast.loss[t],
                      fmax(1 - low / b->close[t], high / b->close[t] - 1), 1e-12);
    }
    forecast_free(&forecast);
    fit_data_free(&data);
}

static void a_law_has_its_scale_and_a_sample_has_none(void)
{
    struct forecast_spec spec = spec_of("ewma", "student");
    struct fit_data data;

    set_up(BARS - 1, true, &data);
    spec.setting[spec.n_settings++] = (struct forecast_setting){"nu", 2, 5.0};
    struct forecast forecast = make(&spec, &data);

    CU_ASSERT(forecast.law.nu == 5.0);
    for (size_t t = W; t < BARS; t++) {
        CU_ASSERT(forecast.mean[t] == 0.0);
        CHECK_REL(forecast.var[t], forecast.scale[t] * gsl_cdf_tdist_Qinv(0.05, 5.0),
                  1e-9);
    }
    forecast_free(&forecast);
    spec = spec_of("ewma", "filtered");
    forecast = make(&spec, &data);
    CU_ASSERT(forecast.mean == NULL && forecast.scale != NULL && forecast.es != NULL);
    forecast_free(&forecast);
    fit_data_free(&data);
}

static void settles(const struct forecast_spec *spec, const char *why)
{
    struct forecast forecast;
    struct err err = {0};

    CU_ASSERT(forecast_settle(spec, &forecast, &err) != 0);
    CU_ASSERT_EQUAL(err.kind, ERR_USAGE);
    CHECK_CONTAINS(err.text, why);
}

static void what_is_no_axis_is_refused_with_what_there_is(void)
{
    struct forecast_spec spec = {.model = "garch", .tail = "pot", .confidence = 0.99};

    spec.n_settings = 1;
    spec.setting[0] = (struct forecast_setting){"lambda", 6, 0.9};
    settles(&spec, "--set: 'lambda' is no axis of garch and pot, which have: "
                   "fit_window, refit, student, targeting, fit_start, tail_window, "
                   "tail_refit, tail_share, level");
    spec.setting[0] = (struct forecast_setting){"student", 7, 0.5};
    settles(&spec, "--set: student: 0.5 is not a whole number in [0, 1] (0 or 1;");
    spec = (struct forecast_spec){.model = "har", .tail = "normal", .n_settings = 1};
    spec.setting[0] = (struct forecast_setting){"har_week", 8, 5};
    settles(&spec, "--set: har_week must be above har_day");
    spec.model = "arch";
    settles(&spec, "--model: 'arch' is not one");
    spec.model = "ewma";
    spec.tail = "none";
    settles(&spec, "--tail: 'none' is not one");
}

static void too_little_is_a_reason(void)
{
    struct forecast_spec spec = spec_of("ewma", "normal");
    struct forecast forecast;
    struct fit_data data;
    struct err err = {0};

    set_up(BARS - 1, false, &data);
    data.n = W + H - 1;
    CU_ASSERT_FATAL(forecast_settle(&spec, &forecast, &err) == 0);
    CU_ASSERT(forecast_make(&spec, &data, &forecast, &err) != 0);
    CHECK_CONTAINS(err.text, "bars are not more than a warm-up of 110");
    data.n = BARS;
    data.value[200] = 1e6; /* a price among returns */
    CU_ASSERT(forecast_make(&spec, &data, &forecast, &err) != 0);
    CHECK_CONTAINS(err.text, "row 201: the returns up to here add up to");
    data.value[200] = 0.0;
    spec.n_settings = 0;
    spec.model = "garch";
    CU_ASSERT_FATAL(forecast_settle(&spec, &forecast, &err) == 0);
    CU_ASSERT(forecast_make(&spec, &data, &forecast, &err) != 0);
    CHECK_CONTAINS(err.text,
                   "--set gives axes other values: garch: a fit_window of 2000");
    fit_data_free(&data);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"no_forecast_of_any_model_and_tail_looks_ahead",
         no_forecast_of_any_model_and_tail_looks_ahead},
        {"ewma_is_what_one_writes_by_hand", ewma_is_what_one_writes_by_hand},
        {"returns_may_be_in_any_unit", returns_may_be_in_any_unit},
        {"sides_and_paths_are_those_of_a_job", sides_and_paths_are_those_of_a_job},
        {"a_law_has_its_scale_and_a_sample_has_none",
         a_law_has_its_scale_and_a_sample_has_none},
        {"what_is_no_axis_is_refused_with_what_there_is",
         what_is_no_axis_is_refused_with_what_there_is},
        {"too_little_is_a_reason", too_little_is_a_reason},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"forecast", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    gsl_set_error_handler_off();
    return check_run(suites);
}
