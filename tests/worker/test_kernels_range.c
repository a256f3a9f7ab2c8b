#include "tests/check.h"
#include "tests/sample.h"
#include "worker/rangevol.h"

#include <stdlib.h>

enum { BARS = 1013, TILE = 37 };

static double x[RANGE_TERMS][BARS];
static double *const term[RANGE_TERMS] = {x[0], x[1], x[2]};
static double *room, variance[BARS][KERNEL_LANES], path[BARS];
static const double window[KERNEL_LANES] = {1,  2,  3,  4,   7,   8,   9,   16,
                                            17, 24, 55, 100, 168, 501, 720, 5000};

/* Returns, or squares of them where a model takes means; `gap` of them missing. */
static void set_up(enum range_model model, double gap)
{
    struct sample sample = {747};

    for (size_t t = 0; t < BARS; t++)
        for (size_t i = 0; i < RANGE_TERMS; i++) {
            const double r = 0.01 * sample_return(&sample);

            x[i][t] = i == 0 && model != RANGE_ROLLING ? r * r : r;
            if (sample_unit(&sample) < gap)
                x[i][t] = NAN;
        }
    room = realloc(room, (range_sums_room(model, BARS) + 1) * sizeof *room);
    CU_ASSERT_FATAL(room != NULL);
}

static void tear_down(void)
{
    free(room);
    room = NULL;
}

/* In tiles of so many bars. */
static void run(enum range_model model, enum isa isa, size_t tile)
{
    const struct range_sums sums = range_sum(model, BARS, term, room);
    double state[2 * KERNEL_LANES] = {0};

    memset(variance, 0, sizeof variance);
    for (size_t t = 0; t < BARS; t += tile)
        range_advance(kernels_of(isa), &sums,
                      (struct range){t, t + tile < BARS ? t + tile : BARS}, window,
                      state, variance[t]);
}

static void check_paths(enum range_model model)
{
    for (size_t j = 0; j < KERNEL_LANES; j++) {
        const struct range_sums sums = range_sum(model, BARS, term, room);

        range_path(&sums, (size_t)window[j], path);
        for (size_t t = 0; t < BARS; t++)
            CU_ASSERT(memcmp(&path[t], &variance[t][j], sizeof *path) == 0);
    }
}

/* With no gap, few, and hardly a window without one; and with prices that stood still
 * or rose steadily for a time, so that sums of squares cancel. */
static void has_the_bits_of_the_path_with_every_instruction_set(void)
{
    static const double gaps[] = {0.0, 0.01, 0.5};

    for (int model = 0; model < RANGE_MODELS; model++)
        for (size_t i = 0; i < sizeof gaps / sizeof *gaps; i++) {
            set_up((enum range_model)model, gaps[i]);
            for (size_t t = 300; t < 400; t++)
                x[0][t] = x[1][t] = x[2][t] = t < 350 ? 0.0 : 0.01;
            for (enum isa isa = ISA_SCALAR; isa <= isa_best(); isa++) {
                run((enum range_model)model, isa, BARS);
                check_paths((enum range_model)model);
            }
        }
    tear_down();
}

static void bars_in_pieces_give_the_bits_of_one_call(void)
{
    static double whole[BARS][KERNEL_LANES];

    for (int model = 0; model < RANGE_MODELS; model++) {
        set_up((enum range_model)model, 0.01);
        for (enum isa isa = ISA_SCALAR; isa <= isa_best(); isa++) {
            run((enum range_model)model, isa, BARS);
            memcpy(whole, variance, sizeof whole);
            run((enum range_model)model, isa, TILE);
            CU_ASSERT(memcmp(whole, variance, sizeof whole) == 0);
            run((enum range_model)model, isa, 1);
            CU_ASSERT(memcmp(whole, variance, sizeof whole) == 0);
        }
    }
    tear_down();
}

static void never_looks_ahead(void)
{
    static double before[BARS][KERNEL_LANES];

    for (int model = 0; model < RANGE_MODELS; model++)
        for (enum isa isa = ISA_SCALAR; isa <= isa_best(); isa++) {
            set_up((enum range_model)model, 0.0);
            run((enum range_model)model, isa, BARS);
            memcpy(before, variance, sizeof before);
            x[0][401] = 7.0;
            x[0][403] = NAN; /* the vector of bar 401 lacks a bar behind it */
            run((enum range_model)model, isa, BARS);
            CU_ASSERT(memcmp(before, variance, 401 * sizeof *before) == 0);
            for (size_t j = 1; j < KERNEL_LANES; j++)
                CU_ASSERT(before[401][j] != variance[401][j]);
        }
    tear_down();
}

