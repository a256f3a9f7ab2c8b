#include "client/set.h"
#include "client/stream.h"
#include "coordinator/publish.h"
#include "coordinator/server.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/lock.h"
#include "core/log.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What must be given back, in reverse. */
struct serving {
    struct lock *lock;
    struct publication *publication;
    struct gate *gate;
    struct gate_port *port;
    struct server *server;
};

/* ---- the last publication ---- */

static int find_state(const struct publish_plan *plan, char path[FILE_PATH_MAX],
                      struct err *err)
{
    char copy[FILE_PATH_MAX];

    if (plan->state != NULL)
        return file_make_directory(plan->state, err) != 0
                   ? -1
                   : file_join(plan->state, "last.publication", path, err);
    snprintf(copy, sizeof copy, "%s", plan->path);
    return file_join(dirname(copy), "last.publication", path, err);
}

/* NULL where there is none yet. */
static int read_last(const char *path, struct publication **last, struct err *err)
{
    size_t n_bytes;
    char *bytes;

    *last = NULL;
    if (access(path, F_OK) != 0 && errno == ENOENT)
        return 0;
    if (file_read(path, PLIMSOLL_SET_BYTES_MAX + (1 << 20), &bytes, &n_bytes, err) != 0)
        return -1;
    const int status = publication_unpack(bytes, n_bytes, last, err);
    free(bytes);
    return status != 0 ? err_add(err, "%s", path) : 0;
}

static bool has_signed(const struct publication *publication, const struct key *key)
{
    uint8_t id[KEY_ID_BYTES];

    key_id(key->public, id);
    for (size_t i = 0; i < publication->parts.n_signatures; i++)
        if (memcmp(publication->parts.signature[i].key_id, id, sizeof id) == 0)
            return true;
    return false;
}

/* Can the last one go out again: the same set, valid still, by the same keys? */
static bool is_again(const struct publish_plan *plan,
                     const struct publish_matter *matter,
                     const struct publication *last)
{
    bool is_early;

    if (last == NULL || publish_is_new(plan) ||
        stream_name_check(&last->is.name, matter->set, matter->n_set, NULL) != 0 ||
        manifest_check_time(&last->is, clock_now(), &is_early, NULL) != 0 ||
        last->parts.n_signatures != matter->n_keys)
        return false;
    for (size_t i = 0; i < matter->n_keys; i++)
        if (!has_signed(last, &matter->key[i]))
            return false;
    return true;
}

static int write_last(const char *path, const struct publication *publication,
                      struct err *err)
{
    size_t n_bytes;
    char *bytes;

    if (publication_pack(publication, &bytes, &n_bytes, err) != 0)
        return -1;
    const int status = file_replace(path, bytes, n_bytes, err);
    free(bytes);
    return status;
}

/* The last one again, or the version after it, which is on disk before anyone sees it.
 */
static int take_version(const struct publish_plan *plan,
                        const struct publish_matter *matter, const char *path,
                        struct publication **publication, struct err *err)
{
    const struct stream_name none = {0};
    struct publication *last, *new;

    if (read_last(path, &last, err) != 0)
        return -1;
    if (is_again(plan, matter, last)) {
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
    status = write_last(path, new, err);
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

    if (find_state(plan, path, err) != 0 || lock_take(path, &serving->lock, err) != 0 ||
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
