#include "coordinator/publisher.h"
#include "coordinator/acknowledged.h"
#include "core/clock.h"
#include "core/log.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

enum {
    ENDPOINT_MAX = 256,
    LINGER_MS = 1000,       /* what a stopping publisher still waits for            */
    QUEUE_MESSAGES = 16,    /* a subscriber further behind loses messages: it asks   */
    REQUEST_BYTES_MAX = 512 /* a request is 80 bytes; ZeroMQ's own greetings ~100    */
};

struct publisher {
    void *context, *updates, *snapshots; /* PUB, ROUTER */
    char updates_endpoint[ENDPOINT_MAX], snapshots_endpoint[ENDPOINT_MAX];
    int64_t heartbeat_due_ns; /* monotonic */
    struct publisher_tally tally;
    struct acknowledged acknowledged;
};

static int fail(struct err *err, const char *what)
{
    return err_set(err, ERR_COMM, "%s: %s", what, zmq_strerror(errno));
}

static int set_option(void *socket, int option, int value)
{
    return zmq_setsockopt(socket, option, &value, sizeof value);
}

static int set_manners(void *socket)
{
    const int64_t longest = REQUEST_BYTES_MAX;

    if (set_option(socket, ZMQ_LINGER, LINGER_MS) != 0 ||
        set_option(socket, ZMQ_SNDHWM, QUEUE_MESSAGES) != 0 ||
        set_option(socket, ZMQ_RCVHWM, QUEUE_MESSAGES) != 0)
        return -1;
    return zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &longest, sizeof longest);
}

static int bind_one(void *context, int type, const char *address, void **socket,
                    char endpoint[ENDPOINT_MAX], struct err *err)
{
    size_t size = ENDPOINT_MAX;

    *socket = zmq_socket(context, type);
    if (*socket == NULL || set_manners(*socket) != 0)
        return fail(err, "a ZeroMQ socket");
    if (zmq_bind(*socket, address) != 0 ||
        zmq_getsockopt(*socket, ZMQ_LAST_ENDPOINT, endpoint, &size) != 0)
        return fail(err, address);
    return 0;
}

int publisher_open(const char *updates, const char *snapshots,
                   struct publisher **publisher, struct err *err)
{
    struct publisher *new = calloc(1, sizeof *new);

    if (new == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a publisher");
    new->context = zmq_ctx_new();
    int status = new->context == NULL ? fail(err, "ZeroMQ") : 0;
    if (status == 0)
        status = bind_one(new->context, ZMQ_PUB, updates, &new->updates,
                          new->updates_endpoint, err);
    if (status == 0)
        status = bind_one(new->context, ZMQ_ROUTER, snapshots, &new->snapshots,
                          new->snapshots_endpoint, err);
    if (status != 0) {
        publisher_close(new);
        return -1;
    }
    *publisher = new;
    return 0;
}

void publisher_close(struct publisher *publisher)
{
    if (publisher == NULL)
        return;
    if (publisher->updates != NULL)
        zmq_close(publisher->updates);
    if (publisher->snapshots != NULL)
        zmq_close(publisher->snapshots);
    if (publisher->context != NULL)
        while (zmq_ctx_term(publisher->context) != 0 && errno == EINTR)
            ;
    free(publisher);
}

const char *publisher_updates(const struct publisher *publisher)
{
    return publisher->updates_endpoint;
}

const char *publisher_snapshots(const struct publisher *publisher)
{
    return publisher->snapshots_endpoint;
}

struct publisher_tally publisher_tally(const struct publisher *publisher)
{
    struct publisher_tally tally = publisher->tally;

    tally.n_acknowledged = publisher->acknowledged.n;
    return tally;
}

/* The bytes are the publication's, and outlive the sockets. */
static void keep(void *bytes, void *hint)
{
    (void)bytes;
    (void)hint;
}

static int send_part(void *socket, const void *bytes, size_t n_bytes, int flags)
{
    while (zmq_send(socket, bytes, n_bytes, flags | ZMQ_DONTWAIT) < 0)
        if (errno != EINTR)
            return -1;
    return 0;
}

/* Sent as it stands, without a copy a receiver. */
static int send_set(void *socket, const struct publication *publication)
{
    zmq_msg_t message;

    if (zmq_msg_init_data(&message, (void *)publication->bytes,
                          publication->name.n_bytes, keep, NULL) != 0)
        return -1;
    while (zmq_msg_send(&message, socket, ZMQ_DONTWAIT) < 0) {
        if (errno == EINTR)
            continue;
        zmq_msg_close(&message);
        return -1;
    }
    return 0;
}

static int send_heartbeat(struct publisher *publisher,
                          const struct publication *publication, struct err *err)
{
    const struct stream_header header =
        stream_header_make(STREAM_HEARTBEAT, &publication->name);

    publisher->heartbeat_due_ns =
        clock_monotonic() + STREAM_HEARTBEAT_MS * (CLOCK_SECOND / 1000);
    if (send_part(publisher->updates, &header, sizeof header, 0) != 0)
        return fail(err, "sending a heartbeat");
    return 0;
}

int publisher_send(struct publisher *publisher, const struct publication *publication,
                   struct err *err)
{
    const struct stream_header header =
        stream_header_make(STREAM_UPDATE, &publication->name);

