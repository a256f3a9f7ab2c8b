#include "worker/digits.h"
#include "worker/liquidation.h"
#include "worker/root.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

typedef const struct liquidation_tally *tally_of;

static double over_paths(tally_of tally, double sum)
{
    return tally->n > 0 ? sum / (double)tally->n : NAN;
}

static double observations(const void *of, double confidence)
{
    (void)confidence;
    return (double)((tally_of)of)->n;
}

static double left_out(const void *of, double confidence)
{
    (void)confidence;
    return (double)((tally_of)of)->left_out;
}

static double finer(const void *of, double confidence)
{
    tally_of tally = of;

    (void)confidence;
    return over_paths(tally, (double)tally->n_finer);
}

static double bad_debt_probability(const void *of, double confidence)
{
    tally_of tally = of;

    (void)confidence;
    return over_paths(tally, (double)tally->n_bad);
}

static double bad_debt(const void *of, double confidence)
{
    tally_of tally = of;

    (void)confidence;
    return over_paths(tally, tally->bad_debt);
}

/* Mean of the ceil((1 - confidence) n) worst, from the largest down. */
static double bad_debt_es(const void *of, double confidence)
{
    tally_of tally = of;
    const double share = ceil((1.0 - confidence) * (double)tally->n);
    const uint64_t n_worst = share < 1.0 ? 1 : (uint64_t)share;
    double sum = 0.0;

    if (tally->n == 0)
        return NAN;
    for (uint64_t i = 0; i < n_worst; i++)
        sum += tally->debt[tally->n - 1 - i];
    return sum / (double)n_worst;
}

static double bad_debt_max(const void *of, double confidence)
{
    tally_of tally = of;

    (void)confidence;
    return tally->n > 0 ? tally->debt[tally->n - 1] : NAN;
}

static double fund_solvency(const void *of, double confidence)
{
    tally_of tally = of;

    (void)confidence;
    return over_paths(tally, (double)(tally->n - tally->n_unmet));
}

/* The least fund that meets at least that share of the paths. */
static double fund_needed(const void *of, double confidence)
{
    tally_of tally = of;
    const double place = ceil(confidence * (double)tally->n);

    if (tally->n == 0)
        return NAN;
    return tally->need[place < 1.0 ? 0 : (uint64_t)place - 1];
}

static double before_bankruptcy(const void *of, double confidence)
{
    tally_of tally = of;

    (void)confidence;
    return tally->n_cases > 0 ? 1.0 - (double)tally->n_bankrupt / (double)tally->n_cases
                              : 1.0;
}

static double liquidated(const void *of, double confidence)
{
    tally_of tally = of;

    (void)confidence;
    return tally->n_accounts > 0 ? (double)tally->n_cases / (double)tally->n_accounts
                                 : NAN;
}

static double closed(const void *of, double confidence)
{
    tally_of tally = of;

    (void)confidence;
    return over_paths(tally, tally->closed);
}

static double liquidation_cost(const void *of, double confidence)
{
    tally_of tally = of;

    (void)confidence;
    return over_paths(tally, tally->cost);
}

static double deleveraged(const void *of, double confidence)
{
    tally_of tally = of;

    (void)confidence;
    return over_paths(tally, tally->deleveraged);
}

static double clawed(const void *of, double confidence)
{
    tally_of tally = of;

    (void)confidence;
    return over_paths(tally, tally->clawed);
}

static double mean_margin(const void *of, double confidence)
{
    (void)confidence;
    return ((tally_of)of)->base;
}

static double mean_initial(const void *of, double confidence)
{
    tally_of tally = of;

    (void)confidence;
    return over_paths(tally, tally->initial);
}

static double mean_maintenance(const void *of, double confidence)
{
    tally_of tally = of;

    (void)confidence;
    return over_paths(tally, tally->maintenance);
}

static double fund_size(const void *of, double confidence)
{
    (void)confidence;
    return ((tally_of)of)->fund;
}

static double refused(const void *of, double confidence)
{
    (void)confidence;
    return ((tally_of)of)->refused;
}

/* Both sides post; the fund is there once. */
static double cost(const void *of, double confidence)
{
    tally_of tally = of;
    const double locked = 2.0 * mean_initial(of, confidence) + tally->fund;

    return tally->capital_rate * locked +
           (liquidation_cost(of, confidence) + bad_debt(of, confidence)) / tally->years;
}

/* elasticity.h, of the axis of that place. */
#define ELASTIC(axis, name)                                                            \
    [LIQ_ELASTIC + 2 * (axis)] = {"bad_debt_to_" name,                                 \
                                  "",                                                  \
                                  "elasticity of bad_debt to " name,                   \
                                  SCALE_RELATIVE,                                      \
                                  0,                                                   \
                                  NULL,                                                \
                                  true},                                               \
                       [LIQ_ELASTIC + 2 * (axis) +                                     \
                           1] = {"cost_to_" name,                                      \
                                 "",                                                   \
                                 "elasticity of cost to " name,                        \
                                 SCALE_RELATIVE,                                       \
                                 0,                                                    \
                                 NULL,                                                 \
                                 true}

