#include "coordinator/crew_search.h"
#include "coordinator/unit_search.h"

#include <stdlib.h>

bool crew_is_of_points(const struct unit *unit)
{
    return unit->kind == UNIT_RATE || unit->kind == UNIT_POLISH ||
           unit->kind == UNIT_JUDGE_AT;
}

static int rate(struct crew *crew, const struct unit *unit,
                const struct unit_points *points, const double value[],
                struct buffer *answer, struct err *err)
{
    struct rating *rating = calloc(unit->n_points + 1, sizeof *rating);
    char refusal[ERR_TEXT_MAX] = "";

    if (rating == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %u points", unit->n_points);
    const int status = study_rate(&crew->job->plan, crew->work, unit->n_points, value,
                                  points->share, rating, refusal, err);
    if (status == 0) {
        unit_put_good(answer);
        unit_put_ratings(answer, unit->n_points, rating, refusal);
    }
    free(rating);
    return status;
}

/* A search_rate_fn: context is the crew. */
static int rate_one(void *context, size_t n, const double value[], double share,
                    struct rating rating[], struct err *err)
{
    struct crew *crew = context;
    char unread[ERR_TEXT_MAX] = "";

    return study_rate(&crew->job->plan, crew->work, n, value, share, rating, unread,
                      err);
}

/* known: what is behind the start in the request. */
static int polish(struct crew *crew, const struct unit_points *points,
                  const double value[], struct reader known, struct buffer *answer,
                  struct err *err)
{
    const struct grid *grid = &crew->job->plan.grid;
    struct tried tried, before;
    const struct search_from from = {value, points->rating, points->n_most, &before};

    tried_start(grid->n_axes, &tried);
    tried_start(grid->n_axes, &before);
    int status = unit_get_tried(&known, &before, err);
    if (status == 0)
        status = search_polish(grid, &from, rate_one, crew, &tried, err);
    if (status == 0) {
        unit_put_good(answer);
        unit_put_tried(answer, &tried);
    }
    tried_free(&tried);
    tried_free(&before);
    return status;
}

static int judge(struct crew *crew, const struct unit *unit, const double value[],
                 struct buffer *answer, struct err *err)
{
    const size_t n_axes = crew->job->plan.grid.n_axes;

    unit_put_good(answer);
    for (uint32_t i = 0; i < unit->n_points; i++)
        if (crew_judge_values(crew, value + i * n_axes, answer, err) != 0)
            return -1;
    return crew_judge_incumbent(crew, answer, err);
}

int crew_answer_points(struct crew *crew, const struct unit *unit,
                       struct reader request, struct buffer *answer, struct err *err)
{
    struct unit_points points;
    double *value = NULL;
    int status = -1;

    if (unit_get_points(&request, unit, crew->job->plan.grid.n_axes, &points, &value) !=
        0)
        err_set(err, ERR_BUG, "the points of a unit cannot be read");
    else if (unit->kind == UNIT_RATE)
        status = rate(crew, unit, &points, value, answer, err);
    else if (unit->kind == UNIT_POLISH)
        status = polish(crew, &points, value, request, answer, err);
    else
        status = judge(crew, unit, value, answer, err);
    free(value);
    return status;
}
