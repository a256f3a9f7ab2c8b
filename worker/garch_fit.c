#include "worker/garch_fit.h"

#include "core/arith.h"
#include "worker/garch_parts.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_multimin.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const status_names[GARCH_STATUSES] = {
    [GARCH_CONVERGED] = "converged",         [GARCH_AT_BOUND] = "at a bound",
    [GARCH_NOT_CONVERGED] = "not converged", [GARCH_TOO_FEW] = "too few returns",
    [GARCH_CONSTANT] = "constant returns",
};

const char *garch_status_name(enum garch_status status)
{
    return status_names[status];
}

/* ---- open coordinates ---------------------------------------------------------- */

static double open_from_box(const struct problem *problem, const double u[BOX_N], int i)
{
    const double low = problem->low[i], high = problem->high[i];

    return i == BOX_MU      ? u[i]
           : i == BOX_OMEGA ? arith_log(u[i])
                            : arith_log((u[i] - low) / (high - u[i]));
}

/* The box coordinate, and its slope in the open one. */
static double box_from_open(const struct problem *problem, double x, int i,
                            double *slope)
{
    const double low = problem->low[i], high = problem->high[i];

    *slope = 1.0;
    if (i == BOX_MU)
        return fmin(fmax(x, low), high);
    const double e = arith_exp(fmin(fmax(x, -30.0), 30.0));
    if (i == BOX_OMEGA)
        return *slope = fmin(fmax(e, low), high);
    const double share = e / (1.0 + e);
    *slope = (high - low) * share / (1.0 + e);
    return low + (high - low) * share;
}

/* ---- GSL's view: minus the mean log-likelihood -------------------------------- */

static void spread(const struct problem *problem, const gsl_vector *x, double u[BOX_N],
                   double slope[BOX_N])
{
    size_t j = 0;

    for (int i = 0; i < BOX_N; i++)
        if (problem->is_free[i])
            u[i] = box_from_open(problem, gsl_vector_get(x, j++), i, &slope[i]);
}

static const double neutral[BOX_N] = {
    [BOX_OMEGA] = 1.0, [BOX_A] = 0.5, [BOX_ETA] = 0.1};

static void value_and_slopes(const gsl_vector *x, void *of, double *value,
                             gsl_vector *g)
{
    struct problem *problem = of;
    const double m = (double)problem->sample.n_there;
    double u[BOX_N], slope[BOX_N], gradient[BOX_N];
    size_t j = 0;

    memcpy(u, neutral, sizeof u);
    spread(problem, x, u, slope);
    *value = -problem_value(problem, u, gradient) / m;
    for (int i = 0; i < BOX_N; i++)
        if (problem->is_free[i])
            gsl_vector_set(g, j++, -gradient[i] * slope[i] / m);
}

/* GSL asks for values and slopes apart; both cost as much as one. */
static double value_only(const gsl_vector *x, void *of)
{
    double room[BOX_N], value;
    gsl_vector_view g = gsl_vector_view_array(room, x->size);

    value_and_slopes(x, of, &value, &g.vector);
    return value;
}

static void slopes_only(const gsl_vector *x, void *of, gsl_vector *g)
{
    double value;

    value_and_slopes(x, of, &value, g);
}

enum { CLIMB_ITERATIONS = 150 };

/* Climb from u with bfgs2 until it finds no more progress or is near enough for
 * Newton's method; what is all but on a bound is put on it. */
