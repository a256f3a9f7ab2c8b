#include "core/clock.h"
#include "core/conf_value.h"
#include "core/text.h"

#include <ctype.h>
#include <string.h>

enum { SHOWN_MAX = 40 }; /* characters of a value that a message quotes */

/* The node's text, cut and on one line. */
static char *shown(const struct conf_node *node, char out[SHOWN_MAX + 1])
{
    size_t n = node->n_chars < SHOWN_MAX ? node->n_chars : SHOWN_MAX;

    while (n < node->n_chars && n > 0 && (node->text[n] & 0xc0) == 0x80)
        n--; /* not within a character of several bytes */
    for (size_t i = 0; i < n; i++)
        out[i] = iscntrl((unsigned char)node->text[i]) ? '?' : node->text[i];
    out[n] = '\0';
    return out;
}

/* A scalar that says nothing: "key:", "key: ~", "key: null". */
static bool is_nothing(const struct conf_node *node)
{
    return node->kind == CONF_SCALAR && !node->quoted &&
           (node->n_chars == 0 || strcmp(node->text, "~") == 0 ||
            strcmp(node->text, "null") == 0);
}

int conf_wrong_kind(const struct reading *r, const struct conf_node *node,
                    const char *wanted, struct err *err)
{
    char text[SHOWN_MAX + 1];

    if (is_nothing(node))
        return conf_fault(r->conf, node, r->path, err, "has no value (%s)",
                          r->key->meaning);
    if (node->kind == CONF_SCALAR && node->quoted)
        return conf_fault(r->conf, node, r->path, err, "'%s' in quotes is not %s (%s)",
                          shown(node, text), wanted, r->key->meaning);
    if (node->kind == CONF_SCALAR)
        return conf_fault(r->conf, node, r->path, err, "'%s' is not %s (%s)",
                          shown(node, text), wanted, r->key->meaning);
    return conf_fault(r->conf, node, r->path, err, "a %s is not %s (%s)",
                      node->kind == CONF_MAPPING ? "map" : "list", wanted,
                      r->key->meaning);
}

/* ---- bounds ---- */

static char *bound_text(enum conf_type type, double bound, char out[CLOCK_TEXT_MAX])
{
    if (type == CONF_DURATION)
        return clock_duration_text((int64_t)bound, out);
    if (type == CONF_MOMENT)
        return clock_moment_text((int64_t)bound, out);
    return text_from_real(bound, out);
}

int conf_check_bounds(const struct reading *r, const struct conf_node *node,
                      double value, struct err *err)
{
    const struct conf_key *key = r->key;
    const bool open_min = (key->marks & CONF_OPEN_MIN) != 0;
    const bool open_max = (key->marks & CONF_OPEN_MAX) != 0;
    char given[SHOWN_MAX + 1], text[TEXT_REAL_MAX], bound[CLOCK_TEXT_MAX];
    const char *what;

    if (key->min == 0.0 && key->max == 0.0)
        return 0;
    if (!(open_min ? value > key->min : value >= key->min)) {
        what = open_min ? "above" : "at least";
        bound_text(key->type, key->min, bound);
    } else if (!(open_max ? value < key->max : value <= key->max)) {
        what = open_max ? "below" : "at most";
        bound_text(key->type, key->max, bound);
    } else {
        return 0;
    }
    if (node->kind == CONF_SCALAR)
        return conf_fault(r->conf, node, r->path, err, "%s is not %s %s (%s)",
                          shown(node, given), what, bound, key->meaning);
    return conf_fault(r->conf, node, r->path, err, "%s is not %s %s (%s)",
                      text_from_real(value, text), what, bound, key->meaning);
}

/* ---- scalars ---- */

int conf_read_real(const struct reading *r, const struct conf_node *node, double *value,
                   struct err *err)
{
    if (node->kind != CONF_SCALAR || node->quoted ||
        text_to_real(node->text, node->n_chars, value, NULL) != 0)
        return conf_wrong_kind(r, node, "a finite decimal number", err);
    return conf_check_bounds(r, node, *value, err);
}

