#include "client/set.h"
#include "coordinator/relay_inside.h"
#include "core/clock.h"

#include <string.h>

static const struct relay_state *state_of(const struct relay *relay)
{
    return relay_store_state(relay->store);
}

static int check_frozen(const struct relay *relay, const struct manifest *is,
                        struct err *err)
{
    const struct relay_state *state = state_of(relay);
    char moment[CLOCK_TEXT_MAX];

    if (!state->is_frozen || is->rollback_of != 0)
        return 0;
    return err_set(
        err, ERR_REFUSED, "updates are frozen since %s by %s: %s (a rollback is taken)",
        clock_moment_text(state->frozen_ns / CLOCK_SECOND * CLOCK_SECOND, moment),
        state->frozen_by, state->frozen_text);
}

/* Above the newest, and made on top of it. */
static int check_order(const struct relay *relay, const struct manifest *is,
                       struct err *err)
{
    const struct relay_entry *newest = relay_state_newest(state_of(relay));
    char parent[STREAM_DIGEST_MAX], held[STREAM_DIGEST_MAX];

    if (stream_name_check_epoch(&is->name, err) != 0)
        return -1; /* engines would not take it, nor this relay any other after it */
    if (newest == NULL)
        return 0; /* whatever came before, came before this relay */
    if (stream_name_compare(&is->name, &newest->name) <= 0)
        return err_set(err, ERR_REFUSED,
                       "version %llu of epoch %llu is not above version %llu of epoch "
                       "%llu, which is held",
                       (unsigned long long)is->name.version,
                       (unsigned long long)is->name.epoch,
                       (unsigned long long)newest->name.version,
                       (unsigned long long)newest->name.epoch);
    if (is->has_parent &&
        memcmp(is->parent_sha256, newest->name.sha256, sizeof is->parent_sha256) == 0)
        return 0;
    return err_set(err, ERR_REFUSED,
                   "version %llu follows the set %.16s, but version %llu is %.16s",
                   (unsigned long long)is->name.version,
                   is->has_parent ? stream_digest_text(is->parent_sha256, parent)
                                  : "(none)",
                   (unsigned long long)newest->name.version,
                   stream_digest_text(newest->name.sha256, held));
}

/* A set that was in production, to the byte; then its changes were judged before. */
static int check_rollback(const struct relay *relay, const struct manifest *is,
                          struct err *err)
{
    const struct relay_state *state = state_of(relay);

    for (size_t i = 0; i < state->n; i++) {
        const struct relay_entry *entry = &state->entry[i];

        if (entry->name.version == is->rollback_of && entry->production_ns > 0 &&
            memcmp(entry->name.sha256, is->name.sha256, sizeof is->name.sha256) == 0)
            return 0;
    }
    return err_set(err, ERR_REFUSED,
                   "is a rollback of version %llu, but that set was never in "
                   "production under it",
                   (unsigned long long)is->rollback_of);
}

static int check_change_from(const struct relay *relay, const struct relay_entry *entry,
                             const struct plimsoll_set *set, struct err *err)
{
    struct publication *publication = NULL;
    struct plimsoll_set *old = NULL;
    int status = -1;

    if (relay_store_load(relay->store, entry, &publication, err) == 0 &&
        plimsoll_set_parse(publication->parts.set, publication->parts.n_set, &old,
                           err) == 0)
        status = guard_check_change(&relay->config->keys.guard, old, set, err);
    if (status != 0)
        err_add(err, "against version %llu", (unsigned long long)entry->name.version);
    plimsoll_set_free(old);
    publication_free(publication);
    return status;
}

/* Against what engines hold, and against what they held a change_span ago: many small
 * steps in a row are a large one. */
static int check_change(const struct relay *relay, const struct plimsoll_set *set,
                        struct err *err)
{
    const struct relay_state *state = state_of(relay);
    const struct relay_entry *now = relay_state_production(state);
    const struct relay_entry *then = relay_state_production_at(
        state, clock_now() - relay->config->keys.change_span_ns);

    if (now == NULL)
        return 0;
    if (check_change_from(relay, now, set, err) != 0)
        return -1;
    return then == NULL || then == now ? 0 : check_change_from(relay, then, set, err);
}

static int check_set(const struct relay *relay, const struct publication *publication,
                     struct err *err)
{
    struct plimsoll_set *set;

    if (plimsoll_set_parse(publication->parts.set, publication->parts.n_set, &set,
                           err) != 0)
        return err_add(err, "set");
    int status = guard_check_set(&relay->config->keys.guard, set, err);
    if (status == 0)
        status = publication->is.rollback_of != 0
                     ? check_rollback(relay, &publication->is, err)
                     : check_change(relay, set, err);
    plimsoll_set_free(set);
    return status;
}

int relay_judge(struct relay *relay, const struct publication *publication,
                struct err *err)
{
    const struct manifest *is = &publication->is;
    bool is_early = false;

    if (check_frozen(relay, is, err) != 0 || check_order(relay, is, err) != 0)
        return -1;
    if (manifest_check_time(is, clock_now(), &is_early, err) != 0 && !is_early)
        return err_add(err, "version %llu", (unsigned long long)is->name.version);
    if (relay_next_group(relay, publication, STAGE_NONE) == relay->config->n_groups)
        return err_set(err, ERR_REFUSED, "is for '%s', none of which is a group here",
                       is->audience);
    return check_set(relay, publication, err);
}
