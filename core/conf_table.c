#include "core/conf_tree.h"

#include <string.h>

/* What was given for each row of a table. */
struct filling {
    struct conf *conf;
    const struct conf_table *table;
    const char *prefix;
    const struct conf_node *map;
    const struct conf_node **given; /* [table->n_keys], NULL: nothing */
};

static const struct conf_key *find_row(const struct conf_table *table, const char *path)
{
    for (size_t i = 0; i < table->n_keys; i++)
        if (strcmp(table->keys[i].path, path) == 0)
            return &table->keys[i];
    return NULL;
}

/* Is `path` a map above some row? */
static bool is_section(const struct conf_table *table, const char *path)
{
    const size_t n = strlen(path);

    for (size_t i = 0; i < table->n_keys; i++)
        if (strncmp(table->keys[i].path, path, n) == 0 && table->keys[i].path[n] == '.')
            return true;
    return false;
}

/* ---- what an unknown key may have meant ---- */

enum { WORD_MAX = 64 };

/* Letters to insert, delete or replace (Levenshtein 1966; row by row as Wagner and
 * Fischer 1974). */
static size_t distance(const char *a, size_t n_a, const char *b, size_t n_b)
{
    size_t row[WORD_MAX + 1];

    for (size_t j = 0; j <= n_b; j++)
        row[j] = j;
    for (size_t i = 1; i <= n_a; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= n_b; j++) {
            const size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
            const size_t shorter = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;

            diagonal = row[j];
            row[j] = replaced < shorter ? replaced : shorter;
        }
    }
    return row[n_b];
}

static const char *last_word(const char *path)
{
    const char *dot = strrchr(path, '.');

    return dot != NULL ? dot + 1 : path;
}

/* The row or section nearest to path, at most a third of its letters away; the same
 * word in another section counts as one letter.  0 characters: none is near. */
static size_t nearest(const struct conf_table *table, const char *path,
                      const char **found)
{
    const size_t n_path = strlen(path);
    size_t n_found = 0, least = n_path / 3 + 2;

    for (size_t i = 0; n_path <= WORD_MAX && i < table->n_keys; i++) {
        const char *row = table->keys[i].path;

        for (size_t n = 1; n <= strlen(row) && n <= WORD_MAX; n++) {
            if (row[n] != '.' && row[n] != '\0')
                continue;
            const bool moved =
                row[n] == '\0' && strcmp(last_word(row), last_word(path)) == 0;
            const size_t d = moved ? 1 : distance(path, n_path, row, n);
            if (d < least) {
                least = d;
                n_found = n;
                *found = row;
            }
        }
    }
    return n_found;
}

/* The row that the path would be a part of ("axes.q" of "axes.q.count"), or NULL. */
static const struct conf_key *row_around(const struct conf_table *table,
                                         const char *path)
{
    for (size_t i = 0; i < table->n_keys; i++) {
        const size_t n = strlen(table->keys[i].path);

        if (strncmp(path, table->keys[i].path, n) == 0 && path[n] == '.')
            return &table->keys[i];
    }
    return NULL;
}

/* "a, b, c": the words that may stand in a section ("" or "axes."). */
static void list_words(const struct conf_table *table, const char *section,
                       char out[ERR_TEXT_MAX / 2])
{
    const size_t n_section = strlen(section), size = ERR_TEXT_MAX / 2;
    const char *before = "";
    size_t n = 0, n_before = 0;

    out[0] = '\0';
    for (size_t i = 0; i < table->n_keys; i++) {
        const char *word = table->keys[i].path + n_section;

        if (strncmp(table->keys[i].path, section, n_section) != 0)
            continue;
        const size_t n_word = strcspn(word, ".");
        if (n_word == n_before && strncmp(word, before, n_word) == 0)
            continue;
        if (n + n_word + 8 >= size) {
            strcpy(out + n, ", ...");
            return;
        }
        n += (size_t)snprintf(out + n, size - n, "%s%.*s", n > 0 ? ", " : "",
                              (int)n_word, word);
        before = word;
        n_before = n_word;
    }
}

