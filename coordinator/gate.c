#include "coordinator/gate_inside.h"
#include "core/clock.h"
#include "core/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

enum {
    LINGER_MS = 1000,      /* what a stopping gate still waits for               */
    SEND_MESSAGES = 4,     /* a peer further behind loses messages, and asks     */
    RECEIVE_MESSAGES = 16, /* of each peer; then TCP holds it back               */
    HANDSHAKE_MS = 3000,   /* a handshake is done by then                        */
    PING_MS = 2000,        /* ZeroMQ's own: who does not answer ...              */
    PONG_MS = 4000,        /* ... for so long is disconnected, and its queue free */
    WAITING_MAX = 1024,    /* connections that the kernel keeps for accept()     */
    IO_THREADS = 2,        /* they encrypt                                       */
    LISTS_MS = 1000,       /* how often lists are looked at                      */
    REFUSALS_MS = 60000,   /* one refusal in this time is logged                 */
    ENCRYPTED_EXTRA = 64,  /* CURVE adds 33 bytes to a frame                     */
    DROPPED_MAX = 64,      /* in one go: other things have to be done, too       */
};

/* Of ZeroMQ 4.3; zmq.h shows the name only to those who build drafts.  Where the
 * library does not know it, no port is opened. */
#ifndef ZMQ_ZAP_ENFORCE_DOMAIN
#define ZMQ_ZAP_ENFORCE_DOMAIN 93
#endif

static const int64_t MS = CLOCK_SECOND / 1000;

static int fail(struct err *err, const char *what)
{
    return err_set(err, ERR_COMM, "%s: %s", what, zmq_strerror(errno));
}

/* ---- opening and closing ---- */

