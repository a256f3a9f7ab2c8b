#include "coordinator/line.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <zmq.h>

enum {
    QUEUE_MESSAGES = 4, /* they may be large */
    LINGER_MS = 1000,
    HANDSHAKE_MS = 5000,
    PING_MS = 2000, /* ZeroMQ's own: finds connections that died silently */
    RECONNECT_MAX_MS = 500,
};

struct line {
    void *context, *socket;
    zmq_msg_t frame[LINE_FRAMES_MAX];
    size_t n;
};

static int fail(struct err *err, const char *what)
{
    return err_set(err, ERR_COMM, "%s: %s", what, zmq_strerror(errno));
}

static int set_manners(void *socket, const struct line_plan *plan)
{
    static const struct {
        int option, value;
    } manners[] = {
        {ZMQ_LINGER, LINGER_MS},
        {ZMQ_SNDHWM, QUEUE_MESSAGES},
        {ZMQ_RCVHWM, QUEUE_MESSAGES},
        {ZMQ_IMMEDIATE, 1}, /* nothing is queued for one who is not there */
        {ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS},
        {ZMQ_RECONNECT_IVL_MAX, RECONNECT_MAX_MS},
        {ZMQ_HEARTBEAT_IVL, PING_MS},
    };
    const int64_t longest = (int64_t)plan->frame_bytes_max;

    for (size_t i = 0; i < sizeof manners / sizeof *manners; i++)
        if (zmq_setsockopt(socket, manners[i].option, &manners[i].value, sizeof(int)) !=
            0)
            return -1;
    return zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &longest, sizeof longest);
}

static int set_curve(void *socket, const struct line_plan *plan)
{
    const struct key *mine = plan->mine;

    if (mine == NULL)
        return 0;
    if (zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, mine->secret, KEY_BYTES) != 0 ||
        zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, mine->public, KEY_BYTES) != 0)
        return -1;
    return zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, plan->theirs, KEY_BYTES);
}

static int open_socket(struct line *line, const struct line_plan *plan, struct err *err)
{
    line->context = zmq_ctx_new();
    if (line->context == NULL)
        return fail(err, "ZeroMQ");
    line->socket = zmq_socket(line->context, ZMQ_DEALER);
    if (line->socket == NULL || set_manners(line->socket, plan) != 0 ||
        set_curve(line->socket, plan) != 0)
        return fail(err, "a ZeroMQ socket");
    return zmq_connect(line->socket, plan->address) != 0 ? fail(err, plan->address) : 0;
}

int line_open(const struct line_plan *plan, struct line **line, struct err *err)
{
    struct line *new = calloc(1, sizeof *new);

    if (new == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a connection");
    if (open_socket(new, plan, err) != 0) {
        line_close(new);
        return -1;
    }
    *line = new;
    return 0;
}

static void drop_frames(struct line *line)
{
    for (size_t i = 0; i < line->n; i++)
        zmq_msg_close(&line->frame[i]);
    line->n = 0;
}

void line_close(struct line *line)
{
    if (line == NULL)
        return;
    drop_frames(line);
    if (line->socket != NULL)
        zmq_close(line->socket);
    if (line->context != NULL)
        while (zmq_ctx_term(line->context) != 0 && errno == EINTR)
            ;
    free(line);
}

static int send_frame(void *socket, const struct reader *frame, int flags)
{
    while (zmq_send(socket, frame->bytes, frame->n_left, flags | ZMQ_DONTWAIT) < 0)
        if (errno != EINTR)
            return -1;
    return 0;
}

int line_send(struct line *line, size_t n, const struct reader frame[], int wait_ms,
              struct err *err)
{
    zmq_pollitem_t item = {.socket = line->socket, .events = ZMQ_POLLOUT};

    if (zmq_poll(&item, 1, wait_ms) <= 0)
        return 0;
    for (size_t i = 0; i < n; i++)
        if (send_frame(line->socket, &frame[i], i + 1 < n ? ZMQ_SNDMORE : 0) != 0)
            return errno == EAGAIN ? 0 : fail(err, "sending");
    return 1;
}

/* The frames of one message; those beyond the last place are dropped. */
static int take_frames(struct line *line, struct err *err)
{
    zmq_msg_t beyond;
    bool more = true;

    for (size_t i = 0; more; i++) {
        zmq_msg_t *frame = i < LINE_FRAMES_MAX ? &line->frame[i] : &beyond;

        zmq_msg_init(frame);
        if (zmq_msg_recv(frame, line->socket, ZMQ_DONTWAIT) < 0) {
            zmq_msg_close(frame);
            return i == 0 && (errno == EAGAIN || errno == EINTR)
                       ? 0
                       : fail(err, "receiving");
        }
        more = zmq_msg_more(frame);
        if (i < LINE_FRAMES_MAX)
            line->n++;
        else
            zmq_msg_close(frame);
    }
    return (int)line->n;
}

int line_receive(struct line *line, int wait_ms, struct reader frame[LINE_FRAMES_MAX],
                 struct err *err)
{
    zmq_pollitem_t item = {.socket = line->socket, .events = ZMQ_POLLIN};

    drop_frames(line);
    if (zmq_poll(&item, 1, wait_ms) <= 0)
        return 0;
    const int n = take_frames(line, err);
    for (int i = 0; i < n; i++)
        frame[i] = (struct reader){zmq_msg_data(&line->frame[i]),
                                   zmq_msg_size(&line->frame[i])};
    return n;
}