static void nothing_is_written_behind_the_last_bar(void)
{
    for (int model = 0; model < RANGE_MODELS; model++)
        for (enum isa isa = ISA_SCALAR; isa <= isa_best(); isa++) {
            double state[2 * KERNEL_LANES] = {0};

            set_up((enum range_model)model, 0.0);
            const struct range_sums sums =
                range_sum((enum range_model)model, BARS, term, room);
            memset(variance, 0, sizeof variance);
            range_advance(kernels_of(isa), &sums, (struct range){0, 11}, window, state,
                          variance[0]);
            CU_ASSERT(variance[10][5] > 0.0);
            for (size_t j = 0; j < KERNEL_LANES; j++)
                CU_ASSERT(variance[11][j] == 0.0);
        }
    tear_down();
}

/* ---- accuracy ------------------------------------------------------------------- */

/* Mean and sample variance of a window, two passes. */
static void slow(const double *of, size_t t, size_t bars, long double *mean,
                 long double *spread)
{
    const size_t first = t + 1 > bars ? t + 1 - bars : 0;
    long double n = 0.0L, sum = 0.0L, squares = 0.0L;

    for (size_t i = first; i <= t; i++)
        if (!isnan(of[i])) {
            sum += of[i];
            n += 1.0L;
        }
    *mean = sum / n;
    for (size_t i = first; i <= t; i++)
        if (!isnan(of[i]))
            squares += (of[i] - *mean) * (of[i] - *mean);
    *spread = squares / (n - 1.0L);
}

static const double eps = DBL_EPSILON;

/* 2^-44 of the variance and 6 eps^2 (sum of x^2 + |mean| sum of |x|), which rangevol.h
 * promises; the reference rounds each difference from the mean to 2^-64 of x. */
static void check_variances(size_t bars)
{
    const struct range_sums sums = range_sum(RANGE_ROLLING, BARS, term, room);
    long double mean, spread, sum = 0.0L, squares = 0.0L;

    range_path(&sums, bars, path);
    for (size_t t = 0; t < BARS; t++) {
        sum += isnan(x[0][t]) ? 0.0 : fabs(x[0][t]);
        squares += isnan(x[0][t]) ? 0.0 : x[0][t] * x[0][t];
        slow(x[0], t, bars, &mean, &spread);
        const long double miss = fabsl(path[t] - spread);
        const long double past = 6.0L * eps * eps * (squares + fabsl(mean) * sum);
        const long double reference = 0x1p-61L * fabsl(mean) * sqrtl(spread) + past;

        CU_ASSERT(isnan(path[t]) ? isnan((double)spread)
                                 : miss <= 0x1p-44L * spread + reference);
    }
}

/* At 100 with a deviation of 0.01, differences of plain sums lose 8 digits. */
static void variances_have_the_digits_of_two_passes(void)
{
    for (int shift = 0; shift <= 100; shift += 100) {
        set_up(RANGE_ROLLING, 0.05);
        for (size_t t = 0; t < BARS; t++)
            x[0][t] += shift;
        for (size_t j = 1; j < KERNEL_LANES; j++)
            check_variances((size_t)window[j]);
    }
    tear_down();
}

/* 2 eps; eps^2 of a sum of 1 is nothing. */
static void means_have_the_digits_of_a_sum_afresh(void)
{
    long double mean, spread;

    set_up(RANGE_PARKINSON, 0.05);
    const struct range_sums sums = range_sum(RANGE_PARKINSON, BARS, term, room);
    for (size_t j = 0; j < KERNEL_LANES; j++) {
        range_path(&sums, (size_t)window[j], path);
        for (size_t t = 0; t < BARS; t++) {
            slow(x[0], t, (size_t)window[j], &mean, &spread);
            CU_ASSERT(isnan(path[t]) ? isnan((double)mean)
                                     : fabsl(path[t] - mean) <= 2.0 * eps * mean);
        }
    }
    tear_down();
}

