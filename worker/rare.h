/* rare.h -- how likely is a loss that paths hardly ever have, and how large is it?
 *
 * Paths of n steps; x_j is the standardised return of a step:
 *
 *     x_j = R y_j,   y_j = z_j independent N(0, 1),   R = 1 or, for Student's t of nu
 *     degrees of freedom, sqrt((nu - 2) / W), W chi-square of nu: one for all steps
 *
 * so that sum x_j / sqrt(n) has unit variance and Student's tail.  Importance sampling
 * draws from a mixture of the law itself (a share `defensive`, so that no weight is
 * above 1/defensive; Hesterberg 1995) and tilted ones, falling and rising: y_j with
 * mean
 * -+ s / sqrt(n) (exponential tilting), W scaled by 1/v, so that returns are
 * sqrt(v) times wider.  With S = sum y_j / sqrt(n), a path's weight is
 *
 *     w = 1 / sum_c a_c exp(s_c S - s_c^2/2 + nu/2 ln v_c + W/2 (1 - v_c))
 *
 * (the balance heuristic; Owen, Zhou -- Safe and effective importance sampling, JASA
 * 95, 2000).  Numbers are known by (seed, who, path) alone (market/random.h), sums are
 * in the order of paths: the same bits on any number of ranks. */
#ifndef WORKER_RARE_H
#define WORKER_RARE_H

#include "core/err.h"

#include <stddef.h>
#include <stdint.h>

enum { RARE_STEPS_MAX = 4096 };

struct rare_law {
    size_t n_steps; /* 1 ... RARE_STEPS_MAX              */
    double nu;      /* > 2 degrees; INFINITY: normal     */
};

/* The loss of a path, 0 where there is none. */
struct rare_loss {
    void *context;
    double (*of)(void *context, size_t n_steps, const double x[]);
};

enum { RARE_TILTS_MAX = 4 };

struct rare_tilt {
    double shift; /* s >= 0: standard deviations of the sum of the steps */
    double widen; /* v >= 1: of the variance; 1 for the normal law       */
};

/* Each falling and rising, with even shares; none: plain Monte Carlo. */
struct rare_tilts {
    size_t n;
    struct rare_tilt tilt[RARE_TILTS_MAX];
};

struct rare_rule {
    uint64_t seed, who;
    double defensive; /* in (0, 1]: share of the law itself */
    size_t n_paths;
};

/* May the estimate be believed? */
enum rare_status {
    RARE_SOUND,
    RARE_NO_LOSS, /* no path had one: nothing is known but that it is rare       */
    RARE_TOO_FEW, /* fewer than PARETO_K_FEWEST paths had one                    */
    RARE_HEAVY_WEIGHTS, /* pareto_k above its limit: the error is not to be believed */
    RARE_STATUSES
};

struct rare_estimate {
    enum rare_status status;
    double probability, probability_error; /* of a loss; standard error             */
    double mean, mean_error;               /* of the loss over all paths            */
    double shortfall; /* mean loss where there is one; NaN: none                */
    double
        effective;   /* paths of equal weight worth the same: (Sum wL)^2 / Sum (wL)^2 */
    double pareto_k; /* of the weighted losses (worker/pareto_k.h)             */
    double mean_weight; /* 1 but for chance                                       */
    double plain_paths; /* that plain Monte Carlo needs for probability_error     */
    size_t n_losses;
};

const char *rare_status_text(enum rare_status status);

enum {
    RARE_PILOT_PATHS = 256,
    RARE_SHIFT_MAX = 8, /* by halves, of the normal law   */
    RARE_BEYOND = 16,
    RARE_WIDEST = 20, /* 2^20, by powers, of Student's  */
    RARE_PILOTS_MAX = 3 * (RARE_WIDEST + 1) * RARE_PILOT_PATHS, /* of the search */
};

/* The tilts that first see a loss in a fifth of the paths of a pilot, from the law
 * itself outwards: of the normal law a shift; of Student's how much wider, with no
 * shift, a small and a large one, all together, and RARE_BEYOND times wider.  The
 * widest where none is enough. */
struct rare_tilts rare_find_tilts(const struct rare_law *law,
                                  const struct rare_rule *rule,
                                  const struct rare_loss *loss);

/* ERR_MEMORY only. */
int rare_estimate(const struct rare_law *law, const struct rare_tilts *tilts,
                  const struct rare_rule *rule, const struct rare_loss *loss,
                  struct rare_estimate *estimate, struct err *err);

#endif /* WORKER_RARE_H */
