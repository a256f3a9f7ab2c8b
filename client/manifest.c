#include "client/manifest.h"
#include "client/members.h"
#include "client/set.h"
#include "core/clock.h"
#include "core/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char schema[] = "plimsoll-publication";

enum { SCHEMA_VERSION = 1 };

/* ---- writing ---- */

static void put_moment(struct json *json, const char *name, int64_t moment_ns)
{
    char text[CLOCK_TEXT_MAX];

    json_put_text(json, name, clock_moment_text(moment_ns, text));
}

static void put_set(struct json *json, const struct stream_name *name)
{
    char digest[STREAM_DIGEST_MAX];

    json_put_object(json, "set");
    json_put_text(json, "sha256", stream_digest_text(name->sha256, digest));
    json_put_integer(json, "n_bytes", (int64_t)name->n_bytes);
    json_put_text(json, "schema", PLIMSOLL_SET_SCHEMA);
    json_put_integer(json, "schema_version", PLIMSOLL_SET_SCHEMA_VERSION);
    json_end(json);
}

static void put_audience(struct json *json, const char *audience)
{
    char group[TRUST_GROUPS_MAX];

    if (audience[0] == '\0') {
        json_put_null(json, "audience");
        return;
    }
    json_put_array(json, "audience");
    for (const char *at = audience; *at != '\0';) {
        const size_t n = strcspn(at, ",");

        snprintf(group, sizeof group, "%.*s", (int)n, at);
        json_put_text(json, NULL, group);
        at += n + (at[n] == ',');
    }
    json_end(json);
}

static void put_all(struct json *json, const struct manifest *manifest)
{
    char digest[STREAM_DIGEST_MAX];

    json_put_object(json, NULL);
    json_put_text(json, "schema", schema);
    json_put_integer(json, "schema_version", SCHEMA_VERSION);
    json_put_integer(json, "epoch", (int64_t)manifest->name.epoch);
    json_put_integer(json, "version", (int64_t)manifest->name.version);
    put_set(json, &manifest->name);
    if (manifest->has_parent)
        json_put_text(json, "parent_sha256",
                      stream_digest_text(manifest->parent_sha256, digest));
    else
        json_put_null(json, "parent_sha256");
    put_moment(json, "published_at", manifest->published_ns);
    put_moment(json, "valid_from", manifest->valid_from_ns);
    put_moment(json, "valid_until", manifest->valid_until_ns);
    put_audience(json, manifest->audience);
    if (manifest->rollback_of != 0)
        json_put_integer(json, "rollback_of", (int64_t)manifest->rollback_of);
    else
        json_put_null(json, "rollback_of");
    json_put_text(json, "note", manifest->note);
    json_end(json);
}

static int write_any(const struct manifest *manifest, char **bytes, size_t *n_bytes,
                     struct err *err)
{
    struct json json;

    json_start(&json, 0);
    put_all(&json, manifest);
    return json_finish(&json, bytes, n_bytes, err);
}

/* What is written is what would be read. */
int manifest_write(const struct manifest *manifest, char **bytes, size_t *n_bytes,
                   struct err *err)
{
    struct manifest back;
    char *written;
    size_t n;

    if (write_any(manifest, &written, &n, err) != 0)
        return -1;
    if (manifest_read(written, n, &back, err) != 0) {
        free(written);
        return err_add(err, "the manifest");
    }
    *bytes = written;
    *n_bytes = n;
    return 0;
}

/* ---- reading ---- */

static int check_schema(const json_t *object, const char *wanted,
                        int64_t wanted_version, struct err *err)
{
    const char *found;
    int64_t version;

    if (member_text(object, "schema", &found, err) != 0)
        return -1;
    if (strcmp(found, wanted) != 0)
        return err_set(err, ERR_INPUT, "schema: '%.60s' is not %s", found, wanted);
    return member_integer(object, "schema_version", wanted_version, wanted_version,
                          &version, err);
}

static int read_count(const json_t *tree, const char *name, int64_t max,
                      uint64_t *value, struct err *err)
{
    int64_t read;

    if (member_integer(tree, name, 1, max, &read, err) != 0)
        return -1;
    *value = (uint64_t)read;
    return 0;
}

static int read_set(const json_t *tree, struct stream_name *name, struct err *err)
{
    static const char *const allowed[] = {"sha256", "n_bytes", "schema",
                                          "schema_version", NULL};
    const char *sha256;
    const json_t *set;

    if (member_object(tree, "set", &set, err) != 0)
        return -1;
    if (members_only(set, allowed, err) != 0 ||
        check_schema(set, PLIMSOLL_SET_SCHEMA, PLIMSOLL_SET_SCHEMA_VERSION, err) != 0 ||
        member_sha256(set, "sha256", &sha256, err) != 0 ||
        read_count(set, "n_bytes", PLIMSOLL_SET_BYTES_MAX, &name->n_bytes, err) != 0)
        return err_add(err, "set");
    stream_digest_read(sha256, name->sha256);
    return 0;
}

static bool is_null(const json_t *tree, const char *name)
{
    return json_is_null(json_object_get(tree, name));
}

static int read_parent(const json_t *tree, struct manifest *manifest, struct err *err)
{
    const char *sha256;

    if (is_null(tree, "parent_sha256"))
        return 0;
    if (member_sha256(tree, "parent_sha256", &sha256, err) != 0)
        return -1;
    stream_digest_read(sha256, manifest->parent_sha256);
    manifest->has_parent = true;
    return 0;
}

