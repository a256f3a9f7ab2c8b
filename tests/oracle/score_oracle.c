#include "likelihood_oracle.h"
#include "margin_oracle.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#define NAME(figure)                                                                   \
    {                                                                                  \
#figure, offsetof(struct oracle_figures, figure)                               \
    }
const struct oracle_name oracle_names[] = {
    NAME(observations),     NAME(left_out),          NAME(exceedances),
    NAME(exceedances_long), NAME(exceedances_short), NAME(coverage),
    NAME(kupiec_lr),        NAME(kupiec_p),          NAME(kupiec_p_upper),
    NAME(kupiec_phase_p),   NAME(independence_p),    NAME(mean_margin),
    NAME(max_margin),       NAME(last_margin),       NAME(mean_shortfall),
    NAME(worst_shortfall),  NAME(es_ratio),          NAME(peak_to_trough),
    NAME(rise_1d),          NAME(rise_5d),           NAME(rise_20d),
    NAME(rise_30d),
};
const size_t oracle_n_names = sizeof oracle_names / sizeof oracle_names[0];

/* One point over one range [a, e): what the page defines for each bar t. */
struct backtest {
    const struct oracle_request *request;
    const struct bars *bars;
    size_t a, e;
    double *m;                      /* margin                                     */
    double *loss_long, *loss_short; /* NaN where not scored                       */
    double *loss;                   /* of the sides asked for; NaN likewise       */
};

/* t + h < e and time[t+h] - time[t] = h Delta */
static bool is_scored(const struct backtest *test, size_t t)
{
    const size_t h = test->request->horizon_bars;
    const int64_t *time = test->bars->time;

    return t + h < test->e &&
           time[t + h] - time[t] == (int64_t)h * test->bars->interval_ns;
}

static void compute_losses_at(struct backtest *test, size_t t)
{
    const struct bars *bars = test->bars;
    const size_t h = test->request->horizon_bars;
    double lowest = bars->close[t + h];
    double highest = bars->close[t + h];

    if (test->request->loss == ORACLE_PATH) {
        lowest = bars->low[t + 1];
        highest = bars->high[t + 1];
        for (size_t j = 2; j <= h; j++) {
            if (bars->low[t + j] < lowest)
                lowest = bars->low[t + j];
            if (bars->high[t + j] > highest)
                highest = bars->high[t + j];
        }
    }
    test->loss_long[t] = 1.0 - lowest / bars->close[t];
    test->loss_short[t] = highest / bars->close[t] - 1.0;
}

static void compute_losses(struct backtest *test)
{
    const enum oracle_sides sides = test->request->sides;

    for (size_t t = 0; t < test->bars->n; t++) {
        test->loss_long[t] = test->loss_short[t] = test->loss[t] = NAN;
        if (t < test->a || !is_scored(test, t))
            continue;
        compute_losses_at(test, t);
        if (sides == ORACLE_LONG)
            test->loss[t] = test->loss_long[t];
        else if (sides == ORACLE_SHORT)
            test->loss[t] = test->loss_short[t];
        else
            test->loss[t] = test->loss_long[t] > test->loss_short[t]
                                ? test->loss_long[t]
                                : test->loss_short[t];
    }
}

/* observations, left_out, exceedances and coverage */
static void count_exceedances(const struct backtest *test,
                              struct oracle_figures *figures)
{
    for (size_t t = test->a; t < test->e; t++) {
        if (!is_scored(test, t)) {
            if (t + test->request->horizon_bars < test->e)
                figures->left_out++;
            continue;
        }
        figures->observations++;
        figures->exceedances += test->loss[t] > test->m[t];
        figures->exceedances_long += test->loss_long[t] > test->m[t];
        figures->exceedances_short += test->loss_short[t] > test->m[t];
    }
    figures->coverage = figures->observations > 0.0
                            ? 1.0 - figures->exceedances / figures->observations
                            : NAN;
}

/* Count the bars t = a + phi, a + phi + h, ... and the pairs of neighbours there. */
static void score_phase(const struct backtest *test, size_t phi,
                        struct oracle_phase *phase)
{
    const size_t h = test->request->horizon_bars;
    const double p = 1.0 - test->request->confidence;

    for (size_t t = test->a + phi; t < test->e; t += h) {
        if (!is_scored(test, t))
            continue;
        const bool is = test->loss[t] > test->m[t];
        phase->n++;
        phase->x += is;
        if (!is_scored(test, t + h))
            continue;
        const bool next = test->loss[t + h] > test->m[t + h];
        phase->n00 += !is && !next;
        phase->n01 += !is && next;
        phase->n10 += is && !next;
        phase->n11 += is && next;
    }
    phase->kupiec_p_upper = oracle_kupiec_p_upper(phase->n, phase->x, p);
    phase->independence_p =
        oracle_independence_p(phase->n00, phase->n01, phase->n10, phase->n11);
}

static int score_tests(const struct backtest *test, struct oracle_figures *figures,
                       struct err *err)
{
    const size_t h = test->request->horizon_bars;
    const size_t n = (size_t)figures->observations;
    const size_t x = (size_t)figures->exceedances;
    const double p = 1.0 - test->request->confidence;
    double *each = calloc(h, sizeof *each);

