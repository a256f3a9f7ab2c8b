#include "mpi/schedule.h"
#include "core/clock.h"
#include "mpi/agree.h"
#include "mpi/wire.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    UNITS_AHEAD = 2, /* one in work, one waiting beside it */
    /* Beyond this many ranks a unit of work on rank 0 costs more waiting than it saves.
     */
    RANK_0_WORKS_UP_TO = 16,
};

/* The state of rank 0. */
struct desk {
    MPI_Comm comm;
    int size;
    const struct schedule *schedule;
    struct schedule_share *share;
    int *n_ahead; /* [size] units given to a rank and not answered */
    bool done;    /* the source will never give again            */
    bool lost;    /* a rank could not go on; it knows why        */
    struct buffer message, answer;
    struct buffer own; /* the unit that rank 0 works on */
};

/* The head of a message is written first and filled in when the rest is known. */
static void start_message(struct buffer *message)
{
    const struct wire_head head = {0};

    buffer_empty(message);
    buffer_put(message, &head, sizeof head);
}

static void fill_head(struct buffer *message, struct wire_head head)
{
    if (message->failed)
        return;
    head.n_bytes = message->n - sizeof head;
    memcpy(message->bytes, &head, sizeof head);
}

/* Receive the message that `status` tells of. */
static int receive(MPI_Comm comm, const MPI_Status *status, struct buffer *message,
                   struct err *err)
{
    int n;

    MPI_Get_count(status, MPI_BYTE, &n);
    if ((size_t)n > message->capacity) {
        buffer_free(message);
        message->bytes = malloc((size_t)n);
        if (message->bytes == NULL)
            return err_set(err, ERR_MEMORY, "no memory for a message of %d bytes", n);
        message->capacity = (size_t)n;
    }
    MPI_Recv(message->bytes, n, MPI_BYTE, status->MPI_SOURCE, status->MPI_TAG, comm,
             MPI_STATUS_IGNORE);
    message->n = (size_t)n;
    return 0;
}

static int work_one(const struct schedule_worker *worker, uint64_t unit,
                    struct reader request, struct buffer *answer, struct err *err)
{
    const int64_t start = clock_monotonic();

    start_message(answer);
    if (worker->work(worker->context, request, answer, err) != 0)
        return -1;
    if (answer->failed)
        return err_set(err, ERR_MEMORY, "no memory for the answer of unit %llu",
                       (unsigned long long)unit);
    fill_head(answer, (struct wire_head){.unit = unit,
                                         .elapsed_ns = clock_monotonic() - start});
    return 0;
}

static int take(struct desk *desk, int rank, const struct buffer *message,
                struct err *err)
{
    struct reader reader = {message->bytes, message->n};
    struct wire_head head;

    if (reader_get(&reader, &head, sizeof head) != 0 || head.n_bytes != reader.n_left)
        return err_set(err, ERR_BUG, "rank %d sent a message of %zu bytes", rank,
                       message->n);
    desk->share[rank].n_units++;
    desk->share[rank].busy_s += (double)head.elapsed_ns / CLOCK_SECOND;
    return desk->schedule->source.take(desk->schedule->source.context, rank, head.unit,
                                       reader, err);
}

/* The next unit for `rank` as a message; false where there is none now. */
static bool next_unit(struct desk *desk, int rank, uint64_t *unit)
{
    if (desk->done)
        return false;
    start_message(&desk->message);
    const enum schedule_next next = desk->schedule->source.next(
        desk->schedule->source.context, rank, unit, &desk->message);
    desk->done = next == SCHEDULE_DONE;
    if (next != SCHEDULE_GIVEN)
        return false;
    fill_head(&desk->message, (struct wire_head){.unit = *unit});
    return true;
}

