#include "tests/check.h"
#include "tests/sample.h"
#include "worker/isa.h"
#include "worker/sweep.h"
#include "worker/walk.h"

#include <stdlib.h>

/* A grid small enough to walk, and everything that a sweep of it needs. */
struct trial {
    double value[5][8]; /* lambda, q, floor, buffer, release */
    struct grid grid;
    struct bars bars;
    struct series series;
    struct path_models models;
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
    trial->models = (struct path_models){.volatility = volatility_find("ewma")};
    trial->rules = (struct sweep_rules){.series = &trial->series,
                                        .range = {warmup, trial->series.n},
                                        .grid = &trial->grid,
                                        .path = &trial->models,
                                        .release = {1.1, 1.6, 300.0},
                                        .needs = SWEEP_ALL};
}

static void clear(struct trial *trial)
{
    series_free(&trial->series);
    bars_free(&trial->bars);
}

/* s, g and v of one point, behind each other. */
static void find_path(const struct sweep_rules *rules, const double *value,
                      double *path)
{
    const size_t n = rules->series->n;

    const struct path_stages stages = {path + 2 * n, path + 3 * n, path + 4 * n};
    struct path_fits fits;

    CU_ASSERT_FATAL(sweep_stages(rules, value, &stages, &fits, NULL) == 0);
    CU_ASSERT_FATAL(sweep_path(rules, value, &stages, path, path + n, NULL) == 0);
}