static int read_integer(const struct reading *r, const struct conf_node *node,
                        int64_t *value, struct err *err)
{
    if (node->kind != CONF_SCALAR || node->quoted ||
        text_to_integer(node->text, node->n_chars, INT64_MIN, INT64_MAX, value, NULL) !=
            0)
        return conf_wrong_kind(r, node, "a whole number", err);
    return conf_check_bounds(r, node, (double)*value, err);
}

static int read_flag(const struct reading *r, const struct conf_node *node, bool *value,
                     struct err *err)
{
    const bool scalar = node->kind == CONF_SCALAR && !node->quoted;
    const bool yes = scalar && strcmp(node->text, "true") == 0;

    if (!yes && !(scalar && strcmp(node->text, "false") == 0))
        return conf_wrong_kind(r, node, "true or false", err);
    *value = yes;
    return 0;
}

int conf_read_text(const struct reading *r, const struct conf_node *node, char **value,
                   struct err *err)
{
    if (node->kind != CONF_SCALAR || is_nothing(node))
        return conf_wrong_kind(r, node, "a text", err);
    if (node->n_chars == 0)
        return conf_fault(r->conf, node, r->path, err, "is empty (%s)",
                          r->key->meaning);
    for (size_t i = 0; i < node->n_chars; i++)
        if (iscntrl((unsigned char)node->text[i]))
            return conf_fault(r->conf, node, r->path, err,
                              "a text with a line break or control character (%s)",
                              r->key->meaning);
    *value = conf_copy(r->conf, node->text, node->n_chars, err);
    return *value != NULL ? 0 : -1;
}

static int read_choice(const struct reading *r, const struct conf_node *node,
                       int *value, struct err *err)
{
    char wanted[256] = "one of ";
    size_t n = strlen(wanted);

    for (int i = 0; r->key->choices[i] != NULL; i++) {
        if (node->kind == CONF_SCALAR && strcmp(node->text, r->key->choices[i]) == 0) {
            *value = i;
            return 0;
        }
        if (n < sizeof wanted)
            n += (size_t)snprintf(wanted + n, sizeof wanted - n, "%s%s",
                                  i > 0 ? ", " : "", r->key->choices[i]);
    }
    return conf_wrong_kind(r, node, wanted, err);
}

static int read_moment(const struct reading *r, const struct conf_node *node,
                       int64_t *value, struct err *err)
{
    if (node->kind != CONF_SCALAR ||
        clock_parse_moment(node->text, node->n_chars, value, NULL) != 0)
        return conf_wrong_kind(r, node, "a moment such as 2024-03-01T08:30:00Z", err);
    return conf_check_bounds(r, node, (double)*value, err);
}

static int read_duration(const struct reading *r, const struct conf_node *node,
                         int64_t *value, struct err *err)
{
    if (node->kind != CONF_SCALAR ||
        clock_parse_duration(node->text, node->n_chars, value, NULL) != 0)
        return conf_wrong_kind(r, node, "a duration such as 15m, 1h or 1d", err);
    return conf_check_bounds(r, node, (double)*value, err);
}

int conf_read_scalar(const struct reading *r, const struct conf_node *node, void *field,
                     struct err *err)
{
    switch (r->key->type) {
    case CONF_TEXT:
        return conf_read_text(r, node, field, err);
    case CONF_REAL:
        return conf_read_real(r, node, field, err);
    case CONF_INTEGER:
        return read_integer(r, node, field, err);
    case CONF_FLAG:
        return read_flag(r, node, field, err);
    case CONF_CHOICE:
        return read_choice(r, node, field, err);
    case CONF_MOMENT:
        return read_moment(r, node, field, err);
    case CONF_DURATION:
        return read_duration(r, node, field, err);
    default:
        return err_set(err, ERR_BUG, "%s: a row of unknown type", r->path);
    }
}
