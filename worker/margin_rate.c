#include "worker/margin_rate.h"
#include "worker/huge.h"
#include "worker/margin.h"
#include "worker/release.h"
#include "worker/study.h"
#include "worker/thin.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct rater {
    struct rater_rules rules;
    const struct kernels *kernels;
    size_t n_lanes;
    double *volatility; /* [n_lanes][n]                                 */
    double *reference;  /* [n], of the release; has_reference           */
    bool has_reference;
    double *tail, *steadied, *scaled, *in_use, *margin; /* [n] each     */
    struct phase *phase;                                /* [h]          */
    struct thin thin; /* of the share that was asked for last; n 0: none    */
    double share;
};

/* The points of a call: in an order in which those with a path in common, and those
 * with a volatility in common, follow each other. */
struct round {
    struct rater *rater;
    const struct thin *thin; /* NULL: all bars */
    const double *value;
    size_t *order;
    struct rating *rating;
    char *refusal;
};

void rater_free(struct rater *rater)
{
    if (rater == NULL)
        return;
    free(rater->volatility);
    free(rater->reference);
    free(rater->tail);
    free(rater->steadied);
    free(rater->scaled);
    free(rater->in_use);
    free(rater->margin);
    free(rater->phase);
    thin_free(&rater->thin);
    free(rater);
}

