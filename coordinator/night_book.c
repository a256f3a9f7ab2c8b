#include "client/members.h"
#include "coordinator/night.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BOOK_BYTES_MAX = 64 << 20 };

static const char SCHEMA[] = "plimsoll-nights";

/* ---- reading ---- */

static int get_text(const json_t *tree, const char *name, char *out, size_t size,
                    struct err *err)
{
    const char *text;

    if (member_text(tree, name, &text, err) != 0)
        return -1;
    if (strlen(text) >= size)
        return err_set(err, ERR_INPUT, "%s: is longer than %zu bytes", name, size - 1);
    snprintf(out, size, "%s", text);
    return 0;
}

static int get_state(const json_t *tree, enum night_state *state, struct err *err)
{
    const char *text;
    int i = 0;

    if (member_text(tree, "state", &text, err) != 0)
        return -1;
    while (i < NIGHT_RECORDED && strcmp(text, night_state_text((enum night_state)i)))
        i++;
    if (i == NIGHT_RECORDED)
        return err_set(err, ERR_INPUT, "state: '%.40s' is none", text);
    *state = (enum night_state)i;
    return 0;
}

static int get_sha256(const json_t *tree, struct night *night, struct err *err)
{
    const char *text;

    if (member_text(tree, "sha256", &text, err) != 0)
        return -1;
    if (text[0] == '\0')
        return 0;
    if (member_sha256(tree, "sha256", &text, err) != 0)
        return -1;
    snprintf(night->sha256, sizeof night->sha256, "%s", text);
    return 0;
}

static int get_night(const json_t *tree, struct night *night, struct err *err)
{
    *night = (struct night){0};
    if (!json_is_object(tree))
        return err_set(err, ERR_INPUT, "is not an object");
    if (member_moment(tree, "slot", &night->slot_ns, err) != 0 ||
        get_state(tree, &night->state, err) != 0 ||
        member_integer(tree, "attempt", 1, INT64_MAX, &night->attempt, err) != 0 ||
        member_integer(tree, "doubled", 0, INT64_MAX, &night->n_doubled, err) != 0 ||
        member_integer(tree, "version", 0, INT64_MAX, &night->version, err) != 0 ||
        member_moment(tree, "began", &night->began_ns, err) != 0 ||
        member_moment(tree, "noted", &night->noted_ns, err) != 0 ||
        get_text(tree, "owner", night->owner, sizeof night->owner, err) != 0 ||
        get_text(tree, "reason", night->reason, sizeof night->reason, err) != 0)
        return -1;
    return get_sha256(tree, night, err);
}

static int get_nights(const json_t *tree, struct night_book *book, struct err *err)
{
    const json_t *array;

    if (member_array(tree, "nights", &array, err) != 0)
        return -1;
    const size_t n = json_array_size(array);
    book->night = calloc(n + 1, sizeof *book->night);
    if (book->night == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu nights", n);
    book->capacity = n + 1;
    for (size_t i = 0; i < n; i++) {
        if (get_night(json_array_get(array, i), &book->night[i], err) != 0)
            return err_add(err, "nights[%zu]", i);
        if (i > 0 && book->night[i].slot_ns <= book->night[i - 1].slot_ns)
            return err_set(err, ERR_INPUT, "nights[%zu]: is not after the one before",
                           i);
        book->n++;
    }
    return 0;
}

static int get_book(const json_t *tree, struct night_book *book, struct err *err)
{
    struct night_calendar *calendar = &book->calendar;
    const char *schema;

    if (member_text(tree, "schema", &schema, err) != 0)
        return -1;
    if (strcmp(schema, SCHEMA) != 0)
        return err_set(err, ERR_INPUT, "schema: is not %s", SCHEMA);
    if (member_moment(tree, "first", &calendar->first_ns, err) != 0 ||
        member_integer(tree, "every_ns", 1, INT64_MAX, &calendar->every_ns, err) != 0 ||
        member_integer(tree, "late_ns", 0, INT64_MAX, &calendar->late_ns, err) != 0 ||
        member_integer(tree, "stale_ns", 0, INT64_MAX, &calendar->stale_ns, err) != 0 ||
        member_moment(tree, "since", &book->since_ns, err) != 0)
        return -1;
    return get_nights(tree, book, err);
}

int night_book_read(const char *path, struct night_book *book, struct err *err)
{
    struct night_book found = {0};
    json_t *tree = NULL;
    char *bytes;
    size_t n_bytes;

    if (access(path, F_OK) != 0 && errno == ENOENT) {
        *book = found;
        return 0;
    }
    if (file_read(path, BOOK_BYTES_MAX, &bytes, &n_bytes, err) != 0)
        return -1;
    const int status = members_parse(bytes, n_bytes, &tree, err) != 0
                           ? -1
                           : get_book(tree, &found, err);
    json_decref(tree);
    free(bytes);
    if (status != 0) {
        night_book_free(&found);
        return err_add(err, "%s", path);
    }
    *book = found;
    return 0;
}

/* ---- writing ---- */

static void put_moment(struct json *json, const char *name, int64_t moment_ns)
{
    char text[CLOCK_TEXT_MAX];

    json_put_text(json, name, clock_moment_text(moment_ns, text));
}

static void put_night(struct json *json, const struct night *night)
{
    json_put_object(json, NULL);
    put_moment(json, "slot", night->slot_ns);
    json_put_text(json, "state", night_state_text(night->state));
    json_put_integer(json, "attempt", night->attempt);
    json_put_integer(json, "doubled", night->n_doubled);
    json_put_integer(json, "version", night->version);
    put_moment(json, "began", night->began_ns);
    put_moment(json, "noted", night->noted_ns);
    json_put_text(json, "owner", night->owner);
    json_put_text(json, "reason", night->reason);
    json_put_text(json, "sha256", night->sha256);
    json_end(json);
}

int night_book_write(const char *path, const struct night_book *book, struct err *err)
{
    struct json json;
    size_t n_bytes;
    char *bytes;

    json_start(&json, 2);
    json_put_object(&json, NULL);
    json_put_text(&json, "schema", SCHEMA);
    put_moment(&json, "first", book->calendar.first_ns);
    json_put_integer(&json, "every_ns", book->calendar.every_ns);
    json_put_integer(&json, "late_ns", book->calendar.late_ns);
    json_put_integer(&json, "stale_ns", book->calendar.stale_ns);
    put_moment(&json, "since", book->since_ns);
    json_put_array(&json, "nights");
    for (size_t i = 0; i < book->n; i++)
        put_night(&json, &book->night[i]);
    json_end(&json);
    json_end(&json);
    if (json_finish(&json, &bytes, &n_bytes, err) != 0)
        return -1;
    const int status = file_replace(path, bytes, n_bytes, err);
    free(bytes);
    return status;
}
