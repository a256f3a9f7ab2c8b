#include "worker/study.h"
#include "worker/scope.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct study *const studies[] = {&margin_study, &liquidation_study};

_Static_assert(sizeof studies / sizeof *studies <= STUDIES_MAX, "see job.h");

const struct study *study_row(size_t i)
{
    return i < sizeof studies / sizeof *studies ? studies[i] : NULL;
}

static int new_surfaces(const struct plan *plan, uint64_t n_points, struct found *found,
                        struct err *err)
{
    found->n_surfaces = plan->n_surfaces;
    found->n_surface_points = n_points;
    if (plan->n_surfaces == 0)
        return 0;
    found->surface = calloc(plan->n_surfaces * n_points, sizeof *found->surface);
    if (found->surface == NULL)
        return err_set(err, ERR_MEMORY, "no memory for surfaces of %llu points",
                       (unsigned long long)n_points);
    return 0;
}

/* Where an axis is shared: a list for each cell, and the candidates of all. */
static int new_cells(const struct plan *plan, struct found *found, struct err *err)
{
    const size_t n = (size_t)scope_n_cells(&plan->grid);

    if (!scope_is_shared(&plan->grid))
        return 0;
    found->cell = calloc(n, sizeof *found->cell);
    struct candidate *best = calloc(n * plan->n_kept, sizeof *best);
    if (found->cell == NULL || best == NULL) {
        free(best);
        return err_set(err, ERR_MEMORY,
                       "no memory for %zu combinations of shared values", n);
    }
    for (size_t c = 0; c < n; c++)
        found->cell[c].best = best + c * plan->n_kept;
    found->n_cells = n;
    return 0;
}

int found_new(const struct plan *plan, uint64_t n_surface_points, struct found *found,
              struct err *err)
{
    size_t n_values = 0;

    *found =
        (struct found){.ranking.n_max = plan->n_kept, .marginal.grid = &plan->grid};
    for (size_t a = 0; a < plan->grid.n_axes; a++)
        n_values += plan->grid.axis[a].n;
    struct candidate *best = malloc(n_values * sizeof *best);
    if (best == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu marginals", n_values);
    for (size_t a = 0; a < plan->grid.n_axes; a++) {
        found->marginal.best[a] = best;
        best += plan->grid.axis[a].n;
    }
    if (new_cells(plan, found, err) != 0)
        return -1;
    found_clear(found);
    return new_surfaces(plan, n_surface_points, found, err);
}

double *found_surface(const struct found *found, size_t s, uint64_t point)
{
    return found->surface + s * found->n_surface_points +
           (point - found->surface_first);
}

void found_free(struct found *found)
{
    free(found->marginal.best[0]);
    found->marginal.best[0] = NULL;
    free(found->surface);
    found->surface = NULL;
    if (found->n_cells > 0)
        free(found->cell[0].best);
    free(found->cell);
    found->cell = NULL;
    found->n_cells = 0;
}

void found_clear(struct found *found)
{
    const struct grid *grid = found->marginal.grid;

    found->ranking.n = 0;
    found->n_points = 0;
    for (size_t c = 0; c < found->n_cells; c++)
        found->cell[c].n = 0;
    for (size_t a = 0; a < grid->n_axes; a++)
        for (size_t d = 0; d < grid->axis[a].n; d++)
            found->marginal.best[a][d] = (struct candidate){INFINITY, NAN, UINT64_MAX};
}

void found_offer(struct found *found, const struct candidate *candidate)
{
    size_t digit[AXES_MAX];

    ranking_offer(&found->ranking, candidate);
    grid_digits(found->marginal.grid, candidate->point, digit);
    for (size_t a = 0; a < found->marginal.grid->n_axes; a++) {
        struct candidate *best = &found->marginal.best[a][digit[a]];

        if (candidate_before(candidate, best))
            *best = *candidate;
    }
    if (found->n_cells > 0) {
        struct shortlist *cell = &found->cell[scope_cell(found->marginal.grid, digit)];

        candidates_offer(candidate, found->ranking.n_max, &cell->n, cell->best);
    }
}

bool found_wants(const struct found *found, double cost, uint64_t point)
{
    const struct candidate feasible = {0.0, cost, point};
    size_t digit[AXES_MAX];

    if (ranking_wants(&found->ranking, cost, point))
        return true;
    grid_digits(found->marginal.grid, point, digit);
    for (size_t a = 0; a < found->marginal.grid->n_axes; a++)
        if (candidate_before(&feasible, &found->marginal.best[a][digit[a]]))
            return true;
    if (found->n_cells == 0)
        return false;
    const struct shortlist *cell =
        &found->cell[scope_cell(found->marginal.grid, digit)];
    return candidates_want(cost, point, found->ranking.n_max, cell->n, cell->best);
}

double plan_violation(size_t n, const struct constraint constraint[],
                      const struct plan *plan, const double *figure)
{
    double violation = 0.0;

    for (size_t i = 0; i < n; i++)
        violation += constraint_violation(
            &constraint[i], figure[constraint[i].metric - plan->study->metrics]);
    return violation;
}

unsigned plan_needs(const struct plan *plan)
{
    unsigned needs = plan->objective->needs;

    for (size_t i = 0; i < plan->n_constraints; i++)
        needs |= plan->constraint[i].metric->needs;
    for (size_t i = 0; i < plan->n_surfaces; i++)
        needs |= plan->surface[i]->needs;
    for (size_t i = 0; i < plan->preferences.n; i++)
        needs |= plan->preferences.metric[i]->needs;
    return needs;
}

/* What a judged point's figures come to. */
static struct rating rating_of(const struct plan *plan, const double *figure)
{
    struct rating rating = {.cost = figure[plan->objective - plan->study->metrics],
                            .slack = INFINITY};

