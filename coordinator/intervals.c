#include "coordinator/intervals.h"
#include "coordinator/intervals_shared.h"
#include "mpi/agree.h"
#include "mpi/schedule.h"
#include "worker/scope.h"

#include <stdlib.h>
#include <string.h>

/* What every rank holds; the table is rank 0's. */
struct run {
    const struct team *team;
    struct subject subject;
    struct interval_worker worker;
    struct interval_table table;
    size_t first; /* place of the first instrument in the universe */
    uint64_t n_given;
    struct interval_drawn *drawn; /* [table.n] where axes are shared: all of them */
};

static bool is_shared(const struct run *run)
{
    return scope_is_shared(&run->subject.job.plan.grid);
}

/* Rank 0 keeps what every replicate would choose of every cell. */
static int check_job(const struct run *run, size_t n_replicates, struct err *err)
{
    enum { CANDIDATES_MAX = 1 << 26 }; /* 1.5 GiB */
    const struct job *job = &run->subject.job;
    const uint64_t n_cells = scope_n_cells(&job->plan.grid);
    struct err why = {0};

    if (is_shared(run) &&
        n_cells > CANDIDATES_MAX / n_replicates / run->subject.universe.n)
        return conf_complain(job->conf, "scopes", err,
                             "%llu combinations of shared values are too many for %zu "
                             "replicates of %zu instruments: fewer --samples",
                             (unsigned long long)n_cells, n_replicates,
                             run->subject.universe.n);
    if (intervals_check(&job->plan, &why) != 0)
        return conf_complain(job->conf, "constraints", err, "%s", why.text);
    return 0;
}

static int start(struct run *run, const struct intervals_options *options,
                 struct err *err)
{
    struct subject *subject = &run->subject;
    const struct universe *universe = &subject->universe;

    if (subject_open(&options->subject, subject, err) != 0 ||
        check_job(run, options->n_replicates, err) != 0 ||
        universe_read_incumbents_at(options->incumbent != NULL
                                        ? options->incumbent
                                        : subject->job.keys.incumbent,
                                    &subject->job, &subject->universe, err) != 0 ||
        job_size_boxes(&subject->job, universe_most_bars(universe), err) != 0)
        return -1;
    run->worker = (struct interval_worker){.subject = subject,
                                           .n_replicates = options->n_replicates,
                                           .n_blocks = options->n_blocks,
                                           .seed = options->seed};
    run->table = (struct interval_table){
        .subject = subject, .options = options, .n = universe->n};
    while (subject->entry != NULL && universe->entry[run->first] != subject->entry)
        run->first++;
    if (subject->entry != NULL && !is_shared(run))
        run->table.n = 1;
    else
        run->first = 0;
    run->table.row = calloc(run->table.n, sizeof *run->table.row);
    run->drawn = calloc(run->table.n, sizeof *run->drawn);
    if (run->table.row == NULL || run->drawn == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu instruments", run->table.n);
    for (size_t i = 0; i < run->table.n; i++)
        run->table.row[i].entry = universe->entry[run->first + i];
    return 0;
}

/* ---- rank 0's side of the schedule ---- */

static enum schedule_next give(void *context, int rank, uint64_t *unit,
                               struct buffer *request)
{
    struct run *run = context;

    (void)rank;
    if (run->n_given == run->table.n)
        return SCHEDULE_DONE;
    *unit = run->first + run->n_given++;
    buffer_put(request, unit, sizeof *unit);
    return SCHEDULE_GIVEN;
}

static uint64_t count_left(void *context)
{
    const struct run *run = context;

    return run->table.n - run->n_given;
}

static int take(void *context, int rank, uint64_t unit, struct reader answer,
                struct err *err)
{
    struct run *run = context;
    struct interval_answer *of = &run->table.row[unit - run->first].answer;
    const size_t n_cells = (size_t)scope_n_cells(&run->subject.job.plan.grid);

    (void)rank;
    if (reader_get(&answer, of, sizeof *of) != 0)
        return err_set(err, ERR_BUG, "an answer cannot be read");
    if (is_shared(run) && of->reason[0] == '\0' &&
        intervals_get_draws(&answer, run->worker.n_replicates, n_cells,
                            of->incumbent.is_there ? 2 : 1,
                            &run->drawn[unit - run->first]) != 0)
        return err_set(err, ERR_MEMORY, "what replicates chose cannot be read");
    return 0;
}

/* What instruments chose together in every replicate. */
static int join(struct run *run, struct err *err)
{
    const size_t n = run->table.n;

    if (run->team->rank != 0 || !is_shared(run))
        return 0;
    struct interval_answer **answer = calloc(n, sizeof *answer);
    if (answer == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu instruments", n);
    for (size_t i = 0; i < n; i++)
        answer[i] = &run->table.row[i].answer;
    const int status = intervals_shared_join(&run->subject, run->worker.n_replicates,
                                             run->drawn, answer, err);
    free(answer);
    return status;
}

static int work(struct run *run, struct err *err)
{
    const struct schedule schedule = {
        .source = {.context = run, .next = give, .take = take, .n_left = count_left},
        .worker = {.context = &run->worker, .work = intervals_work},
    };
    struct schedule_figures figures;
    struct schedule_share *share = calloc((size_t)run->team->size, sizeof *share);

    if (agree(run->team->comm,
              share == NULL ? err_set(err, ERR_MEMORY, "no memory for ranks") : 0,
              err) != 0) {
        free(share);
        return -1;
    }
    const int status = schedule_run(run->team->comm, &schedule, share, &figures, err);
    free(share);
    return status;
}

static int tell(const struct run *run, struct err *err)
{
    if (run->team->rank != 0)
        return 0;
    if (run->table.options->as_json)
        return intervals_print_json(&run->table, stdout, err);
    intervals_print_table(&run->table, stdout);
    return 0;
}

int intervals(const struct team *team, const struct intervals_options *options,
              struct err *err)
{
    struct run run = {.team = team};
    int status = -1;

    if (agree(team->comm, start(&run, options, err) != 0, err) == 0 &&
        work(&run, err) == 0)
        status = agree(team->comm, join(&run, err) != 0 || tell(&run, err) != 0, err);
    for (size_t i = 0; run.drawn != NULL && i < run.table.n; i++)
        intervals_drawn_free(&run.drawn[i]);
    free(run.drawn);
    free(run.table.row);
    intervals_shared_free(run.worker.shared);
    subject_close(&run.subject);
    return status;
}