static int unknown(const struct filling *f, const struct conf_node *key,
                   const char *section, const char *path, struct err *err)
{
    char full[CONF_PATH_MAX], words[ERR_TEXT_MAX / 2];
    const char *found = "";
    const struct conf_key *around = row_around(f->table, path);
    const size_t n_found = nearest(f->table, path, &found);

    conf_join(full, f->prefix, path);
    if (find_row(f->table, path) != NULL)
        return conf_fault(f->conf, key, full, err,
                          "is not a key with a dot: write %.*s: and %s: under it",
                          (int)(last_word(path) - path) - 1, path, last_word(path));
    if (is_section(f->table, path))
        return conf_fault(f->conf, key, full, err, "is a map: set one of its keys");
    if (around != NULL)
        return conf_fault(
            f->conf, key, full, err,
            "stands inside of %s%s: give that as a whole, as in %s%s={...}", f->prefix,
            around->path, f->prefix, around->path);
    if (n_found > 0)
        return conf_fault(f->conf, key, full, err, "is not a key; did you mean %s%.*s?",
                          f->prefix, (int)n_found, found);
    list_words(f->table, section, words);
    return conf_fault(f->conf, key, full, err, "is not a key; here stand %s", words);
}

/* ---- collecting what is given ---- */

static int collect_map(const struct filling *f, const struct conf_node *map,
                       const char *section, struct err *err);

/* A key and its value: a row of the table, or a section of it. */
static int collect(const struct filling *f, const struct conf_node *key,
                   const struct conf_node *value, const char *section, struct err *err)
{
    char path[CONF_PATH_MAX], full[CONF_PATH_MAX];

    conf_join(path, section, key->text);
    const struct conf_key *row =
        strchr(key->text, '.') == NULL ? find_row(f->table, path) : NULL;
    if (row != NULL) {
        f->given[row - f->table->keys] = value;
        return 0;
    }
    if (!is_section(f->table, path))
        return unknown(f, key, section, path, err);
    if (value->kind == CONF_MAPPING) {
        strcat(path, "."); /* fits: a row is longer */
        return collect_map(f, value, path, err);
    }
    if (value->kind == CONF_SCALAR && !value->quoted && value->n_chars == 0)
        return 0; /* every key of the section is commented out */
    conf_join(full, f->prefix, path);
    return conf_fault(f->conf, value, full, err, "is not a map of keys and values");
}

static int collect_map(const struct filling *f, const struct conf_node *map,
                       const char *section, struct err *err)
{
    char full[CONF_PATH_MAX];

    for (size_t j = 0; j < map->n; j += 2) {
        const struct conf_node *key = map->child[j];

        if (key->kind != CONF_SCALAR)
            return conf_fault(f->conf, key, NULL, err,
                              "a list or map stands where a key should be");
        snprintf(full, sizeof full, "%s%s%.60s", f->prefix, section, key->text);
        for (size_t i = 0; i < j; i += 2)
            if (strcmp(map->child[i]->text, key->text) == 0)
                return conf_fault(f->conf, key, full, err,
                                  "is given twice, first on line %zu",
                                  map->child[i]->line);
        if (collect(f, key, map->child[j + 1], section, err) != 0)
            return -1;
    }
    return 0;
}

/* Settings and defaults are YAML flow text; a list may stand without brackets. */
static int read_flow(struct conf *conf, enum conf_origin origin,
                     const struct conf_key *row, const char *text,
                     struct conf_node **root, struct err *err)
{
    const bool listed = row->type == CONF_REALS || row->type == CONF_TEXTS;
    const char *start = text + strspn(text, " ");
    const size_t n = strlen(text);

