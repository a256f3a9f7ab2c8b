#include "coordinator/estimates.h"
#include "client/members.h"
#include "core/file.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILE_MAX = 64 << 20, VERSION = 1 };
static const char SCHEMA[] = "plimsoll-liquidity";
static const char GUESS[] = "extrapolated from the capture";

/* ---- reading ---- */

/* A number, or null where it is undefined. */
static int take_real(const json_t *object, const char *name, double *value,
                     struct err *err)
{
    *value = NAN;
    return json_is_null(json_object_get(object, name))
               ? 0
               : member_real(object, name, value, err);
}

static int take_figure(const json_t *entry, enum liquidity_figure f,
                       struct estimates_entry *into, struct err *err)
{
    const char *const name = liquidity_name(f), *label;
    struct liquidity_estimate *figure = &into->figure[f];
    const json_t *object;
    int64_t n;

    if (member_object(entry, name, &object, err) != 0)
        return -1;
    if (take_real(object, "value", &figure->value, err) != 0 ||
        take_real(object, "low", &figure->low, err) != 0 ||
        take_real(object, "high", &figure->high, err) != 0 ||
        member_integer(object, "replicates", 0, INT64_MAX, &n, err) != 0 ||
        member_text(object, "label", &label, err) != 0)
        return err_add(err, "%s", name);
    figure->n_replicates = (size_t)n;
    into->is_guess[f] = label[0] != '\0';
    return 0;
}

static int take_entry(const json_t *entry, struct estimates_entry *into,
                      struct err *err)
{
    const char *instrument, *source, *sha256;

    if (!json_is_object(entry))
        return err_set(err, ERR_INPUT, "is no object");
    if (member_text(entry, "instrument", &instrument, err) != 0 ||
        member_check_name(instrument, err) != 0 ||
        member_text(entry, "source", &source, err) != 0 ||
        member_sha256(entry, "source_sha256", &sha256, err) != 0 ||
        member_integer(entry, "samples", 1, INT64_MAX, &into->n_samples, err) != 0 ||
        member_real(entry, "step_s", &into->step_s, err) != 0)
        return -1;
    snprintf(into->instrument, sizeof into->instrument, "%s", instrument);
    snprintf(into->source, sizeof into->source, "%s", source);
    snprintf(into->sha256, sizeof into->sha256, "%s", sha256);
    for (int f = 0; f < LIQUIDITY_FIGURES; f++)
        if (take_figure(entry, (enum liquidity_figure)f, into, err) != 0)
            return -1;
    return 0;
}

static struct measured_figure figure_of(const struct estimates_entry *entry,
                                        enum liquidity_figure f)
{
    return (struct measured_figure){entry->figure[f].value, entry->figure[f].low,
                                    entry->figure[f].high};
}

