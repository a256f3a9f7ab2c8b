#include "mpi/leader.h"
#include "core/clock.h"
#include "mpi/foreman.h"
#include "mpi/hand.h"
#include "mpi/mail.h"

#include <stdbool.h>
#include <stdlib.h>

struct leader {
    struct mail mail;
    struct foreman foreman;
    struct hand hand;
    struct buffer answers; /* of the group, on their way to rank 0 */
    size_t n_answers;
    int64_t oldest_ns; /* of them */
    bool stopped, failed;
    int tag; /* of the message heard last from rank 0 */
    struct err outcome;
};

/* ---- to rank 0 ---- */

static int forward(struct leader *leader, struct err *err)
{
    if (leader->n_answers == 0)
        return 0;
    if (leader->answers.failed)
        return err_set(err, ERR_MEMORY, "no memory for answers");
    leader->n_answers = 0;
    const int status = mail_send(&leader->mail, 0, WIRE_ANSWERS, leader->answers.bytes,
                                 leader->answers.n, err);
    buffer_empty(&leader->answers);
    return status;
}

/* Answers wait for company, so that rank 0 has few messages: for one of each rank while
 * the group has enough to do, later for an eighth of those under way; for no more than
 * 20 ms. */
static int forward_if_due(struct leader *leader, struct err *err)
{
    const int64_t COMPANY_NS = 20000000;
    enum { ENOUGH = 3 << 14 }; /* below what is sent without a handshake */
    const struct foreman *foreman = &leader->foreman;
    const size_t company =
        foreman->n_held > foreman->n / 2 ? foreman->n : foreman->n_sent / 8;

    if (leader->n_answers < company && leader->answers.n < ENOUGH &&
        clock_monotonic() - leader->oldest_ns < COMPANY_NS)
        return 0;
    return forward(leader, err);
}

static void note_answers(struct leader *leader, size_t n)
{
    if (leader->n_answers == 0)
        leader->oldest_ns = clock_monotonic();
    leader->n_answers += n;
}

static void fail(struct leader *leader, struct err *err)
{
    leader->failed = true;
    err_add(err, "rank %u", leader->hand.done.rank);
    mail_send(&leader->mail, 0, WIRE_FAILED, err, sizeof *err, NULL);
}

static int say_bye(struct leader *leader, struct err *err)
{
    struct buffer bye = {0};

    hand_put_bye(&leader->hand, &bye);
    const int status = mail_send(&leader->mail, 0, WIRE_BYE, bye.bytes, bye.n, err);
    buffer_free(&bye);
    return status;
}

/* ---- what is heard ---- */

static int hold_units(struct leader *leader, struct reader units, struct err *err)
{
    struct wire_unit unit;
    struct reader request;

    while (units.n_left > 0) {
        if (reader_get(&units, &unit, sizeof unit) != 0 ||
            reader_cut(&units, unit.n_bytes, &request) != 0)
            return err_set(err, ERR_BUG, "a chunk is cut short");
        if (foreman_hold(&leader->foreman, &unit, request.bytes, err) != 0)
            return -1;
    }
    return 0;
}

static int heed_rank_0(struct leader *leader, int tag, struct reader message,
                       struct err *err)
{
    leader->tag = tag;
    switch (tag) {
    case WIRE_UNITS:
        return leader->stopped ? 0 : hold_units(leader, message, err);
    case WIRE_STOP:
        leader->stopped = true;
        foreman_drop(&leader->foreman);
        if (foreman_tell(&leader->foreman, WIRE_STOP, NULL, 0, err) != 0 ||
            forward(leader, err) != 0)
            return -1;
        return say_bye(leader, err);
    case WIRE_END:
        if (reader_get(&message, &leader->outcome, sizeof leader->outcome) != 0)
            return err_set(err, ERR_BUG, "the outcome is cut short");
        return foreman_tell(&leader->foreman, WIRE_END, &leader->outcome,
                            sizeof leader->outcome, err);
    default: /* WIRE_BEAT */
        return foreman_tell(&leader->foreman, tag, NULL, 0, err);
    }
}

