/* subscriber.h -- how does an engine always hold the newest good parameter set?
 *
 *     struct plimsoll_options options = {
 *         .updates = "tcp://127.0.0.1:7700",
 *         .snapshots = "tcp://127.0.0.1:7701",
 *         .store = "/var/lib/engine/margins",
 *     };
 *     plimsoll_subscriber_open(&options, &subscriber, &err);
 *     for (;;) {
 *         plimsoll_subscriber_next(subscriber, 1000, &event, &err);
 *         if (event.kind == PLIMSOLL_NEW_SET)
 *             use(plimsoll_subscriber_set(subscriber));
 *     }
 *
 * A set becomes the held one after its order, length, digest and schema were verified
 * and it is on disk; whatever else arrives changes nothing and is told as
 * PLIMSOLL_REFUSED. Single-threaded: a subscriber belongs to one thread, which it never
 * blocks for longer than the timeout given. client/example_engine.c is a whole engine.
 *
 * The consumer's door to ZeroMQ; the conversation is drawn in client/stream.h. */
#ifndef CLIENT_SUBSCRIBER_H
#define CLIENT_SUBSCRIBER_H

#include "client/set.h"
#include "core/err.h"

#include <stdbool.h>
#include <stdint.h>

struct plimsoll_options {
    const char *updates, *snapshots; /* the publisher's two addresses               */
    const char *store;               /* directory of the held set; NULL: memory only */
    bool insecure; /* allow addresses beyond loopback: nothing is encrypted yet      */
};

enum plimsoll_event_kind {
    PLIMSOLL_NOTHING,   /* the timeout passed, or a signal came                    */
    PLIMSOLL_NEW_SET,   /* another set is held now                                 */
    PLIMSOLL_CONFIRMED, /* the publisher says that the held set is the current one */
    PLIMSOLL_REFUSED, /* text: what came, or what was stored, and why it is not used */
    PLIMSOLL_SILENT,  /* no heartbeat for three intervals: the held set may be old */
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

struct plimsoll_subscriber;

/* Opens the store and starts to connect; the publisher need not be there yet. */
int plimsoll_subscriber_open(const struct plimsoll_options *options,
                             struct plimsoll_subscriber **subscriber, struct err *err);
/* Waits up to 3 s where the publisher is still to be told what is held; takes NULL. */
void plimsoll_subscriber_close(struct plimsoll_subscriber *subscriber);

/* Wait up to timeout_ms for the next event.  -1 only where ZeroMQ itself fails. */
int plimsoll_subscriber_next(struct plimsoll_subscriber *subscriber, int timeout_ms,
                             struct plimsoll_event *event, struct err *err);

/* The held set, and the one before it since the opening; NULL where there is none.
 * Borrowed until the next call of plimsoll_subscriber_next. */
const struct plimsoll_set *plimsoll_subscriber_set(
    const struct plimsoll_subscriber *subscriber);
const struct plimsoll_set *plimsoll_subscriber_previous(
    const struct plimsoll_subscriber *subscriber);

#endif /* CLIENT_SUBSCRIBER_H */