    if (!listed || *start == '\0' || *start == '[' || *start == '{')
        return conf_tree(conf, origin, row->path, text, n, root, err);
    char *flow = conf_take(conf, n + 3, err);
    if (flow == NULL)
        return -1;
    flow[0] = '[';
    memcpy(flow + 1, text, n);
    flow[n + 1] = ']';
    return conf_tree(conf, origin, row->path, flow, n + 2, root, err);
}

static int collect_setting(const struct filling *f, const char *text, struct err *err)
{
    const struct conf_node nowhere = {.origin = CONF_OF_SETTING};
    const char *equals = strchr(text, '=');
    struct conf_node *root;
    char path[CONF_PATH_MAX];

    if (equals == NULL || equals == text)
        return err_set(err, ERR_USAGE, "--set %.60s: is not of the form key=value",
                       text);
    snprintf(path, sizeof path, "%.*s", (int)(equals - text), text);
    const struct conf_key *row = find_row(f->table, path);
    if (row == NULL)
        return unknown(f, &nowhere, "", path, err);
    if (read_flow(f->conf, CONF_OF_SETTING, row, equals + 1, &root, err) != 0)
        return -1;
    if (root == NULL)
        return conf_fault(f->conf, &nowhere, path, err, "has no value (%s)",
                          row->meaning);
    const struct conf_node **given = &f->given[row - f->table->keys];
    if (*given != NULL && (*given)->origin == CONF_OF_SETTING)
        return conf_fault(f->conf, &nowhere, path, err, "is set twice");
    *given = root;
    return 0;
}

/* ---- from what is given to the struct ---- */

/* The innermost map that is there of those that lead to path. */
static const struct conf_node *innermost(const struct conf_node *map, const char *path)
{
    const char *dot;

    while ((dot = strchr(path, '.')) != NULL) {
        const struct conf_node *next = NULL;

        for (size_t j = 0; j < map->n; j += 2)
            if (strncmp(map->child[j]->text, path, (size_t)(dot - path)) == 0 &&
                map->child[j]->text[dot - path] == '\0')
                next = map->child[j + 1];
        if (next == NULL || next->kind != CONF_MAPPING)
            break;
        map = next;
        path = dot + 1;
    }
    return map;
}

static int fill_row(const struct filling *f, size_t i, char *into, struct err *err)
{
    const struct conf_key *row = &f->table->keys[i];
    const struct conf_node *node = f->given[i];
    struct conf_node *preset;
    char full[CONF_PATH_MAX];

    conf_join(full, f->prefix, row->path);
    if (node == NULL && (row->marks & CONF_REQUIRED) != 0)
        return conf_fault(f->conf, innermost(f->map, row->path), full, err,
                          "is missing (%s)", row->meaning);
    if (node == NULL && row->preset == NULL)
        return 0;
    if (node == NULL) {
        if (read_flow(f->conf, CONF_OF_PRESET, row, row->preset, &preset, err) != 0)
            return -1;
        if (preset == NULL)
            return err_set(err, ERR_BUG, "%s: an empty default", full);
        node = preset;
    }
    if (conf_note(f->conf, full, node, err) != 0)
        return -1;
    return conf_value(f->conf, row, full, node, into + row->offset, err);
}

int conf_fill(struct conf *conf, const struct conf_table *table, const char *prefix,
              const struct conf_node *map, const struct conf_settings *settings,
              void *into, struct err *err)
{
    struct filling f = {conf, table, prefix, map, NULL};

    f.given = conf_take(conf, table->n_keys * sizeof *f.given, err);
    if (f.given == NULL || collect_map(&f, map, "", err) != 0)
        return -1;
    for (size_t i = 0; settings != NULL && i < settings->n; i++)
        if (collect_setting(&f, settings->text[i], err) != 0)
            return -1;
    for (size_t i = 0; i < table->n_keys; i++)
        if (fill_row(&f, i, into, err) != 0)
            return -1;
    return 0;
}
