#include "client/link.h"
#include "client/flood.h"
#include "core/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

enum {
    QUEUE_MESSAGES = 8,   /* waiting here; what is lost is asked for again          */
    KEEPALIVE_S = 2,      /* TCP's own: finds connections that died silently, ...    */
    DEAD_MS = 6000,       /* ... within this                                        */
    HANDSHAKE_MS = 10000, /* it is done by then, also with thousands before it      */
    ADDRESS_MAX = 256,
    RECONNECT_MS = 250, /* the shortest pause between attempts, and what ZeroMQ adds
                           at random to each, so that not all come at once to a relay
                           that starts again; and the longest without that:        */
    RECONNECT_MAX_MS = 1000,
    STUCK_MS = 2500,       /* nothing has been heard of an attempt for so long        */
    BROKEN_HANDSHAKES = 3, /* so many that just end are told                         */
    EVENTS = ZMQ_EVENT_CONNECTED | ZMQ_EVENT_CONNECT_DELAYED |
             ZMQ_EVENT_CONNECT_RETRIED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CLOSED |
             ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
             ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH,
};

static const int64_t MS = CLOCK_SECOND / 1000;

struct line {
    char address[ADDRESS_MAX];
    void *socket, *monitor; /* DEALER, PAIR */
    struct flood flood;
    bool is_up, is_shaking; /* shaking: the handshake has begun               */
    int64_t changed_ns;     /* monotonic: its last event                         */
    size_t n_broken;        /* handshakes in a row that just ended               */
    const char *refused;    /* why the last handshake failed; NULL: it did not   */
};

struct links {
    void *context;
    size_t n, turn; /* turn: who is heard first */
    struct line line[LINKS_MAX];
    zmq_msg_t part[LINK_FRAMES_MAX];
    int64_t look_due_ns;
};

static int fail(struct err *err, const char *what)
{
    return err_set(err, ERR_COMM, "%s: %s", what, zmq_strerror(errno));
}

/* ---- opening and closing ---- */

/* ZeroMQ's own pings are not used: 4.3.4 aborts where one is due on a connection that
 * has ended while what it brought is not read yet (libzmq, issues 4841 and 3937). */
static int set_manners(void *socket)
{
    static const struct {
        int option, value;
    } manners[] = {
        {ZMQ_SNDHWM, QUEUE_MESSAGES},
        {ZMQ_RCVHWM, QUEUE_MESSAGES},
        {ZMQ_IMMEDIATE, 1}, /* nothing is queued for one who is not there */
        {ZMQ_RECONNECT_IVL, RECONNECT_MS},
        {ZMQ_RECONNECT_IVL_MAX, RECONNECT_MAX_MS},
        {ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS},
        {ZMQ_TCP_KEEPALIVE, 1},
        {ZMQ_TCP_KEEPALIVE_IDLE, KEEPALIVE_S},
        {ZMQ_TCP_KEEPALIVE_INTVL, KEEPALIVE_S},
        {ZMQ_TCP_KEEPALIVE_CNT, DEAD_MS / 1000 / KEEPALIVE_S},
        {ZMQ_TCP_MAXRT, DEAD_MS},
    };
    const int64_t longest = LINK_MESSAGE_BYTES_MAX;

    for (size_t i = 0; i < sizeof manners / sizeof *manners; i++)
        if (zmq_setsockopt(socket, manners[i].option, &manners[i].value, sizeof(int)) !=
            0)
            return -1;
    return zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &longest, sizeof longest);
}

static int set_security(void *socket, const struct key *mine, const uint8_t *theirs)
{
    if (mine == NULL)
        return 0;
    if (zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, theirs, KEY_BYTES) != 0 ||
        zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, mine->public, KEY_BYTES) != 0)
        return -1;
    return zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, mine->secret, KEY_BYTES);
}

static int watch(struct links *links, size_t i)
{
    struct line *line = &links->line[i];
    const int no_limit = 0;
    char address[64];

    snprintf(address, sizeof address, "inproc://link-%zu", i);
    if (zmq_socket_monitor(line->socket, address, EVENTS) != 0)
        return -1;
    line->monitor = zmq_socket(links->context, ZMQ_PAIR);
    if (line->monitor == NULL ||
        zmq_setsockopt(line->monitor, ZMQ_RCVHWM, &no_limit, sizeof no_limit) != 0)
        return -1;
    return zmq_connect(line->monitor, address);
}

