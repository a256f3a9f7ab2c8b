/* subscriber_inside.h -- what a subscriber is made of, for the files that make it */
#ifndef CLIENT_SUBSCRIBER_INSIDE_H
#define CLIENT_SUBSCRIBER_INSIDE_H

#include "client/holding.h"
#include "client/link.h"
#include "client/stream.h"
#include "client/subscriber.h"

/* One relay.  Times are monotonic. */
struct relay {
    const char *address;
    bool is_up, owes; /* owes: it has not been told what is held */
    int64_t heard_ns, asked_ns;
    struct stream_name said;    /* of its last heartbeat           */
    struct stream_name refused; /* told once, not every second     */
};

struct plimsoll_subscriber {
    struct links *links;
    struct holding *holding;
    size_t n_relays;
    struct relay relay[PLIMSOLL_RELAYS_MAX];
    char *addresses; /* owned */
    bool is_confirmed, is_silent, fault_told;
    int64_t heard_ns, look_due_ns, refused_ns;
    struct stream_name refused, waiting; /* the last sets that were */
};

/* Tell this relay what is held.  Where it cannot be told now, the next heartbeat brings
 * another occasion. */
void subscriber_acknowledge(struct plimsoll_subscriber *subscriber, size_t i);

#endif /* CLIENT_SUBSCRIBER_INSIDE_H */
