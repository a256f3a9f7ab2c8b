#include "coordinator/relay_inside.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REFUSALS_NOTED = 60 /* a minute */ };

/* ---- telling ---- */

int relay_note(struct relay *relay, enum audit_event event, const char *who,
               const struct stream_name *name, const char *fmt, ...)
{
    char text[ERR_TEXT_MAX], set[STREAM_DIGEST_MAX] = "";
    struct err err = {0};
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    const bool has_set = name != NULL && name->n_bytes > 0;
    const struct audit_entry entry = {
        .event = event,
        .who = who,
        .epoch = name != NULL ? name->epoch : 0,
        .version = name != NULL ? name->version : 0,
        .set = has_set ? stream_digest_text(name->sha256, set) : "",
        .text = text};
    log_line(audit_event_text(event), "version=%llu who=%s text=\"%s\"",
             (unsigned long long)entry.version, who, text);
    if (audit_write(relay->audit, &entry, &err) == 0)
        return 0;
    log_line("audit", "failed=\"%s\"", err.text);
    return -1;
}

static void begin_minute(struct relay *relay, int64_t now_ns)
{
    if (relay->n_noted > REFUSALS_NOTED)
        relay_note(relay, AUDIT_REFUSED, "", NULL, "%llu more, which are not written",
                   (unsigned long long)(relay->n_noted - REFUSALS_NOTED));
    relay->noting_since_ns = now_ns;
    relay->n_noted = 0;
}

/* All are counted; a flood of them must not fill the disk. */
void relay_refuse(struct relay *relay, const char *who, const struct stream_name *name,
                  const char *why)
{
    const int64_t now_ns = clock_monotonic();

    relay->n_refused++;
    if (strcmp(why, relay->last_refusal) == 0 &&
        now_ns - relay->last_refusal_ns < CLOCK_MINUTE)
        return;
    snprintf(relay->last_refusal, sizeof relay->last_refusal, "%s", why);
    relay->last_refusal_ns = now_ns;
    if (now_ns - relay->noting_since_ns >= CLOCK_MINUTE)
        begin_minute(relay, now_ns);
    if (relay->n_noted++ < REFUSALS_NOTED)
        relay_note(relay, AUDIT_REFUSED, who, name, "%s", why);
}

int relay_put(struct relay *relay, struct relay_record *record, struct err *err)
{
    const int64_t frozen_ns = relay_store_state(relay->store)->frozen_ns;

    record->time_ns = clock_now();
    if (record->kind == RELAY_FROZEN && record->time_ns <= frozen_ns)
        record->time_ns = frozen_ns + 1; /* a later decision has a later time */
    return relay_store_put(relay->store, record, err);
}

struct relay_record relay_record_of(enum relay_kind kind, const char *who,
                                    const struct stream_name *name)
{
    struct relay_record record = {.kind = kind};

    snprintf(record.who, sizeof record.who, "%s", who);
    if (name != NULL)
        record.name = *name;
    return record;
}

/* ---- what is served ---- */

size_t relay_next_group(const struct relay *relay,
                        const struct publication *publication, int group)
{
    const char *audience = publication->is.audience;
    size_t i = (size_t)(group + 1);

    while (i < relay->config->n_groups && audience[0] != '\0' &&
           !trust_is_in(audience, relay->config->group[i].name))
        i++;
    return i;
}

static bool is_served_to(const struct relay *relay, const struct relay_entry *entry,
                         size_t group)
{
    return entry->standing == RELAY_IS_ACCEPTED && entry->group[0] != '\0' &&
           relay_config_group(relay->config, entry->group) >= group;
}

/* The newest that has come as far as the group, and is for it. */
static int serve_group(struct relay *relay, size_t group, struct err *err)
{
    const struct relay_state *state = relay_store_state(relay->store);
    const char *name = relay->config->group[group].name;

    for (size_t i = state->n; i-- > 0;) {
        const struct relay_entry *entry = &state->entry[i];
        const struct publication *held = relay->serving[group];
        struct publication *publication;

        if (!is_served_to(relay, entry, group))
            continue;
        if (held != NULL && stream_name_same(&held->is.name, &entry->name))
            return 0;
        if (relay_store_load(relay->store, entry, &publication, err) != 0)
            return -1;
        if (publication->is.audience[0] == '\0' ||
            trust_is_in(publication->is.audience, name)) {
            publication_free(held);
            relay->serving[group] = publication;
            return 0;
        }
        publication_free(publication);
    }
    return 0;
}