/* The tally of one point by the walk; phases are the caller's. */
static void walk_point(const struct trial *trial, uint64_t point, struct tally *tally)
{
    const struct sweep_rules *rules = &trial->rules;
    double *path = malloc(5 * trial->series.n * sizeof *path);
    double value[AXES_MAX];

    grid_values(&trial->grid, point, value);
    find_path(rules, value, path);
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
        CU_ASSERT_FATAL(sweep_box(sweep, &box, NULL) == 0);
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

/* Values a step of rounding around x, ascending and distinct. */
static size_t crowd(double x, double *value)
{
    double at = x;

    for (int i = 0; i < 3; i++)
        at = nextafter(at, 0.0);
    for (size_t i = 0; i < 7; i++) {
        value[i] = at;
        at = nextafter(at, INFINITY);
    }
    return 7;
}

/* How many margins of the grid are exactly some loss. */
static size_t n_ties(const struct trial *trial)
{
    const size_t n = trial->series.n;
    double *path = malloc(5 * n * sizeof *path);
    size_t ties = 0;

    for (uint64_t k = 0; k < grid_n_points(&trial->grid); k++) {
        double value[AXES_MAX];

        grid_values(&trial->grid, k, value);
        find_path(&trial->rules, value, path);
        const struct policy policy = {value[Q], value[FLOOR], value[BUFFER],
                                      value[RELEASE] == 1.0};
        walk_margin(&trial->series, &policy, path, path + n, path + 2 * n);
        for (size_t t = trial->rules.range.first; t < n; t++)
            ties += trial->series.loss[t] == path[2 * n + t];
    }
    free(path);
    return ties;
}

/* Multipliers or floors are made for one bar, so that its loss is the margin itself or
 * the next number to it. */
static void a_loss_that_is_exactly_the_margin_is_no_exceedance(void)
{
    size_t ties = 0;

    for (uint64_t seed = 1; seed <= 24; seed++) {
        struct sample sample = {seed};
        struct trial trial;
        double value[AXES_MAX], path[10000];

        random_trial(&trial, seed);
        set_axis(&trial, LAMBDA, 1, trial.value[LAMBDA]);
        set_axis(&trial, BUFFER, 2, (const double[]){0.0, 0.25});
        grid_values(&trial.grid, 0, value);
        find_path(&trial.rules, value, path);
        size_t t = trial.rules.range.first + sample_below(&sample, 100);
        while (t + 1 < trial.series.n && !(trial.series.loss[t] > 0.0))
            t++; /* to one that is scored; short histories full of gaps have none */
        if (!(trial.series.loss[t] > 0.0)) {
            clear(&trial);
            continue;
        }
        const double c = seed % 4 < 2 ? 1.0 : 1.25, loss = trial.series.loss[t] / c;
        set_axis(&trial, seed % 2 ? FLOOR : Q, 2, (const double[]){1e-4, 2e-3});
        set_axis(&trial, seed % 2 ? Q : FLOOR,
                 crowd(seed % 2 ? loss / path[t] : loss, value), value);
        ties += n_ties(&trial);
        compare(&trial, 100000);
        clear(&trial);
    }
    CU_ASSERT(ties > 24);
}

/* Round prices: losses and multiples of them coincide in masses. */
static void agrees_where_prices_are_round_and_ties_abound(void)
{
    const double q[] = {0.0, 0.5, 1.0, 2.0, 4.0}, f[] = {0.0, 0.0625, 0.125, 0.25};
    const double b[] = {0.0, 0.25, 0.5, 1.0}, lambda[] = {0.25, 0.5};
    const double release[] = {0.0, 1.0};

    for (uint64_t seed = 1; seed <= 6; seed++) {
        struct trial trial = {0};

        CU_ASSERT_FATAL(sample_bars(seed, 400, 0.05, 0.0, &trial.bars) == 0);
        for (size_t t = 0; t < 400; t++) {
            double *const price[] = {trial.bars.open, trial.bars.high, trial.bars.low,
                                     trial.bars.close};

            for (size_t i = 0; i < 4; i++)
                price[i][t] = exp2(round(log2(price[i][t]) * (double)(seed % 3 + 1)) /
                                   (double)(seed % 3 + 1));
        }
        set_axis(&trial, LAMBDA, 2, lambda);
        set_axis(&trial, Q, 5, q);
        set_axis(&trial, FLOOR, 4, f);
        set_axis(&trial, BUFFER, 4, b);
        set_axis(&trial, RELEASE, 2, release);
        set_rules(&trial, 1 + seed % 3, 30, 0, 0);
        compare(&trial, 33);
        clear(&trial);
    }
}

static void agrees_where_the_price_stands_still(void)
{
    struct trial trial = {0};
    struct sample sample = {3};

    CU_ASSERT_FATAL(sample_bars(3, 747, 0.01, 0.0, &trial.bars) == 0);
    for (size_t t = 0; t < 747; t++)
        if (t < 300 || t > 600)
            trial.bars.open[t] = trial.bars.high[t] = trial.bars.low[t] =
                trial.bars.close[t] = t < 300 ? 100.0 : 99.0;
    fill_axis(&trial, LAMBDA, 2, 0.05, 0.5, &sample); /* v decays to nothing */
    fill_axis(&trial, Q, 5, 0.5, 4.0, &sample);
    set_axis(&trial, FLOOR, 3, (const double[]){0.0, 0.001, 0.02});
    fill_axis(&trial, BUFFER, 2, 0.0, 0.5, &sample);
    set_axis(&trial, RELEASE, 2, (const double[]){0.0, 1.0});
    set_rules(&trial, 8, 50, 0, 0);
    compare(&trial, 1000);
    clear(&trial);
}

/* So many buffers that the merged ladders would not pay. */
static void agrees_where_there_are_very_many_buffers(void)
{
    enum { MANY = 600 };
    static double buffer[MANY];
    struct trial trial;

    random_trial(&trial, 747);
    for (size_t i = 0; i < MANY; i++)
        buffer[i] = 0.002 * (double)i;
    set_axis(&trial, LAMBDA, 1, trial.value[LAMBDA]);
    set_axis(&trial, Q, 2, (const double[]){1.5, 2.5});
    trial.grid.axis[BUFFER] = (struct axis){.n = MANY, .value = buffer};
    compare(&trial, 100000);
    clear(&trial);
}

static void a_range_sees_no_bar_behind_its_end(void)
{
    for (uint64_t seed = 1; seed <= 12; seed++) {
        struct trial trial;

        random_trial(&trial, seed);
        trial.rules.range.first += 13;
        trial.rules.range.end -= 131;
        compare(&trial, 1000);
        clear(&trial);
    }
}

/* Sweep the whole grid at once with one instruction set; the tallies' bits. */
static void sweep_bits(const struct trial *trial, enum isa isa, struct tally *tally,
                       struct phase *phase)
{
    const uint64_t n = grid_n_points(&trial->grid);
    const size_t h = trial->series.rules.horizon_bars;
    struct sweep *sweep;
    struct box box;

    setenv("PLIMSOLL_ISA", isa_name(isa), 1);
    CU_ASSERT_FATAL(sweep_new(&trial->rules, n, &sweep, NULL) == 0);
    unsetenv("PLIMSOLL_ISA");
    grid_box(&trial->grid, n, 0, &box);
    CU_ASSERT_FATAL(sweep_box(sweep, &box, NULL) == 0);
    memset(tally, 0, n * sizeof *tally);
    for (uint64_t j = 0; j < n; j++) {
        sweep_tally(sweep, j, &tally[j]);
        memcpy(phase + j * h, tally[j].phase, h * sizeof *phase);
        tally[j].phase = NULL;
    }
    sweep_free(sweep);
}

static void has_the_same_bits_with_every_instruction_set(void)
{
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct trial trial;

        random_trial(&trial, seed);
        const size_t n = (size_t)grid_n_points(&trial.grid);
        const size_t h = trial.series.rules.horizon_bars;
        struct tally *tally = malloc(2 * n * sizeof *tally);
        struct phase *phase = malloc(2 * n * h * sizeof *phase);
        sweep_bits(&trial, ISA_SCALAR, tally, phase);
        for (enum isa isa = ISA_SCALAR; isa <= isa_best(); isa++) {
            sweep_bits(&trial, isa, tally + n, phase + n * h);
            CU_ASSERT(memcmp(tally, tally + n, n * sizeof *tally) == 0);
            CU_ASSERT(memcmp(phase, phase + n * h, n * h * sizeof *phase) == 0);
        }
        free(tally);
        free(phase);
        clear(&trial);
    }
}

