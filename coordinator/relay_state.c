#include "coordinator/relay_state.h"

#include <stdlib.h>
#include <string.h>

const struct relay_entry *relay_state_find(const struct relay_state *state,
                                           uint64_t epoch, uint64_t version)
{
    for (size_t i = state->n; i-- > 0;)
        if (state->entry[i].name.epoch == epoch &&
            state->entry[i].name.version == version &&
            state->entry[i].standing != RELAY_IS_WITHDRAWN)
            return &state->entry[i];
    return NULL;
}

const struct relay_entry *relay_state_pending(const struct relay_state *state)
{
    for (size_t i = state->n; i-- > 0;)
        if (state->entry[i].standing != RELAY_IS_WITHDRAWN)
            return state->entry[i].standing == RELAY_IS_PENDING ? &state->entry[i]
                                                                : NULL;
    return NULL;
}

const struct relay_entry *relay_state_newest(const struct relay_state *state)
{
    for (size_t i = state->n; i-- > 0;)
        if (state->entry[i].standing == RELAY_IS_ACCEPTED)
            return &state->entry[i];
    return NULL;
}

const struct relay_entry *relay_state_production(const struct relay_state *state)
{
    return relay_state_production_at(state, INT64_MAX);
}

const struct relay_entry *relay_state_production_at(const struct relay_state *state,
                                                    int64_t time_ns)
{
    for (size_t i = state->n; i-- > 0;)
        if (state->entry[i].production_ns > 0 &&
            state->entry[i].production_ns <= time_ns)
            return &state->entry[i];
    return NULL;
}

void relay_state_free(struct relay_state *state)
{
    for (size_t i = 0; i < state->n; i++)
        buffer_free(&state->entry[i].signatures);
    free(state->entry);
    *state = (struct relay_state){0};
}

/* ---- what may follow ---- */

static int check_offered(const struct relay_state *state,
                         const struct relay_record *record, struct err *err)
{
    const struct relay_entry *pending = relay_state_pending(state);
    const struct relay_entry *newest = relay_state_newest(state);

    if (record->name.epoch == 0 || record->name.version == 0)
        return err_set(err, ERR_INPUT, "has no epoch or version");
    if (pending != NULL)
        return err_set(err, ERR_INPUT, "comes while version %llu waits for signatures",
                       (unsigned long long)pending->name.version);
    if (newest != NULL && stream_name_compare(&record->name, &newest->name) <= 0)
        return err_set(err, ERR_INPUT, "offers version %llu after version %llu",
                       (unsigned long long)record->name.version,
                       (unsigned long long)newest->name.version);
    return 0;
}

/* The publication that the record is about, in the standing that it must have. */
static int check_about(const struct relay_state *state,
                       const struct relay_record *record, enum relay_standing standing,
                       struct err *err)
{
    const struct relay_entry *entry =
        relay_state_find(state, record->name.epoch, record->name.version);

    if (entry == NULL || !stream_name_same(&entry->name, &record->name))
        return err_set(err, ERR_INPUT, "is about version %llu, which was not offered",
                       (unsigned long long)record->name.version);
    if (entry->standing != standing)
        return err_set(err, ERR_INPUT, "is about version %llu, which is %spending",
                       (unsigned long long)record->name.version,
                       entry->standing == RELAY_IS_PENDING ? "" : "not ");
    return 0;
}

/* To the first group and onwards, the newest in a group never going back. */
static int check_served(const struct relay_state *state,
                        const struct relay_record *record, struct err *err)
{
    if (check_about(state, record, RELAY_IS_ACCEPTED, err) != 0)
        return -1;
    const struct relay_entry *entry =
        relay_state_find(state, record->name.epoch, record->name.version);
    if (record->group[0] == '\0' || entry->production_ns > 0 ||
        strcmp(entry->group, record->group) == 0)
        return err_set(err, ERR_INPUT,
                       "serves version %llu to group '%s', which has it",
                       (unsigned long long)record->name.version, record->group);
    return 0;
}

int relay_state_check(const struct relay_state *state,
                      const struct relay_record *record, struct err *err)
{
    switch (record->kind) {
    case RELAY_OFFERED:
        return check_offered(state, record, err);
    case RELAY_SIGNED:
    case RELAY_ACCEPTED:
    case RELAY_WITHDRAWN:
        return check_about(state, record, RELAY_IS_PENDING, err);
    case RELAY_SERVED:
        return check_served(state, record, err);
    case RELAY_FROZEN:
    case RELAY_KINDS:
        break;
    }
    return 0;
}

/* ---- going on ---- */

static int add_entry(struct relay_state *state, const struct relay_record *record,
                     uint64_t offset, uint64_t n_bytes, struct err *err)
{
    if (state->n == state->capacity) {
        const size_t capacity = 2 * state->capacity + 16;
        struct relay_entry *grown =
            realloc(state->entry, capacity * sizeof *state->entry);

        if (grown == NULL)
            return err_set(err, ERR_MEMORY, "no memory for %zu publications", capacity);
        state->entry = grown;
        state->capacity = capacity;
    }
    struct relay_entry *entry = &state->entry[state->n];
    *entry = (struct relay_entry){.name = record->name,
                                  .rollback_of = record->rollback_of,
                                  .offset = offset,
                                  .n_bytes = n_bytes,
                                  .offered_ns = record->time_ns};
    memcpy(entry->who, record->who, sizeof entry->who);
    buffer_put(&entry->signatures, record->signatures.bytes, record->signatures.n_left);
    state->n++;
    return 0;
}

static void freeze(struct relay_state *state, const struct relay_record *record)
{
    state->is_frozen = record->is_frozen;
    state->frozen_ns = record->time_ns;
    memcpy(state->frozen_by, record->who, sizeof state->frozen_by);
    memcpy(state->frozen_text, record->text, sizeof state->frozen_text);
}

static void go_on(struct relay_entry *entry, const struct relay_record *record)
{
    switch (record->kind) {
    case RELAY_SIGNED:
        buffer_empty(&entry->signatures);
        buffer_put(&entry->signatures, record->signatures.bytes,
                   record->signatures.n_left);
        break;
    case RELAY_ACCEPTED:
        entry->standing = RELAY_IS_ACCEPTED;
        break;
    case RELAY_WITHDRAWN:
        entry->standing = RELAY_IS_WITHDRAWN;
        break;
    case RELAY_SERVED:
        memcpy(entry->group, record->group, sizeof entry->group);
        entry->served_ns = record->time_ns;
        if (record->is_last)
            entry->production_ns = record->time_ns;
        break;
    default:
        break;
    }
}

int relay_state_apply(struct relay_state *state, const struct relay_record *record,
                      uint64_t offset, uint64_t n_bytes, struct err *err)
{
    if (relay_state_check(state, record, err) != 0)
        return -1;
    if (record->kind == RELAY_OFFERED)
        return add_entry(state, record, offset, n_bytes, err);
    if (record->kind == RELAY_FROZEN) {
        freeze(state, record);
        return 0;
    }
    struct relay_entry *entry = (struct relay_entry *)relay_state_find(
        state, record->name.epoch, record->name.version);
    go_on(entry, record);
    if (entry->signatures.failed)
        return err_set(err, ERR_MEMORY, "no memory for signatures");
    return 0;
}
