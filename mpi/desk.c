#include "mpi/desk.h"
#include "core/clock.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    STOCK_NS = 250000000, /* of work that a group has at hand, at most    */
    STOCK_UNITS = 64,     /* ... a rank                                   */
    STOCK_LEAST = 4,      /* ... however long they are                    */
    GIVEN_AT_MOST = 3,    /* times                                        */
    LATE_MEANS = 8,       /* a unit is late after so many times the mean  */
};
static const int64_t BEAT_NS = 5 * CLOCK_SECOND; /* or a quarter of the patience */
static const int64_t LOOK_FOR_LATE_NS = CLOCK_SECOND / 20;

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

/* ---- handing out ---- */

/* Units that a group should have: one in work and one at hand a rank, and a share of
 * what is left, by half of it at a time (factoring), but no more than a quarter of a
 * second's work. */
static size_t stock(const struct desk *desk, const struct group *group)
{
    const struct schedule_source *source = &desk->schedule->source;
    const uint64_t n_left =
        source->n_left != NULL ? source->n_left(source->context) : UINT64_MAX;
    const double unit_ns = desk->foreman.unit_ns;
    uint64_t most = unit_ns > 0.0 ? (uint64_t)(STOCK_NS / unit_ns) : STOCK_LEAST;
    const uint64_t share = n_left / (2 * (uint64_t)desk->size);

    most = most > STOCK_UNITS ? STOCK_UNITS : most < STOCK_LEAST ? STOCK_LEAST : most;
    most = share < most ? share : most;
    return group->n * (size_t)(1 + (most > 0 ? most : 1));
}

/* A unit of the source for this rank, into the chunk or to the own foreman. */
static enum schedule_next draw_one(struct desk *desk, struct group *group, int rank,
                                   int64_t now_ns, struct err *err)
{
    const struct schedule_source *source = &desk->schedule->source;
    struct wire_unit head = {.rank = (uint32_t)rank};

    buffer_empty(&desk->request);
    const enum schedule_next next =
        source->next(source->context, rank, &head.number, &desk->request);
    if (next != SCHEDULE_GIVEN)
        return next;
    head.n_bytes = (uint32_t)desk->request.n;
    group->n_out++;
    if (desk->request.failed ||
        given_add(&desk->given, &head, desk->request.bytes, now_ns, err) != 0) {
        desk->failed = err_set(err, ERR_MEMORY, "no memory for a unit") != 0;
    } else if (group == &desk->group[0]) {
        desk->failed =
            foreman_hold(&desk->foreman, &head, desk->request.bytes, err) != 0;
    } else {
        buffer_put(&desk->chunk, &head, sizeof head);
        buffer_put(&desk->chunk, desk->request.bytes, desk->request.n);
    }
    return next;
}

/* n more units, about as many for each of the group's ranks, and those next to each
 * other, so that each goes on with what it has in hand. */
static int draw(struct desk *desk, struct group *group, size_t n, struct err *err)
{
    const size_t each = (n + group->n - 1) / group->n;
    const int64_t now_ns = clock_monotonic();

    for (size_t i = 0; i < n && !desk->failed; i++) {
        const int rank = group->rank[(group->turn + i / each) % group->n];
        const enum schedule_next next = draw_one(desk, group, rank, now_ns, err);

        desk->done = next == SCHEDULE_DONE;
        desk->dry = next != SCHEDULE_GIVEN;
        if (desk->dry)
            break;
    }
    group->turn = (group->turn + (n + each - 1) / each) % group->n;
    return desk->failed ? -1 : 0;
}

static int restock(struct desk *desk, struct group *group, struct err *err)
{
    const size_t wanted = stock(desk, group);

    if (4 * group->n_out > 3 * wanted)
        return 0;
    buffer_empty(&desk->chunk);
    if (draw(desk, group, wanted - group->n_out, err) != 0)
        return -1;
    if (desk->chunk.failed)
        return err_set(err, ERR_MEMORY, "no memory for units");
    if (desk->chunk.n == 0)
        return 0;
    desk->figures->n_messages++;
    return mail_send(&desk->mail, group->leader, WIRE_UNITS, desk->chunk.bytes,
                     desk->chunk.n, err);
}

