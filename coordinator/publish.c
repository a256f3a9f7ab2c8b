#include "coordinator/publish.h"
#include "client/set.h"
#include "coordinator/job.h"
#include "core/clock.h"
#include "core/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How long a set is valid where nothing else is asked for: a week of nights that fail.
 */
static const int64_t VALID_FOR_NS = 7 * CLOCK_DAY;

int publish_read(const struct publish_plan *plan, struct publish_matter *matter,
                 struct err *err)
{
    struct plimsoll_set *set;

    *matter = (struct publish_matter){0};
    if (file_read(plan->path, PLIMSOLL_SET_BYTES_MAX, &matter->set, &matter->n_set,
                  err) != 0)
        return -1;
    if (plimsoll_set_parse(matter->set, matter->n_set, &set, err) != 0)
        return err_add(err, "%s", plan->path);
    matter->n_instruments = plimsoll_set_count(set);
    plimsoll_set_free(set);
    for (; matter->n_keys < plan->n_signers; matter->n_keys++)
        if (key_read(plan->signer[matter->n_keys], KEY_SIGNING,
                     &matter->key[matter->n_keys], err) != 0)
            return -1;
    return 0;
}

void publish_forget(struct publish_matter *matter)
{
    for (size_t i = 0; i < matter->n_keys; i++)
        key_forget(&matter->key[i]);
    free(matter->set);
}

/* NULL where nothing is known of what engines hold. */
static int read_held(const struct publish_plan *plan, const struct publication *held,
                     struct plimsoll_set **set, struct err *err)
{
    *set = NULL;
    if (plan->incumbent != NULL)
        return plimsoll_set_read(plan->incumbent, set, err);
    return held == NULL
               ? 0
               : plimsoll_set_parse(held->parts.set, held->parts.n_set, set, err);
}

static int check_rails(const struct guard *guard, const struct publish_plan *plan,
                       const struct publish_matter *matter,
                       const struct publication *held, struct err *err)
{
    struct plimsoll_set *old = NULL, *new = NULL;
    int status = -1;

    if (read_held(plan, held, &old, err) == 0 &&
        plimsoll_set_parse(matter->set, matter->n_set, &new, err) == 0)
        status = guard_check_set(guard, new, err);
    if (status == 0 && old != NULL)
        status = guard_check_change(guard, old, new, err);
    plimsoll_set_free(old);
    plimsoll_set_free(new);
    return status;
}

int publish_check_guard(const struct publish_plan *plan,
                        const struct publish_matter *matter,
                        const struct publication *held, struct err *err)
{
    const struct conf_source source = {.path = plan->guard};
    struct job job;

    if (plan->guard == NULL)
        return 0;
    if (job_read(&source, &job, err) != 0)
        return -1;
    const int status = check_rails(&job.keys.guard, plan, matter, held, err);
    job_free(&job);
    return status != 0 ? err_add(err, "%s", plan->path) : 0;
}

bool publish_is_new(const struct publish_plan *plan)
{
    return plan->valid_from_ns != 0 || plan->valid_until_ns != 0 ||
           plan->valid_for_ns != 0 || plan->audience != NULL || plan->note != NULL;
}

static int set_times(const struct publish_plan *plan, struct manifest *manifest,
                     struct err *err)
{
    const int64_t now_ns = clock_now() / CLOCK_SECOND * CLOCK_SECOND;
    const int64_t for_ns = plan->valid_for_ns != 0 ? plan->valid_for_ns : VALID_FOR_NS;

    manifest->published_ns = now_ns;
    manifest->valid_from_ns = plan->valid_from_ns != 0 ? plan->valid_from_ns : now_ns;
    manifest->valid_until_ns = plan->valid_until_ns != 0
                                   ? plan->valid_until_ns
                                   : manifest->valid_from_ns + for_ns;
    if (manifest->valid_until_ns <= manifest->valid_from_ns)
        return err_set(err, ERR_USAGE,
                       "the set would be valid until before it is valid");
    if (manifest->valid_until_ns <= now_ns)
        return err_set(err, ERR_USAGE, "the set would not be valid any more");
    return 0;
}

int publish_make(const struct publish_plan *plan, const struct publish_matter *matter,
                 const struct stream_name *last, struct publication **publication,
                 struct err *err)
{
    struct manifest manifest = {.name = *last};

    if (last->version == INT64_MAX)
        return err_set(err, ERR_INPUT, "there is no version after the last");
    if (last->version == 0)
        manifest.name.epoch = (uint64_t)clock_now();
    manifest.name.version++;
    manifest.has_parent = last->version != 0;
    memcpy(manifest.parent_sha256, last->sha256, sizeof manifest.parent_sha256);
    if (set_times(plan, &manifest, err) != 0)
        return -1;
    if (plan->audience != NULL)
        snprintf(manifest.audience, sizeof manifest.audience, "%s", plan->audience);
    if (plan->note != NULL)
        snprintf(manifest.note, sizeof manifest.note, "%s", plan->note);
    return publication_make(&manifest, matter->set, matter->n_set, matter->n_keys,
                            matter->key, publication, err);
}
