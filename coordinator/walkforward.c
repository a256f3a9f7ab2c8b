#include "coordinator/walkforward.h"
#include "coordinator/walk_joint.h"
#include "coordinator/walk_result.h"
#include "core/file.h"
#include "mpi/agree.h"
#include "mpi/schedule.h"
#include "worker/scope.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What every rank holds; the result is rank 0's. */
struct walk {
    const struct team *team;
    struct subject subject;
    struct walk_worker worker;
    struct walk_result result;
    size_t first; /* place of the first instrument in the universe */
    uint64_t n_units, n_given;
    uint64_t
        n_given_of[FOLDS_MAX + 1]; /* instruments, by fold: where axes are shared */
    struct cscv_choice **choice;   /* [universe->n] ... what each would choose      */
};

/* Where axes are shared, every instrument is asked what it would choose. */
static uint64_t n_overfits(const struct walk *walk)
{
    return scope_is_shared(&walk->subject.job.plan.grid) ? walk->subject.universe.n
                                                         : walk->result.n;
}

static int start(struct walk *walk, const struct walkforward_options *options,
                 struct err *err)
{
    enum { REPLICATES = 1000 };
    struct subject *subject = &walk->subject;
    const struct universe *universe = &subject->universe;

    if (subject_open(&options->subject, subject, err) != 0)
        return -1;
    const struct study *study = subject->job.plan.study;
    if (study->scores == NULL)
        return err_set(err, ERR_INPUT,
                       "walkforward: the %s study has no score of a bar that rivals "
                       "could be compared by",
                       study->name);
    if (job_size_boxes(&subject->job, universe_most_bars(universe), err) != 0)
        return -1;
    walk->worker = (struct walk_worker){.subject = subject,
                                        .rules = walk_rules(&subject->job),
                                        .n_blocks = (size_t)subject->job.keys.n_blocks,
                                        .instrument = SIZE_MAX,
                                        .shared = {.fold = SIZE_MAX}};
    walk->result = (struct walk_result){.subject = subject,
                                        .rules = walk->worker.rules,
                                        .n_blocks = walk->worker.n_blocks,
                                        .n_replicates = REPLICATES,
                                        .seed = options->seed,
                                        .n = subject->entry != NULL ? 1 : universe->n};
    while (subject->entry != NULL && universe->entry[walk->first] != subject->entry)
        walk->first++;
    walk->n_units = walk->result.n * walk->worker.rules.n_folds + n_overfits(walk);
    if (walk->team->rank != 0)
        return 0;
    walk->result.instrument = calloc(walk->result.n, sizeof *walk->result.instrument);
    walk->choice = calloc(universe->n, sizeof *walk->choice);
    if (walk->result.instrument == NULL || walk->choice == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu instruments",
                       walk->result.n);
    for (size_t i = 0; i < walk->result.n; i++)
        walk->result.instrument[i].entry = universe->entry[walk->first + i];
    return 0;
}

static void end(struct walk *walk)
{
    for (size_t i = 0; walk->result.instrument != NULL && i < walk->result.n; i++)
        for (size_t k = 0; k < FOLDS_MAX; k++)
            walk_fold_free(&walk->result.instrument[i].fold[k]);
    for (size_t i = 0; walk->choice != NULL && i < walk->subject.universe.n; i++)
        free(walk->choice[i]);
    free(walk->choice);
    free(walk->result.instrument);
    walk_worker_end(&walk->worker);
    subject_close(&walk->subject);
}

/* ---- rank 0's side of the schedule ---- */

/* Units in the order of instruments: a rank's next one mostly has the same bars.  Where
 * axes are shared, a fold's choice is all instruments' together and a rank keeps one:
 * folds follow each other, and each rank begins with another. */
static uint64_t next_unit(struct walk *walk, int rank)
{
    const uint64_t n_units = walk_units(&walk->worker.rules);
    const uint64_t first = walk->first * n_units;

    if (!scope_is_shared(&walk->subject.job.plan.grid))
        return first + walk->n_given++;
    walk->n_given++;
    for (uint64_t j = 0;; j++) {
        const uint64_t k = ((uint64_t)rank + j) % n_units;
        const bool is_fold = k < walk->worker.rules.n_folds;

        if (walk->n_given_of[k] < (is_fold ? walk->result.n : n_overfits(walk)))
            return (is_fold ? first : 0) + walk->n_given_of[k]++ * n_units + k;
    }
}

static enum schedule_next give(void *context, int rank, uint64_t *unit,
                               struct buffer *request)
{
    struct walk *walk = context;

    if (walk->n_given == walk->n_units)
        return SCHEDULE_DONE;
    *unit = next_unit(walk, rank);
    buffer_put(request, unit, sizeof *unit);
    return SCHEDULE_GIVEN;
}

static uint64_t count_left(void *context)
{
    const struct walk *walk = context;

    return walk->n_units - walk->n_given;
}

static int take_reason(struct reader *answer, char *reason, struct err *err)
{
    if (reader_get_text(answer, reason, ERR_TEXT_MAX) != 0)
        return err_set(err, ERR_BUG, "a reason cannot be read");
    return 0;
}

/* NULL: an instrument that nobody asked for. */
static struct walk_instrument *instrument_at(const struct walk *walk, size_t i)
{
    return i >= walk->first && i - walk->first < walk->result.n
               ? &walk->result.instrument[i - walk->first]
               : NULL;
}

