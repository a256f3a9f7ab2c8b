/* Does any estimate know what comes after it?  The future is changed, and nothing up to
 * the change may move by a bit.  The cases are made from the tables: a new row of
 * worker/volatility.c or worker/tail.c is covered without a line here. */
#include "tests/worker/paths.h"
#include "worker/release.h"

#include <gsl/gsl_errno.h>

/* A fit is made of the last FIT_BARS, so that the window fills and moves on. */
enum { BARS = 700, FIT_BARS = 310 };

/* Last bars that may be known: the end of the warm-up, beside fits (every REFIT bars
 * from W on), the middle, and all but the last bar. */
static const size_t cuts[] = {W,   W + 1, W + REFIT - 1, W + REFIT, W + 3 * REFIT,
                              474, 600,   BARS - 2};
enum { CUTS = sizeof cuts / sizeof *cuts };

/* What the bars after the cut become. */
enum future {
    FUTURE_OTHER,   /* those of another market      */
    FUTURE_CRASH,   /* a hundredth of the price, ten times as wide */
    FUTURE_FROZEN,  /* one price for ever           */
    FUTURE_OUTAGE,  /* a year later, each with a gap before it */
    FUTURE_SHORTER, /* there are fewer of them      */
    FUTURES
};

static struct bars other;

static void scale_bar(size_t t, const struct bar *bar, double level, double width)
{
    bars.open[t] = level * pow(bar->open, width);
    bars.high[t] = level * pow(bar->high, width);
    bars.low[t] = level * pow(bar->low, width);
    bars.close[t] = level * pow(bar->close, width);
}

static void change_bar(size_t cut, size_t t, enum future future)
{
    const double last = bars.close[cut];
    struct bar bar = bars_at(&other, t);

    if (future == FUTURE_OTHER)
        scale_bar(t, &bar, last / other.open[cut + 1], 1.0);
    else if (future == FUTURE_CRASH)
        scale_bar(t, &bar, 0.01 * last / pow(other.open[cut + 1], 10.0), 10.0);
    else if (future == FUTURE_FROZEN)
        bars.open[t] = bars.high[t] = bars.low[t] = bars.close[t] = last;
    else if (future == FUTURE_OUTAGE)
        bars.time[t] += (int64_t)(8760 + 2 * t) * bars.interval_ns;
}

/* The usual bars up to and including the cut, others after it; the series of both. */
static void set_up_future(size_t cut, enum future future)
{
    CU_ASSERT_FATAL(sample_bars(747, BARS, 0.01, 0.02, &bars) == 0);
    for (size_t t = cut + 1; t < BARS; t++)
        change_bar(cut, t, future);
    /* fewer: not so few that a window or a horizon has no room */
    if (future == FUTURE_SHORTER && cut + 1 > FIT_BARS)
        bars.n = cut + 1;
    prepare();
}

static void usual_fit(const struct volatility_model *model, double value[AXES_MAX])
{
    usual_values(model, value);
    for (size_t a = 0; a < model->n_axes; a++)
        if (strcmp(model->axes[a].name, "fit_window") == 0)
            value[a] = FIT_BARS;
}

/* The usual values, and one axis of few whole numbers (a switch) at another: variant 0
 * is the usual one.  false: there are no more. */
static bool variant_values(const struct volatility_model *model, size_t variant,
                           double value[AXES_MAX])
{
    enum { SWITCH_MAX = 3 };

    usual_fit(model, value);
    for (size_t a = 0; a < model->n_axes && variant > 0; a++) {
        const struct axis_rule *rule = &model->axes[a];

        if (!rule->whole || rule->max > SWITCH_MAX)
            continue;
        for (double v = rule->min; v <= rule->max && variant > 0; v++) {
            const double usual = value[a];

            if (v != usual && --variant == 0) {
                value[a] = v;
                return true;
            }
        }
    }
    return variant == 0;
}

/* All lanes of every instruction set there is must agree with one path: what holds for
 * that then holds for them. */
static void check_lanes(const struct volatility_model *model, const double *value,
                        const double *one, size_t n_known)
{
    const size_t n_lanes = volatility_n_lanes(model);
    double parameter[AXES_MAX * KERNEL_LANES];
    double *many = malloc(n_lanes * series.n * sizeof *many);

    CU_ASSERT_FATAL(many != NULL);
    for (size_t i = 0; i < model->n_axes * n_lanes; i++)
        parameter[i] = value[i / n_lanes];
    for (int isa = ISA_SCALAR; n_lanes > 1 && isa <= (int)isa_best(); isa++) {
        const struct volatility of = {model, kernels_of((enum isa)isa), &series};

        CU_ASSERT_FATAL(volatility_paths(&of, parameter, many, NULL) == 0);
        for (size_t lane = 0; lane < n_lanes; lane++)
            CU_ASSERT(memcmp(one, many + lane * series.n, n_known * sizeof *one) == 0);
    }
    free(many);
}

/* How many of the futures behind the cuts moved the bars behind them. */
static size_t check_variant(const struct volatility_model *model, const double *value,
                            size_t first_future)
{
    double *before = malloc(BARS * sizeof *before),
           *after = malloc(BARS * sizeof *after);
    size_t n_moved = 0;

    CU_ASSERT_FATAL(before != NULL && after != NULL);
    set_up(BARS, 0.02);
    CU_ASSERT_FATAL(follow(model->name, value, before, NULL, NULL) == 0);
    tear_down();
    for (size_t i = 0; i < CUTS; i++) {
        const size_t n_known = cuts[i] + 1;

        set_up_future(cuts[i], (enum future)((first_future + i) % FUTURES));
        CU_ASSERT_FATAL(follow(model->name, value, after, NULL, NULL) == 0);
        if (memcmp(before, after, n_known * sizeof *before) != 0) {
            fprintf(stderr, "%s looks ahead of bar %zu\n", model->name, cuts[i]);
            CU_FAIL("a forecast moved with the future");
        }
        check_lanes(model, value, before, n_known);
        n_moved +=
            series.n == BARS && memcmp(before, after, sizeof *before * BARS) != 0;
        tear_down();
    }
    free(before);
    free(after);
    return n_moved;
}

