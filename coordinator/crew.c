#include "coordinator/crew.h"
#include "coordinator/unit.h"
#include "coordinator/verdicts.h"
#include "core/clock.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void put_down(struct crew *crew)
{
    if (crew->work != NULL)
        crew->job->plan.study->release(crew->work);
    crew->work = NULL;
    crew->instrument = SIZE_MAX;
    if (crew->borrowed)
        crew->bars = (struct bars){0};
    bars_free(&crew->bars);
    crew->borrowed = false;
}

/* ---- the history that a node's ranks have in common ---- */

enum { COLUMNS = 6 };

/* A place on the shelf: how many bars the span has, then the columns behind each other,
 * each with room for the whole series. */
static size_t place_bytes(const struct history_entry *entry)
{
    return sizeof(uint64_t) + COLUMNS * entry->n_bars * sizeof(double);
}

static void point_into(struct bars *bars, void *place, size_t room)
{
    double *column = (void *)((unsigned char *)place + sizeof(uint64_t));

    bars->time = (void *)column;
    bars->open = column + room;
    bars->high = column + 2 * room;
    bars->low = column + 3 * room;
    bars->close = column + 4 * room;
    bars->volume = column + 5 * room;
}

static int read_span(const struct crew *crew, size_t instrument, struct bars *bars,
                     struct err *err)
{
    const struct job_keys *keys = &crew->job->keys;

    return history_read(crew->history, crew->universe->entry[instrument], keys->from_ns,
                        keys->to_ns, bars, err);
}

/* A shelf_filler's fill(); a series that cannot be read says why to whoever reads it
 * for itself. */
static int fill_place(void *context, size_t instrument, void *place)
{
    const struct crew *crew = context;
    const size_t room = (size_t)crew->universe->entry[instrument]->n_bars;
    struct bars bars = {0}, shared = {0};

    if (read_span(crew, instrument, &bars, NULL) != 0)
        return -1;
    const uint64_t n = bars.n;
    const size_t n_bytes = bars.n * sizeof(double);
    memcpy(place, &n, sizeof n);
    point_into(&shared, place, room);
    memcpy(shared.time, bars.time, n_bytes);
    memcpy(shared.open, bars.open, n_bytes);
    memcpy(shared.high, bars.high, n_bytes);
    memcpy(shared.low, bars.low, n_bytes);
    memcpy(shared.close, bars.close, n_bytes);
    memcpy(shared.volume, bars.volume, n_bytes);
    bars_free(&bars);
    return 0;
}

