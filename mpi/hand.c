#include "mpi/hand.h"
#include "core/clock.h"
#include "mpi/mail.h"

#include <string.h>

void hand_start(struct hand *hand, int rank, const struct schedule_worker *worker)
{
    *hand = (struct hand){.worker = worker,
                          .start_ns = clock_monotonic(),
                          .done = {.rank = (uint32_t)rank}};
}

int hand_work(struct hand *hand, const struct wire_unit *unit, struct reader request,
              struct buffer *answers, struct err *err)
{
    const int64_t start_ns = clock_monotonic();
    const size_t place = answers->n;
    struct wire_answer head = {.number = unit->number, .rank = hand->done.rank};

    buffer_put(answers, &head, sizeof head);
    if (hand->worker->work(hand->worker->context, request, answers, err) != 0)
        return -1;
    if (answers->failed)
        return err_set(err, ERR_MEMORY, "no memory for the answer of unit %llu",
                       (unsigned long long)unit->number);
    head.n_bytes = answers->n - place - sizeof head;
    head.elapsed_ns = clock_monotonic() - start_ns;
    memcpy(answers->bytes + place, &head, sizeof head);
    hand->done.n_units++;
    hand->done.busy_ns += head.elapsed_ns;
    return 0;
}

void hand_put_bye(struct hand *hand, struct buffer *message)
{
    const size_t place = message->n;

    hand->done.elapsed_ns = clock_monotonic() - hand->start_ns;
    buffer_put(message, &hand->done, sizeof hand->done);
    if (hand->worker->report != NULL)
        hand->worker->report(hand->worker->context, message);
    if (message->failed)
        return;
    hand->done.n_bytes = (uint32_t)(message->n - place - sizeof hand->done);
    memcpy(message->bytes + place, &hand->done, sizeof hand->done);
}

/* ---- a rank that leads nobody ---- */

struct follower {
    struct mail mail;
    int leader;
    struct hand hand;
    struct buffer answers;
    bool failed; /* it has said so, and works no more */
};

static bool is_stopped(struct follower *follower)
{
    MPI_Status status;

    return mail_is_there(&follower->mail, follower->leader, WIRE_STOP, &status);
}

static int send_answers(struct follower *follower, struct err *err)
{
    if (follower->answers.n == 0)
        return 0;
    const int status = mail_send(&follower->mail, follower->leader, WIRE_ANSWERS,
                                 follower->answers.bytes, follower->answers.n, err);
    buffer_empty(&follower->answers);
    return status;
}

/* The units of one message, answered together; after WIRE_STOP those that are done. */
static int work_through(struct follower *follower, struct reader units, struct err *err)
{
    enum { ENOUGH = 3 << 14 }; /* bytes that are not held back for more */
    struct wire_unit unit;
    struct reader request;

    buffer_empty(&follower->answers);
    while (units.n_left > 0 && !is_stopped(follower)) {
        if (reader_get(&units, &unit, sizeof unit) != 0 ||
            reader_cut(&units, unit.n_bytes, &request) != 0)
            return err_set(err, ERR_BUG, "a unit is cut short");
        if (hand_work(&follower->hand, &unit, request, &follower->answers, err) != 0)
            return -1;
        if (follower->answers.n >= ENOUGH && send_answers(follower, err) != 0)
            return -1;
    }
    return send_answers(follower, err);
}

static void fail(struct follower *follower, struct err *err)
{
    follower->failed = true;
    err_add(err, "rank %u", follower->hand.done.rank);
    mail_send(&follower->mail, follower->leader, WIRE_FAILED, err, sizeof *err, NULL);
}

static void say_bye(struct follower *follower)
{
    buffer_empty(&follower->answers);
    hand_put_bye(&follower->hand, &follower->answers);
    mail_send(&follower->mail, follower->leader, WIRE_BYE, follower->answers.bytes,
              follower->answers.n, NULL);
}

/* One message; returns its tag. */
static int heed(struct follower *follower, struct err *outcome)
{
    struct reader reader;
    MPI_Status status;
    struct err err = {0};

    mail_await(&follower->mail, follower->leader, "a unit", &status);
    if (mail_receive(&follower->mail, &status, &reader, &err) != 0)
        MPI_Abort(follower->mail.comm, 70); /* the others wait and cannot be told */
    if (status.MPI_TAG == WIRE_UNITS && !follower->failed &&
        work_through(follower, reader, &err) != 0)
        fail(follower, &err);
    if (status.MPI_TAG == WIRE_STOP)
        say_bye(follower);
    if (status.MPI_TAG == WIRE_END &&
        reader_get(&reader, outcome, sizeof *outcome) != 0)
        err_set(outcome, ERR_BUG, "the outcome is cut short");
    return status.MPI_TAG;
}

int hand_follow(MPI_Comm comm, int leader, const struct schedule_worker *worker,
                struct err *err)
{
    struct follower follower = {.mail = {.comm = comm}, .leader = leader};
    struct err outcome = {0};
    int rank;

    MPI_Comm_rank(comm, &rank);
    hand_start(&follower.hand, rank, worker);
    while (heed(&follower, &outcome) != WIRE_END)
        ;
    mail_close(&follower.mail);
    buffer_free(&follower.answers);
    if (outcome.kind == ERR_NONE)
        return 0;
    if (err != NULL)
        *err = outcome;
    return -1;
}
