#include "mpi/desk_inside.h"

#include "core/clock.h"

enum {
    STOCK_NS = 250000000, /* of work that a group has at hand, at most    */
    STOCK_UNITS = 64,     /* ... a rank                                   */
    STOCK_LEAST = 4,      /* ... however long they are                    */
};

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
    if (next != SCHEDULE_GIVEN && next != SCHEDULE_GIVEN_ALONE)
        return next;
    head.alone = next == SCHEDULE_GIVEN_ALONE;
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
        desk->dry = next == SCHEDULE_DONE || next == SCHEDULE_WAIT;
        if (desk->dry)
            break;
        if (next == SCHEDULE_PASS)
            i += each - 1 - i % each; /* to the next rank */
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

int desk_restock(struct desk *desk, struct err *err)
{
    for (size_t g = 0; g < desk->n_groups && !desk->dry; g++)
        if (restock(desk, &desk->group[g], err) != 0)
            return -1;
    return 0;
}
