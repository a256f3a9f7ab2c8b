#include "market/read.h"

#include "market/layout.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* Venues' answers wrap their bars: {"code": "0", "data": [[...], ...]}.  The bars are
 * the one array, or the one object of arrays, that a format fits, wherever it stands.
 */

enum { MAX_KEYS = 64, NUMBER_MAX = 40, MAX_DEPTH = 6, MAX_LOOKED_AT = 64 };

/* The bars of a file, as a layout_take_fn reads them. */
struct bars_json {
    const json_t *items; /* an array of rows, or an object of columns */
    size_t n_rows;
    char path[64]; /* where they stand: "result.list"; "" at the top */
};

/* The value as the text that the shared parser reads; "" for what is no cell. */
static struct read_cell cell_of(const json_t *value, char number[NUMBER_MAX])
{
    if (json_is_string(value))
        return (struct read_cell){json_string_value(value), json_string_length(value)};
    if (json_is_integer(value))
        snprintf(number, NUMBER_MAX, "%" JSON_INTEGER_FORMAT,
                 json_integer_value(value));
    else if (json_is_real(value))
        snprintf(number, NUMBER_MAX, "%.17g", json_real_value(value));
    else if (json_is_boolean(value))
        snprintf(number, NUMBER_MAX, "%s", json_is_true(value) ? "true" : "false");
    else
        return (struct read_cell){"", 0}; /* null, [..]: "is missing" */
    return (struct read_cell){number, strlen(number)};
}

/* The value of a field in row i, NULL where the layout has none or the row is short. */
static const json_t *value_at(const struct bars_json *bars, const struct layout *layout,
                              size_t i, int field)
{
    const json_t *item;

    if (layout->format->shape == FORMAT_JSON_COLUMNS)
        return json_array_get(json_object_get(bars->items, layout->key[field]), i);
    item = json_array_get(bars->items, i);
    return json_is_object(item) ? json_object_get(item, layout->key[field])
                                : json_array_get(item, (size_t)layout->place[field]);
}

static bool has_field(const struct layout *layout, int field)
{
    return layout->format->places != NULL ? layout->place[field] != FORMAT_NONE
                                          : layout->key[field] != NULL;
}

/* What is wrong with the shape of row i; "" if nothing. */
static void check_shape(const struct bars_json *bars, const struct layout *layout,
                        size_t i, char reason[ROWS_REASON_MAX])
{
    const json_t *item = json_array_get(bars->items, i);
    const bool arrays = layout->format->places != NULL;

    reason[0] = '\0';
    if (layout->format->shape == FORMAT_JSON_COLUMNS)
        return;
    if (arrays ? !json_is_array(item) : !json_is_object(item))
        snprintf(reason, ROWS_REASON_MAX, "is not shaped like the first element");
    else if (arrays && json_array_size(item) != layout->n_columns)
        snprintf(reason, ROWS_REASON_MAX, "%zu values where there should be %zu",
                 json_array_size(item), layout->n_columns);
}

static int take_row(const struct bars_json *bars, const struct layout *layout, size_t i,
                    struct rows *rows, struct err *err)
{
    struct read_cell cell[FORMAT_N_FIELDS] = {{NULL, 0}};
    char number[FORMAT_N_FIELDS][NUMBER_MAX], reason[ROWS_REASON_MAX];

    check_shape(bars, layout, i, reason);
    if (reason[0] != '\0')
        return rows_reject(rows, (uint32_t)i, reason, err);
    for (int f = 0; f < FORMAT_N_FIELDS; f++)
        if (has_field(layout, f))
            cell[f] = cell_of(value_at(bars, layout, i, f), number[f]);
    return read_take_cells(layout->format, cell, (uint32_t)i, rows, err);
}

static int take_rows(const void *file, const struct layout *layout, size_t max_rows,
                     struct rows *rows, struct err *err)
{
    const struct bars_json *bars = file;

    for (size_t i = 0; i < bars->n_rows && i < max_rows; i++)
        if (take_row(bars, layout, i, rows, err) != 0)
            return -1;
    return 0;
}

