#include "coordinator/outcome.h"
#include "coordinator/verdicts.h"
#include "worker/scope.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *status_text(enum status status)
{
    static const char *const text[] = {[STATUS_CALIBRATED] = "calibrated",
                                       [STATUS_HELD] = "held",
                                       [STATUS_FAILED] = "failed"};

    return text[status];
}

/* Insertion keeps the pairs of point and verdict together; there are at most
 * RANKING_MAX of them. */
static void order_by_figures(struct outcome *outcome)
{
    for (size_t i = 1; i < outcome->n_judged; i++) {
        const struct candidate point = outcome->point[i];
        const struct verdict verdict = outcome->verdict[i];
        size_t place = i;

        while (place > 0 && candidate_before(&point, &outcome->point[place - 1])) {
            outcome->point[place] = outcome->point[place - 1];
            outcome->verdict[place] = outcome->verdict[place - 1];
            place--;
        }
        outcome->point[place] = point;
        outcome->verdict[place] = verdict;
    }
}

/* The first limit that is broken, as "coverage 0.987 is below 0.99"; -1: none is. */
static int describe_breach(const struct plan *plan, size_t n,
                           const struct constraint limit[], const double *figure,
                           char *text, size_t size)
{
    for (size_t i = 0; i < n; i++) {
        const struct metric *metric = limit[i].metric;
        const double value = figure[metric - plan->study->metrics];

        if (constraint_violation(&limit[i], value) == 0.0)
            continue;
        if (isnan(value))
            snprintf(text, size, "%s is undefined", metric->name);
        else if (value < limit[i].min)
            snprintf(text, size, "%s %.6g is below %g", metric->name, value,
                     limit[i].min);
        else
            snprintf(text, size, "%s %.6g is above %g", metric->name, value,
                     limit[i].max);
        return 0;
    }
    return -1;
}

