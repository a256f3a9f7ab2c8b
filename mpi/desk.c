#include "mpi/desk_inside.h"

#include "core/clock.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const int64_t BEAT_NS = 5 * CLOCK_SECOND; /* or a quarter of the patience */

/* ---- who is there ---- */

static void count_groups(struct desk *desk, const int leader[])
{
    for (int rank = 0; rank < desk->size; rank++)
        if (leader[rank] == rank) {
            desk->group_of[rank] = desk->n_groups;
            desk->group[desk->n_groups++].leader = rank;
        }
    for (int rank = 0; rank < desk->size; rank++)
        desk->group_of[rank] = desk->group_of[leader[rank]];
}

static void fill_groups(struct desk *desk)
{
    int *at = desk->rank;

    for (size_t g = 0; g < desk->n_groups; g++) {
        struct group *group = &desk->group[g];

        group->rank = at;
        for (int rank = 0; rank < desk->size; rank++)
            if (desk->group_of[rank] == g)
                at[group->n++] = rank;
        at += group->n;
    }
}

static void is_given(void *context, uint64_t number, int rank)
{
    struct desk *desk = context;
    struct given_unit *unit = given_find(&desk->given, number);

    if (unit != NULL)
        unit->head.rank = (uint32_t)rank;
}

int desk_new(MPI_Comm comm, const struct schedule *schedule, const int leader[],
             struct schedule_share share[], struct schedule_figures *figures,
             struct desk *desk, struct err *err)
{
    *desk = (struct desk){.schedule = schedule,
                          .share = share,
                          .figures = figures,
                          .mail = {.comm = comm}};
    MPI_Comm_size(comm, &desk->size);
    const size_t n = (size_t)desk->size;
    desk->group = calloc(n, sizeof *desk->group);
    desk->group_of = calloc(n, sizeof *desk->group_of);
    desk->rank = calloc(n, sizeof *desk->rank);
    if (desk->group == NULL || desk->group_of == NULL || desk->rank == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu ranks", n);
    count_groups(desk, leader);
    fill_groups(desk);
    memset(share, 0, n * sizeof *share);
    for (int rank = 0; rank < desk->size; rank++)
        share[rank] = (struct schedule_share){.leader = leader[rank], .absent = true};
    *figures = (struct schedule_figures){.n_leaders = (int)desk->n_groups};
    hand_start(&desk->hand, 0, &schedule->worker);
    if (foreman_new(&desk->mail, desk->group[0].n, desk->group[0].rank,
                    n <= FOREMAN_WORKS_UP_TO, &desk->foreman, err) != 0)
        return -1;
    desk->foreman.gives = is_given;
    desk->foreman.context = desk;
    return 0;
}

void desk_free(struct desk *desk)
{
    foreman_free(&desk->foreman);
    given_free(&desk->given);
    free(desk->group);
    free(desk->group_of);
    free(desk->rank);
    buffer_free(&desk->chunk);
    buffer_free(&desk->request);
    buffer_free(&desk->answer);
}

static int beat(struct desk *desk, int64_t now_ns, struct err *err)
{
    const int64_t quarter = desk->schedule->patience_ns / 4;

    if (now_ns - desk->beat_ns < (quarter > 0 && quarter < BEAT_NS ? quarter : BEAT_NS))
        return 0;
    desk->beat_ns = now_ns;
    for (size_t g = 1; g < desk->n_groups; g++)
        if (mail_send(&desk->mail, desk->group[g].leader, WIRE_BEAT, NULL, 0, err) != 0)
            return -1;
    return foreman_tell(&desk->foreman, WIRE_BEAT, NULL, 0, err);
}

/* ---- the loop ---- */

static int work_here(struct desk *desk, struct unit_held *unit, struct err *err)
{
    struct wire_answer head;

    buffer_empty(&desk->answer);
    const int status =
        hand_work(&desk->hand, &unit->head,
                  (struct reader){unit->bytes, unit->head.n_bytes}, &desk->answer, err);
    free(unit);
    if (status != 0)
        return err_add(err, "rank 0");
    struct reader answer = {desk->answer.bytes, desk->answer.n};
    reader_get(&answer, &head, sizeof head);
    return desk_take_answer(desk, &head, answer, err);
}

/* Let others run until something comes: at first without sleep, for answers come
 * within microseconds where units are short. */
static void rest(struct desk *desk, int n_turns)
{
    const struct timespec nap = {.tv_nsec = 100000};
    enum { TURNS_AWAKE = 100 };

    (void)desk;
    if (n_turns < TURNS_AWAKE)
        sched_yield();
    else
        nanosleep(&nap, NULL);
}

/* One turn; *busy: was there anything to do?  Nobody who has written is kept waiting
 * for a unit of rank 0's own. */
static int turn(struct desk *desk, bool *busy, struct err *err)
{
    const int64_t start_ns = clock_monotonic();
    struct unit_held *kept = NULL;
    int n_heard;

    if (desk_hear_some(desk, &n_heard, err) != 0 || desk_restock(desk, err) != 0 ||
        desk_help_the_late(desk, start_ns, err) != 0 ||
        beat(desk, start_ns, err) != 0 ||
        foreman_share(&desk->foreman, n_heard < DESK_SOME ? &kept : NULL, err) != 0)
        return -1;
    *busy = n_heard > 0 || kept != NULL;
    if (*busy)
        desk->serving_ns += clock_monotonic() - start_ns;
    return kept != NULL ? work_here(desk, kept, err) : 0;
}

static enum schedule_order tick(const struct desk *desk)
{
    const struct schedule *schedule = desk->schedule;

