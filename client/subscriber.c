#include "client/subscriber.h"
#include "client/holding.h"
#include "client/stream.h"
#include "core/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

enum {
    QUEUE_MESSAGES = 8,      /* waiting here; what is lost is asked for again         */
    ASK_AGAIN_MS = 5000,     /* after a request that went out                         */
    CONNECT_AGAIN_MS = 50,   /* after one that could not: no connection yet           */
    PING_MS = 2000,          /* ZeroMQ's own: finds connections that died silently    */
    RECONNECT_MAX_MS = 1000, /* the longest pause between attempts, but for 100 ms    */
    GOODBYE_MS = 1500,       /* to tell what is held, a new connection included       */
    SILENCE_MS = STREAM_SILENT_INTERVALS * STREAM_HEARTBEAT_MS,
};

static const int64_t MS = CLOCK_SECOND / 1000;

struct plimsoll_subscriber {
    void *context, *updates, *snapshots; /* SUB, DEALER */
    struct holding *holding;
    bool wants_snapshot, is_confirmed, is_silent, fault_told, owes_acknowledgement;
    int64_t ask_due_ns, heard_ns;         /* monotonic */
    struct stream_name refused_heartbeat; /* told once, not every second */
};

/* ---- opening and closing ---- */

static int fail(struct err *err, const char *what)
{
    return err_set(err, ERR_COMM, "%s: %s", what, zmq_strerror(errno));
}

static int set_manners(void *socket, int type)
{
    static const struct {
        int option, value;
    } manners[] = {
        {ZMQ_LINGER, GOODBYE_MS},
        {ZMQ_SNDHWM, QUEUE_MESSAGES},
        {ZMQ_RCVHWM, QUEUE_MESSAGES},
        {ZMQ_IMMEDIATE, 1}, /* requests are not queued for one who is not there */
        {ZMQ_RECONNECT_IVL_MAX, RECONNECT_MAX_MS},
        {ZMQ_HEARTBEAT_IVL, PING_MS},
    };
    const int64_t longest = PLIMSOLL_SET_BYTES_MAX;

    for (size_t i = 0; i < sizeof manners / sizeof *manners; i++)
        if (zmq_setsockopt(socket, manners[i].option, &manners[i].value, sizeof(int)) !=
            0)
            return -1;
    if (type == ZMQ_SUB && zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0) != 0)
        return -1;
    return zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &longest, sizeof longest);
}

static int connect_one(void *context, int type, const char *address, void **socket,
                       struct err *err)
{
    *socket = zmq_socket(context, type);
    if (*socket == NULL || set_manners(*socket, type) != 0)
        return fail(err, "a ZeroMQ socket");
    if (zmq_connect(*socket, address) != 0)
        return fail(err, address);
    return 0;
}

static int connect_both(struct plimsoll_subscriber *subscriber,
                        const struct plimsoll_options *options, struct err *err)
{
    subscriber->context = zmq_ctx_new();
    if (subscriber->context == NULL)
        return fail(err, "ZeroMQ");
    if (connect_one(subscriber->context, ZMQ_SUB, options->updates,
                    &subscriber->updates, err) != 0)
        return -1;
    return connect_one(subscriber->context, ZMQ_DEALER, options->snapshots,
                       &subscriber->snapshots, err);
}

/* Tell the publisher what is held, if it can be told within wait_ms.  Where it cannot,
 * the next heartbeat brings another occasion. */
static void acknowledge(struct plimsoll_subscriber *subscriber, long wait_ms)
{
    const struct stream_header header =
        stream_header_make(STREAM_ACKNOWLEDGE, holding_name(subscriber->holding));
    zmq_pollitem_t item = {.socket = subscriber->snapshots, .events = ZMQ_POLLOUT};

    if (wait_ms > 0 && zmq_poll(&item, 1, wait_ms) <= 0)
        return;
    subscriber->owes_acknowledgement =
        zmq_send(subscriber->snapshots, &header, sizeof header, ZMQ_DONTWAIT) < 0;
}