/* Give a unit to every rank that has `ahead` of them. */
static int serve(struct desk *desk, int ahead, struct err *err)
{
    uint64_t unit;

    for (int rank = 1; rank < desk->size; rank++) {
        if (desk->n_ahead[rank] != ahead || !next_unit(desk, rank, &unit))
            continue;
        if (desk->message.failed || desk->message.n > WIRE_UNIT_MAX)
            return err_set(err, ERR_BUG, "unit %llu has %zu bytes, more than %d",
                           (unsigned long long)unit, desk->message.n, WIRE_UNIT_MAX);
        MPI_Send(desk->message.bytes, (int)desk->message.n, MPI_BYTE, rank, WIRE_UNIT,
                 desk->comm);
        desk->n_ahead[rank]++;
    }
    return 0;
}

/* Take one message if there is one; wait for it if there is nothing else to do. */
static int hear(struct desk *desk, bool wait, bool *heard, struct err *err)
{
    MPI_Status status;
    int flag = 1;

    if (wait)
        MPI_Probe(MPI_ANY_SOURCE, MPI_ANY_TAG, desk->comm, &status);
    else
        MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, desk->comm, &flag, &status);
    *heard = flag;
    if (!flag)
        return 0;
    if (receive(desk->comm, &status, &desk->answer, err) != 0)
        return -1;
    desk->n_ahead[status.MPI_SOURCE]--;
    desk->lost = desk->lost || status.MPI_TAG == WIRE_FAILED;
    if (desk->lost)
        return -1;
    return take(desk, status.MPI_SOURCE, &desk->answer, err);
}

static int hear_all_waiting(struct desk *desk, struct err *err)
{
    bool heard = desk->size > 1;

    while (heard)
        if (hear(desk, false, &heard, err) != 0)
            return -1;
    return 0;
}

static bool anybody_works(const struct desk *desk)
{
    for (int rank = 1; rank < desk->size; rank++)
        if (desk->n_ahead[rank] > 0)
            return true;
    return false;
}

/* A unit for rank 0 itself, where there are few ranks. */
static bool keep_one(struct desk *desk, uint64_t *unit)
{
    if (desk->size > RANK_0_WORKS_UP_TO || !next_unit(desk, 0, unit))
        return false;
    buffer_empty(&desk->own);
    buffer_put(&desk->own, desk->message.bytes, desk->message.n);
    return true;
}

static int work_here(struct desk *desk, uint64_t unit, struct err *err)
{
    struct reader request = {desk->own.bytes, desk->own.n};
    struct wire_head head;

    if (desk->own.failed || reader_get(&request, &head, sizeof head) != 0)
        return err_set(err, ERR_MEMORY, "no memory for a unit");
    if (work_one(&desk->schedule->worker, unit, request, &desk->answer, err) != 0)
        return -1;
    return take(desk, 0, &desk->answer, err);
}

/* One turn: hear what came, give a first unit to everyone who has none, keep one here,
 * give second ones to tide the others over while this rank works.  So the last units
 * are shared out and not hoarded.  *worked tells whether there was one here. */
static int take_turn(struct desk *desk, bool *worked, struct err *err)
{
    uint64_t unit;

    if (hear_all_waiting(desk, err) != 0 || serve(desk, 0, err) != 0)
        return -1;
    *worked = keep_one(desk, &unit);
    for (int ahead = 1; ahead < UNITS_AHEAD; ahead++)
        if (serve(desk, ahead, err) != 0)
            return -1;
    return *worked ? work_here(desk, unit, err) : 0;
}

static int run_desk(struct desk *desk, struct err *err)
{
    bool worked, heard;

    for (;;) {
        if (desk->schedule->tick != NULL)
            desk->schedule->tick(desk->schedule->tick_context);
        if (take_turn(desk, &worked, err) != 0)
            return -1;
        if (worked)
            continue;
        if (anybody_works(desk)) {
            if (hear(desk, true, &heard, err) != 0)
                return -1;
        } else if (desk->done) {
            return 0;
        }
    }
}

