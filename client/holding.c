#include "client/holding_inside.h"
#include "core/clock.h"

#include <stdlib.h>
#include <string.h>

enum { LOOK_MS = 1000 };

static void drop(struct held *held)
{
    publication_free(held->publication);
    plimsoll_set_free(held->set);
    *held = (struct held){0};
}

/* ---- is it good? ---- */

int holding_check_order(const struct holding *holding, const struct stream_name *name,
                        struct err *err)
{
    const struct stream_name *held = &holding->name;
    char epoch[CLOCK_TEXT_MAX], held_epoch[CLOCK_TEXT_MAX];
    const int order = stream_name_compare(name, held);

    if (stream_name_check_epoch(name, err) != 0)
        return -1;
    if (held->version == 0 || order > 0 || stream_name_same(name, held))
        return 0;
    if (order == 0)
        return err_set(err, ERR_REFUSED, "version %llu is another set than before",
                       (unsigned long long)name->version);
    if (name->epoch != held->epoch)
        return err_set(err, ERR_REFUSED,
                       "version %llu counts from %s, before what is held (from %s)",
                       (unsigned long long)name->version,
                       clock_moment_text((int64_t)name->epoch, epoch),
                       clock_moment_text((int64_t)held->epoch, held_epoch));
    return err_set(err, ERR_REFUSED, "version %llu is below version %llu",
                   (unsigned long long)name->version,
                   (unsigned long long)held->version);
}

static int64_t grace_ns(const struct holding *holding)
{
    return holding->limits != NULL ? limits_grace_ns(holding->limits) : 0;
}

static int check_end(const struct holding *holding, const struct manifest *manifest,
                     bool *is_early, struct err *err)
{
    struct manifest with_grace = *manifest;
    const int64_t left_ns = INT64_MAX - manifest->valid_until_ns;

    with_grace.valid_until_ns +=
        grace_ns(holding) < left_ns ? grace_ns(holding) : left_ns;
    return manifest_check_time(&with_grace, clock_now(), is_early, err);
}

static int check_limits(const struct holding *holding, const struct plimsoll_set *set,
                        struct err *err)
{
    return holding->limits == NULL
               ? 0
               : limits_check(holding->limits, holding->now.set, set, err);
}

static int check_signed(const struct holding *holding,
                        const struct publication_parts *parts, struct err *err)
{
    return holding->signers == NULL
               ? 0
               : publication_verify(trust_watch_now(holding->signers), parts, err);
}

/* Signatures first: nothing unsigned is parsed. */
int holding_examine(const struct holding *holding,
                    const struct publication_parts *parts, struct held *found,
                    bool *is_early, struct err *err)
{
    struct publication *publication;

    if (check_signed(holding, parts, err) != 0 ||
        publication_take(parts, &publication, err) != 0)
        return -1;
    *found = (struct held){.publication = publication};
    if (plimsoll_set_parse(parts->set, parts->n_set, &found->set, err) == 0 &&
        check_limits(holding, found->set, err) == 0 &&
        (check_end(holding, &publication->is, is_early, err) == 0 || *is_early))
        return 0;
    drop(found);
    return -1;
}

/* ---- opening and closing ---- */

/* 1 where they are others now, 0, -1 where the file is broken. */
static int look_at_limits(struct holding *holding, struct err *err)
{
    struct limits *limits;
    const int looked = watched_look(&holding->limits_file, err);

    if (looked <= 0)
        return looked;
    if (limits_parse(holding->limits_file.seen, holding->limits_file.n_seen, &limits,
                     err) != 0)
        return err_add(err, "%s", holding->limits_file.path);
    limits_free(holding->limits);
    holding->limits = limits;
    return 1;
}

static int open_files(struct holding *holding, const struct holding_options *options,
                      struct err *err)
{
    if (options->signers != NULL &&
        trust_watch_open(options->signers, KEY_SIGNING, &holding->signers, err) != 0)
        return -1;
    if (options->limits != NULL) {
        holding->has_limits = true;
        if (watched_start(&holding->limits_file, options->limits, LIMITS_BYTES_MAX,
                          err) != 0 ||
            look_at_limits(holding, err) < 0)
            return -1;
    }
    return options->store != NULL ? holding_store_open(holding, options->store, err)
                                  : 0;
}

int holding_open(const struct holding_options *options, struct holding **holding,
                 struct err *err)
{
    struct holding *new = calloc(1, sizeof *new);

