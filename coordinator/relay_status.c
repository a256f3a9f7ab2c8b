#include "coordinator/exposition.h"
#include "coordinator/relay_post.h"
#include "coordinator/relay_store.h"
#include "coordinator/result.h"
#include "core/clock.h"
#include "core/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* So many are listed by name, those who lag first; all are counted. */
enum { LISTED_MAX = 200 };

static const struct relay_state *state_of(const struct relay_post *post)
{
    return relay_store_state(relay_storage(post->relay));
}

static void put_moment(struct json *json, const char *name, int64_t moment_ns)
{
    char text[CLOCK_TEXT_MAX];

    json_put_text(json, name, clock_moment_text(moment_ns, text));
}

static const char *const port_names[RELAY_PORTS] = {"subscribers", "intake", "feed"};

/* NULL: it is not open. */
static const struct gate_port *port_of(const struct relay_post *post, size_t i)
{
    return i == 0 ? post->subscribers : i == 1 ? post->intake : post->feed;
}

/* ---- subscribers ---- */

static bool is_lagging(const struct server_subscriber *subscriber)
{
    return subscriber->is_there && subscriber->meant.version != 0 &&
           !stream_name_same(&subscriber->meant, &subscriber->held);
}

/* Since when it should hold what it does not. */
static double lag_s(const struct server_subscriber *subscriber, int64_t now_ns)
{
    return is_lagging(subscriber)
               ? (double)(now_ns - subscriber->meant_ns) / (double)CLOCK_SECOND
               : 0.0;
}

struct crowd {
    size_t n_there, n_lagging;
    double most_lag_s;
};

static struct crowd count_crowd(const struct relay_post *post)
{
    const int64_t now_ns = clock_now();
    struct crowd crowd = {0};

    for (size_t i = 0; post->server != NULL && i < server_n_subscribers(post->server);
         i++) {
        const struct server_subscriber *is = server_subscriber(post->server, i);
        const double lag = lag_s(is, now_ns);

        crowd.n_there += is->is_there;
        crowd.n_lagging += is_lagging(is);
        crowd.most_lag_s = lag > crowd.most_lag_s ? lag : crowd.most_lag_s;
    }
    return crowd;
}

static void put_subscriber(struct json *json, const struct server_subscriber *is)
{
    const int64_t now_ns = clock_now();

    json_put_object(json, NULL);
    json_put_text(json, "name", is->name);
    json_put_text(json, "groups", is->groups);
    json_put_flag(json, "is_there", is->is_there);
    json_put_integer(json, "held_version", (int64_t)is->held.version);
    json_put_integer(json, "meant_version", (int64_t)is->meant.version);
    json_put_real(json, "lag_s", lag_s(is, now_ns));
    json_put_real(json, "heard_s",
                  (double)(now_ns - is->heard_ns) / (double)CLOCK_SECOND);
    json_put_integer(json, "dropped", (int64_t)is->n_dropped);
    json_end(json);
}

static void put_subscribers(struct json *json, const struct relay_post *post)
{
    const size_t n = post->server != NULL ? server_n_subscribers(post->server) : 0;
    size_t n_listed = 0;

    json_put_array(json, "subscribers");
    for (int turn = 0; turn < 2; turn++)
        for (size_t i = 0; i < n && n_listed < LISTED_MAX; i++) {
            const struct server_subscriber *is = server_subscriber(post->server, i);

            if (is_lagging(is) != (turn == 0))
                continue;
            put_subscriber(json, is);
            n_listed++;
        }
    json_end(json);
}

/* ---- JSON ---- */

static void put_entry(struct json *json, const char *name,
                      const struct relay_entry *entry)
{
    char sha256[STREAM_DIGEST_MAX];

    if (entry == NULL) {
        json_put_null(json, name);
        return;
    }
    json_put_object(json, name);
    json_put_integer(json, "epoch", (int64_t)entry->name.epoch);
    json_put_integer(json, "version", (int64_t)entry->name.version);
    json_put_text(json, "sha256", stream_digest_text(entry->name.sha256, sha256));
    json_put_text(json, "group", entry->group);
    json_put_text(json, "who", entry->who);
    put_moment(json, "offered", entry->offered_ns);
    json_end(json);
}

static struct server_group_count count_group(const struct relay_post *post, size_t i)
{
    const struct server_group_count none = {0, 0};
    const size_t n = post->config->n_groups;

    return post->server == NULL
               ? none
               : server_count(post->server,
                              i + 1 < n ? post->config->group[i].name : NULL);
}

static void put_groups(struct json *json, const struct relay_post *post)
{
    json_put_array(json, "groups");
    for (size_t i = 0; i < post->config->n_groups; i++) {
        const struct publication *served = relay_serving(post->relay, i);
        const struct server_group_count count = count_group(post, i);

        json_put_object(json, NULL);
        json_put_text(json, "name", post->config->group[i].name);
        json_put_integer(json, "version",
                         served != NULL ? (int64_t)served->is.name.version : 0);
        json_put_integer(json, "present", (int64_t)count.n_present);
        json_put_integer(json, "acknowledged", (int64_t)count.n_acknowledged);
        json_end(json);
    }
    json_end(json);
}

