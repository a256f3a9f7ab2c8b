/* link.h -- are the others there, and what do they say?
 *
 * One DEALER socket to each of some listeners (relays, a publisher, an intake).  With a
 * key it speaks CURVE and takes only a listener that has the key it is expected to
 * have. Nothing is queued for one who is not there; ZeroMQ connects again by itself.
 *
 * The connecting side's door to ZeroMQ. */
#ifndef CLIENT_LINK_H
#define CLIENT_LINK_H

#include "client/keyfile.h"
#include "core/err.h"

#include <stddef.h>
#include <stdint.h>

enum { LINKS_MAX = 4, LINK_FRAMES_MAX = 6, LINK_MESSAGE_BYTES_MAX = 257 << 20 };

struct links;

struct link_plan {
    const char *address;
    uint8_t theirs[KEY_BYTES]; /* public key; where there is one of mine */
};

/* `mine` NULL: plain.  Starts to connect; nobody need be there yet. */
int links_open(size_t n, const struct link_plan plan[], const struct key *mine,
               struct links **links, struct err *err);
/* What was sent has linger_ms to go out; takes NULL. */
void links_close(struct links *links, int linger_ms);

struct link_frame {
    const void *bytes;
    size_t n_bytes;
};

enum link_event_kind {
    LINK_NOTHING, /* the time is over, or a signal came                         */
    LINK_UP,      /* it can be spoken to                                        */
    LINK_DOWN,    /* the connection has ended                                   */
    LINK_REFUSED, /* no handshake: text says why; told again where it differs   */
    LINK_MESSAGE,
};

struct link_event {
    enum link_event_kind kind;
    size_t link;
    const char *text;
    size_t n_frames; /* more than LINK_FRAMES_MAX are counted, not kept */
    struct link_frame frame[LINK_FRAMES_MAX]; /* until the next call       */
};

/* Wait until_ns (monotonic) for the next event. */
int links_next(struct links *links, int64_t until_ns, struct link_event *event,
               struct err *err);

/* All frames or none: 1 sent, 0 it is not there or does not read. */
int links_send(struct links *links, size_t link, size_t n_frames,
               const struct link_frame frame[]);
/* Wait until something can be sent, or until_ns: 1, 0. */
int links_wait_ready(struct links *links, size_t link, int64_t until_ns);

#endif /* CLIENT_LINK_H */
