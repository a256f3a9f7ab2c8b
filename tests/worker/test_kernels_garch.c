#include "tests/check.h"
#include "tests/sample.h"
#include "worker/garch.h"
#include "worker/kernels.h"

#include <stdlib.h>

enum { BARS = 1013 };

static double r[BARS], variance[BARS][KERNEL_LANES];
static double parameter[GARCH_PARAMETERS][KERNEL_LANES], state[KERNEL_LANES];

/* Lanes from GARCH(1,1) to strong leverage; some returns stand exactly on a mean, some
 * are missing, one at each end among them. */
static void set_up(void)
{
    struct sample sample = {747};

    for (size_t t = 0; t < BARS; t++) {
        r[t] = 0.01 * sample_return(&sample);
        if (sample_unit(&sample) < 0.05)
            r[t] = NAN;
    }
    r[0] = r[500] = r[501] = r[BARS - 1] = NAN;
    for (size_t j = 0; j < KERNEL_LANES; j++) {
        parameter[GARCH_MU][j] = 1e-4 * ((double)j - 7.0);
        parameter[GARCH_OMEGA][j] = 1e-6 * (1.0 + sample_unit(&sample));
        parameter[GARCH_ALPHA][j] = 0.1 * sample_unit(&sample);
        parameter[GARCH_GAMMA][j] = j % 4 == 0 ? 0.0 : 0.1 * sample_unit(&sample);
        parameter[GARCH_BETA][j] = 0.6 + 0.25 * sample_unit(&sample);
        state[j] = 1e-4 * (1.0 + sample_unit(&sample));
        r[7 + 3 * j] = parameter[GARCH_MU][j];
        r[8 + 3 * j] = 0.0;
    }
}

static void run(enum isa isa)
{
    double h[KERNEL_LANES];

    memcpy(h, state, sizeof h);
    memset(variance, 0xff, sizeof variance);
    kernels_of(isa)->garch(BARS, r, parameter[0], h, variance[0]);
    CU_ASSERT(memcmp(h, variance[BARS - 1], sizeof h) == 0);
}

/* garch_filter starts from a number before the first return: h[0] = omega when it is 0.
 * The lanes therefore start there too. */
static void has_the_bits_of_the_filter_with_every_instruction_set(void)
{
    static double h[BARS + 1];
    double lane[GARCH_PARAMETERS];

    set_up();
    memcpy(state, parameter[GARCH_OMEGA], sizeof state);
    for (enum isa isa = ISA_SCALAR; isa <= isa_best(); isa++) {
        run(isa);
        for (size_t j = 0; j < KERNEL_LANES; j++) {
            for (int i = 0; i < GARCH_PARAMETERS; i++)
                lane[i] = parameter[i][j];
            garch_filter(lane, 0.0, BARS, r, h);
            for (size_t t = 0; t < BARS; t++)
                CU_ASSERT(memcmp(&h[t + 1], &variance[t][j], sizeof *h) == 0);
        }
    }
}

static void bars_in_pieces_give_the_bits_of_one_call(void)
{
    static double whole[BARS][KERNEL_LANES];
    double h[KERNEL_LANES];

    set_up();
    for (enum isa isa = ISA_SCALAR; isa <= isa_best(); isa++) {
        run(isa);
        memcpy(whole, variance, sizeof whole);
        memcpy(h, state, sizeof h);
        for (size_t t = 0, n; t < BARS; t += n) {
            n = 1 + t % 37 < BARS - t ? 1 + t % 37 : BARS - t;
            kernels_of(isa)->garch(n, r + t, parameter[0], h, variance[t]);
        }
        CU_ASSERT(memcmp(whole, variance, sizeof whole) == 0);
        kernels_of(isa)->garch(0, r, parameter[0], h, variance[0]);
        CU_ASSERT(memcmp(h, whole[BARS - 1], sizeof h) == 0);
    }
}

/* One rounding of each of the three terms, relative to a sum of positive ones. */
static void a_missing_return_counts_as_its_expectation(void)
{
    set_up();
    run(isa_best());
    for (size_t t = 1; t < BARS; t++)
        for (size_t j = 0; isnan(r[t]) && j < KERNEL_LANES; j++)
            CHECK_REL(variance[t][j],
                      parameter[GARCH_OMEGA][j] +
                          (parameter[GARCH_ALPHA][j] + 0.5 * parameter[GARCH_GAMMA][j] +
                           parameter[GARCH_BETA][j]) *
                              variance[t - 1][j],
                      4 * DBL_EPSILON);
}

static void never_looks_ahead(void)
{
    static double before[BARS][KERNEL_LANES];

    set_up();
    for (enum isa isa = ISA_SCALAR; isa <= isa_best(); isa++) {
        r[401] = 0.01;
        run(isa);
        memcpy(before, variance, sizeof before);
        r[401] = -0.07;
        run(isa);
        CU_ASSERT(memcmp(before, variance, 401 * sizeof *before) == 0);
        for (size_t j = 0; j < KERNEL_LANES; j++)
            CU_ASSERT(before[401][j] != variance[401][j]);
    }
}

int main(void)
{
    CU_TestInfo garch[] = {
        {"has_the_bits_of_the_filter_with_every_instruction_set",
         has_the_bits_of_the_filter_with_every_instruction_set},
        {"bars_in_pieces_give_the_bits_of_one_call",
         bars_in_pieces_give_the_bits_of_one_call},
        {"a_missing_return_counts_as_its_expectation",
         a_missing_return_counts_as_its_expectation},
        {"never_looks_ahead", never_looks_ahead},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"kernels: garch", NULL, NULL, NULL, NULL, garch},
                             CU_SUITE_INFO_NULL};

    for (int isa = (int)isa_best() + 1; isa < ISA_COUNT; isa++)
        printf("this machine has no %s: not tested\n", isa_name((enum isa)isa));
    return check_run(suites);
}
