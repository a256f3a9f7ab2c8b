/* gate_inside.h -- what a gate is made of, for the files that make it */
#ifndef COORDINATOR_GATE_INSIDE_H
#define COORDINATOR_GATE_INSIDE_H

#include "client/flood.h"
#include "coordinator/gate.h"
#include "coordinator/zap.h"

#include <zmq.h>

enum { GATE_PORTS_MAX = 8, GATE_ADDRESS_MAX = 256, GATE_NAME_MAX = 32 };

struct gate_port {
    struct gate *gate;
    char name[GATE_NAME_MAX], address[GATE_ADDRESS_MAX];
    void *socket, *monitor; /* ROUTER, PAIR */
    struct zap_list *list;  /* NULL: plain  */
    size_t message_bytes_max;
    size_t n_connections, n_connections_max, n_lines;
    struct flood *line; /* [n_lines], by descriptor; its fd is -1: no connection */
    zmq_msg_t part[GATE_FRAMES_MAX];
    struct gate_counts counts;
    int64_t refusal_told_ns, full_told_ns; /* monotonic */
};

struct gate {
    void *context;
    struct zap *zap; /* NULL: plain */
    struct key key;
    size_t n_ports;
    struct gate_port *port[GATE_PORTS_MAX];
    size_t n_files;
    int statm;      /* how large this process is; -1: unknown */
    size_t n_pages; /* ... at the last look at floods         */
    int64_t lists_due_ns, floods_due_ns, growth_due_ns; /* monotonic */
};

/* Start to hear of connections that come and go. */
int gate_watch_start(struct gate_port *port, struct err *err);
void gate_watch_stop(struct gate_port *port);

/* Take note of what happened since the last time. */
void gate_watch(struct gate_port *port);

/* Is it the descriptor of one of this port's connections? */
bool gate_watch_has(const struct gate_port *port, int fd);

/* A whole message came over this connection. */
void gate_watch_settle(struct gate_port *port, int fd);

/* Say where its list names more than there is room for. */
void gate_watch_room(const struct gate_port *port);

/* Has this process grown so much that one may be flooding it right now? */
bool gate_watch_has_grown(struct gate *gate);

/* Cut off who has sent more than a message can have without ending it. */
void gate_watch_floods(struct gate_port *port);

#endif /* COORDINATOR_GATE_INSIDE_H */
