/* publisher.h -- how does a parameter set reach the engines?
 *
 * One publisher sends one set: the conversation is drawn in client/stream.h.  This is
 * the publishing side's door to ZeroMQ. */
#ifndef COORDINATOR_PUBLISHER_H
#define COORDINATOR_PUBLISHER_H

#include "client/stream.h"
#include "core/err.h"

#include <stddef.h>
#include <stdint.h>

struct publication {
    struct stream_name name;
    const void *bytes; /* [name.n_bytes]; they must outlive the publisher */
};

struct publisher;

/* Bind both sockets ("tcp://127.0.0.1:7700"; port * takes a free one). */
int publisher_open(const char *updates, const char *snapshots,
                   struct publisher **publisher, struct err *err);
/* Waits a second at most for what is still to be sent; takes NULL. */
void publisher_close(struct publisher *publisher);

/* Where they are bound. */
const char *publisher_updates(const struct publisher *publisher);
const char *publisher_snapshots(const struct publisher *publisher);

/* Send the set to those who listen now, and a heartbeat.  Acknowledgements count from
 * here. */
int publisher_send(struct publisher *publisher, const struct publication *publication,
                   struct err *err);

/* Answer requests and send the heartbeat when it is due, until clock_monotonic() is
 * until_ns, a signal interrupts the waiting, or one more subscriber acknowledges. */
int publisher_serve(struct publisher *publisher, const struct publication *publication,
                    int64_t until_ns, struct err *err);

struct publisher_tally {
    size_t n_snapshots;    /* requests answered                             */
    size_t n_acknowledged; /* who hold the set now served, by connection    */
    size_t n_refused;      /* messages that were neither                    */
};
struct publisher_tally publisher_tally(const struct publisher *publisher);

#endif /* COORDINATOR_PUBLISHER_H */
