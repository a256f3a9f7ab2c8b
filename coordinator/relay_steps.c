#include "coordinator/relay_inside.h"
#include "core/clock.h"

#include <stdio.h>
#include <string.h>

/* Told first, then on the disk: what is served is in the audit log in any case. */
static int decide(struct relay *relay, enum audit_event event,
                  struct relay_record *record, const char *text, struct err *err)
{
    const struct stream_name *name = record->name.version != 0 ? &record->name : NULL;

    if (relay_note(relay, event, record->who, name, "%s", text) != 0)
        return err_set(err, ERR_IO, "the audit log cannot be written");
    return relay_put(relay, record, err);
}

/* ---- going on ---- */

static int serve_to(struct relay *relay, const char *who,
                    const struct relay_entry *entry, size_t group, struct err *err)
{
    struct relay_record record = relay_record_of(RELAY_SERVED, who, &entry->name);
    char text[RELAY_NAME_MAX + 16];

    record.is_last = group + 1 == relay->config->n_groups;
    snprintf(record.group, sizeof record.group, "%s", relay->config->group[group].name);
    snprintf(text, sizeof text, "to %s", record.group);
    if (decide(relay, AUDIT_SERVED, &record, text, err) != 0)
        return -1;
    relay->stage = (struct stage){.group = (int)group};
    return relay_serve_held(relay, err);
}

/* What waits has enough signatures: what engines hold may be another set than when it
 * was offered, so it is judged again. */
static int accept_pending(struct relay *relay, const struct relay_entry *pending,
                          const struct publication *publication, struct err *err)
{
    const struct stream_name name = pending->name;
    const bool is_rollback = publication->is.rollback_of != 0;
    struct relay_record record = relay_record_of(RELAY_ACCEPTED, pending->who, &name);
    char text[RELAY_TEXT_MAX];
    struct err why = {0};

    if (relay_judge(relay, publication, &why) != 0) {
        record.kind = RELAY_WITHDRAWN;
        snprintf(record.text, sizeof record.text, "%.250s", why.text);
        if (decide(relay, AUDIT_WITHDRAWN, &record, record.text, err) != 0)
            return -1;
        return err_set(err, ERR_REFUSED, "%s", why.text);
    }
    snprintf(text, sizeof text, "%s%.200s", is_rollback ? "an older set again: " : "",
             publication->is.note);
    return decide(relay, is_rollback ? AUDIT_ROLLED_BACK : AUDIT_ACCEPTED, &record,
                  text, err);
}

static int settle_pending(struct relay *relay, struct err *err)
{
    const struct relay_entry *pending =
        relay_state_pending(relay_store_state(relay->store));
    struct publication *publication;

    if (pending == NULL)
        return 0;
    if (relay_store_load(relay->store, pending, &publication, err) != 0)
        return -1;
    int status = 0;
    if (publication_verify(trust_watch_now(relay->signers), &publication->parts,
                           NULL) == 0)
        status = accept_pending(relay, pending, publication, err);
    publication_free(publication);
    return status;
}

/* The first group of the newest; a rollback goes to all at once. */
static int settle_served(struct relay *relay, struct err *err)
{
    const struct relay_entry *newest =
        relay_state_newest(relay_store_state(relay->store));
    struct publication *publication;

    if (newest == NULL || newest->group[0] != '\0')
        return 0;
    if (relay_store_load(relay->store, newest, &publication, err) != 0)
        return -1;
    size_t group = relay_next_group(relay, publication, STAGE_NONE);
    if (newest->rollback_of != 0)
        for (size_t next = group; next < relay->config->n_groups;
             next = relay_next_group(relay, publication, (int)group))
            group = next;
    publication_free(publication);
    return serve_to(relay, newest->who, newest, group, err);
}

int relay_settle(struct relay *relay, struct err *err)
{
    if (!relay->is_unsettled || !relay->is_serving)
        return 0;
    relay->is_unsettled = false;
    return settle_pending(relay, err) != 0 ? -1 : settle_served(relay, err);
}

/* ---- by hand ---- */

static int check_serving(const struct relay *relay, struct err *err)
{
    return relay->is_serving ? 0
                             : err_set(err, ERR_REFUSED,
                                       "this relay follows another: decide it there");
}

