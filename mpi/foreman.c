#include "mpi/foreman.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MESSAGE_NS = 1000000, /* of work in a message: a hundred times what it costs */
    MESSAGE_UNITS = 64,
    AHEAD = 2,       /* one in work, one waiting beside it                 */
    AHEAD_MOST = 16, /* ... and as many as last for a unit of the leader's */
};

int foreman_new(struct mail *mail, size_t n, const int rank[], bool works,
                struct foreman *foreman, struct err *err)
{
    *foreman = (struct foreman){.mail = mail, .n = n, .works = works};
    foreman->member = calloc(n, sizeof *foreman->member);
    if (foreman->member == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu ranks", n);
    for (size_t i = 0; i < n; i++)
        foreman->member[i].rank = rank[i];
    return 0;
}

static struct unit_held *take_first(struct foreman *foreman, struct member *member)
{
    struct unit_held *unit = member->first;

    member->first = unit->next;
    member->n_held--;
    member->n_alone -= unit->head.alone;
    foreman->n_held--;
    return unit;
}

/* The first that others may have too: there is one. */
static struct unit_held *take_over(struct foreman *foreman, struct member *member)
{
    struct unit_held *before = NULL, *unit = member->first;

    if (member->n_alone == 0)
        return take_first(foreman, member);
    for (size_t i = 0; i < member->n_alone; i++, unit = unit->next)
        before = unit;
    before->next = unit->next;
    if (member->last == unit)
        member->last = before;
    member->n_held--;
    foreman->n_held--;
    return unit;
}

void foreman_drop(struct foreman *foreman)
{
    for (size_t i = 0; foreman->member != NULL && i < foreman->n; i++)
        while (foreman->member[i].n_held > 0)
            free(take_first(foreman, &foreman->member[i]));
}

void foreman_free(struct foreman *foreman)
{
    foreman_drop(foreman);
    free(foreman->member);
    buffer_free(&foreman->message);
    *foreman = (struct foreman){0};
}

static struct member *member_of(struct foreman *foreman, int rank)
{
    size_t low = 0, high = foreman->n;

