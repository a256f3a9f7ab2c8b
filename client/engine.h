/* engine.h -- what margin does the newest good set ask for, without ever waiting for
 * it?
 *
 * A subscriber (client/subscriber.h) in a thread of its own.  An engine's threads take
 * the set that is current, look up in it as long as they like, and give it back:
 *
 *     plimsoll_engine_start(&options, &engine, &err);
 *     ...
 *     const struct plimsoll_view *view = plimsoll_engine_take(engine);
 *     if (view != NULL &&
 *         plimsoll_set_margin(view->set, "BTC-PERP", notional, &tier, NULL) == 0)
 *         use(tier);
 *     plimsoll_engine_give(engine, view);
 *
 * Taking and giving are one atomic operation each: no lock, no system call, whatever
 * the other thread is doing.  A set that is replaced is freed when the last one who has
 * it gives it back; while PLIMSOLL_VIEWS_MAX are out, a newer one waits.
 *
 * All functions but _start and _stop may be called from any thread. */
#ifndef CLIENT_ENGINE_H
#define CLIENT_ENGINE_H

#include "client/subscriber.h"

#include <stdbool.h>
#include <stdint.h>

enum { PLIMSOLL_VIEWS_MAX = 32 };

/* A set and what was signed with it; nothing in it ever changes. */
struct plimsoll_view {
    const struct plimsoll_set *set;
    struct plimsoll_publication publication;
    uint64_t serial; /* counts the sets of this engine from 1 */
};

struct plimsoll_engine;

/* Opens the store, whose set can be taken at once, and starts the thread.  The texts of
 * the options need not outlive the call. */
int plimsoll_engine_start(const struct plimsoll_options *options,
                          struct plimsoll_engine **engine, struct err *err);
/* Ends the thread (1.5 s at most where a relay is still to be told what is held) and
 * frees all, so every view must have been given back; takes NULL. */
void plimsoll_engine_stop(struct plimsoll_engine *engine);

/* The current set; NULL where there is none yet. */
const struct plimsoll_view *plimsoll_engine_take(struct plimsoll_engine *engine);
void plimsoll_engine_give(struct plimsoll_engine *engine,
                          const struct plimsoll_view *view); /* takes NULL */

/* The serial of the current set, 0 where there is none: has it changed? */
uint64_t plimsoll_engine_serial(const struct plimsoll_engine *engine);

/* A descriptor that can be read when the set or the health has changed, for poll() in a
 * loop of one's own; plimsoll_engine_hush makes it unreadable again. */
int plimsoll_engine_descriptor(const struct plimsoll_engine *engine);
void plimsoll_engine_hush(struct plimsoll_engine *engine);

/* Wait up to timeout_ms until the serial is another than `serial`.  Returns it. */
uint64_t plimsoll_engine_wait(struct plimsoll_engine *engine, uint64_t serial,
                              int timeout_ms);

struct plimsoll_health {
    bool is_confirmed; /* a relay has said, and nothing since against it, that the set
                          is the current one                                          */
    bool is_silent;    /* no relay has been heard for three heartbeats                */
    bool is_expired;   /* the set's time is over                                      */
    bool is_dead;      /* the thread has ended: ZeroMQ failed (see the last notice)   */
    uint64_t n_refused; /* what came and was not used */
};
struct plimsoll_health plimsoll_engine_health(const struct plimsoll_engine *engine);

/* The oldest event that has not been fetched, for a log: 1, or 0.  The last 64 are
 * kept. Does not wait: 0 also where the other thread is just writing one. */
int plimsoll_engine_notice(struct plimsoll_engine *engine,
                           struct plimsoll_event *event);

#endif /* CLIENT_ENGINE_H */
