#include "coordinator/trial.h"
#include "coordinator/verdicts.h"
#include "worker/cost.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Search box by box; the surfaces of each are copied out where there is a place. */
static int search_boxes(const struct plan *plan, void *work, struct found *found,
                        double *surface, struct err *err)
{
    const uint64_t n_points = grid_n_points(&plan->grid);
    const uint64_t n_boxes = grid_n_boxes(&plan->grid, plan->max_points);

    for (uint64_t b = 0; b < n_boxes; b++) {
        struct box box;

        grid_box(&plan->grid, plan->max_points, b, &box);
        if (plan->study->search(work, &box, found, err) != 0)
            return -1;
        const uint64_t first = grid_point(&plan->grid, box.first);
        for (size_t s = 0; surface != NULL && s < plan->n_surfaces; s++)
            memcpy(surface + s * n_points + first, found_surface(found, s, first),
                   box_n_points(&plan->grid, &box) * sizeof *surface);
    }
    return 0;
}

/* The plan's own search of scattered points, by this rank alone. */
struct rater {
    const struct plan *plan;
    void *work;
    char refusal[ERR_TEXT_MAX];
};

/* A search_rate_fn. */
static int rate(void *context, size_t n, const double value[], double share,
                struct rating rating[], struct err *err)
{
    struct rater *rater = context;

    return study_rate(rater->plan, rater->work, n, value, share, rating, rater->refusal,
                      err);
}

static int search_points(const struct plan *plan, void *work, uint64_t n_bars,
                         struct outcome *outcome, struct err *err)
{
    struct rater rater = {.plan = plan, .work = work};
    struct search *search;
    int status = -1;

    if (search_new(&plan->search, &plan->grid, cost_most_points(plan, n_bars), &search,
                   err) != 0)
        return -1;
    if (search_run(search, &plan->grid, rate, &rater, err) == 0) {
        status = 0;
        search_rank(search, &outcome->found.ranking);
        search_give_tried(search, &outcome->tried);
        outcome->found.n_points = outcome->tried.n;
        if (outcome->found.ranking.n == 0)
            memcpy(outcome->reason, rater.refusal, sizeof rater.refusal);
    }
    search_free(search);
    return status;
}

static int judge_ranking(const struct plan *plan, void *work, struct outcome *outcome,
                         struct err *err)
{
    const struct ranking *ranking = &outcome->found.ranking;
    double value[AXES_MAX];