    figures->phase = calloc(h, sizeof *figures->phase);
    if (each == NULL || figures->phase == NULL) {
        free(each);
        return err_set(err, ERR_MEMORY, "no memory for %zu phases", h);
    }
    figures->n_phases = h;
    for (size_t phi = 0; phi < h; phi++)
        score_phase(test, phi, &figures->phase[phi]);

    figures->kupiec_lr = oracle_kupiec_lr(n, x, p);
    figures->kupiec_p = oracle_kupiec_p(n, x, p);
    figures->kupiec_p_upper = oracle_kupiec_p_upper(n, x, p);
    for (size_t phi = 0; phi < h; phi++)
        each[phi] = figures->phase[phi].kupiec_p_upper;
    figures->kupiec_phase_p = oracle_combine(h, each);
    for (size_t phi = 0; phi < h; phi++)
        each[phi] = figures->phase[phi].independence_p;
    figures->independence_p = oracle_combine(h, each);
    free(each);
    return 0;
}

/* mean, maximum and last margin, and the peak over the trough, over all bars */
static void score_margins(const struct backtest *test, struct oracle_figures *figures)
{
    if (test->a == test->e) {
        figures->mean_margin = figures->max_margin = NAN;
        figures->last_margin = figures->peak_to_trough = NAN;
        return;
    }
    double sum = 0.0;
    double highest = test->m[test->a];
    double lowest = test->m[test->a];

    for (size_t t = test->a; t < test->e; t++) {
        sum = sum + test->m[t];
        if (test->m[t] > highest)
            highest = test->m[t];
        if (test->m[t] < lowest)
            lowest = test->m[t];
    }
    figures->mean_margin = sum / (double)(test->e - test->a);
    figures->max_margin = highest;
    figures->last_margin = test->m[test->e - 1];
    figures->peak_to_trough = lowest > 0.0 ? highest / lowest : NAN;
}

static void score_shortfalls(const struct backtest *test,
                             struct oracle_figures *figures)
{
    double sum_beyond = 0.0;
    double sum_loss = 0.0;
    double sum_margin = 0.0;

    for (size_t t = test->a; t < test->e; t++) {
        if (!is_scored(test, t) || !(test->loss[t] > test->m[t]))
            continue;
        const double beyond = test->loss[t] - test->m[t];

        sum_beyond = sum_beyond + beyond;
        sum_loss = sum_loss + test->loss[t];
        sum_margin = sum_margin + test->m[t];
        if (beyond > figures->worst_shortfall)
            figures->worst_shortfall = beyond;
    }
    const double x = figures->exceedances;
    figures->mean_shortfall = x > 0.0 ? sum_beyond / x : 0.0;
    figures->es_ratio = x > 0.0 && sum_margin != 0.0 ? sum_loss / sum_margin : NAN;
}

/* max m_{t+d} / m_t over the pairs that lie exactly d bars of time apart */
static double score_rise(const struct backtest *test, int64_t days)
{
    const int64_t day_ns = INT64_C(86400) * INT64_C(1000000000);
    const int64_t *time = test->bars->time;
    double highest = NAN;

    if (days * day_ns % test->bars->interval_ns != 0)
        return NAN;
    const size_t d = (size_t)(days * day_ns / test->bars->interval_ns);
    for (size_t t = test->a; t + d < test->e; t++) {
        if (time[t + d] - time[t] != days * day_ns || !(test->m[t] > 0.0))
            continue;
        const double rise = test->m[t + d] / test->m[t];

        if (isnan(highest) || rise > highest)
            highest = rise;
    }
    return highest;
}

static int score(struct backtest *test, enum oracle_range range,
                 struct oracle_figures *figures, struct err *err)
{
    if (oracle_margins(test->request, test->bars, test->m, err) != 0)
        return -1;
    oracle_range_bars(test->request, range, test->bars->n, &test->a, &test->e);
    compute_losses(test);
    count_exceedances(test, figures);
    if (score_tests(test, figures, err) != 0)
        return -1;
    score_margins(test, figures);
    score_shortfalls(test, figures);
    figures->rise_1d = score_rise(test, 1);
    figures->rise_5d = score_rise(test, 5);
    figures->rise_20d = score_rise(test, 20);
    figures->rise_30d = score_rise(test, 30);
    return 0;
}

int oracle_score(const struct oracle_request *request, const struct bars *bars,
                 enum oracle_range range, struct oracle_figures *figures,
                 struct err *err)
{
    struct oracle_figures found = {0};
    struct backtest test = {
        .request = request,
        .bars = bars,
        .m = calloc(bars->n, sizeof(double)),
        .loss_long = calloc(bars->n, sizeof(double)),
        .loss_short = calloc(bars->n, sizeof(double)),
        .loss = calloc(bars->n, sizeof(double)),
    };
    int status = -1;

    if (test.m == NULL || test.loss_long == NULL || test.loss_short == NULL ||
        test.loss == NULL)
        err_set(err, ERR_MEMORY, "no memory for %zu bars", bars->n);
    else
        status = score(&test, range, &found, err);
    if (status == 0)
        *figures = found;
    else
        oracle_figures_free(&found);
    free(test.m);
    free(test.loss_long);
    free(test.loss_short);
    free(test.loss);
    return status;
}

void oracle_figures_free(struct oracle_figures *figures)
{
    if (figures == NULL)
        return;
    free(figures->phase);
    *figures = (struct oracle_figures){0};
}