static bool match_object(json_t *object, struct layout *layout)
{
    const char *key[MAX_KEYS], *name;
    int place[FORMAT_N_FIELDS];
    size_t n = 0;
    json_t *value;

    if (json_object_size(object) > MAX_KEYS)
        return false;
    json_object_foreach(object, name, value)
    {
        /* of an object of columns, only columns count */
        if (layout->format->shape == FORMAT_JSON_OBJECTS || json_is_array(value))
            key[n++] = name;
    }
    if (!format_match_names(layout->format, n, key, place))
        return false;
    for (int f = 0; f < FORMAT_N_FIELDS; f++)
        layout->key[f] = place[f] == FORMAT_NONE ? NULL : key[place[f]];
    return true;
}

static bool match(const struct bars_json *bars, struct layout *layout)
{
    json_t *first = json_array_get(bars->items, 0);

    switch (layout->format->shape) {
    case FORMAT_JSON_COLUMNS:
        return json_is_object(bars->items) &&
               match_object((json_t *)(uintptr_t)bars->items, layout);
    case FORMAT_JSON_OBJECTS:
        return json_is_object(first) && match_object(first, layout);
    case FORMAT_JSON_ARRAYS:
    case FORMAT_BY_PLACE:
        layout->n_columns = json_array_size(first);
        return json_is_array(first) &&
               format_match_places(layout->format, layout->n_columns, layout->place);
    default:
        return false;
    }
}

/* Try the formats: of names the first that fits is taken, of places the values tell. */
static int find_layouts(const struct layout_file *file, const struct read_wish *wish,
                        struct layouts *found, struct err *err)
{
    size_t n_formats;
    const struct format *formats = read_formats(wish, &n_formats);

    memset(found, 0, sizeof *found);
    for (size_t i = 0; i < n_formats; i++) {
        struct layout layout = {.format = &formats[i]};

        if (!read_wants(wish, &formats[i]) || !match(file->file, &layout))
            continue;
        if (layout_score(file, LAYOUT_SAMPLE_ROWS, &layout, err) != 0)
            return -1;
        layout_consider(found, &layout);
        if (formats[i].places == NULL && layout.share >= LAYOUT_LEAST_SHARE)
            break;
    }
    return 0;
}

/* ---- where the bars are ---------------------------------------------------------- */

struct search {
    const struct read_wish *wish;
    unsigned marks;
    struct bars_json bars; /* the first that a format fits */
    struct layouts found;
    char second[64]; /* where others stand that one fits too */
    size_t n_found;
};

static struct layout_file file_of(const struct bars_json *bars, unsigned marks)
{
    return (struct layout_file){take_rows, bars, "element", marks};
}

/* Does a format fit what stands here? */
static int try_here(struct search *search, json_t *here, const char *path,
                    struct err *err)
{
    struct bars_json bars = {.items = here, .n_rows = json_array_size(here)};
    const struct layout_file file = file_of(&bars, search->marks);
    struct layouts found;
    const char *key;
    json_t *column;

    json_object_foreach(here, key, column) if (json_array_size(column) > bars.n_rows)
        bars.n_rows = json_array_size(column);
    if (bars.n_rows == 0)
        return 0;
    snprintf(bars.path, sizeof bars.path, "%s", path);
    if (find_layouts(&file, search->wish, &found, err) != 0)
        return -1;
    if (found.best.format != NULL && search->n_found++ == 0) {
        search->bars = bars;
        search->found = found;
    } else if (found.best.format != NULL) {
        snprintf(search->second, sizeof search->second, "%s", path);
    } else if (found.worst_fit.format != NULL && search->n_found == 0 &&
               search->found.worst_fit.format == NULL) {
        search->found = found;
    }
    return 0;
}

/* Here, or below where nothing fits here. */
static int search_below(struct search *search, json_t *here, const char *path,
                        int depth, struct err *err)
{
    const size_t n_before = search->n_found;
    char below[64];
    const char *key;
    json_t *value;
    size_t i;

    if (depth > MAX_DEPTH || search->n_found > 1)
        return 0;
    if (try_here(search, here, path, err) != 0)
        return -1;
    if (search->n_found > n_before)
        return 0;
    json_object_foreach(here, key, value)
    {
        snprintf(below, sizeof below, "%.30s%s%.30s", path, path[0] ? "." : "", key);
        if (search_below(search, value, below, depth + 1, err) != 0)
            return -1;
    }
    json_array_foreach(here, i, value)
    {
        snprintf(below, sizeof below, "%.40s[%zu]", path, i);
        if (i < MAX_LOOKED_AT && json_is_object(value) &&
            search_below(search, value, below, depth + 1, err) != 0)
            return -1;
    }
    return 0;
}

