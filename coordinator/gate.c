#include "coordinator/gate_inside.h"
#include "core/clock.h"
#include "core/log.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

enum {
    LISTS_MS = 1000,     /* how often lists are looked at                   */
    REFUSALS_MS = 60000, /* one refusal in this time is logged              */
    GROWTH_LOOK_MS = 20, /* how often this process looks at its own size    */
    DROPPED_MAX = 64,    /* in one go: other things have to be done, too    */
};

static const int64_t MS = CLOCK_SECOND / 1000;

static int fail(struct err *err, const char *what)
{
    return err_set(err, ERR_COMM, "%s: %s", what, zmq_strerror(errno));
}

struct gate_room gate_room(const struct gate_port *port)
{
    return (struct gate_room){
        .n_connections = port->n_connections,
        .n_connections_max = port->n_connections_max,
        .n_listed = port->list != NULL ? zap_count(port->list) : 0,
    };
}

struct gate_counts gate_counts(const struct gate_port *port)
{
    struct gate_counts counts = port->counts;

    if (port->list != NULL) {
        const struct zap_counts handler = zap_counts(port->list);

        counts.n_strangers += handler.n_strangers;
        counts.n_revoked += handler.n_revoked;
    }
    return counts;
}

/* ---- waiting ---- */

static void look_at_lists(struct gate *gate)
{
    for (size_t i = 0; i < gate->n_ports; i++) {
        struct gate_port *port = gate->port[i];
        struct err why = {0};

        if (port->list == NULL)
            continue;
        const int status = zap_refresh(port->list, &why);
        if (status > 0) {
            port->counts.n_lists++;
            gate_watch_room(port);
            log_line("gate", "port=%s list=\"read again\"", port->name);
        } else if (status < 0) {
            port->counts.n_broken++;
            log_line("gate", "port=%s list=\"stays as it was: %s\"", port->name,
                     why.text);
        }
    }
}

/* All of them every FLOOD_LOOK_MS, which costs a system call a connection; and at once
 * where memory grows. */
static void look_at_floods(struct gate *gate, int64_t now_ns)
{
    if (now_ns < gate->growth_due_ns)
        return;
    gate->growth_due_ns = now_ns + GROWTH_LOOK_MS * MS;
    if (!gate_watch_has_grown(gate) && now_ns < gate->floods_due_ns)
        return;
    gate->floods_due_ns = now_ns + FLOOD_LOOK_MS * MS;
    for (size_t i = 0; i < gate->n_ports; i++)
        gate_watch_floods(gate->port[i]);
}

void gate_look(struct gate *gate)
{
    const int64_t now_ns = clock_monotonic();

    for (size_t i = 0; i < gate->n_ports; i++)
        gate_watch(gate->port[i]);
    if (now_ns >= gate->lists_due_ns) {
        gate->lists_due_ns = now_ns + LISTS_MS * MS;
        look_at_lists(gate);
    }
    look_at_floods(gate, now_ns);
}

/* Did a message come to one of the ports, not just news of a connection? */
static bool has_message(size_t n_ports, const zmq_pollitem_t item[])
{
    for (size_t i = 0; i < n_ports; i++)
        if (item[2 * i].revents != 0)
            return true;
    return false;
}

int gate_wait(struct gate *gate, int64_t until_ns, struct err *err)
{
    zmq_pollitem_t item[2 * GATE_PORTS_MAX];
    int n;

    for (size_t i = 0; i < gate->n_ports; i++) {
        const struct gate_port *port = gate->port[i];

        item[2 * i] = (zmq_pollitem_t){.socket = port->socket, .events = ZMQ_POLLIN};
        item[2 * i + 1] =
            (zmq_pollitem_t){.socket = port->monitor, .events = ZMQ_POLLIN};
    }
    do {
        gate_look(gate);
        const int64_t due_ns =
            until_ns < gate->growth_due_ns ? until_ns : gate->growth_due_ns;
        const int64_t left_ns = due_ns - clock_monotonic();

        n = zmq_poll(item, 2 * (int)gate->n_ports, left_ns > 0 ? left_ns / MS + 1 : 0);
        if (n < 0 && errno != EINTR)
            return fail(err, "waiting");
    } while (n >= 0 && !has_message(gate->n_ports, item) &&
             clock_monotonic() < until_ns);
    return 0;
}

/* ---- receiving ---- */

bool gate_is_listed(const struct gate_port *port, const struct trust_key *who)
{
    struct trust_key key;

    return port->list == NULL ||
           (zap_find(port->list, who->public, &key) && !key.is_revoked);
}

/* Who sent it, by the list as it is now; who is not in it any more is cut off. */
static bool identify(struct gate_port *port, zmq_msg_t *part, struct trust_key *who)
{
    const char *user = zmq_msg_gets(part, "User-Id");
    uint8_t public[KEY_BYTES];

    *who = (struct trust_key){.name = "plain"};
    if (port->list == NULL)
        return true;
    if (user != NULL && key_from_text(user, public, NULL) == 0 &&
        zap_find(port->list, public, who) && !who->is_revoked)
        return true;
    port->counts.n_revoked++;
    shutdown(zmq_msg_get(part, ZMQ_SRCFD), SHUT_RDWR);
    return false;
}