static int new_shelf(const struct team *team, struct crew *crew, struct err *err)
{
    const size_t n = crew->universe->n;
    size_t *n_bytes = calloc(n, sizeof *n_bytes);

    if (n_bytes == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu instruments", n);
    for (size_t i = 0; i < n; i++)
        n_bytes[i] = place_bytes(crew->universe->entry[i]);
    const int status = shelf_new(
        team, n, n_bytes, (size_t)crew->job->keys.shared_mib << 20, &crew->shelf, err);
    free(n_bytes);
    return status;
}

int crew_new(const struct team *team, const struct job *job,
             const struct history *history, const struct universe *universe,
             struct crew *crew, struct err *err)
{
    *crew = (struct crew){
        .job = job, .history = history, .universe = universe, .instrument = SIZE_MAX};
    if (new_shelf(team, crew, err) == 0 &&
        found_new(&job->plan, job->plan.max_points, &crew->found, err) == 0 &&
        verdicts_new(&job->plan, 1, &crew->verdict, err) == 0)
        return 0;
    crew_free(crew);
    return -1;
}

void crew_free(struct crew *crew)
{
    if (crew->job == NULL)
        return;
    put_down(crew);
    shelf_free(crew->shelf);
    found_free(&crew->found);
    verdicts_free(crew->verdict);
    *crew = (struct crew){0};
}

/* Is the fault the instrument's own, so that the job goes on without it? */
static bool is_its_own(const struct err *fault)
{
    return fault->kind == ERR_INPUT;
}

/* A reason stands in parameters.json, which must not tell where the history lay. */
static void forget_path(struct err *fault, const char *path)
{
    const size_t n = strlen(path);

    if (strncmp(fault->text, path, n) == 0 && strncmp(fault->text + n, ": ", 2) == 0)
        memmove(fault->text, fault->text + n + 2, strlen(fault->text + n + 2) + 1);
}

static int read_bars(struct crew *crew, size_t instrument, struct err *err)
{
    const struct history_entry *entry = crew->universe->entry[instrument];
    const struct shelf_filler filler = {crew, fill_place};
    const void *place = shelf_get(crew->shelf, instrument, &filler);
    int status = 0;

    crew->borrowed = place != NULL;
    if (crew->borrowed) {
        crew->bars.interval_ns = entry->interval_ns;
        crew->bars.n = (size_t) * (const uint64_t *)place;
        point_into(&crew->bars, (void *)place, (size_t)entry->n_bars);
    } else {
        status = read_span(crew, instrument, &crew->bars, err);
    }
    if (status == 0 && crew->bars.n == 0)
        status = err_set(err, ERR_INPUT, "has no bar between `from` and `to`");
    return status;
}

/* Make the instrument the prepared one.  A fault of its own is kept in crew->fault. */
static int pick_up(struct crew *crew, size_t instrument, struct err *err)
{
    const struct plan *plan = &crew->job->plan;

    if (crew->instrument == instrument)
        return 0;
    put_down(crew);
    crew->fault = (struct err){0};
    if (read_bars(crew, instrument, &crew->fault) != 0 ||
        plan->study->prepare(plan, &crew->bars, &crew->work, &crew->fault) != 0) {
        forget_path(&crew->fault, crew->job->keys.history);
        if (!is_its_own(&crew->fault)) {
            *err = crew->fault;
            return err_add(err, "%s", crew->universe->entry[instrument]->instrument);
        }
    }
    crew->instrument = instrument;
    return 0;
}

static int search(struct crew *crew, const struct unit *unit, struct buffer *answer,
                  struct err *err)
{
    const struct plan *plan = &crew->job->plan;
    struct box box;

    grid_box(&plan->grid, plan->max_points, unit->box, &box);
    found_clear(&crew->found);
    if (plan->study->search(crew->work, &box, &crew->found, err) != 0)
        return -1;
    unit_put_success(answer);
    unit_put_found(answer, &box, &crew->found);
    return 0;
}

static int judge(struct crew *crew, const struct unit *unit, const uint64_t points[],
                 struct buffer *answer, struct err *err)
{
    const struct plan *plan = &crew->job->plan;

    unit_put_success(answer);
    for (uint64_t i = 0; i < unit->n_points; i++) {
        if (plan->study->judge(crew->work, points[i], crew->verdict, err) != 0)
            return -1;
        unit_put_verdict(answer, plan, crew->verdict);
    }
    return 0;
}

/* A unit of an instrument that is prepared.  What is the instrument's own fault is an
 * answer, in the place of all that was written of it. */
static int work_on(struct crew *crew, const struct unit *unit, const uint64_t points[],
                   struct buffer *answer, struct err *err)
{
    const size_t n_before = answer->n;
    struct err fault = {0};
    const int status = unit->kind == UNIT_SEARCH
                           ? search(crew, unit, answer, &fault)
                           : judge(crew, unit, points, answer, &fault);

    if (status == 0)
        return 0;
    if (!is_its_own(&fault)) {
        *err = fault;
        return err_add(err, "%s", crew->universe->entry[unit->instrument]->instrument);
    }
    answer->n = n_before;
    unit_put_failure(answer, fault.text);
    return 0;
}

/* Seconds since *then, which becomes now. */
static double lap(int64_t *then)
{
    const int64_t now = clock_monotonic(), was = *then;

    *then = now;
    return (double)(now - was) / (double)CLOCK_SECOND;
}

int crew_work(void *context, struct reader request, struct buffer *answer,
              struct err *err)
{
    struct crew *crew = context;
    int64_t then = clock_monotonic();
    uint64_t points[RANKING_MAX];
    struct unit unit;

    if (unit_get(&request, &unit, points) != 0 || unit.instrument >= crew->universe->n)
        return err_set(err, ERR_BUG, "a unit cannot be read");
    if (pick_up(crew, unit.instrument, err) != 0)
        return -1;
    crew->times.read_s += lap(&then);
    if (crew->work == NULL) {
        unit_put_failure(answer, crew->fault.text);
        return 0;
    }
    const int status = work_on(crew, &unit, points, answer, err);
    *(unit.kind == UNIT_SEARCH ? &crew->times.search_s : &crew->times.judge_s) +=
        lap(&then);
    return status;
}
