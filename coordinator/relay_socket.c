#include "coordinator/relay_socket.h"

#include <errno.h>
#include <string.h>

#ifndef ZMQ_ZAP_ENFORCE_DOMAIN
#define ZMQ_ZAP_ENFORCE_DOMAIN 93 /* libzmq 4.3 knows it, its header hides it */
#endif

enum {
    QUEUE_MESSAGES = 4, /* they may be large */
    LINGER_MS = 500,    /* for the last answer */
    HANDSHAKE_MS = 5000,
    PING_MS = 2000, /* ZeroMQ's own: finds connections that died silently */
    RECONNECT_MAX_MS = 1000,
    KEY_BYTES = 32,
};

static int fail(struct err *err, const char *what)
{
    return err_set(err, ERR_COMM, "%s: %s", what, zmq_strerror(errno));
}

static int set_manners(void *socket, const struct relay_socket_plan *plan)
{
    static const struct {
        int option, value;
    } manners[] = {
        {ZMQ_LINGER, LINGER_MS},
        {ZMQ_SNDHWM, QUEUE_MESSAGES},
        {ZMQ_RCVHWM, QUEUE_MESSAGES},
        {ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS},
        {ZMQ_RECONNECT_IVL_MAX, RECONNECT_MAX_MS},
        {ZMQ_HEARTBEAT_IVL, PING_MS},
    };
    const int one = 1;

    for (size_t i = 0; i < sizeof manners / sizeof *manners; i++)
        if (zmq_setsockopt(socket, manners[i].option, &manners[i].value, sizeof(int)) !=
            0)
            return -1;
    if (!plan->binds && zmq_setsockopt(socket, ZMQ_IMMEDIATE, &one, sizeof one) != 0)
        return -1;
    return zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &plan->frame_bytes_max,
                          sizeof plan->frame_bytes_max);
}

/* Who binds decides by the ZAP handler, and without an answer nobody comes in. */
static int set_curve(void *socket, const struct relay_socket_plan *plan)
{
    const int one = 1;

    if (plan->secret == NULL)
        return 0;
    if (zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, plan->secret, KEY_BYTES) != 0)
        return -1;
    if (!plan->binds)
        return zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, plan->public, KEY_BYTES) !=
                           0 ||
                       zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, plan->server,
                                      KEY_BYTES) != 0
                   ? -1
                   : 0;
    return zmq_setsockopt(socket, ZMQ_CURVE_SERVER, &one, sizeof one) != 0 ||
                   zmq_setsockopt(socket, ZMQ_ZAP_ENFORCE_DOMAIN, &one, sizeof one) !=
                       0 ||
                   zmq_setsockopt(socket, ZMQ_ZAP_DOMAIN, plan->domain,
                                  strlen(plan->domain)) != 0
               ? -1
               : 0;
}

int relay_socket_open(void *context, const struct relay_socket_plan *plan,
                      void **socket, struct err *err)
{
    void *new = zmq_socket(context, plan->type);

    if (new == NULL || set_manners(new, plan) != 0 || set_curve(new, plan) != 0) {
        fail(err, "a ZeroMQ socket");
        relay_socket_close(new);
        return -1;
    }
    if ((plan->binds ? zmq_bind(new, plan->address)
                     : zmq_connect(new, plan->address)) != 0) {
        fail(err, plan->address);
        relay_socket_close(new);
        return -1;
    }
    *socket = new;
    return 0;
}

void relay_socket_close(void *socket)
{
    if (socket != NULL)
        zmq_close(socket);
}

void relay_message_close(struct relay_message *message)
{
    for (size_t i = 0; i < RELAY_FRAMES_MAX; i++)
        zmq_msg_close(&message->frame[i]);
}

int relay_message_receive(void *socket, struct relay_message *message, struct err *err)
{
    message->n = 0;
    for (size_t i = 0; i < RELAY_FRAMES_MAX; i++)
        zmq_msg_init(&message->frame[i]);
    for (;;) {
        const size_t place =
            message->n < RELAY_FRAMES_MAX ? message->n : RELAY_FRAMES_MAX - 1;
        zmq_msg_t *frame = &message->frame[place];

        if (zmq_msg_recv(frame, socket, ZMQ_DONTWAIT) < 0) {
            const bool is_none = message->n == 0 && (errno == EAGAIN || errno == EINTR);

            relay_message_close(message);
            return is_none ? 0 : fail(err, "receiving");
        }
        message->n++;
        if (!zmq_msg_more(frame))
            return 1;
    }
}

struct reader relay_message_frame(struct relay_message *message, size_t i)
{
    if (i >= message->n || i >= RELAY_FRAMES_MAX)
        return (struct reader){0};
    return (struct reader){zmq_msg_data(&message->frame[i]),
                           zmq_msg_size(&message->frame[i])};
}

const char *relay_message_user(struct relay_message *message)
{
    const char *user = zmq_msg_gets(&message->frame[0], "User-Id");

    return user != NULL ? user : "";
}

static int send_frame(void *socket, const struct reader *frame, int flags)
{
    while (zmq_send(socket, frame->bytes, frame->n_left, flags | ZMQ_DONTWAIT) < 0)
        if (errno != EINTR)
            return -1;
    return 0;
}

void relay_message_send(void *socket, size_t n, const struct reader frame[])
{
    for (size_t i = 0; i < n; i++)
        if (send_frame(socket, &frame[i], i + 1 < n ? ZMQ_SNDMORE : 0) != 0)
            return; /* the first: a message goes whole or not at all */
}
