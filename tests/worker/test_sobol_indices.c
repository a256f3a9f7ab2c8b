#include "market/random.h"
#include "tests/check.h"
#include "worker/sobol_indices.h"

#include <stdlib.h>

typedef double output(const double x[]);

struct study_of {
    size_t n, k;
    double *a, *b, *fa, *fb, *fab, *replicate;
    size_t *row, *drawn;
};

static struct study_of begin(size_t n, size_t k, size_t n_replicates)
{
    return (struct study_of){
        .n = n,
        .k = k,
        .a = malloc(n * k * sizeof(double)),
        .b = malloc(n * k * sizeof(double)),
        .fa = malloc(n * sizeof(double)),
        .fb = malloc(n * sizeof(double)),
        .fab = malloc(n * k * sizeof(double)),
        .replicate = malloc((2 * k * n_replicates + 1) * sizeof(double)),
        .row = malloc(n * sizeof(size_t)),
        .drawn = malloc(n * sizeof(size_t)),
    };
}

static void end(struct study_of *of)
{
    free(of->a);
    free(of->b);
    free(of->fa);
    free(of->fb);
    free(of->fab);
    free(of->replicate);
    free(of->row);
    free(of->drawn);
}

static void evaluate(struct study_of *of, output *f)
{
    double x[SOBOL_INPUTS_MAX];

    for (size_t j = 0; j < of->n; j++) {
        of->fa[j] = f(of->a + j * of->k);
        of->fb[j] = f(of->b + j * of->k);
        for (size_t i = 0; i < of->k; i++) {
            memcpy(x, of->a + j * of->k, of->k * sizeof *x);
            x[i] = of->b[j * of->k + i];
            of->fab[i * of->n + j] = f(x);
        }
    }
}

static size_t estimate(struct study_of *of, size_t n_replicates, uint64_t seed,
                       struct sobol_index index[])
{
    const struct sobol_outputs outputs = {of->n, of->k, of->fa, of->fb, of->fab};
    const struct sobol_bootstrap bootstrap = {n_replicates, 0.95, seed};
    const struct sobol_room room = {of->row, of->drawn, of->replicate};

    return sobol_indices(&outputs, &bootstrap, &room, index);
}

static double ishigami(const double x[])
{
    const double a = 7.0, b = 0.1;
    double z[3];

    for (int i = 0; i < 3; i++)
        z[i] = M_PI * (2.0 * x[i] - 1.0);
    return sin(z[0]) + a * sin(z[1]) * sin(z[1]) + b * pow(z[2], 4.0) * sin(z[0]);
}

/* Worked out by hand: V_1 = (1 + b pi^4 / 5)^2 / 2, V_2 = a^2 / 8, V_13 = 8 b^2 pi^8 /
 * 225 (Ishigami and Homma 1990). */
static void ishigami_has_its_indices(void)
{
    const double a = 7.0, b = 0.1, pi4 = pow(M_PI, 4.0);
    const double v1 = 0.5 * pow(1.0 + b * pi4 / 5.0, 2.0), v2 = a * a / 8.0,
                 v13 = 8.0 * b * b * pi4 * pi4 / 225.0, v = v1 + v2 + v13;
    const double first[] = {v1 / v, v2 / v, 0.0},
                 total[] = {(v1 + v13) / v, v2 / v, v13 / v};
    struct study_of of = begin(8192, 3, 200);
    struct sobol_index index[3];

    CU_ASSERT_DOUBLE_EQUAL(first[0], 0.3139, 5e-5); /* as published */
    CU_ASSERT_DOUBLE_EQUAL(first[1], 0.4424, 5e-5);
    CU_ASSERT_DOUBLE_EQUAL(total[0], 0.5576, 5e-5);
    CU_ASSERT_DOUBLE_EQUAL(total[2], 0.2437, 5e-5);
    CU_ASSERT_EQUAL(sobol_indices_design(of.n, of.k, of.a, of.b, NULL), 0);
    evaluate(&of, ishigami);
    CU_ASSERT_EQUAL(estimate(&of, 200, 11, index), of.n);
    for (size_t i = 0; i < 3; i++) {
        /* half of 0.01, the bootstrap's standard error of plain random points here */
        CU_ASSERT_DOUBLE_EQUAL(index[i].first, first[i], 0.005);
        CU_ASSERT_DOUBLE_EQUAL(index[i].total, total[i], 0.005);
        CU_ASSERT(index[i].first_low <= first[i] && first[i] <= index[i].first_high);
        CU_ASSERT(index[i].total_low <= total[i] && total[i] <= index[i].total_high);
    }
    end(&of);
}

static const double g_weight[8] = {0, 1, 4.5, 9, 99, 99, 99, 99};

static double sobol_g(const double x[])
{
    double y = 1.0;

    for (size_t i = 0; i < 8; i++)
        y *= (fabs(4.0 * x[i] - 2.0) + g_weight[i]) / (1.0 + g_weight[i]);
    return y;
}

