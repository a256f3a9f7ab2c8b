#include "coordinator/walk_unit.h"
#include "coordinator/job_bars.h"
#include "coordinator/trial.h"
#include "coordinator/walk_overfit.h"
#include "worker/scope.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *walk_contender_name(size_t c)
{
    if (c == WALK_INCUMBENT)
        return "incumbent";
    return c == 0 ? "job" : challenger_name((enum challenger_kind)(c - 1));
}

struct fold_rules walk_rules(const struct job *job)
{
    return (struct fold_rules){.n_folds = (size_t)job->keys.n_folds,
                               .window = (enum fold_window)job->keys.fold_window,
                               .first_share = job->keys.first_share,
                               .embargo_bars = (size_t)job->keys.embargo_bars};
}

static void put_down(struct walk_worker *worker)
{
    bars_free(&worker->bars);
    worker->instrument = SIZE_MAX;
}

void walk_worker_end(struct walk_worker *worker)
{
    put_down(worker);
    walk_shared_free(&worker->shared);
}

static int pick_up(struct walk_worker *worker, size_t instrument, struct err *err)
{
    const struct subject *subject = worker->subject;
    const struct history_entry *entry = subject->universe.entry[instrument];

    if (worker->instrument == instrument)
        return 0;
    put_down(worker);
    if (job_bars_read(&subject->job, subject->history, entry, &worker->bars, err) != 0)
        return -1;
    worker->instrument = instrument;
    return 0;
}

/* ---- a rank's side of a fold ---- */

struct head {
    uint32_t status, is_judged;
    double value[AXES_MAX];
    double last;
};

static void put_choice(struct buffer *answer, const struct trial *trial)
{
    const struct outcome *outcome = &trial->outcome;
    const size_t n_metrics = trial->plan.study->n_metrics;
    struct head head;

    memset(&head, 0, sizeof head);
    head.status = outcome->status;
    head.is_judged = outcome->n_judged > 0;
    memcpy(head.value, trial->value, sizeof head.value);
    head.last = head.is_judged ? outcome->verdict[0].last : (double)NAN;
    buffer_put(answer, &head, sizeof head);
    buffer_put_text(answer, outcome->reason);
    for (int range = 0; range < JUDGED_RANGES && head.is_judged; range++)
        buffer_put(answer, outcome->verdict[0].figure[range],
                   n_metrics * sizeof(double));
    buffer_put(answer, trial->score, trial->n_scores * sizeof(double));
}

/* A choice that could not be made on these bars: the reason, and scores that are not.
 */
static void put_refusal(struct buffer *answer, const char *reason, size_t n_scores)
{
    struct head head;
    const double none = NAN;

    memset(&head, 0, sizeof head);
    head.status = STATUS_FAILED;
    head.last = NAN;
    for (size_t a = 0; a < AXES_MAX; a++)
        head.value[a] = NAN;
    buffer_put(answer, &head, sizeof head);
    buffer_put_text(answer, reason);
    for (size_t i = 0; i < n_scores; i++)
        buffer_put(answer, &none, sizeof none);
}

static int try_plan(const struct plan *plan, const struct walk_worker *worker,
                    const struct fold *fold, struct buffer *answer, struct err *err)
{
    struct err why = {0};
    struct trial trial;

    if (trial_run(plan, &worker->bars, fold, &trial, &why) == 0) {
        put_choice(answer, &trial);
        trial_free(&trial);
        return 0;
    }
    if (why.kind == ERR_INPUT) {
        put_refusal(answer, why.text, fold->test.end - fold->test.first);
        return 0;
    }
    *err = why;
    return -1;
}

/* The job's own choice; where axes are shared, with the values that all of its
 * instruments choose together. */
static int try_job(struct walk_worker *worker, const struct fold *fold, size_t k,
                   struct buffer *answer, struct err *err)
{
    const struct plan *plan = &worker->subject->job.plan;

    if (!scope_is_shared(&plan->grid))
        return try_plan(plan, worker, fold, answer, err);
    if (walk_shared_find(worker->subject, &worker->rules, k, &worker->shared, err) != 0)
        return -1;
    const size_t cell = worker->shared.cell[worker->instrument];
    /* who failed by itself fails again, and says why */
    const struct plan bound = walk_shared_plan(plan, cell != SIZE_MAX ? cell : 0);
    return try_plan(&bound, worker, fold, answer, err);
}

/* The incumbent's point, on the job's grid or off it. */
static int try_incumbent(const struct walk_worker *worker, const struct fold *fold,
                         struct buffer *answer, struct err *err)
{
    const struct incumbent *incumbent =
        universe_incumbent(&worker->subject->universe, worker->instrument);
    struct plan plan = worker->subject->job.plan;

    if (incumbent == NULL || incumbent->n_points == 0) {
        put_refusal(answer, "", fold->test.end - fold->test.first);
        return 0;
    }
    plan.search = (struct search_rules){0};
    plan.max_points = 1;
    for (size_t a = 0; a < plan.grid.n_axes; a++) {
        plan.grid.axis[a].n = 1;
        plan.grid.axis[a].span = AXIS_LISTED;
        plan.grid.axis[a].scope = AXIS_INSTRUMENT;
        plan.grid.axis[a].value = &incumbent->point[0][a];
    }
    return try_plan(&plan, worker, fold, answer, err);
}

static void put_span(struct buffer *answer, const struct bars *bars, struct range range)
{
    buffer_put(answer, &bars->time[range.first], sizeof(int64_t));
    buffer_put(answer, &bars->time[range.end - 1], sizeof(int64_t));
}