    for (size_t i = 0; i < plan->n_constraints; i++) {
        const struct constraint *limit = &plan->constraint[i];
        const double value = figure[limit->metric - plan->study->metrics];

        rating.violation += constraint_violation(limit, value);
        rating.slack = fmin(rating.slack, constraint_slack(limit, value));
    }
    if (rating.violation > 0.0)
        rating.slack = -rating.violation;
    return rating;
}

static int rate_judged(const struct plan *plan, void *work, const double *value,
                       struct verdict *verdict, struct rating *rating, char *refusal,
                       struct err *err)
{
    struct err why = {0};

    if (plan->study->judge(work, value, verdict, &why) == 0) {
        *rating = rating_of(plan, verdict->figure[JUDGED_TRAINING]);
        return 0;
    }
    if (why.kind != ERR_INPUT) {
        if (err != NULL)
            *err = why;
        return -1;
    }
    if (refusal[0] == '\0')
        memcpy(refusal, why.text, ERR_TEXT_MAX);
    *rating = (struct rating){METRIC_UNDEFINED, (double)NAN, -METRIC_UNDEFINED};
    return 0;
}

int study_rate(const struct plan *plan, void *work, size_t n, const double *value,
               double share, struct rating *rating, char *refusal, struct err *err)
{
    const size_t n_metrics = plan->study->n_metrics;
    struct verdict verdict = {0};
    int status = 0;

    if (plan->study->rate != NULL)
        return plan->study->rate(work, n, value, share, rating, refusal, err);
    double *figure = calloc(JUDGED_RANGES * n_metrics, sizeof *figure);
    if (figure == NULL)
        return err_set(err, ERR_MEMORY, "no memory for the figures of a point");
    for (int range = 0; range < JUDGED_RANGES; range++)
        verdict.figure[range] = figure + (size_t)range * n_metrics;
    for (size_t i = 0; status == 0 && i < n; i++)
        status = rate_judged(plan, work, value + i * plan->grid.n_axes, &verdict,
                             &rating[i], refusal, err);
    free(figure);
    return status;
}
