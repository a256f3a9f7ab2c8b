#include "client/engine.h"
#include "core/clock.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

/* Who takes a view must count itself before the view can be replaced and freed.  So the
 * current slot and the count of takers are one word, changed together:
 *
 *     current = slot << 48 | n_taken
 *
 * Taking adds 1 to it.  Replacing swaps the word for {new slot, 0} and adds n_taken to
 * the old slot's own count, from which giving subtracts.  The slot is free when that
 * count, which starts at PINNED while the slot is current, comes to 0: all who took
 * have given.  Giving may come before replacing, and then the count is below PINNED for
 * a while.  Slot 0 is "none yet". */
enum { SLOT_SHIFT = 48, NOTICES_MAX = 64, STEP_MS = 100 };

static const uint64_t TAKEN_MASK = (UINT64_C(1) << SLOT_SHIFT) - 1;
static const int64_t PINNED = INT64_C(1) << 50;

struct slot {
    struct plimsoll_view view; /* first: a view is its slot */
    atomic_int_fast64_t n;     /* 0: free */
};

struct plimsoll_engine {
    struct plimsoll_subscriber *subscriber;
    struct slot slot[PLIMSOLL_VIEWS_MAX + 1];
    atomic_uint_fast64_t current, serial, n_refused;
    atomic_bool is_confirmed, is_silent, is_expired, is_dead, stop_asked;
    bool is_owed; /* a newer set waits for a free slot */
    int descriptor;
    pthread_t thread;
    pthread_mutex_t lock; /* over the notices, and for who waits */
    pthread_cond_t changed;
    size_t first_notice, n_notices;
    struct plimsoll_event notice[NOTICES_MAX];
};

/* ---- taking and giving ---- */

const struct plimsoll_view *plimsoll_engine_take(struct plimsoll_engine *engine)
{
    const uint64_t word =
        atomic_fetch_add_explicit(&engine->current, 1, memory_order_acquire);
    const size_t i = (size_t)(word >> SLOT_SHIFT);

    return i > 0 ? &engine->slot[i].view : NULL;
}

/* The set is freed by the thread, when it needs the slot. */
void plimsoll_engine_give(struct plimsoll_engine *engine,
                          const struct plimsoll_view *view)
{
    struct slot *slot = (struct slot *)view;

    (void)engine;
    if (slot != NULL)
        atomic_fetch_sub_explicit(&slot->n, 1, memory_order_release);
}

uint64_t plimsoll_engine_serial(const struct plimsoll_engine *engine)
{
    return atomic_load_explicit(&engine->serial, memory_order_acquire);
}

/* Those that nobody has any more lose their set; one of them, NULL: all are out. */
static struct slot *find_free(struct plimsoll_engine *engine)
{
    struct slot *free_one = NULL;

    for (size_t i = 1; i <= PLIMSOLL_VIEWS_MAX; i++) {
        struct slot *slot = &engine->slot[i];

        if (atomic_load_explicit(&slot->n, memory_order_acquire) != 0)
            continue;
        plimsoll_set_free((struct plimsoll_set *)slot->view.set);
        slot->view.set = NULL;
        free_one = slot;
    }
    return free_one;
}

static void replace(struct plimsoll_engine *engine, const struct slot *slot)
{
    const uint64_t i = slot != NULL ? (uint64_t)(slot - engine->slot) : 0;
    const uint64_t before = atomic_exchange_explicit(&engine->current, i << SLOT_SHIFT,
                                                     memory_order_acq_rel);
    const size_t old = (size_t)(before >> SLOT_SHIFT);

    if (old > 0)
        atomic_fetch_add_explicit(&engine->slot[old].n,
                                  (int64_t)(before & TAKEN_MASK) - PINNED,
                                  memory_order_acq_rel);
}

/* ---- the thread ---- */

