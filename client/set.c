#include "client/set.h"
#include "client/members.h"
#include "client/set_inside.h"
#include "core/clock.h"
#include "core/file.h"

#include <stdlib.h>
#include <string.h>

static const char schema[] = PLIMSOLL_SET_SCHEMA;

static int check_schema(const json_t *tree, struct err *err)
{
    int64_t version;
    const char *name;

    if (member_text(tree, "schema", &name, err) != 0)
        return -1;
    if (strcmp(name, schema) != 0)
        return err_set(err, ERR_INPUT, "schema: '%.60s' is not %s", name, schema);
    return member_integer(tree, "schema_version", PLIMSOLL_SET_SCHEMA_VERSION,
                          PLIMSOLL_SET_SCHEMA_VERSION, &version, err);
}

static int read_job(const json_t *tree, struct plimsoll_head *head, struct err *err)
{
    static const char *const allowed[] = {"name", "sha256", NULL};
    const json_t *job;

    if (member_object(tree, "job", &job, err) != 0)
        return -1;
    if (members_only(job, allowed, err) != 0 ||
        member_text(job, "name", &head->job_name, err) != 0 ||
        member_sha256(job, "sha256", &head->job_sha256, err) != 0)
        return err_add(err, "job");
    return 0;
}

static int read_interval(const json_t *tree, int64_t *interval_ns, struct err *err)
{
    const char *text;

    if (member_text(tree, "interval", &text, err) != 0)
        return -1;
    if (clock_parse_duration(text, strlen(text), interval_ns, err) != 0)
        return err_add(err, "interval");
    return 0;
}

static int read_confidence(const json_t *tree, double *confidence, struct err *err)
{
    if (member_real(tree, "confidence", confidence, err) != 0)
        return -1;
    if (!(*confidence > 0.0 && *confidence < 1.0))
        return err_set(err, ERR_INPUT, "confidence: %g is not between 0 and 1",
                       *confidence);
    return 0;
}

static int read_head(const json_t *tree, struct plimsoll_head *head, struct err *err)
{
    static const char *const allowed[] = {
        "schema",           "schema_version", "job",
        "program",          "study",          "as_of",
        "history_sha256",   "interval",       "horizon_bars",
        "confidence",       "n_points",       "instruments",
        "incumbent_sha256", "stress",         NULL};

    if (check_schema(tree, err) != 0 || members_only(tree, allowed, err) != 0 ||
        read_job(tree, head, err) != 0 ||
        member_text(tree, "program", &head->program, err) != 0 ||
        member_text(tree, "study", &head->study, err) != 0 ||
        member_sha256(tree, "history_sha256", &head->history_sha256, err) != 0 ||
        (json_object_get(tree, "incumbent_sha256") != NULL &&
         member_sha256(tree, "incumbent_sha256", &head->incumbent_sha256, err) != 0) ||
        member_moment(tree, "as_of", &head->as_of_ns, err) != 0 ||
        read_interval(tree, &head->interval_ns, err) != 0 ||
        member_integer(tree, "horizon_bars", 1, INT32_MAX, &head->horizon_bars, err) !=
            0 ||
        read_confidence(tree, &head->confidence, err) != 0 ||
        set_fill_joint(tree, &head->stress, err) != 0)
        return -1;
    return member_integer(tree, "n_points", 1, INT64_MAX, &head->n_points, err);
}

static int check_order(const struct plimsoll_instrument *instrument, struct err *err)
{
    const int order = strcmp(instrument[-1].name, instrument->name);

    if (order == 0)
        return err_set(err, ERR_INPUT, "%s: is there twice", instrument->name);
    if (order > 0)
        return err_set(err, ERR_INPUT, "%s: is not sorted after %s", instrument->name,
                       instrument[-1].name);
    return 0;
}

/* One entry, and how it fits to the head and to the entry before it. */
static int fill_entry(struct plimsoll_set *set, size_t i, const json_t *entry,
                      struct err *err)
{
    struct plimsoll_instrument *instrument = &set->instrument[i];

    if (set_fill_instrument(entry, instrument, err) != 0)
        return -1;
    if (instrument->as_of_ns > set->head.as_of_ns)
        return err_set(err, ERR_INPUT, "%s: as_of: is after that of the set",
                       instrument->name);
    return i > 0 ? check_order(instrument, err) : 0;
}

