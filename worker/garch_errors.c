#include "worker/cholesky.h"
#include "worker/garch_parts.h"

#include <math.h>
#include <string.h>

struct matrix {
    double at[CHOLESKY_MAX][CHOLESKY_MAX];
};

struct free_ones {
    size_t n;
    int index[GARCH_PARAMETERS];
};

static struct free_ones free_ones_of(const struct problem *problem)
{
    struct free_ones ones = {0};

    for (int i = 0; i < GARCH_PARAMETERS; i++)
        if (problem_estimates(problem, i))
            ones.index[ones.n++] = i;
    return ones;
}

/* Relative to the parameter; mu is 0 as often as not, returns have a scale near 1. */
static double step_of(const double parameter[GARCH_PARAMETERS], int i)
{
    const double relative = 1e-5, least = i == GARCH_OMEGA ? 0.0 : 0.01;

    return relative * (i == GARCH_MU ? 1.0 : fmax(fabs(parameter[i]), least));
}

/* Minus the Hessian, by central differences of the analytic gradient. */
static void find_information(struct problem *problem, const struct free_ones *ones,
                             const double parameter[GARCH_PARAMETERS],
                             struct matrix *out)
{
    for (size_t j = 0; j < ones->n; j++) {
        const int i = ones->index[j];
        const double step = step_of(parameter, i);
        double at[GARCH_PARAMETERS], up[GARCH_PARAMETERS], down[GARCH_PARAMETERS];

        memcpy(at, parameter, sizeof at);
        at[i] = parameter[i] + step;
        const double above = at[i];
        problem_natural_value(problem, at, up, NULL);
        memcpy(at, parameter, sizeof at);
        at[i] = parameter[i] - step;
        const double below = at[i];
        problem_natural_value(problem, at, down, NULL);
        for (size_t k = 0; k < ones->n; k++)
            out->at[k][j] =
                -(up[ones->index[k]] - down[ones->index[k]]) / (above - below);
    }
    for (size_t j = 0; j < ones->n; j++)
        for (size_t k = 0; k < j; k++)
            out->at[j][k] = out->at[k][j] = 0.5 * (out->at[j][k] + out->at[k][j]);
}

static void find_outer(struct problem *problem, const struct free_ones *ones,
                       const double parameter[GARCH_PARAMETERS], struct matrix *out)
{
    double at[GARCH_PARAMETERS], outer[GARCH_PARAMETERS * GARCH_PARAMETERS];

    memcpy(at, parameter, sizeof at);
    problem_natural_value(problem, at, NULL, outer);
    for (size_t j = 0; j < ones->n; j++)
        for (size_t k = 0; k < ones->n; k++)
            out->at[j][k] = outer[ones->index[j] * GARCH_PARAMETERS + ones->index[k]];
}

static bool invert(size_t n, const struct matrix *of, struct matrix *out)
{
    struct matrix copy = *of;

    if (!cholesky_factor(n, copy.at))
        return false;
    cholesky_invert(n, copy.at, out->at);
    return true;
}

/* out[j] = sqrt of the diagonal of a b a */
static double sandwich(size_t n, const struct matrix *a, const struct matrix *b,
                       size_t j)
{
    double sum = 0.0;

    for (size_t k = 0; k < n; k++)
        for (size_t l = 0; l < n; l++)
            sum += a->at[j][k] * b->at[k][l] * a->at[l][j];
    return sqrt(sum);
}

void problem_errors(struct problem *problem, const double parameter[GARCH_PARAMETERS],
                    double error[GARCH_ERRORS][GARCH_PARAMETERS])
{
    const struct free_ones ones = free_ones_of(problem);
    struct matrix information = {0}, outer = {0}, inverse;

    for (int e = 0; e < GARCH_ERRORS; e++)
        for (int i = 0; i < GARCH_PARAMETERS; i++)
            error[e][i] = NAN;
    find_information(problem, &ones, parameter, &information);
    find_outer(problem, &ones, parameter, &outer);
    if (invert(ones.n, &information, &inverse))
        for (size_t j = 0; j < ones.n; j++) {
            error[GARCH_HESSIAN][ones.index[j]] = sqrt(inverse.at[j][j]);
            error[GARCH_QMLE][ones.index[j]] = sandwich(ones.n, &inverse, &outer, j);
        }
    if (invert(ones.n, &outer, &inverse))
        for (size_t j = 0; j < ones.n; j++)
            error[GARCH_OPG][ones.index[j]] = sqrt(inverse.at[j][j]);
}