    if (new == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a store");
    if (open_files(new, options, err) != 0) {
        holding_close(new);
        return -1;
    }
    *holding = new;
    return 0;
}

void holding_close(struct holding *holding)
{
    if (holding == NULL)
        return;
    lock_release(holding->lock);
    trust_watch_close(holding->signers);
    watched_stop(&holding->limits_file);
    limits_free(holding->limits);
    drop(&holding->now);
    drop(&holding->pending);
    plimsoll_set_free(holding->previous);
    free(holding);
}

const char *holding_fault(const struct holding *holding)
{
    return holding->fault.kind != ERR_NONE ? holding->fault.text : NULL;
}

struct plimsoll_set *holding_set(const struct holding *holding)
{
    return holding->now.set;
}

struct plimsoll_set *holding_previous(const struct holding *holding)
{
    return holding->previous;
}

const struct publication *holding_publication(const struct holding *holding)
{
    return holding->now.publication;
}

const struct stream_name *holding_name(const struct holding *holding)
{
    return &holding->name;
}

const struct stream_name *holding_pending(const struct holding *holding)
{
    return &holding->pending_name;
}

/* ---- taking ---- */

static int take(struct holding *holding, struct held *found, struct err *err)
{
    if (holding_store_put(holding, found->publication, err) != 0) {
        drop(found);
        return -1;
    }
    plimsoll_set_free(holding->previous);
    holding->previous = holding->now.set;
    publication_free(holding->now.publication);
    holding->now = *found;
    holding->name = found->publication->is.name;
    holding->end_is_told = false;
    holding->fault = (struct err){0};
    return 0;
}

static void drop_pending(struct holding *holding)
{
    drop(&holding->pending);
    holding->pending_name = (struct stream_name){0};
}

static void wait_for(struct holding *holding, const struct held *found)
{
    drop_pending(holding);
    holding->pending = *found;
    holding->pending_name = found->publication->is.name;
}

/* It is the held one now, and nothing older waits any more. */
static int take_now(struct holding *holding, struct held *found, struct err *err)
{
    if (take(holding, found, err) != 0)
        return -1;
    if (stream_name_compare(&holding->pending_name, &holding->name) <= 0)
        drop_pending(holding);
    return 0;
}

enum holding_answer holding_offer(struct holding *holding,
                                  const struct stream_name *name,
                                  const struct publication_parts *parts,
                                  struct err *err)
{
    bool is_early = false;
    struct held found;

    if (holding_check_order(holding, name, err) != 0)
        return HOLDING_REFUSED;
    if (holding->now.set != NULL && stream_name_same(name, &holding->name))
        return HOLDING_SAME;
    if (holding->pending.set != NULL && stream_name_same(name, &holding->pending_name))
        return HOLDING_WAITS;
    if (holding_examine(holding, parts, &found, &is_early, err) != 0) {
        err_add(err, "version %llu", (unsigned long long)name->version);
        return HOLDING_REFUSED;
    }
    if (!stream_name_same(name, &found.publication->is.name)) {
        drop(&found);
        err_set(err, ERR_INPUT, "version %llu: its manifest names another set",
                (unsigned long long)name->version);
        return HOLDING_REFUSED;
    }
    if (is_early) {
        wait_for(holding, &found);
        return HOLDING_WAITS;
    }
    return take_now(holding, &found, err) == 0 ? HOLDING_TAKEN : HOLDING_REFUSED;
}

/* ---- by the clock ---- */

/* Would what is held be let in by the files as they are now? */
static int check_held(const struct holding *holding, struct err *err)
{
    const struct held *now = &holding->now;

    if (now->set == NULL)
        return 0;
    if (check_signed(holding, &now->publication->parts, err) != 0 ||
        (holding->limits != NULL &&
         limits_check(holding->limits, NULL, now->set, err) != 0))
        return err_add(err, "version %llu, which is held, would not be taken now",
                       (unsigned long long)holding->name.version);
    return 0;
}

static enum holding_news look_at_files(struct holding *holding, struct err *err)
{
    const int signers =
        holding->signers != NULL ? trust_watch_refresh(holding->signers, err) : 0;

    if (signers < 0)
        return HOLDING_COMPLAINS;
    const int limits = holding->has_limits ? look_at_limits(holding, err) : 0;
    if (limits < 0)
        return HOLDING_COMPLAINS;
    return (signers > 0 || limits > 0) && check_held(holding, err) != 0
               ? HOLDING_COMPLAINS
               : HOLDING_NO_NEWS;
}

/* Signers and limits may have changed since it came, and its time may be over: a
 * machine slept, or its clock was set. */
static enum holding_news begin_pending(struct holding *holding, struct err *err)
{
    struct held found = holding->pending;
    bool is_early;

    if (check_signed(holding, &found.publication->parts, err) != 0 ||
        check_limits(holding, found.set, err) != 0 ||
        check_end(holding, &found.publication->is, &is_early, err) != 0) {
        err_add(err, "version %llu", (unsigned long long)holding->pending_name.version);
        drop_pending(holding);
        return HOLDING_COMPLAINS;
    }
    holding->pending = (struct held){0};
    drop_pending(holding);
    return take_now(holding, &found, err) == 0 ? HOLDING_IS_VALID : HOLDING_COMPLAINS;
}

bool holding_is_expired(const struct holding *holding)
{
    bool is_early = false;

    return holding->now.publication != NULL &&
           check_end(holding, &holding->now.publication->is, &is_early, NULL) != 0 &&
           !is_early;
}

/* Told once; again where the clock, or a grace, had made it valid meanwhile. */
static bool has_ended(struct holding *holding)
{
    const bool was_told = holding->end_is_told;

    holding->end_is_told = holding_is_expired(holding);
    return holding->end_is_told && !was_told;
}

enum holding_news holding_look(struct holding *holding, struct err *err)
{
    const int64_t now_ns = clock_monotonic();
    const struct held *pending = &holding->pending;

    if (pending->publication != NULL &&
        clock_now() >= pending->publication->is.valid_from_ns)
        return begin_pending(holding, err);
    if (has_ended(holding))
        return HOLDING_HAS_ENDED;
    if (now_ns < holding->look_due_ns)
        return HOLDING_NO_NEWS;
    const enum holding_news news = look_at_files(holding, err);
    if (news == HOLDING_NO_NEWS) /* else there may be more to tell */
        holding->look_due_ns = now_ns + LOOK_MS * (CLOCK_SECOND / 1000);
    return news;
}
