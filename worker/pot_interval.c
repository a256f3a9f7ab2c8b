#include "worker/pot_interval.h"

#include "core/arith.h"
#include "worker/root.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdbool.h>

enum quantity { VAR, ES };
enum { DOUBLINGS = 64 };

/* R, and where on it one stands. */
struct region {
    size_t n;
    const double *x;
    double floor; /* the least ln L in R */
    double xi;
    bool upper; /* which end of beta */
    enum quantity quantity;
    double w; /* -ln q */
};

/* beta(tau) = max(0, -xi) x[n-1] + e^tau: every tau is in the domain. */
static double beta_at(const struct region *of, double tau)
{
    return fmax(0.0, -of->xi) * of->x[of->n - 1] + arith_exp(tau);
}

/* beta + xi x, without loss where that is near 0. */
static double reach(const struct region *of, double tau, double x)
{
    if (of->xi >= 0.0)
        return arith_exp(tau) + of->xi * x;
    return arith_exp(tau) - of->xi * (of->x[of->n - 1] - x);
}

/* beta d lnL/dbeta = sum of (1 + xi) x/(beta + xi x) - 1: falls with beta. */
static double slope_of_beta(double tau, const void *context)
{
    const struct region *of = context;
    double sum = 0.0;

    for (size_t i = 0; i < of->n; i++)
        sum += (1.0 + of->xi) * (of->x[i] / reach(of, tau, of->x[i])) - 1.0;
    return sum;
}

/* ln L - floor: above 0 in R. */
static double height(double tau, const void *context)
{
    const double near_zero =
        -0.25; /* above, ln w / xi would lose what w = 1 + ... has */
    const struct region *of = context;
    const double beta = beta_at(of, tau);
    double sum = 0.0;

    if (of->xi > near_zero)
        return gpd_log_likelihood((struct gpd){of->xi, beta}, of->n, of->x) - of->floor;
    for (size_t i = 0; i < of->n; i++)
        sum += arith_log(reach(of, tau, of->x[i]) / beta);
    return -(double)of->n * arith_log(beta) - (1.0 + 1.0 / of->xi) * sum - of->floor;
}

/* Where f, positive at `from`, has changed its sign: in steps that double, then to the
 * last digits. */
static double leave(root_fn f, const struct region *of, double from, double step)
{
    double inside = from;

    for (int i = 0; i < DOUBLINGS; i++) {
        const double next = inside + step;

        if (!(f(next, of) > 0.0))
            return root_find(f, of, fmin(inside, next), fmax(inside, next), 1e-13);
        inside = next;
        step *= 2.0;
    }
    return NAN;
}

static double negative_slope(double tau, const void *context)
{
    return -slope_of_beta(tau, context);
}

/* tau of the most likely beta, xi > -1 fixed. */
static double find_middle(const struct region *of)
{
    const double from = arith_log(of->x[of->n / 2]);
    const bool below = slope_of_beta(from, of) > 0.0;

    return below ? leave(slope_of_beta, of, from, 1.0)
                 : leave(negative_slope, of, from, -1.0);
}

/* tau at the end of R for this xi; near xi = -1 the likelihood may fall so late that
 * e^tau is nothing beside beta: stay where x e^-tau still is a number. */
static double find_edge(const struct region *of)
{
    const double least = -600.0, middle = find_middle(of);

    if (!(height(middle, of) > 0.0))
        return middle;
    return fmax(leave(height, of, middle, of->upper ? 0.25 : -0.25), least);
}

/* max over beta of ln L - floor; at xi = -1 the likelihood of a uniform. */
static double profile(double xi, const void *context)
{
    struct region of = *(const struct region *)context;

    of.xi = xi;
    if (xi <= -1.0)
        return -(double)of.n * arith_log(of.x[of.n - 1]) - of.floor;
    return height(find_middle(&of), &of);
}

/* From the estimate down to -1 at most. */
static double find_lowest_xi(const struct region *of, double xi, double step)
{
    double inside = xi;

    for (int i = 0; i < DOUBLINGS && inside > -1.0; i++) {
        const double next = fmax(inside - step, -1.0);

        if (!(profile(next, of) > 0.0))
            return root_find(profile, of, next, inside, 1e-13);
        inside = next;
        step *= 2.0;
    }
    return inside;
}

static struct region region_of(const struct pot *pot, const double excess[],
                               double level)
{
    return (struct region){
        .n = pot->n_exceed,
        .x = excess,
        .floor = pot->fit.log_likelihood - 0.5 * gsl_cdf_chisq_Pinv(level, 1.0),
    };
}

struct pot_interval pot_interval_xi(const struct pot *pot, const double excess[],
                                    double level)
{
    const struct gpd_fit *fit = &pot->fit;

    if (fit->status != GPD_CONVERGED || !(level > 0.0 && level < 1.0))
        return (struct pot_interval){NAN, NAN};
    const struct region of = region_of(pot, excess, level);
    const double step = isnan(fit->error[GPD_XI]) ? 0.1 : fit->error[GPD_XI];
    return (struct pot_interval){find_lowest_xi(&of, fit->gpd.xi, step),
                                 leave(profile, &of, fit->gpd.xi, step)};
}

