#include "coordinator/guard.h"

#include <stdio.h>
#include <string.h>

#define FIELD(name) offsetof(struct guard, name)

static const struct conf_key keys[GUARD_KEYS] = {
    {.path = "publication.bounds",
     .type = CONF_LIMITS,
     .offset = FIELD(bounds),
     .meaning = "guard-rail: margin or parameter: {min: a, max: b} of every "
                "calibrated instrument"},
    {.path = "publication.change",
     .type = CONF_LIMITS,
     .offset = FIELD(change),
     .meaning = "guard-rail: {min: -0.1, max: 1}: by which share each may fall "
                "and rise from the set before"},
    {.path = "publication.evidence",
     .type = CONF_LIMITS,
     .offset = FIELD(evidence),
     .meaning = "guard-rail: figure on unseen bars that every calibrated "
                "instrument must have: {min: a, max: b}"},
    {.path = "publication.max_share_changed",
     .type = CONF_REAL,
     .offset = FIELD(max_share_changed),
     .preset = "1",
     .min = 0.0,
     .max = 1.0,
     .meaning = "guard-rail: share of the instruments that may change at once"},
    {.path = "publication.min_share_calibrated",
     .type = CONF_REAL,
     .offset = FIELD(min_share_calibrated),
     .preset = "0",
     .min = 0.0,
     .max = 1.0,
     .meaning = "guard-rail: share of the set's instruments that are calibrated"},
    {.path = "publication.min_share_kept",
     .type = CONF_REAL,
     .offset = FIELD(min_share_kept),
     .preset = "0",
     .min = 0.0,
     .max = 1.0,
     .meaning = "guard-rail: share of those calibrated in the set before that "
                "still are"},
};

void guard_keys(size_t offset, struct conf_key rows[GUARD_KEYS])
{
    memcpy(rows, keys, sizeof keys);
    for (size_t i = 0; i < GUARD_KEYS; i++)
        rows[i].offset += offset;
}

bool guard_is_key(const char *path)
{
    for (size_t i = 0; i < GUARD_KEYS; i++)
        if (strcmp(path, keys[i].path) == 0)
            return true;
    return false;
}

int guard_check_keys(const struct guard *guard, const struct conf *conf,
                     struct err *err)
{
    for (size_t i = 0; i < guard->change.n; i++) {
        const struct conf_limit *limit = &guard->change.limit[i];
        char path[96];

        if (limit->min <= 0.0 && limit->max >= 0.0)
            continue;
        snprintf(path, sizeof path, "publication.change.%.60s", limit->name);
        return conf_complain(conf, path, err,
                             "{min: %g, max: %g} refuses a set that changes nothing",
                             limit->min, limit->max);
    }
    return 0;
}

bool guard_is_open(const struct guard *guard)
{
    return guard->bounds.n + guard->change.n + guard->evidence.n == 0 &&
           guard->max_share_changed >= 1.0 && guard->min_share_calibrated <= 0.0 &&
           guard->min_share_kept <= 0.0;
}

static int check_files(const struct guard *guard, const struct plimsoll_set *old,
                       const struct plimsoll_set *new, struct err *err)
{
    if (guard_check_set(guard, new, err) != 0)
        return -1;
    return old == NULL ? 0 : guard_check_change(guard, old, new, err);
}

int guard_check_files(const struct guard *guard, const char *incumbent,
                      const char *path, struct err *err)
{
    struct plimsoll_set *old = NULL, *new = NULL;
    int status = -1;

    if ((incumbent == NULL || plimsoll_set_read(incumbent, &old, err) == 0) &&
        plimsoll_set_read(path, &new, err) == 0) {
        status = check_files(guard, old, new, err);
        if (status != 0)
            err_add(err, "%s", path);
    }
    plimsoll_set_free(old);
    plimsoll_set_free(new);
    return status;
}
