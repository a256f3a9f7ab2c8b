#include "worker/challenger.h"
#include "core/arith.h"
#include "worker/study.h"

#include <math.h>
#include <string.h>

static const struct {
    const char *name, *volatility, *tail;
} rows[CHALLENGERS] = {
    [CHALLENGER_CONSTANT] = {"constant", "constant", "none"},
    [CHALLENGER_EWMA] = {"ewma_0.94", "ewma", "none"},
    [CHALLENGER_HISTORICAL] = {"historical", "constant", "historical"},
};

const char *challenger_name(enum challenger_kind kind)
{
    return rows[kind].name;
}

/* The values of an axis; NULL where it is not known. */
static const double *values_of(const struct challenger *of, const char *axis, size_t *n)
{
    const bool has_tail = of->plan.path.tail->n_axes > 0;
    const struct {
        const char *name;
        const double *value;
        size_t n;
    } known[] = {
        {"lambda", &of->lambda, 1},
        {"tail_window", &of->window, 1},
        {"level", &of->level, 1},
        {"q", has_tail ? &of->one : of->q, has_tail ? 1 : CHALLENGER_MULTIPLIERS},
        {"floor", &of->nought, 1},
        {"buffer", &of->nought, 1},
        {"release", &of->nought, 1},
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].name, axis) == 0) {
            *n = known[i].n;
            return known[i].value;
        }
    return NULL;
}

static int add_axes(struct challenger *challenger, size_t n,
                    const struct axis_rule rules[], struct err *err)
{
    struct grid *grid = &challenger->plan.grid;

    for (size_t i = 0; i < n; i++) {
        struct axis *axis = &grid->axis[grid->n_axes++];

        axis->rule = &rules[i];
        axis->value = values_of(challenger, rules[i].name, &axis->n);
        if (axis->value == NULL)
            return err_set(err, ERR_BUG, "a challenger has no value for %s",
                           rules[i].name);
    }
    return 0;
}

static void set_values(const struct plan *plan, size_t window_bars,
                       struct challenger *challenger)
{
    const double step = arith_log(40.0) / (CHALLENGER_MULTIPLIERS - 1);

    challenger->lambda = 0.94;
    challenger->window = (double)window_bars;
    challenger->level = plan->confidence;
    challenger->nought = 0.0;
    challenger->one = 1.0;
    for (int i = 0; i < CHALLENGER_MULTIPLIERS; i++)
        challenger->q[i] = 0.5 * arith_exp(i * step);
}

static int set_goals(const struct plan *plan, struct plan *out, struct err *err)
{
    const struct study *study = plan->study;
    const struct metric *coverage =
        metric_find(study->n_metrics, study->metrics, "coverage");

    if (coverage == NULL)
        return err_set(err, ERR_BUG, "the %s study has no coverage", study->name);
    out->n_constraints = 1;
    out->constraint[0] = (struct constraint){coverage, plan->confidence, INFINITY};
    out->n_gates = 0;
    out->n_surfaces = 0;
    return 0;
}

int challenger_make(enum challenger_kind kind, const struct plan *plan,
                    size_t window_bars, struct challenger *challenger, struct err *err)
{
    challenger->plan = *plan;
    challenger->plan.path =
        (struct path_models){.volatility = volatility_find(rows[kind].volatility),
                             .tail = tail_model_find(rows[kind].tail),
                             .measure = TAIL_VAR};
    challenger->plan.search = (struct search_rules){0}; /* its few points are a grid */
    challenger->plan.grid.n_axes = 0;
    set_values(plan, window_bars, challenger);
    const struct path_models *path = &challenger->plan.path;
    if (add_axes(challenger, path->volatility->n_axes, path->volatility->axes, err) !=
            0 ||
        add_axes(challenger, path->tail->n_axes, path->tail->axes, err) != 0 ||
        add_axes(challenger, plan->study->n_axes, plan->study->axes, err) != 0)
        return -1;
    challenger->plan.max_points = CHALLENGER_MULTIPLIERS;
    return set_goals(plan, &challenger->plan, err);
}
