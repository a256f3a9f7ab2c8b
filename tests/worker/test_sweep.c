#include "tests/check.h"
#include "tests/sample.h"
#include "worker/sweep.h"
#include "worker/walk.h"

#include <stdlib.h>

/* A grid small enough to walk, and everything that a sweep of it needs. */
struct trial {
    double value[5][8]; /* lambda, q, floor, buffer, release */
    struct grid grid;
    struct bars bars;
    struct series series;
    struct sweep_rules rules;
};

enum { LAMBDA, Q, FLOOR, BUFFER, RELEASE, TRIAL_AXES };

static void fill_axis(struct trial *trial, int axis, size_t n, double from, double to,
                      struct sample *sample)
{
    for (size_t i = 0; i < n; i++)
        trial->value[axis][i] =
            from + (to - from) * ((double)i + 0.9 * sample_unit(sample)) / (double)n;
    trial->grid.axis[axis] = (struct axis){.n = n, .value = trial->value[axis]};
}

static void set_axis(struct trial *trial, int axis, size_t n, const double *value)
{
    memcpy(trial->value[axis], value, n * sizeof value[0]);
    trial->grid.axis[axis] = (struct axis){.n = n, .value = trial->value[axis]};
}

static void set_rules(struct trial *trial, size_t h, size_t warmup, int loss, int sides)
{
    const struct series_rules rules = {h, warmup, (enum series_loss)loss,
                                       (enum series_sides)sides};
    struct err err = {0};

    CU_ASSERT_FATAL(series_new(&trial->bars, &rules, &trial->series, &err) == 0);
    trial->grid.n_axes = TRIAL_AXES;
    trial->rules = (struct sweep_rules){.series = &trial->series,
                                        .range = {warmup, trial->series.n},
                                        .grid = &trial->grid,
                                        .model = volatility_find("ewma"),
                                        .release = {1.1, 1.6, 300.0},
                                        .needs = SWEEP_ALL};
}

static void clear(struct trial *trial)
{
    series_free(&trial->series);
    bars_free(&trial->bars);
}

/* The tally of one point by the walk; phases are the caller's. */
static void walk_point(const struct trial *trial, uint64_t point, struct tally *tally)
{
    const struct sweep_rules *rules = &trial->rules;
    double *path = malloc(3 * trial->series.n * sizeof *path);
    double value[AXES_MAX];

    grid_values(&trial->grid, point, value);
    CU_ASSERT_FATAL(sweep_path(rules, value, path, path + trial->series.n, NULL) == 0);
    const struct policy policy = {value[Q], value[FLOOR], value[BUFFER],
                                  value[RELEASE] == 1.0};
    walk_margin(&trial->series, &policy, path, path + trial->series.n,
                path + 2 * trial->series.n);
    walk_tally(&trial->series, rules->range, path + 2 * trial->series.n, tally);
    free(path);
}

/* Both sums have at most n terms that are rounded a few times: each is within
 * (n + 8) eps / 2 of the sum of its absolute terms (sweep.h). */
static int is_close(double fast, double slow, double terms, uint64_t n)
{
    return fabs(fast - slow) <=
           SWEEP_SUM_BOUND * ((double)n + 8.0) * DBL_EPSILON * terms;
}

static int same_or_nan(double a, double b, double tolerance)
{
    return (isnan(a) && isnan(b)) || fabs(a - b) <= tolerance * fabs(b);
}

/* How many of the tally's groups differ from the walk's. */
static int n_differing(const struct tally *fast, const struct tally *slow)
{
    const double beyond = slow->sum_loss + slow->sum_margin_beyond;
    int n = 0;

    n += fast->n != slow->n || fast->left_out != slow->left_out ||
         fast->n_bars != slow->n_bars || fast->x != slow->x ||
         fast->x_long != slow->x_long || fast->x_short != slow->x_short;
    n += fast->n_phases != slow->n_phases ||
         memcmp(fast->phase, slow->phase, fast->n_phases * sizeof *fast->phase) != 0;
    n += fast->max_margin != slow->max_margin || fast->min_margin != slow->min_margin ||
         fast->last_margin != slow->last_margin ||
         fast->worst_shortfall != slow->worst_shortfall;
    n += !is_close(fast->sum_margin, slow->sum_margin, slow->sum_margin, slow->n_bars);
    n += !is_close(fast->sum_loss, slow->sum_loss, slow->sum_loss, slow->x);
    n += !is_close(fast->sum_margin_beyond, slow->sum_margin_beyond,
                   slow->sum_margin_beyond, slow->x);
    n += !is_close(fast->sum_shortfall, slow->sum_shortfall, beyond, slow->x);
    for (size_t i = 0; i < TALLY_RISES; i++)
        n += !same_or_nan(fast->rise[i], slow->rise[i], 16 * DBL_EPSILON);
    return n;
}