static int read_times(const json_t *tree, struct manifest *manifest, struct err *err)
{
    if (member_moment(tree, "published_at", &manifest->published_ns, err) != 0 ||
        member_moment(tree, "valid_from", &manifest->valid_from_ns, err) != 0 ||
        member_moment(tree, "valid_until", &manifest->valid_until_ns, err) != 0)
        return -1;
    if (manifest->valid_from_ns >= manifest->valid_until_ns)
        return err_set(err, ERR_INPUT, "valid_until: is not after valid_from");
    return 0;
}

/* ["shadow","canary"] to "shadow,canary". */
static int read_audience(const json_t *tree, char audience[TRUST_GROUPS_MAX],
                         struct err *err)
{
    const json_t *groups;
    size_t n = 0;

    if (is_null(tree, "audience"))
        return 0;
    if (member_array(tree, "audience", &groups, err) != 0)
        return -1;
    for (size_t i = 0; i < json_array_size(groups); i++) {
        const char *group = json_string_value(json_array_get(groups, i));

        if (group == NULL)
            return err_set(err, ERR_INPUT, "audience[%zu]: is not a text", i);
        if (member_check_name(group, err) != 0)
            return err_add(err, "audience[%zu]", i);
        if (trust_is_in(audience, group))
            return err_set(err, ERR_INPUT, "audience[%zu]: %s is there twice", i,
                           group);
        if (n + strlen(group) + 2 > TRUST_GROUPS_MAX)
            return err_set(err, ERR_INPUT, "audience: has more than %d bytes",
                           TRUST_GROUPS_MAX - 1);
        n += (size_t)sprintf(audience + n, "%s%s", i > 0 ? "," : "", group);
    }
    return n > 0 ? 0 : err_set(err, ERR_INPUT, "audience: is empty");
}

static int read_rollback(const json_t *tree, struct manifest *manifest, struct err *err)
{
    if (is_null(tree, "rollback_of"))
        return 0;
    if (read_count(tree, "rollback_of", INT64_MAX, &manifest->rollback_of, err) != 0)
        return -1;
    if (manifest->rollback_of >= manifest->name.version)
        return err_set(err, ERR_INPUT, "rollback_of: %llu is not before version %llu",
                       (unsigned long long)manifest->rollback_of,
                       (unsigned long long)manifest->name.version);
    return 0;
}

static int read_all(const json_t *tree, struct manifest *manifest, struct err *err)
{
    static const char *const allowed[] = {
        "schema",        "schema_version", "epoch",      "version",     "set",
        "parent_sha256", "published_at",   "valid_from", "valid_until", "audience",
        "rollback_of",   "note",           NULL};
    const char *note;

    if (members_only(tree, allowed, err) != 0 ||
        check_schema(tree, schema, SCHEMA_VERSION, err) != 0 ||
        read_count(tree, "epoch", INT64_MAX, &manifest->name.epoch, err) != 0 ||
        read_count(tree, "version", INT64_MAX, &manifest->name.version, err) != 0 ||
        read_set(tree, &manifest->name, err) != 0 ||
        read_parent(tree, manifest, err) != 0 || read_times(tree, manifest, err) != 0 ||
        read_audience(tree, manifest->audience, err) != 0 ||
        read_rollback(tree, manifest, err) != 0 ||
        member_text(tree, "note", &note, err) != 0)
        return -1;
    snprintf(manifest->note, sizeof manifest->note, "%s", note);
    return 0;
}

static int check_canonical(const struct manifest *manifest, const void *bytes,
                           size_t n_bytes, struct err *err)
{
    char *written;
    size_t n;

    if (write_any(manifest, &written, &n, err) != 0)
        return -1;
    const bool is_same = n == n_bytes && memcmp(written, bytes, n) == 0;
    free(written);
    return is_same ? 0 : err_set(err, ERR_INPUT, "is not in canonical form");
}

int manifest_read(const void *bytes, size_t n_bytes, struct manifest *manifest,
                  struct err *err)
{
    struct manifest read = {0};
    json_t *tree = NULL;

    if (n_bytes > MANIFEST_BYTES_MAX)
        return err_set(err, ERR_INPUT, "has %zu bytes, more than %d", n_bytes,
                       MANIFEST_BYTES_MAX);
    if (members_parse(bytes, n_bytes, &tree, err) != 0)
        return -1;
    int status = read_all(tree, &read, err);
    json_decref(tree);
    if (status == 0)
        status = check_canonical(&read, bytes, n_bytes, err);
    if (status == 0)
        *manifest = read;
    return status;
}

int manifest_check_time(const struct manifest *manifest, int64_t now_ns, bool *is_early,
                        struct err *err)
{
    char moment[CLOCK_TEXT_MAX];

    *is_early = now_ns < manifest->valid_from_ns;
    if (*is_early)
        return err_set(err, ERR_REFUSED, "is valid from %s",
                       clock_moment_text(manifest->valid_from_ns, moment));
    if (now_ns >= manifest->valid_until_ns)
        return err_set(err, ERR_REFUSED, "was valid until %s",
                       clock_moment_text(manifest->valid_until_ns, moment));
    return 0;
}
