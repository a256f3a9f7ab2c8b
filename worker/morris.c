#include "worker/morris.h"
#include "market/random.h"

#include <math.h>
#include <stdbool.h>

enum purpose { PURPOSE_MORRIS = 101 };

/* A whole number below n. */
static size_t draw_below(struct random *random, size_t n)
{
    const size_t drawn = (size_t)(random_uniform(random) * (double)n);

    return drawn < n ? drawn : n - 1;
}

/* Fisher and Yates. */
static void draw_order(struct random *random, size_t k, size_t order[])
{
    for (size_t i = 0; i < k; i++)
        order[i] = i;
    for (size_t i = k; i > 1; i--) {
        const size_t j = draw_below(random, i), kept = order[i - 1];

        order[i - 1] = order[j];
        order[j] = kept;
    }
}

/* B* of Morris 1991, section 3, without the matrices: input i goes between the levels
 * b and b + p/2, up or down as drawn, at the step that the order gives it. */
void morris_trajectory(uint64_t seed, size_t t, size_t p, size_t k, double x[],
                       size_t order[])
{
    struct random random = random_at(seed, PURPOSE_MORRIS, t, 0);

    draw_order(&random, k, order);
    for (size_t s = 0; s < k; s++) {
        const size_t i = order[s], half = p / 2, b = draw_below(&random, half);
        const bool up = random_uniform(&random) < 0.5;

        for (size_t j = 0; j <= k; j++) {
            const bool moved = j > s;

            x[j * k + i] = (double)(moved == up ? b + half : b) / (double)(p - 1);
        }
    }
}

/* Sums of one input's effects. */
struct sums {
    size_t n;
    double d, size;   /* means so far */
    double d2, size2; /* squares about them */
};

/* Welford's update of a mean and of the squares about it. */
static void add(double value, size_t n, double *mean, double *squares)
{
    const double from = value - *mean;

    *mean += from / (double)n;
    *squares += from * (value - *mean);
}

static void add_trajectory(size_t k, size_t i, const double x[], const size_t order[],
                           const double y[], struct sums *sums)
{
    size_t s = 0;

    while (s < k && order[s] != i)
        s++;
    if (s == k)
        return;
    const double step = x[(s + 1) * k + i] - x[s * k + i];
    const double d = (y[s + 1] - y[s]) / step;
    if (step == 0.0 || isnan(d))
        return;
    sums->n++;
    add(d, sums->n, &sums->d, &sums->d2);
    add(fabs(d), sums->n, &sums->size, &sums->size2);
}

void morris_effects(size_t r, size_t k, const double x[], const size_t order[],
                    const double y[], struct morris_effect effect[])
{
    for (size_t i = 0; i < k; i++) {
        struct sums sums = {0};

        for (size_t t = 0; t < r; t++)
            add_trajectory(k, i, x + t * (k + 1) * k, order + t * k, y + t * (k + 1),
                           &sums);
        const double n = (double)sums.n;
        effect[i] = (struct morris_effect){
            .n = sums.n,
            .mu = sums.n > 0 ? sums.d : NAN,
            .mu_star = sums.n > 0 ? sums.size : NAN,
            .sigma = sums.n > 1 ? sqrt(sums.d2 / (n - 1.0)) : NAN,
            .mu_star_error = sums.n > 1 ? sqrt(sums.size2 / (n - 1.0) / n) : NAN,
        };
    }
}