const struct metric liquidation_metrics[LIQ_METRICS] = {
    {"observations", "paths", "paths, each with accounts of its own", SCALE_RELATIVE, 0,
     observations, false},
    {"left_out", "paths", "starts whose horizon crosses a gap", SCALE_RELATIVE, 0,
     left_out, false},
    {"finer", "fraction", "paths that were followed in shorter bars", SCALE_RELATIVE, 0,
     finer, false},
    {"bad_debt_probability", "fraction", "paths with losses beyond collateral",
     SCALE_RELATIVE, 0, bad_debt_probability, false},
    {"bad_debt", "fraction of OI", "losses beyond collateral, mean of all paths",
     SCALE_RELATIVE, 0, bad_debt, false},
    {"bad_debt_es", "fraction of OI", "... mean of the worst 1 - confidence of them",
     SCALE_RELATIVE, 0, bad_debt_es, false},
    {"bad_debt_max", "fraction of OI", "... of the worst", SCALE_RELATIVE, 0,
     bad_debt_max, false},
    {"fund_solvency", "fraction", "paths in which the fund was enough",
     SCALE_COMPLEMENT, 0, fund_solvency, false},
    {"fund_needed", "fraction of OI", "fund that is enough in `confidence` of them",
     SCALE_RELATIVE, 0, fund_needed, false},
    {"before_bankruptcy", "fraction", "liquidations that ended before bankruptcy",
     SCALE_COMPLEMENT, 0, before_bankruptcy, false},
    {"liquidated", "fraction", "accounts that were liquidated", SCALE_RELATIVE, 0,
     liquidated, false},
    {"closed", "fraction of OI", "notional that the engine closed, mean of all paths",
     SCALE_RELATIVE, 0, closed, false},
    {"liquidation_cost", "fraction of OI",
     "fees and fills worse than the mark, mean of all paths", SCALE_RELATIVE, 0,
     liquidation_cost, false},
    {"deleveraged", "fraction of OI", "notional that others had to close, mean",
     SCALE_RELATIVE, 0, deleveraged, false},
    {"clawed", "fraction of OI", "losses taken from all others, mean", SCALE_RELATIVE,
     0, clawed, false},
    {"mean_margin", "fraction of notional", "initial margin of the first tier, mean",
     SCALE_RELATIVE, 0, mean_margin, false},
    {"mean_initial", "fraction of OI", "initial margin with tiers, mean",
     SCALE_RELATIVE, 0, mean_initial, false},
    {"mean_maintenance", "fraction of OI", "maintenance margin with tiers, mean",
     SCALE_RELATIVE, 0, mean_maintenance, false},
    {"fund_size", "fraction of OI", "the fund at the beginning of each path",
     SCALE_RELATIVE, 0, fund_size, false},
    {"refused", "fraction", "open interest that the cap turned away", SCALE_RELATIVE, 0,
     refused, false},
    {"cost", "fraction of OI a year",
     "capital_rate of what is posted and of the fund, liquidation cost and bad debt",
     SCALE_RELATIVE, 0, cost, false},
    {"bad_debt_low", "fraction", "bad_debt_probability: lower end at 95 %",
     SCALE_RELATIVE, 0, NULL, false},
    {"bad_debt_high", "fraction", "... upper end", SCALE_RELATIVE, 0, NULL, false},
    {"rare_probability", "fraction",
     "bad debt within a horizon from the last bar on, by importance sampling",
     SCALE_RELATIVE, 0, NULL, true},
    {"rare_error", "fraction", "... its standard error", SCALE_RELATIVE, 0, NULL, true},
    {"rare_effective", "paths", "... paths of equal weight worth the same",
     SCALE_RELATIVE, 0, NULL, true},
    {"rare_pareto_k", "", "... shape of the weights' tail: above its limit no estimate",
     SCALE_RELATIVE, 0, NULL, true},
    {"rare_status", "0, 1, 2 or 3",
     "... sound, no loss seen, too few, heavy weights: defined where sound alone",
     SCALE_RELATIVE, 0, NULL, true},
    ELASTIC(LIQ_Q, "q"),
    ELASTIC(LIQ_FLOOR, "floor"),
    ELASTIC(LIQ_MAINTENANCE, "maintenance"),
    ELASTIC(LIQ_TIER_LAW, "tier_law"),
    ELASTIC(LIQ_TIER_FIRST, "tier_first"),
    ELASTIC(LIQ_SHARE, "step_share"),
    ELASTIC(LIQ_COOLDOWN, "cooldown"),
    ELASTIC(LIQ_FEE, "liquidation_fee"),
    ELASTIC(LIQ_AUCTION_START, "auction_start"),
    ELASTIC(LIQ_AUCTION_LENGTH, "auction_length"),
    ELASTIC(LIQ_CAP, "oi_cap"),
    ELASTIC(LIQ_FUND, "fund"),
};

struct beta_place {
    double p, a, b;
};

static double beyond(double x, const void *context)
{
    const struct beta_place *place = context;

    return gsl_cdf_beta_P(x, place->a, place->b) - place->p;
}

/* Where the distribution function of Beta(a, b) is p; GSL's own inverse does not always
 * converge. */
static double beta_quantile(double p, double a, double b)
{
    const struct beta_place place = {p, a, b};

    return root_find(beyond, &place, 0.0, 1.0, 0.0);
}

/* The quantiles of Beta(x, n-x+1) and Beta(x+1, n-x). */
void liquidation_interval(uint64_t x, uint64_t n, double confidence, double *low,
                          double *high)
{
    const double tail = (1.0 - confidence) / 2.0, k = (double)x, rest = (double)(n - x);

    *low = x == 0 ? 0.0 : ten_digits(beta_quantile(tail, k, rest + 1.0));
    *high = x == n ? 1.0 : ten_digits(beta_quantile(1.0 - tail, k + 1.0, rest));
}