static void print_point(const struct trial *trial, uint64_t point,
                        const struct tally *fast, const struct tally *slow)
{
    double value[AXES_MAX];

    grid_values(&trial->grid, point, value);
    fprintf(stderr,
            "point %llu (%g %g %g %g %g): x %llu/%llu long %llu/%llu short %llu/%llu "
            "sum %.17g/%.17g max %.17g/%.17g min %.17g/%.17g last %.17g/%.17g worst "
            "%.17g/%.17g shortfall %.17g/%.17g loss %.17g/%.17g beyond %.17g/%.17g\n",
            (unsigned long long)point, value[0], value[1], value[2], value[3], value[4],
            (unsigned long long)fast->x, (unsigned long long)slow->x,
            (unsigned long long)fast->x_long, (unsigned long long)slow->x_long,
            (unsigned long long)fast->x_short, (unsigned long long)slow->x_short,
            fast->sum_margin, slow->sum_margin, fast->max_margin, slow->max_margin,
            fast->min_margin, slow->min_margin, fast->last_margin, slow->last_margin,
            fast->worst_shortfall, slow->worst_shortfall, fast->sum_shortfall,
            slow->sum_shortfall, fast->sum_loss, slow->sum_loss,
            fast->sum_margin_beyond, slow->sum_margin_beyond);
    for (size_t i = 0; i < TALLY_RISES; i++)
        fprintf(stderr, "rise %zu: %.17g/%.17g\n", i, fast->rise[i], slow->rise[i]);
}

/* Sweep the whole grid in boxes of at most max_points and walk every point. */
static void compare(const struct trial *trial, uint64_t max_points)
{
    const size_t h = trial->series.rules.horizon_bars;
    struct phase *phase = calloc(h, sizeof *phase);
    uint64_t point = 0;
    struct sweep *sweep;
    int n_wrong = 0;

    CU_ASSERT_FATAL(sweep_new(&trial->rules, max_points, &sweep, NULL) == 0);
    for (uint64_t b = 0; b < grid_n_boxes(&trial->grid, max_points); b++) {
        struct box box;

        grid_box(&trial->grid, max_points, b, &box);
        sweep_box(sweep, &box);
        for (uint64_t j = 0; j < box_n_points(&trial->grid, &box); j++, point++) {
            struct tally fast, slow = {.phase = phase};

            sweep_tally(sweep, j, &fast);
            walk_point(trial, point, &slow);
            if (n_differing(&fast, &slow) > 0 && n_wrong++ == 0)
                print_point(trial, point, &fast, &slow);
        }
    }
    CU_ASSERT_EQUAL(point, grid_n_points(&trial->grid));
    CU_ASSERT_EQUAL(n_wrong, 0);
    sweep_free(sweep);
    free(phase);
}

static void random_trial(struct trial *trial, uint64_t seed)
{
    struct sample sample = {seed};
    const size_t h[] = {1, 1, 2, 8, 13, 24};
    const double gap[] = {0.0, 0.002, 0.15};

    *trial = (struct trial){0};
    CU_ASSERT_FATAL(sample_bars(seed, 300 + sample_below(&sample, 1500), 0.01,
                                gap[sample_below(&sample, 3)], &trial->bars) == 0);
    fill_axis(trial, LAMBDA, 1 + sample_below(&sample, 3), 0.85, 0.999, &sample);
    fill_axis(trial, Q, 1 + sample_below(&sample, 8), 0.3, 5.0, &sample);
    fill_axis(trial, FLOOR, 1 + sample_below(&sample, 5), 0.0, 0.06, &sample);
    fill_axis(trial, BUFFER, 1 + sample_below(&sample, 4), 0.0, 0.8, &sample);
    set_axis(trial, RELEASE, 1 + sample_below(&sample, 2), (const double[]){0.0, 1.0});
    if (sample_below(&sample, 3) == 0)
        trial->value[FLOOR][0] = 0.0;
    if (sample_below(&sample, 3) == 0)
        trial->value[BUFFER][0] = 0.0;
    if (sample_below(&sample, 5) == 0)
        set_axis(trial, RELEASE, 1, (const double[]){1.0});
    set_rules(trial, h[sample_below(&sample, 6)], 20 + sample_below(&sample, 100),
              (int)sample_below(&sample, 2), (int)sample_below(&sample, 3));
}

static void agrees_with_the_walk_on_random_grids_and_histories(void)
{
    const uint64_t max_points[] = {1, 7, 50, 100000};

    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct trial trial;

        random_trial(&trial, seed);
        compare(&trial, max_points[seed % 4]);
        clear(&trial);
    }
}

int main(void)
{
    CU_TestInfo sweep[] = {
        {"agrees_with_the_walk_on_random_grids_and_histories",
         agrees_with_the_walk_on_random_grids_and_histories},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"sweep", NULL, NULL, NULL, NULL, sweep},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