static int take_entries(const json_t *array, struct estimates *made, struct err *err)
{
    const size_t n = json_array_size(array);

    made->entry = calloc(n + 1, sizeof *made->entry);
    made->measured = calloc(n + 1, sizeof *made->measured);
    if (made->entry == NULL || made->measured == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu instruments", n);
    for (size_t i = 0; i < n; i++) {
        struct estimates_entry *entry = &made->entry[i];

        if (take_entry(json_array_get(array, i), entry, err) != 0)
            return err_add(err, "instruments[%zu]", i);
        if (i > 0 && strcmp(entry[-1].instrument, entry->instrument) >= 0)
            return err_set(err, ERR_INPUT,
                           "instruments[%zu]: %s does not come after %s by name", i,
                           entry->instrument, entry[-1].instrument);
        made->measured[i] = (struct measured){
            .instrument = entry->instrument,
            .source = entry->source,
            .sha256 = entry->sha256,
            .law = {[MEASURED_FLOW] = {figure_of(entry, LIQUIDITY_FLOW_Y),
                                       figure_of(entry, LIQUIDITY_FLOW_DELTA)},
                    [MEASURED_BOOK] = {figure_of(entry, LIQUIDITY_BOOK_Y),
                                       figure_of(entry, LIQUIDITY_BOOK_DELTA)}},
            .halflife_s = figure_of(entry, LIQUIDITY_HALFLIFE)};
        made->n++;
    }
    return 0;
}

static int take_document(const json_t *tree, struct estimates *made, struct err *err)
{
    const json_t *array;
    const char *schema;
    int64_t version;

    if (member_text(tree, "schema", &schema, err) != 0 ||
        member_integer(tree, "schema_version", 1, INT64_MAX, &version, err) != 0)
        return -1;
    if (strcmp(schema, SCHEMA) != 0 || version != VERSION)
        return err_set(err, ERR_INPUT, "schema: \"%.60s\" %lld is not \"%s\" %d",
                       schema, (long long)version, SCHEMA, VERSION);
    if (member_array(tree, "instruments", &array, err) != 0)
        return -1;
    return take_entries(array, made, err);
}

int estimates_read(const char *path, struct estimates *estimates, struct err *err)
{
    struct estimates made = {0};
    json_t *tree = NULL;
    size_t n_bytes;
    char *bytes;

    if (file_read(path, FILE_MAX, &bytes, &n_bytes, err) != 0)
        return -1;
    sha256_of(bytes, n_bytes, made.sha256);
    int status = members_parse(bytes, n_bytes, &tree, err);
    if (status == 0)
        status = take_document(tree, &made, err);
    json_decref(tree);
    free(bytes);
    if (status == 0) {
        *estimates = made;
        return 0;
    }
    estimates_free(&made);
    return err_add(err, "%s", path);
}

void estimates_free(struct estimates *estimates)
{
    free(estimates->entry);
    free(estimates->measured);
    *estimates = (struct estimates){0};
}

/* ---- writing ---- */

void estimates_put_figures(struct json *json, const struct estimates_entry *entry)
{
    for (int f = 0; f < LIQUIDITY_FIGURES; f++) {
        json_put_object(json, liquidity_name((enum liquidity_figure)f));
        json_put_real(json, "value", entry->figure[f].value);
        json_put_real(json, "low", entry->figure[f].low);
        json_put_real(json, "high", entry->figure[f].high);
        json_put_integer(json, "replicates", (int64_t)entry->figure[f].n_replicates);
        json_put_text(json, "unit", liquidity_unit((enum liquidity_figure)f));
        json_put_text(json, "label", entry->is_guess[f] ? GUESS : "");
        json_end(json);
    }
}

static void put_entry(struct json *json, const struct estimates_entry *entry)
{
    json_put_object(json, NULL);
    json_put_text(json, "instrument", entry->instrument);
    json_put_text(json, "source", entry->source);
    json_put_text(json, "source_sha256", entry->sha256);
    json_put_integer(json, "samples", entry->n_samples);
    json_put_real(json, "step_s", entry->step_s);
    estimates_put_figures(json, entry);
    json_end(json);
}

/* The entries in their order, with this one in its place. */
static void put_entries(struct json *json, const struct estimates *old,
                        const struct estimates_entry *entry)
{
    bool is_put = false;

    for (size_t i = 0; i < old->n; i++) {
        const int order = strcmp(old->entry[i].instrument, entry->instrument);

        if (order >= 0 && !is_put) {
            put_entry(json, entry);
            is_put = true;
        }
        if (order != 0)
            put_entry(json, &old->entry[i]);
    }
    if (!is_put)
        put_entry(json, entry);
}

int estimates_keep(const char *path, const struct estimates_entry *entry,
                   struct err *err)
{
    struct estimates old = {0};
    struct json json;
    size_t n_bytes;
    char *bytes;

    if (access(path, F_OK) == 0) {
        if (estimates_read(path, &old, err) != 0)
            return -1;
    } else if (errno != ENOENT) {
        return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    }
    json_start(&json, 2);
    json_put_object(&json, NULL);
    json_put_text(&json, "schema", SCHEMA);
    json_put_integer(&json, "schema_version", VERSION);
    json_put_array(&json, "instruments");
    put_entries(&json, &old, entry);
    json_end(&json);
    json_end(&json);
    estimates_free(&old);
    if (json_finish(&json, &bytes, &n_bytes, err) != 0)
        return -1;
    const int status = file_replace(path, bytes, n_bytes, err);
    free(bytes);
    return status;
}
