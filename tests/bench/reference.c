#include "tests/bench/bench.h"
#include "tests/bench/naive.h"
#include "tests/sample.h"
#include "worker/sweep.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* 131,072 points on 43,800 bars (five years of hours), horizon one bar, both sides. */
enum {
    N_BARS = 43800,
    WARMUP = 500,
    N_LAMBDA = 16,
    N_Q = 64,
    N_FLOOR = 16,
    N_BUFFER = 8,
    N_POINTS = N_LAMBDA * N_Q * N_FLOOR * N_BUFFER,
    TRIALS = 31,
};

struct reference {
    double lambda[2 * N_LAMBDA]; /* the first half is there to forget the second */
    double q[N_Q], floor[N_FLOOR], buffer[N_BUFFER], release[1];
    struct grid grid;
    struct bars bars;
    struct series series;
    struct path_models models;
    struct sweep_rules rules;
    struct sweep *sweep;
    double *path;
    struct naive_score *score;
};

_Static_assert(offsetof(struct naive_score, both) ==
                   offsetof(struct naive_score, x) + sizeof(uint32_t),
               "counts stand side by side");

static void fill_axis(struct axis *axis, double *value, size_t n, double from,
                      double to)
{
    for (size_t i = 0; i < n; i++)
        value[i] = from + (to - from) * (double)i / (double)(n > 1 ? n - 1 : 1);
    *axis = (struct axis){.n = n, .value = value};
}

static int reference_new(struct reference *ref, double q_from, double q_to,
                         struct err *err)
{
    const struct series_rules rules = {1, WARMUP, LOSS_PATH, SIDES_BOTH};

    *ref = (struct reference){.grid.n_axes = 5};
    fill_axis(&ref->grid.axis[0], ref->lambda, N_LAMBDA, 0.80, 0.89);
    fill_axis(&ref->grid.axis[0], ref->lambda + N_LAMBDA, N_LAMBDA, 0.90, 0.9975);
    ref->grid.axis[0] = (struct axis){.n = 2 * N_LAMBDA, .value = ref->lambda};
    fill_axis(&ref->grid.axis[1], ref->q, N_Q, q_from, q_to);
    fill_axis(&ref->grid.axis[2], ref->floor, N_FLOOR, 0.0, 0.03);
    fill_axis(&ref->grid.axis[3], ref->buffer, N_BUFFER, 0.0, 0.35);
    fill_axis(&ref->grid.axis[4], ref->release, 1, 0.0, 0.0);
    if (sample_bars(1, N_BARS + WARMUP + 1, 0.006, 0.0, &ref->bars) != 0)
        return err_set(err, ERR_MEMORY, "no memory for %d bars", N_BARS);
    if (series_new(&ref->bars, &rules, &ref->series, err) != 0)
        return -1;
    ref->models = (struct path_models){.volatility = volatility_find("ewma")};
    ref->rules = (struct sweep_rules){
        .series = &ref->series,
        .range = {WARMUP, ref->series.n},
        .grid = &ref->grid,
        .path = &ref->models,
        .release = {1.1, 1.5, 500.0},
        .needs = SWEEP_COUNTS | SWEEP_PHASES | SWEEP_MARGIN | SWEEP_SHORTFALL,
    };
    ref->path = malloc(ref->series.n * sizeof *ref->path);
    ref->score = malloc(N_POINTS * sizeof *ref->score);
    if (ref->path == NULL || ref->score == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %d scores", N_POINTS);
    return sweep_new(&ref->rules, N_POINTS, &ref->sweep, err);
}

static void reference_free(struct reference *ref)
{
    sweep_free(ref->sweep);
    free(ref->path);
    free(ref->score);
    series_free(&ref->series);
    bars_free(&ref->bars);
}

static double time_naive(struct reference *ref)
{
    const size_t n = ref->series.n - WARMUP;
    struct naive naive = {n,
                          0.0,
                          ref->series.square + WARMUP,
                          ref->series.loss + WARMUP,
                          N_LAMBDA,
                          N_Q,
                          N_FLOOR,
                          N_BUFFER,
                          ref->lambda + N_LAMBDA,
                          ref->q,
                          ref->floor,
                          ref->buffer};
    double sum = 0.0;

    for (size_t t = 1; t <= WARMUP; t++)
        sum += ref->series.square[t];
    naive.start = sum / WARMUP;
    const double start = bench_seconds();
    naive_sweep(&naive, ref->path, ref->score);
    return bench_seconds() - start;
}

/* All scores of all points, paths included: the sweep keeps a run of paths, so one of
 * the other half of the axis is swept, untimed, to have none of these there. */
static double time_ours(struct reference *ref)
{
    struct box box = {.count = {1, 1, 1, 1, 1}};

    (void)sweep_box(ref->sweep, &box, NULL);
    box = (struct box){.first = {N_LAMBDA},
                       .count = {N_LAMBDA, N_Q, N_FLOOR, N_BUFFER, 1}};
    const double start = bench_seconds();
    (void)sweep_box(ref->sweep, &box, NULL);
    return bench_seconds() - start;
}

/* Integers and extremes the same, sums within the bound of sweep.h. */
static bool is_equal(const struct tally *tally, const struct naive_score *score)
{
    const double bound = SWEEP_SUM_BOUND * (N_BARS + 8.0) * DBL_EPSILON;
    const double beyond = tally->sum_loss + tally->sum_margin_beyond;

    return tally->x == score->x && tally->phase[0].both == score->both &&
           tally->max_margin == score->max_margin &&
           tally->min_margin == score->min_margin &&
           tally->worst_shortfall == score->worst_shortfall &&
           fabs(tally->sum_margin - score->sum_margin) <= bound * score->sum_margin &&
           fabs(tally->sum_shortfall - score->sum_shortfall) <= bound * beyond;
}

static bool all_equal(const struct reference *ref)
{
    for (uint64_t j = 0; j < N_POINTS; j++) {
        struct tally tally;

        sweep_tally(ref->sweep, j, &tally);
        if (!is_equal(&tally, &ref->score[j]))
            return false;
    }
    return true;
}

static void report(struct json *json, const char *name, struct reference *ref)
{
    double ours[TRIALS], share = 0.0;
    const double naive = time_naive(ref);

    for (size_t i = 0; i < TRIALS; i++)
        ours[i] = time_ours(ref);
    const double median = bench_median(TRIALS, ours);
    for (size_t j = 0; j < N_POINTS; j++)
        share += (double)ref->score[j].x / N_BARS / N_POINTS;
    json_put_object(json, name);
    json_put_integer(json, "points", N_POINTS);
    json_put_integer(json, "bars", N_BARS);
    json_put_real(json, "mean_exceedance_share", share);
    json_put_real(json, "naive_s", naive);
    json_put_real(json, "ours_s", median);
    json_put_real(json, "ratio", naive / median);
    json_put_flag(json, "equal", all_equal(ref));
    json_end(json);
}

static int bench_sweep(struct json *json, const char *name, double q_from, double q_to,
                       struct err *err)
{
    struct reference ref;
    const int failed = reference_new(&ref, q_from, q_to, err);