static int work_fold(struct walk_worker *worker, size_t k, struct buffer *answer,
                     struct err *err)
{
    const struct plan *plan = &worker->subject->job.plan;
    struct challenger *challenger;
    struct fold fold;

    if (fold_at(&worker->rules, &plan->series, worker->bars.n, k, &fold, err) != 0)
        return -1;
    const uint64_t n[] = {fold.training.end - fold.training.first,
                          fold.test.end - fold.test.first};
    put_span(answer, &worker->bars, fold.training);
    put_span(answer, &worker->bars, fold.test);
    buffer_put(answer, n, sizeof n);
    if (try_job(worker, &fold, k, answer, err) != 0)
        return -1;
    challenger = malloc(sizeof *challenger);
    if (challenger == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a challenger");
    int status = 0;
    for (int c = 0; status == 0 && c < CHALLENGERS; c++) {
        status = challenger_make((enum challenger_kind)c, plan, n[0], challenger, err);
        if (status == 0)
            status = try_plan(&challenger->plan, worker, &fold, answer, err);
    }
    free(challenger);
    return status == 0 ? try_incumbent(worker, &fold, answer, err) : -1;
}

/* A fold or overfitting that the bars do not allow is an answer too: one that begins
 * with 0 and has the reason. */
int walk_work(void *context, struct reader request, struct buffer *answer,
              struct err *err)
{
    struct walk_worker *worker = context;
    const uint64_t n_units = walk_units(&worker->rules);
    const size_t place = answer->n;
    uint32_t is_good = 1;
    uint64_t unit;
    struct err why = {0};

    if (reader_get(&request, &unit, sizeof unit) != 0 ||
        unit / n_units >= worker->subject->universe.n)
        return err_set(err, ERR_BUG, "a unit cannot be read");
    buffer_put(answer, &is_good, sizeof is_good);
    if (pick_up(worker, unit / n_units, err) != 0)
        return -1;
    if ((unit % n_units < worker->rules.n_folds
             ? work_fold(worker, unit % n_units, answer, &why)
             : walk_overfit_work(worker, answer, &why)) == 0)
        return 0;
    if (why.kind != ERR_INPUT) {
        *err = why;
        return err_add(err, "%s",
                       worker->subject->universe.entry[unit / n_units]->instrument);
    }
    is_good = 0;
    answer->n = place;
    buffer_put(answer, &is_good, sizeof is_good);
    buffer_put_text(answer, why.text);
    return 0;
}

/* ---- reading the answers ---- */

static int get_choice(struct reader *reader, size_t n_metrics, size_t n_scores,
                      struct walk_choice *choice)
{
    const size_t n_bytes = n_metrics * sizeof(double);
    struct head head;

    if (reader_get(reader, &head, sizeof head) != 0 ||
        reader_get_text(reader, choice->reason, sizeof choice->reason) != 0)
        return -1;
    choice->figure[0] = calloc(2 * n_metrics + n_scores + 1, sizeof(double));
    if (choice->figure[0] == NULL)
        return -1;
    choice->figure[1] = choice->figure[0] + n_metrics;
    choice->score = choice->figure[1] + n_metrics;
    choice->status = head.status;
    choice->is_judged = head.is_judged;
    choice->last = head.last;
    memcpy(choice->value, head.value, sizeof choice->value);
    for (int range = 0; range < JUDGED_RANGES && head.is_judged; range++)
        if (reader_get(reader, choice->figure[range], n_bytes) != 0)
            return -1;
    return reader_get(reader, choice->score, n_scores * sizeof(double));
}

int walk_get_fold(struct reader *reader, size_t n_metrics, struct walk_fold *fold)
{
    int64_t span[4];
    uint64_t n[2];

    if (reader_get(reader, span, sizeof span) != 0 ||
        reader_get(reader, n, sizeof n) != 0)
        return -1;
    *fold = (struct walk_fold){.training_from_ns = span[0],
                               .training_to_ns = span[1],
                               .test_from_ns = span[2],
                               .test_to_ns = span[3],
                               .n_training = n[0],
                               .n_test = n[1]};
    for (size_t c = 0; c < WALK_CONTENDERS; c++)
        if (get_choice(reader, n_metrics, n[1], &fold->choice[c]) != 0) {
            walk_fold_free(fold);
            return -1;
        }
    return 0;
}

void walk_fold_free(struct walk_fold *fold)
{
    for (size_t c = 0; c < WALK_CONTENDERS; c++)
        free(fold->choice[c].figure[0]);
    *fold = (struct walk_fold){0};
}

void walk_fold_forget_scores(struct walk_fold *fold, size_t n_metrics)
{
    for (size_t c = 0; c < WALK_CONTENDERS; c++) {
        struct walk_choice *choice = &fold->choice[c];
        double *figure = choice->figure[0];

        choice->score = NULL;
        if (figure == NULL)
            continue;
        double *less = realloc(figure, (2 * n_metrics + 1) * sizeof *figure);
        choice->figure[0] = less != NULL ? less : figure;
        choice->figure[1] = choice->figure[0] + n_metrics;
    }
}

int walk_get_overfit(struct reader *reader, struct walk_overfit *overfit)
{
    return reader_get(reader, overfit, sizeof *overfit);
}

int walk_get_choices(struct reader *reader, size_t n, struct cscv_choice **choice)
{
    if (reader->n_left != n * sizeof **choice)
        return -1;
    *choice = malloc(n * sizeof **choice);
    return *choice == NULL ? -1 : reader_get(reader, *choice, n * sizeof **choice);
}
