#include "core/json.h"
#include "core/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put(struct json *json, const char *bytes, size_t n)
{
    if (json->failed)
        return;
    if (json->n_bytes + n + 1 > json->capacity) {
        const size_t capacity = 2 * json->capacity + n + 256;
        char *grown = realloc(json->bytes, capacity);

        if (grown == NULL) {
            json->failed = true;
            return;
        }
        json->bytes = grown;
        json->capacity = capacity;
    }
    memcpy(json->bytes + json->n_bytes, bytes, n);
    json->n_bytes += n;
    json->bytes[json->n_bytes] = '\0';
}

static void put_text(struct json *json, const char *text)
{
    put(json, text, strlen(text));
}

static void put_line_break(struct json *json)
{
    static const char blanks[] = "                                                ";
    const size_t width = (size_t)(json->indent * json->depth);

    if (json->indent == 0)
        return;
    put(json, "\n", 1);
    put(json, blanks, width < sizeof blanks - 1 ? width : sizeof blanks - 1);
}

/* RFC 8259, section 7: quotation mark, reverse solidus and control characters; section
 * 8.1: UTF-8, so that of other bytes (in a file's name) each becomes U+FFFD. */
static void put_quoted(struct json *json, const char *text)
{
    size_t n_left = strlen(text);

    put(json, "\"", 1);
    for (size_t n; n_left > 0; text += n, n_left -= n) {
        char escaped[8];

        n = text_character(text, n_left);

        if (*text == '"' || *text == '\\') {
            escaped[0] = '\\';
            escaped[1] = *text;
            put(json, escaped, 2);
        } else if ((unsigned char)*text < 0x20) {
            snprintf(escaped, sizeof escaped, "\\u%04x", (unsigned char)*text);
            put(json, escaped, 6);
        } else if (n == 0) {
            put_text(json, "\\ufffd");
            n = 1;
        } else {
            put(json, text, n);
        }
    }
    put(json, "\"", 1);
}

static void begin_member(struct json *json, const char *name)
{
    if (json->depth > 0) {
        if (json->has_member[json->depth])
            put(json, ",", 1);
        json->has_member[json->depth] = true;
        put_line_break(json);
    }
    if (name != NULL) {
        put_quoted(json, name);
        put_text(json, json->indent == 0 ? ":" : ": ");
    }
}

static void open_level(struct json *json, const char *name, const char *opening,
                       char closing)
{
    begin_member(json, name);
    put_text(json, opening);
    if (json->depth + 1 >= JSON_DEPTH_MAX) {
        json->failed = true;
        return;
    }
    json->depth++;
    json->has_member[json->depth] = false;
    json->closing[json->depth] = closing;
}

void json_start(struct json *json, int indent)
{
    *json = (struct json){.indent = indent};
}

void json_put_object(struct json *json, const char *name)
{
    open_level(json, name, "{", '}');
}

void json_put_array(struct json *json, const char *name)
{
    open_level(json, name, "[", ']');
}

void json_end(struct json *json)
{
    if (json->depth == 0) {
        json->failed = true;
        return;
    }
    const bool has_member = json->has_member[json->depth];
    const char closing = json->closing[json->depth];

    json->depth--;
    if (has_member)
        put_line_break(json);
    put(json, &closing, 1);
}

void json_put_text(struct json *json, const char *name, const char *value)
{
    begin_member(json, name);
    put_quoted(json, value);
}

void json_put_raw(struct json *json, const char *name, const char *text)
{
    begin_member(json, name);
    put_text(json, text);
}

void json_put_real(struct json *json, const char *name, double value)
{
    char text[TEXT_REAL_MAX];

    begin_member(json, name);
    put_text(json, isfinite(value) ? text_from_real(value, text) : "null");
}

void json_put_integer(struct json *json, const char *name, int64_t value)
{
    char text[TEXT_REAL_MAX];

    begin_member(json, name);
    snprintf(text, sizeof text, "%lld", (long long)value);
    put_text(json, text);
}

void json_put_flag(struct json *json, const char *name, bool value)
{
    begin_member(json, name);
    put_text(json, value ? "true" : "false");
}

void json_put_null(struct json *json, const char *name)
{
    begin_member(json, name);
    put_text(json, "null");
}

int json_finish(struct json *json, char **bytes, size_t *n_bytes, struct err *err)
{
    put(json, "\n", 1);
    if (json->failed || json->depth != 0) {
        json_abandon(json);
        return err_set(err, ERR_MEMORY, "no memory for a JSON text, or it nests badly");
    }
    *bytes = json->bytes;
    *n_bytes = json->n_bytes;
    *json = (struct json){0};
    return 0;
}

void json_abandon(struct json *json)
{
    free(json->bytes);
    *json = (struct json){0};
}
