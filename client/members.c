#include "client/members.h"
#include "core/clock.h"

#include <stdbool.h>
#include <string.h>

enum { MEMBER_TEXT_MAX = 511, SHA256_DIGITS = 64, NAME_MAX_CHARS = 63, SHOWN_MAX = 80 };

/* Bytes from outside as an error may show them: what could move a terminal's cursor or
 * start a line of its own becomes '?'.  Returns out. */
static const char *shown(const char *text, char out[SHOWN_MAX])
{
    size_t n = 0;

    for (; text[n] != '\0' && n + 1 < SHOWN_MAX; n++)
        out[n] = text[n] >= ' ' && text[n] <= '~' ? text[n] : '?';
    out[n] = '\0';
    return out;
}

int members_parse(const char *bytes, size_t n_bytes, json_t **tree, struct err *err)
{
    char what[SHOWN_MAX];
    json_error_t fault;
    json_t *parsed = json_loadb(bytes, n_bytes, JSON_REJECT_DUPLICATES, &fault);

    if (parsed == NULL)
        return err_set(err, ERR_INPUT, "line %d, column %d: is not JSON: %s",
                       fault.line, fault.column, shown(fault.text, what));
    if (!json_is_object(parsed)) {
        json_decref(parsed);
        return err_set(err, ERR_INPUT, "is not a JSON object");
    }
    *tree = parsed;
    return 0;
}

int members_only(const json_t *object, const char *const allowed[], struct err *err)
{
    json_t *all = (json_t *)object; /* jansson iterates over non-const trees only */
    char what[SHOWN_MAX];
    const char *name;
    json_t *value;

    json_object_foreach(all, name, value)
    {
        size_t i = 0;

        while (allowed[i] != NULL && strcmp(allowed[i], name) != 0)
            i++;
        if (allowed[i] == NULL)
            return err_set(err, ERR_INPUT, "'%.40s' is not a member of this schema",
                           shown(name, what));
    }
    return 0;
}

static int find(const json_t *object, const char *name, const json_t **value,
                struct err *err)
{
    *value = json_object_get(object, name);
    if (*value == NULL)
        return err_set(err, ERR_INPUT, "%s: is missing", name);
    return 0;
}

int member_object(const json_t *object, const char *name, const json_t **value,
                  struct err *err)
{
    const json_t *found;

    if (find(object, name, &found, err) != 0)
        return -1;
    if (!json_is_object(found))
        return err_set(err, ERR_INPUT, "%s: is not an object", name);
    *value = found;
    return 0;
}

int member_array(const json_t *object, const char *name, const json_t **value,
                 struct err *err)
{
    const json_t *found;

    if (find(object, name, &found, err) != 0)
        return -1;
    if (!json_is_array(found))
        return err_set(err, ERR_INPUT, "%s: is not an array", name);
    *value = found;
    return 0;
}

/* U+0080 to U+009F are C2 80 to C2 9F in UTF-8; some terminals obey them. */
static bool has_control(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const unsigned char byte = (unsigned char)text[i];

        if (byte < 0x20 || byte == 0x7f ||
            (byte == 0xc2 && (unsigned char)text[i + 1] < 0xa0)) /* a NUL ends it */
            return true;
    }
    return false;
}

int member_flag(const json_t *object, const char *name, bool *value, struct err *err)
{
    const json_t *found;

    if (find(object, name, &found, err) != 0)
        return -1;
    if (!json_is_boolean(found))
        return err_set(err, ERR_INPUT, "%s: is not true or false", name);
    *value = json_is_true(found);
    return 0;
}

int member_text(const json_t *object, const char *name, const char **value,
                struct err *err)
{
    const json_t *found;

    if (find(object, name, &found, err) != 0)
        return -1;
    if (!json_is_string(found))
        return err_set(err, ERR_INPUT, "%s: is not a text", name);
    const char *text = json_string_value(found);
    const size_t n = json_string_length(found);
    if (n > MEMBER_TEXT_MAX)
        return err_set(err, ERR_INPUT, "%s: %zu bytes are more than %d", name, n,
                       MEMBER_TEXT_MAX);
    if (has_control(text, n))
        return err_set(err, ERR_INPUT, "%s: has a control character", name);
    *value = text;
    return 0;
}

int member_integer(const json_t *object, const char *name, int64_t min, int64_t max,
                   int64_t *value, struct err *err)
{
    const json_t *found;

    if (find(object, name, &found, err) != 0)
        return -1;
    if (!json_is_integer(found))
        return err_set(err, ERR_INPUT, "%s: is not a whole number", name);
    const int64_t integer = json_integer_value(found);
    if (integer < min || integer > max)
        return err_set(err, ERR_INPUT, "%s: %lld is not between %lld and %lld", name,
                       (long long)integer, (long long)min, (long long)max);
    *value = integer;
    return 0;
}

int member_real(const json_t *object, const char *name, double *value, struct err *err)
{
    const json_t *found;

    if (find(object, name, &found, err) != 0)
        return -1;
    if (!json_is_number(found))
        return err_set(err, ERR_INPUT, "%s: is not a number", name);
    *value = json_number_value(found);
    return 0;
}

int member_check_name(const char *text, struct err *err)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789._-";
    const size_t n = strlen(text);
    char what[SHOWN_MAX];

    if (n == 0 || n > NAME_MAX_CHARS || text[0] == '.' || strspn(text, allowed) != n)
        return err_set(err, ERR_INPUT,
                       "'%.70s' is not 1 to 63 of A-Z a-z 0-9 . _ - without a leading "
                       "dot",
                       shown(text, what));
    return 0;
}

int member_sha256(const json_t *object, const char *name, const char **value,
                  struct err *err)
{
    const char *text;

    if (member_text(object, name, &text, err) != 0)
        return -1;
    if (strlen(text) != SHA256_DIGITS ||
        strspn(text, "0123456789abcdef") != SHA256_DIGITS)
        return err_set(err, ERR_INPUT,
                       "%s: '%.70s' is not 64 lower-case hexadecimal digits", name,
                       text);
    *value = text;
    return 0;
}

int member_moment(const json_t *object, const char *name, int64_t *moment_ns,
                  struct err *err)
{
    char back[CLOCK_TEXT_MAX];
    const char *text;
    int64_t moment;

    if (member_text(object, name, &text, err) != 0)
        return -1;
    if (clock_parse_moment(text, strlen(text), &moment, err) != 0)
        return err_add(err, "%s", name);
    if (strcmp(clock_moment_text(moment, back), text) != 0)
        return err_set(err, ERR_INPUT, "%s: '%s' is not written as %s", name, text,
                       back);
    *moment_ns = moment;
    return 0;
}
