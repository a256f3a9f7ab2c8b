#include "coordinator/walkforward.h"
#include "coordinator/walk_book.h"
#include "core/file.h"
#include "mpi/agree.h"
#include "mpi/schedule.h"
#include "worker/scope.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What every rank holds; the book is rank 0's. */
struct walk {
    const struct team *team;
    struct subject subject;
    struct walk_worker worker;
    struct walk_book book;
    size_t first, n; /* instruments: the first one's place in the universe */
    uint64_t n_units, n_given;
    uint64_t
        n_given_of[FOLDS_MAX + 1]; /* instruments, by fold: where axes are shared */
    struct cscv_choice **choice;   /* [universe->n] ... what each would choose      */
};

/* Where axes are shared, every instrument is asked what it would choose. */
static uint64_t n_overfits(const struct walk *walk)
{
    return scope_is_shared(&walk->subject.job.plan.grid) ? walk->subject.universe.n
                                                         : walk->n;
}

static int start(struct walk *walk, const struct walkforward_options *options,
                 struct err *err)
{
    struct subject *subject = &walk->subject;
    const struct universe *universe = &subject->universe;

    if (subject_open(&options->subject, subject, err) != 0 ||
        universe_read_incumbents(&subject->job, &subject->universe, err) != 0)
        return -1;
    const struct study *study = subject->job.plan.study;
    if (study->scores == NULL)
        return err_set(err, ERR_INPUT,
                       "walkforward: the %s study has no score of a bar that rivals "
                       "could be compared by; its choice is judged on later bars by "
                       "validation.holdout",
                       study->name);
    if (job_size_boxes(&subject->job, universe_most_bars(universe), err) != 0)
        return -1;
    walk->worker = (struct walk_worker){.subject = subject,
                                        .rules = walk_rules(&subject->job),
                                        .n_blocks = (size_t)subject->job.keys.n_blocks,
                                        .instrument = SIZE_MAX,
                                        .shared = {.fold = SIZE_MAX}};
    walk->n = subject->entry != NULL ? 1 : universe->n;
    while (subject->entry != NULL && universe->entry[walk->first] != subject->entry)
        walk->first++;
    walk->n_units = walk->n * walk->worker.rules.n_folds + n_overfits(walk);
    return walk->team->rank != 0 ? 0
                                 : walk_book_open(subject, walk->first, walk->n,
                                                  options->seed, &walk->book, err);
}

static void end(struct walk *walk)
{
    walk_book_close(&walk->book);
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

        if (walk->n_given_of[k] < (is_fold ? walk->n : n_overfits(walk)))
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

static int take(void *context, int rank, uint64_t unit, struct reader answer,
                struct err *err)
{
    struct walk *walk = context;
    const uint64_t n_units = walk_units(&walk->worker.rules);

    (void)rank;
    return walk_book_take(&walk->book, (size_t)(unit / n_units),
                          (size_t)(unit % n_units), answer, err);
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

static int conclude(struct walk *walk, struct err *err)
{
    size_t *instrument = calloc(walk->n, sizeof *instrument);

    if (instrument == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu instruments", walk->n);
    for (size_t i = 0; i < walk->n; i++)
        instrument[i] = walk->first + i;
    const int status = walk_book_conclude(&walk->book, walk->n, instrument, err);
    free(instrument);
    return status;
}

static int tell(struct walk *walk, const struct walkforward_options *options,
                struct err *err)
{
    char *bytes;
    size_t n_bytes;

    if (conclude(walk, err) != 0 ||
        walk_make_json(&walk->book.result, &bytes, &n_bytes, err) != 0)
        return -1;
    const int status = write_output(options, bytes, n_bytes, err);
    if (status == 0 && options->as_json)
        fputs(bytes, stdout);
    else if (status == 0 && !options->quiet)
        walk_print_table(&walk->book.result, stdout);
    free(bytes);
    return status;
}

static int refuse(const struct walk *walk, struct err *err)
{
    size_t n_held = 0;

    if (walk->team->rank != 0)
        return 0;
    for (size_t i = 0; i < walk->n; i++)
        n_held += walk->book.result.instrument[i].status != STATUS_CALIBRATED;
    if (n_held == 0)
        return 0;
    return err_set(err, ERR_REFUSED,
                   "%zu of %zu instruments do not hold: the reasons "
                   "stand with each",
                   n_held, walk->n);
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
