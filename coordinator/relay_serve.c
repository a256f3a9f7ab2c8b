#include "coordinator/relay_serve.h"
#include "coordinator/intake.h"
#include "coordinator/relay_control.h"
#include "coordinator/relay_post.h"
#include "coordinator/relay_store.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const int64_t MS = CLOCK_SECOND / 1000;

enum {
    STEP_MS = 50,     /* between looks at what no socket wakes us for */
    FEED_STEP_MS = 5, /* ... while the other relay takes records */
    FOLLOW_STEP_MS = 20,
    STATUS_MS = 1000,
    OTHERS_MAX = 32,             /* connections at ports that are not the engines' */
    OFFER_BYTES_MAX = 257 << 20, /* a set, its manifest, its signatures */
};

/* ---- opening ---- */

/* Whoever may write the store may govern: the socket is its owner's alone. */
static int open_control(struct relay_post *post, struct err *err)
{
    char address[RELAY_CONTROL_MAX];

    if (relay_control_address(&post->config->keys, address, err) != 0)
        return -1;
    const struct gate_port_options options = {.name = "control",
                                              .address = address,
                                              .message_bytes_max = OFFER_BYTES_MAX,
                                              .connections_max = OTHERS_MAX};
    const mode_t mask = umask(0077);
    const int status =
        gate_open(NULL, &post->control_gate, err) != 0
            ? -1
            : gate_listen(post->control_gate, &options, &post->control, err);
    umask(mask);
    return status;
}

static int open_feed(struct relay_post *post, struct err *err)
{
    const struct relay_keys *keys = &post->config->keys;
    const struct gate_port_options options = {.name = "feed",
                                              .address = keys->feed,
                                              .list = keys->relays,
                                              .message_bytes_max = 512,
                                              .connections_max = OTHERS_MAX};

    if (keys->feed == NULL)
        return 0;
    if (gate_open(post->curve, &post->feed_gate, err) != 0)
        return -1;
    return gate_listen(post->feed_gate, &options, &post->feed, err);
}

static int open_follow(struct relay_post *post, struct err *err)
{
    const struct relay_keys *keys = &post->config->keys;

    if (keys->follow_address == NULL)
        return 0;
    if (post->curve != NULL &&
        trust_read_one(keys->follow_key, KEY_CURVE, &post->other, err) != 0)
        return -1;
    return line_open(keys->follow_address, post->curve, post->other.public,
                     &post->follow, err);
}

static int open_post(struct relay_post *post, struct err *err)
{
    const struct relay_keys *keys = &post->config->keys;

    post->started_ns = clock_now();
    post->follower.next = FEED_FIND;
    post->opened_ns = clock_monotonic();
    if (!keys->plain) {
        if (key_read(keys->key, KEY_CURVE, &post->key, err) != 0)
            return -1;
        post->curve = &post->key;
    }
    if (relay_open(post->config, &post->relay, err) != 0 ||
        open_control(post, err) != 0 || open_feed(post, err) != 0)
        return -1;
    return open_follow(post, err);
}

/* ---- serving or not ---- */

static void stop_serving(struct relay_post *post)
{
    server_close(post->server);
    gate_close(post->gate);
    post->server = NULL;
    post->gate = NULL;
    post->is_unanswered = false;
    post->intake = post->subscribers = NULL;
    memset(post->given, 0, sizeof post->given);
}

static int start_serving(struct relay_post *post, struct err *err)
{
    const struct relay_keys *keys = &post->config->keys;
    const struct gate_port_options subscribers = {.name = "subscribers",
                                                  .address = keys->serve,
                                                  .list = keys->subscribers,
                                                  .message_bytes_max =
                                                      SERVER_REQUEST_BYTES_MAX};
    const struct gate_port_options intake = {.name = "intake",
                                             .address = keys->intake,
                                             .list = keys->publishers,
                                             .message_bytes_max = OFFER_BYTES_MAX,
                                             .connections_max = OTHERS_MAX};

    if (gate_open(post->curve, &post->gate, err) != 0 ||
        gate_listen(post->gate, &subscribers, &post->subscribers, err) != 0 ||
        gate_listen(post->gate, &intake, &post->intake, err) != 0)
        return -1;
    return server_open(post->subscribers, &post->server, err);
}

