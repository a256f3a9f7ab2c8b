#include "coordinator/crew.h"
#include "coordinator/crew_search.h"
#include "coordinator/crew_walk.h"
#include "coordinator/job_bars.h"
#include "coordinator/verdicts.h"
#include "core/clock.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static void put_down(struct crew *crew)
{
    if (crew->work != NULL)
        crew->job->plan.study->release(crew->work);
    crew->work = NULL;
    crew->instrument = SIZE_MAX;
    if (crew->borrowed) /* but for the shorter ones, which are the rank's own */
        crew->bars = (struct bars){.finer = crew->bars.finer};
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

static int read_span(struct crew *crew, size_t instrument, struct bars *bars,
                     struct err *err)
{
    const struct job_keys *keys = &crew->job->keys;

    crew->times.n_read++;
    return history_read(crew->history, crew->universe->entry[instrument], keys->from_ns,
                        keys->to_ns, bars, err);
}

/* A shelf_filler's fill(); a series that cannot be read says why to whoever reads it
 * for itself. */
static int fill_place(void *context, size_t instrument, void *place)
{
    struct crew *crew = context;
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

int crew_new(const struct team *team, const struct job *job, struct history *history,
             const struct universe *universe, struct crew *crew, struct err *err)
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
    crew_walk_free(crew->walk);
    *crew = (struct crew){0};
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

    crew->borrowed = place != NULL;
    if (!crew->borrowed) {
        if (read_span(crew, instrument, &crew->bars, err) != 0)
            return -1;
    } else {
        crew->bars.interval_ns = entry->interval_ns;
        crew->bars.n = (size_t) * (const uint64_t *)place;
        point_into(&crew->bars, (void *)place, (size_t)entry->n_bars);
    }
    return job_bars_complete(crew->job, crew->history, entry, &crew->bars, err);
}

static int prepare(struct crew *crew, struct err *err)
{
    const struct plan *plan = &crew->job->plan;

    if (crew->bars.n == 0)
        return err_set(err, ERR_INPUT, "has no bar between `from` and `to`");
    return plan->study->prepare(plan, &crew->bars, &crew->work, err);
}

/* What a study finds in the bars is ERR_INPUT, and tells about the instrument; all else
 * is a fault of this moment: of the file system, of memory. */
static enum unit_outcome sort_fault(struct crew *crew)
{
    forget_path(&crew->fault, crew->job->keys.history);
    return crew->fault.kind == ERR_INPUT ? UNIT_IMPOSSIBLE : UNIT_FAULT;
}

/* Seconds since *then, which becomes now. */
static double lap(int64_t *then)
{
    const int64_t now = clock_monotonic(), was = *then;

    *then = now;
    return (double)(now - was) / (double)CLOCK_SECOND;
}

/* Make the unit's instrument the prepared one; crew->outcome tells whether it is. */
static void pick_up(struct crew *crew, const struct unit *unit)
{
    int64_t then = clock_monotonic();

    if (crew->instrument == unit->instrument && crew->outcome != UNIT_FAULT)
        return;
    put_down(crew);
    crew->outcome = UNIT_GOOD;
    crew->instrument = unit->instrument;
    const int status = read_bars(crew, unit->instrument, &crew->fault);
    crew->times.read_s += lap(&then);
    if (status != 0) {
        sort_fault(crew);
        crew->outcome = UNIT_FAULT; /* whatever it is, reading again may mend it */
    } else if (prepare(crew, &crew->fault) != 0) {
        crew->outcome = sort_fault(crew);
    }
    crew->times.prepare_s += lap(&then);
    if (unit->next_instrument < crew->universe->n)
        history_expect(crew->history, crew->universe->entry[unit->next_instrument]);
    crew->times.read_s += lap(&then);
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
    unit_put_good(answer);
    unit_put_found(answer, &box, &crew->found);
    return 0;
}

int crew_judge_values(struct crew *crew, const double value[], struct buffer *answer,
                      struct err *err)
{
    const struct plan *plan = &crew->job->plan;

    if (plan->study->judge(crew->work, value, crew->verdict, err) != 0)
        return -1;
    unit_put_verdict(answer, plan, crew->verdict);
    return 0;
}

static int judge_point(struct crew *crew, uint64_t point, struct buffer *answer,
                       struct err *err)
{
    const struct plan *plan = &crew->job->plan;
    double value[AXES_MAX];

    incumbent_values(&plan->grid, universe_incumbent(crew->universe, crew->instrument),
                     point, value);
    return crew_judge_values(crew, value, answer, err);
}

/* The incumbent's points; one that these bars do not allow (a window that is longer
 * than they are) is nobody's fault and has no figures. */
int crew_judge_incumbent(struct crew *crew, struct buffer *answer, struct err *err)
{
    const struct plan *plan = &crew->job->plan;
    const struct incumbent *incumbent =
        universe_incumbent(crew->universe, crew->instrument);

    for (size_t i = 0; incumbent != NULL && i < incumbent->n_points; i++) {
        if (judge_point(crew, INCUMBENT_POINT + i, answer, err) == 0)
            continue;
        if (err->kind != ERR_INPUT)
            return -1;
        verdict_clear(plan, crew->verdict);
        unit_put_verdict(answer, plan, crew->verdict);
    }
    return 0;
}

static int judge(struct crew *crew, const struct unit *unit, const uint64_t points[],
                 struct buffer *answer, struct err *err)
{
    unit_put_good(answer);
    for (uint32_t i = 0; i < unit->n_points; i++)
        if (judge_point(crew, points[i], answer, err) != 0)
            return -1;
    return crew_judge_incumbent(crew, answer, err);
}

/* What a unit of the prepared instrument asks for; its request, behind the head. */
static int work_on(struct crew *crew, const struct unit *unit, const uint64_t points[],
                   struct reader request, struct buffer *answer, struct err *err)
{
    if (unit->kind == UNIT_WALK)
        return crew_walk(crew, unit, answer, err);
    if (crew_is_of_points(unit))
        return crew_answer_points(crew, unit, request, answer, err);
    return unit->kind == UNIT_SEARCH ? search(crew, unit, answer, err)
                                     : judge(crew, unit, points, answer, err);
}

/* What the unit asks for, or why not. */
static void answer_unit(struct crew *crew, const struct unit *unit,
                        const uint64_t points[], struct reader request,
                        struct buffer *answer)
{
    enum unit_outcome outcome = unit->kind == UNIT_WALK ? UNIT_GOOD : crew->outcome;
    const size_t place = answer->n;

    if (outcome == UNIT_GOOD) {
        crew->fault = (struct err){0};
        if (work_on(crew, unit, points, request, answer, &crew->fault) != 0)
            outcome = sort_fault(crew);
    }
    if (outcome == UNIT_GOOD)
        return;
    answer->n = place;
    if (outcome == UNIT_FAULT)
        unit_put_fault(answer, &crew->fault);
    else
        unit_put_impossible(answer, crew->fault.text);
}

/* Seconds that the processor was this thread's. */
static double cpu_now(void)
{
    struct timespec now = {0};

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

int crew_work(void *context, struct reader request, struct buffer *answer,
              struct err *err)
{
    struct crew *crew = context;
    const double cpu_then = cpu_now();
    uint64_t points[UNIT_POINTS_MAX];
    struct unit unit;

    if (unit_get(&request, &unit, points) != 0 || unit.instrument >= crew->universe->n)
        return err_set(err, ERR_BUG, "a unit cannot be read");
    if (unit.kind != UNIT_WALK) /* which has bars of its own */
        pick_up(crew, &unit);
    int64_t then = clock_monotonic();
    answer_unit(crew, &unit, points, request, answer);
    *(unit.kind != UNIT_JUDGE && unit.kind != UNIT_JUDGE_AT ? &crew->times.search_s
                                                            : &crew->times.judge_s) +=
        lap(&then);
    crew->times.cpu_s += cpu_now() - cpu_then;
    if (crew->fault.kind != ERR_BUG)
        return 0;
    *err = crew->fault;
    return err_add(err, "%s", crew->universe->entry[unit.instrument]->instrument);
}

void crew_report(void *context, struct buffer *report)
{
    struct crew *crew = context;
    struct rusage usage;

    if (getrusage(RUSAGE_SELF, &usage) == 0)
        crew->times.memory_bytes = 1024.0 * (double)usage.ru_maxrss;
    crew->times.shared_bytes = (double)shelf_bytes(crew->shelf);
    buffer_put(report, &crew->times, sizeof crew->times);
}
