#include "core/clock.h"
#include "core/conf_tree.h"
#include "core/text.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- values as canonical text ---- */

static void print_text(const char *text, FILE *out)
{
    fputc('"', out);
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            fputc('\\', out);
        fputc(*text, out);
    }
    fputc('"', out);
}

static void print_texts(const struct conf_texts *texts, FILE *out)
{
    fputc('[', out);
    for (size_t i = 0; i < texts->n; i++) {
        if (i > 0)
            fputs(", ", out);
        print_text(texts->text[i], out);
    }
    fputc(']', out);
}

static void print_reals(const struct conf_reals *reals, FILE *out)
{
    char text[TEXT_REAL_MAX];

    if (reals->span != CONF_LISTED) {
        fprintf(out, "{from: %s, ", text_from_real(reals->value[0], text));
        fprintf(out, "to: %s, scale: %s}", text_from_real(reals->value[1], text),
                reals->span == CONF_LOG ? "log" : "linear");
        return;
    }
    fputc('[', out);
    for (size_t i = 0; i < reals->n; i++)
        fprintf(out, "%s%s", i > 0 ? ", " : "", text_from_real(reals->value[i], text));
    fputc(']', out);
}

static int by_name(const void *a, const void *b)
{
    const struct conf_limit *const *one = a, *const *other = b;

    return strcmp((*one)->name, (*other)->name);
}

static void print_bound(const char *word, double bound, FILE *out)
{
    char text[TEXT_REAL_MAX];

    if (isfinite(bound))
        fprintf(out, "%s: %s", word, text_from_real(bound, text));
}

/* In the order of their names: a map has no order of its own. */
static int print_limits(const struct conf_limits *limits, FILE *out)
{
    const struct conf_limit **sorted = calloc(limits->n + 1, sizeof *sorted);

    if (sorted == NULL)
        return -1;
    for (size_t i = 0; i < limits->n; i++)
        sorted[i] = &limits->limit[i];
    qsort(sorted, limits->n, sizeof *sorted, by_name);
    fputc('{', out);
    for (size_t i = 0; i < limits->n; i++) {
        const struct conf_limit *limit = sorted[i];

        fprintf(out, "%s%s: {", i > 0 ? ", " : "", limit->name);
        print_bound("min", limit->min, out);
        if (isfinite(limit->min) && isfinite(limit->max))
            fputs(", ", out);
        print_bound("max", limit->max, out);
        fputc('}', out);
    }
    fputc('}', out);
    free(sorted);
    return 0;
}

/* In the order of their names, like limits. */
static int print_named(const struct conf_named *named, FILE *out)
{
    size_t *rank = calloc(named->n + 1, sizeof *rank);

    if (rank == NULL)
        return -1;
    for (size_t i = 0; i < named->n; i++) {
        size_t place = i;

        for (; place > 0 && strcmp(named->name[i], named->name[rank[place - 1]]) < 0;
             place--)
            rank[place] = rank[place - 1];
        rank[place] = i;
    }
    fputc('{', out);
    for (size_t i = 0; i < named->n; i++) {
        fprintf(out, "%s", i > 0 ? ", " : "");
        print_text(named->name[rank[i]], out);
        fputs(": ", out);
        print_texts(&named->texts[rank[i]], out);
    }
    fputc('}', out);
    free(rank);
    return 0;
}

static int print_value(const struct conf_key *key, const char *field, FILE *out)
{
    char text[CLOCK_TEXT_MAX];

    switch (key->type) {
    case CONF_TEXT:
        print_text(*(char *const *)(const void *)field, out);
        return 0;
    case CONF_REAL:
        fputs(text_from_real(*(const double *)(const void *)field, text), out);
        return 0;
    case CONF_INTEGER:
        fprintf(out, "%" PRId64, *(const int64_t *)(const void *)field);
        return 0;
    case CONF_FLAG:
        fputs(*(const bool *)field ? "true" : "false", out);
        return 0;
    case CONF_CHOICE:
        fputs(key->choices[*(const int *)(const void *)field], out);
        return 0;
    case CONF_MOMENT:
        fputs(clock_moment_text(*(const int64_t *)(const void *)field, text), out);
        return 0;
    case CONF_DURATION:
        fputs(clock_duration_text(*(const int64_t *)(const void *)field, text), out);
        return 0;
    case CONF_TEXTS:
        print_texts((const void *)field, out);
        return 0;
    case CONF_REALS:
        print_reals((const void *)field, out);
        return 0;
    case CONF_LIMITS:
        return print_limits((const void *)field, out);
    case CONF_NAMED:
        return print_named((const void *)field, out);
    case CONF_LIST:
        break;
    }
    return -1;
}

static int print_table(const struct conf *conf, const struct conf_table *table,
                       const char *prefix, const char *filled, FILE *out);

static int print_list(const struct conf *conf, const struct conf_table *table,
                      const char *path, const struct conf_list *list, FILE *out)
{
    char prefix[CONF_PATH_MAX];

    fprintf(out, "%zu entr%s\n", list->n, list->n == 1 ? "y" : "ies");
    for (size_t i = 0; i < list->n; i++) {
        conf_item(prefix, path, i);
        if (print_table(conf, table, prefix, (const char *)list->item + i * table->size,
                        out) != 0)
            return -1;
    }
    return 0;
}