static int restock_all(struct desk *desk, struct err *err)
{
    for (size_t g = 0; g < desk->n_groups && !desk->dry; g++)
        if (restock(desk, &desk->group[g], err) != 0)
            return -1;
    return 0;
}

/* ---- units whose answer is late ---- */

/* Somebody else with nothing to do; NULL: nobody.  In its own group rank 0 knows who
 * has the unit; of another group it asks nobody. */
static struct group *find_helper(struct desk *desk, const struct given_unit *unit,
                                 int *rank)
{
    const struct group *has = &desk->group[desk->group_of[unit->head.rank]];
    const struct member *member = foreman_idle(&desk->foreman, (int)unit->head.rank);

    if (member != NULL) {
        *rank = member->rank;
        return &desk->group[0];
    }
    for (size_t g = 1; g < desk->n_groups; g++)
        if (&desk->group[g] != has && desk->group[g].n_out < desk->group[g].n) {
            *rank = desk->group[g].leader;
            return &desk->group[g];
        }
    return NULL;
}

static int give_again(struct desk *desk, struct given_unit *unit, struct group *group,
                      int rank, struct err *err)
{
    given_again(&desk->given, unit, rank, clock_monotonic());
    desk->figures->n_given_again++;
    group->n_out++;
    if (group == &desk->group[0])
        return foreman_hold(&desk->foreman, &unit->head, unit->bytes, err);
    buffer_empty(&desk->chunk);
    buffer_put(&desk->chunk, &unit->head, sizeof unit->head);
    buffer_put(&desk->chunk, unit->bytes, unit->head.n_bytes);
    if (desk->chunk.failed)
        return err_set(err, ERR_MEMORY, "no memory for a unit");
    desk->figures->n_messages++;
    return mail_send(&desk->mail, group->leader, WIRE_UNITS, desk->chunk.bytes,
                     desk->chunk.n, err);
}

/* What is out for too long no longer counts as its group's stock: the others are not to
 * starve beside it. */
static void mark_late(struct desk *desk, int64_t before_ns)
{
    for (struct given_unit *unit = desk->given.oldest;
         unit != NULL && unit->since_ns < before_ns; unit = unit->newer)
        if (!unit->late) {
            unit->late = true;
            desk->group[desk->group_of[unit->head.rank]].n_out--;
        }
}

static int64_t late_after(const struct desk *desk)
{
    const int64_t by_mean = (int64_t)(LATE_MEANS * desk->foreman.unit_ns);
    const int64_t least = desk->schedule->late_ns;

    return by_mean > least ? by_mean : least;
}

/* Nothing else is left to do, this has been given as often as may be, and no answer has
 * come within all patience. */
static int check_patience(const struct desk *desk, int64_t now_ns, struct err *err)
{
    const int64_t patience = desk->schedule->patience_ns;

    if (patience == 0 || !desk->dry)
        return 0;
    for (const struct given_unit *unit = desk->given.oldest;
         unit != NULL && now_ns - unit->since_ns > patience; unit = unit->newer)
        if (unit->n_times == GIVEN_AT_MOST || desk->schedule->late_ns == 0)
            return err_set(err, ERR_COMM,
                           "rank %u has not answered for %lld s (schedule.patience_s); "
                           "the same command goes on",
                           unit->head.rank, (long long)(patience / CLOCK_SECOND));
    return 0;
}

/* Where nothing else is left to give, what is late goes to somebody else too. */
static int help_the_late(struct desk *desk, int64_t now_ns, struct err *err)
{
    int rank;

    if (now_ns - desk->late_ns < LOOK_FOR_LATE_NS)
        return 0;
    desk->late_ns = now_ns;
    if (check_patience(desk, now_ns, err) != 0)
        return -1;
    if (desk->schedule->late_ns == 0)
        return 0;
    mark_late(desk, now_ns - late_after(desk));
    for (struct given_unit *unit = desk->given.oldest, *newer;
         desk->dry && unit != NULL && unit->late; unit = newer) {
        newer = unit->newer;
        if (unit->n_times == GIVEN_AT_MOST)
            continue;
        struct group *group = find_helper(desk, unit, &rank);
        if (group == NULL)
            return 0;
        if (give_again(desk, unit, group, rank, err) != 0)
            return -1;
    }
    return 0;
}

/* ---- taking in ---- */