int rater_new(const struct rater_rules *rules, struct rater **out, struct err *err)
{
    const size_t n = rules->series->n;
    struct rater *rater = calloc(1, sizeof *rater);

    if (rater == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a rater");
    rater->rules = *rules;
    rater->n_lanes = volatility_n_lanes(rules->plan->path.volatility);
    size_t n_bytes = rater->n_lanes * n * sizeof(double);
    rater->volatility = huge_alloc(&n_bytes);
    rater->reference = calloc(n, sizeof(double));
    rater->tail = calloc(n, sizeof(double));
    rater->steadied = calloc(n, sizeof(double));
    rater->scaled = calloc(n, sizeof(double));
    rater->in_use = calloc(n, sizeof(double));
    rater->margin = calloc(n, sizeof(double));
    rater->phase = calloc(rules->plan->series.horizon_bars, sizeof(struct phase));
    if (rater->volatility == NULL || rater->reference == NULL || rater->tail == NULL ||
        rater->steadied == NULL || rater->scaled == NULL || rater->in_use == NULL ||
        rater->margin == NULL || rater->phase == NULL)
        err_set(err, ERR_MEMORY, "no memory for %zu bars", n);
    else if (kernels_choose(&rater->kernels, err) == 0) {
        *out = rater;
        return 0;
    }
    rater_free(rater);
    return -1;
}

/* ---- one point ---- */

static struct rating rate_tally(const struct plan *plan, const struct tally *tally)
{
    struct rating rating = {.cost = plan->objective->of(tally, plan->confidence),
                            .slack = INFINITY};

    for (size_t i = 0; i < plan->n_constraints; i++) {
        const struct constraint *limit = &plan->constraint[i];
        const double value = limit->metric->of(tally, plan->confidence);

        rating.violation += constraint_violation(limit, value);
        rating.slack = fmin(rating.slack, constraint_slack(limit, value));
    }
    if (rating.violation > 0.0)
        rating.slack = -rating.violation;
    return rating;
}

static void use_buffer(struct round *round, const double *volatility)
{
    struct rater *rater = round->rater;
    const struct release_rule *rule = &rater->rules.plan->release;

    if (!rater->has_reference)
        release_reference(rule, rater->kernels, rater->rules.series, rater->reference);
    rater->has_reference = true;
    release_in_use(rule, rater->rules.series, volatility, rater->reference,
                   rater->in_use);
}

/* Along s, which stands in rater->scaled. */
static void rate_point(struct round *round, size_t i)
{
    const struct rater *rater = round->rater;
    const struct plan *plan = rater->rules.plan;
    const struct series *series = rater->rules.series;
    const struct policy policy =
        margin_policy(round->value + i * plan->grid.n_axes + path_n_axes(&plan->path));
    struct tally tally = {.phase = rater->phase, .preferences = plan_preferences(plan)};

    if (round->thin != NULL) {
        thin_tally(series, round->thin, &policy, rater->scaled, rater->in_use,
                   rater->rules.needs, &tally);
    } else {
        walk_margin(series, &policy, rater->scaled, rater->in_use, rater->margin);
        walk_tally_needed(series, rater->rules.range, rater->margin, rater->rules.needs,
                          &tally);
    }
    round->rating[i] = rate_tally(plan, &tally);
}

/* ---- points with a path in common ---- */

static void refuse(struct round *round, const size_t *order, size_t n,
                   const struct err *why)
{
    if (round->refusal[0] == '\0')
        snprintf(round->refusal, ERR_TEXT_MAX, "%s", why->text);
    for (size_t i = 0; i < n; i++)
        round->rating[order[i]] =
            (struct rating){METRIC_UNDEFINED, (double)NAN, -METRIC_UNDEFINED};
}

static int pass_on(const struct err *why, struct err *err)
{
    if (err != NULL)
        *err = *why;
    return -1;
}

/* n points of one path, whose volatility this is. */
static int rate_path(struct round *round, const size_t *order, size_t n,
                     double *volatility, struct err *err)
{
    struct rater *rater = round->rater;
    const struct plan *plan = rater->rules.plan;
    const double *value = round->value + order[0] * plan->grid.n_axes;
    const struct path_stages stages = {volatility, rater->tail, rater->steadied};
    struct path_fits fits;
    struct err why = {0};
    bool has_use = false;

    if (path_go_on(&plan->path, rater->rules.series, value, &stages, &fits, &why) !=
        0) {
        if (why.kind != ERR_INPUT)
            return pass_on(&why, err);
        refuse(round, order, n, &why);
        return 0;
    }
    rater->kernels->scale(rater->rules.series->n, (double)plan->series.horizon_bars,
                          rater->steadied, rater->scaled);
    for (size_t i = 0; i < n; i++) {
        const double *on_top =
            round->value + order[i] * plan->grid.n_axes + path_n_axes(&plan->path);

        if (margin_policy(on_top).release && !has_use) {
            use_buffer(round, volatility);
            has_use = true;
        }
        rate_point(round, order[i]);
    }
    return 0;
}

static int compare_values(const double *a, const double *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (a[i] != b[i])
            return a[i] < b[i] ? -1 : 1;
    return 0;
}

static int by_path(const void *one, const void *other, void *context)
{
    const struct round *round = context;
    const struct plan *plan = round->rater->rules.plan;
    const size_t a = *(const size_t *)one, b = *(const size_t *)other;
    const int order =
        compare_values(round->value + a * plan->grid.n_axes,
                       round->value + b * plan->grid.n_axes, path_n_axes(&plan->path));

    return order != 0 ? order : a < b ? -1 : a > b;
}

/* How many of order[n] agree with the first in so many axes. */
static size_t run_of(const struct round *round, const size_t *order, size_t n,
                     size_t n_axes)
{
    const size_t stride = round->rater->rules.plan->grid.n_axes;
    size_t i = 1;

    while (i < n && compare_values(round->value + order[0] * stride,
                                   round->value + order[i] * stride, n_axes) == 0)
        i++;
    return i;
}

/* n points of one volatility. */
static int rate_volatility(struct round *round, const size_t *order, size_t n,
                           double *volatility, struct err *err)
{
    const size_t n_axes = path_n_axes(&round->rater->rules.plan->path);
    size_t n_run;
    int status = 0;

    for (size_t i = 0; status == 0 && i < n; i += n_run) {
        n_run = run_of(round, order + i, n - i, n_axes);
        status = rate_path(round, order + i, n_run, volatility, err);
    }
    return status;
}

/* Those among the first points of order[n] that are of as many volatilities as are made
 * together: first[lanes + 1], and the volatilities' values. */
struct lanes {
    size_t n, first[KERNEL_LANES + 1];
    double value[AXES_MAX * KERNEL_LANES];
};

static void take_lanes(const struct round *round, const size_t *order, size_t n,
                       size_t n_lanes, struct lanes *lanes)
{
    const struct plan *plan = round->rater->rules.plan;
    const size_t n_axes = plan->path.volatility->n_axes;

    lanes->n = lanes->first[0] = 0;
    while (lanes->n < n_lanes && lanes->first[lanes->n] < n) {
        const size_t first = lanes->first[lanes->n];

        memcpy(lanes->value + lanes->n * n_axes,
               round->value + order[first] * plan->grid.n_axes,
               n_axes * sizeof lanes->value[0]);
        lanes->first[++lanes->n] =
            first + run_of(round, order + first, n - first, n_axes);
    }
}

/* The first points of order[n]; *n_done of them. */
static int rate_lanes(struct round *round, const size_t *order, size_t n,
                      size_t n_lanes, size_t *n_done, struct err *err)
{
    struct rater *rater = round->rater;
    const struct path_models *models = &rater->rules.plan->path;
    const struct series *series = rater->rules.series;
    struct lanes lanes;
    struct err why = {0};
    int status = 0;

    take_lanes(round, order, n, n_lanes, &lanes);
    *n_done = lanes.first[lanes.n];
    if (path_volatilities(models, rater->kernels, series, lanes.n, lanes.value,
                          models->volatility->n_axes, rater->volatility, &why) == 0) {
        for (size_t lane = 0; status == 0 && lane < lanes.n; lane++)
            status = rate_volatility(round, order + lanes.first[lane],
                                     lanes.first[lane + 1] - lanes.first[lane],
                                     rater->volatility + lane * series->n, err);
        return status;
    }
    if (why.kind != ERR_INPUT)
        return pass_on(&why, err);
    if (lanes.n > 1) /* one of them is to blame */
        return rate_lanes(round, order, n, 1, n_done, err);
    refuse(round, order, *n_done, &why);
    return 0;
}

/* The bars that stand for the share; all of them for 1. */
static int take_bars(struct rater *rater, double share, const struct thin **thin,
                     struct err *err)
{
    *thin = NULL;
    if (share >= 1.0)
        return 0;
    if (rater->thin.n == 0 || rater->share != share) {
        const struct thin_rules rules = {rater->rules.series, rater->rules.range, share,
                                         rater->rules.plan->confidence};

        thin_free(&rater->thin);
        if (thin_new(&rules, rater->kernels, &rater->thin, err) != 0)
            return -1;
        rater->share = share;
    }
    *thin = &rater->thin;
    return 0;
}

int rater_rate(struct rater *rater, size_t n, const double value[], double share,
               struct rating rating[], char refusal[ERR_TEXT_MAX], struct err *err)
{
    struct round round = {
        .rater = rater, .value = value, .rating = rating, .refusal = refusal};
    size_t n_done;
    int status = take_bars(rater, share, &round.thin, err);

    if (status != 0)
        return -1;
    round.order = calloc(n + 1, sizeof *round.order);
    if (round.order == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu points", n);
    for (size_t i = 0; i < n; i++)
        round.order[i] = i;
    qsort_r(round.order, n, sizeof *round.order, by_path, &round);
    for (size_t i = 0; status == 0 && i < n; i += n_done)
        status =
            rate_lanes(&round, round.order + i, n - i, rater->n_lanes, &n_done, err);
    free(round.order);
    return status;
}
