#include "worker/search.h"
#include "worker/search_method.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- the state ---- */

enum stage { STAGE_METHOD, STAGE_POLISH, STAGE_DONE };

struct search {
    struct search_rules rules;
    const struct grid *grid;
    size_t d;
    const struct axis *axis[AXES_MAX]; /* [d] those with more than one value */
    size_t place[AXES_MAX];            /* ... in the grid                    */
    double n_most, n_method;           /* points of all; of the method       */
    enum stage stage;
    void *state; /* the method's */

    struct tried tried;
    struct search_wish wish;
    size_t *number;               /* [wish.n] of the wished points, in the table */
    struct search_answer *answer; /* [wish.n]                                    */
    size_t n_answers;             /* room for them                               */
    struct search_batch batch;
    size_t *asked;         /* [batch.n] of those that are to be rated       */
    struct ranking starts; /* of a polish, as they were when it began          */
    size_t n_polished;
    uint64_t n_each; /* points a start */
    size_t n_idle;   /* generations without a new point, up to now    */
    uint32_t generation;
    double n_spent;
};

static int start_method(struct search *search, struct err *err)
{
    const struct search_start start = {.rules = &search->rules,
                                       .grid = search->grid,
                                       .d = search->d,
                                       .axis = search->axis,
                                       .n_most = search->n_method};

    return search->rules.method->start(&start, &search->state, err);
}

int search_new(const struct search_rules *rules, const struct grid *grid, double n_most,
               struct search **out, struct err *err)
{
    struct search *search = calloc(1, sizeof *search);

