#include "coordinator/server.h"
#include "client/stream.h"
#include "coordinator/subscribers.h"
#include "core/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    STEP_MESSAGES = 4096, /* taken in one step: heartbeats have to go out, too        */
    ANSWER_MS = 300,      /* who asks again before gets no set: it is on its way      */
    GONE_MS = 10000,      /* who has not said anything for so long is gone            */
};

static const int64_t MS = CLOCK_SECOND / 1000;

struct group {
    char name[KEY_NAME_MAX]; /* "": everybody */
    const struct publication *publication;
};

struct server {
    struct gate_port *port;
    size_t n_groups;
    struct group group[SERVER_GROUPS_MAX];
    struct subscribers all;
    int64_t heartbeat_due_ns; /* monotonic */
    uint64_t n_sets, n_dropped;
};

int server_open(struct gate_port *port, struct server **server, struct err *err)
{
    struct server *new = calloc(1, sizeof *new);

    if (new == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a server");
    new->port = port;
    *server = new;
    return 0;
}

void server_close(struct server *server)
{
    if (server == NULL)
        return;
    for (size_t i = 0; i < server->n_groups; i++)
        publication_free(server->group[i].publication);
    subscribers_free(&server->all);
    free(server);
}

int64_t server_due_ns(const struct server *server)
{
    return server->heartbeat_due_ns;
}

/* ---- what goes out ---- */

/* The newest of those for its groups and for everybody; NULL: nothing. */
static const struct publication *meant_for(const struct server *server,
                                           const struct subscriber *subscriber)
{
    const struct publication *newest = NULL;

    for (size_t i = 0; i < server->n_groups; i++) {
        const struct group *group = &server->group[i];

        if (group->publication == NULL ||
            (group->name[0] != '\0' &&
             !trust_is_in(subscriber->is.groups, group->name)))
            continue;
        if (newest == NULL ||
            stream_name_compare(&group->publication->is.name, &newest->is.name) > 0)
            newest = group->publication;
    }
    return newest;
}

static void note_sent(struct server *server, struct subscriber *subscriber,
                      enum gate_sent sent)
{
    if (sent == GATE_GONE)
        subscribers_part(&server->all, subscriber);
}

static void send_heartbeat(struct server *server, struct subscriber *subscriber)
{
    const struct publication *meant = meant_for(server, subscriber);
    const struct stream_header header =
        stream_header_make(STREAM_HEARTBEAT, meant != NULL ? &meant->is.name : NULL);
    const struct gate_frame frame = {.bytes = &header, .n_bytes = sizeof header};

    note_sent(server, subscriber,
              gate_send(server->port, &subscriber->peer, 1, &frame));
}

static void send_set(struct server *server, struct subscriber *subscriber,
                     const struct publication *set)
{
    const struct publication_parts *parts = &set->parts;
    struct stream_header header = stream_header_make(STREAM_SET, &set->is.name);

    header.n_signatures = (uint16_t)parts->n_signatures;
    header.n_manifest = (uint16_t)parts->n_manifest;
    const struct gate_frame frame[] = {
        {.bytes = &header, .n_bytes = sizeof header},
        {.bytes = parts->manifest, .n_bytes = parts->n_manifest, .owner = set},
        {.bytes = parts->signature,
         .n_bytes = parts->n_signatures * sizeof *parts->signature,
         .owner = set},
        {.bytes = parts->set, .n_bytes = parts->n_set, .owner = set},
    };
    const enum gate_sent sent =
        gate_send(server->port, &subscriber->peer, STREAM_FRAMES_MAX, frame);
    server->n_sets += sent == GATE_SENT;
    server->n_dropped += sent == GATE_FULL;
    subscriber->is.n_sent += sent == GATE_SENT;
    subscriber->is.n_dropped += sent == GATE_FULL;
    note_sent(server, subscriber, sent);
}

/* What it should hold from now on; true where that is another set than before. */
static bool mean(struct subscriber *subscriber, const struct publication *meant)
{
    const struct stream_name name =
        meant != NULL ? meant->is.name : (struct stream_name){0};

    if (stream_name_same(&name, &subscriber->is.meant))
        return false;
    subscriber->is.meant = name;
    subscriber->is.meant_ns = clock_now();
    return true;
}

/* By falling index: who is gone drops out of the rows behind the one at hand. */
int server_serve(struct server *server, const char *group,
                 const struct publication *publication, struct err *err)
{
    const char *name = group != NULL ? group : "";
    size_t i = 0;

    while (i < server->n_groups && strcmp(server->group[i].name, name) != 0)
        i++;
    if (i == SERVER_GROUPS_MAX || strlen(name) >= KEY_NAME_MAX)
        return err_set(err, ERR_BUG, "no place for the group %.60s", name);
    if (i == server->n_groups)
        snprintf(server->group[server->n_groups++].name, KEY_NAME_MAX, "%s", name);
    publication_free(server->group[i].publication);
    server->group[i].publication =
        publication != NULL ? publication_share(publication) : NULL;
    for (size_t k = server->all.n; k-- > 0;) {
        struct subscriber *subscriber = server->all.row[k];
        const struct publication *meant = meant_for(server, subscriber);

        if (subscriber->is.is_there && mean(subscriber, meant) && meant != NULL)
            send_set(server, subscriber, meant);
    }
    return 0;
}

/* Who is silent, or struck off, is let go.  By falling index, as above. */
static void send_heartbeats(struct server *server)
{
    const int64_t now_ns = clock_monotonic();

    server->heartbeat_due_ns = now_ns + STREAM_HEARTBEAT_MS * MS;
    for (size_t i = server->all.n; i-- > 0;) {
        struct subscriber *subscriber = server->all.row[i];
        struct trust_key who = {0};

        if (!subscriber->is.is_there)
            continue;
        memcpy(who.public, subscriber->is.public, KEY_BYTES);
        const bool is_silent = now_ns >= subscriber->heard_ns + GONE_MS * MS;
        if (is_silent)
            gate_cut(server->port, subscriber->fd);
        if (is_silent || !gate_is_listed(server->port, &who))
            subscribers_part(&server->all, subscriber);
        else
            send_heartbeat(server, subscriber);
    }
}

/* ---- what comes in ---- */

/* What it says that it holds. */
static void note_held(struct subscriber *subscriber, const struct stream_name *held)
{
    subscriber->heard_ns = clock_monotonic();
    subscriber->is.heard_ns = clock_now();
    if (stream_name_same(held, &subscriber->is.held))
        return;
    subscriber->is.held = *held;
    subscriber->is.held_ns = subscriber->is.heard_ns;
}

/* The set, or, where it holds that, the heartbeat that says so. */
static void answer(struct server *server, struct subscriber *subscriber)
{
    const struct publication *meant = meant_for(server, subscriber);
    const int64_t now_ns = clock_monotonic();

    mean(subscriber, meant);
    if (meant == NULL || stream_name_same(&meant->is.name, &subscriber->is.held)) {
        send_heartbeat(server, subscriber);
        return;
    }
    if (subscriber->answered_ns != INT64_MIN &&
        now_ns < subscriber->answered_ns + ANSWER_MS * MS)
        return;
    subscriber->answered_ns = now_ns;
    send_set(server, subscriber, meant);
}

static int take(struct server *server, const struct gate_message *message,
                struct err *err)
{
    struct subscriber *subscriber = subscribers_find(&server->all, &message->from);
    struct stream_header header;

    if (message->n_frames != 1)
        return err_set(err, ERR_INPUT, "a message of %zu frames, not 1",
                       message->n_frames);
    if (stream_header_read(message->frame[0].bytes, message->frame[0].n_bytes, &header,
                           err) != 0)
        return -1;
    if (header.kind != STREAM_REQUEST && header.kind != STREAM_ACKNOWLEDGE)
        return err_set(err, ERR_INPUT, "header: kind %u does not belong here",
                       (unsigned)header.kind);
    if (subscriber == NULL &&
        subscribers_add(&server->all, message, &subscriber, err) != 0)
        return -1;
    subscriber->fd = message->fd;
    memcpy(subscriber->is.groups, message->who.groups, sizeof subscriber->is.groups);
    const struct stream_name held = stream_header_name(&header);
    note_held(subscriber, &held);
    if (header.kind == STREAM_REQUEST)
        answer(server, subscriber);
    return 0;
}

int server_step(struct server *server, struct err *err)
{
    struct gate_message message;
    struct err why = {0};
    int got = 1;

    for (int n = 0; n < STEP_MESSAGES; n++) {
        got = gate_receive(server->port, &message, err);
        if (got <= 0)
            break;
        if (take(server, &message, &why) != 0)
            gate_refuse(server->port, message.who.name, why.text);
    }
    if (got < 0)
        return -1;
    if (clock_monotonic() >= server->heartbeat_due_ns)
        send_heartbeats(server);
    return 0;
}

/* ---- who is there ---- */

size_t server_n_subscribers(const struct server *server)
{
    return server->all.n;
}

const struct server_subscriber *server_subscriber(const struct server *server, size_t i)
{
    return &server->all.row[i]->is;
}

static bool holds_meant(const struct server_subscriber *subscriber)
{
    return subscriber->meant.version != 0 &&
           stream_name_same(&subscriber->meant, &subscriber->held);
}

static int compare_keys(const void *a, const void *b)
{
    const struct server_subscriber *const *left = a, *const *right = b;

    return memcmp((*left)->public, (*right)->public, KEY_BYTES);
}

/* A key is one subscriber, however often it has connected; in plain mode each
 * connection is.  The rows, which are sorted, from `i` on that are of one. */
static size_t n_of_one(size_t n, const struct server_subscriber *const row[], size_t i)
{
    static const uint8_t plain[KEY_BYTES];
    size_t end = i + 1;

    if (memcmp(row[i]->public, plain, KEY_BYTES) != 0)
        while (end < n && compare_keys(&row[i], &row[end]) == 0)
            end++;
    return end - i;
}

static const struct server_subscriber **new_rows(const struct server *server)
{
    return calloc(server->all.n + 1, sizeof(const struct server_subscriber *));
}

/* One that holds it on one connection and not on another does not hold it yet. */
static struct server_group_count count_keys(size_t n,
                                            const struct server_subscriber *row[])
{
    struct server_group_count count = {0};

    if (n > 1)
        qsort(row, n, sizeof *row, compare_keys);
    for (size_t i = 0, n_same; i < n; i += n_same) {
        bool holds = true;

        n_same = n_of_one(n, row, i);
        for (size_t k = i; k < i + n_same; k++)
            holds = holds && holds_meant(row[k]);
        count.n_present++;
        count.n_acknowledged += holds;
    }
    return count;
}

/* Without memory nobody is counted, and nothing goes on to the next group. */
struct server_group_count server_count(const struct server *server, const char *group)
{
    const struct server_subscriber **row = new_rows(server);
    size_t n = 0;

    for (size_t i = 0; row != NULL && i < server->all.n; i++) {
        const struct server_subscriber *subscriber = server_subscriber(server, i);

        if (subscriber->is_there &&
            (group == NULL || trust_is_in(subscriber->groups, group)))
            row[n++] = subscriber;
    }
    const struct server_group_count count = count_keys(n, row);
    free(row);
    return count;
}

struct server_tally server_tally(const struct server *server)
{
    const struct server_subscriber **holder = new_rows(server);
    struct server_tally tally = {.n_sets = server->n_sets,
                                 .n_dropped = server->n_dropped};
    size_t n = 0;

    for (size_t i = 0; i < server->all.n; i++) {
        const struct server_subscriber *subscriber = server_subscriber(server, i);

        tally.n_present += subscriber->is_there;
        if (holder != NULL && holds_meant(subscriber))
            holder[n++] = subscriber;
    }
    tally.n_acknowledged = count_keys(n, holder).n_present;
    free(holder);
    return tally;
}
