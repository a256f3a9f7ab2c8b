/* chaos_main.c -- nobody ever holds a set that was not signed, is older or in part,
 * whatever befalls relays and subscribers; and everybody soon holds the newest
 *
 *     stream-chaos --rounds N --subscribers M --seed S [--program FILE]
 *
 * A round: something befalls some workers (killed, stopped) and, every other time, a
 * relay; a new version is offered; those left alone must hold it in time; then all is
 * mended, and everybody must come to hold it.  Each line of each subscriber's log is
 * checked. */
#include "core/clock.h"
#include "core/text.h"
#include "tests/system/chaos/chaos.h"

#include <getopt.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Only what never happens takes so long, on whatever machine. */
static const int64_t PATIENCE_NS = 120 * CLOCK_SECOND;
/* A publisher that sees nobody hold its set offers it again: the relay that took it may
 * have died before the other one, being late, had it. */
static const int64_t OFFER_AGAIN_NS = 5 * CLOCK_SECOND;
/* A relay's death: the stated time until the other serves, until a subscriber has
 * connected to it (ZeroMQ tries every second at the latest) and its handshake is done.
 */
static const double MOVE_S = TAKEOVER_S + 1.0 + 1.0;

enum fate {
    FATE_NONE,
    FATE_KILL_BEFORE, /* the one that serves, before the offer            */
    FATE_KILL_DURING, /* ... some milliseconds after the offer began       */
    FATE_KILL_AFTER,  /* ... when it has just been taken                   */
    FATE_STOP_BEFORE, /* ... stopped: it wakes up while the other serves   */
    FATE_KILL_SECOND, /* the one that follows                              */
    FATES
};

static const char *const fate_text[FATES] = {
    [FATE_NONE] = "relays left alone",
    [FATE_KILL_BEFORE] = "the serving relay killed before",
    [FATE_KILL_DURING] = "the serving relay killed meanwhile",
    [FATE_KILL_AFTER] = "the serving relay killed just after",
    [FATE_STOP_BEFORE] = "the serving relay stopped",
    [FATE_KILL_SECOND] = "the following relay killed"};

struct round {
    enum fate fate;
    size_t serving; /* relay; RELAYS: unknown */
    size_t n_killed, n_stopped;
    uint64_t n_again;       /* offers made again */
    double took_s, bound_s; /* NAN where nobody was to be measured */
};

struct figures {
    size_t n, n_relay, n_within_1_s;
    double *took_s; /* of the rounds whose relays were left alone */
    double worst_relay_s;
};

static void nap_ms(long ms)
{
    usleep((useconds_t)(ms * 1000));
}

/* ---- what befalls them ---- */

static void disturb_workers(struct world *world, struct round *round)
{
    const size_t n = 1 + sample_below(&world->random, 1 + world->n_workers / 4);

    for (size_t w = 0; w < world->n_workers; w++)
        world->worker[w].is_disturbed = false;
    for (size_t k = 0; k < n; k++) {
        struct worker_process *worker =
            &world->worker[sample_below(&world->random, world->n_workers)];

        if (worker->is_disturbed)
            continue;
        worker->is_disturbed = true;
        if (sample_below(&world->random, 2) == 0) {
            world_kill(&worker->pid, &worker->is_stopped);
            round->n_killed++;
        } else {
            world_stop(worker->pid, &worker->is_stopped);
            round->n_stopped++;
        }
    }
}

static void kill_serving(struct world *world, const struct round *round)
{
    struct relay_process *relay = &world->relay[round->serving];

    world_kill(&relay->pid, &relay->is_stopped);
}

/* Killed by a thread while the driver is offering. */
struct killer {
    struct world *world;
    const struct round *round;
    long after_us;
};

static void *kill_meanwhile(void *context)
{
    const struct killer *killer = context;

    usleep((useconds_t)killer->after_us);
    kill_serving(killer->world, killer->round);
    return NULL;
}

static int offer(struct world *world, const struct round *round, struct err *err)
{
    struct killer killer = {world, round, (long)sample_below(&world->random, 40000)};
    struct relay_process *serving = &world->relay[round->serving];
    const int64_t until_ns = clock_monotonic() + PATIENCE_NS;
    pthread_t thread;

    if (round->fate == FATE_KILL_BEFORE)
        kill_serving(world, round);
    if (round->fate == FATE_STOP_BEFORE)
        world_stop(serving->pid, &serving->is_stopped);
    if (round->fate == FATE_KILL_SECOND) {
        struct relay_process *second = &world->relay[1 - round->serving];

        world_kill(&second->pid, &second->is_stopped);
    }
    if (round->fate == FATE_KILL_DURING &&
        pthread_create(&thread, NULL, kill_meanwhile, &killer) != 0)
        return err_set(err, ERR_MEMORY, "no thread");
    const int status = publish_offer(world, round->serving, until_ns, err);
    if (round->fate == FATE_KILL_DURING)
        pthread_join(thread, NULL);
    if (round->fate == FATE_KILL_AFTER)
        kill_serving(world, round);
    return status;
}

