#include "market/capture.h"
#include "core/sha256.h"
#include "core/text.h"
#include "market/archive.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const int64_t NS_A_MS = 1000000;

/* A snapshot is answered later than it was made: changes that it lacks have come
 * before it. */
enum { KEPT = 4096 };

struct reading {
    const struct capture_listener *listener;
    json_t *kept[KEPT]; /* the last changes, a ring */
    size_t n_kept;
    struct capture_counts *counts;
    struct book book;
    bool is_known;   /* the book, since the last snapshot        */
    bool is_chained; /* a change has followed it                 */
    json_int_t last; /* id of what the book holds                */
    int64_t now_ns;  /* of the last message that had a time      */
};

/* ---- parts of a message ---- */

static int read_number(const json_t *value, const char *name, double *number,
                       struct err *err)
{
    const char *text = json_string_value(value);

    if (text == NULL)
        return err_set(err, ERR_INPUT, "%s: is no number in quotes", name);
    if (text_to_real(text, strlen(text), number, err) != 0)
        return err_add(err, "%s", name);
    if (!(*number >= 0.0))
        return err_set(err, ERR_INPUT, "%s: %g is below 0", name, *number);
    return 0;
}

static int read_id(const json_t *message, const char *name, json_int_t *id,
                   struct err *err)
{
    const json_t *value = json_object_get(message, name);

    if (!json_is_integer(value))
        return err_set(err, ERR_INPUT, "%s: is missing, or no whole number", name);
    *id = json_integer_value(value);
    return 0;
}

static int read_side(struct reading *reading, const json_t *message, const char *name,
                     enum book_side side, struct err *err)
{
    const json_t *levels = json_object_get(message, name), *pair;
    size_t i;

    if (!json_is_array(levels))
        return err_set(err, ERR_INPUT, "%s: is no array", name);
    json_array_foreach(levels, i, pair)
    {
        struct book_level level;

        if (read_number(json_array_get(pair, 0), "price", &level.price, err) != 0 ||
            read_number(json_array_get(pair, 1), "quantity", &level.quantity, err) != 0)
            return err_add(err, "%s[%zu]", name, i);
        if (book_set(&reading->book, side, level, err) != 0)
            return -1;
    }
    return 0;
}

static void read_time(struct reading *reading, const json_t *message)
{
    const json_t *time = json_object_get(message, "E");

    if (json_is_integer(time))
        reading->now_ns = json_integer_value(time) * NS_A_MS;
}

static int tell_book(struct reading *reading, struct err *err)
{
    const struct capture_listener *listener = reading->listener;

    if (listener->book == NULL || !book_is_whole(&reading->book))
        return 0;
    return listener->book(listener->context, reading->now_ns, &reading->book, err);
}

/* ---- messages ---- */

static int take_change(struct reading *reading, json_t *message, struct err *err);

static void forget(struct reading *reading)
{
    for (size_t i = 0; i < KEPT; i++)
        json_decref(reading->kept[i]);
    memset(reading->kept, 0, sizeof reading->kept);
    reading->n_kept = 0;
}

static void keep(struct reading *reading, json_t *message)
{
    json_t **place = &reading->kept[reading->n_kept++ % KEPT];

    json_decref(*place);
    *place = json_incref(message);
}

/* What was kept, in its order, on top of a snapshot. */
static int take_kept(struct reading *reading, struct err *err)
{
    const size_t n = reading->n_kept;

    for (size_t i = n > KEPT ? n - KEPT : 0; i < n && reading->is_known; i++)
        if (take_change(reading, reading->kept[i % KEPT], err) != 0)
            return -1;
    return 0;
}

static int take_snapshot(struct reading *reading, const json_t *message,
                         struct err *err)
{
    json_int_t last = 0;

    book_clear(&reading->book);
    reading->is_known = false;
    if (read_id(message, "lastUpdateId", &last, err) != 0 ||
        read_side(reading, message, "bids", BOOK_BID, err) != 0 ||
        read_side(reading, message, "asks", BOOK_ASK, err) != 0)
        return -1;
    reading->counts->n_snapshots++;
    reading->is_known = true;
    reading->is_chained = false;
    reading->last = last;
    return take_kept(reading, err) != 0 ? -1 : tell_book(reading, err);
}

/* Does the change go on from what the book holds?  Spot streams have no pu: U = the u
 * before + 1. */