    publisher->acknowledged.n = 0;
    if (send_part(publisher->updates, &header, sizeof header, ZMQ_SNDMORE) != 0 ||
        send_set(publisher->updates, publication) != 0)
        return fail(err, "sending an update");
    return send_heartbeat(publisher, publication, err);
}

/* One waiting message: who sent it and its last frame; *n_parts counts all its frames.
 * 1 where there is one, 0 where there is none, -1 on failure. */
static int receive(void *socket, zmq_msg_t *sender, zmq_msg_t *frame, size_t *n_parts)
{
    if (zmq_msg_recv(sender, socket, ZMQ_DONTWAIT) < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -1;
    *n_parts = 1;
    for (bool more = zmq_msg_more(sender); more; more = zmq_msg_more(frame)) {
        if (zmq_msg_recv(frame, socket, ZMQ_DONTWAIT) < 0)
            return -1; /* the parts of a message arrive together */
        ++*n_parts;
    }
    return 1;
}

/* Is it a request, or the acknowledgement of this set or of an older one, which may be
 * on its way still when a new set is sent? */
static int check_message(zmq_msg_t *frame, size_t n_parts,
                         const struct publication *publication,
                         struct stream_header *header, struct err *err)
{
    if (n_parts != 2)
        return err_set(err, ERR_INPUT, "a message of %zu frames, not 1", n_parts - 1);
    if (stream_header_read(zmq_msg_data(frame), zmq_msg_size(frame), header, err) != 0)
        return -1;
    const struct stream_name name = stream_header_name(header);
    if (header->kind == STREAM_REQUEST)
        return 0;
    if (header->kind != STREAM_ACKNOWLEDGE)
        return err_set(err, ERR_INPUT, "header: kind %u does not belong here",
                       (unsigned)header->kind);
    if (stream_name_compare(&name, &publication->name) >= 0 &&
        !stream_name_same(&name, &publication->name))
        return err_set(err, ERR_INPUT,
                       "an acknowledgement of version %llu, which was not sent",
                       (unsigned long long)name.version);
    return 0;
}

/* A requester that is gone or does not read loses the answer; it will ask again. */
static void answer(struct publisher *publisher, zmq_msg_t *sender,
                   const struct publication *publication)
{
    const struct stream_header header =
        stream_header_make(STREAM_SNAPSHOT, &publication->name);

    if (send_part(publisher->snapshots, zmq_msg_data(sender), zmq_msg_size(sender),
                  ZMQ_SNDMORE) == 0 &&
        send_part(publisher->snapshots, &header, sizeof header, ZMQ_SNDMORE) == 0 &&
        send_set(publisher->snapshots, publication) == 0)
        publisher->tally.n_snapshots++;
}

/* The first refusal is told, the rest are counted: a flood must not fill the log. */
static void refuse(struct publisher *publisher, const struct err *why)
{
    if (publisher->tally.n_refused++ == 0)
        log_line("publisher", "refused=%s", why->text);
}

static void note(struct publisher *publisher, zmq_msg_t *sender,
                 const struct stream_header *header,
                 const struct publication *publication)
{
    const struct stream_name name = stream_header_name(header);

    if (stream_name_same(&name, &publication->name))
        acknowledged_add(&publisher->acknowledged, zmq_msg_data(sender),
                         zmq_msg_size(sender));
}

static int answer_waiting(struct publisher *publisher,
                          const struct publication *publication, struct err *err)
{
    struct stream_header header;
    zmq_msg_t sender, frame;
    struct err why = {0};
    size_t n_parts = 0;

    zmq_msg_init(&sender);
    zmq_msg_init(&frame);
    const int got = receive(publisher->snapshots, &sender, &frame, &n_parts);
    if (got > 0 && check_message(&frame, n_parts, publication, &header, &why) != 0)
        refuse(publisher, &why);
    else if (got > 0 && header.kind == STREAM_REQUEST)
        answer(publisher, &sender, publication);
    else if (got > 0)
        note(publisher, &sender, &header, publication);
    const int status = got < 0 ? fail(err, "receiving a request") : 0;
    zmq_msg_close(&sender);
    zmq_msg_close(&frame);
    return status;
}

/* Until a request, the heartbeat or until_ns, whichever comes first; rounded up to ms.
 */
static long wait_ms(const struct publisher *publisher, int64_t until_ns)
{
    const int64_t due_ns =
        until_ns < publisher->heartbeat_due_ns ? until_ns : publisher->heartbeat_due_ns;
    const int64_t left_ns = due_ns - clock_monotonic();

    return left_ns > 0 ? (long)(left_ns / (CLOCK_SECOND / 1000) + 1) : 0;
}

int publisher_serve(struct publisher *publisher, const struct publication *publication,
                    int64_t until_ns, struct err *err)
{
    zmq_pollitem_t item = {.socket = publisher->snapshots, .events = ZMQ_POLLIN};
    const size_t n_acknowledged = publisher->acknowledged.n;

    while (publisher->acknowledged.n == n_acknowledged &&
           clock_monotonic() < until_ns) {
        const int n = zmq_poll(&item, 1, wait_ms(publisher, until_ns));

        if (n < 0)
            return errno == EINTR ? 0 : fail(err, "waiting for requests");
        if (n > 0 && answer_waiting(publisher, publication, err) != 0)
            return -1;
        if (clock_monotonic() >= publisher->heartbeat_due_ns &&
            send_heartbeat(publisher, publication, err) != 0)
            return -1;
    }
    return 0;
}