/* A term of 1e12 among some of 1e-4 (a bar from one end of the doubles to the other has
 * 2e6). eps^2 of the sums so far is all that may be left of it, twice the bounds of
 * rangevol.h on the rest; Yang-Zhang's has two such variances with weights that sum to
 * less than 2. Differences of plain running sums would have left 1e12 eps = 2e-4. */
static void what_left_the_window_leaves_less_than_the_bound(void)
{
    static double before[BARS];

    for (int i = 0; i < 2 * RANGE_MODELS; i++) {
        const enum range_model model = (enum range_model)(i / 2);
        const bool squares = model == RANGE_ROLLING || model == RANGE_YANG_ZHANG;
        const double huge = i % 2 ? 1e12 : 1e3;
        const double past = squares ? 12.0 * huge * huge : huge;

        if (model == RANGE_ATR) /* no window */
            continue;
        set_up(model, 0.0);
        struct range_sums sums = range_sum(model, BARS, term, room);
        range_path(&sums, 100, before);
        x[0][200] = x[1][200] = x[2][200] = huge;
        sums = range_sum(model, BARS, term, room);
        range_path(&sums, 100, path);
        CU_ASSERT(memcmp(before, path, 200 * sizeof *path) == 0);
        CU_ASSERT(path[250] > 5.0);
        for (size_t t = 300; t < BARS; t++)
            CU_ASSERT(fabs(path[t] - before[t]) <=
                      (squares ? 0x1p-43 : 4.0 * eps) * before[t] + eps * eps * past);
    }
    tear_down();
}

/* The same bound, of 0. */
static void a_steady_rise_has_no_variance(void)
{
    set_up(RANGE_ROLLING, 0.0);
    for (size_t t = 0; t < BARS; t++)
        x[0][t] = 0.1;
    const struct range_sums sums = range_sum(RANGE_ROLLING, BARS, term, room);
    for (size_t j = 1; j < KERNEL_LANES; j++) {
        range_path(&sums, (size_t)window[j], path);
        for (size_t t = 1; t < BARS; t++)
            CU_ASSERT(path[t] >= 0.0 &&
                      path[t] <= 6.0 * eps * eps * 0.02 * (double)(t + 1));
    }
    tear_down();
}

/* An overflow of the logarithm's argument is no price, and must not poison the sums. */
static void an_infinite_term_counts_as_missing(void)
{
    static double missing[BARS];

    for (int model = 0; model < RANGE_MODELS; model++) {
        if (model == RANGE_ATR)
            continue;
        set_up((enum range_model)model, 0.01);
        x[0][200] = NAN;
        struct range_sums sums = range_sum((enum range_model)model, BARS, term, room);
        range_path(&sums, 24, missing);
        x[0][200] = INFINITY;
        sums = range_sum((enum range_model)model, BARS, term, room);
        range_path(&sums, 24, path);
        CU_ASSERT(memcmp(missing, path, sizeof path) == 0);
    }
    tear_down();
}

int main(void)
{
    CU_TestInfo bits[] = {
        {"has_the_bits_of_the_path_with_every_instruction_set",
         has_the_bits_of_the_path_with_every_instruction_set},
        {"bars_in_pieces_give_the_bits_of_one_call",
         bars_in_pieces_give_the_bits_of_one_call},
        {"never_looks_ahead", never_looks_ahead},
        {"nothing_is_written_behind_the_last_bar",
         nothing_is_written_behind_the_last_bar},
        CU_TEST_INFO_NULL,
    };
    CU_TestInfo digits[] = {
        {"variances_have_the_digits_of_two_passes",
         variances_have_the_digits_of_two_passes},
        {"means_have_the_digits_of_a_sum_afresh",
         means_have_the_digits_of_a_sum_afresh},
        {"what_left_the_window_leaves_less_than_the_bound",
         what_left_the_window_leaves_less_than_the_bound},
        {"a_steady_rise_has_no_variance", a_steady_rise_has_no_variance},
        {"an_infinite_term_counts_as_missing", an_infinite_term_counts_as_missing},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"kernels: range, bits", NULL, NULL, NULL, NULL, bits},
        {"kernels: range, digits", NULL, NULL, NULL, NULL, digits},
        CU_SUITE_INFO_NULL,
    };

    for (int isa = (int)isa_best() + 1; isa < ISA_COUNT; isa++)
        printf("this machine has no %s: not tested\n", isa_name((enum isa)isa));
    return check_run(suites);
}