static void put_frozen(struct json *json, const struct relay_state *state)
{
    if (!state->is_frozen) {
        json_put_null(json, "frozen");
        return;
    }
    json_put_object(json, "frozen");
    json_put_text(json, "by", state->frozen_by);
    put_moment(json, "since", state->frozen_ns);
    json_put_text(json, "text", state->frozen_text);
    json_end(json);
}

static void put_other(struct json *json, const struct relay_post *post)
{
    if (post->follow == NULL) {
        json_put_null(json, "other");
        return;
    }
    json_put_object(json, "other");
    json_put_text(json, "address", post->config->keys.follow_address);
    json_put_real(json, "heard_s",
                  post->follower.heard_ns == 0
                      ? (double)NAN
                      : (double)(clock_monotonic() - post->follower.heard_ns) /
                            (double)CLOCK_SECOND);
    json_put_flag(json, "is_serving", post->follower.other.is_serving);
    json_put_integer(json, "version", (int64_t)post->follower.other.newest.version);
    json_end(json);
}

/* The relay that follows this one. */
static void put_follower(struct json *json, const struct relay_post *post)
{
    if (post->fed_ns == 0) {
        json_put_null(json, "follower");
        return;
    }
    json_put_object(json, "follower");
    json_put_integer(json, "records", (int64_t)post->n_fed);
    json_put_real(json, "asked_s",
                  (double)(clock_monotonic() - post->fed_ns) / (double)CLOCK_SECOND);
    json_end(json);
}

static void put_head(struct json *json, const struct relay_post *post)
{
    char host[64] = "";

    gethostname(host, sizeof host - 1);
    json_put_text(json, "schema", "plimsoll-relay-status");
    json_put_integer(json, "schema_version", 1);
    json_put_text(json, "program", result_program());
    json_put_text(json, "host", host);
    json_put_integer(json, "pid", getpid());
    put_moment(json, "started", post->started_ns);
    put_moment(json, "updated", clock_now());
    json_put_text(json, "role",
                  relay_is_serving(post->relay) ? "serving" : "following");
    json_put_text(json, "subscribers_at",
                  post->subscribers != NULL ? gate_address(post->subscribers) : "");
    json_put_text(json, "intake_at",
                  post->intake != NULL ? gate_address(post->intake) : "");
}

/* Who may come, who is there, and how many can. */
static void put_room_figures(struct json *json, const struct relay_post *post)
{
    struct gate_room room = {0};
    struct gate_counts counts = {0};

    if (post->subscribers != NULL) {
        room = gate_room(post->subscribers);
        counts = gate_counts(post->subscribers);
    }
    json_put_integer(json, "subscribers_listed", (int64_t)room.n_listed);
    json_put_integer(json, "connections", (int64_t)room.n_connections);
    json_put_integer(json, "connections_max", (int64_t)room.n_connections_max);
    json_put_integer(json, "turned_away_full", (int64_t)counts.n_full);
}

int relay_post_json(const struct relay_post *post, char **bytes, size_t *n_bytes,
                    struct err *err)
{
    const struct crowd crowd = count_crowd(post);
    struct json json;

    json_start(&json, 2);
    json_put_object(&json, NULL);
    put_head(&json, post);
    put_entry(&json, "newest", relay_newest(post->relay));
    put_entry(&json, "pending", relay_state_pending(state_of(post)));
    put_frozen(&json, state_of(post));
    put_groups(&json, post);
    put_other(&json, post);
    put_follower(&json, post);
    json_put_integer(&json, "records",
                     (int64_t)relay_store_n_records(relay_storage(post->relay)));
    json_put_integer(&json, "audit_entries",
                     (int64_t)audit_count(relay_audit(post->relay)));
    json_put_text(&json, "audit_head", audit_head(relay_audit(post->relay)));
    json_put_integer(&json, "refused", (int64_t)relay_n_refused(post->relay));
    json_put_text(&json, "last_refusal", relay_last_refusal(post->relay));
    json_put_integer(&json, "subscribers_there", (int64_t)crowd.n_there);
    json_put_integer(&json, "subscribers_lagging", (int64_t)crowd.n_lagging);
    json_put_real(&json, "most_lag_s", crowd.most_lag_s);
    put_room_figures(&json, post);
    put_subscribers(&json, post);
    json_end(&json);
    return json_finish(&json, bytes, n_bytes, err);
}

/* ---- Prometheus ---- */

static void put_figure(FILE *out, const char *name, const char *type,
                       const char *meaning, double value)
{
    exposition_head(out, name, type, meaning);
    fprintf(out, "%s %.17g\n", name, value);
}