/* ---- a round ---- */

static int wait_until(struct world *world, bool undisturbed_alone, int64_t *last_ns,
                      struct err *err)
{
    const int64_t start_ns = clock_monotonic(), end_ns = start_ns + PATIENCE_NS;
    int64_t again_ns = start_ns + OFFER_AGAIN_NS;
    size_t n_missing;

    do {
        watch_read(world);
        n_missing = watch_count_missing(world, undisturbed_alone, last_ns);
        if (n_missing == 0)
            return 0;
        nap_ms(2);
        if (clock_monotonic() < again_ns)
            continue;
        again_ns += OFFER_AGAIN_NS;
        world->n_again++;
        if (publish_offer(world, 0, end_ns, err) != 0)
            return -1;
    } while (clock_monotonic() < end_ns && world_check_alive(world, err) == 0);
    if (err->kind != ERR_NONE)
        return -1;
    return err_set(err, ERR_BUG, "%zu subscribers never came to hold version %llu",
                   n_missing, (unsigned long long)world->n_versions);
}

static bool is_relay_fate(enum fate fate)
{
    return fate != FATE_NONE && fate != FATE_KILL_SECOND;
}

/* A second, and what this machine takes now: the work of all subscribers one after the
 * other (they share it with whatever else runs), and ten times the worst lateness of
 * who slept, for the ten or so times that a message waits for a thread to wake.  Where
 * the relay that took the set has died with it, the time until it was offered again. */
static double bound_of(const struct world *world, const struct round *round,
                       double unit_s, double late_s)
{
    const double again_s =
        (double)round->n_again * (double)OFFER_AGAIN_NS / (double)CLOCK_SECOND;
    const double own_s = (is_relay_fate(round->fate) ? MOVE_S + 1.0 : 1.0) + again_s;

    return own_s + unit_s * (double)world->n_subscribers + 10.0 * late_s;
}

static int mend(struct world *world, struct err *err)
{
    for (size_t i = 0; i < RELAYS; i++) {
        struct relay_process *relay = &world->relay[i];

        world_continue(relay->pid, &relay->is_stopped);
        if (relay->pid == 0 && world_start_relay(world, i, err) != 0)
            return -1;
    }
    for (size_t w = 0; w < world->n_workers; w++) {
        struct worker_process *worker = &world->worker[w];

        world_continue(worker->pid, &worker->is_stopped);
        if (worker->pid == 0 && world_start_worker(world, w, err) != 0)
            return -1;
    }
    return 0;
}

static int wait_settled(struct world *world, struct err *err)
{
    const int64_t end_ns = clock_monotonic() + PATIENCE_NS;

    while (!publish_is_settled(world)) {
        if (clock_monotonic() > end_ns)
            return err_set(err, ERR_BUG, "the relays do not agree on who serves");
        if (world_check_alive(world, err) != 0)
            return -1;
        nap_ms(20);
    }
    return 0;
}

static int run_round(struct world *world, struct round *round, struct err *err)
{
    int64_t last_ns;

    round->fate = sample_below(&world->random, 2) == 0
                      ? FATE_NONE
                      : (enum fate)(1 + sample_below(&world->random, FATES - 1));
    round->serving = publish_who_serves(world);
    if (round->serving == RELAYS)
        return err_set(err, ERR_BUG, "no relay, or both, say that they serve");
    if (publish_next(world, err) != 0)
        return -1;
    disturb_workers(world, round);
    const double unit_s = publish_unit_s(world);
    watch_worst_lateness_s();
    const uint64_t n_again = world->n_again;
    const int64_t start_ns = clock_monotonic();
    if (offer(world, round, err) != 0 || wait_until(world, true, &last_ns, err) != 0)
        return -1;
    round->took_s =
        last_ns == 0 ? NAN : (double)(last_ns - start_ns) / (double)CLOCK_SECOND;
    round->n_again = is_relay_fate(round->fate) ? world->n_again - n_again : 0;
    round->bound_s = bound_of(world, round, unit_s, watch_worst_lateness_s());
    if (mend(world, err) != 0 || wait_until(world, false, &last_ns, err) != 0)
        return -1;
    return wait_settled(world, err);
}

