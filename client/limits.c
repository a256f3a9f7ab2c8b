#include "client/limits.h"
#include "client/members.h"
#include "core/clock.h"
#include "core/text.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS_MAX = 6, LINE_MAX_BYTES = 256, WORD_MAX = 64 };

enum limit_kind { LIMIT_BOUND, LIMIT_CHANGE, LIMIT_REQUIRE };

struct limit {
    enum limit_kind kind;
    char pattern[WORD_MAX], field[WORD_MAX];
    double min, max;
    size_t line;
};

struct limits {
    size_t n, n_allocated;
    struct limit *limit; /* [n] */
    int64_t grace_ns;
};

int64_t limits_grace_ns(const struct limits *limits)
{
    return limits->grace_ns;
}

void limits_free(struct limits *limits)
{
    if (limits == NULL)
        return;
    free(limits->limit);
    free(limits);
}

/* ---- reading ---- */

static int append(struct limits *limits, const struct limit *limit, struct err *err)
{
    if (limits->n == LIMITS_MAX)
        return err_set(err, ERR_INPUT, "more than %d limits", LIMITS_MAX);
    if (limits->n == limits->n_allocated) {
        const size_t n = 2 * limits->n_allocated + 16;
        struct limit *grown = realloc(limits->limit, n * sizeof *grown);

        if (grown == NULL)
            return err_set(err, ERR_MEMORY, "no memory for %zu limits", n);
        limits->limit = grown;
        limits->n_allocated = n;
    }
    limits->limit[limits->n++] = *limit;
    return 0;
}

static int copy_word(const char *word, char out[WORD_MAX], struct err *err)
{
    if (strlen(word) >= WORD_MAX)
        return err_set(err, ERR_INPUT, "'%.20s...' is longer than %d bytes", word,
                       WORD_MAX - 1);
    strcpy(out, word);
    return 0;
}

/* PATTERN FIELD MIN MAX */
static int take_range(char *word[], size_t n_words, struct limit *limit,
                      struct err *err)
{
    if (n_words != 5)
        return err_set(err, ERR_INPUT, "is not '%s PATTERN FIELD MIN MAX'", word[0]);
    if (copy_word(word[1], limit->pattern, err) != 0 ||
        copy_word(word[2], limit->field, err) != 0 ||
        member_check_name(word[2], err) != 0 ||
        text_to_real(word[3], strlen(word[3]), &limit->min, err) != 0 ||
        text_to_real(word[4], strlen(word[4]), &limit->max, err) != 0)
        return -1;
    if (limit->min > limit->max)
        return err_set(err, ERR_INPUT, "the least, %g, is above the most, %g",
                       limit->min, limit->max);
    return 0;
}

static int take_grace(struct limits *limits, char *word[], size_t n_words,
                      struct err *err)
{
    if (n_words != 2 || limits->grace_ns != 0)
        return err_set(err, ERR_INPUT, "grace: stands once, as 'grace DURATION'");
    if (clock_parse_duration(word[1], strlen(word[1]), &limits->grace_ns, err) != 0)
        return err_add(err, "grace");
    return 0;
}

static int take_words(struct limits *limits, char *word[], size_t n_words,
                      size_t n_line, struct err *err)
{
    struct limit limit = {.line = n_line};

    if (strcmp(word[0], "grace") == 0)
        return take_grace(limits, word, n_words, err);
    if (strcmp(word[0], "require") == 0) {
        limit.kind = LIMIT_REQUIRE;
        if (n_words != 2)
            return err_set(err, ERR_INPUT, "is not 'require PATTERN'");
        if (copy_word(word[1], limit.pattern, err) != 0)
            return -1;
        return append(limits, &limit, err);
    }
    if (strcmp(word[0], "bound") != 0 && strcmp(word[0], "change") != 0)
        return err_set(err, ERR_INPUT,
                       "'%.20s' is none of bound, change, require and grace", word[0]);
    limit.kind = word[0][0] == 'b' ? LIMIT_BOUND : LIMIT_CHANGE;
    return take_range(word, n_words, &limit, err) != 0 ? -1
                                                       : append(limits, &limit, err);
}

static int take_line(struct limits *limits, const char *line, size_t n_bytes,
                     size_t n_line, struct err *err)
{
    char copy[LINE_MAX_BYTES], *word[WORDS_MAX], *save = NULL;
    size_t n = 0;

    if (n_bytes >= sizeof copy || memchr(line, '\0', n_bytes) != NULL)
        return err_set(err, ERR_INPUT, "has a NUL byte, or more than %d bytes",
                       LINE_MAX_BYTES - 1);
    snprintf(copy, sizeof copy, "%.*s", (int)n_bytes, line);
    copy[strcspn(copy, "#")] = '\0';
    for (char *at = strtok_r(copy, " \t\r", &save); at != NULL && n < WORDS_MAX;
         at = strtok_r(NULL, " \t\r", &save))
        word[n++] = at;
    return n == 0 ? 0 : take_words(limits, word, n, n_line, err);
}

int limits_parse(const char *bytes, size_t n_bytes, struct limits **limits,
                 struct err *err)
{
    struct limits *new = calloc(1, sizeof *new);
    size_t n_line = 0;