/* V_i = 1 / (3 (1 + a_i)^2), V = prod (1 + V_i) - 1 (Saltelli and Sobol' 1995). */
static void sobol_g_has_its_indices(void)
{
    struct study_of of = begin(8192, 8, 200);
    struct sobol_index index[8];
    double part[8], all = 1.0;

    for (size_t i = 0; i < 8; i++) {
        part[i] = 1.0 / (3.0 * pow(1.0 + g_weight[i], 2.0));
        all *= 1.0 + part[i];
    }
    CU_ASSERT_EQUAL(sobol_indices_design(of.n, of.k, of.a, of.b, NULL), 0);
    evaluate(&of, sobol_g);
    estimate(&of, 200, 12, index);
    for (size_t i = 0; i < 8; i++) {
        const double first = part[i] / (all - 1.0),
                     total = part[i] * all / (1.0 + part[i]) / (all - 1.0);

        CU_ASSERT_DOUBLE_EQUAL(index[i].first, first, 0.005);
        CU_ASSERT_DOUBLE_EQUAL(index[i].total, total, 0.005);
        CU_ASSERT(index[i].total_low <= index[i].total &&
                  index[i].total <= index[i].total_high);
    }
    end(&of);
}

static double plane(const double x[])
{
    return 3.0 * x[0] - x[1];
}

/* S = ST = (0.9, 0.1) of a plane.  Plain random rows are independent, as the bootstrap
 * takes them to be: intervals of 95 % cover the truth that often. */
static void intervals_cover_the_truth_as_often_as_they_say(void)
{
    enum { ROUNDS = 300, ROWS = 256, REPLICATES = 200 };
    struct study_of of = begin(ROWS, 2, REPLICATES);
    struct sobol_index index[2];
    int first = 0, total = 0;

    for (uint64_t round = 0; round < ROUNDS; round++) {
        struct random random = random_at(2024, 0, round, 0);

        for (size_t i = 0; i < 2 * ROWS; i++) {
            of.a[i] = random_uniform(&random);
            of.b[i] = random_uniform(&random);
        }
        evaluate(&of, plane);
        estimate(&of, REPLICATES, round, index);
        first += index[0].first_low <= 0.9 && 0.9 <= index[0].first_high;
        total += index[0].total_low <= 0.9 && 0.9 <= index[0].total_high;
    }
    /* 0.95, less 0.03 for percentiles of a skewed estimate, and 4 standard deviations
     * of 300 trials, 0.063 */
    CU_ASSERT(first >= 0.857 * ROUNDS);
    CU_ASSERT(total >= 0.857 * ROUNDS);
    CU_ASSERT(first < ROUNDS && total < ROUNDS);
    end(&of);
}

static double nothing(const double x[])
{
    (void)x;
    return 0.04;
}

static void a_constant_has_no_indices(void)
{
    struct study_of of = begin(64, 3, 10);
    struct sobol_index index[3];

    CU_ASSERT_EQUAL(sobol_indices_design(of.n, of.k, of.a, of.b, NULL), 0);
    evaluate(&of, nothing);
    CU_ASSERT_EQUAL(estimate(&of, 10, 1, index), 64);
    CU_ASSERT(isnan(index[0].first) && isnan(index[2].total_high));
    end(&of);
}

/* A longer design begins with the shorter one's rows. */
static void rows_with_an_undefined_output_are_left_out(void)
{
    struct study_of half = begin(256, 2, 50), full = begin(512, 2, 50);
    struct sobol_index whole[2], holed[2];

    CU_ASSERT_EQUAL(sobol_indices_design(half.n, half.k, half.a, half.b, NULL), 0);
    CU_ASSERT_EQUAL(sobol_indices_design(full.n, full.k, full.a, full.b, NULL), 0);
    evaluate(&half, plane);
    evaluate(&full, plane);
    for (size_t j = 256; j < 512; j++)
        *(j % 3 == 0   ? &full.fa[j]
          : j % 3 == 1 ? &full.fb[j]
                       : &full.fab[512 + j]) = NAN;
    CU_ASSERT_EQUAL(estimate(&half, 50, 1, whole), 256);
    CU_ASSERT_EQUAL(estimate(&full, 50, 1, holed), 256);
    CU_ASSERT(memcmp(whole, holed, sizeof whole) == 0);
    end(&half);
    end(&full);
}

static void more_inputs_than_the_sequence_has_are_refused(void)
{
    struct err err = {0};

    CU_ASSERT_EQUAL(sobol_indices_design(1, SOBOL_INPUTS_MAX + 1, NULL, NULL, &err),
                    -1);
    CU_ASSERT_EQUAL(err.kind, ERR_INPUT);
}

int main(void)
{
    CU_TestInfo sobol[] = {
        {"ishigami_has_its_indices", ishigami_has_its_indices},
        {"sobol_g_has_its_indices", sobol_g_has_its_indices},
        {"intervals_cover_the_truth_as_often_as_they_say",
         intervals_cover_the_truth_as_often_as_they_say},
        {"a_constant_has_no_indices", a_constant_has_no_indices},
        {"rows_with_an_undefined_output_are_left_out",
         rows_with_an_undefined_output_are_left_out},
        {"more_inputs_than_the_sequence_has_are_refused",
         more_inputs_than_the_sequence_has_are_refused},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"sobol_indices", NULL, NULL, NULL, NULL, sobol},
        CU_SUITE_INFO_NULL,
    };

    return check_run(suites);
}
