/* conf.h -- a YAML file read through a table of keys, types, bounds and meanings
 *
 * The table is the only description of the file: it checks it, fills a struct from
 * it, supplies the defaults and prints the help.  Unknown keys, doubled keys and
 * values out of bounds are errors that read
 *
 *     configs/nightly.yaml:14:9: axes.lambda: 1.02 is not below 1 (decay per bar)
 *
 * and for `--set axes.lambda=0.94,1.02` start with "--set axes.lambda: ".
 *
 * YAML is read strictly: one document, no anchors, aliases or tags (so a kilobyte
 * cannot become a gigabyte), UTF-8, decimal numbers, at most 65536 entries a list.
 * "key:" without a value is an error; a section with all keys commented out is not.
 * The YAML library (libfyaml) is met in conf.c and nowhere else. */
#ifndef CORE_CONF_H
#define CORE_CONF_H

#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum conf_type {
    CONF_TEXT,     /* char *                                              */
    CONF_REAL,     /* double                                              */
    CONF_INTEGER,  /* int64_t                                             */
    CONF_FLAG,     /* bool: true or false                                 */
    CONF_CHOICE,   /* int: the place of the text in `choices`             */
    CONF_MOMENT,   /* int64_t ns since 1970                               */
    CONF_DURATION, /* int64_t ns                                          */
    CONF_TEXTS,    /* struct conf_texts: one text or a list               */
    CONF_REALS,    /* struct conf_reals: one number, a list, or a range
                      {from: a, to: b, count: n, scale: linear|log}; without
                      count all between, where the row says CONF_SPANS    */
    CONF_LIST,     /* struct conf_list: a list of maps, each by a table   */
    CONF_LIMITS,   /* struct conf_limits: map of name -> {min: a, max: b} */
    CONF_NAMED,    /* struct conf_named: map of name -> one text or a list */
};

struct conf_texts {
    size_t n;
    char **text;
};

enum conf_span { CONF_LISTED, CONF_LINEAR, CONF_LOG };

struct conf_reals {
    size_t n;
    double *value;       /* strictly ascending where the row says CONF_ASCENDING */
    enum conf_span span; /* not CONF_LISTED: all between value[0] and value[1] */
};

struct conf_list {
    size_t n;
    void *item; /* n structs of the sub-table's size */
};

struct conf_limit {
    char *name;
    double min, max;     /* -INFINITY, INFINITY where not given */
    size_t line, column; /* of the name                         */
};

struct conf_limits {
    size_t n;
    struct conf_limit *limit;
};

/* In the order of the file; conf_complain takes "groups.majors" for one of them. */
struct conf_named {
    size_t n;
    char **name;
    struct conf_texts *texts; /* [n] */
};

enum conf_mark {
    CONF_REQUIRED = 1,  /* no default: must be given                    */
    CONF_ASCENDING = 2, /* reals strictly ascending, no value twice     */
    CONF_OPEN_MIN = 4,  /* min itself is refused                        */
    CONF_OPEN_MAX = 8,  /* max itself is refused                        */
    CONF_SPANS = 16,    /* a range may leave out its count              */
};

struct conf_table;

struct conf_key {
    const char *path; /* "axes.lambda": maps joined by dots, under 60 letters */
    enum conf_type type;
    size_t offset;       /* of the field in the struct                       */
    const char *meaning; /* one line, with the unit: "decay per bar"         */
    const char *preset;  /* default, as --set would give it; NULL: zero/none */
    double min, max;     /* bounds of numbers and of ns; both 0: none        */
    unsigned marks;
    const char *const *choices;     /* CONF_CHOICE; NULL-terminated              */
    const struct conf_table *items; /* CONF_LIST                             */
};

struct conf_table {
    const char *title;
    const struct conf_key *keys;
    size_t n_keys;
    size_t size; /* of the struct that it fills */
};

struct conf; /* the values' memory, and where each came from */

/* Read the file at path (at most 1 MiB), then the settings "key=value" (YAML flow text;
 * a list may stand without brackets), which replace the file's, into *into (all
 * table->size bytes).  Its texts and arrays belong to *conf.  On failure both are
 * untouched.  ERR_INPUT, but ERR_USAGE for a setting without '='. */
int conf_read(const char *path, size_t n_settings, const char *const settings[],
              const struct conf_table *table, void *into, struct conf **conf,
              struct err *err);

/* The same of a text in memory: bytes of the file that was once at path (NULL: read
 * it), and settings. */
struct conf_source {
    const char *path;
    const char *bytes;
    size_t n_bytes;
    size_t n_settings;
    const char *const *settings;
};
int conf_read_source(const struct conf_source *source, const struct conf_table *table,
                     void *into, struct conf **conf, struct err *err);

/* `return conf_complain(conf, "margin.release_full", err, "%g is not above %g", ...)`:
 * ERR_INPUT with file, line and column of that value (or --set) in front.  The fourth
 * item of a list is "instruments[3].name", a limit "constraints.coverage". */
int conf_complain(const struct conf *conf, const char *path, struct err *err,
                  const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Was the key given, in the file or by a setting? */
bool conf_is_given(const struct conf *conf, const char *path);

/* The canonical text of every value in force, one `path: value` a line, defaults
 * included, in the table's order (limits by name, ranges as their values): two files
 * that say the same have the same.  free() it. */
int conf_canonical(const struct conf *conf, char **text, struct err *err);

/* Free the conf and all it owns; *into (or NULL) is zeroed.  Takes a NULL conf. */
void conf_free(struct conf *conf, void *into);

/* The table as help: key, type, bounds, default, meaning. */
void conf_help(const struct conf_table *table, FILE *out);

#endif /* CORE_CONF_H */