/* Answers go on with those of the others; all else at once. */
static int heed_member(struct leader *leader, const MPI_Status *status,
                       struct reader message, struct err *err)
{
    struct reader each = message, answer;
    struct wire_answer head;
    int n = 0;

    if (status->MPI_TAG != WIRE_ANSWERS)
        return forward(leader, err) != 0
                   ? -1
                   : mail_send(&leader->mail, 0, status->MPI_TAG, message.bytes,
                               message.n_left, err);
    for (; each.n_left > 0; n++) {
        if (reader_get(&each, &head, sizeof head) != 0 ||
            reader_cut(&each, head.n_bytes, &answer) != 0)
            return err_set(err, ERR_BUG, "rank %d sent an answer cut short",
                           status->MPI_SOURCE);
        foreman_timed(&leader->foreman, head.elapsed_ns);
    }
    note_answers(leader, (size_t)n);
    buffer_put(&leader->answers, message.bytes, message.n_left);
    foreman_heard(&leader->foreman, status->MPI_SOURCE, n);
    return leader->stopped ? forward(leader, err) : 0;
}

static int hear(struct leader *leader, const MPI_Status *status, struct err *err)
{
    struct reader message;

    if (mail_receive(&leader->mail, status, &message, err) != 0)
        return -1;
    return status->MPI_SOURCE == 0 ? heed_rank_0(leader, status->MPI_TAG, message, err)
                                   : heed_member(leader, status, message, err);
}

/* ---- the loop ---- */

static int work_here(struct leader *leader, struct unit_held *unit, struct err *err)
{
    const int status = hand_work(&leader->hand, &unit->head,
                                 (struct reader){unit->bytes, unit->head.n_bytes},
                                 &leader->answers, err);

    free(unit);
    if (status == 0)
        note_answers(leader, 1);
    return status;
}

/* One turn: hear what has come, share out, work or wait. */
static int turn(struct leader *leader, struct err *err)
{
    const int64_t start_ns = clock_monotonic();
    struct unit_held *kept = NULL;
    MPI_Status status;

    while (leader->tag != WIRE_END &&
           mail_is_there(&leader->mail, MPI_ANY_SOURCE, MPI_ANY_TAG, &status))
        if (hear(leader, &status, err) != 0)
            return -1;
    if (leader->tag == WIRE_END)
        return 0;
    if (!leader->failed && foreman_share(&leader->foreman, &kept, err) != 0)
        return -1;
    if (forward_if_due(leader, err) != 0)
        return -1;
    leader->hand.done.serving_ns += clock_monotonic() - start_ns;
    if (kept != NULL)
        return work_here(leader, kept, err);
    mail_await(&leader->mail, MPI_ANY_SOURCE, "the coordinator", &status);
    return hear(leader, &status, err);
}

int leader_serve(MPI_Comm comm, size_t n, const int rank[],
                 const struct schedule_worker *worker, struct err *err)
{
    struct leader leader = {.mail = {.comm = comm}};
    struct err fault = {0};

    if (foreman_new(&leader.mail, n, rank, n <= FOREMAN_WORKS_UP_TO, &leader.foreman,
                    NULL) != 0)
        MPI_Abort(comm, 70); /* the others wait and cannot be told */
    hand_start(&leader.hand, rank[0], worker);
    while (leader.tag != WIRE_END)
        if (turn(&leader, &fault) != 0) {
            if (leader.failed)
                MPI_Abort(comm, 70);
            fail(&leader, &fault);
        }
    mail_close(&leader.mail);
    foreman_free(&leader.foreman);
    buffer_free(&leader.answers);
    if (leader.outcome.kind == ERR_NONE)
        return 0;
    if (err != NULL)
        *err = leader.outcome;
    return -1;
}
