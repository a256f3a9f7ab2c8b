#include "coordinator/gate_inside.h"
#include "core/log.h"

#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* ZeroMQ gathers the frames of a message without a limit on their number, and hands
 * nothing over before the last.  So bytes are counted where they arrive, at the
 * connection: one that has brought more than the largest message since its last whole
 * one is shut down, and ZeroMQ drops what it has gathered.
 *
 * A descriptor may have been closed and be another connection's by the time it is shut
 * down: that one connects again. */

enum {
    EVENTS = ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CLOSED |
             ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
             ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH
};

int gate_watch_start(struct gate_port *port, struct err *err)
{
    static int n_monitors;
    const int no_limit = 0;
    char address[64];

    snprintf(address, sizeof address, "inproc://gate-monitor-%d", n_monitors++);
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

static struct gate_line *find_line(struct gate_port *port, int fd)
{
    for (size_t i = 0; i < port->n_lines; i++)
        if (port->line[i].fd == fd)
            return &port->line[i];
    return NULL;
}

/* Without memory the connection is not watched. */
static void add_line(struct gate_port *port, int fd)
{
    struct gate_line *line = find_line(port, fd);

    if (line == NULL && port->n_lines == port->n_lines_allocated) {
        const size_t n = 2 * port->n_lines_allocated + 64;
        struct gate_line *grown = realloc(port->line, n * sizeof *grown);

        if (grown == NULL)
            return;
        port->line = grown;
        port->n_lines_allocated = n;
    }
    if (line == NULL)
        line = &port->line[port->n_lines++];
    *line = (struct gate_line){.fd = fd};
}

static void drop_line(struct gate_port *port, int fd)
{
    struct gate_line *line = find_line(port, fd);

    if (line != NULL)
        *line = port->line[--port->n_lines];
}

void gate_watch_settle(struct gate_port *port, int fd)
{
    struct gate_line *line = find_line(port, fd);

    if (line != NULL)
        line->is_fresh = true;
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

static bool count_received(int fd, uint64_t *n_bytes)
{
    struct tcp_info info = {0};
    socklen_t size = sizeof info;

    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 ||
        size < offsetof(struct tcp_info, tcpi_bytes_received) +
                   sizeof info.tcpi_bytes_received)
        return false; /* ipc:// */
    *n_bytes = info.tcpi_bytes_received;
    return true;
}

void gate_watch_floods(struct gate_port *port)
{
    for (size_t i = 0; i < port->n_lines; i++) {
        struct gate_line *line = &port->line[i];
        uint64_t n_received;

        if (!count_received(line->fd, &n_received))
            continue;
        if (line->is_fresh || n_received < line->n_settled)
            line->n_settled = n_received;
        line->is_fresh = false;
        if (n_received - line->n_settled <= port->n_unsettled_max)
            continue;
        shutdown(line->fd, SHUT_RDWR);
        line->n_settled = n_received;
        if (port->counts.n_floods++ == 0)
            log_line("gate", "port=%s flood=\"a message without end, cut off\"",
                     port->name);
    }
}
