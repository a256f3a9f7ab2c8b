#include "coordinator/calibrate.h"
#include "coordinator/crew.h"
#include "coordinator/idle_keys.h"
#include "coordinator/journal.h"
#include "coordinator/ledger.h"
#include "coordinator/progress.h"
#include "coordinator/report.h"
#include "coordinator/run_files.h"
#include "coordinator/stop.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/lock.h"
#include "core/log.h"
#include "mpi/agree.h"
#include "mpi/watch.h"
#include "worker/cost.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What rank 0 alone has: the book, its journal, and where the products go. */
struct desk {
    struct lock *lock;
    struct ledger *ledger;
    struct journal *journal;
    uint64_t n_replayed;
    struct stop stop;
    const char *stopped_by; /* NULL: nobody asked to stop */
    int64_t stopped_ns;     /* when                       */
    int64_t grace_ns;
    struct progress progress;
    struct result result;
    struct err fault; /* of a callback that cannot return one */
};

/* What every rank holds while the job runs. */
struct scene {
    struct team team;
    struct job job;
    struct history *history;
    struct universe universe;
    struct crew crew;
    struct desk desk;
};

static int check_places(const struct job *job, struct err *err)
{
    if (job->keys.history == NULL)
        return err_set(err, ERR_USAGE,
                       "which history? give --history FILE or the key `history`");
    if (job->keys.output == NULL)
        return err_set(err, ERR_USAGE,
                       "where to? give --output DIR or the key `output`");
    return 0;
}

static int open_scene(struct scene *scene, const struct calibrate_options *options,
                      struct err *err)
{
    struct job *job = &scene->job;

    if (job_read(&options->job, job, err) != 0 || check_places(job, err) != 0 ||
        history_open(job->keys.history, &scene->history, err) != 0 ||
        universe_new(job, scene->history, &scene->universe, err) != 0 ||
        universe_read_incumbents(job, &scene->universe, err) != 0)
        return -1;
    return job_size_boxes(job, universe_most_bars(&scene->universe), err);
}

static int open_crew(struct scene *scene, struct err *err)
{
    return crew_new(&scene->team, &scene->job, scene->history, &scene->universe,
                    &scene->crew, err);
}

/* ---- rank 0's desk ---- */

