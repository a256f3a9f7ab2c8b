#include "client/set.h"
#include "client/stream.h"
#include "coordinator/publish.h"
#include "coordinator/server.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/lock.h"
#include "core/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What must be given back, in reverse. */
struct serving {
    struct lock *lock;
    struct publication *publication;
    struct gate *gate;
    struct gate_port *port;
    struct server *server;
};

/* The last one again, or the version after it, which is on disk before anyone sees it.
 */
static int take_version(const struct publish_plan *plan,
                        const struct publish_matter *matter, const char *path,
                        struct publication **publication, struct err *err)
{
    const struct stream_name none = {0};
    struct publication *last, *new;

    if (publish_read_last(path, &last, err) != 0)
        return -1;
    if (publish_is_again(plan, matter, last)) {
        *publication = last;
        return 0;
    }
    int status = publish_check_guard(plan, matter, last, err);
    if (status == 0)
        status = publish_make(plan, matter, last != NULL ? &last->is.name : &none, &new,
                              err);
    publication_free(last);
    if (status != 0)
        return -1;
    status = publish_write_last(path, new, err);
    if (status != 0)
        publication_free(new);
    else
        *publication = new;
    return status;
}

/* ---- serving ---- */

static int open_port(const struct publish_plan *plan, struct serving *serving,
                     struct err *err)
{
    const struct gate_port_options port = {.name = "subscribers",
                                           .address = plan->bind,
                                           .list = plan->subscribers,
                                           .message_bytes_max =
                                               SERVER_REQUEST_BYTES_MAX};
    struct key key;

    if (plan->key != NULL && key_read(plan->key, KEY_CURVE, &key, err) != 0)
        return -1;
    const int status = gate_open(plan->key != NULL ? &key : NULL, &serving->gate, err);
    if (plan->key != NULL)
        key_forget(&key);
    if (status != 0 || gate_listen(serving->gate, &port, &serving->port, err) != 0)
        return -1;
    return server_open(serving->port, &serving->server, err);
}

/* The group "a" of "a,b", and so on; everybody where no audience is asked for. */
static int serve_audience(struct serving *serving, struct err *err)
{
    const char *audience = serving->publication->is.audience;
    char group[TRUST_GROUPS_MAX];

    if (audience[0] == '\0')
        return server_serve(serving->server, NULL, serving->publication, err);
    for (const char *at = audience; *at != '\0';) {
        const size_t n = strcspn(at, ",");

        snprintf(group, sizeof group, "%.*s", (int)n, at);
        if (server_serve(serving->server, group, serving->publication, err) != 0)
            return -1;
        at += n + (at[n] == ',');
    }
    return 0;
}

static void print_start(const struct publish_matter *matter,
                        const struct serving *serving)
{
    const struct manifest *is = &serving->publication->is;
    char sha256[STREAM_DIGEST_MAX], until[CLOCK_TEXT_MAX];

    printf("publishing version %llu, %zu instruments, %llu bytes, sha256 %s\n",
           (unsigned long long)is->name.version, matter->n_instruments,
           (unsigned long long)is->name.n_bytes,
           stream_digest_text(is->name.sha256, sha256));
    printf("valid until %s, signed by %zu, subscribers at %s\n",
           clock_moment_text(is->valid_until_ns, until),
           serving->publication->parts.n_signatures, gate_address(serving->port));
    fflush(stdout);
}

static bool is_enough(const struct publish_plan *plan, const struct serving *serving)
{
    return plan->n_acknowledged > 0 &&
           server_tally(serving->server).n_acknowledged >= (size_t)plan->n_acknowledged;
}

/* A signal that comes just before the waiting is seen one heartbeat later. */
static int serve(const struct publish_plan *plan, const struct serving *serving,
                 struct err *err)
{
    const int64_t end_ns =
        plan->for_ns > 0 ? clock_monotonic() + plan->for_ns : INT64_MAX;

    while (!*plan->stop && !is_enough(plan, serving) && clock_monotonic() < end_ns) {
        const int64_t due_ns = server_due_ns(serving->server);

        if (gate_wait(serving->gate, due_ns < end_ns ? due_ns : end_ns, err) != 0 ||
            server_step(serving->server, err) != 0)
            return -1;
    }
    return 0;
}

static void log_end(const struct serving *serving)
{
    const struct server_tally tally = server_tally(serving->server);
    const struct gate_counts counts = gate_counts(serving->port);

    log_line(
        "publisher",
        "version=%llu sets=%llu dropped=%llu acknowledged=%zu refused=%llu "
        "strangers=%llu revoked=%llu handshakes=%llu floods=%llu",
        (unsigned long long)serving->publication->is.name.version,
        (unsigned long long)tally.n_sets, (unsigned long long)tally.n_dropped,
        tally.n_acknowledged, (unsigned long long)counts.n_refused,
        (unsigned long long)counts.n_strangers, (unsigned long long)counts.n_revoked,
        (unsigned long long)counts.n_handshakes, (unsigned long long)counts.n_floods);
}

static int check_enough(const struct publish_plan *plan, const struct serving *serving,
                        struct err *err)
{
    if (plan->n_acknowledged == 0 || is_enough(plan, serving))
        return 0;
    return err_set(
        err, ERR_STOPPED, "version %llu was acknowledged by %zu of %lld subscribers",
        (unsigned long long)serving->publication->is.name.version,
        server_tally(serving->server).n_acknowledged, (long long)plan->n_acknowledged);
}

static int run(const struct publish_plan *plan, const struct publish_matter *matter,
               struct serving *serving, struct err *err)
{
    char path[FILE_PATH_MAX];

    if (publish_find_state(plan, path, err) != 0 ||
        lock_take(path, &serving->lock, err) != 0 ||
        open_port(plan, serving, err) != 0 ||
        take_version(plan, matter, path, &serving->publication, err) != 0 ||
        serve_audience(serving, err) != 0)
        return -1;
    print_start(matter, serving);
    if (serve(plan, serving, err) != 0)
        return -1;
    log_end(serving);
    return check_enough(plan, serving, err);
}

int publish_directly(const struct publish_plan *plan,
                     const struct publish_matter *matter, struct err *err)
{
    struct serving serving = {0};
    const int status = run(plan, matter, &serving, err);

    server_close(serving.server);
    gate_close(serving.gate);
    publication_free(serving.publication);
    lock_release(serving.lock);
    return status;
}