/* A connection is a file. */
static void allow_many_files(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int gate_open(const struct key *key, struct gate **gate, struct err *err)
{
    struct gate *new = calloc(1, sizeof *new);

    if (new == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a gate");
    allow_many_files();
    new->context = zmq_ctx_new();
    int status = new->context == NULL ||
                         zmq_ctx_set(new->context, ZMQ_IO_THREADS, IO_THREADS) != 0
                     ? fail(err, "ZeroMQ")
                     : 0;
    if (status == 0 && key != NULL) {
        new->key = *key;
        status = zap_open(new->context, &new->zap, err);
    }
    if (status != 0) {
        gate_close(new);
        return -1;
    }
    *gate = new;
    return 0;
}

static void close_port(struct gate_port *port)
{
    gate_watch_stop(port);
    for (size_t i = 0; i < GATE_FRAMES_MAX; i++)
        zmq_msg_close(&port->part[i]);
    if (port->socket != NULL)
        zmq_close(port->socket);
    free(port);
}

void gate_close(struct gate *gate)
{
    if (gate == NULL)
        return;
    for (size_t i = 0; i < gate->n_ports; i++)
        close_port(gate->port[i]);
    if (gate->context != NULL)
        while (zmq_ctx_term(gate->context) != 0 && errno == EINTR)
            ;
    zap_close(gate->zap);
    key_forget(&gate->key);
    free(gate);
}

static int set_manners(void *socket, size_t message_bytes_max)
{
    static const struct {
        int option, value;
    } manners[] = {
        {ZMQ_LINGER, LINGER_MS},        {ZMQ_SNDHWM, SEND_MESSAGES},
        {ZMQ_RCVHWM, RECEIVE_MESSAGES}, {ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS},
        {ZMQ_HEARTBEAT_IVL, PING_MS},   {ZMQ_HEARTBEAT_TIMEOUT, PONG_MS},
        {ZMQ_BACKLOG, WAITING_MAX},     {ZMQ_ROUTER_MANDATORY, 1},
    };
    const int64_t longest = (int64_t)message_bytes_max + ENCRYPTED_EXTRA;

    for (size_t i = 0; i < sizeof manners / sizeof *manners; i++)
        if (zmq_setsockopt(socket, manners[i].option, &manners[i].value, sizeof(int)) !=
            0)
            return -1;
    return zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &longest, sizeof longest);
}

/* Fails closed: without an answer of the handler nobody gets in. */
static int set_security(const struct gate *gate, const struct gate_port *port)
{
    const int yes = 1;

    if (gate->zap == NULL)
        return 0;
    if (zmq_setsockopt(port->socket, ZMQ_ZAP_DOMAIN, port->name, strlen(port->name)) !=
            0 ||
        zmq_setsockopt(port->socket, ZMQ_ZAP_ENFORCE_DOMAIN, &yes, sizeof yes) != 0 ||
        zmq_setsockopt(port->socket, ZMQ_CURVE_SERVER, &yes, sizeof yes) != 0)
        return -1;
    return zmq_setsockopt(port->socket, ZMQ_CURVE_SECRETKEY, gate->key.secret,
                          KEY_BYTES);
}

static int bind_port(struct gate *gate, struct gate_port *port,
                     const struct gate_port_options *options, struct err *err)
{
    size_t size = sizeof port->address;

    port->socket = zmq_socket(gate->context, ZMQ_ROUTER);
    if (port->socket == NULL ||
        set_manners(port->socket, options->message_bytes_max) != 0)
        return fail(err, "a ZeroMQ socket");
    if (set_security(gate, port) != 0)
        return fail(err, "CURVE");
    if (gate_watch_start(port, err) != 0)
        return -1;
    if (zmq_bind(port->socket, options->address) != 0 ||
        zmq_getsockopt(port->socket, ZMQ_LAST_ENDPOINT, port->address, &size) != 0)
        return fail(err, options->address);
    return 0;
}

int gate_listen(struct gate *gate, const struct gate_port_options *options,
                struct gate_port **port, struct err *err)
{
    if (stream_check_address(options->address, gate->zap != NULL, err) != 0)
        return -1;
    if (gate->n_ports == GATE_PORTS_MAX || strlen(options->name) >= GATE_NAME_MAX ||
        (options->list != NULL) != (gate->zap != NULL))
        return err_set(err, ERR_BUG, "the port %s cannot be opened", options->name);
    struct gate_port *new = calloc(1, sizeof *new);
    if (new == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a port");
    new->gate = gate;
    strcpy(new->name, options->name);
    new->message_bytes_max = options->message_bytes_max;
    for (size_t i = 0; i < GATE_FRAMES_MAX; i++)
        zmq_msg_init(&new->part[i]);
    gate->port[gate->n_ports++] = new;
    if (options->list != NULL &&
        zap_add_list(gate->zap, options->name, options->list, &new->list, err) != 0)
        return -1;
    if (bind_port(gate, new, options, err) != 0)
        return -1;
    *port = new;
    return 0;
}

const char *gate_address(const struct gate_port *port)
{
    return port->address;
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
            log_line("gate", "port=%s list=\"read again\"", port->name);
        } else if (status < 0) {
            port->counts.n_broken++;
            log_line("gate", "port=%s list=\"stays as it was: %s\"", port->name,
                     why.text);
        }
    }
}

static void do_due(struct gate *gate)
{
    const int64_t now_ns = clock_monotonic();

    for (size_t i = 0; i < gate->n_ports; i++)
        gate_watch(gate->port[i]);
    if (now_ns >= gate->lists_due_ns) {
        gate->lists_due_ns = now_ns + LISTS_MS * MS;
        look_at_lists(gate);
    }
    if (now_ns >= gate->floods_due_ns) {
        gate->floods_due_ns = now_ns + FLOOD_LOOK_MS * MS;
        for (size_t i = 0; i < gate->n_ports; i++)
            gate_watch_floods(gate->port[i]);
    }
}

int gate_wait(struct gate *gate, int64_t until_ns, struct err *err)
{
    zmq_pollitem_t item[GATE_PORTS_MAX];
    int n;

    for (size_t i = 0; i < gate->n_ports; i++)
        item[i] =
            (zmq_pollitem_t){.socket = gate->port[i]->socket, .events = ZMQ_POLLIN};
    do {
        do_due(gate);
        const int64_t due_ns =
            until_ns < gate->floods_due_ns ? until_ns : gate->floods_due_ns;
        const int64_t left_ns = due_ns - clock_monotonic();

        n = zmq_poll(item, (int)gate->n_ports, left_ns > 0 ? left_ns / MS + 1 : 0);
        if (n < 0 && errno != EINTR)
            return fail(err, "waiting");
    } while (n == 0 && clock_monotonic() < until_ns);
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
        gate_watch_settle(port, zmq_msg_get(&port->part[last - 1], ZMQ_SRCFD));
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