static void ring(struct plimsoll_engine *engine)
{
    const uint64_t one = 1;

    if (write(engine->descriptor, &one, sizeof one) < 0)
        return; /* it is readable already */
}

/* The subscriber's set becomes the current one; later where no slot is free. */
static void show(struct plimsoll_engine *engine)
{
    struct plimsoll_set *set = plimsoll_subscriber_set(engine->subscriber);

    if (set == NULL)
        return;
    struct slot *slot = find_free(engine);
    engine->is_owed = slot == NULL;
    if (slot == NULL)
        return;
    plimsoll_subscriber_publication(engine->subscriber, &slot->view.publication);
    slot->view.set = plimsoll_set_share(set);
    slot->view.serial = plimsoll_engine_serial(engine) + 1;
    atomic_store_explicit(&slot->n, PINNED, memory_order_relaxed);
    replace(engine, slot);
    pthread_mutex_lock(&engine->lock);
    atomic_store_explicit(&engine->serial, slot->view.serial, memory_order_release);
    pthread_cond_broadcast(&engine->changed);
    pthread_mutex_unlock(&engine->lock);
    ring(engine);
}

/* The oldest goes where there are too many. */
static void note(struct plimsoll_engine *engine, const struct plimsoll_event *event)
{
    pthread_mutex_lock(&engine->lock);
    if (engine->n_notices == NOTICES_MAX) {
        engine->first_notice = (engine->first_notice + 1) % NOTICES_MAX;
        engine->n_notices--;
    }
    engine->notice[(engine->first_notice + engine->n_notices++) % NOTICES_MAX] = *event;
    pthread_mutex_unlock(&engine->lock);
}

/* Also without an event: a clock that is set, a relay that withholds what it names. */
static void note_health(struct plimsoll_engine *engine)
{
    atomic_store(&engine->is_confirmed,
                 !engine->is_owed &&
                     plimsoll_subscriber_is_confirmed(engine->subscriber));
    atomic_store(&engine->is_silent, plimsoll_subscriber_is_silent(engine->subscriber));
    atomic_store(&engine->is_expired,
                 plimsoll_subscriber_is_expired(engine->subscriber));
}

static void take_event(struct plimsoll_engine *engine,
                       const struct plimsoll_event *event)
{
    switch (event->kind) {
    case PLIMSOLL_NOTHING:
        return;
    case PLIMSOLL_NEW_SET:
        show(engine);
        break;
    case PLIMSOLL_REFUSED:
        atomic_fetch_add(&engine->n_refused, 1);
        break;
    case PLIMSOLL_CONFIRMED:
    case PLIMSOLL_SILENT:
    case PLIMSOLL_EXPIRED:
    case PLIMSOLL_WAITING:
        break;
    }
    note(engine, event);
    ring(engine);
}

static void die(struct plimsoll_engine *engine, const struct err *why)
{
    struct plimsoll_event event = {.kind = PLIMSOLL_REFUSED, .cause = why->kind};

    snprintf(event.text, sizeof event.text, "%s", why->text);
    note(engine, &event);
    atomic_store(&engine->is_dead, true);
    atomic_store(&engine->is_confirmed, false);
    ring(engine);
}

static void *run(void *argument)
{
    struct plimsoll_engine *engine = argument;
    struct plimsoll_event event;
    struct err err = {0};

    while (!atomic_load(&engine->stop_asked)) {
        if (plimsoll_subscriber_next(engine->subscriber, STEP_MS, &event, &err) != 0) {
            die(engine, &err);
            break;
        }
        note_health(engine);
        take_event(engine, &event);
        if (engine->is_owed)
            show(engine);
    }
    return NULL;
}

/* ---- starting and stopping ---- */

/* The engine's signals are for its own threads. */
static int start_thread(struct plimsoll_engine *engine)
{
    sigset_t all, before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int status = pthread_create(&engine->thread, NULL, run, engine);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return status;
}