static int connect_one(struct links *links, size_t i, const struct link_plan *plan,
                       const struct key *mine, struct err *err)
{
    struct line *line = &links->line[i];

    if (strlen(plan->address) >= ADDRESS_MAX)
        return err_set(err, ERR_USAGE, "%.60s...: the address is too long",
                       plan->address);
    strcpy(line->address, plan->address);
    line->flood.fd = -1;
    line->changed_ns = clock_monotonic();
    line->socket = zmq_socket(links->context, ZMQ_DEALER);
    if (line->socket == NULL || set_manners(line->socket) != 0)
        return fail(err, "a ZeroMQ socket");
    if (set_security(line->socket, mine, plan->theirs) != 0)
        return fail(err, "CURVE");
    if (watch(links, i) != 0)
        return fail(err, "watching a connection");
    if (zmq_connect(line->socket, plan->address) != 0)
        return fail(err, plan->address);
    return 0;
}

int links_open(size_t n, const struct link_plan plan[], const struct key *mine,
               struct links **links, struct err *err)
{
    struct links *new = calloc(1, sizeof *new);

    if (new == NULL)
        return err_set(err, ERR_MEMORY, "no memory for connections");
    for (size_t i = 0; i < LINK_FRAMES_MAX; i++)
        zmq_msg_init(&new->part[i]);
    new->context = zmq_ctx_new();
    int status = new->context == NULL ? fail(err, "ZeroMQ") : 0;
    for (; status == 0 && new->n < n; new->n++)
        status = connect_one(new, new->n, &plan[new->n], mine, err);
    if (status != 0) {
        links_close(new, 0);
        return -1;
    }
    *links = new;
    return 0;
}

static void close_line(struct line *line, int linger_ms)
{
    if (line->socket != NULL) {
        zmq_socket_monitor(line->socket, NULL, 0);
        zmq_setsockopt(line->socket, ZMQ_LINGER, &linger_ms, sizeof linger_ms);
        zmq_close(line->socket);
    }
    if (line->monitor != NULL)
        zmq_close(line->monitor);
}

void links_close(struct links *links, int linger_ms)
{
    if (links == NULL)
        return;
    for (size_t i = 0; i < LINK_FRAMES_MAX; i++)
        zmq_msg_close(&links->part[i]);
    for (size_t i = 0; i < LINKS_MAX; i++)
        close_line(&links->line[i], linger_ms);
    if (links->context != NULL)
        while (zmq_ctx_term(links->context) != 0 && errno == EINTR)
            ;
    free(links);
}

/* ---- connections that come and go ---- */

static void refuse(struct line *line, const char *why, struct link_event *event)
{
    if (line->refused != NULL && strcmp(line->refused, why) == 0)
        return;
    line->refused = why;
    event->kind = LINK_REFUSED;
    event->text = why;
}

static void take_change(struct line *line, unsigned change, int value,
                        struct link_event *event)
{
    line->changed_ns = clock_monotonic();
    line->is_shaking = change == ZMQ_EVENT_CONNECTED;
    switch (change) {
    case ZMQ_EVENT_CONNECTED:
        line->flood = (struct flood){.fd = value};
        break;
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
        line->refused = NULL;
        line->n_broken = 0;
        line->is_up = true;
        event->kind = LINK_UP;
        break;
    case ZMQ_EVENT_DISCONNECTED:
        line->flood.fd = -1;
        event->kind = line->is_up ? LINK_DOWN : LINK_NOTHING;
        line->is_up = false;
        break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
        refuse(line, "it does not know this key, or does not accept it any more",
               event);
        break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
        refuse(line, "it has another key than expected, or one side is plain", event);
        break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
        if (++line->n_broken >= BROKEN_HANDSHAKES)
            refuse(line,
                   "it ends the handshake: has it another key than expected, or no "
                   "room?",
                   event);
        break;
    default:
        break; /* another attempt */
    }
}

/* 16 bits of event and 32 of value; then a frame with the address.  1 one was there. */
static int take_one_change(struct line *line, struct link_event *event)
{
    uint8_t bytes[6];
    char address[256];
    uint16_t change;
    int32_t value;

    if (zmq_recv(line->monitor, bytes, sizeof bytes, ZMQ_DONTWAIT) != sizeof bytes ||
        zmq_recv(line->monitor, address, sizeof address, ZMQ_DONTWAIT) < 0)
        return 0;
    memcpy(&change, bytes, sizeof change);
    memcpy(&value, bytes + sizeof change, sizeof value);
    take_change(line, change, value, event);
    return 1;
}

/* ZeroMQ tries again where a connection has ended, but not after a handshake that was
 * refused, nor after a message that is too long. */
static void connect_again(struct line *line)
{
    line->changed_ns = clock_monotonic();
    line->is_shaking = false;
    zmq_disconnect(line->socket, line->address); /* fails where it has given up */
    zmq_connect(line->socket, line->address);
}