static void tell(struct world *world, size_t r, const struct round *round,
                 struct figures *figures)
{
    printf(
        "round %zu: version %llu, %zu workers killed, %zu stopped, %s: all in %.3f s "
        "(bound %.3f s)\n",
        r, (unsigned long long)world->n_versions, round->n_killed, round->n_stopped,
        fate_text[round->fate], round->took_s, round->bound_s);
    if (round->took_s > round->bound_s) {
        world->n_wrong++;
        printf("WRONG: that is too long\n");
    }
    fflush(stdout);
    if (isnan(round->took_s))
        return;
    if (is_relay_fate(round->fate)) {
        figures->n_relay++;
        figures->worst_relay_s = fmax(figures->worst_relay_s, round->took_s);
        return;
    }
    figures->took_s[figures->n++] = round->took_s;
    figures->n_within_1_s += round->took_s <= 1.0;
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void conclude(const struct world *world, struct figures *figures)
{
    qsort(figures->took_s, figures->n, sizeof *figures->took_s, by_size);
    if (figures->n > 0)
        printf(
            "relays left alone: %zu rounds, median %.3f s, worst %.3f s, %zu within a "
            "second\n",
            figures->n, figures->took_s[figures->n / 2],
            figures->took_s[figures->n - 1], figures->n_within_1_s);
    if (figures->n_relay > 0)
        printf("the serving relay killed or stopped: %zu rounds, worst %.3f s\n",
               figures->n_relay, figures->worst_relay_s);
    printf("%llu sets held by %zu subscribers, each checked; %llu offers made again\n",
           (unsigned long long)world->n_held, world->n_subscribers,
           (unsigned long long)world->n_again);
}

static int run(struct world *world, size_t n_rounds, struct figures *figures,
               struct err *err)
{
    int64_t last_ns;

    for (size_t i = 0; i < RELAYS; i++)
        if (world_start_relay(world, i, err) != 0)
            return -1;
    for (size_t w = 0; w < world->n_workers; w++)
        if (world_start_worker(world, w, err) != 0)
            return -1;
    if (wait_settled(world, err) != 0 || publish_next(world, err) != 0 ||
        publish_offer(world, 0, clock_monotonic() + PATIENCE_NS, err) != 0 ||
        wait_until(world, false, &last_ns, err) != 0 || wait_settled(world, err) != 0)
        return -1;
    for (size_t r = 1; r <= n_rounds; r++) {
        struct round round = {0};

        if (run_round(world, &round, err) != 0)
            return err_add(err, "round %zu (%s)", r, fate_text[round.fate]);
        tell(world, r, &round, figures);
    }
    watch_check_stores(world);
    return 0;
}

/* ---- the command line ---- */

struct asked {
    int64_t n_rounds, n_subscribers, seed;
    const char *program;
};

static int parse(int argc, char **argv, struct asked *asked, struct err *err)
{
    static const struct option longs[] = {{"rounds", required_argument, NULL, 'r'},
                                          {"subscribers", required_argument, NULL, 'm'},
                                          {"seed", required_argument, NULL, 's'},
                                          {"program", required_argument, NULL, 'p'},
                                          {NULL, 0, NULL, 0}};
    int letter;

    *asked = (struct asked){.n_rounds = 10, .n_subscribers = 24, .seed = 1};
    while ((letter = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        int64_t *number = letter == 'r'   ? &asked->n_rounds
                          : letter == 'm' ? &asked->n_subscribers
                          : letter == 's' ? &asked->seed
                                          : NULL;

        if (letter == 'p')
            asked->program = optarg;
        else if (number == NULL || text_to_integer(optarg, strlen(optarg), 1, INT64_MAX,
                                                   number, err) != 0)
            return err_set(err, ERR_USAGE,
                           "usage: stream-chaos --rounds N "
                           "--subscribers M --seed S --program FILE");
    }
    return asked->program != NULL ? 0 : err_set(err, ERR_USAGE, "--program is missing");
}

static void end_all(struct world *world)
{
    for (size_t w = 0; w < world->n_workers; w++)
        world_kill(&world->worker[w].pid, &world->worker[w].is_stopped);
    for (size_t i = 0; i < RELAYS; i++)
        world_kill(&world->relay[i].pid, &world->relay[i].is_stopped);
}

int main(int argc, char **argv)
{
    static struct world world;
    struct figures figures = {0};
    struct asked asked;
    struct err err = {0};

    if (argc > 1 && strcmp(argv[1], "worker") == 0)
        return worker_main(argc, argv);
    int status = parse(argc, argv, &asked, &err);
    if (status == 0) {
        figures.took_s = calloc((size_t)asked.n_rounds + 1, sizeof *figures.took_s);
        status = figures.took_s == NULL || world_make(&world, asked.program, argv[0],
                                                      (size_t)asked.n_subscribers,
                                                      (uint64_t)asked.seed, &err) != 0
                     ? -1
                     : watch_start_pulse(&err);
    }
    printf("seed %lld, %lld subscribers, %s\n", (long long)asked.seed,
           (long long)asked.n_subscribers, world.directory);
    if (status == 0)
        status = run(&world, (size_t)asked.n_rounds, &figures, &err);
    end_all(&world);
    if (status != 0) {
        printf("WRONG: %s (what is left is in %s)\n", err.text, world.directory);
        world.n_wrong++;
    }
    conclude(&world, &figures);
    const bool is_good = world.n_wrong == 0;
    printf("%lld rounds, %llu wrong\n", (long long)asked.n_rounds,
           (unsigned long long)world.n_wrong);
    if (is_good)
        world_remove(&world);
    free(figures.took_s);
    return is_good ? 0 : 1;
}