static int promote(struct relay *relay, const char *who,
                   const struct relay_entry *newest, struct err *err)
{
    struct publication *publication;

    if (relay_store_load(relay->store, newest, &publication, err) != 0)
        return -1;
    const size_t next = relay_next_group(relay, publication, relay->stage.group);
    publication_free(publication);
    if (next == relay->config->n_groups)
        return err_set(err, ERR_REFUSED,
                       "version %llu is served to %s: there is no "
                       "further group for it",
                       (unsigned long long)newest->name.version, newest->group);
    return serve_to(relay, who, newest, next, err);
}

int relay_promote(struct relay *relay, const char *who, uint64_t version,
                  struct err *err)
{
    const struct relay_state *state = relay_store_state(relay->store);
    const struct relay_entry *newest = relay_state_newest(state);

    if (check_serving(relay, err) != 0)
        return -1;
    if (state->is_frozen)
        return err_set(err, ERR_REFUSED, "updates are frozen by %s: %s",
                       state->frozen_by, state->frozen_text);
    if (newest == NULL || newest->name.version != version)
        return err_set(err, ERR_REFUSED,
                       "version %llu is not the newest accepted, which is %llu",
                       (unsigned long long)version,
                       newest != NULL ? (unsigned long long)newest->name.version : 0);
    return promote(relay, who, newest, err);
}

int relay_withdraw(struct relay *relay, const char *who, uint64_t version,
                   const char *text, struct err *err)
{
    const struct relay_entry *pending =
        relay_state_pending(relay_store_state(relay->store));

    if (check_serving(relay, err) != 0)
        return -1;
    if (pending == NULL || pending->name.version != version)
        return err_set(err, ERR_REFUSED, "version %llu does not wait for signatures",
                       (unsigned long long)version);
    struct relay_record record = relay_record_of(RELAY_WITHDRAWN, who, &pending->name);
    snprintf(record.text, sizeof record.text, "%s", text);
    return decide(relay, AUDIT_WITHDRAWN, &record, text, err);
}

int relay_freeze(struct relay *relay, const char *who, bool is_frozen, const char *text,
                 struct err *err)
{
    const struct relay_state *state = relay_store_state(relay->store);
    struct relay_record record = relay_record_of(RELAY_FROZEN, who, NULL);

    if (check_serving(relay, err) != 0)
        return -1;
    if (state->is_frozen == is_frozen)
        return is_frozen ? err_set(err, ERR_REFUSED,
                                   "updates are frozen already, by "
                                   "%s: %s",
                                   state->frozen_by, state->frozen_text)
                         : err_set(err, ERR_REFUSED, "updates are not frozen");
    record.is_frozen = is_frozen;
    snprintf(record.text, sizeof record.text, "%s", text);
    return decide(relay, is_frozen ? AUDIT_FROZEN : AUDIT_UNFROZEN, &record, text, err);
}

/* ---- in time ---- */

static void refresh_signers(struct relay *relay)
{
    struct err why = {0};
    const int changed = trust_watch_refresh(relay->signers, &why);

    if (changed < 0)
        relay_note(relay, AUDIT_KEYS_REFUSED, "", NULL, "%s", why.text);
    if (changed <= 0)
        return;
    relay_note(relay, AUDIT_KEYS_LOADED, "", NULL, "%s: %zu keys, %zu must sign",
               relay->config->keys.signers,
               trust_count(trust_watch_now(relay->signers)),
               trust_threshold(trust_watch_now(relay->signers)));
    relay->is_unsettled = true;
}

static int move_on(struct relay *relay, const struct stage_count count[],
                   int64_t now_ns, struct err *err)
{
    const struct relay_state *state = relay_store_state(relay->store);
    const struct relay_entry *newest = relay_state_newest(state);
    const int group = relay->stage.group;

    if (newest == NULL || group < 0 || state->is_frozen ||
        (size_t)group + 1 >= relay->config->n_groups)
        return 0;
    const struct stage_rule rule = relay_config_rule(relay->config, (size_t)group);
    if (!stage_is_shown(&rule, &count[group], now_ns, &relay->stage))
        return 0;
    struct err why = {0};
    if (promote(relay, "stage", newest, &why) == 0 || why.kind == ERR_REFUSED)
        return 0;
    *err = why;
    return -1;
}

int relay_tick(struct relay *relay, const struct stage_count count[], int64_t now_ns,
               struct err *err)
{
    struct err why = {0};

    refresh_signers(relay);
    if (!relay->is_serving)
        return 0;
    if (relay_settle(relay, &why) != 0 && why.kind != ERR_REFUSED) {
        *err = why;
        return -1;
    }
    return move_on(relay, count, now_ns, err);
}
