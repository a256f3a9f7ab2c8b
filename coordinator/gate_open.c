#include "coordinator/gate_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    LINGER_MS = 1000,    /* what a stopping gate still waits for               */
    SEND_MESSAGES = 4,   /* a peer further behind loses messages, and asks     */
    RECEIVE_SHORT = 256, /* messages of each peer; then TCP holds it back ...  */
    RECEIVE_LONG = 2,    /* ... where they are of more than SHORT_BYTES        */
    SHORT_BYTES = 4096,
    HANDSHAKE_MS = 10000, /* a handshake is done by then                        */
    KEEPALIVE_S = 2,      /* TCP's own: who does not answer that for ...        */
    DEAD_MS = 6000,       /* ... so long is disconnected, and its queue free    */
    WAITING_MAX = 4096,   /* connections that the kernel keeps for accept(); it
                             keeps no more than net.core.somaxconn              */
    IO_THREADS = 2,       /* they encrypt                                       */
    ENCRYPTED_EXTRA = 64, /* CURVE adds 33 bytes to a frame                     */
    FILES_SPARE = 128,    /* for the process' own, and an eighth of the limit ... */
    FILES_SHARE = 8,      /* ... for those who come before they are turned away */
    FILES_MAX = 1 << 20,  /* where there is no limit                            */
};

/* Of ZeroMQ 4.3; zmq.h shows the name only to those who build drafts.  Where the
 * library does not know it, no port is opened. */
#ifndef ZMQ_ZAP_ENFORCE_DOMAIN
#define ZMQ_ZAP_ENFORCE_DOMAIN 93
#endif

static int fail(struct err *err, const char *what)
{
    return err_set(err, ERR_COMM, "%s: %s", what, zmq_strerror(errno));
}

/* ---- the gate ---- */

/* A connection is a file: as many as the system allows this process. */
static size_t allow_many_files(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 1024;
    const rlim_t before = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        limit.rlim_cur = before;
    return limit.rlim_cur < FILES_MAX ? (size_t)limit.rlim_cur : FILES_MAX;
}

/* Without files ZeroMQ would not accept, the lists not be read and the status not be
 * written: who is one too many is turned away before. */
static size_t count_room(size_t n_files)
{
    const size_t n_spare = FILES_SPARE + n_files / FILES_SHARE;

    return n_files > 2 * n_spare ? n_files - n_spare : n_files / 2;
}

int gate_open(const struct key *key, struct gate **gate, struct err *err)
{
    struct gate *new = calloc(1, sizeof *new);

    if (new == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a gate");
    new->n_files = allow_many_files();
    new->statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
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
    if (gate->statm >= 0)
        close(gate->statm);
    key_forget(&gate->key);
    free(gate);
}

/* ---- its ports ---- */

/* ZeroMQ's own pings are not used: 4.3.4 aborts where one is due on a connection that
 * has ended while what it brought is not read yet (libzmq, issue 4841). */
static int set_manners(void *socket, size_t message_bytes_max)
{
    const int receive = message_bytes_max <= SHORT_BYTES ? RECEIVE_SHORT : RECEIVE_LONG;
    const struct {
        int option, value;
    } manners[] = {
        {ZMQ_LINGER, LINGER_MS},
        {ZMQ_SNDHWM, SEND_MESSAGES},
        {ZMQ_RCVHWM, receive},
        {ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS},
        {ZMQ_TCP_KEEPALIVE, 1},
        {ZMQ_TCP_KEEPALIVE_IDLE, KEEPALIVE_S},
        {ZMQ_TCP_KEEPALIVE_INTVL, KEEPALIVE_S},
        {ZMQ_TCP_KEEPALIVE_CNT, DEAD_MS / 1000 / KEEPALIVE_S},
        {ZMQ_TCP_MAXRT, DEAD_MS},
        {ZMQ_BACKLOG, WAITING_MAX},
        {ZMQ_ROUTER_MANDATORY, 1},
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
    new->n_connections_max = count_room(gate->n_files);
    if (options->connections_max > 0 &&
        options->connections_max < new->n_connections_max)
        new->n_connections_max = options->connections_max;
    for (size_t i = 0; i < GATE_FRAMES_MAX; i++)
        zmq_msg_init(&new->part[i]);
    gate->port[gate->n_ports++] = new;
    if (options->list != NULL &&
        zap_add_list(gate->zap, options->name, options->list, &new->list, err) != 0)
        return -1;
    if (bind_port(gate, new, options, err) != 0)
        return -1;
    gate_watch_room(new);
    *port = new;
    return 0;
}

const char *gate_address(const struct gate_port *port)
{
    return port->address;
}
