#include "tests/check.h"
#include "tests/sample.h"
#include "worker/isa.h"
#include "worker/volatility.h"

#include <stdlib.h>

static struct bars bars;
static struct series series;

static struct volatility ewma_of(enum isa isa)
{
    return (struct volatility){volatility_find("ewma"), kernels_of(isa), &series};
}

static void set_up(size_t n, size_t warmup, double gap)
{
    const struct series_rules rules = {8, warmup, LOSS_PATH, SIDES_BOTH};

    CU_ASSERT_FATAL(sample_bars(747, n, 0.01, gap, &bars) == 0);
    CU_ASSERT_FATAL(series_new(&bars, &rules, &series, NULL) == 0);
}

static void tear_down(void)
{
    series_free(&series);
    bars_free(&bars);
}

/* The page's formula, one value after another. */
static void by_the_page(double lambda, double *v)
{
    const size_t warmup = series.rules.warmup_bars;
    double sum = 0.0, n = 0.0;

    for (size_t t = 1; t <= warmup; t++)
        if (!isnan(series.square[t])) {
            sum += series.square[t];
            n += 1.0;
        }
    for (size_t t = 0; t < series.n; t++)
        v[t] = t < warmup    ? 0.0
               : t == warmup ? sum / n
               : isnan(series.square[t])
                   ? v[t - 1]
                   : fma(lambda, v[t - 1], (1.0 - lambda) * series.square[t]);
}

static void has_the_bits_of_the_formula_with_every_instruction_set(void)
{
    double lambda[KERNEL_LANES];

    set_up(1013, 131, 0.05);
    double *v = malloc(series.n * sizeof *v);
    double *paths = malloc(KERNEL_LANES * series.n * sizeof *paths);
    for (size_t j = 0; j < KERNEL_LANES; j++)
        lambda[j] = 0.80 + 0.0124 * (double)j;
    for (enum isa isa = ISA_SCALAR; isa <= isa_best(); isa++) {
        const struct volatility ewma = ewma_of(isa);

        memset(paths, 0xff, KERNEL_LANES * series.n * sizeof *paths);
        CU_ASSERT(volatility_paths(&ewma, lambda, paths, NULL) == 0);
        for (size_t j = 0; j < KERNEL_LANES; j++) {
            by_the_page(lambda[j], v);
            CU_ASSERT(memcmp(v, paths + j * series.n, series.n * sizeof *v) == 0);
        }
    }
    free(v);
    free(paths);
    tear_down();
}

static void one_path_has_the_bits_of_a_lane_among_many(void)
{
    const double lambda = 0.97;

    set_up(400, 20, 0.0);
    double *v = malloc(2 * series.n * sizeof *v);
    for (enum isa isa = ISA_SCALAR; isa <= isa_best(); isa++) {
        const struct volatility ewma = ewma_of(isa);

        CU_ASSERT(volatility_path(&ewma, &lambda, v, NULL, NULL) == 0);
        by_the_page(lambda, v + series.n);
        CU_ASSERT(memcmp(v, v + series.n, series.n * sizeof *v) == 0);
    }
    free(v);
    tear_down();
}

static void never_looks_ahead(void)
{
    const double lambda = 0.94;
    const struct volatility ewma = ewma_of(isa_best());

    set_up(500, 50, 0.0);
    double *v = malloc(2 * series.n * sizeof *v);
    CU_ASSERT(volatility_path(&ewma, &lambda, v, NULL, NULL) == 0);
    series.square[301] *= 100.0;
    CU_ASSERT(volatility_path(&ewma, &lambda, v + series.n, NULL, NULL) == 0);
    CU_ASSERT(memcmp(v, v + series.n, 301 * sizeof *v) == 0);
    CU_ASSERT(v[301] != v[series.n + 301]);
    free(v);
    tear_down();
}

static void an_instruction_set_can_be_asked_for_but_not_made_up(void)
{
    enum isa isa;
    struct err err = {0};

    setenv("PLIMSOLL_ISA", "scalar", 1);
    CU_ASSERT(isa_choose(&isa, &err) == 0 && isa == ISA_SCALAR);
    setenv("PLIMSOLL_ISA", "sse9", 1);
    CU_ASSERT(isa_choose(&isa, &err) == -1);
    CU_ASSERT_EQUAL(err.kind, ERR_USAGE);
    CHECK_CONTAINS(err.text, "PLIMSOLL_ISA: sse9 is not scalar, avx2 or avx512");
    if (isa_best() < ISA_AVX512) {
        setenv("PLIMSOLL_ISA", "avx512", 1);
        CU_ASSERT(isa_choose(&isa, &err) == -1);
        CHECK_CONTAINS(err.text, "this machine has no avx512");
    }
    unsetenv("PLIMSOLL_ISA");
    CU_ASSERT(isa_choose(&isa, &err) == 0 && isa == isa_best());
}

int main(void)
{
    CU_TestInfo ewma[] = {
        {"has_the_bits_of_the_formula_with_every_instruction_set",
         has_the_bits_of_the_formula_with_every_instruction_set},
        {"one_path_has_the_bits_of_a_lane_among_many",
         one_path_has_the_bits_of_a_lane_among_many},
        {"never_looks_ahead", never_looks_ahead},
        {"an_instruction_set_can_be_asked_for_but_not_made_up",
         an_instruction_set_can_be_asked_for_but_not_made_up},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"ewma", NULL, NULL, NULL, NULL, ewma},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