static int take_overfit(struct walk *walk, size_t i, bool is_good,
                        struct reader *answer, struct err *err)
{
    const struct grid *grid = &walk->subject.job.plan.grid;
    struct walk_instrument *of = instrument_at(walk, i);
    char unread[ERR_TEXT_MAX];

    if (of != NULL)
        of->overfit.by_rule.pbo = of->overfit.by_loss.pbo = (double)NAN;
    if (!is_good)
        return take_reason(answer, of != NULL ? of->overfit.reason : unread, err);
    const int status = scope_is_shared(grid)
                           ? walk_get_choices(answer,
                                              cscv_n_halves(walk->worker.n_blocks) *
                                                  (size_t)scope_n_cells(grid),
                                              &walk->choice[i])
                           : walk_get_overfit(answer, &of->overfit);
    return status == 0 ? 0 : err_set(err, ERR_BUG, "an overfitting cannot be read");
}

static int take(void *context, int rank, uint64_t unit, struct reader answer,
                struct err *err)
{
    struct walk *walk = context;
    const uint64_t n_units = walk_units(&walk->worker.rules), k = unit % n_units;
    struct walk_instrument *of = instrument_at(walk, (size_t)(unit / n_units));
    uint32_t is_good;

    (void)rank;
    if (reader_get(&answer, &is_good, sizeof is_good) != 0)
        return err_set(err, ERR_BUG, "an answer cannot be read");
    if (k == walk->worker.rules.n_folds)
        return take_overfit(walk, (size_t)(unit / n_units), is_good, &answer, err);
    if (!is_good)
        return take_reason(&answer, of->fold_reason[k], err);
    if (walk_get_fold(&answer, walk->subject.job.plan.study->n_metrics, &of->fold[k]) !=
        0)
        return err_set(err, ERR_MEMORY, "a fold cannot be read");
    of->has_fold[k] = true;
    return 0;
}

static int run(struct walk *walk, struct err *err)
{
    const struct schedule schedule = {
        .source = {.context = walk, .next = give, .take = take, .n_left = count_left},
        .worker = {.context = &walk->worker, .work = walk_work},
    };
    struct schedule_figures figures;
    struct schedule_share *share = calloc((size_t)walk->team->size, sizeof *share);

    if (agree(walk->team->comm,
              share == NULL ? err_set(err, ERR_MEMORY, "no memory for ranks") : 0,
              err) != 0) {
        free(share);
        return -1;
    }
    const int status = schedule_run(walk->team->comm, &schedule, share, &figures, err);
    free(share);
    return status;
}

/* ---- the products ---- */

static int write_output(const struct walkforward_options *options, const char *bytes,
                        size_t n_bytes, struct err *err)
{
    char path[FILE_PATH_MAX];

    if (options->output == NULL)
        return 0;
    if (file_make_directory(options->output, err) != 0 ||
        file_join(options->output, "walkforward.json", path, err) != 0)
        return -1;
    return file_replace(path, bytes, n_bytes, err);
}

static int join(const struct walk *walk, struct err *err)
{
    const size_t n = walk->subject.universe.n;

    if (!scope_is_shared(&walk->subject.job.plan.grid))
        return 0;
    struct walk_overfit **overfit = calloc(n, sizeof *overfit);
    if (overfit == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu instruments", n);
    for (size_t i = 0; i < n; i++)
        if (instrument_at(walk, i) != NULL)
            overfit[i] = &instrument_at(walk, i)->overfit;
    const int status =
        walk_joint(&walk->subject, walk->worker.n_blocks,
                   (const struct cscv_choice *const *)walk->choice, overfit, err);
    free(overfit);
    return status;
}

static int tell(const struct walk *walk, const struct walkforward_options *options,
                struct err *err)
{
    char *bytes;
    size_t n_bytes;

    if (join(walk, err) != 0)
        return -1;
    for (size_t i = 0; i < walk->result.n; i++)
        if (walk_conclude(&walk->result, &walk->result.instrument[i], err) != 0)
            return -1;
    if (walk_make_json(&walk->result, &bytes, &n_bytes, err) != 0)
        return -1;
    const int status = write_output(options, bytes, n_bytes, err);
    if (status == 0 && options->as_json)
        fputs(bytes, stdout);
    else if (status == 0 && !options->quiet)
        walk_print_table(&walk->result, stdout);
    free(bytes);
    return status;
}

static int refuse(const struct walk *walk, struct err *err)
{
    size_t n_held = 0;

    if (walk->team->rank != 0)
        return 0;
    for (size_t i = 0; i < walk->result.n; i++)
        n_held += walk->result.instrument[i].status != STATUS_CALIBRATED;
    if (n_held == 0)
        return 0;
    return err_set(err, ERR_REFUSED,
                   "%zu of %zu instruments do not hold: the reasons "
                   "stand with each",
                   n_held, walk->result.n);
}

int walkforward(const struct team *team, const struct walkforward_options *options,
                struct err *err)
{
    struct walk walk = {.team = team};
    int status = -1;

    if (agree(team->comm, start(&walk, options, err) != 0, err) == 0 &&
        run(&walk, err) == 0 &&
        agree(team->comm, team->rank == 0 ? tell(&walk, options, err) != 0 : 0, err) ==
            0)
        status = refuse(&walk, err);
    end(&walk);
    return status;
}
