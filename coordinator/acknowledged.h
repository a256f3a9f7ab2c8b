/* acknowledged.h -- how many subscribers said that they hold the set?
 *
 * Counted are connections, by the routing id that ZeroMQ gives each of them: a
 * subscriber that connects again counts again.  Nothing is authenticated yet. */
#ifndef COORDINATOR_ACKNOWLEDGED_H
#define COORDINATOR_ACKNOWLEDGED_H

#include <stddef.h>
#include <stdint.h>

/* More are not told apart, so that nobody can make the list grow. */
enum { ACKNOWLEDGED_MAX = 1024, ROUTING_ID_MAX = 255 };

struct acknowledged {
    size_t n;
    struct {
        uint8_t n_bytes, bytes[ROUTING_ID_MAX];
    } peer[ACKNOWLEDGED_MAX];
};

/* Note this peer; one that is known, is too long or no longer fits changes nothing. */
void acknowledged_add(struct acknowledged *acknowledged, const void *id,
                      size_t n_bytes);

#endif /* COORDINATOR_ACKNOWLEDGED_H */
