/* conf_tree.h -- what a YAML text says, as a tree of nodes that know where they stand
 *
 * Private to conf*.c.  Only maps, lists and scalars: anchors, aliases and tags are
 * refused when the text is read, so a tree is never larger than its text. */
#ifndef CORE_CONF_TREE_H
#define CORE_CONF_TREE_H

#include "core/conf.h"

enum {
    CONF_FILE_MAX = 1 << 20, /* bytes */
    CONF_DEPTH_MAX = 16,
    CONF_COUNT_MAX = 65536, /* entries of a list, of a map, of a range */
    CONF_PATH_MAX = 128,
};

enum conf_kind { CONF_SCALAR, CONF_SEQUENCE, CONF_MAPPING };

enum conf_origin { CONF_OF_NOBODY, CONF_OF_FILE, CONF_OF_SETTING, CONF_OF_PRESET };

struct conf_node {
    enum conf_kind kind;
    enum conf_origin origin;
    bool quoted;         /* a scalar in quotes, or a block scalar               */
    size_t line, column; /* from 1; columns count characters                    */
    size_t n_chars;
    char *text;         /* of a scalar, NUL behind it; never has a NUL inside  */
    size_t n, capacity; /* children; a map has key, value, key, value ...      */
    struct conf_node **child;
};

/* Where the value of a path came from. */
struct conf_place {
    const char *path;
    enum conf_origin origin;
    size_t line, column;
};

struct conf_block;

/* Everything that a read allocates hangs on `blocks` and is freed at once. */
struct conf {
    char *file;
    const struct conf_table *table;
    void *filled; /* the struct as it was read, for conf_canonical */
    struct conf_block *blocks;
    struct conf_place *places;
    size_t n_places, capacity;
};

/* n_bytes zeroed bytes that live as long as conf; NULL with ERR_MEMORY. */
void *conf_take(struct conf *conf, size_t n_bytes, struct err *err);
char *conf_copy(struct conf *conf, const char *text, size_t n_chars, struct err *err);
void conf_release(struct conf *conf); /* all that was taken */

/* "prefix" + "path", and "path[i]."; cut where it does not fit. */
void conf_join(char out[CONF_PATH_MAX], const char *prefix, const char *path);
void conf_item(char out[CONF_PATH_MAX], const char *path, size_t i);

/* Remember where the value of path came from. */
int conf_note(struct conf *conf, const char *path, const struct conf_node *node,
              struct err *err);
/* Once all is noted, conf_sort_notes; then conf_find, NULL where there is none. */
void conf_sort_notes(struct conf *conf);
const struct conf_place *conf_find(const struct conf *conf, const char *path);

/* ERR_INPUT "file:line:column: path: ...", or "--set path: ..." for a setting. */
int conf_fault(const struct conf *conf, const struct conf_node *node, const char *path,
               struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* Put in front of the error where it belongs; line 0: nowhere in the file. */
int conf_add_place(const struct conf *conf, enum conf_origin origin, size_t line,
                   size_t column, const char *path, struct err *err);

/* Only UTF-8 without control characters is text. */
int conf_check_text(const struct conf *conf, enum conf_origin origin, const char *path,
                    const char *bytes, size_t n_bytes, struct err *err);

/* Read YAML text into a tree; a text without a document gives *root = NULL.  Faults
 * are told at their place, `path` being the setting's key or NULL for the file. */
int conf_tree(struct conf *conf, enum conf_origin origin, const char *path,
              const char *bytes, size_t n_bytes, struct conf_node **root,
              struct err *err);

/* Check the node by its row and put its value into *field (conf_value.c). */
int conf_value(struct conf *conf, const struct conf_key *key, const char *path,
               const struct conf_node *node, void *field, struct err *err);

/* Fill *into from a map (NULL: nothing given) and, at the top, the settings by the
 * table; `prefix` is "" or "instruments[3]." (conf_table.c). */
struct conf_settings {
    size_t n;
    const char *const *text; /* "key=value" */
};
int conf_fill(struct conf *conf, const struct conf_table *table, const char *prefix,
              const struct conf_node *map, const struct conf_settings *settings,
              void *into, struct err *err);

#endif /* CORE_CONF_TREE_H */
