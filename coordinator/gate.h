/* gate.h -- who may speak to this process, and what do they say?
 *
 * A gate listens at one or more ports (ROUTER sockets).  With a key it speaks CURVE:
 * only those whose public key stands in the port's list, not revoked, get past the
 * handshake.  That is decided by a handler (ZAP, ZeroMQ RFC 27) which answers before
 * anything is bound, and where it does not answer, nobody gets in.  Lists are read
 * again while it runs; who is struck off is not heard any more.  Without a key (plain)
 * it listens on this machine only, and everybody is "plain".
 *
 * What arrives is bounded: frames of a size and a number, queues of a length.  A peer
 * that fills a message that never ends is cut off, and who comes when there is no room
 * is turned away.  All of it is counted.
 *
 * The listening side's door to ZeroMQ, with coordinator/zap.h.  Single-threaded. */
#ifndef COORDINATOR_GATE_H
#define COORDINATOR_GATE_H

#include "client/keyfile.h"
#include "client/publication.h"
#include "client/trust.h"
#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gate;
struct gate_port;

/* key NULL: plain. */
int gate_open(const struct key *key, struct gate **gate, struct err *err);
/* Waits a second at most for what is still to be sent; takes NULL. */
void gate_close(struct gate *gate);

struct gate_port_options {
    const char *name;    /* "subscribers": in the log, and the handler's domain     */
    const char *address; /* tcp://ADDRESS:PORT (port *: a free one) or ipc://PATH   */
    const char *list;    /* trust file of curve keys; NULL where plain              */
    size_t message_bytes_max; /* who sends more in one message is disconnected      */
    size_t connections_max;   /* 0: as many as there are files for                  */
};
/* After a failure the gate can only be closed. */
int gate_listen(struct gate *gate, const struct gate_port_options *options,
                struct gate_port **port, struct err *err);
/* Where it is bound, with the port's number. */
const char *gate_address(const struct gate_port *port);

/* A connection, as long as it lasts. */
struct gate_peer {
    uint8_t bytes[5];
};

enum { GATE_FRAMES_MAX = 8 };

struct gate_frame {
    const void *bytes;
    size_t n_bytes;
    const struct publication *owner; /* sent without a copy: shared; NULL: copied */
};

struct gate_message {
    struct gate_peer from;
    int fd;               /* of its connection, for gate_cut */
    struct trust_key who; /* name "plain" and no key where plain */
    size_t n_frames;
    struct gate_frame frame[GATE_FRAMES_MAX]; /* good until the next gate_receive */
};

/* Wait until something arrives at a port, until_ns (monotonic) or a signal. */
int gate_wait(struct gate *gate, int64_t until_ns, struct err *err);

/* What is due without a message: lists that have changed, floods, connections that came
 * and went.  gate_wait does it; who waits elsewhere calls it as often. */
void gate_look(struct gate *gate);

/* The next message that waits: 1, or 0 where there is none.  What is not from who is
 * listed, or has more frames than fit, is counted and dropped here; a peer that is
 * struck off is disconnected. */
int gate_receive(struct gate_port *port, struct gate_message *message, struct err *err);

enum gate_sent { GATE_SENT, GATE_FULL /* it does not read: dropped */, GATE_GONE };
enum gate_sent gate_send(struct gate_port *port, const struct gate_peer *to,
                         size_t n_frames, const struct gate_frame frame[]);

/* End the connection with this descriptor, whose peer has been silent for too long. (It
 * may have ended, and be another's by now: that one connects again.) */
void gate_cut(struct gate_port *port, int fd);

/* Is this key in the port's list now, and not revoked?  Always where plain. */
bool gate_is_listed(const struct gate_port *port, const struct trust_key *who);

/* The receiver says that a message was not as it must be: counted, and the first of a
 * minute is logged. */
void gate_refuse(struct gate_port *port, const char *who, const char *why);

struct gate_counts {
    uint64_t n_connected;  /* handshakes that went well                             */
    uint64_t n_strangers;  /* keys that are not listed                              */
    uint64_t n_revoked;    /* keys that are listed as revoked; and their messages   */
    uint64_t n_handshakes; /* that failed otherwise: plain, another protocol, silent */
    uint64_t n_refused;    /* messages that were not as they must be                */
    uint64_t n_floods;     /* connections cut off because of a message without end  */
    uint64_t n_full;       /* connections turned away because there is no room    */
    uint64_t n_lists;      /* lists read anew                                       */
    uint64_t n_broken;     /* lists that were refused: the one before stays         */
};
struct gate_counts gate_counts(const struct gate_port *port);

/* A connection is an open file, of which the system allows a process so many (the soft
 * limit is raised to the hard one).  Some are kept for the process itself; who comes
 * when the others are used up is disconnected at once, and nobody who is there is. */
struct gate_room {
    size_t n_connections;     /* now, handshakes under way too */
    size_t n_connections_max; /* there can be                  */
    size_t n_listed;          /* keys that may connect         */
};
struct gate_room gate_room(const struct gate_port *port);

#endif /* COORDINATOR_GATE_H */