int set_fill(struct plimsoll_set *set, struct err *err)
{
    const json_t *entries;

    if (read_head(set->tree, &set->head, err) != 0 ||
        member_array(set->tree, "instruments", &entries, err) != 0)
        return -1;
    const size_t n = json_array_size(entries);
    if (n == 0)
        return err_set(err, ERR_INPUT, "instruments: is empty");
    set->instrument = calloc(n, sizeof *set->instrument);
    if (set->instrument == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu instruments", n);
    set->n = n;
    for (size_t i = 0; i < n; i++)
        if (fill_entry(set, i, json_array_get(entries, i), err) != 0)
            return err_add(err, "instruments[%zu]", i);
    return 0;
}

int plimsoll_set_parse(const char *bytes, size_t n_bytes, struct plimsoll_set **set,
                       struct err *err)
{
    if (n_bytes > PLIMSOLL_SET_BYTES_MAX)
        return err_set(err, ERR_INPUT, "%zu bytes are more than a set may have, %d",
                       n_bytes, PLIMSOLL_SET_BYTES_MAX);
    struct plimsoll_set *new = calloc(1, sizeof *new);
    if (new == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a parameter set");
    atomic_init(&new->n_owners, 1);
    if (members_parse(bytes, n_bytes, &new->tree, err) != 0 ||
        set_fill(new, err) != 0) {
        plimsoll_set_free(new);
        return -1;
    }
    sha256_of(bytes, n_bytes, new->sha256);
    *set = new;
    return 0;
}

int plimsoll_set_read(const char *path, struct plimsoll_set **set, struct err *err)
{
    char *bytes;
    size_t n_bytes;

    if (file_read(path, PLIMSOLL_SET_BYTES_MAX, &bytes, &n_bytes, err) != 0)
        return -1;
    int status = plimsoll_set_parse(bytes, n_bytes, set, err);
    if (status != 0)
        err_add(err, "%s", path);
    free(bytes);
    return status;
}

struct plimsoll_set *plimsoll_set_share(struct plimsoll_set *set)
{
    atomic_fetch_add_explicit(&set->n_owners, 1, memory_order_relaxed);
    return set;
}

void plimsoll_set_free(struct plimsoll_set *set)
{
    if (set == NULL ||
        atomic_fetch_sub_explicit(&set->n_owners, 1, memory_order_acq_rel) > 1)
        return;
    for (size_t i = 0; i < set->n; i++) {
        free(set->instrument[i].tier);
        free(set->instrument[i].parameters.value);
        free(set->instrument[i].training.value);
        free(set->instrument[i].fits.parameters.value);
        free(set->instrument[i].fits.standard_errors.value);
        free(set->instrument[i].tail_fits.parameters.value);
        free(set->instrument[i].tail_fits.standard_errors.value);
        free(set->instrument[i].test.value);
        free(set->instrument[i].shared);
        free(set->instrument[i].sources);
        set_free_stress(&set->instrument[i].stress);
    }
    free(set->instrument);
    set_free_joint(&set->head.stress);
    json_decref(set->tree);
    free(set);
}

const struct plimsoll_head *plimsoll_set_head(const struct plimsoll_set *set)
{
    return &set->head;
}

const char *plimsoll_set_sha256(const struct plimsoll_set *set)
{
    return set->sha256;
}

size_t plimsoll_set_count(const struct plimsoll_set *set)
{
    return set->n;
}

const struct plimsoll_instrument *plimsoll_set_at(const struct plimsoll_set *set,
                                                  size_t i)
{
    return &set->instrument[i];
}

static int compare_name(const void *name, const void *instrument)
{
    return strcmp(name, ((const struct plimsoll_instrument *)instrument)->name);
}

const struct plimsoll_instrument *plimsoll_set_find(const struct plimsoll_set *set,
                                                    const char *name)
{
    return bsearch(name, set->instrument, set->n, sizeof *set->instrument,
                   compare_name);
}

int plimsoll_set_margin(const struct plimsoll_set *set, const char *name,
                        double notional, const struct plimsoll_tier **tier,
                        struct err *err)
{
    const struct plimsoll_instrument *instrument = plimsoll_set_find(set, name);
    size_t i = 0;

    if (!(notional >= 0.0)) /* refuses NaN too */
        return err_set(err, ERR_INPUT, "%s: a notional of %g is not 0 or more", name,
                       notional);
    if (instrument == NULL)
        return err_set(err, ERR_INPUT, "%s: is not in the set", name);
    if (instrument->status != PLIMSOLL_CALIBRATED)
        return err_set(err, ERR_REFUSED, "%s: is %s: %s", name,
                       plimsoll_status_text(instrument->status), instrument->reason);
    while (i + 1 < instrument->n_tiers && notional > instrument->tier[i].up_to_notional)
        i++;
    *tier = &instrument->tier[i];
    return 0;
}

const struct plimsoll_value *plimsoll_values_find(const struct plimsoll_values *values,
                                                  const char *name)
{
    for (size_t i = 0; i < values->n; i++)
        if (strcmp(values->value[i].name, name) == 0)
            return &values->value[i];
    return NULL;
}

const char *plimsoll_status_text(enum plimsoll_status status)
{
    static const char *const text[] = {"calibrated", "held", "failed"};

    return text[status];
}
