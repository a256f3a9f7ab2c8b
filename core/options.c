#include "core/options.h"
#include "core/clock.h"
#include "core/text.h"

#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- values ---------------------------------------------------------------------- */

static int take_size(const struct options_row *row, const char *value, size_t *size,
                     struct err *err)
{
    int64_t count;

    if (text_to_integer(value, strlen(value), row->min, row->max, &count, err) != 0)
        return -1;
    *size = (size_t)count;
    return 0;
}

static int take_real(const struct options_row *row, const char *value, double *real,
                     struct err *err)
{
    const bool is_free = row->above == 0.0 && row->below == 0.0;
    double given;

    if (text_to_real(value, strlen(value), &given, err) != 0)
        return -1;
    if (!is_free && isinf(row->below) && !(given > row->above))
        return err_set(err, ERR_USAGE, "%s is not above %g", value, row->above);
    if (!is_free && !(given > row->above && given < row->below))
        return err_set(err, ERR_USAGE, "%s is not between %g and %g", value, row->above,
                       row->below);
    *real = given;
    return 0;
}

static int take_word(const struct options_row *row, const char *value, int *place,
                     struct err *err)
{
    char words[256] = "";

    for (int i = 0; row->words[i] != NULL; i++) {
        if (strcmp(value, row->words[i]) == 0) {
            *place = i;
            return 0;
        }
        snprintf(words + strlen(words), sizeof words - strlen(words), "%s%s",
                 i == 0 ? "" : ", ", row->words[i]);
    }
    return err_set(err, ERR_USAGE, "'%s' is none of %s", value, words);
}

static int take_value(const struct options_row *row, const char *value, void *into,
                      struct err *err)
{
    void *field = (char *)into + row->offset;
    const size_t n = value == NULL ? 0 : strlen(value);

    switch (row->kind) {
    case OPTIONS_FLAG:
        *(bool *)field = true;
        return 0;
    case OPTIONS_TEXT:
        *(const char **)field = value;
        return 0;
    case OPTIONS_SIZE:
        return take_size(row, value, field, err);
    case OPTIONS_INTEGER:
        return text_to_integer(value, n, row->min, row->max, field, err);
    case OPTIONS_REAL:
        return take_real(row, value, field, err);
    case OPTIONS_DURATION:
        return clock_parse_duration(value, n, field, err);
    case OPTIONS_MOMENT:
        return clock_parse_moment(value, n, field, err);
    case OPTIONS_WORD:
        return take_word(row, value, field, err);
    case OPTIONS_CALL:
        return row->take(into, value, err);
    }
    return err_set(err, ERR_BUG, "an option of no kind");
}

/* ---- the line -------------------------------------------------------------------- */

enum { FIRST_ROW = 256 }; /* what getopt_long calls the first row; letters are below */

static void list_options(const struct options_table *table,
                         struct option list[OPTIONS_MAX + 2])
{
    size_t n = 0;

    for (; n < table->n_rows; n++) {
        const bool has_value = table->rows[n].kind != OPTIONS_FLAG;

        list[n] = (struct option){table->rows[n].name,
                                  has_value ? required_argument : no_argument, NULL,
                                  FIRST_ROW + (int)n};
    }
    list[n++] = (struct option){"help", no_argument, NULL, 'h'};
    list[n] = (struct option){0};
}

/* Does the name begin as several do? */
static bool is_several(const struct options_table *table, const char *said)
{
    const char *name = said + 2; /* behind the dashes */
    const size_t n_chars = strcspn(name, "=");
    size_t n = 0;

    for (size_t i = 0; i < table->n_rows; i++)
        n += strncmp(table->rows[i].name, name, n_chars) == 0;
    return n > 1;
}

/* What getopt_long said no to: `letter` is '?', or ':' where a value is missing. */
static int refuse(const struct options_table *table, int letter, const char *said,
                  struct err *err)
{
    const char *command = table->command;

    if (letter == ':')
        return err_set(err, ERR_USAGE, "%s needs a value (plimsoll %s --help)", said,
                       command);
    if (optopt >= FIRST_ROW || (optopt == 'h' && said[1] == '-'))
        return err_set(err, ERR_USAGE, "--%s takes no value (plimsoll %s --help)",
                       optopt == 'h' ? "help" : table->rows[optopt - FIRST_ROW].name,
                       command);
    if (optopt != 0)
        return err_set(err, ERR_USAGE, "-%c is not an option (plimsoll %s --help)",
                       optopt, command);
    return err_set(err, ERR_USAGE, "%s is %s (plimsoll %s --help)", said,
                   is_several(table, said) ? "the beginning of several options"
                                           : "not an option",
                   command);
}

static int check_words(const struct options_table *table,
                       const struct options_rest *rest, struct err *err)
{
    const size_t most = table->word != NULL;

    if (table->word != NULL && table->word[0] == '\0')
        return 0;
    if (rest->n_words < most)
        return err_set(err, ERR_USAGE, "which %s? (plimsoll %s --help)", table->word,
                       table->command);
    if (rest->n_words > most)
        return err_set(err, ERR_USAGE, "'%s' is one argument too many",
                       rest->word[most]);
    return 0;
}

static int read_all(const struct options_table *table, int argc, char **argv,
                    void *into, struct options_rest *rest, struct err *err)
{
    struct option list[OPTIONS_MAX + 2];
    int letter;

    list_options(table, list);
    opterr = 0;
    optind = 0; /* glibc: also forget a line that was not read to its end */
    while ((letter = getopt_long(argc, argv, ":h", list, NULL)) != -1) {
        if (letter == 'h') {
            rest->help = true;
            return 0;
        }
        if (letter < FIRST_ROW)
            return refuse(table, letter, argv[optind - 1], err);
        const struct options_row *row = &table->rows[letter - FIRST_ROW];
        if (take_value(row, optarg, into, err) != 0)
            return err_add(err, "--%s", row->name);
    }
    rest->n_words = (size_t)(argc - optind);
    rest->word = argv + optind;
    return check_words(table, rest, err);
}

int options_read(const struct options_table *table, int argc, char **argv, void *into,
                 struct options_rest *rest, struct err *err)
{
    *rest = (struct options_rest){0};
    if (table->n_rows > OPTIONS_MAX)
        return err_set(err, ERR_BUG, "%s has too many options", table->command);
    if (read_all(table, argc, argv, into, rest, err) == 0)
        return 0;
    if (err != NULL)
        err->kind = ERR_USAGE;
    return err_add(err, "%s", table->command);
}
