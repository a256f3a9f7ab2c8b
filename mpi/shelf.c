#include "mpi/shelf.h"
#include "core/clock.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/statvfs.h>

/* The state of a place, in the shared window. */
enum { EMPTY, FILLING, READY, FAILED };

struct shelf {
    MPI_Comm node;
    MPI_Win window;
    size_t n_items, n_bytes;
    size_t *offset;         /* [n_items] of its place; SIZE_MAX: none */
    unsigned char *base;    /* of the window, in this process         */
    _Atomic int32_t *state; /* [n_items], at its start               */
};

static size_t round_up(size_t n)
{
    enum { LINE = 64 }; /* a cache line: places do not share one */

    return (n + LINE - 1) / LINE * LINE;
}

/* What may be taken of the memory file system, which kills who writes beyond its end.
 */
static size_t room_in_shared_memory(void)
{
    struct statvfs stat;

    if (statvfs("/dev/shm", &stat) != 0)
        return 0;
    return (size_t)stat.f_bavail * stat.f_frsize / 2;
}

/* Places behind the states, in order, while they fit. */
static void give_places(struct shelf *shelf, const size_t n_bytes[], size_t limit)
{
    shelf->n_bytes = round_up(shelf->n_items * sizeof *shelf->state);
    for (size_t i = 0; i < shelf->n_items; i++) {
        const size_t n = round_up(n_bytes[i]);

        shelf->offset[i] = SIZE_MAX;
        if (n > limit || shelf->n_bytes > limit - n)
            continue;
        shelf->offset[i] = shelf->n_bytes;
        shelf->n_bytes += n;
    }
}

/* The node's first rank allocates; it decides the limit, for /dev/shm is the node's. */
static int open_window(struct shelf *shelf, const size_t n_bytes[], size_t limit)
{
    unsigned long long agreed = limit;
    MPI_Aint size;
    int rank, unit;

    MPI_Comm_rank(shelf->node, &rank);
    if (rank == 0 && room_in_shared_memory() < limit)
        agreed = room_in_shared_memory();
    MPI_Bcast(&agreed, 1, MPI_UNSIGNED_LONG_LONG, 0, shelf->node);
    give_places(shelf, n_bytes, (size_t)agreed);
    if (MPI_Win_allocate_shared(rank == 0 ? (MPI_Aint)shelf->n_bytes : 0, 1,
                                MPI_INFO_NULL, shelf->node, &shelf->base,
                                &shelf->window) != MPI_SUCCESS)
        return -1;
    MPI_Win_shared_query(shelf->window, 0, &size, &unit, &shelf->base);
    shelf->state = (_Atomic int32_t *)shelf->base;
    for (size_t i = 0; rank == 0 && i < shelf->n_items; i++)
        atomic_init(&shelf->state[i], EMPTY);
    MPI_Barrier(shelf->node);
    return 0;
}

int shelf_new(const struct team *team, size_t n_items, const size_t n_bytes[],
              size_t limit_bytes, struct shelf **out, struct err *err)
{
    struct shelf *shelf = calloc(1, sizeof *shelf);
    int size;

    if (shelf != NULL)
        shelf->offset = calloc(n_items, sizeof *shelf->offset);
    if (shelf == NULL || shelf->offset == NULL)
        MPI_Abort(team->comm, 70); /* the others wait in a collective call */
    shelf->n_items = n_items;
    shelf->window = MPI_WIN_NULL;
    MPI_Comm_split_type(team->comm, MPI_COMM_TYPE_SHARED, team->rank, MPI_INFO_NULL,
                        &shelf->node);
    MPI_Comm_size(shelf->node, &size);
    if (size == 1) /* nobody to share with */
        give_places(shelf, n_bytes, 0);
    else if (open_window(shelf, n_bytes, limit_bytes) != 0) {
        shelf_free(shelf);
        return err_set(err, ERR_COMM, "the ranks of a node cannot share memory");
    }
    *out = shelf;
    return 0;
}

void shelf_free(struct shelf *shelf)
{
    if (shelf == NULL)
        return;
    if (shelf->window != MPI_WIN_NULL)
        MPI_Win_free(&shelf->window);
    MPI_Comm_free(&shelf->node);
    free(shelf->offset);
    free(shelf);
}

static bool wait_until_filled(_Atomic int32_t *state)
{
    const int64_t until = clock_monotonic() + SHELF_PATIENCE_S * CLOCK_SECOND;

    while (atomic_load_explicit(state, memory_order_acquire) == FILLING) {
        if (clock_monotonic() > until)
            return false;
        sched_yield();
    }
    return atomic_load_explicit(state, memory_order_acquire) == READY;
}

const void *shelf_get(struct shelf *shelf, size_t item,
                      const struct shelf_filler *filler)
{
    int32_t was = EMPTY;

    if (shelf->offset[item] == SIZE_MAX)
        return NULL;
    unsigned char *place = shelf->base + shelf->offset[item];
    if (!atomic_compare_exchange_strong(&shelf->state[item], &was, FILLING))
        return wait_until_filled(&shelf->state[item]) ? place : NULL;
    const bool filled = filler->fill(filler->context, item, place) == 0;
    atomic_store_explicit(&shelf->state[item], filled ? READY : FAILED,
                          memory_order_release);
    return filled ? place : NULL;
}

size_t shelf_bytes(const struct shelf *shelf)
{
    return shelf->n_bytes;
}