/* Q = (e^t - 1)/xi, t = xi w, and d lnQ/dxi = w (1/(1 - e^-t) - 1/t), whose series is
 * w (1/2 + t/12 - t^3/720 + t^5/30240 - ...). */
static double q_of(double xi, double w, double *d_log)
{
    const double t = xi * w;

    *d_log = w * (fabs(t) < 0.05
                      ? 0.5 + t / 12.0 * (1.0 - t * t / 60.0 * (1.0 - t * t / 42.0))
                      : -1.0 / arith_expm1(-t) - 1.0 / t);
    return w == 0.0 ? 0.0 : w * (fabs(t) < 0x1p-60 ? 1.0 : arith_expm1(t) / t);
}

/* K and d lnK/dxi. */
static double k_of(const struct region *of, double *d_log)
{
    const double q = q_of(of->xi, of->w, d_log);

    if (of->quantity == VAR)
        return q;
    *d_log = *d_log * q / (q + 1.0) + 1.0 / (1.0 - of->xi);
    return (q + 1.0) / (1.0 - of->xi);
}

/* d lnL/dxi - beta d lnL/dbeta d lnK/dxi at xi and tau.  Where xi is well below 0 and
 * beta so near -xi x[n-1] that it has no digits left for the difference, y = 1 + xi
 * x/beta comes from `reach`; with S = sum of x/(beta y) the two parts, each as large as
 * 1/y, are one product:
 *
 *     (1/xi^2) sum of ln y + n dlnK/dxi - (1 + xi) S (1/xi + dlnK/dxi) */
static double turn_at(const struct region *of, double tau, double d_log)
{
    const double near_zero = -0.25; /* above, sums of ln y / xi^2 would lose digits */
    const double beta = beta_at(of, tau), xi = of->xi;
    double score[GPD_PARAMETERS], logs = 0.0, sum = 0.0;

    if (xi > near_zero) {
        gpd_derivatives((struct gpd){xi, beta}, of->n, of->x, score, NULL);
        return score[GPD_XI] - beta * score[GPD_BETA] * d_log;
    }
    for (size_t i = 0; i < of->n; i++) {
        const double y = reach(of, tau, of->x[i]);

        logs += arith_log(y / beta);
        sum += of->x[i] / y;
    }
    return logs / (xi * xi) + (double)of->n * d_log -
           (1.0 + xi) * sum * (1.0 / xi + d_log);
}

/* The same on the edge of R. */
static double turn(double xi, const void *context)
{
    struct region of = *(const struct region *)context;
    double d_log;

    of.xi = xi;
    k_of(&of, &d_log);
    return turn_at(&of, find_edge(&of), d_log);
}

/* The extreme of beta K on one side of R. */
static double find_extreme(struct region of, bool upper, struct pot_interval xi)
{
    double ignored;

    of.upper = upper;
    if (turn(xi.low, &of) <= 0.0)
        of.xi = xi.low;
    else if (turn(xi.high, &of) >= 0.0)
        of.xi = xi.high;
    else
        of.xi = root_find(turn, &of, xi.low, xi.high, 1e-9);
    return beta_at(&of, find_edge(&of)) * k_of(&of, &ignored);
}

/* q = (n/N_u)(1 - c), no more than 1, as pot_var takes it. */
static struct region region_at(const struct pot *pot, const double excess[],
                               double confidence, double level)
{
    struct region of = region_of(pot, excess, level);
    const double q = (double)pot->n / (double)pot->n_exceed * (1.0 - confidence);

    of.w = -arith_log(fmin(q, 1.0));
    return of;
}

/* Uniform at xi = -1 is no place where derivatives are: stay this far above. */
static struct pot_interval inner(struct pot_interval xi)
{
    const double least = -1.0 + 1e-6;

    return (struct pot_interval){fmax(xi.low, least), xi.high};
}

struct pot_interval pot_interval_var(const struct pot *pot, const double excess[],
                                     double confidence, double level)
{
    const struct pot_interval xi = inner(pot_interval_xi(pot, excess, level));
    const double u = pot->threshold;

    if (isnan(xi.low + xi.high) || isnan(pot_var(pot, confidence)))
        return (struct pot_interval){NAN, NAN};
    struct region of = region_at(pot, excess, confidence, level);
    of.quantity = VAR;
    if (of.w == 0.0)
        return (struct pot_interval){u, u};
    return (struct pot_interval){u + find_extreme(of, false, xi),
                                 u + find_extreme(of, true, xi)};
}

struct pot_interval pot_interval_es(const struct pot *pot, const double excess[],
                                    double confidence, double level)
{
    const double below_one = 1.0 - 1e-9; /* where ES still is finite */
    struct pot_interval xi = inner(pot_interval_xi(pot, excess, level));
    const bool is_infinite = xi.high >= 1.0;

    if (isnan(xi.low + xi.high) || isnan(pot_es(pot, confidence)))
        return (struct pot_interval){NAN, NAN};
    if (xi.low >= below_one)
        return (struct pot_interval){INFINITY, INFINITY};
    struct region of = region_at(pot, excess, confidence, level);
    of.quantity = ES;
    xi.high = fmin(xi.high, below_one);
    return (struct pot_interval){
        pot->threshold + find_extreme(of, false, xi),
        is_infinite ? INFINITY : pot->threshold + find_extreme(of, true, xi)};
}