static void look(struct links *links)
{
    const int64_t now_ns = clock_monotonic();

    links->look_due_ns = now_ns + FLOOD_LOOK_MS * MS;
    for (size_t i = 0; i < links->n; i++) {
        struct line *line = &links->line[i];
        const int64_t stuck_ms = line->is_shaking ? HANDSHAKE_MS + STUCK_MS : STUCK_MS;

        if (!line->is_up && now_ns >= line->changed_ns + stuck_ms * MS)
            connect_again(line);
        else if (line->flood.fd >= 0)
            flood_look(&line->flood, LINK_MESSAGE_BYTES_MAX);
    }
}

/* ---- messages ---- */

/* 1 where one came.  Frames that do not fit are counted. */
static int receive(struct links *links, size_t i, struct link_event *event,
                   struct err *err)
{
    struct line *line = &links->line[i];
    bool more = true;
    size_t n = 0;

    for (; more; n++) {
        zmq_msg_t *part = &links->part[n < LINK_FRAMES_MAX ? n : LINK_FRAMES_MAX - 1];

        while (zmq_msg_recv(part, line->socket, ZMQ_DONTWAIT) < 0) {
            if (errno == EAGAIN && n == 0)
                return 0;
            if (errno != EINTR)
                return fail(err, "receiving");
        }
        more = zmq_msg_more(part) != 0;
    }
    line->flood.is_settled = true;
    event->kind = LINK_MESSAGE;
    event->n_frames = n;
    for (size_t k = 0; k < n && k < LINK_FRAMES_MAX; k++)
        event->frame[k] = (struct link_frame){.bytes = zmq_msg_data(&links->part[k]),
                                              .n_bytes = zmq_msg_size(&links->part[k])};
    return 1;
}

/* What is there already: changes first, then a message, each link in turn. */
static int take_waiting(struct links *links, struct link_event *event, struct err *err)
{
    for (size_t k = 0; k < links->n; k++) {
        event->link = k;
        while (event->kind == LINK_NOTHING &&
               take_one_change(&links->line[k], event) > 0)
            ;
        if (event->kind != LINK_NOTHING)
            return 1;
    }
    for (size_t k = 0; k < links->n; k++) {
        event->link = links->turn;
        links->turn = (links->turn + 1) % links->n;
        const int got = receive(links, event->link, event, err);
        if (got != 0)
            return got;
    }
    return 0;
}

int links_next(struct links *links, int64_t until_ns, struct link_event *event,
               struct err *err)
{
    zmq_pollitem_t item[2 * LINKS_MAX];

    *event = (struct link_event){0};
    for (size_t i = 0; i < links->n; i++) {
        item[2 * i] =
            (zmq_pollitem_t){.socket = links->line[i].socket, .events = ZMQ_POLLIN};
        item[2 * i + 1] =
            (zmq_pollitem_t){.socket = links->line[i].monitor, .events = ZMQ_POLLIN};
    }
    for (;;) {
        const int got = take_waiting(links, event, err);
        if (got != 0)
            return got < 0 ? -1 : 0;
        if (clock_monotonic() >= links->look_due_ns)
            look(links);
        const int64_t due_ns =
            until_ns < links->look_due_ns ? until_ns : links->look_due_ns;
        const int64_t left_ns = due_ns - clock_monotonic();
        if (clock_monotonic() >= until_ns)
            return 0;
        if (zmq_poll(item, 2 * (int)links->n, left_ns > 0 ? left_ns / MS + 1 : 0) < 0)
            return errno == EINTR ? 0 : fail(err, "waiting");
    }
}

static int send_part(void *socket, const struct link_frame *frame, int flags)
{
    while (zmq_send(socket, frame->bytes, frame->n_bytes, flags | ZMQ_DONTWAIT) < 0)
        if (errno != EINTR)
            return -1;
    return 0;
}

int links_send(struct links *links, size_t link, size_t n_frames,
               const struct link_frame frame[])
{
    void *socket = links->line[link].socket;

    for (size_t i = 0; i < n_frames; i++)
        if (send_part(socket, &frame[i], i + 1 < n_frames ? ZMQ_SNDMORE : 0) != 0)
            return 0; /* only the first can fail: a message is sent whole or not */
    return 1;
}

int links_wait_ready(struct links *links, size_t link, int64_t until_ns)
{
    zmq_pollitem_t item = {.socket = links->line[link].socket, .events = ZMQ_POLLOUT};
    const int64_t left_ns = until_ns - clock_monotonic();

    return zmq_poll(&item, 1, left_ns > 0 ? left_ns / MS + 1 : 0) > 0;
}
