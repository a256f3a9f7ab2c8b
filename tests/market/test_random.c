#include "market/random.h"
#include "tests/check.h"

/* Random123 1.14, tests/kat_vectors, lines "philox4x32 10". */
static void philox_gives_the_published_vectors(void)
{
    static const struct {
        uint32_t counter[4], key[2], out[4];
    } known[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    uint32_t out[4];

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        random_philox(known[i].counter, known[i].key, out);
        CU_ASSERT_EQUAL(memcmp(out, known[i].out, sizeof out), 0);
    }
}

static void a_number_belongs_to_its_place(void)
{
    struct random first = random_at(7, 3, 12, 747), again = first;
    struct random other[] = {random_at(8, 3, 12, 747), random_at(7, 4, 12, 747),
                             random_at(7, 3, 13, 747), random_at(7, 3, 12, 748),
                             random_at(7, 3, 12 + (UINT64_C(1) << 40), 747)};
    const double u = random_uniform(&first);

    CU_ASSERT_EQUAL(random_uniform(&again), u);
    CU_ASSERT_NOT_EQUAL(random_uniform(&first), u);
    for (size_t i = 0; i < sizeof other / sizeof *other; i++)
        CU_ASSERT_NOT_EQUAL(random_uniform(&other[i]), u);
}

enum { N = 200000 };

/* Mean and variance of N draws, each within 4.5 standard deviations of what they
 * should be; fourth is the fourth central moment over the squared variance. */
static void check_moments(double sum, double squares, double mean, double variance,
                          double fourth)
{
    const double m = sum / N, v = squares / N - m * m;

    CU_ASSERT_DOUBLE_EQUAL(m, mean, 4.5 * sqrt(variance / N));
    CU_ASSERT_DOUBLE_EQUAL(v / variance, 1.0, 4.5 * sqrt((fourth - 1.0) / N));
}

static void uniforms_have_their_moments_and_no_end_points(void)
{
    double sum = 0, squares = 0, least = 1, most = 0;

    for (uint32_t t = 0; t < N; t++) {
        struct random random = random_at(1, 1, 1, t);
        const double u = random_uniform(&random);

        sum += u;
        squares += u * u;
        least = fmin(least, u);
        most = fmax(most, u);
    }
    check_moments(sum, squares, 0.5, 1.0 / 12, 1.8);
    CU_ASSERT_TRUE(least > 0 && least < 1e-4);
    CU_ASSERT_TRUE(most < 1 && most > 1 - 1e-4);
}

static void normals_have_their_moments_and_tails(void)
{
    double sum = 0, squares = 0, beyond = 0;

    for (uint32_t t = 0; t < N; t++) {
        struct random random = random_at(2, 1, 1, t);
        const double z = random_normal(&random);

        sum += z;
        squares += z * z;
        beyond += z > 2.3263478740408408; /* 99 % */
    }
    check_moments(sum, squares, 0.0, 1.0, 3.0);
    CU_ASSERT_DOUBLE_EQUAL(beyond, 0.01 * N, 4.5 * sqrt(0.01 * 0.99 * N));
}

/* Gamma(k): mean k, variance k, fourth moment 3 + 6/k. */
static void gammas_have_their_moments(void)
{
    static const double shapes[] = {1.0, 1.25, 3.0, 50.0};

    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        double sum = 0, squares = 0;

        for (uint32_t t = 0; t < N; t++) {
            struct random random = random_at(3, 1, i, t);
            const double g = random_gamma(&random, shapes[i]);

            sum += g;
            squares += g * g;
        }
        check_moments(sum, squares, shapes[i], shapes[i], 3.0 + 6.0 / shapes[i]);
    }
}

static CU_TestInfo tests[] = {
    {"random: philox_gives_the_published_vectors", philox_gives_the_published_vectors},
    {"random: a_number_belongs_to_its_place", a_number_belongs_to_its_place},
    {"random: uniforms_have_their_moments_and_no_end_points",
     uniforms_have_their_moments_and_no_end_points},
    {"random: normals_have_their_moments_and_tails",
     normals_have_their_moments_and_tails},
    {"random: gammas_have_their_moments", gammas_have_their_moments},
    CU_TEST_INFO_NULL,
};

int main(void)
{
    CU_SuiteInfo suites[] = {{"random", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