/* The frames of one message into port->part, the sender's first; *n_parts counts all.
 * 1, or 0 where none waits. */
static int receive_parts(struct gate_port *port, size_t *n_parts, struct err *err)
{
    bool more = true;

    for (*n_parts = 0; more; ++*n_parts) {
        zmq_msg_t *part =
            &port->part[*n_parts < GATE_FRAMES_MAX ? *n_parts : GATE_FRAMES_MAX - 1];

        while (zmq_msg_recv(part, port->socket, ZMQ_DONTWAIT) < 0) {
            if (errno == EAGAIN && *n_parts == 0)
                return 0;
            if (errno != EINTR)
                return fail(err, "receiving");
        }
        more = zmq_msg_more(part) != 0;
    }
    return 1;
}

/* Is it one to hand on?  ZeroMQ's own ids begin with 0; a peer cannot choose such. */
static bool is_sound(struct gate_port *port, size_t n_parts,
                     struct gate_message *message)
{
    zmq_msg_t *id = &port->part[0];

    if (n_parts < 2 || n_parts > GATE_FRAMES_MAX ||
        zmq_msg_size(id) != sizeof message->from.bytes ||
        *(char *)zmq_msg_data(id) != '\0') {
        gate_refuse(port, "?", "a message of a wrong number of frames, or with a name");
        return false;
    }
    return identify(port, &port->part[1], &message->who);
}

int gate_receive(struct gate_port *port, struct gate_message *message, struct err *err)
{
    size_t n_parts, n_dropped = 0;

    for (;;) {
        const int got = receive_parts(port, &n_parts, err);

        if (got <= 0)
            return got;
        const size_t last = n_parts < GATE_FRAMES_MAX ? n_parts : GATE_FRAMES_MAX;
        message->fd = zmq_msg_get(&port->part[last - 1], ZMQ_SRCFD);
        gate_watch_settle(port, message->fd);
        if (is_sound(port, n_parts, message))
            break;
        if (++n_dropped == DROPPED_MAX)
            return 0;
    }
    memcpy(message->from.bytes, zmq_msg_data(&port->part[0]),
           sizeof message->from.bytes);
    message->n_frames = n_parts - 1;
    for (size_t i = 0; i < message->n_frames; i++)
        message->frame[i] =
            (struct gate_frame){.bytes = zmq_msg_data(&port->part[i + 1]),
                                .n_bytes = zmq_msg_size(&port->part[i + 1])};
    return 1;
}

void gate_cut(struct gate_port *port, int fd)
{
    if (gate_watch_has(port, fd))
        shutdown(fd, SHUT_RDWR);
}

void gate_refuse(struct gate_port *port, const char *who, const char *why)
{
    const int64_t now_ns = clock_monotonic();

    port->counts.n_refused++;
    if (port->counts.n_refused > 1 && now_ns < port->refusal_told_ns + REFUSALS_MS * MS)
        return;
    port->refusal_told_ns = now_ns;
    log_line("gate", "port=%s from=%s refused=\"%s\"", port->name, who, why);
}

/* ---- sending ---- */

static void give_back(void *bytes, void *owner)
{
    (void)bytes;
    publication_free(owner);
}

static int make_part(zmq_msg_t *part, const struct gate_frame *frame)
{
    if (frame->owner != NULL && frame->n_bytes > 0) {
        const struct publication *shared = publication_share(frame->owner);

        if (zmq_msg_init_data(part, (void *)frame->bytes, frame->n_bytes, give_back,
                              (void *)shared) == 0)
            return 0;
        publication_free(shared);
        return -1;
    }
    if (zmq_msg_init_size(part, frame->n_bytes) != 0)
        return -1;
    if (frame->n_bytes > 0)
        memcpy(zmq_msg_data(part), frame->bytes, frame->n_bytes);
    return 0;
}

static int send_part(void *socket, const struct gate_frame *frame, int flags)
{
    zmq_msg_t part;

    if (make_part(&part, frame) != 0)
        return -1;
    while (zmq_msg_send(&part, socket, flags | ZMQ_DONTWAIT) < 0) {
        if (errno == EINTR)
            continue;
        const int why = errno;
        zmq_msg_close(&part);
        errno = why;
        return -1;
    }
    return 0;
}

/* What was begun is ended, or the next message would become a part of it. */
static enum gate_sent give_up(struct gate_port *port)
{
    zmq_send(port->socket, "", 0, ZMQ_DONTWAIT);
    return GATE_GONE;
}

enum gate_sent gate_send(struct gate_port *port, const struct gate_peer *to,
                         size_t n_frames, const struct gate_frame frame[])
{
    const struct gate_frame id = {.bytes = to->bytes, .n_bytes = sizeof to->bytes};

    if (send_part(port->socket, &id, ZMQ_SNDMORE) != 0)
        return errno == EAGAIN ? GATE_FULL : GATE_GONE;
    for (size_t i = 0; i < n_frames; i++)
        if (send_part(port->socket, &frame[i], i + 1 < n_frames ? ZMQ_SNDMORE : 0) != 0)
            return give_up(port);
    return GATE_SENT;
}