    return schedule->tick != NULL ? schedule->tick(schedule->tick_context)
                                  : SCHEDULE_GO_ON;
}

/* Until all is answered, or an order or a fault ends it. */
static int serve(struct desk *desk, struct err *err)
{
    bool busy;

    for (int n_turns = 0; tick(desk) == SCHEDULE_GO_ON;) {
        if (turn(desk, &busy, err) != 0)
            return -1;
        if (desk->done && desk->given.n == 0)
            return 0;
        n_turns = busy ? 0 : n_turns + 1;
        if (!busy)
            rest(desk, n_turns);
    }
    return 0;
}

static int stop_everyone(struct desk *desk)
{
    foreman_drop(&desk->foreman);
    for (size_t g = 1; g < desk->n_groups; g++)
        if (mail_send(&desk->mail, desk->group[g].leader, WIRE_STOP, NULL, 0, NULL) !=
            0)
            return -1;
    return foreman_tell(&desk->foreman, WIRE_STOP, NULL, 0, NULL);
}

static void say_own_bye(struct desk *desk)
{
    struct reader message;

    desk->hand.done.serving_ns = desk->serving_ns;
    buffer_empty(&desk->answer);
    hand_put_bye(&desk->hand, &desk->answer);
    message = (struct reader){desk->answer.bytes, desk->answer.n};
    desk_take_byes(desk, message, NULL);
}

/* Hear answers and last words until everyone has said his, or half the patience is
 * over: those whose leader hangs have not lost theirs by then.  After a fault, further
 * faults are not asked for. */
static int hear_out(struct desk *desk, struct err *err)
{
    const int64_t patience = desk->schedule->patience_ns;
    const int64_t until = clock_monotonic() + patience / 2;
    int status = 0, n_heard;

    for (int n_turns = 0;
         desk->n_byes<desk->size; n_turns = n_heard> 0 ? 0 : n_turns + 1) {
        if (desk_hear_some(desk, &n_heard, status == 0 ? err : NULL) != 0 ||
            beat(desk, clock_monotonic(), status == 0 ? err : NULL) != 0)
            status = -1;
        if (n_heard == 0)
            rest(desk, n_turns);
        if (tick(desk) == SCHEDULE_LEAVE || (patience > 0 && clock_monotonic() > until))
            break;
    }
    return status;
}

static void tell_outcome(struct desk *desk, const struct err *outcome)
{
    const size_t n_bytes = sizeof *outcome;

    for (size_t g = 1; g < desk->n_groups; g++)
        mail_send(&desk->mail, desk->group[g].leader, WIRE_END, outcome, n_bytes, NULL);
    foreman_tell(&desk->foreman, WIRE_END, outcome, n_bytes, NULL);
}

int desk_run(struct desk *desk, struct err *err)
{
    struct err outcome = {0};
    int status = serve(desk, &outcome);

    say_own_bye(desk);
    if (stop_everyone(desk) != 0)
        MPI_Abort(desk->mail.comm, 70); /* the others wait and cannot be told */
    if (hear_out(desk, status == 0 ? &outcome : NULL) != 0)
        status = -1;
    desk->figures->n_absent = desk->size - desk->n_byes;
    if (desk->figures->n_absent > 0) {
        mail_abandon(&desk->mail);
    } else {
        tell_outcome(desk, &outcome);
        mail_close(&desk->mail);
    }
    if (status != 0 && err != NULL)
        *err = outcome;
    return status;
}
