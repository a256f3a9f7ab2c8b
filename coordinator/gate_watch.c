#include "coordinator/gate_inside.h"
#include "core/clock.h"
#include "core/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { GROWTH_BYTES = 4 << 20 /* of this process, between two looks at floods */ };

enum {
    EVENTS = ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CLOSED |
             ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
             ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH
};

int gate_watch_start(struct gate_port *port, struct err *err)
{
    const int no_limit = 0;
    char address[64];

    snprintf(address, sizeof address, "inproc://gate-monitor-%zu", port->gate->n_ports);
    if (zmq_socket_monitor(port->socket, address, EVENTS) != 0)
        return err_set(err, ERR_COMM, "watching a port: %s", zmq_strerror(errno));
    port->monitor = zmq_socket(port->gate->context, ZMQ_PAIR);
    if (port->monitor == NULL ||
        zmq_setsockopt(port->monitor, ZMQ_RCVHWM, &no_limit, sizeof no_limit) != 0 ||
        zmq_connect(port->monitor, address) != 0)
        return err_set(err, ERR_COMM, "watching a port: %s", zmq_strerror(errno));
    return 0;
}

void gate_watch_stop(struct gate_port *port)
{
    if (port->socket != NULL)
        zmq_socket_monitor(port->socket, NULL, 0);
    if (port->monitor != NULL)
        zmq_close(port->monitor);
    free(port->line);
}

/* ---- connections ---- */

bool gate_watch_has(const struct gate_port *port, int fd)
{
    return fd >= 0 && (size_t)fd < port->n_lines && port->line[fd].fd == fd;
}

/* NULL: none of this port's has that descriptor. */
static struct flood *find_line(struct gate_port *port, int fd)
{
    return gate_watch_has(port, fd) ? &port->line[fd] : NULL;
}

static bool make_room(struct gate_port *port, size_t fd)
{
    const size_t n = 2 * fd + 64;

    if (fd < port->n_lines)
        return true;
    struct flood *grown = realloc(port->line, n * sizeof *grown);
    if (grown == NULL)
        return false;
    for (size_t i = port->n_lines; i < n; i++)
        grown[i] = (struct flood){.fd = -1};
    port->line = grown;
    port->n_lines = n;
    return true;
}

/* Those who are served stay; the newcomer tries again. */
static void turn_away(struct gate_port *port, int fd)
{
    const int64_t now_ns = clock_monotonic();

    shutdown(fd, SHUT_RDWR);
    port->counts.n_full++;
    if (port->full_told_ns != 0 && now_ns < port->full_told_ns + CLOCK_MINUTE)
        return;
    port->full_told_ns = now_ns;
    log_line("gate",
             "port=%s full=\"%zu connections are as many as a limit of %zu open files "
             "allows: who comes now is turned away\"",
             port->name, port->n_connections_max, port->gate->n_files);
}

/* Without memory the connection is not watched. */
static void add_line(struct gate_port *port, int fd)
{
    if (port->n_connections >= port->n_connections_max)
        turn_away(port, fd);
    if (fd < 0 || !make_room(port, (size_t)fd))
        return;
    port->n_connections += find_line(port, fd) == NULL;
    port->line[fd] = (struct flood){.fd = fd};
}

static void drop_line(struct gate_port *port, int fd)
{
    struct flood *line = find_line(port, fd);

    if (line == NULL)
        return;
    line->fd = -1;
    port->n_connections--;
}

void gate_watch_settle(struct gate_port *port, int fd)
{
    struct flood *line = find_line(port, fd);

    if (line != NULL)
        line->is_settled = true;
}

void gate_watch_room(const struct gate_port *port)
{
    const struct gate *gate = port->gate;
    const size_t n = port->list != NULL ? zap_count(port->list) : 0;

    if (n > port->n_connections_max)
        log_line("gate",
                 "port=%s listed=%zu room=\"not for all: a limit of %zu open files "
                 "allows %zu connections; raise it (ulimit -n, LimitNOFILE=)\"",
                 port->name, n, gate->n_files, port->n_connections_max);
}

/* ---- events ---- */

static void take_event(struct gate_port *port, unsigned event, int value)
{
    switch (event) {
    case ZMQ_EVENT_ACCEPTED:
        add_line(port, value);
        break;
    case ZMQ_EVENT_DISCONNECTED:
    case ZMQ_EVENT_CLOSED:
        drop_line(port, value);
        break;
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
        port->counts.n_connected++;
        break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
        break; /* the handler has counted it */
    default:
        port->counts.n_handshakes++;
    }
}

/* 16 bits of event and 32 of value; then a frame with the address. */
static bool take_one(struct gate_port *port)
{
    uint8_t bytes[6], address[GATE_ADDRESS_MAX];
    uint16_t event;
    int32_t value;

    const int n = zmq_recv(port->monitor, bytes, sizeof bytes, ZMQ_DONTWAIT);
    if (n < 0)
        return errno == EINTR;
    if (zmq_recv(port->monitor, address, sizeof address, ZMQ_DONTWAIT) < 0 ||
        n != sizeof bytes)
        return false;
    memcpy(&event, bytes, sizeof event);
    memcpy(&value, bytes + sizeof event, sizeof value);
    take_event(port, event, value);
    return true;
}

void gate_watch(struct gate_port *port)
{
    while (take_one(port))
        ;
}

/* ---- floods ---- */

/* The second word of statm: pages in memory. */
bool gate_watch_has_grown(struct gate *gate)
{
    char text[128] = "";
    size_t n_pages = 0;

    if (gate->statm < 0 || pread(gate->statm, text, sizeof text - 1, 0) <= 0 ||
        sscanf(text, "%*s %zu", &n_pages) != 1)
        return false;
    const size_t n_grown = n_pages > gate->n_pages ? (n_pages - gate->n_pages) *
                                                         (size_t)sysconf(_SC_PAGESIZE)
                                                   : 0;
    if (n_grown > 0 && n_grown < GROWTH_BYTES)
        return false;
    gate->n_pages = n_pages;
    return n_grown > 0;
}

void gate_watch_floods(struct gate_port *port)
{
    for (size_t i = 0; i < port->n_lines; i++) {
        if (port->line[i].fd < 0 ||
            !flood_look(&port->line[i], port->message_bytes_max))
            continue;
        if (port->counts.n_floods++ == 0)
            log_line("gate", "port=%s flood=\"a message without end, cut off\"",
                     port->name);
    }
}
