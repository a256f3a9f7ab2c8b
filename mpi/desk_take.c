#include "mpi/desk_inside.h"

#include "core/clock.h"

int desk_take_answer(struct desk *desk, const struct wire_answer *head,
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
        if (desk_take_answer(desk, &head, answer, err) != 0)
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

int desk_take_byes(struct desk *desk, struct reader message, struct err *err)
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
        return desk_take_byes(desk, message, err);
    default:
        if (err != NULL && reader_get(&message, err, sizeof *err) != 0)
            return err_set(err, ERR_BUG, "rank %d cannot go on", status->MPI_SOURCE);
        return -1;
    }
}

int desk_hear_some(struct desk *desk, int *n, struct err *err)
{
    MPI_Status status;

    for (*n = 0; *n < DESK_SOME && desk->size > 1 &&
                 mail_is_there(&desk->mail, MPI_ANY_SOURCE, MPI_ANY_TAG, &status);
         ++*n)
        if (hear(desk, &status, err) != 0)
            return -1;
    return 0;
}