int plimsoll_subscriber_open(const struct plimsoll_options *options,
                             struct plimsoll_subscriber **subscriber, struct err *err)
{
    if (stream_check_address(options->updates, options->insecure, err) != 0 ||
        stream_check_address(options->snapshots, options->insecure, err) != 0)
        return -1;
    struct plimsoll_subscriber *new = calloc(1, sizeof *new);
    if (new == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a subscriber");
    new->wants_snapshot = true;
    new->heard_ns = clock_monotonic();
    if (holding_open(options->store, &new->holding, err) != 0 ||
        connect_both(new, options, err) != 0) {
        plimsoll_subscriber_close(new);
        return -1;
    }
    *subscriber = new;
    return 0;
}

void plimsoll_subscriber_close(struct plimsoll_subscriber *subscriber)
{
    if (subscriber == NULL)
        return;
    if (subscriber->owes_acknowledgement)
        acknowledge(subscriber, GOODBYE_MS);
    if (subscriber->updates != NULL)
        zmq_close(subscriber->updates);
    if (subscriber->snapshots != NULL)
        zmq_close(subscriber->snapshots);
    if (subscriber->context != NULL)
        while (zmq_ctx_term(subscriber->context) != 0 && errno == EINTR)
            ;
    holding_close(subscriber->holding);
    free(subscriber);
}

const struct plimsoll_set *plimsoll_subscriber_set(
    const struct plimsoll_subscriber *subscriber)
{
    return holding_set(subscriber->holding);
}

const struct plimsoll_set *plimsoll_subscriber_previous(
    const struct plimsoll_subscriber *subscriber)
{
    return holding_previous(subscriber->holding);
}

/* ---- what an arriving message means ---- */

struct message {
    zmq_msg_t header, body;
    size_t n_parts;
};

static void tell(const struct plimsoll_subscriber *subscriber,
                 enum plimsoll_event_kind kind, const char *text,
                 struct plimsoll_event *event)
{
    event->kind = kind;
    if (holding_set(subscriber->holding) != NULL)
        event->version = holding_name(subscriber->holding)->version;
    snprintf(event->text, sizeof event->text, "%s", text);
}

static void refuse(const struct plimsoll_subscriber *subscriber, const struct err *why,
                   struct plimsoll_event *event)
{
    tell(subscriber, PLIMSOLL_REFUSED, why->text, event);
    event->cause = why->kind;
}

static void hear(struct plimsoll_subscriber *subscriber)
{
    subscriber->heard_ns = clock_monotonic();
    subscriber->is_silent = false;
}

static void be_current(struct plimsoll_subscriber *subscriber)
{
    subscriber->is_confirmed = true;
    subscriber->wants_snapshot = false;
    subscriber->ask_due_ns = 0;
    acknowledge(subscriber, 0);
}

static void confirm(struct plimsoll_subscriber *subscriber,
                    struct plimsoll_event *event)
{
    if (!subscriber->is_confirmed)
        tell(subscriber, PLIMSOLL_CONFIRMED, "", event);
    be_current(subscriber);
}

static void take_heartbeat(struct plimsoll_subscriber *subscriber,
                           const struct stream_name *name, struct plimsoll_event *event)
{
    const struct stream_name *held = holding_name(subscriber->holding);
    struct err why = {0};

    hear(subscriber);
    if (holding_check_order(subscriber->holding, name, &why) != 0) {
        if (!stream_name_same(name, &subscriber->refused_heartbeat))
            refuse(subscriber, &why, event);
        subscriber->refused_heartbeat = *name;
        return;
    }
    if (holding_set(subscriber->holding) != NULL && stream_name_same(name, held))
        confirm(subscriber, event);
    else
        subscriber->wants_snapshot = true;
}

static void take_set(struct plimsoll_subscriber *subscriber,
                     const struct stream_name *name, struct message *message,
                     struct plimsoll_event *event)
{
    const struct stream_name before = *holding_name(subscriber->holding);
    struct err why = {0};
    const int taken =
        holding_offer(subscriber->holding, name, zmq_msg_data(&message->body),
                      zmq_msg_size(&message->body), &why);

    if (taken < 0) {
        refuse(subscriber, &why, event);
        return;
    }
    if (taken == 0) {
        confirm(subscriber, event);
        return;
    }
    be_current(subscriber);
    tell(subscriber, PLIMSOLL_NEW_SET, "", event);
    if (before.epoch == name->epoch && before.version < name->version)
        event->n_missed = name->version - before.version - 1;
}

/* Is it of a kind that belongs on this socket, in as many frames as it must have? */
static int check_message(struct message *message, bool is_update,
                         struct stream_header *header, struct err *err)
{
    if (stream_header_read(zmq_msg_data(&message->header),
                           zmq_msg_size(&message->header), header, err) != 0)
        return -1;
    if (is_update ? header->kind != STREAM_HEARTBEAT && header->kind != STREAM_UPDATE
                  : header->kind != STREAM_SNAPSHOT)
        return err_set(err, ERR_INPUT, "header: kind %u does not belong here",
                       (unsigned)header->kind);
    const size_t n_parts = header->kind == STREAM_HEARTBEAT ? 1 : 2;
    if (message->n_parts != n_parts)
        return err_set(err, ERR_INPUT, "a message of %zu frames, not %zu",
                       message->n_parts, n_parts);
    return 0;
}

static void take(struct plimsoll_subscriber *subscriber, struct message *message,
                 bool is_update, struct plimsoll_event *event)
{
    struct stream_header header;
    struct err why = {0};

    if (check_message(message, is_update, &header, &why) != 0) {
        refuse(subscriber, &why, event);
        return;
    }
    const struct stream_name name = stream_header_name(&header);
    if (header.kind == STREAM_HEARTBEAT) {
        take_heartbeat(subscriber, &name, event);
        return;
    }
    hear(subscriber);
    take_set(subscriber, &name, message, event);
}

/* 1 where a message came, 0 where none waits.  Frames beyond the second are counted
 * and dropped. */
static int receive(void *socket, struct message *message)
{
    zmq_msg_t *part = &message->header;

    message->n_parts = 0;
    for (;;) {
        if (zmq_msg_recv(part, socket, ZMQ_DONTWAIT) < 0)
            return message->n_parts == 0 && (errno == EAGAIN || errno == EINTR) ? 0
                                                                                : -1;
        message->n_parts++;
        if (!zmq_msg_more(part))
            return 1;
        part = &message->body;
    }
}

static int take_waiting(struct plimsoll_subscriber *subscriber, bool is_update,
                        struct plimsoll_event *event, struct err *err)
{
    void *socket = is_update ? subscriber->updates : subscriber->snapshots;
    struct message message;

