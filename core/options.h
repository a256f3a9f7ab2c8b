/* options.h -- what does a command line ask for?
 *
 * A command has a table of its options, which fills a struct:
 *
 *     #define AT(field) .offset = offsetof(struct asked, field)
 *     static const struct options_row rows[] = {
 *         {"history", OPTIONS_TEXT, AT(history)},
 *         {"ranks", OPTIONS_SIZE, AT(n_ranks), .min = 1, .max = 64},
 *         {"set", OPTIONS_CALL, .take = take_set},
 *         {"json", OPTIONS_FLAG, AT(as_json)},
 *     };
 *     static const struct options_table table = {"plan", "job file", rows, 4};
 *
 * --help (-h) is every command's and stands in no table.  Names may be cut as far as
 * they stay one option's, words and options may stand in any order. */
#ifndef CORE_OPTIONS_H
#define CORE_OPTIONS_H

#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum options_kind {
    OPTIONS_FLAG,     /* bool; has no value                                       */
    OPTIONS_TEXT,     /* const char *, as it stands                               */
    OPTIONS_SIZE,     /* size_t in [min, max]                                     */
    OPTIONS_INTEGER,  /* int64_t in [min, max]                                    */
    OPTIONS_REAL,     /* double, above `above` and below `below` (both 0: any)    */
    OPTIONS_DURATION, /* int64_t, ns: "15m"                                       */
    OPTIONS_MOMENT,   /* int64_t, ns since 1970 UTC: "2024-03-01"                 */
    OPTIONS_WORD,     /* int, the place among `words`                             */
    OPTIONS_CALL,     /* take(into, value, err): what has a form of its own, or may
                         come again                                               */
};

struct options_row {
    const char *name; /* without dashes */
    enum options_kind kind;
    size_t offset; /* of the field in the struct */
    int64_t min, max;
    double above, below;
    const char *const *words; /* NULL-terminated */
    int (*take)(void *into, const char *value, struct err *err);
};

struct options_table {
    const char *command; /* "plan" */
    const char *word;    /* what its one word is ("job file"); NULL: it has none; "":
                            any number of words, which the command looks at itself */
    const struct options_row *rows;
    size_t n_rows;
};

enum { OPTIONS_MAX = 48 };

struct options_rest {
    bool help; /* asked for: nothing behind it is read */
    size_t n_words;
    char **word; /* [n_words], of argv */
};

/* Read argv[1..argc) into *into, which holds the presets.  Every fault is ERR_USAGE,
 * `plan: --ranks: 0 is not between 1 and 64`; *into is then half filled. */
int options_read(const struct options_table *table, int argc, char **argv, void *into,
                 struct options_rest *rest, struct err *err);

#endif /* CORE_OPTIONS_H */
