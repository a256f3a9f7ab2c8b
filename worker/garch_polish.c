#include "worker/cholesky.h"
#include "worker/garch_parts.h"

#include <math.h>
#include <string.h>

enum { ITERATIONS_MAX = 60 };

/* Rounding of ln L: its terms are summed in double precision. */
static double slack_of(double value)
{
    return 1e-12 * (1.0 + fabs(value));
}

/* Steps of the differences: the error of a central one is of the order of the square,
 * of a one-sided one of the order of the step, both relative to the coordinate. */
static double step_of(const double u[BOX_N], int i)
{
    const double relative = 1e-5;

    switch (i) {
    case BOX_OMEGA:
        return relative * u[i];
    case BOX_P:
        return relative * fmax(1.0 - u[i], 1e-4);
    case BOX_S:
        return relative * fmax(u[i], 1e-3);
    case BOX_ETA:
        return relative * u[i];
    default:
        return relative;
    }
}

struct newton {
    size_t n;         /* coordinates that move    */
    int index[BOX_N]; /* which                    */
    double gradient[BOX_N];
    double curvature[CHOLESKY_MAX]
                    [CHOLESKY_MAX]; /* minus the Hessian, those that move */
};

/* On a bound, and uphill leads out of the box. */
static bool is_held(const struct problem *problem, const double u[BOX_N],
                    const double gradient[BOX_N], int i)
{
    return (u[i] <= problem->low[i] && gradient[i] <= 0.0) ||
           (u[i] >= problem->high[i] && gradient[i] >= 0.0);
}

/* The free coordinates that are not held; the asymmetry means nothing without shocks.
 */
static void choose_moving(const struct problem *problem, const double u[BOX_N],
                          struct newton *newton)
{
    const bool no_shocks =
        is_held(problem, u, newton->gradient, BOX_S) && u[BOX_S] == 0.0;

    newton->n = 0;
    for (int i = 0; i < BOX_N; i++)
        if (problem->is_free[i] && !is_held(problem, u, newton->gradient, i) &&
            !(i == BOX_A && no_shocks))
            newton->index[newton->n++] = i;
}

static void find_curvature(struct problem *problem, const double u[BOX_N],
                           struct newton *newton)
{
    double(*c)[CHOLESKY_MAX] = newton->curvature;

    for (size_t j = 0; j < newton->n; j++) {
        const int i = newton->index[j];
        const double step = step_of(u, i);
        double at[BOX_N], up[BOX_N], down[BOX_N];

        memcpy(at, u, sizeof at);
        at[i] = fmin(u[i] + step, problem->high[i]);
        const double above = at[i];
        problem_value(problem, at, up);
        at[i] = fmax(u[i] - step, problem->low[i]);
        problem_value(problem, at, down);
        for (size_t k = 0; k < newton->n; k++)
            c[k][j] =
                -(up[newton->index[k]] - down[newton->index[k]]) / (above - at[i]);
    }
    for (size_t j = 0; j < newton->n; j++)
        for (size_t k = 0; k < j; k++)
            c[j][k] = c[k][j] = 0.5 * (c[j][k] + c[k][j]);
}

/* step = (curvature + ridge |diagonal|)^-1 gradient; false: not positive definite. */
static bool solve(const struct newton *newton, double ridge, double step[BOX_N])
{
    double a[CHOLESKY_MAX][CHOLESKY_MAX];

    memcpy(a, newton->curvature, sizeof a);
    for (size_t j = 0; j < newton->n; j++) {
        a[j][j] += ridge * (fabs(a[j][j]) + 1e-6);
        step[j] = newton->gradient[newton->index[j]];
    }
    if (!cholesky_factor(newton->n, a))
        return false;
    cholesky_solve(newton->n, a, step);
    return true;
}

/* sqrt(g' C^-1 g): how far the quadratic's maximum is in standard errors. */
static double distance_of(const struct newton *newton, const double step[BOX_N])
{
    double sum = 0.0;

    for (size_t j = 0; j < newton->n; j++)
        sum += step[j] * newton->gradient[newton->index[j]];
    return sqrt(sum);
}

static bool try_step(struct problem *problem, struct stop *stop, struct newton *newton,
                     const double step[BOX_N])
{
    double at[BOX_N], gradient[BOX_N];

    memcpy(at, stop->u, sizeof at);
    for (size_t j = 0; j < newton->n; j++) {
        const int i = newton->index[j];

        at[i] = fmin(fmax(at[i] + step[j], problem->low[i]), problem->high[i]);
    }
    const double value = problem_value(problem, at, gradient);
    if (!(value >= stop->value - slack_of(stop->value)))
        return false;
    memcpy(stop->u, at, sizeof at);
    memcpy(newton->gradient, gradient, sizeof gradient);
    stop->value = value;
    return true;
}

/* One step with as little ridge as makes it climb; false: none does. */
static bool climb(struct problem *problem, struct stop *stop, struct newton *newton)
{
    const double most = 1e12;

    for (double ridge = 0.0; ridge < most; ridge = ridge == 0.0 ? 1e-4 : 10.0 * ridge) {
        double step[BOX_N];

        if (solve(newton, ridge, step) && try_step(problem, stop, newton, step))
            return true;
    }
    return false;
}

static bool is_at_bound(const struct problem *problem, const struct stop *stop)
{
    for (int i = 0; i < BOX_N; i++)
        if (problem->is_free[i] &&
            (stop->u[i] <= problem->low[i] || stop->u[i] >= problem->high[i]))
            return true;
    return false;
}

/* How far is the peak?  Where the likelihood is flat beside a bound, a ridge tells. */
static void measure(const struct problem *problem, const struct newton *newton,
                    struct stop *stop)
{
    double step[BOX_N];

    stop->at_bound = is_at_bound(problem, stop);
    const bool is_peak = solve(newton, 0.0, step);
    const bool is_flat = !is_peak && stop->at_bound && solve(newton, 1e-3, step);
    stop->distance = is_peak || is_flat ? distance_of(newton, step) : NAN;
    stop->converged = stop->distance < GARCH_TOLERANCE;
}

/* Convergence is quadratic: once it is there, go on while a step gains digits. */
void problem_polish(struct problem *problem, struct stop *stop)
{
    const double enough = 1e-11;
    double before = INFINITY;
    struct newton newton;

    stop->converged = false;
    stop->distance = NAN;
    stop->value = problem_value(problem, stop->u, newton.gradient);
    for (stop->n_iterations = 0; isfinite(stop->value); stop->n_iterations++) {
        choose_moving(problem, stop->u, &newton);
        find_curvature(problem, stop->u, &newton);
        measure(problem, &newton, stop);
        if (stop->converged &&
            !(stop->distance > enough && stop->distance < 0.5 * before))
            break;
        before = stop->distance;
        if (stop->n_iterations == ITERATIONS_MAX || !climb(problem, stop, &newton))
            break;
    }
}