    if (search == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a search");
    *search = (struct search){.rules = *rules, .grid = grid, .n_most = n_most};
    tried_start(grid->n_axes, &search->tried);
    for (size_t a = 0; a < grid->n_axes; a++)
        if (grid->axis[a].n > 1) {
            search->place[search->d] = a;
            search->axis[search->d++] = &grid->axis[a];
        }
    search->n_method = fmin(search_method_points(rules, grid), n_most);
    if (search->d > 0 && start_method(search, err) != 0) {
        search_free(search);
        return -1;
    }
    search->wish.d = search->d;
    *out = search;
    return 0;
}

void search_free(struct search *search)
{
    if (search == NULL)
        return;
    if (search->state != NULL)
        search->rules.method->end(search->state);
    tried_free(&search->tried);
    free(search->wish.u);
    free(search->number);
    free(search->answer);
    free(search->batch.value);
    free(search->asked);
    free(search);
}

int search_wish_fill(struct search_wish *wish, size_t n, struct err *err)
{
    if (n > wish->capacity) {
        double *u = realloc(wish->u, n * wish->d * sizeof *u);

        if (u == NULL)
            return err_set(err, ERR_MEMORY, "no memory for %zu points", n);
        wish->u = u;
        wish->capacity = n;
    }
    wish->n = n;
    wish->share = 1.0;
    return 0;
}

/* ---- asking ---- */

static void values_at(const struct search *search, const double u[], double value[])
{
    for (size_t a = 0; a < search->grid->n_axes; a++)
        value[a] = search->grid->axis[a].value[0];
    for (size_t j = 0; j < search->d; j++)
        value[search->place[j]] = axis_at(search->axis[j], u[j]);
}

static int make_room(struct search *search, size_t n, struct err *err)
{
    if (n <= search->n_answers)
        return 0;
    size_t *number = realloc(search->number, n * sizeof *number);
    if (number != NULL)
        search->number = number;
    struct search_answer *answer = realloc(search->answer, n * sizeof *answer);
    if (answer != NULL)
        search->answer = answer;
    size_t *asked = realloc(search->asked, n * sizeof *asked);
    if (asked != NULL)
        search->asked = asked;
    double *value =
        realloc(search->batch.value, n * (search->grid->n_axes + 1) * sizeof *value);
    if (value != NULL)
        search->batch.value = value;
    if (number == NULL || answer == NULL || asked == NULL || value == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a batch of %zu points", n);
    search->n_answers = n;
    return 0;
}

/* The wished points that nobody has tried yet become the batch. */
static int make_batch(struct search *search, struct err *err)
{
    const size_t n_axes = search->grid->n_axes;
    struct search_batch *batch = &search->batch;
    double value[AXES_MAX];
    bool is_new;

    if (make_room(search, search->wish.n, err) != 0)
        return -1;
    batch->n = 0;
    batch->polish = false;
    batch->share = search->wish.share;
    batch->number = search->generation++;
    for (size_t i = 0; i < search->wish.n; i++) {
        values_at(search, search->wish.u + i * search->d, value);
        if (tried_take(&search->tried, value, batch->share, &search->number[i], &is_new,
                       err) != 0)
            return -1;
        if (!is_new)
            continue;
        search->tried.point[search->number[i]].generation = batch->number;
        memcpy(batch->value + batch->n * n_axes, value, n_axes * sizeof *value);
        search->asked[batch->n++] = search->number[i];
    }
    search->n_spent += (double)batch->n * batch->share;
    search->n_idle = batch->n > 0 ? 0 : search->n_idle + 1;
    return 0;
}

static struct search_answer answer_of(const struct tried_point *point, size_t number)
{
    const struct rating *rating = &point->rating;

    if (isnan(rating->cost) || isnan(rating->violation))
        return (struct search_answer){{INFINITY, INFINITY, number}, -INFINITY};
    return (struct search_answer){{rating->violation, rating->cost, number},
                                  rating->slack};
}

static int answer_method(struct search *search, struct err *err)
{
    for (size_t i = 0; i < search->wish.n; i++)
        search->answer[i] =
            answer_of(&search->tried.point[search->number[i]], search->number[i]);
    return search->rules.method->tell(search->state, &search->wish, search->answer,
                                      err);
}

/* The one point that there is. */
static int ask_for_the_only_one(struct search *search, struct err *err)
{
    search->stage = STAGE_DONE;
    search->wish.n = 1;
    search->wish.share = 1.0;
    return make_batch(search, err);
}

/* Does the method go on?  A method that only comes back to points that it knows has
 * nothing more to find. */
static bool goes_on(const struct search *search)
{
    enum { IDLE_AT_MOST = 100 };

    return search->n_idle < IDLE_AT_MOST && search->n_spent < search->n_method;
}

/* A batch of the method's with something in it, or an empty one at its end. */
static int ask_method(struct search *search, struct err *err)
{
    search->batch.n = 0;
    while (goes_on(search)) {
        if (search->rules.method->ask(search->state, search->n_spent, &search->wish,
                                      err) != 0)
            return -1;
        if (search->wish.n == 0)
            return 0;
        if (make_batch(search, err) != 0)
            return -1;
        if (search->batch.n > 0)
            return 0;
        if (answer_method(search, err) != 0)
            return -1;
    }
    return 0;
}

/* The best points of the method, each with an even share of what is left. */
static void choose_starts(struct search *search)
{
    const double n_left = search->n_most - search->n_spent;
    struct ranking *starts = &search->starts;

    starts->n_max = search->rules.n_polish;
    search_rank(search, starts);
    if (starts->n == 0)
        return;
    search->n_each = (uint64_t)fmin((double)search->rules.n_polish_points,
                                    floor(fmax(0.0, n_left) / (double)starts->n));
    if (search->n_each == 0)
        starts->n = 0;
}

/* One start after another, so that none rates what another has. */
static int ask_polish(struct search *search, struct err *err)
{
    struct search_batch *batch = &search->batch;
    const size_t n_axes = search->grid->n_axes;

    batch->n = 0;
    if (search->n_polished == search->starts.n) {
        search->stage = STAGE_DONE;
        return 0;
    }
    if (make_room(search, 1, err) != 0)
        return -1;
    const size_t number = (size_t)search->starts.best[search->n_polished++].point;
    *batch = (struct search_batch){.polish = true,
                                   .n = 1,
                                   .value = batch->value,
                                   .share = 1.0,
                                   .number = search->generation++,
                                   .n_most = search->n_each,
                                   .rating = search->tried.point[number].rating,
                                   .known = &search->tried};
    memcpy(batch->value, tried_value(&search->tried, number),
           n_axes * sizeof *batch->value);
    return 0;
}

int search_ask(struct search *search, const struct search_batch **batch,
               struct err *err)
{
    *batch = &search->batch;
    if (search->d == 0 && search->stage == STAGE_METHOD)
        return ask_for_the_only_one(search, err);
    if (search->stage == STAGE_METHOD) {
        if (ask_method(search, err) != 0)
            return -1;
        if (search->batch.n > 0)
            return 0;
        search->stage = search->rules.n_polish > 0 ? STAGE_POLISH : STAGE_DONE;
        if (search->stage == STAGE_POLISH)
            choose_starts(search);
    }
    search->batch.n = 0;
    return search->stage == STAGE_DONE ? 0 : ask_polish(search, err);
}

/* ---- being told ---- */

int search_tell(struct search *search, const struct rating rating[], struct err *err)
{
    for (size_t i = 0; i < search->batch.n; i++) {
        struct tried_point *point = &search->tried.point[search->asked[i]];

        point->rating = rating[i];
        point->is_rated = true;
    }
    return search->d > 0 ? answer_method(search, err) : 0;
}

int search_tell_polish(struct search *search, const struct tried *of_start,
                       struct err *err)
{
    for (size_t i = 0; i < of_start->n; i++) {
        size_t number;
        bool is_new;

        if (tried_take(&search->tried, tried_value(of_start, i), 1.0, &number, &is_new,
                       err) != 0)
            return -1;
        if (!is_new)
            continue;
        search->tried.point[number] = of_start->point[i];
        search->tried.point[number].generation = search->batch.number;
        search->n_spent += 1.0;
    }
    return 0;
}

/* ---- what was found ---- */

const struct tried *search_tried(const struct search *search)
{
    return &search->tried;
}

void search_give_tried(struct search *search, struct tried *tried)
{
    *tried = search->tried;
    tried_start(search->grid->n_axes, &search->tried);
}

double search_n_spent(const struct search *search)
{
    return search->n_spent;
}

void search_rank(const struct search *search, struct ranking *ranking)
{
    ranking->n = 0;
    for (size_t i = 0; i < search->tried.n; i++) {
        const struct tried_point *point = &search->tried.point[i];
        const struct candidate candidate = {point->rating.violation, point->rating.cost,
                                            i};

        if (point->is_rated && point->share == 1.0 && !isnan(candidate.cost) &&
            !isnan(candidate.violation))
            ranking_offer(ranking, &candidate);
    }
}