static void climb_freely(struct problem *problem, gsl_multimin_fdfminimizer *minimizer,
                         double u[BOX_N])
{
    const double near_bound = 1e-5;
    gsl_multimin_function_fdf f = {value_only, slopes_only, value_and_slopes,
                                   minimizer->x->size, problem};
    double room[BOX_N], slope[BOX_N];
    gsl_vector_view x = gsl_vector_view_array(room, minimizer->x->size);
    size_t j = 0;

    for (int i = 0; i < BOX_N; i++)
        if (problem->is_free[i])
            room[j++] = open_from_box(problem, u, i);
    if (gsl_multimin_fdfminimizer_set(minimizer, &f, &x.vector, 0.1, 0.1) !=
        GSL_SUCCESS)
        return;
    for (int i = 0; i < CLIMB_ITERATIONS; i++)
        if (gsl_multimin_fdfminimizer_iterate(minimizer) != GSL_SUCCESS ||
            gsl_multimin_test_gradient(minimizer->gradient, 1e-6) == GSL_SUCCESS)
            break;
    spread(problem, minimizer->x, u, slope);
    for (int i = BOX_P; i < BOX_N; i++) {
        const double width = problem->high[i] - problem->low[i];

        if (problem->is_free[i] && u[i] - problem->low[i] < near_bound * width)
            u[i] = problem->low[i];
        if (problem->is_free[i] && problem->high[i] - u[i] < near_bound * width * 0.1)
            u[i] = problem->high[i];
    }
}

/* ---- starts ------------------------------------------------------------------- */

/* Short series have several maxima: variances that turn, that hardly remember, and that
 * only decay (omega near 0, a new listing).  All are run: which start is best tells
 * little of which end will be.  omega = w (1 - p) times the mean square. */
static const struct {
    double p, s, a, eta, w;
} starts[] = {
    {0.98, 0.07, 0.50, 0.15, 1.0},    {0.95, 0.15, 0.35, 0.20, 1.0},
    {0.995, 0.03, 0.50, 0.10, 1.0},   {0.80, 0.30, 0.50, 0.25, 1.0},
    {0.90, 0.05, 0.20, 0.05, 1.0},    {0.30, 0.60, 0.50, 0.30, 1.0},
    {0.997, 0.003, 0.50, 0.20, 0.01}, {0.95, 0.03, 0.50, 0.20, 0.01},
};
enum { N_STARTS = sizeof starts / sizeof *starts };

struct candidate_start {
    double u[BOX_N], value;
};

static int by_value(const void *a, const void *b)
{
    const double x = ((const struct candidate_start *)a)->value;
    const double y = ((const struct candidate_start *)b)->value;

    return (x < y) - (x > y);
}

static void start_from_table(const struct problem *problem, size_t i, double u[BOX_N])
{
    const struct garch_weights *whole = &problem->sample.whole;

    memcpy(u, neutral, BOX_N * sizeof *u);
    u[BOX_MU] = problem->spec->mean ? whole->mean : 0.0;
    u[BOX_P] = starts[i].p;
    u[BOX_S] = starts[i].s;
    u[BOX_OMEGA] =
        (whole->square - u[BOX_MU] * u[BOX_MU]) * (1.0 - u[BOX_P]) * starts[i].w;
    if (problem->spec->gjr)
        u[BOX_A] = starts[i].a;
    if (problem->spec->student)
        u[BOX_ETA] = starts[i].eta;
}

static double inside(const struct problem *problem, double u, int i)
{
    const double margin = 1e-3 * (problem->high[i] - problem->low[i]);

    return fmin(fmax(u, problem->low[i] + margin), problem->high[i] - margin * 1e-3);
}

static void start_from_near(const struct problem *problem, const double *near,
                            double scale, double u[BOX_N])
{
    const double shock = near[GARCH_ALPHA] + 0.5 * near[GARCH_GAMMA];

    memcpy(u, neutral, BOX_N * sizeof *u);
    u[BOX_MU] = problem->spec->mean ? near[GARCH_MU] / scale : 0.0;
    u[BOX_OMEGA] = fmin(fmax(near[GARCH_OMEGA] / (scale * scale), 0x1p-30), 0x1p10);
    u[BOX_P] = inside(problem, garch_persistence(near), BOX_P);
    u[BOX_S] = inside(problem, shock / u[BOX_P], BOX_S);
    if (problem->spec->gjr && shock > 0.0)
        u[BOX_A] = inside(problem, near[GARCH_ALPHA] / (2.0 * shock), BOX_A);
    if (problem->spec->student)
        u[BOX_ETA] = inside(problem, 1.0 / near[GARCH_NU], BOX_ETA);
}

