#include "worker/liquidation_paths.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static size_t every_of(const struct series *series,
                       const struct liquidation_settings *settings)
{
    return settings->start_every_bars > 0 ? (size_t)settings->start_every_bars
                                          : series->rules.horizon_bars;
}

static int64_t number_of(const struct series *series, size_t t)
{
    return series->time[t] / series->interval_ns;
}

/* Does a path start at t, or would it but for a gap? */
static bool is_start(const struct series *series, size_t t, size_t every)
{
    return number_of(series, t) % (int64_t)every == 0;
}

static void count(const struct series *series, struct range range, size_t every,
                  struct liquidation_paths *paths)
{
    for (size_t t = range.first; t + series->rules.horizon_bars < range.end; t++) {
        if (!is_start(series, t, every))
            continue;
        if (series_is_scored(series, range, t))
            paths->n++;
        else
            paths->n_left_out++;
    }
}

static int allocate(struct liquidation_paths *paths, struct err *err)
{
    const size_t n = paths->n;
    const size_t n_people = (paths->own_numbers ? 1 : n) * paths->people.n;

    paths->start = calloc(n + 1, sizeof *paths->start);
    paths->number = calloc(n + 1, sizeof *paths->number);
    paths->price = calloc(paths->n_steps + 1, sizeof(double));
    paths->low = calloc(n + 1, sizeof(double));
    paths->high = calloc(n + 1, sizeof(double));
    paths->debt = calloc(n + 1, sizeof(double));
    paths->need = calloc(n + 1, sizeof(double));
    paths->share = calloc(n_people + 1, sizeof(double));
    paths->slack = calloc(n_people + 1, sizeof(double));
    if (paths->start != NULL && paths->number != NULL && paths->price != NULL &&
        paths->low != NULL && paths->high != NULL && paths->debt != NULL &&
        paths->need != NULL && paths->share != NULL && paths->slack != NULL)
        return 0;
    liquidation_paths_free(paths);
    return err_set(err, ERR_MEMORY, "no memory for %zu paths of %zu steps", n,
                   paths->n_steps);
}

const double *liquidation_lay(const struct liquidation_paths *paths, size_t p,
                              bool *finer)
{
    const size_t t = paths->start[p], h = paths->horizon_bars;
    const bool is_finer = steps_of_finer(paths->bars, t, h, paths->a_bar, paths->price);

    if (!is_finer)
        steps_of(paths->bars, t, h, paths->a_bar, paths->price);
    if (finer != NULL)
        *finer = is_finer;
    return paths->price;
}

static void find_extremes(struct liquidation_paths *paths, size_t p)
{
    bool is_finer;
    const double *price = liquidation_lay(paths, p, &is_finer);

    paths->n_finer += is_finer;
    paths->low[p] = paths->high[p] = price[0];
    for (size_t s = 1; s <= paths->n_steps; s++) {
        paths->low[p] = fmin(paths->low[p], price[s]);
        paths->high[p] = fmax(paths->high[p], price[s]);
    }
}

static struct draws draws_of(const struct liquidation_paths *paths, size_t p,
                             uint64_t seed)
{
    return (struct draws){.seed = seed, .who = paths->who, .path = paths->number[p]};
}

int liquidation_paths_new(const struct series *series, struct range range,
                          const struct liquidation_settings *settings, uint64_t who,
                          struct liquidation_paths *paths, struct err *err)
{
    const size_t every = every_of(series, settings);
    const size_t a_bar = liquidation_steps_a_bar(settings, series->interval_ns);
    struct liquidation_paths made = {.bars = series->bars,
                                     .horizon_bars = series->rules.horizon_bars,
                                     .a_bar = a_bar,
                                     .n_steps = a_bar * series->rules.horizon_bars,
                                     .people = {.n = (size_t)settings->accounts,
                                                .spread = settings->size_spread,
                                                .slack = settings->slack},
                                     .own_numbers = settings->own_numbers,
                                     .who = who};
    size_t p = 0;

    count(series, range, every, &made);
    if (allocate(&made, err) != 0)
        return -1;
    for (size_t t = range.first; p < made.n; t++) {
        if (!is_start(series, t, every) || !series_is_scored(series, range, t))
            continue;
        made.start[p] = t;
        made.number[p] = (uint32_t)number_of(series, t);
        find_extremes(&made, p++);
    }
    for (p = 0; !made.own_numbers && p < made.n; p++) {
        const struct draws draws = draws_of(&made, p, (uint64_t)settings->seed);

        population_draw(&made.people, &draws, made.share + p * made.people.n,
                        made.slack + p * made.people.n);
    }
    *paths = made;
    return 0;
}

void liquidation_paths_free(struct liquidation_paths *paths)
{
    free(paths->start);
    free(paths->number);
    free(paths->price);
    free(paths->low);
    free(paths->high);
    free(paths->debt);
    free(paths->need);
    free(paths->share);
    free(paths->slack);
    *paths = (struct liquidation_paths){0};
}

struct engine_path liquidation_path(const struct liquidation_paths *paths, size_t p,
                                    uint64_t seed)
{
    return (struct engine_path){.n_steps = paths->n_steps,
                                .low = paths->low[p],
                                .high = paths->high[p],
                                .draws = draws_of(paths, p, seed)};
}

void liquidation_people(const struct liquidation_paths *paths, size_t p,
                        const struct draws *draws, const double **share,
                        const double **slack)
{
    const size_t place = paths->own_numbers ? 0 : p * paths->people.n;

    if (paths->own_numbers)
        population_draw(&paths->people, draws, paths->share, paths->slack);
    *share = paths->share + place;
    *slack = paths->slack + place;
}
