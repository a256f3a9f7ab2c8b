/* members.h -- strict reading of the members of a JSON object
 *
 * Each names the member in its error ("horizon_bars: is missing") and changes nothing
 * where it fails.  Texts are borrowed from the JSON tree. */
#ifndef CLIENT_MEMBERS_H
#define CLIENT_MEMBERS_H

#include "core/err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* JSON bytes to a tree: an object, no name twice, nothing behind it.  json_decref it.
 */
int members_parse(const char *bytes, size_t n_bytes, json_t **tree, struct err *err);

/* Has the object no members but these (a list that ends in NULL)? */
int members_only(const json_t *object, const char *const allowed[], struct err *err);

int member_object(const json_t *object, const char *name, const json_t **value,
                  struct err *err);
int member_array(const json_t *object, const char *name, const json_t **value,
                 struct err *err);
/* Of 0 to 511 bytes, without control characters (C0, DEL, C1): it may be printed. */
int member_text(const json_t *object, const char *name, const char **value,
                struct err *err);
int member_integer(const json_t *object, const char *name, int64_t min, int64_t max,
                   int64_t *value, struct err *err);
int member_flag(const json_t *object, const char *name, bool *value, struct err *err);
int member_real(const json_t *object, const char *name, double *value, struct err *err);
/* Is the text 1 to 63 of A-Z a-z 0-9 . _ - without a leading dot? */
int member_check_name(const char *text, struct err *err);
/* 64 lower-case hexadecimal digits. */
int member_sha256(const json_t *object, const char *name, const char **value,
                  struct err *err);
/* ISO 8601 as clock_moment_text writes it; ns since 1970. */
int member_moment(const json_t *object, const char *name, int64_t *moment_ns,
                  struct err *err);

#endif /* CLIENT_MEMBERS_H */