static void print_serving(const struct relay_post *post)
{
    const struct relay_entry *newest = relay_newest(post->relay);

    printf("serving version %llu; subscribers at %s, intake at %s\n",
           newest != NULL ? (unsigned long long)newest->name.version : 0,
           gate_address(post->subscribers), gate_address(post->intake));
    fflush(stdout);
}

static const char *reason_of(const struct relay_post *post, bool serves)
{
    if (post->follow == NULL)
        return "there is no other relay";
    if (post->follower.heard_ns == 0)
        return "the other relay was not heard";
    if (!serves)
        return "the other relay serves";
    return clock_monotonic() - post->follower.heard_ns >= post->config->keys.takeover_ns
               ? "the other relay is silent"
               : "the other relay does not serve, or holds an older version";
}

static bool should_serve(const struct relay_post *post)
{
    const struct feed_word word = feed_word_make(post->relay, post->started_ns);
    const struct relay_standpoint mine = feed_word_standpoint(&word);
    const bool was_heard = post->follower.heard_ns != 0;
    const int64_t since_ns = was_heard ? post->follower.heard_ns : post->opened_ns;

    return post->follow == NULL ||
           relay_role_serves(&mine, was_heard ? &post->follower.other : NULL,
                             clock_monotonic() - since_ns,
                             post->config->keys.takeover_ns);
}

/* Listening comes first: a relay that cannot listen has not taken over. */
static int take_role(struct relay_post *post, struct err *err)
{
    const bool serves = should_serve(post);

    if (serves == relay_is_serving(post->relay))
        return 0;
    if (serves && start_serving(post, err) != 0)
        return -1;
    if (relay_be(post->relay, serves, reason_of(post, serves), err) != 0)
        return -1;
    post->follower.next = FEED_FIND;
    post->fed_ns = 0; /* nobody follows yet */
    if (serves)
        print_serving(post);
    else
        stop_serving(post);
    return 0;
}

/* ---- a step ---- */

static void note_records(struct relay_post *post)
{
    const uint64_t n = relay_store_n_records(relay_storage(post->relay));

    if (n == post->n_seen)
        return;
    /* one that is behind by more than what is new is not waited for */
    post->is_awaited = post->n_fed >= post->n_seen || !relay_post_may_show(post);
    post->n_seen = n;
    post->seen_ns = clock_monotonic();
}

/* A verdict waits until the other relay has the publication too: then "taken" outlives
 * this one.  Further offers wait behind it; there is one a step, or a publisher that
 * never stops would keep engines from their heartbeats. */
static void answer_offer(struct relay_post *post)
{
    static const enum stream_verdict verdicts[] = {[RELAY_TAKEN] = STREAM_TAKEN,
                                                   [RELAY_HELD] = STREAM_HELD,
                                                   [RELAY_REFUSED] = STREAM_REFUSED};

    if (!post->is_unanswered || !relay_post_may_show(post))
        return;
    intake_answer(post->intake, &post->offer, verdicts[post->verdict.answer],
                  post->verdict.text);
    post->is_unanswered = false;
}

static int take_offer(struct relay_post *post, struct err *err)
{
    const struct relay_entry *newest = relay_newest(post->relay);

    answer_offer(post);
    if (post->is_unanswered)
        return 0;
    const int got = intake_next(post->intake, newest != NULL ? &newest->name : NULL,
                                &post->offer, err);
    if (got <= 0)
        return got;
    post->verdict = relay_offer(post->relay, post->offer.who.name, &post->offer.parts);
    post->is_unanswered = true;
    note_records(post);
    answer_offer(post);
    return 0;
}

/* What each group is to get goes to the server, once the other relay has it too. */
static int hand_over(struct relay_post *post, struct err *err)
{
    const size_t n = post->config->n_groups;

    if (!relay_post_may_show(post))
        return 0;
    for (size_t i = 0; i < n; i++) {
        const struct publication *publication = relay_serving(post->relay, i);
        const char *group = i + 1 < n ? post->config->group[i].name : NULL;

        if (publication == post->given[i])
            continue;
        if (server_serve(post->server, group, publication, err) != 0)
            return -1;
        post->given[i] = publication;
    }
    return 0;
}

static int tick(struct relay_post *post, struct err *err)
{
    struct stage_count count[STAGES_MAX] = {{0, 0}};
    const size_t n = post->config->n_groups;

    for (size_t i = 0; post->server != NULL && i + 1 < n; i++) {
        const struct server_group_count is =
            server_count(post->server, post->config->group[i].name);

        count[i] = (struct stage_count){is.n_present, is.n_acknowledged};
    }
    return relay_tick(post->relay, count, clock_monotonic(), err);
}