static bool continues(const struct reading *reading, const json_t *message,
                      json_int_t first)
{
    const json_t *before = json_object_get(message, "pu");

    if (!reading->is_chained)
        return first <= reading->last + 1;
    if (json_is_integer(before))
        return json_integer_value(before) == reading->last;
    return first == reading->last + 1;
}

static int take_change(struct reading *reading, json_t *message, struct err *err)
{
    json_int_t first = 0, last = 0;

    if (read_id(message, "U", &first, err) != 0 ||
        read_id(message, "u", &last, err) != 0)
        return -1;
    if (!reading->is_known || last <= reading->last) {
        reading->counts->n_early++;
        return 0;
    }
    if (!continues(reading, message, first)) {
        reading->counts->n_breaks++;
        reading->is_known = false;
        return 0;
    }
    if (read_side(reading, message, "b", BOOK_BID, err) != 0 ||
        read_side(reading, message, "a", BOOK_ASK, err) != 0)
        return -1;
    reading->counts->n_changes++;
    reading->is_chained = true;
    reading->last = last;
    return tell_book(reading, err);
}

static int take_trade(struct reading *reading, const json_t *message, struct err *err)
{
    const struct capture_listener *listener = reading->listener;
    const json_t *maker = json_object_get(message, "m");
    struct capture_trade trade = {.time_ns = reading->now_ns};

    if (read_number(json_object_get(message, "p"), "p", &trade.price, err) != 0 ||
        read_number(json_object_get(message, "q"), "q", &trade.quantity, err) != 0)
        return -1;
    if (!json_is_boolean(maker))
        return err_set(err, ERR_INPUT, "m: is missing, or neither true nor false");
    trade.is_buy = json_is_false(maker);
    reading->counts->n_trades++;
    if (listener->trade == NULL || trade.quantity == 0.0 || trade.price == 0.0)
        return 0; /* Binance marks what is no trade of the book by zeros */
    return listener->trade(listener->context, &trade, err);
}

static int take_message(struct reading *reading, json_t *message, struct err *err)
{
    json_t *data = json_object_get(message, "data");

    message = json_is_object(data) ? data : message;
    const char *kind = json_string_value(json_object_get(message, "e"));
    read_time(reading, message);
    if (json_object_get(message, "lastUpdateId") != NULL && kind == NULL)
        return take_snapshot(reading, message, err);
    if (kind != NULL && strcmp(kind, "depthUpdate") == 0) {
        keep(reading, message);
        return take_change(reading, message, err);
    }
    if (kind != NULL && (strcmp(kind, "trade") == 0 || strcmp(kind, "aggTrade") == 0))
        return take_trade(reading, message, err);
    reading->counts->n_others++;
    return 0;
}

/* ---- lines ---- */

static int take_line(struct reading *reading, const char *line, size_t n_chars,
                     struct err *err)
{
    const char *json = memchr(line, '{', n_chars);
    json_error_t error;

    if (json == NULL) {
        reading->counts->n_others++;
        return 0;
    }
    json_t *message = json_loadb(json, n_chars - (size_t)(json - line),
                                 JSON_DISABLE_EOF_CHECK, &error);
    if (message == NULL)
        return err_set(err, ERR_INPUT, "column %d: %.200s",
                       error.column + (int)(json - line), error.text);
    const int status = take_message(reading, message, err);
    json_decref(message);
    return status;
}

static int take_member(void *context, const struct archive_member *member,
                       struct err *err)
{
    struct reading *reading = context;
    const char *line = member->bytes;
    size_t n_lines = 0;

    reading->is_known = false;
    forget(reading);
    while (*line != '\0') {
        const size_t n_chars = strcspn(line, "\n");

        n_lines++;
        if (n_chars > 0 && take_line(reading, line, n_chars, err) != 0)
            return err_add(err, "line %zu", n_lines);
        line += n_chars + (line[n_chars] == '\n');
    }
    reading->counts->n_lines += n_lines;
    return 0;
}

int capture_read(const char *path, const struct capture_listener *listener,
                 struct capture_counts *counts, struct err *err)
{
    struct reading *reading = calloc(1, sizeof *reading);
    char sha256[SHA256_TEXT_MAX];

    if (reading == NULL)
        return err_set(err, ERR_MEMORY, "no memory to read a capture");
    reading->listener = listener;
    reading->counts = counts;
    *counts = (struct capture_counts){0};
    const int status = archive_read(path, NULL, take_member, reading, sha256, err);
    forget(reading);
    book_free(&reading->book);
    free(reading);
    return status;
}