static void put_by_group(FILE *out, const struct relay_post *post)
{
    static const char *const metric[3][2] = {
        {"plimsoll_relay_version", "version that the group gets, 0: none"},
        {"plimsoll_relay_present", "subscribers of the group that are there"},
        {"plimsoll_relay_acknowledged", "of those, hold what they should"}};

    for (int m = 0; m < 3; m++) {
        exposition_head(out, metric[m][0], "gauge", metric[m][1]);
        for (size_t i = 0; i < post->config->n_groups; i++) {
            const struct publication *served = relay_serving(post->relay, i);
            const struct server_group_count count = count_group(post, i);
            const uint64_t version = served != NULL ? served->is.name.version : 0;

            fprintf(out, "%s{", metric[m][0]);
            exposition_label(out, "group", post->config->group[i].name);
            fprintf(out, "} %llu\n",
                    m == 0   ? (unsigned long long)version
                    : m == 1 ? (unsigned long long)count.n_present
                             : (unsigned long long)count.n_acknowledged);
        }
    }
}

static void put_room(FILE *out, const struct relay_post *post)
{
    static const char name[] = "plimsoll_relay_connections";
    struct gate_room room = {0};

    exposition_head(out, name, "gauge", "connections, handshakes under way too");
    for (size_t i = 0; i < RELAY_PORTS; i++) {
        const struct gate_port *port = port_of(post, i);

        if (port != NULL)
            fprintf(out, "%s{port=\"%s\"} %zu\n", name, port_names[i],
                    gate_room(port).n_connections);
    }
    if (post->subscribers != NULL)
        room = gate_room(post->subscribers);
    put_figure(out, "plimsoll_relay_connections_max", "gauge",
               "so many has the process files for; who comes then is turned away",
               (double)room.n_connections_max);
    put_figure(out, "plimsoll_relay_subscribers_listed", "gauge",
               "keys that may subscribe", (double)room.n_listed);
}

static void put_counts(FILE *out, const struct relay_post *post)
{
    static const char name[] = "plimsoll_relay_turned_away_total";

    exposition_head(out, name, "counter", "connections and messages that got nothing");
    for (size_t i = 0; i < RELAY_PORTS; i++) {
        if (port_of(post, i) == NULL)
            continue;
        const struct gate_counts is = gate_counts(port_of(post, i));
        const struct {
            const char *why;
            uint64_t n;
        } rows[] = {{"stranger", is.n_strangers},   {"revoked", is.n_revoked},
                    {"handshake", is.n_handshakes}, {"message", is.n_refused},
                    {"flood", is.n_floods},         {"full", is.n_full}};

        for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
            fprintf(out, "%s{port=\"%s\",why=\"%s\"} %llu\n", name, port_names[i],
                    rows[k].why, (unsigned long long)rows[k].n);
    }
}

static void put_all(FILE *out, const struct relay_post *post)
{
    const struct crowd crowd = count_crowd(post);
    const struct server_tally none = {0};
    const struct server_tally tally =
        post->server != NULL ? server_tally(post->server) : none;

    put_figure(out, "plimsoll_relay_serving", "gauge", "1: it serves, 0: it follows",
               relay_is_serving(post->relay));
    put_by_group(out, post);
    put_figure(out, "plimsoll_relay_pending", "gauge",
               "1: a publication waits for signatures",
               relay_state_pending(state_of(post)) != NULL);
    put_figure(out, "plimsoll_relay_frozen", "gauge", "1: updates are frozen",
               state_of(post)->is_frozen);
    put_figure(out, "plimsoll_relay_refused_total", "counter", "offers refused",
               (double)relay_n_refused(post->relay));
    put_figure(out, "plimsoll_relay_subscribers", "gauge", "subscribers that are there",
               (double)crowd.n_there);
    put_figure(out, "plimsoll_relay_subscribers_lagging", "gauge",
               "of those, do not hold what they should", (double)crowd.n_lagging);
    put_figure(out, "plimsoll_relay_lag_seconds_max", "gauge",
               "the longest that one of them lags", crowd.most_lag_s);
    put_figure(out, "plimsoll_relay_sets_sent_total", "counter", "sets sent",
               (double)tally.n_sets);
    put_figure(out, "plimsoll_relay_sets_dropped_total", "counter",
               "sets not sent to one that does not read", (double)tally.n_dropped);
    put_figure(out, "plimsoll_relay_audit_entries_total", "counter",
               "lines of the audit log", (double)audit_count(relay_audit(post->relay)));
    put_counts(out, post);
    put_room(out, post);
    put_figure(out, "plimsoll_relay_updated_timestamp_seconds", "gauge",
               "when this was written", (double)(clock_now() / CLOCK_SECOND));
}

int relay_post_prometheus(const struct relay_post *post, char **bytes, size_t *n_bytes,
                          struct err *err)
{
    FILE *out = open_memstream(bytes, n_bytes);

    if (out == NULL)
        return err_set(err, ERR_MEMORY, "no memory for the Prometheus file");
    put_all(out, post);
    const bool failed = ferror(out) != 0;
    if (fclose(out) == 0 && !failed)
        return 0;
    free(*bytes);
    return err_set(err, ERR_MEMORY, "no memory for the Prometheus file");
}