static struct problem problem_of(const struct garch_spec *spec, size_t n,
                                 const double *scaled)
{
    struct problem problem = {
        .spec = spec,
        .sample = garch_sample_of(spec, n, scaled),
        .is_free = {spec->mean, !spec->targeting, true, true, spec->gjr, spec->student},
        .low = {-1e3, 0x1p-40, 0.0, 0.0, 0.0, 1.0 / 500},
        .high = {1e3, 0x1p20, 1.0 - 0x1p-20, 1.0, 1.0, 1.0 / 2.02},
    };

    return problem;
}

static bool is_better(const struct stop *a, const struct stop *b)
{
    return a->converged != b->converged ? a->converged : a->value > b->value;
}

/* Run the starts, or the best one where one is near, and keep the best end. */
static int maximise(struct problem *problem, const double *near, double scale,
                    struct stop *best, struct err *err)
{
    struct candidate_start start[N_STARTS + 1];
    size_t n = 0, n_free = 0;
    double g[BOX_N];

    for (size_t i = 0; i < N_STARTS; i++)
        start_from_table(problem, i, start[n++].u);
    if (near != NULL)
        start_from_near(problem, near, scale, start[n++].u);
    for (size_t i = 0; i < n; i++)
        start[i].value = problem_value(problem, start[i].u, g);
    qsort(start, n, sizeof *start, by_value);

    for (int i = 0; i < BOX_N; i++)
        n_free += problem->is_free[i];
    gsl_multimin_fdfminimizer *minimizer =
        gsl_multimin_fdfminimizer_alloc(gsl_multimin_fdfminimizer_vector_bfgs2, n_free);
    if (minimizer == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a fit");
    for (size_t i = 0; i < (near != NULL ? 1 : n); i++) {
        struct stop stop = {0};

        memcpy(stop.u, start[i].u, sizeof stop.u);
        climb_freely(problem, minimizer, stop.u);
        problem_polish(problem, &stop);
        if (i == 0 || is_better(&stop, best))
            *best = stop;
    }
    gsl_multimin_fdfminimizer_free(minimizer);
    return 0;
}

/* ---- the result, in units of the returns ---------------------------------------- */

/* Bit 2 i: the low bound of box coordinate i, 2 i + 1 the high one. */
static unsigned bounds_of(const struct problem *problem, const double u[BOX_N])
{
    unsigned bounds = 0;

    for (int i = 0; i < BOX_N; i++)
        if (problem->is_free[i]) {
            bounds |= (unsigned)(u[i] <= problem->low[i]) << 2 * i;
            bounds |= (unsigned)(u[i] >= problem->high[i]) << (2 * i + 1);
        }
    return bounds;
}

/* A variance of omega alone, and that at its least: where most returns are 0 (frozen
 * prices) Student's likelihood grows without end as the variance goes to 0, and the
 * bound is no more than where that was stopped. */
static bool is_nothing(unsigned bounds)
{
    const unsigned both = 1u << 2 * BOX_OMEGA | 1u << 2 * BOX_P;

    return (bounds & both) == both;
}

const char *garch_bounds_text(const struct garch_fit *fit,
                              char text[GARCH_BOUNDS_TEXT_MAX])
{
    static const char *const words[2 * BOX_N] = {
        "mu least",      "mu most",         "omega 0", "omega most",
        "persistence 0", "persistence 1",   "alpha 0", "beta 0",
        "alpha 0",       "alpha + gamma 0", "nu 500",  "nu 2.02"};
    size_t n = 0;

    text[0] = '\0';
    for (int i = 0; i < 2 * BOX_N; i++)
        if (fit->bounds >> i & 1u)
            n += (size_t)snprintf(text + n, GARCH_BOUNDS_TEXT_MAX - n, "%s%s",
                                  n > 0 ? ", " : "", words[i]);
    return text;
}

static double unit_of(enum garch_parameter i, double scale)
{
    return i == GARCH_MU ? scale : i == GARCH_OMEGA ? scale * scale : 1.0;
}

static void tell(struct problem *problem, const struct stop *stop, double scale,
                 struct garch_fit *fit)
{
    double parameter[GARCH_PARAMETERS], sum = 0.0;
    const double m = (double)problem->sample.n_there;