    zmq_msg_init(&message.header);
    zmq_msg_init(&message.body);
    const int got = receive(socket, &message);
    if (got > 0)
        take(subscriber, &message, is_update, event);
    const int status = got < 0 ? fail(err, "receiving") : 0;
    zmq_msg_close(&message.header);
    zmq_msg_close(&message.body);
    return status;
}

/* ---- asking and waiting ---- */

static int ask(struct plimsoll_subscriber *subscriber, struct err *err)
{
    const struct stream_header header =
        stream_header_make(STREAM_REQUEST, holding_name(subscriber->holding));
    const int sent =
        zmq_send(subscriber->snapshots, &header, sizeof header, ZMQ_DONTWAIT);

    if (sent < 0 && errno != EAGAIN && errno != EINTR)
        return fail(err, "asking for the snapshot");
    subscriber->ask_due_ns =
        clock_monotonic() + (sent < 0 ? CONNECT_AGAIN_MS : ASK_AGAIN_MS) * MS;
    return 0;
}

/* What is due without a message: the store's fault, the silence, a request. */
static int do_due(struct plimsoll_subscriber *subscriber, struct plimsoll_event *event,
                  struct err *err)
{
    const int64_t now_ns = clock_monotonic();
    const char *fault = holding_fault(subscriber->holding);

    if (fault != NULL && !subscriber->fault_told) {
        subscriber->fault_told = true;
        tell(subscriber, PLIMSOLL_REFUSED, fault, event);
        return 0;
    }
    if (!subscriber->is_silent && now_ns >= subscriber->heard_ns + SILENCE_MS * MS) {
        subscriber->is_silent = true;
        subscriber->is_confirmed = false;
        subscriber->wants_snapshot = true;
        tell(subscriber, PLIMSOLL_SILENT, "no heartbeat for 3 intervals", event);
        return 0;
    }
    if (subscriber->wants_snapshot && now_ns >= subscriber->ask_due_ns)
        return ask(subscriber, err);
    return 0;
}

static long wait_ms(const struct plimsoll_subscriber *subscriber, int64_t until_ns)
{
    const int64_t silent_ns = subscriber->heard_ns + SILENCE_MS * MS;
    int64_t due_ns = until_ns;

    if (!subscriber->is_silent && silent_ns < due_ns)
        due_ns = silent_ns;
    if (subscriber->wants_snapshot && subscriber->ask_due_ns < due_ns)
        due_ns = subscriber->ask_due_ns;
    const int64_t left_ns = due_ns - clock_monotonic();
    return left_ns > 0 ? (long)(left_ns / MS + 1) : 0;
}

/* Wait for either socket and take one message from it.  1 where a signal came. */
static int wait_and_take(struct plimsoll_subscriber *subscriber, int64_t until_ns,
                         struct plimsoll_event *event, struct err *err)
{
    zmq_pollitem_t item[] = {
        {.socket = subscriber->updates, .events = ZMQ_POLLIN},
        {.socket = subscriber->snapshots, .events = ZMQ_POLLIN},
    };

    if (zmq_poll(item, 2, wait_ms(subscriber, until_ns)) < 0)
        return errno == EINTR ? 1 : fail(err, "waiting");
    if (item[0].revents != 0)
        return take_waiting(subscriber, true, event, err);
    if (item[1].revents != 0)
        return take_waiting(subscriber, false, event, err);
    return 0;
}

int plimsoll_subscriber_next(struct plimsoll_subscriber *subscriber, int timeout_ms,
                             struct plimsoll_event *event, struct err *err)
{
    const int64_t until_ns = clock_monotonic() + timeout_ms * MS;
    int status;

    *event = (struct plimsoll_event){0};
    tell(subscriber, PLIMSOLL_NOTHING, "", event);
    do {
        if (do_due(subscriber, event, err) != 0)
            return -1;
        if (event->kind != PLIMSOLL_NOTHING)
            return 0;
        status = wait_and_take(subscriber, until_ns, event, err);
        if (status < 0)
            return -1;
    } while (status == 0 && event->kind == PLIMSOLL_NOTHING &&
             clock_monotonic() < until_ns);
    return 0;
}