static int print_row(const struct conf *conf, const struct conf_key *key,
                     const char *path, const char *field, FILE *out)
{
    fprintf(out, "%s: ", path);
    if (conf_find(conf, path) == NULL) {
        fputs("none\n", out);
        return 0;
    }
    if (key->type == CONF_LIST)
        return print_list(conf, key->items, path, (const void *)field, out);
    const int status = print_value(key, field, out);
    fputc('\n', out);
    return status;
}

static int print_table(const struct conf *conf, const struct conf_table *table,
                       const char *prefix, const char *filled, FILE *out)
{
    char path[CONF_PATH_MAX];

    for (size_t i = 0; i < table->n_keys; i++) {
        const struct conf_key *key = &table->keys[i];

        conf_join(path, prefix, key->path);
        if (print_row(conf, key, path, filled + key->offset, out) != 0)
            return -1;
    }
    return 0;
}

int conf_canonical(const struct conf *conf, char **text, struct err *err)
{
    char *bytes = NULL;
    size_t n_bytes;
    FILE *out = open_memstream(&bytes, &n_bytes);

    if (out == NULL)
        return err_set(err, ERR_MEMORY, "%s: no memory for its canonical text",
                       conf->file);
    int status = print_table(conf, conf->table, "", conf->filled, out);
    if (fclose(out) != 0 || status != 0) {
        free(bytes);
        return err_set(err, ERR_MEMORY, "%s: no memory for its canonical text",
                       conf->file);
    }
    *text = bytes;
    return 0;
}

/* ---- the table as help ---- */

static const char *type_words(enum conf_type type)
{
    static const char *const words[] = {
        [CONF_TEXT] = "text",
        [CONF_REAL] = "number",
        [CONF_INTEGER] = "whole number",
        [CONF_FLAG] = "true or false",
        [CONF_CHOICE] = "one of",
        [CONF_MOMENT] = "moment",
        [CONF_DURATION] = "duration",
        [CONF_TEXTS] = "text or list of texts",
        [CONF_REALS] = "number, list or range",
        [CONF_LIST] = "list of maps",
        [CONF_LIMITS] = "map of name: {min: a, max: b}",
        [CONF_NAMED] = "map of name: text or list of texts",
    };

    return words[type];
}

static char *bound_words(enum conf_type type, double bound, char out[CLOCK_TEXT_MAX])
{
    if (type == CONF_DURATION)
        return clock_duration_text((int64_t)bound, out);
    if (type == CONF_MOMENT)
        return clock_moment_text((int64_t)bound, out);
    return text_from_real(bound, out);
}

static void print_kind(const struct conf_key *key, FILE *out)
{
    char bound[CLOCK_TEXT_MAX];
    const bool bounded = key->min != 0.0 || key->max != 0.0;

    fputs(type_words(key->type), out);
    for (size_t i = 0; key->choices != NULL && key->choices[i] != NULL; i++)
        fprintf(out, "%s%s", i > 0 ? ", " : " ", key->choices[i]);
    if (bounded && isfinite(key->min))
        fprintf(out, " %s %s", (key->marks & CONF_OPEN_MIN) != 0 ? ">" : ">=",
                bound_words(key->type, key->min, bound));
    if (bounded && isfinite(key->max))
        fprintf(out, "%s %s %s", isfinite(key->min) ? "," : "",
                (key->marks & CONF_OPEN_MAX) != 0 ? "<" : "<=",
                bound_words(key->type, key->max, bound));
    if ((key->marks & CONF_ASCENDING) != 0)
        fputs(", ascending", out);
    if ((key->marks & CONF_REQUIRED) != 0)
        fputs(", required", out);
    else if (key->preset != NULL)
        fprintf(out, ", default %s", key->preset);
}

enum { HELP_INDENT = 32, HELP_WIDTH = 100 };

/* Words from column HELP_INDENT on, in lines of HELP_WIDTH where they can be. */
static void put_words(const char *text, FILE *out)
{
    size_t column = HELP_INDENT;

    while (*text != '\0') {
        const size_t n = strcspn(text, " ");

        if (column > HELP_INDENT && column + 1 + n > HELP_WIDTH) {
            fprintf(out, "\n%*s", HELP_INDENT, "");
            column = HELP_INDENT;
        }
        if (column > HELP_INDENT)
            fputc(' ', out);
        fprintf(out, "%.*s", (int)n, text);
        column += n + (column > HELP_INDENT);
        text += n + (text[n] == ' ');
    }
    fputc('\n', out);
}

static void put_kind(const struct conf_key *key, FILE *out)
{
    char *text = NULL;
    size_t n_bytes;
    FILE *memory = open_memstream(&text, &n_bytes);

    if (memory == NULL)
        return;
    print_kind(key, memory);
    if (fclose(memory) == 0)
        put_words(text, out);
    free(text);
}

static void help_keys(const struct conf_table *table, int indent, FILE *out)
{
    for (size_t i = 0; i < table->n_keys; i++) {
        const struct conf_key *key = &table->keys[i];

        fprintf(out, "%*s%-*s  ", indent, "", HELP_INDENT - 2 - indent, key->path);
        put_kind(key, out);
        fprintf(out, "%*s", HELP_INDENT, "");
        put_words(key->meaning, out);
        if (key->type == CONF_LIST) {
            fprintf(out, "%*seach %s:\n", indent + 2, "", key->items->title);
            help_keys(key->items, indent + 4, out);
        }
    }
}

void conf_help(const struct conf_table *table, FILE *out)
{
    fprintf(out, "%s\n\n", table->title);
    help_keys(table, 2, out);
}