/* Each cut meets each future in turn.  That a future matters at all is counted, so that
 * a path which nothing moves cannot pass. */
static void no_row_of_the_volatility_table_looks_ahead(void)
{
    for (size_t i = 0; volatility_row(i) != NULL; i++) {
        const struct volatility_model *model = volatility_row(i);
        double value[AXES_MAX];

        for (size_t variant = 0; variant_values(model, variant, value); variant++) {
            const size_t n_futures = variant == 0 ? FUTURES : 1;

            for (size_t future = 0; future < n_futures; future++)
                CU_ASSERT(check_variant(model, value, variant + future) >= CUTS / 2);
        }
    }
}

/* The buffer in use is made of the path and of EWMA's reference. */
static void no_released_buffer_looks_ahead(void)
{
    const struct release_rule rule = {.from = 1.1, .full = 1.6, .halflife_bars = 40};
    const struct kernels *kernels = kernels_of(isa_best());
    double in_use[2][BARS], reference[BARS];

    for (int future = 0; future < FUTURES; future++)
        for (size_t i = 0; i < CUTS; i++) {
            for (int changed = 0; changed < 2; changed++) {
                if (changed)
                    set_up_future(cuts[i], (enum future)future);
                else
                    set_up(BARS, 0.02);
                double *v = path_of("ewma", NULL);
                release_reference(&rule, kernels, &series, reference);
                release_in_use(&rule, &series, v, reference, in_use[changed]);
                free(v);
                tear_down();
            }
            CU_ASSERT(memcmp(in_use[0] + W, in_use[1] + W,
                             (cuts[i] + 1 - W) * sizeof **in_use) == 0);
        }
}

/* ---- tails ----------------------------------------------------------------------- */

/* EWMA's lambda, then small windows, so that several fits fall into a test. */
static void usual_tail(const struct tail_model *model, double value[AXES_MAX])
{
    static const struct {
        const char *name;
        double value;
    } usual[] = {{"nu", 5},
                 {"tail_window", 200},
                 {"tail_refit", REFIT},
                 {"tail_share", 0.2},
                 {"level", 0.95}};

    value[0] = 0.95;
    for (size_t a = 0; a < model->n_axes; a++)
        for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
            if (strcmp(model->axes[a].name, usual[i].name) == 0)
                value[1 + a] = usual[i].value;
}

/* A tail that a later future gives nothing to fit is refused, which is no look ahead
 * where nothing had been fitted until the cut either. */
static size_t check_tail(const struct tail_model *model, enum tail_measure measure)
{
    double value[AXES_MAX] = {0}, before[BARS], after[BARS];
    struct fits_report report;
    size_t n_moved = 0;

    usual_tail(model, value);
    set_up(BARS, 0.02);
    CU_ASSERT_FATAL(
        follow_tail("ewma", model->name, measure, value, before, &report, NULL) == 0);
    tear_down();
    for (size_t i = 0; i < CUTS; i++)
        for (int future = 0; future < FUTURES; future++) {
            set_up_future(cuts[i], (enum future)future);
            if (follow_tail("ewma", model->name, measure, value, after, NULL, NULL) !=
                0) {
                CU_ASSERT(cuts[i] < W + report.n_fallback_bars);
                tear_down();
                continue;
            }
            if (memcmp(before, after, (cuts[i] + 1) * sizeof *before) != 0) {
                fprintf(stderr, "%s looks ahead of bar %zu\n", model->name, cuts[i]);
                CU_FAIL("a rate moved with the future");
            }
            n_moved += series.n == BARS && memcmp(before, after, sizeof before) != 0;
            tear_down();
        }
    return n_moved;
}

static void no_row_of_the_tail_table_looks_ahead(void)
{
    for (size_t k = 0; tail_model_row(k) != NULL; k++)
        for (int measure = TAIL_VAR; measure <= (int)TAIL_ES; measure++)
            CU_ASSERT(check_tail(tail_model_row(k), (enum tail_measure)measure) >=
                      CUTS);
}

/* The same test on an estimator that does look ahead, by one bar: the futures tell. */
static void a_glance_at_the_next_bar_is_found(void)
{
    for (size_t i = 0; i < CUTS; i++)
        for (int future = 0; future < FUTURE_SHORTER; future++) {
            set_up(BARS, 0.0);
            double *before = path_of("ewma", NULL);
            tear_down();
            CU_ASSERT_FATAL(sample_bars(747, BARS, 0.01, 0.0, &bars) == 0);
            for (size_t t = cuts[i] + 1; t < BARS; t++)
                change_bar(cuts[i], t, (enum future)future);
            prepare();
            double *after = path_of("ewma", NULL);
            tear_down();
            CU_ASSERT(memcmp(before + 1, after + 1, cuts[i] * sizeof *before) == 0);
            CU_ASSERT(before[cuts[i] + 1] != after[cuts[i] + 1]);
            free(before);
            free(after);
        }
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(no_row_of_the_volatility_table_looks_ahead),
        TEST(no_released_buffer_looks_ahead),
        TEST(no_row_of_the_tail_table_looks_ahead),
        TEST(a_glance_at_the_next_bar_is_found),
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"look-ahead", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    gsl_set_error_handler_off();
    if (sample_bars(13, BARS, 0.03, 0.0, &other) != 0)
        return 2;
    const int failed = check_run(suites);
    bars_free(&other);
    return failed;
}
