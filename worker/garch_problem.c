#include "worker/garch_parts.h"

#include <math.h>
#include <string.h>

/* Mean of e^2, and its slope in mu. */
static double target_of(const struct problem *problem, double mu, double *slope)
{
    const struct garch_weights *whole = &problem->sample.whole;

    *slope = 2.0 * (mu - whole->mean);
    return whole->square - 2.0 * mu * whole->mean + mu * mu;
}

static void set_target(const struct problem *problem,
                       double parameter[GARCH_PARAMETERS])
{
    double slope;

    if (problem->spec->targeting)
        parameter[GARCH_OMEGA] = target_of(problem, parameter[GARCH_MU], &slope) *
                                 (1.0 - garch_persistence(parameter));
}

void problem_natural(const struct problem *problem, const double u[BOX_N],
                     double parameter[GARCH_PARAMETERS])
{
    const double shock = u[BOX_P] * u[BOX_S];
    const bool gjr = problem->spec->gjr;

    parameter[GARCH_MU] = u[BOX_MU];
    parameter[GARCH_OMEGA] = u[BOX_OMEGA];
    parameter[GARCH_ALPHA] = gjr ? 2.0 * u[BOX_A] * shock : shock;
    parameter[GARCH_GAMMA] = gjr ? 2.0 * (1.0 - 2.0 * u[BOX_A]) * shock : 0.0;
    parameter[GARCH_BETA] = u[BOX_P] * (1.0 - u[BOX_S]);
    parameter[GARCH_NU] = problem->spec->student ? 1.0 / u[BOX_ETA] : 0.0;
    set_target(problem, parameter);
}

bool problem_estimates(const struct problem *problem, enum garch_parameter i)
{
    const struct garch_spec *spec = problem->spec;

    return i == GARCH_MU      ? spec->mean
           : i == GARCH_OMEGA ? !spec->targeting
           : i == GARCH_GAMMA ? spec->gjr
           : i == GARCH_NU    ? spec->student
                              : true;
}

/* d omega / d parameter, where omega is targeted */
static void target_slopes(const struct problem *problem,
                          const double parameter[GARCH_PARAMETERS],
                          double slope[GARCH_PARAMETERS])
{
    double by_mu;
    const double target = target_of(problem, parameter[GARCH_MU], &by_mu);

    memset(slope, 0, GARCH_PARAMETERS * sizeof *slope);
    slope[GARCH_MU] = by_mu * (1.0 - garch_persistence(parameter));
    slope[GARCH_ALPHA] = slope[GARCH_BETA] = -target;
    slope[GARCH_GAMMA] = -0.5 * target;
}

/* B' = J B J', J = 1 + slope omega' */
static void target_outer(const double slope[GARCH_PARAMETERS], double *outer)
{
    enum { N = GARCH_PARAMETERS };

    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            if (i != GARCH_OMEGA)
                outer[i * N + j] += slope[i] * outer[GARCH_OMEGA * N + j];
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            if (j != GARCH_OMEGA)
                outer[i * N + j] += slope[j] * outer[i * N + GARCH_OMEGA];
}

double problem_natural_value(struct problem *problem,
                             double parameter[GARCH_PARAMETERS], double *gradient,
                             double *outer)
{
    double g[GARCH_PARAMETERS], slope[GARCH_PARAMETERS];

    set_target(problem, parameter);
    const double value = garch_likelihood(problem->spec, &problem->sample, parameter,
                                          gradient == NULL ? NULL : g, outer);
    problem->n_evaluations++;
    if (problem->spec->targeting) {
        target_slopes(problem, parameter, slope);
        if (outer != NULL)
            target_outer(slope, outer);
        if (gradient != NULL)
            for (int i = 0; i < GARCH_PARAMETERS; i++)
                g[i] += slope[i] * g[GARCH_OMEGA];
    }
    if (gradient != NULL)
        for (int i = 0; i < GARCH_PARAMETERS; i++)
            gradient[i] = problem_estimates(problem, i) ? g[i] : 0.0;
    return value;
}

double problem_value(struct problem *problem, const double u[BOX_N],
                     double gradient[BOX_N])
{
    double parameter[GARCH_PARAMETERS], g[GARCH_PARAMETERS];
    const double p = u[BOX_P], s = u[BOX_S], a = u[BOX_A];

    problem_natural(problem, u, parameter);
    const double value = problem_natural_value(problem, parameter, g, NULL);
    const double shock =
        problem->spec->gjr
            ? 2.0 * (a * g[GARCH_ALPHA] + (1.0 - 2.0 * a) * g[GARCH_GAMMA])
            : g[GARCH_ALPHA];
    gradient[BOX_MU] = g[GARCH_MU];
    gradient[BOX_OMEGA] = g[GARCH_OMEGA];
    gradient[BOX_P] = shock * s + g[GARCH_BETA] * (1.0 - s);
    gradient[BOX_S] = (shock - g[GARCH_BETA]) * p;
    gradient[BOX_A] = (2.0 * g[GARCH_ALPHA] - 4.0 * g[GARCH_GAMMA]) * p * s;
    gradient[BOX_ETA] = -g[GARCH_NU] * parameter[GARCH_NU] * parameter[GARCH_NU];
    for (int i = 0; i < BOX_N; i++)
        if (!problem->is_free[i])
            gradient[i] = 0.0;
    return value;
}