int outcome_ask_ranking(struct outcome *outcome, struct err *err)
{
    const struct ranking *ranking = &outcome->found.ranking;

    outcome->asked = calloc(ranking->n + 1, sizeof *outcome->asked);
    if (outcome->asked == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu points", ranking->n);
    memcpy(outcome->asked, ranking->best, ranking->n * sizeof *outcome->asked);
    outcome->n_asked = ranking->n;
    return 0;
}

void outcome_score(const struct plan *plan, struct outcome *outcome)
{
    const size_t objective = (size_t)(plan->objective - plan->study->metrics);

    for (size_t i = 0; i < outcome->n_judged; i++) {
        const double *figure = outcome->verdict[i].figure[JUDGED_TRAINING];

        outcome->point[i].violation =
            plan_violation(plan->n_constraints, plan->constraint, plan, figure);
        outcome->point[i].cost = figure[objective];
    }
}

size_t outcome_n_incumbent(const struct outcome *outcome)
{
    return outcome->incumbent != NULL ? outcome->incumbent->n_points : 0;
}

void outcome_values(const struct plan *plan, const struct outcome *outcome, size_t i,
                    double value[AXES_MAX])
{
    const uint64_t point = outcome->point[i].point;

    /* a point that is asked about by itself is a grid of one whatever the search */
    if (point < INCUMBENT_POINT && outcome->tried.n > 0)
        memcpy(value, tried_value(&outcome->tried, (size_t)point),
               plan->grid.n_axes * sizeof *value);
    else
        incumbent_values(&plan->grid, outcome->incumbent, point, value);
}

/* What judged point i breaks of constraints and gates; empty: nothing. */
static void describe_point(const struct plan *plan, const struct outcome *outcome,
                           size_t i, char *text, size_t size)
{
    const struct verdict *verdict = &outcome->verdict[i];

    text[0] = '\0';
    if (describe_breach(plan, plan->n_constraints, plan->constraint,
                        verdict->figure[JUDGED_TRAINING], text, size) != 0 &&
        plan->holdout > 0.0)
        describe_breach(plan, plan->n_gates, plan->gate, verdict->figure[JUDGED_TEST],
                        text, size);
}

static void move_to_front(struct outcome *outcome, size_t i)
{
    const struct candidate point = outcome->point[i];
    const struct verdict verdict = outcome->verdict[i];

    memmove(outcome->point + 1, outcome->point, i * sizeof point);
    memmove(outcome->verdict + 1, outcome->verdict, i * sizeof verdict);
    outcome->point[0] = point;
    outcome->verdict[0] = verdict;
}

void outcome_narrow(struct outcome *outcome, const bool keep[])
{
    size_t n = 0;

    for (size_t i = 0; i < outcome->n_judged; i++)
        if (keep[i]) {
            outcome->point[n] = outcome->point[i];
            outcome->verdict[n++] = outcome->verdict[i];
        }
    outcome->n_judged = n;
}

static size_t find_incumbent(const struct outcome *outcome)
{
    size_t i = 0;

    while (i < outcome->n_judged && outcome->point[i].point != INCUMBENT_POINT)
        i++;
    return i;
}

void outcome_score_incumbent(const struct plan *plan, struct outcome *outcome)
{
    struct outcome_warm *warm = &outcome->warm;
    const size_t i = find_incumbent(outcome);

    if (warm->is_scored || i == outcome->n_judged)
        return;
    describe_point(plan, outcome, i, warm->breach, sizeof warm->breach);
    warm->is_scored = true;
    warm->cost = outcome->point[i].cost;
}

/* Engines and traders pay for every change: one that gains too little is not made. */
static void weigh_incumbent(const struct plan *plan, struct outcome *outcome)
{
    struct outcome_warm *warm = &outcome->warm;
    const size_t i = find_incumbent(outcome);

    outcome_score_incumbent(plan, outcome);
    if (!warm->is_scored)
        return;
    warm->gain = outcome->point[0].violation > 0.0
                     ? (double)NAN
                     : 1.0 - outcome->point[0].cost / warm->cost;
    warm->is_kept = i > 0 && i < outcome->n_judged && warm->breach[0] == '\0' &&
                    outcome->verdict[i].last > 0.0 && warm->gain < plan->hysteresis;
    if (warm->is_kept)
        move_to_front(outcome, i);
}

void outcome_decide(const struct plan *plan, struct outcome *outcome)
{
    const unsigned long long n_points =
        outcome->found.n_points / scope_n_cells(&plan->grid);
    char breach[256];

    outcome->is_stressed = false;
    if (outcome->n_judged == 0) {
        outcome->status = STATUS_FAILED;
        if (outcome->reason[0] == '\0')
            snprintf(outcome->reason, sizeof outcome->reason,
                     "%s is undefined at each of %llu points", plan->objective->name,
                     n_points);
        return;
    }
    outcome_score(plan, outcome);
    order_by_figures(outcome);
    weigh_incumbent(plan, outcome);
    if (describe_breach(plan, plan->n_constraints, plan->constraint,
                        outcome->verdict[0].figure[JUDGED_TRAINING], breach,
                        sizeof breach) == 0) {
        outcome->status = STATUS_FAILED;
        snprintf(outcome->reason, sizeof outcome->reason,
                 "%snone of %llu points satisfies the constraints; at the nearest, %s",
                 scope_is_shared(&plan->grid) ? "with the values that are shared, "
                                              : "",
                 n_points, breach);
    } else if (!(outcome->verdict[0].last > 0.0)) {
        outcome->status = STATUS_FAILED;
        snprintf(
            outcome->reason, sizeof outcome->reason,
            "the best point asks for no margin at the last bar: no engine could use "
            "it (a floor above 0 would)");
    } else if (plan_has_test(plan) &&
               describe_breach(plan, plan->n_gates, plan->gate,
                               outcome->verdict[0].figure[JUDGED_TEST], breach,
                               sizeof breach) == 0) {
        outcome->status = STATUS_HELD;
        snprintf(outcome->reason, sizeof outcome->reason,
                 "on the bars that the search did not see, %s", breach);
    } else if (stress_breach(&plan->stress, plan->study->n_stress, plan->study->stress,
                             &outcome->verdict[0].stress, breach, sizeof breach) == 0) {
        outcome->status = STATUS_HELD;
        outcome->is_stressed = true;
        snprintf(outcome->reason, sizeof outcome->reason, "under stress: %s", breach);
    } else {
        outcome->status = STATUS_CALIBRATED;
        outcome->reason[0] = '\0';
    }
}

void outcome_free(struct outcome *outcome)
{
    found_free(&outcome->found);
    tried_free(&outcome->tried);
    verdicts_free(outcome->verdict);
    free(outcome->point);
    free(outcome->asked);
    *outcome = (struct outcome){0};
}