    problem_natural(problem, stop->u, parameter);
    const unsigned bounds = bounds_of(problem, stop->u);

    fit->status = !stop->converged || is_nothing(bounds) ? GARCH_NOT_CONVERGED
                  : stop->at_bound                       ? GARCH_AT_BOUND
                                                         : GARCH_CONVERGED;
    fit->bounds = fit->status == GARCH_AT_BOUND ? bounds : 0;
    fit->log_likelihood =
        problem_natural_value(problem, parameter, fit->gradient, NULL) -
        m * arith_log(scale);
    fit->start = garch_start_value(problem->spec, &problem->sample, parameter, NULL) *
                 scale * scale;
    fit->distance = stop->distance;
    fit->persistence = garch_persistence(parameter);
    if (fit->status == GARCH_CONVERGED)
        problem_errors(problem, parameter, fit->error);
    for (int i = 0; i < GARCH_PARAMETERS; i++) {
        const double unit = unit_of(i, scale);

        fit->parameter[i] = parameter[i] * unit;
        fit->gradient[i] /= unit;
        sum += fit->gradient[i] * fit->gradient[i];
        for (int e = 0; e < GARCH_ERRORS; e++)
            fit->error[e][i] *= unit;
    }
    fit->gradient_norm = sqrt(sum);
    fit->n_evaluations = problem->n_evaluations;
    fit->n_iterations = stop->n_iterations;
}

static void say_nothing(struct garch_fit *fit)
{
    *fit = (struct garch_fit){.start = NAN,
                              .log_likelihood = NAN,
                              .gradient_norm = NAN,
                              .distance = NAN,
                              .persistence = NAN};
    for (int i = 0; i < GARCH_PARAMETERS; i++) {
        fit->parameter[i] = fit->gradient[i] = NAN;
        for (int e = 0; e < GARCH_ERRORS; e++)
            fit->error[e][i] = NAN;
    }
}

/* A power of two near the root mean square: scaling by it is exact. */
static double scale_of(double mean_square)
{
    return ldexp(1.0, ilogb(mean_square) / 2);
}

/* Too few, nothing to explain, or squares beyond what a double holds? */
static bool is_fit_for_a_fit(size_t n, const double r[], double mean_square,
                             struct garch_fit *fit)
{
    double least = INFINITY, most = -INFINITY;

    for (size_t t = 0; t < n; t++)
        if (!isnan(r[t])) {
            fit->n_there++;
            least = fmin(least, r[t]);
            most = fmax(most, r[t]);
        }
    fit->status = fit->n_there < GARCH_FEWEST ? GARCH_TOO_FEW
                  : !(most > least)           ? GARCH_CONSTANT
                                              : GARCH_NOT_CONVERGED;
    return fit->status == GARCH_NOT_CONVERGED && mean_square >= 0x1p-900 &&
           mean_square <= 0x1p900;
}

int garch_fit(const struct garch_spec *spec, size_t n, const double r[],
              const double near[GARCH_PARAMETERS], struct garch_fit *fit,
              struct err *err)
{
    const struct garch_sample sample = garch_sample_of(spec, n, r);
    struct stop stop;

    say_nothing(fit);
    if (!is_fit_for_a_fit(n, r, sample.whole.square, fit))
        return 0;
    const double scale = scale_of(sample.whole.square);
    double *scaled = malloc(n * sizeof *scaled);
    if (scaled == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu returns", n);
    for (size_t t = 0; t < n; t++)
        scaled[t] = r[t] / scale;
    struct problem problem = problem_of(spec, n, scaled);
    const int done = maximise(&problem, near, scale, &stop, err);
    if (done == 0)
        tell(&problem, &stop, scale, fit);
    free(scaled);
    return done;
}