int relay_serve_held(struct relay *relay, struct err *err)
{
    const struct relay_entry *newest =
        relay_state_newest(relay_store_state(relay->store));

    for (size_t group = 0; group < relay->config->n_groups; group++)
        if (serve_group(relay, group, err) != 0)
            return -1;
    const int reached = newest == NULL || newest->group[0] == '\0'
                            ? STAGE_NONE
                            : (int)relay_config_group(relay->config, newest->group);
    if (relay->stage.group != reached)
        relay->stage = (struct stage){.group = reached};
    return 0;
}

/* ---- opening ---- */

static int check_groups(const struct relay *relay, struct err *err)
{
    const struct relay_state *state = relay_store_state(relay->store);

    for (size_t i = 0; i < state->n; i++)
        if (state->entry[i].group[0] != '\0' &&
            relay_config_group(relay->config, state->entry[i].group) ==
                relay->config->n_groups)
            return err_set(err, ERR_INPUT,
                           "%s: version %llu was served to the group '%s', which the "
                           "configuration does not have",
                           relay->config->keys.store,
                           (unsigned long long)state->entry[i].name.version,
                           state->entry[i].group);
    return 0;
}

static int open_all(struct relay *relay, struct err *err)
{
    const struct relay_keys *keys = &relay->config->keys;
    bool store_mended = false, audit_mended = false;
    char path[FILE_PATH_MAX];

    if (trust_watch_open(keys->signers, KEY_SIGNING, &relay->signers, err) != 0 ||
        relay_store_open(keys->store, &relay->store, &store_mended, err) != 0 ||
        file_join(keys->store, AUDIT_NAME, path, err) != 0 ||
        audit_open(path, &relay->audit, &audit_mended, err) != 0 ||
        check_groups(relay, err) != 0)
        return -1;
    if ((store_mended || audit_mended) &&
        relay_note(relay, AUDIT_MENDED, "", NULL, "a half written end of the %s",
                   store_mended ? "store" : "audit log") != 0)
        return err_set(err, ERR_IO, "%s: cannot be written", path);
    return relay_serve_held(relay, err);
}

int relay_open(const struct relay_config *config, struct relay **relay, struct err *err)
{
    struct relay *new = calloc(1, sizeof *new);

    if (new == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a relay");
    new->config = config;
    new->stage.group = STAGE_NONE;
    new->is_unsettled = true;
    if (open_all(new, err) != 0) {
        relay_close(new);
        return -1;
    }
    *relay = new;
    return 0;
}

void relay_close(struct relay *relay)
{
    if (relay == NULL)
        return;
    for (size_t i = 0; i < STAGES_MAX; i++)
        publication_free(relay->serving[i]);
    trust_watch_close(relay->signers);
    audit_close(relay->audit);
    relay_store_close(relay->store);
    free(relay);
}

void relay_tell(struct relay *relay, enum audit_event event, const char *text)
{
    relay_note(relay, event, "", NULL, "%s", text);
}

int relay_be(struct relay *relay, bool is_serving, const char *reason, struct err *err)
{
    if (relay->is_serving == is_serving)
        return 0;
    if (relay_note(relay, is_serving ? AUDIT_TOOK_OVER : AUDIT_STOOD_DOWN, "", NULL,
                   "%s", reason) != 0)
        return err_set(err, ERR_IO, "the audit log cannot be written");
    relay->is_serving = is_serving;
    relay->is_unsettled = true;
    return 0;
}

bool relay_is_serving(const struct relay *relay)
{
    return relay->is_serving;
}

/* ---- what there is ---- */

const struct publication *relay_serving(const struct relay *relay, size_t i)
{
    return relay->serving[i];
}

const struct relay_entry *relay_newest(const struct relay *relay)
{
    return relay_state_newest(relay_store_state(relay->store));
}

const struct relay_store *relay_storage(const struct relay *relay)
{
    return relay->store;
}

const struct audit *relay_audit(const struct relay *relay)
{
    return relay->audit;
}

const struct relay_config *relay_configured(const struct relay *relay)
{
    return relay->config;
}

uint64_t relay_n_refused(const struct relay *relay)
{
    return relay->n_refused;
}

const char *relay_last_refusal(const struct relay *relay)
{
    return relay->last_refusal;
}