static int refuse(const struct search *search, json_t *root, struct err *err)
{
    static const struct read_wish any = {NULL};
    struct search other = {.wish = &any, .marks = search->marks};
    const char *name = search->wish->name;
    char hint[80] = "";

    if (name != NULL && search_below(&other, root, "", 0, err) != 0)
        return -1;
    if (other.n_found == 1)
        snprintf(hint, sizeof hint, "; it reads like %s",
                 other.found.best.format->name);
    if (search->found.worst_fit.format != NULL)
        return layout_refuse(&search->found, hint, err);
    if (name != NULL)
        return err_set(err, ERR_INPUT, "the JSON holds no bars of a %s file%s", name,
                       hint);
    return read_unknown("the JSON holds no array of bars", NULL, err);
}

static int take_found(struct search *search, struct rows *rows,
                      struct read_choice *choice, struct err *err)
{
    const struct layout_file file = file_of(&search->bars, rows->marks);
    static const char *const shown[] = {
        [FORMAT_JSON_OBJECTS] = "a JSON array of objects with its keys",
        [FORMAT_JSON_ARRAYS] = "a JSON array of arrays of its length",
        [FORMAT_BY_PLACE] = "a JSON array of arrays of its length",
        [FORMAT_JSON_COLUMNS] = "a JSON object with its columns"};

    if (search->n_found > 1)
        return err_set(err, ERR_INPUT,
                       "the JSON holds bars at '%s' and at '%s': give each a file",
                       search->bars.path, search->second);
    if (layout_decide(&file, &search->found, err) != 0)
        return -1;
    choice->format = search->found.best.format;
    snprintf(choice->why, sizeof choice->why, "%s%s%s", shown[choice->format->shape],
             search->bars.path[0] ? " at " : "", search->bars.path);
    return layout_take(&file, &search->found.best, rows, err);
}

/* ---- the text -------------------------------------------------------------------- */

/* One value, or one a line, which then are the elements of an array.  Returns NULL
 * with err set. */
static json_t *load(const char *bytes, size_t n_bytes, struct err *err)
{
    json_t *all = json_array(), *value = NULL;
    size_t at = 0, line = 0;

    while (all != NULL && at < n_bytes) {
        json_error_t fault;

        value = json_loadb(bytes + at, n_bytes - at,
                           JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK, &fault);
        if (value == NULL) {
            err_set(err, ERR_INPUT, "line %zu, column %d: not JSON: %s",
                    line + (size_t)fault.line, fault.column, fault.text);
            json_decref(all);
            return NULL;
        }
        json_array_append_new(all, value);
        for (const size_t end = at + (size_t)fault.position; at < end; at++)
            line += bytes[at] == '\n';
        for (; at < n_bytes && bytes[at] != '\0' && strchr(" \t\r\n", bytes[at]); at++)
            line += bytes[at] == '\n';
    }
    if (all == NULL)
        err_set(err, ERR_MEMORY, "no memory for JSON");
    if (json_array_size(all) != 1)
        return all;
    value = json_incref(value);
    json_decref(all);
    return value;
}

int read_json(const char *bytes, size_t n_bytes, const struct read_wish *wish,
              struct rows *rows, struct read_choice *choice, struct err *err)
{
    struct search search = {.wish = wish, .marks = rows->marks};
    json_t *root = load(bytes, n_bytes, err);
    int failed = -1;

    if (root == NULL)
        return -1;
    choice->by_index = true;
    if (json_is_array(root) && json_array_size(root) == 0) {
        snprintf(choice->why, sizeof choice->why, "an empty JSON array");
        failed = 0;
    } else if (search_below(&search, root, "", 0, err) == 0) {
        failed = search.n_found == 0 ? refuse(&search, root, err)
                                     : take_found(&search, rows, choice, err);
    }
    json_decref(root);
    return failed;
}
