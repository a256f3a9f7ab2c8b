/* known_problems.h -- problems of the literature whose optima are known, to search on
 *
 * Each is rated as a study rates a point: a violation that is the sum of what each
 * constraint is broken by, a cost, and the slack. */
#ifndef TESTS_WORKER_KNOWN_PROBLEMS_H
#define TESTS_WORKER_KNOWN_PROBLEMS_H

#include "worker/search.h"

#include <math.h>

struct known_problem {
    const char *name;
    size_t d;
    double from[AXES_MAX], to[AXES_MAX];
    /* f, and n_g values g <= 0 */
    double (*f)(size_t d, const double x[]);
    size_t n_g;
    void (*g)(const double x[], double g[]);
    double optimum; /* published */
};

static double known_g06(size_t d, const double x[])
{
    (void)d;
    return pow(x[0] - 10.0, 3.0) + pow(x[1] - 20.0, 3.0);
}

static void known_g06_limits(const double x[], double g[])
{
    g[0] = -(x[0] - 5.0) * (x[0] - 5.0) - (x[1] - 5.0) * (x[1] - 5.0) + 100.0;
    g[1] = (x[0] - 6.0) * (x[0] - 6.0) + (x[1] - 5.0) * (x[1] - 5.0) - 82.81;
}

static double known_g08(size_t d, const double x[])
{
    const double pi = 3.14159265358979323846;

    (void)d;
    if (x[0] == 0.0)
        return NAN;
    return -pow(sin(2.0 * pi * x[0]), 3.0) * sin(2.0 * pi * x[1]) /
           (pow(x[0], 3.0) * (x[0] + x[1]));
}

static void known_g08_limits(const double x[], double g[])
{
    g[0] = x[0] * x[0] - x[1] + 1.0;
    g[1] = 1.0 - x[0] + (x[1] - 4.0) * (x[1] - 4.0);
}

static double known_rosenbrock(size_t d, const double x[])
{
    double sum = 0.0;

    for (size_t i = 0; i + 1 < d; i++)
        sum += 100.0 * pow(x[i + 1] - x[i] * x[i], 2.0) + pow(1.0 - x[i], 2.0);
    return sum;
}

static double known_ackley(size_t d, const double x[])
{
    const double pi = 3.14159265358979323846;
    double squares = 0.0, waves = 0.0;

    for (size_t i = 0; i < d; i++) {
        squares += x[i] * x[i];
        waves += cos(2.0 * pi * x[i]);
    }
    return -20.0 * exp(-0.2 * sqrt(squares / (double)d)) - exp(waves / (double)d) +
           20.0 + exp(1.0);
}

/* J. J. Liang et al., "Problem definitions and evaluation criteria for the CEC 2006
 * special session on constrained real-parameter optimization"; H. H. Rosenbrock (1960);
 * D. H. Ackley (1987).  Uneven bounds, so that no optimum is in the middle. */
static const struct known_problem known_problems[] = {
    {.name = "G06",
     .d = 2,
     .from = {13.0, 0.0},
     .to = {100.0, 100.0},
     .f = known_g06,
     .n_g = 2,
     .g = known_g06_limits,
     .optimum = -6961.81387558015},
    {.name = "G08",
     .d = 2,
     .from = {0.0, 0.0},
     .to = {10.0, 10.0},
     .f = known_g08,
     .n_g = 2,
     .g = known_g08_limits,
     .optimum = -0.0958250414180359},
    {.name = "Rosenbrock",
     .d = 5,
     .from = {-5.0, -5.0, -5.0, -5.0, -5.0},
     .to = {10.0, 10.0, 10.0, 10.0, 10.0},
     .f = known_rosenbrock,
     .optimum = 0.0},
    {.name = "Ackley",
     .d = 5,
     .from = {-15.0, -15.0, -15.0, -15.0, -15.0},
     .to = {30.0, 30.0, 30.0, 30.0, 30.0},
     .f = known_ackley,
     .optimum = 0.0},
};

static inline struct rating known_rating(const struct known_problem *problem,
                                         const double x[])
{
    struct rating rating = {.cost = problem->f(problem->d, x), .slack = INFINITY};
    double g[4];

    if (problem->n_g > 0)
        problem->g(x, g);
    for (size_t i = 0; i < problem->n_g; i++) {
        rating.violation += fmax(0.0, g[i]);
        rating.slack = fmin(rating.slack, -g[i]);
    }
    return rating;
}

#endif /* TESTS_WORKER_KNOWN_PROBLEMS_H */
