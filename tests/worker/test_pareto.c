#include "market/random.h"
#include "tests/check.h"
#include "worker/pareto.h"

#include <stdbool.h>
#include <stdlib.h>

enum { N = 2000 };
static double f[N * 4];
static size_t front[N], room[4 * N];

static void draw(uint64_t round, size_t n, size_t m)
{
    struct random random = random_at(55, 0, round, 0);

    for (size_t i = 0; i < n * m; i++) /* a coarse grid, so that there are equals */
        f[i] = floor(random_uniform(&random) * 20.0) / 20.0;
}

static bool dominates(size_t m, const double a[], const double b[])
{
    bool below = false;

    for (size_t k = 0; k < m; k++) {
        if (a[k] > b[k])
            return false;
        below = below || a[k] < b[k];
    }
    return below;
}

/* The definition, pair by pair. */
static void the_front_is_what_nothing_dominates(void)
{
    for (size_t m = 1; m <= 4; m++)
        for (uint64_t round = 0; round < 20; round++) {
            const size_t n = 150;
            size_t n_want = 0;

            draw(round + 100 * m, n, m);
            f[7 * m] = NAN;
            const size_t n_front = pareto_front(n, m, f, front);
            for (size_t i = 0; i < n; i++) {
                bool is_out = i == 7;

                for (size_t j = 0; j < n && !is_out; j++)
                    if (j != 7)
                        is_out =
                            dominates(m, f + j * m, f + i * m) ||
                            (j < i && memcmp(f + j * m, f + i * m, m * sizeof *f) == 0);
                bool is_in = false;
                for (size_t k = 0; k < n_front; k++)
                    is_in = is_in || front[k] == i;
                CU_ASSERT_EQUAL(is_in, !is_out);
                n_want += !is_out;
            }
            CU_ASSERT_EQUAL(n_front, n_want);
            for (size_t k = 1; k < n_front; k++)
                CU_ASSERT(f[front[k - 1] * m] <= f[front[k] * m]);
        }
}

/* E. Zitzler, K. Deb, L. Thiele, "Comparison of multiobjective evolutionary algorithms:
 * empirical results", Evolutionary Computation 8(2) (2000): f1 = x, f2 = g h(x, g), and
 * the front is at g = 1.  Every second point has a larger g. */
static double zdt(int which, double x, double g)
{
    switch (which) {
    case 1:
        return g * (1.0 - sqrt(x / g));
    case 2:
        return g * (1.0 - (x / g) * (x / g));
    default:
        return g * (1.0 - sqrt(x / g) - x / g * sin(10.0 * M_PI * x));
    }
}

static size_t front_of_zdt(int which)
{
    for (size_t i = 0; i < N; i++) {
        f[2 * i] = (double)(i / 2) / (N / 2 - 1);
        f[2 * i + 1] = zdt(which, f[2 * i], i % 2 == 0 ? 1.0 : 1.0 + 0.001 * (double)i);
    }
    return pareto_front(N, 2, f, front);
}

/* The area below (1, 1) is 1 - integral of f2; a staircase of steps d = 1/999 misses at
 * the most d times the fall of f2, which is 1. */
static void zdt1_and_zdt2_have_their_fronts(void)
{
    static const double reference[] = {1.0, 1.0}, want[] = {2.0 / 3.0, 1.0 / 3.0};

    for (int which = 1; which <= 2; which++) {
        const size_t n_front = front_of_zdt(which);

        CU_ASSERT_EQUAL(n_front, N / 2);
        for (size_t k = 0; k < n_front; k++)
            CU_ASSERT(front[k] % 2 == 0);
        const double got = pareto_hypervolume(2, f, n_front, front, reference, room);
        CU_ASSERT(got <= want[which - 1] && got > want[which - 1] - 1.0 / 999);
    }
}

/* The front of ZDT3 is in five pieces, whose ends are published to ten digits. */
static void zdt3_has_its_five_pieces(void)
{
    static const double piece[5][2] = {{0.0, 0.0830015349},
                                       {0.1822287280, 0.2577623634},
                                       {0.4093136748, 0.4538821041},
                                       {0.6183967944, 0.6525117038},
                                       {0.8233317983, 0.8518328654}};
    const size_t n_front = front_of_zdt(3);
    size_t n_want = 0, n_in = 0;

    for (size_t i = 0; i < N; i += 2) /* a step of the sampling beside an end may go */
        for (int p = 0; p < 5; p++)
            n_want += f[2 * i] >= piece[p][0] && f[2 * i] <= piece[p][1];
    for (size_t k = 0; k < n_front; k++) {
        bool is_in = false;

        for (int p = 0; p < 5; p++)
            is_in = is_in || (f[2 * front[k]] > piece[p][0] - 1.1 / 999 &&
                              f[2 * front[k]] < piece[p][1] + 1.1 / 999);
        CU_ASSERT(is_in && front[k] % 2 == 0);
        n_in += is_in;
    }
    CU_ASSERT(n_in + 10 >= n_want && n_in <= n_want + 10);
}