/* Each need alone gives what all needs give. */
static void needs_can_be_asked_for_one_by_one(void)
{
    const unsigned needs[] = {SWEEP_COUNTS, SWEEP_PHASES, SWEEP_MARGIN, SWEEP_SHORTFALL,
                              SWEEP_RISES};
    struct trial trial;
    struct tally all;

    random_trial(&trial, 8);
    struct box box;
    struct sweep *whole, *part;
    const uint64_t n = grid_n_points(&trial.grid);
    grid_box(&trial.grid, n, 0, &box);
    CU_ASSERT_FATAL(sweep_new(&trial.rules, n, &whole, NULL) == 0);
    CU_ASSERT_FATAL(sweep_box(whole, &box, NULL) == 0);
    for (size_t i = 0; i < sizeof needs / sizeof *needs; i++) {
        trial.rules.needs = needs[i];
        CU_ASSERT_FATAL(sweep_new(&trial.rules, n, &part, NULL) == 0);
        CU_ASSERT_FATAL(sweep_box(part, &box, NULL) == 0);
        for (uint64_t j = 0; j < n; j++) {
            sweep_tally(whole, j, &all);
            struct tally mixed = all;
            struct phase phase[24];

            memcpy(phase, all.phase, all.n_phases * sizeof *phase);
            all.phase = phase;
            sweep_tally(part, j, &mixed);
            if (needs[i] == SWEEP_COUNTS) {
                mixed.n_phases = all.n_phases;
                mixed.phase = all.phase;
            }
            CU_ASSERT_EQUAL(n_differing(&mixed, &all), 0);
        }
        sweep_free(part);
    }
    sweep_free(whole);
    clear(&trial);
}

int main(void)
{
    CU_TestInfo sweep[] = {
        {"agrees_with_the_walk_on_random_grids_and_histories",
         agrees_with_the_walk_on_random_grids_and_histories},
        {"a_loss_that_is_exactly_the_margin_is_no_exceedance",
         a_loss_that_is_exactly_the_margin_is_no_exceedance},
        {"agrees_where_prices_are_round_and_ties_abound",
         agrees_where_prices_are_round_and_ties_abound},
        {"agrees_where_the_price_stands_still", agrees_where_the_price_stands_still},
        {"agrees_where_there_are_very_many_buffers",
         agrees_where_there_are_very_many_buffers},
        {"a_range_sees_no_bar_behind_its_end", a_range_sees_no_bar_behind_its_end},
        {"has_the_same_bits_with_every_instruction_set",
         has_the_same_bits_with_every_instruction_set},
        {"needs_can_be_asked_for_one_by_one", needs_can_be_asked_for_one_by_one},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"sweep", NULL, NULL, NULL, NULL, sweep},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
