/* subscriber.h -- how does an engine always hold the newest good parameter set?
 *
 *     struct plimsoll_options options = {
 *         .relay = {{"tcp://relay-1:7700", "relay-1.public"},
 *                   {"tcp://relay-2:7700", "relay-2.public"}},
 *         .key = "engine-7.secret",
 *         .signers = "signers",
 *         .store = "/var/lib/engine/margins",
 *     };
 *     plimsoll_subscriber_open(&options, &subscriber, &err);
 *     for (;;) {
 *         plimsoll_subscriber_next(subscriber, 1000, &event, &err);
 *         if (event.kind == PLIMSOLL_NEW_SET)
 *             use(plimsoll_subscriber_set(subscriber));
 *     }
 *
 * A set becomes the held one after its order, signatures, digest, schema, limits and
 * validity were verified and it is on disk; whatever else arrives changes nothing and
 * is told as PLIMSOLL_REFUSED.  It is connected to all relays at once and takes the
 * newest from any: when one dies, nothing has to be switched.
 *
 * Single-threaded: a subscriber belongs to one thread, which it blocks for a set's
 * verification and for the timeout given; client/engine.h has a thread of its own for
 * that.  client/example_engine.c is a whole engine; client/stream.h draws the
 * conversation. */
#ifndef CLIENT_SUBSCRIBER_H
#define CLIENT_SUBSCRIBER_H

#include "client/set.h"
#include "core/err.h"

#include <stdbool.h>
#include <stdint.h>

enum { PLIMSOLL_RELAYS_MAX = 4, PLIMSOLL_NOTE_MAX = 512 };

struct plimsoll_relay {
    const char *address; /* tcp://ADDRESS:PORT or ipc://PATH; NULL: there is none */
    const char *key;     /* file of its public key; NULL where plain              */
};

struct plimsoll_options {
    struct plimsoll_relay relay[PLIMSOLL_RELAYS_MAX];
    const char *key;     /* file of this engine's secret curve key; NULL where plain  */
    const char *signers; /* trust file: who may sign; where plain, NULL asks for none */
    const char *limits;  /* the owner's own (client/limits.h); NULL: none             */
    const char *store;   /* directory of what is held; NULL: memory only              */
    bool plain; /* neither encrypted nor authenticated: only on this machine          */
};

enum plimsoll_event_kind {
    PLIMSOLL_NOTHING,   /* the timeout passed, or a signal came                       */
    PLIMSOLL_NEW_SET,   /* another set is held now                                    */
    PLIMSOLL_CONFIRMED, /* a relay says that the held set is the current one          */
    PLIMSOLL_REFUSED,   /* text: what came, was stored or was configured, and why it is
                           not used                                                   */
    PLIMSOLL_WAITING,   /* text: a good set is kept until it is valid                 */
    PLIMSOLL_EXPIRED,   /* text: the held set's time is over; it is still held        */
    PLIMSOLL_SILENT, /* no heartbeat for three intervals: the held set may be old     */
};

struct plimsoll_event {
    enum plimsoll_event_kind kind;
    uint64_t version;  /* of the held set; 0: none                         */
    uint64_t n_missed; /* NEW_SET: versions between the last and this one  */
    /* REFUSED: ERR_IO where the store cannot be written, ERR_NONE where what was stored
     * is not used, and else what is wrong with what came. */
    enum err_kind cause;
    char text[ERR_TEXT_MAX];
};

/* What was signed with the held set (client/manifest.h). */
struct plimsoll_publication {
    uint64_t epoch, version, rollback_of; /* rollback_of 0: it is none */
    int64_t published_ns, valid_from_ns, valid_until_ns;
    char note[PLIMSOLL_NOTE_MAX];
};

struct plimsoll_subscriber;

/* Opens the store and starts to connect; no relay need be there yet. */
int plimsoll_subscriber_open(const struct plimsoll_options *options,
                             struct plimsoll_subscriber **subscriber, struct err *err);
/* Waits up to 1.5 s where a relay is still to be told what is held; takes NULL. */
void plimsoll_subscriber_close(struct plimsoll_subscriber *subscriber);

/* Wait up to timeout_ms for the next event.  -1 only where ZeroMQ itself fails. */
int plimsoll_subscriber_next(struct plimsoll_subscriber *subscriber, int timeout_ms,
                             struct plimsoll_event *event, struct err *err);

/* The held set, and the one before it since the opening; NULL where there is none.
 * Borrowed until the next call of plimsoll_subscriber_next: plimsoll_set_share keeps
 * one. */
struct plimsoll_set *plimsoll_subscriber_set(
    const struct plimsoll_subscriber *subscriber);
struct plimsoll_set *plimsoll_subscriber_previous(
    const struct plimsoll_subscriber *subscriber);
/* Of the held set; 0, or -1 where there is none. */
int plimsoll_subscriber_publication(const struct plimsoll_subscriber *subscriber,
                                    struct plimsoll_publication *publication);

/* Has a relay said that the held set is the current one, and since then none that is
 * heard named another, be it one that was refused? */
bool plimsoll_subscriber_is_confirmed(const struct plimsoll_subscriber *subscriber);
/* Has no relay been heard for three heartbeats? */
bool plimsoll_subscriber_is_silent(const struct plimsoll_subscriber *subscriber);
/* Is the held set's time over, by the clock as it stands now? */
bool plimsoll_subscriber_is_expired(const struct plimsoll_subscriber *subscriber);

#endif /* CLIENT_SUBSCRIBER_H */
