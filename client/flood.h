/* flood.h -- has this connection brought more than a message can have?
 *
 * ZeroMQ gathers the frames of a message without a limit on their number, and hands
 * nothing over before the last.  So bytes are counted where they arrive, at the TCP
 * connection: one that has brought more than the largest message since its last whole
 * one is shut down, and ZeroMQ drops what it has gathered.
 *
 * A descriptor may have been closed and be another connection's by the time it is shut
 * down: that one connects again. */
#ifndef CLIENT_FLOOD_H
#define CLIENT_FLOOD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Greetings, pings and short messages on the way. */
enum { FLOOD_SLACK_BYTES = 64 << 10, FLOOD_LOOK_MS = 200 };

struct flood {
    int fd;
    bool is_settled;    /* a whole message came: what came before is accounted for */
    uint64_t n_settled; /* bytes that had come at the look after that              */
};

/* Look, and shut the connection down where it has brought more than n_bytes_max (and
 * some slack) without ending a message: true then.  Never of a socket that is not TCP.
 */
bool flood_look(struct flood *flood, uint64_t n_bytes_max);

#endif /* CLIENT_FLOOD_H */