    if (!failed)
        report(json, name, &ref);
    reference_free(&ref);
    return failed;
}

/* ---- the same for others ---- */

static void put_reals(FILE *file, size_t n, const double value[])
{
    fwrite(value, sizeof *value, n, file);
}

/* A line with the sizes and the first variance, then doubles: squares, losses, lambda,
 * q, floor, buffer; then for each point its exceedances and those followed by another,
 * as this program's plain loop counts them. */
static int put_peer_data(struct reference *ref, const char *path, struct err *err)
{
    const size_t n = ref->series.n - WARMUP;
    double sum = 0.0;
    FILE *file = fopen(path, "wb");

    if (file == NULL)
        return err_set(err, ERR_IO, "%s: cannot be written", path);
    time_naive(ref);
    for (size_t t = 1; t <= WARMUP; t++)
        sum += ref->series.square[t];
    fprintf(file, "%zu %d %d %d %d %.17g\n", n, N_LAMBDA, N_Q, N_FLOOR, N_BUFFER,
            sum / WARMUP);
    put_reals(file, n, ref->series.square + WARMUP);
    put_reals(file, n, ref->series.loss + WARMUP);
    put_reals(file, N_LAMBDA, ref->lambda + N_LAMBDA);
    put_reals(file, N_Q, ref->q);
    put_reals(file, N_FLOOR, ref->floor);
    put_reals(file, N_BUFFER, ref->buffer);
    for (size_t j = 0; j < N_POINTS; j++)
        fwrite(&ref->score[j].x, sizeof(uint32_t), 2, file);
    return fclose(file) == 0 ? 0 : err_set(err, ERR_IO, "%s: is full", path);
}

int bench_peer_data(const char *path, struct err *err)
{
    struct reference ref;
    int status = reference_new(&ref, 2.0, 8.0, err);

    if (status == 0)
        status = put_peer_data(&ref, path, err);
    reference_free(&ref);
    return status;
}

int bench_reference(struct json *json, struct err *err)
{
    return bench_sweep(json, "reference_sweep", 2.0, 8.0, err);
}

/* Multipliers so low that a third of all bars exceed the weakest margin. */
int bench_dense(struct json *json, struct err *err)
{
    return bench_sweep(json, "dense_sweep", 0.5, 4.0, err);
}