static int new_result(struct scene *scene, struct err *err)
{
    const size_t n = (size_t)scene->team.size;
    struct result *result = &scene->desk.result;

    *result = (struct result){.job = &scene->job,
                              .universe = &scene->universe,
                              .history_path = scene->job.keys.history,
                              .n_ranks = scene->team.size,
                              .place = calloc(n, sizeof *result->place),
                              .share = calloc(n, sizeof *result->share),
                              .times = calloc(n, sizeof *result->times)};
    if (result->place == NULL || result->share == NULL || result->times == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu ranks", n);
    return 0;
}

static int replay_answer(void *context, uint64_t unit, struct reader answer,
                         struct err *err)
{
    return ledger_take(context, 0, unit, answer, err);
}

/* Everything that the meaning of a unit's number and answer depends on. */
static void identify(const struct scene *scene, struct journal_identity *identity)
{
    *identity = (struct journal_identity){0};
    snprintf(identity->text, sizeof identity->text,
             "program %s\njob %s\nhistory %s\npoints a box %llu\nincumbent %s\n",
             result_program(), scene->job.sha256, scene->universe.sha256,
             (unsigned long long)scene->job.plan.max_points,
             scene->universe.incumbents.n > 0 ? scene->universe.incumbents.sha256
                                              : "none");
}

static int open_journal(struct scene *scene, const struct calibrate_options *options,
                        const char *directory, struct err *err)
{
    struct desk *desk = &scene->desk;
    const struct journal_callback replay = {desk->ledger, replay_answer};
    struct journal_identity identity;
    char path[FILE_PATH_MAX];

    if (file_join(directory, JOURNAL_NAME, path, err) != 0)
        return -1;
    if (options->restart && unlink(path) != 0 && errno != ENOENT)
        return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    identify(scene, &identity);
    if (journal_open(path, &identity, &replay, &desk->journal, &desk->n_replayed,
                     err) != 0)
        return -1;
    if (desk->n_replayed > 0)
        log_line("resume", "answers=%llu journal=%s",
                 (unsigned long long)desk->n_replayed, path);
    return 0;
}

static int open_desk(struct scene *scene, const struct calibrate_options *options,
                     struct err *err)
{
    struct desk *desk = &scene->desk;
    const char *directory = scene->job.keys.output;
    char log[FILE_PATH_MAX], journal[FILE_PATH_MAX];

    if (scene->team.rank != 0)
        return 0;
    if (new_result(scene, err) != 0 || file_make_directory(directory, err) != 0 ||
        file_join(directory, JOURNAL_NAME, journal, err) != 0 ||
        lock_take(journal, &desk->lock, err) != 0 ||
        file_join(directory, "run.log", log, err) != 0 || log_open(log, err) != 0 ||
        stop_start(&desk->stop, directory, options->limit_ns, err) != 0 ||
        ledger_new(&scene->job, &scene->universe, scene->team.size, &desk->ledger,
                   err) != 0 ||
        progress_new(desk->ledger, scene->job.keys.name, directory, options->prometheus,
                     scene->team.size, &desk->progress, err) != 0)
        return -1;
    run_files_clean(directory);
    idle_keys_tell(&scene->job, &scene->universe);
    return open_journal(scene, options, directory, err);
}

static void close_scene(struct scene *scene)
{
    progress_free(&scene->desk.progress);
    journal_close(scene->desk.journal);
    ledger_free(scene->desk.ledger);
    lock_release(scene->desk.lock);
    free(scene->desk.result.place);
    free(scene->desk.result.share);
    free(scene->desk.result.times);
    crew_free(&scene->crew);
    universe_free(&scene->universe);
    history_close(scene->history);
    job_free(&scene->job);
    log_close();
}

/* ---- running ---- */

static enum schedule_next give(void *context, int rank, uint64_t *unit,
                               struct buffer *request)
{
    struct desk *desk = context;

    progress_gave(&desk->progress, rank);
    return ledger_next(desk->ledger, rank, unit, request);
}

static uint64_t count_left(void *context)
{
    const struct desk *desk = context;

    return ledger_n_left(desk->ledger);
}

/* An answer is written down before it counts; a fault is not, for the next run may not
 * see it. */
static int take(void *context, int rank, uint64_t unit, struct reader answer,
                struct err *err)
{
    struct desk *desk = context;

    if (ledger_keeps(answer) &&
        journal_append(desk->journal, unit, answer.bytes, answer.n_left, err) != 0)
        return -1;
    progress_heard(&desk->progress, rank, unit);
    return ledger_take(desk->ledger, rank, unit, answer, err);
}

static void hear_times(void *context, int rank, struct reader report)
{
    struct desk *desk = context;

    reader_get(&report, &desk->result.times[rank], sizeof desk->result.times[rank]);
}

/* Has somebody asked to stop?  Then nothing more is given, and for what is under way
 * there is some grace. */
static enum schedule_order tick(void *context)
{
    struct desk *desk = context;

    progress_tick(&desk->progress, desk->stopped_by != NULL);
    if (desk->fault.kind == ERR_NONE && desk->stopped_by == NULL) {
        desk->stopped_by = stop_reason(&desk->stop);
        desk->stopped_ns = clock_monotonic();
        if (journal_tick(desk->journal, &desk->fault) != 0 || desk->stopped_by != NULL)
            ledger_stop(desk->ledger);
    }
    if (desk->fault.kind == ERR_NONE && desk->stopped_by == NULL)
        return SCHEDULE_GO_ON;
    return clock_monotonic() - desk->stopped_ns < desk->grace_ns ? SCHEDULE_HURRY
                                                                 : SCHEDULE_LEAVE;
}

/* Rank 0, after the schedule: what it could not say in between. */
static int settle(struct scene *scene, struct err *err)
{
    struct desk *desk = &scene->desk;

    progress_end(&desk->progress);
    if (desk->fault.kind != ERR_NONE) {
        *err = desk->fault;
        return -1;
    }
    if (journal_commit(desk->journal, err) != 0)
        return -1;
    if (ledger_is_complete(desk->ledger))
        return 0;
    const struct ledger_progress done = ledger_progress(desk->ledger);
    return err_set(err, ERR_STOPPED,
                   "stopped by %s with %llu of %llu units done; run the same command "
                   "again to go on",
                   desk->stopped_by, (unsigned long long)done.n_done,
                   (unsigned long long)done.n_units);
}

/* How long silence may last: while the coordinator or a rank works on its longest unit
 * it says nothing, and the model may be far off on another machine. */
static int64_t patience_s(const struct scene *scene)
{
    enum { FAR_OFF = 50 };
    const struct plan *plan = &scene->job.plan;
    const uint64_t n_bars = universe_most_bars(&scene->universe);
    const double unit_s = 1e-9 * (scene->job.keys.walkforward
                                      ? cost_walk_ns(plan, n_bars)
                                      : cost_box_ns(plan, n_bars, plan->max_points));
    const double at_most = 365.0 * 86400.0;

    return scene->job.keys.patience_s +
           (int64_t)(FAR_OFF * unit_s < at_most ? FAR_OFF * unit_s : at_most);
}

static void set_up(struct scene *scene, struct schedule *schedule)
{
    const struct job_keys *keys = &scene->job.keys;
    struct desk *desk = &scene->desk;

    desk->grace_ns = (int64_t)(keys->grace_s * (double)CLOCK_SECOND);
    *schedule = (struct schedule){
        .source = {.context = desk,
                   .next = give,
                   .take = take,
                   .n_left = count_left,
                   .report = hear_times},
        .worker = {.context = &scene->crew, .work = crew_work, .report = crew_report},
        .tick = tick,
        .tick_context = desk,
        .ranks_a_leader = (int)keys->ranks_a_leader,
        .late_ns = (int64_t)(keys->late_s * (double)CLOCK_SECOND),
        .patience_ns = patience_s(scene) * CLOCK_SECOND,
    };
}

/* *alone: some rank has not come back, and rank 0 goes on without any. */
static int run(struct scene *scene, bool *alone, struct err *err)
{
    struct desk *desk = &scene->desk;
    struct schedule schedule;

    set_up(scene, &schedule);
    environment_gather(&scene->team, desk->result.place);
    desk->result.start_ns = clock_now();
    if (scene->team.rank == 0)
        progress_start(&desk->progress, desk->result.place);
    int status = schedule_run(scene->team.comm, &schedule, desk->result.share,
                              &desk->result.figures, err);
    desk->result.end_ns = clock_now();
    *alone = desk->result.figures.n_absent > 0;
    if (status == 0 && scene->team.rank == 0)
        status = settle(scene, err);
    return *alone ? status : agree(scene->team.comm, status != 0, err);
}

/* ---- the products ---- */

static int write_products(struct scene *scene, bool quiet, struct err *err)
{
    struct result *result = &scene->desk.result;
    const struct plan *plan = &scene->job.plan;
    const size_t n = scene->universe.n;

    result->outcome = ledger_outcomes(scene->desk.ledger);
    result->pools = ledger_pools(scene->desk.ledger);
    result->journal_s = journal_seconds(scene->desk.journal);
    result->walk = ledger_walked(scene->desk.ledger);
    result->joint = stress_joint_of(plan, n, result->outcome);
    stress_joint_hold(plan, &result->joint, n, result->outcome);
    if (run_files_write(result, scene->job.keys.output, err) != 0 ||
        journal_complete(scene->desk.journal, err) != 0)
        return -1;
    report_log(result);
    if (!quiet)
        report_print(result, stdout);
    return 0;
}

/* Rank 0 writes; every rank that is there learns whether that went well. */
static int finish(struct scene *scene, bool quiet, bool alone, struct err *err)
{
    int status = 0;

    if (scene->team.rank == 0)
        status = write_products(scene, quiet, err);
    return alone ? status : agree(scene->team.comm, status != 0, err);
}

/* Not a fault, but not an answer for every instrument either. */
static int tell_incomplete(const struct scene *scene, struct err *err)
{
    if (scene->team.rank != 0)
        return 0;
    const size_t n = scene->universe.n;
    const size_t n_calibrated = result_count(&scene->desk.result, STATUS_CALIBRATED);

    if (n_calibrated == n)
        return 0;
    return err_set(err, ERR_INCOMPLETE,
                   "no calibrated value for %zu of %zu instruments; the reasons are in "
                   "%s/parameters.json",
                   n - n_calibrated, n, scene->job.keys.output);
}

/* The set is written all the same, for people to look at; its exit code keeps a chain
 * of commands from publishing it. */
static int check_guard(const struct scene *scene, struct err *err)
{
    const struct job_keys *keys = &scene->job.keys;
    char path[FILE_PATH_MAX];

    if (scene->team.rank != 0 || guard_is_open(&keys->guard))
        return 0;
    if (file_join(keys->output, "parameters.json", path, err) != 0)
        return -1;
    if (keys->guard.change.n > 0 && keys->incumbent == NULL)
        log_line("guard", "change=unchecked why=\"the job names no incumbent\"");
    return guard_check_files(&keys->guard, keys->incumbent, path, err);
}

/* The first that bad days hold, by name. */
static int check_stress(const struct scene *scene, struct err *err)
{
    const struct result *result = &scene->desk.result;
    const struct outcome *first = NULL;
    size_t n_held = 0;

    if (scene->team.rank != 0)
        return 0;
    for (size_t i = 0; i < scene->universe.n; i++)
        if (result->outcome[i].is_stressed) {
            first = first != NULL ? first : &result->outcome[i];
            n_held++;
        }
    if (first == NULL)
        return 0;
    return err_set(err, ERR_REFUSED, "%s: %s (%zu of %zu instruments are held for it)",
                   first->entry->instrument, first->reason, n_held, scene->universe.n);
}

/* Some ranks hang and will not end by themselves: what there is to say is said here,
 * and MPI ends them all. */
static void end_alone(const struct scene *scene, int status, const struct err *err)
{
    log_line("absent", "ranks=%d of=%d", scene->desk.result.figures.n_absent,
             scene->team.size);
    if (status != 0)
        fprintf(stderr, "plimsoll: %s\n", err->text);
    fflush(NULL);
    MPI_Abort(scene->team.comm, status == 0 ? 0 : err_exit_code(err));
}

int calibrate(const struct team *team, const struct calibrate_options *options,
              struct err *err)
{
    struct scene scene = {.team = *team};
    bool alone = false;
    int status = -1;

    stop_catch_signals();
    if (agree(team->comm, open_scene(&scene, options, err) != 0, err) == 0 &&
        watch_start(team->rank, (int)patience_s(&scene), err) == 0 &&
        agree(team->comm, open_crew(&scene, err) != 0, err) == 0 &&
        agree(team->comm, open_desk(&scene, options, err) != 0, err) == 0 &&
        run(&scene, &alone, err) == 0 &&
        finish(&scene, options->quiet, alone, err) == 0)
        status = check_guard(&scene, err) != 0 || check_stress(&scene, err) != 0
                     ? -1
                     : tell_incomplete(&scene, err);
    progress_close(&scene.desk.progress, status, err);
    if (alone)
        end_alone(&scene, status, err);
    close_scene(&scene);
    watch_end();
    return status;
}