    while (high - low > 1) {
        const size_t middle = (low + high) / 2;

        if (foreman->member[middle].rank <= rank)
            low = middle;
        else
            high = middle;
    }
    return &foreman->member[low];
}

/* At its end, or where nobody else may have it at its front. */
static void put_into_queue(struct member *member, struct unit_held *unit)
{
    if (member->n_held == 0)
        member->first = member->last = unit;
    else if (unit->head.alone) {
        unit->next = member->first;
        member->first = unit;
    } else {
        member->last->next = unit;
        member->last = unit;
    }
    member->n_held++;
    member->n_alone += unit->head.alone;
}

int foreman_hold(struct foreman *foreman, const struct wire_unit *head,
                 const void *bytes, struct err *err)
{
    struct member *member = member_of(foreman, (int)head->rank);
    struct unit_held *unit = malloc(sizeof *unit + head->n_bytes);

    if (unit == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a unit");
    unit->next = NULL;
    unit->head = *head;
    memcpy(unit->bytes, bytes, head->n_bytes);
    if (!foreman->works && member == &foreman->member[0])
        unit->head.alone = 0; /* the others work for it */
    put_into_queue(member, unit);
    foreman->n_held++;
    return 0;
}

static size_t n_for_all(const struct member *member)
{
    return member->n_held - member->n_alone;
}

/* The member's next unit, or where it has none, one of who has most; NULL where each of
 * them has only what nobody else may have. */
static struct unit_held *next_for(struct foreman *foreman, struct member *member)
{
    struct member *most = member;

    for (size_t i = 0; member->n_held == 0 && i < foreman->n; i++)
        if (n_for_all(&foreman->member[i]) > n_for_all(most))
            most = &foreman->member[i];
    if (most->n_held == 0)
        return NULL;
    struct unit_held *unit =
        most == member ? take_first(foreman, most) : take_over(foreman, most);
    if (foreman->gives != NULL)
        foreman->gives(foreman->context, unit->head.number, member->rank);
    return unit;
}

/* How many units make a message now: less where few are left to share out. */
static size_t message_units(const struct foreman *foreman)
{
    const double by_time = foreman->unit_ns > 0.0 ? MESSAGE_NS / foreman->unit_ns : 1.0;
    const size_t share = foreman->n_held / (2 * foreman->n);
    const size_t most = share < MESSAGE_UNITS ? share : MESSAGE_UNITS;

    return by_time >= (double)most ? (most > 0 ? most : 1)
                                   : (by_time > 1.0 ? (size_t)by_time : 1);
}

static int send_units(struct foreman *foreman, struct member *member, struct err *err)
{
    const size_t n = message_units(foreman);

    buffer_empty(&foreman->message);
    for (size_t i = 0; i < n && foreman->n_held > 0; i++) {
        struct unit_held *unit = next_for(foreman, member);

        if (unit == NULL)
            break;
        buffer_put(&foreman->message, &unit->head, sizeof unit->head);
        buffer_put(&foreman->message, unit->bytes, unit->head.n_bytes);
        member->n_units++;
        foreman->n_sent++;
        free(unit);
        if (member->n_held == 0)
            break; /* of others, one at a time */
    }
    if (foreman->message.failed)
        return err_set(err, ERR_MEMORY, "no memory for units");
    if (foreman->message.n == 0)
        return 0;
    member->n_ahead++;
    return mail_send(foreman->mail, member->rank, WIRE_UNITS, foreman->message.bytes,
                     foreman->message.n, err);
}

/* A message for everyone who has so many; more than one only while many are held.  A
 * leader that works keeps back less: nobody gets what it holds before its unit ends. */
static int feed(struct foreman *foreman, int ahead, bool works, struct err *err)
{
    const size_t kept_back = (size_t)ahead * foreman->n / (works ? 4 : 1);

    for (size_t i = 1; i < foreman->n; i++) {
        struct member *member = &foreman->member[i];

        if (foreman->n_held <= kept_back)
            return 0;
        if (member->n_ahead <= ahead && send_units(foreman, member, err) != 0)
            return -1;
    }
    return 0;
}

/* Messages that a member has while the leader works: for so long it gets no others. */
static int ahead_of_work(const struct foreman *foreman)
{
    const double n = foreman->unit_ns > 0.0 ? foreman->long_ns / foreman->unit_ns : 1.0;

    return AHEAD + (n < AHEAD_MOST - AHEAD ? (int)ceil(n) : AHEAD_MOST - AHEAD);
}

int foreman_share(struct foreman *foreman, struct unit_held **kept, struct err *err)
{
    const bool works = foreman->works && kept != NULL;
    const int most = works ? ahead_of_work(foreman) : AHEAD;

    if (kept != NULL)
        *kept = NULL;
    if (foreman->n_held == 0)
        return 0;
    if (feed(foreman, 0, works, err) != 0)
        return -1;
    if (works && foreman->n_held > 0)
        *kept = next_for(foreman, &foreman->member[0]);
    for (int ahead = 1; ahead < most; ahead++)
        if (feed(foreman, ahead, works, err) != 0)
            return -1;
    return 0;
}

void foreman_heard(struct foreman *foreman, int rank, int n_answers)
{
    struct member *member = member_of(foreman, rank);

    member->n_units -= n_answers;
    foreman->n_sent -= (size_t)n_answers;
    if (member->n_units <= 0)
        member->n_ahead = member->n_units = 0;
    else if (member->n_ahead > 1)
        member->n_ahead--;
}

void foreman_timed(struct foreman *foreman, int64_t elapsed_ns)
{
    const double ns = (double)elapsed_ns;

    foreman->unit_ns += (foreman->unit_ns > 0.0 ? 0.05 : 1.0) * (ns - foreman->unit_ns);
    foreman->long_ns =
        ns > foreman->long_ns ? ns : foreman->long_ns - 0.01 * (foreman->long_ns - ns);
}

int foreman_tell(struct foreman *foreman, int tag, const void *bytes, size_t n_bytes,
                 struct err *err)
{
    for (size_t i = 1; i < foreman->n; i++)
        if (mail_send(foreman->mail, foreman->member[i].rank, tag, bytes, n_bytes,
                      err) != 0)
            return -1;
    return 0;
}

struct member *foreman_idle(struct foreman *foreman, int but)
{
    for (size_t i = foreman->works ? 0 : 1; i < foreman->n; i++) {
        struct member *member = &foreman->member[i];

        if (member->rank != but && member->n_ahead == 0 && member->n_held == 0)
            return member;
    }
    return NULL;
}