static void free_all(struct plimsoll_engine *engine)
{
    plimsoll_subscriber_close(engine->subscriber);
    for (size_t i = 1; i <= PLIMSOLL_VIEWS_MAX; i++)
        plimsoll_set_free((struct plimsoll_set *)engine->slot[i].view.set);
    if (engine->descriptor >= 0)
        close(engine->descriptor);
    pthread_cond_destroy(&engine->changed);
    pthread_mutex_destroy(&engine->lock);
    free(engine);
}

static int start(struct plimsoll_engine *engine, const struct plimsoll_options *options,
                 struct err *err)
{
    if (engine->descriptor < 0)
        return err_set(err, ERR_IO, "an eventfd: %s", strerror(errno));
    if (plimsoll_subscriber_open(options, &engine->subscriber, err) != 0)
        return -1;
    show(engine);
    const int status = start_thread(engine);
    return status == 0 ? 0 : err_set(err, ERR_MEMORY, "a thread: %s", strerror(status));
}

/* Its waiting is timed by the monotonic clock. */
static void make_condition(pthread_cond_t *condition)
{
    pthread_condattr_t monotonic;

    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

int plimsoll_engine_start(const struct plimsoll_options *options,
                          struct plimsoll_engine **engine, struct err *err)
{
    struct plimsoll_engine *new = calloc(1, sizeof *new);

    if (new == NULL)
        return err_set(err, ERR_MEMORY, "no memory for an engine");
    pthread_mutex_init(&new->lock, NULL);
    make_condition(&new->changed);
    new->descriptor = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (start(new, options, err) != 0) {
        free_all(new);
        return -1;
    }
    *engine = new;
    return 0;
}

void plimsoll_engine_stop(struct plimsoll_engine *engine)
{
    if (engine == NULL)
        return;
    atomic_store(&engine->stop_asked, true);
    pthread_join(engine->thread, NULL);
    free_all(engine);
}

/* ---- news ---- */

int plimsoll_engine_descriptor(const struct plimsoll_engine *engine)
{
    return engine->descriptor;
}

void plimsoll_engine_hush(struct plimsoll_engine *engine)
{
    uint64_t n;

    if (read(engine->descriptor, &n, sizeof n) < 0)
        return; /* it was not readable */
}

uint64_t plimsoll_engine_wait(struct plimsoll_engine *engine, uint64_t serial,
                              int timeout_ms)
{
    const int64_t until_ns = clock_monotonic() + timeout_ms * (CLOCK_SECOND / 1000);
    const struct timespec until = {.tv_sec = until_ns / CLOCK_SECOND,
                                   .tv_nsec = until_ns % CLOCK_SECOND};
    int status = 0;

    pthread_mutex_lock(&engine->lock);
    while (status == 0 && plimsoll_engine_serial(engine) == serial)
        status = pthread_cond_timedwait(&engine->changed, &engine->lock, &until);
    pthread_mutex_unlock(&engine->lock);
    return plimsoll_engine_serial(engine);
}

struct plimsoll_health plimsoll_engine_health(const struct plimsoll_engine *engine)
{
    return (struct plimsoll_health){
        .is_confirmed = atomic_load(&engine->is_confirmed),
        .is_silent = atomic_load(&engine->is_silent),
        .is_expired = atomic_load(&engine->is_expired),
        .is_dead = atomic_load(&engine->is_dead),
        .n_refused = atomic_load(&engine->n_refused),
    };
}

int plimsoll_engine_notice(struct plimsoll_engine *engine, struct plimsoll_event *event)
{
    if (pthread_mutex_trylock(&engine->lock) != 0)
        return 0;
    const int is_there = engine->n_notices > 0;
    if (is_there) {
        *event = engine->notice[engine->first_notice];
        engine->first_notice = (engine->first_notice + 1) % NOTICES_MAX;
        engine->n_notices--;
    }
    pthread_mutex_unlock(&engine->lock);
    return is_there;
}