/* x + 1 - sqrt(x) is least at x = 1/4. */
static void the_knee_of_zdt1_is_at_a_quarter(void)
{
    static const double even[] = {1.0, 1.0}, steep[] = {1.0, 2.0};
    const size_t n_front = front_of_zdt(1);

    CU_ASSERT_DOUBLE_EQUAL(f[2 * front[pareto_prefer(2, f, n_front, front, even)]],
                           0.25, 1.0 / 999);
    /* x + 2 (1 - sqrt(x)) is least at the end, 1 */
    CU_ASSERT_EQUAL(f[2 * front[pareto_prefer(2, f, n_front, front, steep)]], 1.0);
    /* scales do not matter, nor does an objective that is the same for all */
    for (size_t i = N; i-- > 0;) {
        const double one = f[2 * i], two = f[2 * i + 1];

        f[3 * i] = 1e-6 * one;
        f[3 * i + 1] = 7.0;
        f[3 * i + 2] = 1e6 * two - 5.0;
    }
    static const double three[] = {1.0, 1.0, 1.0};
    CU_ASSERT_DOUBLE_EQUAL(f[3 * front[pareto_prefer(3, f, n_front, front, three)]],
                           0.25e-6, 1e-6 / 999);
}

/* The volume of a union of boxes by inclusion and exclusion. */
static double by_exclusion(size_t n, size_t m, const double reference[])
{
    double sum = 0.0;

    for (unsigned set = 1; set < 1u << n; set++) {
        double box = 1.0;
        int sign = -1;

        for (size_t k = 0; k < m; k++) {
            double from = -INFINITY;

            for (size_t i = 0; i < n; i++)
                if (set >> i & 1)
                    from = fmax(from, f[i * m + k]);
            box *= fmax(0.0, reference[k] - from);
        }
        for (size_t i = 0; i < n; i++)
            sign = set >> i & 1 ? -sign : sign;
        sum += sign * box;
    }
    return sum;
}

static void the_hypervolume_is_that_of_the_boxes_together(void)
{
    static const double reference[] = {0.9, 0.95, 0.8, 0.85};
    const size_t n = 9;

    for (size_t m = 1; m <= 4; m++)
        for (uint64_t round = 0; round < 50; round++) {
            draw(round + 7000 * m, n, m);
            for (size_t i = 0; i < n; i++)
                front[i] = i;
            const double want = by_exclusion(n, m, reference);

            /* 511 boxes of at most 1, some roundings each; dominated points and such as
             * are beyond the reference are among them */
            CU_ASSERT_DOUBLE_EQUAL(pareto_hypervolume(m, f, n, front, reference, room),
                                   want, 511 * 5 * DBL_EPSILON);
            const size_t n_front = pareto_front(n, m, f, front);
            CU_ASSERT_DOUBLE_EQUAL(
                pareto_hypervolume(m, f, n_front, front, reference, room), want,
                511 * 5 * DBL_EPSILON);
        }
}

/* DTLZ1's front, f1 + f2 + f3 = 1/2, below (1/2, 1/2, 1/2): 1/8 - 1/48 in the limit. */
static void a_plane_of_three_objectives_has_its_volume(void)
{
    enum { STEPS = 40 };
    static const double reference[] = {0.5, 0.5, 0.5};
    size_t n = 0;

    for (int i = 0; i <= STEPS; i++)
        for (int j = 0; i + j <= STEPS; j++) {
            f[3 * n] = 0.5 * i / STEPS;
            f[3 * n + 1] = 0.5 * j / STEPS;
            f[3 * n + 2] = 0.5 * (STEPS - i - j) / STEPS;
            n++;
        }
    const size_t n_front = pareto_front(n, 3, f, front);
    CU_ASSERT_EQUAL(n_front, n);
    const double got = pareto_hypervolume(3, f, n_front, front, reference, room);
    /* cubes of side d = 1/80 at or beyond the plane by less than two steps: the tetra-
     * hedron of the missing cubes has side 1/2 + 2 d at the most */
    const double d = 0.5 / STEPS, want = 1.0 / 8 - 1.0 / 48;
    CU_ASSERT(got < want);
    CU_ASSERT(got > 1.0 / 8 - pow(0.5 + 2.0 * d, 3.0) / 6.0);
}

int main(void)
{
    CU_TestInfo pareto[] = {
        {"the_front_is_what_nothing_dominates", the_front_is_what_nothing_dominates},
        {"zdt1_and_zdt2_have_their_fronts", zdt1_and_zdt2_have_their_fronts},
        {"zdt3_has_its_five_pieces", zdt3_has_its_five_pieces},
        {"the_knee_of_zdt1_is_at_a_quarter", the_knee_of_zdt1_is_at_a_quarter},
        {"the_hypervolume_is_that_of_the_boxes_together",
         the_hypervolume_is_that_of_the_boxes_together},
        {"a_plane_of_three_objectives_has_its_volume",
         a_plane_of_three_objectives_has_its_volume},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"pareto", NULL, NULL, NULL, NULL, pareto},
        CU_SUITE_INFO_NULL,
    };

    return check_run(suites);
}
