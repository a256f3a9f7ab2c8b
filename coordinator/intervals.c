#include "coordinator/intervals.h"
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
};

/* One instrument cannot be drawn again by itself where it chooses with others. */
static int check_job(const struct job *job, struct err *err)
{
    struct err why = {0};

    if (scope_is_shared(&job->plan.grid))
        return conf_complain(job->conf, "scopes", err,
                             "a bootstrap chooses for each instrument by itself: give "
                             "every axis the scope instrument");
    if (!search_is_grid(job->plan.search.method))
        return conf_complain(
            job->conf, "search.method", err,
            "a bootstrap chooses among all points of a grid, not by %s",
            search_method_name(job->plan.search.method));
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
        check_job(&subject->job, err) != 0 ||
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
    run->table = (struct interval_table){.subject = subject,
                                         .options = options,
                                         .n = subject->entry != NULL ? 1 : universe->n};
    while (subject->entry != NULL && universe->entry[run->first] != subject->entry)
        run->first++;
    run->table.row = calloc(run->table.n, sizeof *run->table.row);
    if (run->table.row == NULL)
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

    (void)rank;
    if (reader_get(&answer, &run->table.row[unit - run->first].answer,
                   sizeof(struct interval_answer)) != 0)
        return err_set(err, ERR_BUG, "an answer cannot be read");
    return 0;
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
        status = agree(team->comm, tell(&run, err) != 0, err);
    free(run.table.row);
    subject_close(&run.subject);
    return status;
}
