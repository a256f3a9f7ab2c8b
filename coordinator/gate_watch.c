#include "coordinator/gate_inside.h"
#include "core/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static struct flood *find_line(struct gate_port *port, int fd)
{
    for (size_t i = 0; i < port->n_lines; i++)
        if (port->line[i].fd == fd)
            return &port->line[i];
    return NULL;
}

/* Without memory the connection is not watched. */
static void add_line(struct gate_port *port, int fd)
{
    struct flood *line = find_line(port, fd);

    if (line == NULL && port->n_lines == port->n_lines_allocated) {
        const size_t n = 2 * port->n_lines_allocated + 64;
        struct flood *grown = realloc(port->line, n * sizeof *grown);

        if (grown == NULL)
            return;
        port->line = grown;
        port->n_lines_allocated = n;
    }
    if (line == NULL)
        line = &port->line[port->n_lines++];
    *line = (struct flood){.fd = fd};
}

static void drop_line(struct gate_port *port, int fd)
{
    struct flood *line = find_line(port, fd);

    if (line != NULL)
        *line = port->line[--port->n_lines];
}

void gate_watch_settle(struct gate_port *port, int fd)
{
    struct flood *line = find_line(port, fd);

    if (line != NULL)
        line->is_settled = true;
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

void gate_watch_floods(struct gate_port *port)
{
    for (size_t i = 0; i < port->n_lines; i++) {
        if (!flood_look(&port->line[i], port->message_bytes_max))
            continue;
        if (port->counts.n_floods++ == 0)
            log_line("gate", "port=%s flood=\"a message without end, cut off\"",
                     port->name);
    }
}