static int take_answer(struct desk *desk, const struct wire_answer *head,
                       struct reader answer, struct err *err)
{
    const struct schedule_source *source = &desk->schedule->source;
    struct given_unit *unit = given_find(&desk->given, head->number);

    if (head->rank >= (uint32_t)desk->size)
        return err_set(err, ERR_BUG, "an answer of rank %u", head->rank);
    foreman_timed(&desk->foreman, head->elapsed_ns);
    if (unit == NULL)
        return 0; /* somebody was faster */
    if (!unit->late)
        desk->group[desk->group_of[unit->head.rank]].n_out--;
    given_remove(&desk->given, unit);
    desk->dry = false; /* it may have been waited for */
    return source->take(source->context, (int)head->rank, head->number, answer, err);
}

static int take_answers(struct desk *desk, int from, struct reader message,
                        struct err *err)
{
    struct wire_answer head;
    struct reader answer;
    int n = 0;

    for (; message.n_left > 0; n++) {
        if (reader_get(&message, &head, sizeof head) != 0 ||
            reader_cut(&message, head.n_bytes, &answer) != 0)
            return err_set(err, ERR_BUG, "rank %d sent an answer cut short", from);
        if (take_answer(desk, &head, answer, err) != 0)
            return -1;
    }
    if (desk->group_of[from] == 0)
        foreman_heard(&desk->foreman, from, n);
    return 0;
}

static void take_bye(struct desk *desk, const struct wire_bye *bye,
                     struct reader report)
{
    const struct schedule_source *source = &desk->schedule->source;
    struct schedule_share *share = &desk->share[bye->rank];

    share->absent = false;
    share->n_units = bye->n_units;
    share->busy_s = (double)bye->busy_ns / CLOCK_SECOND;
    share->serving_s = (double)bye->serving_ns / CLOCK_SECOND;
    share->elapsed_s = (double)bye->elapsed_ns / CLOCK_SECOND;
    desk->n_byes++;
    if (source->report != NULL)
        source->report(source->context, (int)bye->rank, report);
}

static int take_byes(struct desk *desk, struct reader message, struct err *err)
{
    struct wire_bye bye;
    struct reader report;

    while (message.n_left > 0) {
        if (reader_get(&message, &bye, sizeof bye) != 0 ||
            reader_cut(&message, bye.n_bytes, &report) != 0 ||
            bye.rank >= (uint32_t)desk->size)
            return err_set(err, ERR_BUG, "a last word is cut short");
        take_bye(desk, &bye, report);
    }
    return 0;
}

static int hear(struct desk *desk, const MPI_Status *status, struct err *err)
{
    struct reader message;

    if (mail_receive(&desk->mail, status, &message, err) != 0)
        return -1;
    desk->figures->n_messages++;
    switch (status->MPI_TAG) {
    case WIRE_ANSWERS:
        return take_answers(desk, status->MPI_SOURCE, message, err);
    case WIRE_BYE:
        return take_byes(desk, message, err);
    default:
        if (err != NULL && reader_get(&message, err, sizeof *err) != 0)
            return err_set(err, ERR_BUG, "rank %d cannot go on", status->MPI_SOURCE);
        return -1;
    }
}

enum { SOME = 8 };

/* What has come, but no more than a few: whoever waits for units is not to wait for all
 * answers too.  *n: how many; SOME: there may be more. */
static int hear_some(struct desk *desk, int *n, struct err *err)
{
    MPI_Status status;

    for (*n = 0; *n < SOME && desk->size > 1 &&
                 mail_is_there(&desk->mail, MPI_ANY_SOURCE, MPI_ANY_TAG, &status);
         ++*n)
        if (hear(desk, &status, err) != 0)
            return -1;
    return 0;
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
    return take_answer(desk, &head, answer, err);
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

    if (hear_some(desk, &n_heard, err) != 0 || restock_all(desk, err) != 0 ||
        help_the_late(desk, start_ns, err) != 0 || beat(desk, start_ns, err) != 0 ||
        foreman_share(&desk->foreman, n_heard < SOME ? &kept : NULL, err) != 0)
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
    take_byes(desk, message, NULL);
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
        if (hear_some(desk, &n_heard, status == 0 ? err : NULL) != 0 ||
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
