/* json.h -- writing JSON whose bytes are a function of its values alone
 *
 * Members stand in the order they are written, numbers are the shortest decimals
 * that read back to the same double, and NaN or infinity becomes null: JSON has
 * no other word for "undefined".  With indent 0 everything is on one line.
 *
 *     struct json json;
 *     json_start(&json, 2);
 *     json_put_object(&json, NULL);
 *     json_put_text(&json, "name", "BTC-PERP");
 *     json_put_real(&json, "lambda", 0.97);
 *     json_put_array(&json, "tiers"); ... json_end(&json);
 *     json_end(&json);
 *     if (json_finish(&json, &bytes, &n_bytes, err) != 0) ...
 *
 * Allocation failures are kept and told once, by json_finish. */
#ifndef CORE_JSON_H
#define CORE_JSON_H

#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { JSON_DEPTH_MAX = 16 };

struct json {
    char *bytes;
    size_t n_bytes, capacity;
    int indent, depth;
    bool failed;
    bool has_member[JSON_DEPTH_MAX];
    char closing[JSON_DEPTH_MAX];
};

void json_start(struct json *json, int indent);

/* `name` is the member's name, NULL inside an array and at the top. */
void json_put_object(struct json *json, const char *name);
void json_put_array(struct json *json, const char *name);
/* A JSON text that stands there as it is given. */
void json_put_raw(struct json *json, const char *name, const char *text);
void json_end(struct json *json); /* of the innermost object or array */
void json_put_text(struct json *json, const char *name, const char *value);
void json_put_real(struct json *json, const char *name, double value);
void json_put_integer(struct json *json, const char *name, int64_t value);
void json_put_flag(struct json *json, const char *name, bool value);
void json_put_null(struct json *json, const char *name);

/* Hands the bytes over (NUL behind, newline before it); free() them. */
int json_finish(struct json *json, char **bytes, size_t *n_bytes, struct err *err);
void json_abandon(struct json *json);

#endif /* CORE_JSON_H */