    if (ranking->n == 0)
        return 0;
    outcome->point = calloc(ranking->n, sizeof *outcome->point);
    if (outcome->point == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu points", ranking->n);
    if (verdicts_new(plan, ranking->n, &outcome->verdict, err) != 0)
        return -1;
    for (size_t i = 0; i < ranking->n; i++) {
        outcome->point[i] = ranking->best[i];
        outcome_values(plan, outcome, i, value);
        if (plan->study->judge(work, value, &outcome->verdict[i], err) != 0)
            return -1;
        outcome->n_judged++;
    }
    return 0;
}

/* The chosen point's scores on the test bars; all NaN where there is none. */
static int take_scores(struct trial *trial, void *work, struct err *err)
{
    const struct range test = trial->plan.test;
    const struct outcome *outcome = &trial->outcome;

    trial->n_scores = test.end - test.first;
    trial->score = calloc(trial->n_scores + 1, sizeof *trial->score);
    if (trial->score == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu scores", trial->n_scores);
    for (size_t i = 0; i < trial->n_scores; i++)
        trial->score[i] = NAN;
    for (size_t a = 0; a < AXES_MAX; a++)
        trial->value[a] = NAN;
    if (outcome->n_judged == 0)
        return 0;
    outcome_values(&trial->plan, outcome, 0, trial->value);
    return trial->plan.study->scores(work, trial->value, JUDGED_TEST, trial->score,
                                     err);
}

static int choose(struct trial *trial, void *work, uint64_t n_bars, struct err *err)
{
    struct plan *plan = &trial->plan;
    struct outcome *outcome = &trial->outcome;

    if (found_new(plan, plan->max_points, &outcome->found, err) != 0)
        return -1;
    if ((search_is_grid(plan->search.method)
             ? search_boxes(plan, work, &outcome->found, NULL, err)
             : search_points(plan, work, n_bars, outcome, err)) != 0 ||
        judge_ranking(plan, work, &trial->outcome, err) != 0)
        return -1;
    outcome_decide(plan, &trial->outcome);
    return take_scores(trial, work, err);
}

static struct plan plan_of_fold(const struct plan *of, const struct fold *fold)
{
    struct plan plan = *of;

    plan.has_ranges = true;
    plan.training = fold->training;
    plan.test = fold->test;
    plan.n_surfaces = 0;
    plan.stress.is_on = false; /* a fold is no set */
    return plan;
}

int trial_search(const struct plan *of, const struct bars *bars,
                 const struct fold *fold, struct found *found, struct err *err)
{
    const struct plan plan = plan_of_fold(of, fold);
    void *work = NULL;

    if (found_new(of, of->max_points, found, err) != 0 ||
        plan.study->prepare(&plan, bars, &work, err) != 0)
        return -1;
    const int status = search_boxes(&plan, work, found, NULL, err);
    plan.study->release(work);
    return status;
}

int trial_run(const struct plan *plan, const struct bars *bars, const struct fold *fold,
              struct trial *trial, struct err *err)
{
    void *work = NULL;
    int status = -1;

    *trial = (struct trial){.plan = plan_of_fold(plan, fold)};
    if (plan->study->prepare(&trial->plan, bars, &work, err) == 0) {
        status = choose(trial, work, bars->n, err);
        plan->study->release(work);
    }
    if (status != 0)
        trial_free(trial);
    return status;
}

void trial_free(struct trial *trial)
{
    outcome_free(&trial->outcome);
    free(trial->score);
    *trial = (struct trial){0};
}

int trial_surface(const struct plan *of, const struct bars *bars, struct range range,
                  double surface[], struct err *err)
{
    struct plan plan = *of;
    struct found found;
    void *work = NULL;
    int status = -1;

    plan.has_ranges = true;
    plan.training = range;
    plan.test = (struct range){0};
    if (plan.study->prepare(&plan, bars, &work, err) != 0)
        return -1;
    if (found_new(&plan, plan.max_points, &found, err) == 0) {
        status = search_boxes(&plan, work, &found, surface, err);
        found_free(&found);
    }
    plan.study->release(work);
    return status;
}

/* Each figure in its turn as if it were the objective: a rating has no more than one.
 */
static int rate_figure(const struct plan *plan, const struct bars *bars,
                       const struct trial_points *points, struct rating rating[],
                       struct err *err)
{
    char refusal[ERR_TEXT_MAX] = "";
    void *work = NULL;

    if (plan->study->prepare(plan, bars, &work, err) != 0)
        return -1;
    const int status =
        study_rate(plan, work, points->n, points->value, 1.0, rating, refusal, err);
    plan->study->release(work);
    return status;
}

int trial_surface_at(const struct plan *of, const struct bars *bars, struct range range,
                     const struct trial_points *points, double surface[],
                     struct err *err)
{
    struct rating *rating = calloc(points->n, sizeof *rating);
    struct plan plan = *of;
    int status = 0;

    if (rating == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu points", points->n);
    plan.has_ranges = true;
    plan.training = range;
    plan.test = (struct range){0};
    plan.n_constraints = 0;
    plan.n_surfaces = 0;
    for (size_t s = 0; status == 0 && s < of->n_surfaces; s++) {
        plan.objective = of->surface[s];
        status = rate_figure(&plan, bars, points, rating, err);
        for (size_t i = 0; status == 0 && i < points->n; i++)
            surface[s * points->n + i] = rating[i].cost;
    }
    free(rating);
    return status;
}
