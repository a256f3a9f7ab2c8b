/* relay_socket.h -- messages of a few frames over ZeroMQ, for intake, feed and control
 *
 * The door to ZeroMQ of these three.  Queues are short and nothing waits to be sent: a
 * peer that does not read loses messages, and asks again. */
#ifndef COORDINATOR_RELAY_SOCKET_H
#define COORDINATOR_RELAY_SOCKET_H

#include "core/buffer.h"
#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zmq.h>

struct relay_socket_plan {
    int type; /* ZMQ_ROUTER, ZMQ_DEALER */
    const char *address;
    bool binds;
    int64_t frame_bytes_max;
    /* CURVE, or NULL and plain.  Who binds has a domain of the ZAP handler; who
     * connects knows the other's public key. */
    const uint8_t *secret, *public;
    const char *domain;
    const uint8_t *server;
};

int relay_socket_open(void *context, const struct relay_socket_plan *plan,
                      void **socket, struct err *err);
void relay_socket_close(void *socket); /* takes NULL */

enum { RELAY_FRAMES_MAX = 6 };

struct relay_message {
    size_t n; /* frames that came; those beyond the last place are dropped */
    zmq_msg_t frame[RELAY_FRAMES_MAX];
};

/* 1: one came, relay_message_close it; 0: none waits; -1 on failure. */
int relay_message_receive(void *socket, struct relay_message *message, struct err *err);
void relay_message_close(struct relay_message *message);
struct reader relay_message_frame(struct relay_message *message, size_t i);
/* Who sent it, by the ZAP handler; "" where it is plain. */
const char *relay_message_user(struct relay_message *message);

/* All frames or none; a peer that cannot take it loses it. */
void relay_message_send(void *socket, size_t n, const struct reader frame[]);

#endif /* COORDINATOR_RELAY_SOCKET_H */