/* Answers that are still under way are heard out, so that no rank blocks in a send. */
static void stop_everyone(struct desk *desk)
{
    MPI_Status status;

    while (anybody_works(desk)) {
        MPI_Probe(MPI_ANY_SOURCE, MPI_ANY_TAG, desk->comm, &status);
        if (receive(desk->comm, &status, &desk->answer, NULL) != 0)
            MPI_Abort(desk->comm, 70);
        desk->n_ahead[status.MPI_SOURCE]--;
    }
    for (int rank = 1; rank < desk->size; rank++)
        MPI_Send(NULL, 0, MPI_BYTE, rank, WIRE_STOP, desk->comm);
}

static int coordinate(MPI_Comm comm, const struct schedule *schedule,
                      struct schedule_share share[], struct err *err)
{
    struct desk desk = {.comm = comm, .schedule = schedule, .share = share};

    MPI_Comm_size(comm, &desk.size);
    desk.n_ahead = calloc((size_t)desk.size, sizeof *desk.n_ahead);
    if (desk.n_ahead == NULL)
        MPI_Abort(comm, 70); /* the others wait and could not be told */
    memset(share, 0, (size_t)desk.size * sizeof *share);
    const int status = run_desk(&desk, err);
    stop_everyone(&desk);
    buffer_free(&desk.message);
    buffer_free(&desk.answer);
    buffer_free(&desk.own);
    free(desk.n_ahead);
    return desk.lost ? 0
                     : status; /* agree() brings the words of the rank that failed */
}

/* The state of the other ranks: while one answer is on its way the next is made. */
struct bench {
    MPI_Comm comm;
    struct buffer message;
    struct buffer answer[2];
    MPI_Request sending[2];
    bool failed;
};

/* Work on the unit in bench->message and send its answer, or after a fault an empty
 * WIRE_FAILED, without waiting for the send to end. */
static void answer_unit(struct bench *bench, const struct schedule_worker *worker,
                        int turn, struct err *err)
{
    struct buffer *answer = &bench->answer[turn];
    struct reader reader = {bench->message.bytes, bench->message.n};
    struct wire_head head = {0};

    reader_get(&reader, &head, sizeof head);
    MPI_Wait(&bench->sending[turn], MPI_STATUS_IGNORE);
    if (!bench->failed)
        bench->failed = work_one(worker, head.unit, reader, answer, err) != 0;
    if (!bench->failed && answer->n > INT_MAX)
        bench->failed = err_set(err, ERR_BUG, "an answer of %zu bytes", answer->n) != 0;
    if (bench->failed)
        MPI_Isend(NULL, 0, MPI_BYTE, 0, WIRE_FAILED, bench->comm,
                  &bench->sending[turn]);
    else
        MPI_Isend(answer->bytes, (int)answer->n, MPI_BYTE, 0, WIRE_ANSWER, bench->comm,
                  &bench->sending[turn]);
}

static int serve_coordinator(MPI_Comm comm, const struct schedule_worker *worker,
                             struct err *err)
{
    struct bench bench = {.comm = comm,
                          .sending = {MPI_REQUEST_NULL, MPI_REQUEST_NULL}};
    MPI_Status status;

    for (int turn = 0;; turn = !turn) {
        MPI_Probe(0, MPI_ANY_TAG, comm, &status);
        if (receive(comm, &status, &bench.message, err) != 0)
            MPI_Abort(comm, 70);
        if (status.MPI_TAG == WIRE_STOP)
            break;
        answer_unit(&bench, worker, turn, err);
    }
    MPI_Waitall(2, bench.sending, MPI_STATUSES_IGNORE);
    buffer_free(&bench.message);
    buffer_free(&bench.answer[0]);
    buffer_free(&bench.answer[1]);
    return bench.failed ? -1 : 0;
}

int schedule_run(MPI_Comm comm, const struct schedule *schedule,
                 struct schedule_share share[], struct err *err)
{
    int rank;

    MPI_Comm_rank(comm, &rank);
    const int status = rank == 0 ? coordinate(comm, schedule, share, err)
                                 : serve_coordinator(comm, &schedule->worker, err);
    return agree(comm, status != 0, err);
}
