#include "coordinator/crew.h"
#include "coordinator/unit.h"
#include "coordinator/verdicts.h"
#include "core/clock.h"

#include <stdint.h>
#include <string.h>

static void put_down(struct crew *crew)
{
    if (crew->work != NULL)
        crew->job->plan.study->release(crew->work);
    crew->work = NULL;
    crew->instrument = SIZE_MAX;
    bars_free(&crew->bars);
}

int crew_new(const struct job *job, const struct history *history,
             const struct universe *universe, struct crew *crew, struct err *err)
{
    struct verdict *verdict;

    *crew = (struct crew){
        .job = job, .history = history, .universe = universe, .instrument = SIZE_MAX};
    if (found_new(&job->plan, &crew->found, err) != 0)
        return -1;
    if (verdicts_new(&job->plan, 1, &verdict, err) != 0) {
        found_free(&crew->found);
        return -1;
    }
    crew->verdict = verdict;
    return 0;
}

void crew_free(struct crew *crew)
{
    put_down(crew);
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

static int read_bars(struct crew *crew, const struct history_entry *entry,
                     struct err *err)
{
    const struct job_keys *keys = &crew->job->keys;

    if (history_read(crew->history, entry, keys->from_ns, keys->to_ns, &crew->bars,
                     err) != 0)
        return -1;
    if (crew->bars.n == 0)
        return err_set(err, ERR_INPUT, "has no bar between `from` and `to`");
    return 0;
}

/* Make the instrument the prepared one.  A fault of its own is kept in crew->fault. */
static int pick_up(struct crew *crew, size_t instrument, struct err *err)
{
    const struct plan *plan = &crew->job->plan;

    if (crew->instrument == instrument)
        return 0;
    put_down(crew);
    crew->fault = (struct err){0};
    if (read_bars(crew, crew->universe->entry[instrument], &crew->fault) != 0 ||
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
    int status;

    if (unit_get(&request, &unit, points) != 0 || unit.instrument >= crew->universe->n)
        return err_set(err, ERR_BUG, "a unit cannot be read");
    if (pick_up(crew, unit.instrument, err) != 0)
        return -1;
    crew->times.read_s += lap(&then);
    if (crew->work == NULL) {
        unit_put_failure(answer, crew->fault.text);
        return 0;
    }
    if (unit.kind == UNIT_SEARCH) {
        status = search(crew, &unit, answer, err);
        crew->times.search_s += lap(&then);
    } else {
        status = judge(crew, &unit, points, answer, err);
        crew->times.judge_s += lap(&then);
    }
    return status == 0
               ? 0
               : err_add(err, "%s", crew->universe->entry[unit.instrument]->instrument);
}
