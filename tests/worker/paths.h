/* paths.h -- an instrument for tests of volatility models, and the usual path of each
 */
#ifndef TESTS_WORKER_PATHS_H
#define TESTS_WORKER_PATHS_H

#include "tests/check.h"
#include "tests/sample.h"
#include "worker/path.h"

#include <stdlib.h>

enum { H = 8, W = 150, WINDOW = 700, REFIT = 131, RANGE_WINDOW = 37 };
static struct bars bars;
static struct series series;

static inline void prepare(void)
{
    const struct series_rules rules = {H, W, LOSS_PATH, SIDES_BOTH};

    CU_ASSERT_FATAL(series_new(&bars, &rules, &series, NULL) == 0);
}

static inline void set_up(size_t n, double gap)
{
    CU_ASSERT_FATAL(sample_bars(747, n, 0.01, gap, &bars) == 0);
    prepare();
}

static inline void tear_down(void)
{
    series_free(&series);
    bars_free(&bars);
}

/* Values of a model's axes: small windows, so that several fits fall into a test; of an
 * axis that is not known here the first of its preset. */
static inline void usual_values(const struct volatility_model *model,
                                double value[AXES_MAX])
{
    static const struct {
        const char *name;
        double value;
    } usual[] = {{"lambda", 0.95}, {"window", RANGE_WINDOW}, {"fit_window", WINDOW},
                 {"refit", REFIT}, {"student", 1},           {"har_day", 4},
                 {"har_week", 20}, {"har_month", 60},        {"alpha", 0.08},
                 {"gamma", 0.04},  {"beta", 0.88},           {"long_run", 1}};

    for (size_t a = 0; a < model->n_axes; a++) {
        value[a] = strtod(model->axes[a].preset + 1, NULL); /* "[0.94, 0.97]" */
        for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
            if (strcmp(model->axes[a].name, usual[i].name) == 0)
                value[a] = usual[i].value;
    }
}

static inline int follow(const char *name, const double *value, double *variance,
                         struct fits_report *report, struct err *err)
{
    const struct volatility of = {volatility_find(name), kernels_of(isa_best()),
                                  &series};

    return volatility_path(&of, value, variance, report, err);
}

/* The tail's path on that of `volatility`, whose values are the first. */
static inline int follow_tail(const char *volatility, const char *tail,
                              enum tail_measure measure, const double *values,
                              double *variance, struct fits_report *report,
                              struct err *err)
{
    const struct path_models models = {.volatility = volatility_find(volatility),
                                       .tail = tail_model_find(tail),
                                       .measure = measure};
    double *room = malloc(2 * series.n * sizeof *room);
    const struct path_stages stages = {room, room + series.n, variance};
    struct path_fits fits;

    const int status = path_follow(&models, kernels_of(isa_best()), &series, values,
                                   &stages, &fits, err);
    if (report != NULL)
        *report = fits.tail;
    free(room);
    return status;
}

static inline double *path_of(const char *name, struct fits_report *report)
{
    double value[AXES_MAX];
    double *variance = malloc(series.n * sizeof *variance);

    CU_ASSERT_FATAL(variance != NULL);
    usual_values(volatility_find(name), value);
    CU_ASSERT_FATAL(follow(name, value, variance, report, NULL) == 0);
    return variance;
}

static inline void frozen_bars(size_t first, size_t end)
{
    for (size_t t = first; t < end; t++)
        bars.open[t] = bars.high[t] = bars.low[t] = bars.close[t] = 1.0;
}

#define TEST(name)                                                                     \
    {                                                                                  \
#name, name                                                                    \
    }

#endif /* TESTS_WORKER_PATHS_H */