    if (new == NULL)
        return err_set(err, ERR_MEMORY, "no memory for limits");
    for (size_t at = 0; at < n_bytes;) {
        const char *end = memchr(bytes + at, '\n', n_bytes - at);
        const size_t n = end != NULL ? (size_t)(end - bytes) - at : n_bytes - at;

        if (take_line(new, bytes + at, n, ++n_line, err) != 0) {
            limits_free(new);
            return err_add(err, "line %zu", n_line);
        }
        at += n + 1;
    }
    *limits = new;
    return 0;
}

/* ---- checking ---- */

/* Each value that the field has: one of each tier, or a parameter; false: no more. */
static bool value_of(const struct plimsoll_instrument *instrument, const char *field,
                     size_t i, double *value)
{
    const bool is_initial = strcmp(field, "initial_margin_ppm") == 0;

    if (is_initial || strcmp(field, "maintenance_margin_ppm") == 0) {
        if (i >= instrument->n_tiers)
            return false;
        *value = (double)(is_initial ? instrument->tier[i].initial_margin_ppm
                                     : instrument->tier[i].maintenance_margin_ppm);
        return true;
    }
    const struct plimsoll_value *found =
        i == 0 ? plimsoll_values_find(&instrument->parameters, field) : NULL;
    if (found != NULL)
        *value = found->value;
    return found != NULL;
}

static int break_limit(const struct limit *limit, const char *name, double value,
                       const char *of, struct err *err)
{
    const bool is_below = value < limit->min;

    return err_set(err, ERR_REFUSED,
                   "%s: %s: %.10g%s is %s %.10g (line %zu of this engine's limits)",
                   name, limit->field, value, of, is_below ? "below" : "above",
                   is_below ? limit->min : limit->max, limit->line);
}

static int check_bound(const struct limit *limit,
                       const struct plimsoll_instrument *instrument, struct err *err)
{
    double value;

    for (size_t i = 0; value_of(instrument, limit->field, i, &value); i++)
        if (!(value >= limit->min && value <= limit->max))
            return break_limit(limit, instrument->name, value, "", err);
    return 0;
}

static size_t count_values(const struct plimsoll_instrument *instrument,
                           const char *field)
{
    double value;
    size_t n = 0;

    while (value_of(instrument, field, n, &value))
        n++;
    return n;
}

/* Margins at every notional, as tiers may be cut elsewhere than before; a parameter
 * that only one side has is no change. */
static int check_change(const struct limit *limit,
                        const struct plimsoll_instrument *held,
                        const struct plimsoll_instrument *instrument, struct err *err)
{
    const bool has_tiers = count_values(instrument, limit->field) > 1 ||
                           count_values(held, limit->field) > 1;
    double before, value;

    for (size_t i = 0, k = 0; value_of(held, limit->field, i, &before) &&
                              value_of(instrument, limit->field, k, &value);) {
        const double up_to = has_tiers ? held->tier[i].up_to_notional : 0.0;
        const double new_up_to = has_tiers ? instrument->tier[k].up_to_notional : 0.0;

        if (before != 0.0 &&
            !(value / before >= limit->min && value / before <= limit->max))
            return break_limit(limit, instrument->name, value / before,
                               " of what is held", err);
        i += up_to <= new_up_to;
        k += new_up_to <= up_to;
    }
    return 0;
}

static int check_instrument(const struct limit *limit, const struct plimsoll_set *held,
                            const struct plimsoll_instrument *instrument,
                            struct err *err)
{
    if (limit->kind == LIMIT_BOUND)
        return check_bound(limit, instrument, err);
    const struct plimsoll_instrument *before =
        held != NULL ? plimsoll_set_find(held, instrument->name) : NULL;
    return before == NULL || before->status != PLIMSOLL_CALIBRATED
               ? 0
               : check_change(limit, before, instrument, err);
}

/* A field that none of the instruments has is misspelt: it would limit nothing. */
static int check_range(const struct limit *limit, const struct plimsoll_set *held,
                       const struct plimsoll_set *set, struct err *err)
{
    size_t n_matched = 0, n_with = 0;

    for (size_t i = 0; i < plimsoll_set_count(set); i++) {
        const struct plimsoll_instrument *instrument = plimsoll_set_at(set, i);

        if (instrument->status != PLIMSOLL_CALIBRATED ||
            !text_matches(limit->pattern, instrument->name))
            continue;
        if (check_instrument(limit, held, instrument, err) != 0)
            return -1;
        n_matched++;
        n_with += count_values(instrument, limit->field) > 0;
    }
    if (n_matched == 0 || n_with > 0)
        return 0;
    return err_set(err, ERR_REFUSED,
                   "%s: no instrument has a %s (line %zu of this engine's limits)",
                   limit->pattern, limit->field, limit->line);
}

static int check_required(const struct limit *limit, const struct plimsoll_set *set,
                          struct err *err)
{
    for (size_t i = 0; i < plimsoll_set_count(set); i++)
        if (text_matches(limit->pattern, plimsoll_set_at(set, i)->name))
            return 0;
    return err_set(err, ERR_REFUSED,
                   "%s: is not in the set (line %zu of this engine's limits)",
                   limit->pattern, limit->line);
}

int limits_check(const struct limits *limits, const struct plimsoll_set *held,
                 const struct plimsoll_set *set, struct err *err)
{
    for (size_t k = 0; k < limits->n; k++) {
        const struct limit *limit = &limits->limit[k];
        const int status = limit->kind == LIMIT_REQUIRE
                               ? check_required(limit, set, err)
                               : check_range(limit, held, set, err);

        if (status != 0)
            return -1;
    }
    return 0;
}
