#include "client/set.h"
#include "coordinator/relay_inside.h"

#include <stdio.h>

/* A relay that follows trusts the other's order of events, but no set of it: manifest,
 * digest, schema and signatures are verified by its own list.  Guard-rails are not
 * asked again, or the two could come to hold different sets. */

static int conflict(struct relay *relay, const struct relay_record *record,
                    const char *why)
{
    relay_note(relay, AUDIT_CONFLICT, record->who, &record->name, "%s", why);
    return 0;
}

/* The same set under the same name, already offered here? */
static bool is_known(const struct relay *relay, const struct relay_record *record)
{
    const struct relay_entry *entry = relay_state_find(
        relay_store_state(relay->store), record->name.epoch, record->name.version);

    return entry != NULL && stream_name_same(&entry->name, &record->name);
}

static int check_parts(const struct relay *relay, const struct relay_record *record,
                       struct err *err)
{
    const struct publication_parts parts = relay_record_parts(record);
    struct publication *publication;
    struct plimsoll_set *set;

    if (publication_take(&parts, &publication, err) != 0)
        return -1;
    const bool is_same = stream_name_same(&publication->is.name, &record->name) &&
                         publication->is.rollback_of == record->rollback_of;
    publication_free(publication);
    if (!is_same)
        return err_set(err, ERR_INPUT, "is not what its manifest says");
    if (plimsoll_set_parse(parts.set, parts.n_set, &set, err) != 0)
        return -1;
    plimsoll_set_free(set);
    char names[PUBLICATION_NAMES_MAX];
    if (publication_signers(trust_watch_now(relay->signers), &parts, names) > 0)
        return 0;
    return err_set(err, ERR_REFUSED, "no signature counts here");
}

/* What waited here has been left behind by the relay that serves. */
static int drop_pending(struct relay *relay, const struct relay_record *record,
                        struct err *err)
{
    const struct relay_entry *pending =
        relay_state_pending(relay_store_state(relay->store));
    struct relay_record drop = {.kind = RELAY_WITHDRAWN};

    if (pending == NULL)
        return 0;
    drop.name = pending->name;
    snprintf(drop.who, sizeof drop.who, "%s", record->who);
    snprintf(drop.text, sizeof drop.text, "left behind by version %llu",
             (unsigned long long)record->name.version);
    return relay_put(relay, &drop, err);
}

static int take_offered(struct relay *relay, const struct relay_record *record,
                        struct err *err)
{
    const struct relay_entry *newest =
        relay_state_newest(relay_store_state(relay->store));
    const int order =
        newest != NULL ? stream_name_compare(&record->name, &newest->name) : 1;
    struct err why = {0};

    if (is_known(relay, record) || order < 0)
        return 0;
    if (order == 0)
        return conflict(relay, record, "another set than here under this version");
    if (check_parts(relay, record, &why) != 0)
        return conflict(relay, record, why.text);
    if (drop_pending(relay, record, err) != 0)
        return -1;
    if (relay_note(relay, AUDIT_FOLLOWED, record->who, &record->name, "offered") != 0)
        return err_set(err, ERR_IO, "the audit log cannot be written");
    return relay_store_put(relay->store, record, err);
}

/* Enough signatures by our own list? */
static int check_accepted(const struct relay *relay, const struct relay_entry *entry,
                          struct err *err)
{
    struct publication *publication;

    if (relay_store_load(relay->store, entry, &publication, err) != 0)
        return -1;
    const int status =
        publication_verify(trust_watch_now(relay->signers), &publication->parts, err);
    publication_free(publication);
    return status;
}

/* A step of a publication that is held here, which it has not made yet. */
static int take_step(struct relay *relay, const struct relay_record *record,
                     struct err *err)
{
    const struct relay_entry *entry = relay_state_find(
        relay_store_state(relay->store), record->name.epoch, record->name.version);
    struct relay_record copy = *record;
    struct err why = {0};

    if (!is_known(relay, record) ||
        relay_state_check(relay_store_state(relay->store), record, NULL) != 0)
        return 0; /* of one left behind, or made before */
    if (record->kind == RELAY_SERVED &&
        relay_config_group(relay->config, record->group) == relay->config->n_groups)
        return conflict(relay, record, "a group that is not configured here");
    if (record->kind == RELAY_ACCEPTED && check_accepted(relay, entry, &why) != 0)
        return conflict(relay, record, why.text);
    if (record->kind == RELAY_SERVED &&
        relay_note(relay, AUDIT_FOLLOWED, record->who, &record->name, "to %s",
                   record->group) != 0)
        return err_set(err, ERR_IO, "the audit log cannot be written");
    copy.is_last =
        record->kind == RELAY_SERVED &&
        relay_config_group(relay->config, record->group) + 1 == relay->config->n_groups;
    return relay_put(relay, &copy, err);
}

static int take_frozen(struct relay *relay, const struct relay_record *record,
                       struct err *err)
{
    if (record->time_ns <= relay_store_state(relay->store)->frozen_ns)
        return 0; /* decided before, and perhaps undone since */
    if (relay_note(relay, record->is_frozen ? AUDIT_FROZEN : AUDIT_UNFROZEN,
                   record->who, NULL, "%s", record->text) != 0)
        return err_set(err, ERR_IO, "the audit log cannot be written");
    return relay_store_put(relay->store, record, err);
}

int relay_take(struct relay *relay, const struct relay_record *record, struct err *err)
{
    int status;

    if (record->kind == RELAY_OFFERED)
        status = take_offered(relay, record, err);
    else if (record->kind == RELAY_FROZEN)
        status = take_frozen(relay, record, err);
    else
        status = take_step(relay, record, err);
    return status != 0 ? -1 : relay_serve_held(relay, err);
}