static void write_status(struct relay_post *post)
{
    const struct relay_keys *keys = &post->config->keys;
    char path[FILE_PATH_MAX], *bytes;
    struct err why = {0};
    size_t n_bytes;
    int status = -1;

    post->status_due_ns = clock_monotonic() + STATUS_MS * MS;
    if (file_join(keys->store, RELAY_STATUS_NAME, path, &why) == 0 &&
        relay_post_json(post, &bytes, &n_bytes, &why) == 0) {
        status = file_swap(path, bytes, n_bytes, &why);
        free(bytes);
    }
    if (status == 0 && keys->prometheus == NULL)
        status = file_join(keys->store, RELAY_PROMETHEUS_NAME, path, &why);
    if (status == 0 && relay_post_prometheus(post, &bytes, &n_bytes, &why) == 0) {
        status = file_swap(keys->prometheus != NULL ? keys->prometheus : path, bytes,
                           n_bytes, &why);
        free(bytes);
    }
    if (status != 0)
        log_line("status", "failed=\"%s\"", why.text);
}

/* Lists of those who may connect were read anew, or refused: into the audit log. */
static void note_lists(struct relay_post *post)
{
    const struct gate_port *const ports[RELAY_PORTS] = {post->subscribers, post->intake,
                                                        post->feed};
    static const char *const names[RELAY_PORTS] = {"subscribers", "publishers",
                                                   "relays"};

    for (size_t i = 0; i < RELAY_PORTS; i++) {
        const struct gate_counts none = {0};
        const struct gate_counts is = ports[i] != NULL ? gate_counts(ports[i]) : none;
        const struct gate_counts was = post->told[i];

        if (is.n_lists > was.n_lists)
            relay_tell(post->relay, AUDIT_KEYS_LOADED, names[i]);
        if (is.n_broken > was.n_broken)
            relay_tell(post->relay, AUDIT_KEYS_REFUSED, names[i]);
        post->told[i] = is;
    }
}

/* At one gate, or for long enough; the others are looked after meanwhile. */
static int wait_for_more(const struct relay_post *post, struct err *err)
{
    const int64_t now_ns = clock_monotonic();

    gate_look(post->control_gate);
    if (post->feed_gate != NULL)
        gate_look(post->feed_gate);

    if (!relay_is_serving(post->relay))
        return gate_wait(post->control_gate, now_ns + FOLLOW_STEP_MS * MS, err);
    const int64_t step_ms = relay_post_is_feeding(post) ? FEED_STEP_MS : STEP_MS;
    const int64_t due_ns = server_due_ns(post->server);
    const int64_t step_ns = now_ns + step_ms * MS;
    return gate_wait(post->gate, due_ns < step_ns ? due_ns : step_ns, err);
}

static int step(struct relay_post *post, struct err *err)
{
    if (relay_post_follow(post, err) != 0 || take_role(post, err) != 0 ||
        wait_for_more(post, err) != 0 || relay_post_control(post, err) != 0)
        return -1;
    if (relay_is_serving(post->relay) && take_offer(post, err) != 0)
        return -1;
    if (tick(post, err) != 0)
        return -1;
    note_records(post);
    if (relay_post_feed(post, err) != 0)
        return -1;
    if (relay_is_serving(post->relay) &&
        (hand_over(post, err) != 0 || server_step(post->server, err) != 0))
        return -1;
    if (clock_monotonic() >= post->status_due_ns) {
        note_lists(post);
        write_status(post);
    }
    return 0;
}

static void close_post(struct relay_post *post)
{
    stop_serving(post);
    line_close(post->follow);
    gate_close(post->feed_gate);
    gate_close(post->control_gate);
    relay_close(post->relay);
    key_forget(&post->key);
}

int relay_serve(const struct relay_config *config, const atomic_int *stop,
                struct err *err)
{
    struct relay_post post = {.config = config};
    int status = open_post(&post, err);

    if (status == 0)
        relay_tell(post.relay, AUDIT_STARTED, "");
    while (status == 0 && atomic_load(stop) == 0)
        status = step(&post, err);
    if (post.relay != NULL)
        relay_tell(post.relay, AUDIT_STOPPED, status == 0 ? "" : err->text);
    close_post(&post);
    return status;
}
