/* server.h -- what does each subscriber get, and what does it hold?
 *
 * Serves publications at one port of a gate; the conversation is drawn in
 * client/stream.h.  A group (a word of the subscribers' list) can be given a
 * publication of its own: a subscriber gets the newest of those for its groups and for
 * everybody.
 *
 * A subscriber that does not read loses messages, never delays others, and asks again.
 * Used by `plimsoll publish`, which serves one publication, and by the relay. */
#ifndef COORDINATOR_SERVER_H
#define COORDINATOR_SERVER_H

#include "client/publication.h"
#include "coordinator/gate.h"
#include "core/err.h"

#include <stddef.h>
#include <stdint.h>

struct server;

/* The port is the server's alone. */
int server_open(struct gate_port *port, struct server **server, struct err *err);
void server_close(struct server *server); /* takes NULL; before gate_close */

enum { SERVER_REQUEST_BYTES_MAX = 512, SERVER_GROUPS_MAX = 16 };

/* From now on the group's members (NULL: everybody) get this one, which is shared;
 * sends it to those who are there.  NULL takes it away. */
int server_serve(struct server *server, const char *group,
                 const struct publication *publication, struct err *err);

/* Answer what waits and send heartbeats that are due; never blocks.  Call it after each
 * gate_wait, which should last until server_due_ns at most. */
int server_step(struct server *server, struct err *err);
int64_t server_due_ns(const struct server *server);

/* ---- who is there ---- */

struct server_subscriber {
    char name[KEY_NAME_MAX], groups[TRUST_GROUPS_MAX];
    uint8_t public[KEY_BYTES];
    bool is_there;              /* false: it was, and its connection has ended       */
    struct stream_name meant;   /* what it should hold; zeros: nothing               */
    struct stream_name held;    /* what it last said that it holds; zeros: nothing   */
    int64_t heard_ns, meant_ns; /* clock_now: its last message; since when it should */
    int64_t held_ns;            /* clock_now: since when it says that it holds it    */
    uint64_t n_sent, n_dropped; /* sets that went out to it, that it had no room for */
};

/* By first appearance: i < server_n_subscribers.  Borrowed until the next step. */
size_t server_n_subscribers(const struct server *server);
const struct server_subscriber *server_subscriber(const struct server *server,
                                                  size_t i);

struct server_group_count {
    size_t n_present, n_acknowledged; /* are there; of those, hold what is meant */
};
/* Of a group's members, or of all (NULL): keys (plain: connections).  A key with
 * several connections holds what is meant when it does on each. */
struct server_group_count server_count(const struct server *server, const char *group);

struct server_tally {
    uint64_t n_sets;       /* sets sent                                             */
    uint64_t n_dropped;    /* not sent, because a subscriber does not read          */
    size_t n_acknowledged; /* keys (plain: connections) that hold what is meant,
                                there or gone */
    size_t n_present;
};
struct server_tally server_tally(const struct server *server);

#endif /* COORDINATOR_SERVER_H */
