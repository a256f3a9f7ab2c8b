#include "market/read.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { MAX_KEYS = 64, NUMBER_MAX = 40 };

struct layout {
    const struct format *format;
    const char *key[FORMAT_N_FIELDS]; /* of objects; NULL where there is none */
    int place[FORMAT_N_FIELDS];       /* of arrays                            */
    size_t n_columns;
};

/* The value as the text that the shared parser reads; NULL for what is no cell. */
static struct read_cell cell_of(const json_t *value, char number[NUMBER_MAX])
{
    if (json_is_string(value))
        return (struct read_cell){json_string_value(value), json_string_length(value)};
    if (json_is_integer(value))
        snprintf(number, NUMBER_MAX, "%" JSON_INTEGER_FORMAT,
                 json_integer_value(value));
    else if (json_is_real(value))
        snprintf(number, NUMBER_MAX, "%.17g", json_real_value(value));
    else
        return (struct read_cell){"", 0}; /* null, true, [..]: "is missing" */
    return (struct read_cell){number, strlen(number)};
}

static int take_item(const struct layout *layout, const json_t *item, uint32_t index,
                     struct rows *rows, struct err *err)
{
    const bool objects = layout->format->shape == FORMAT_JSON_OBJECTS;
    struct read_cell cell[FORMAT_N_FIELDS] = {{NULL, 0}};
    char number[FORMAT_N_FIELDS][NUMBER_MAX];

    if (objects ? !json_is_object(item) : !json_is_array(item))
        return rows_reject(rows, index, "is not shaped like the first element", err);
    if (!objects && json_array_size(item) != layout->n_columns) {
        char reason[ROWS_REASON_MAX];

        snprintf(reason, sizeof reason, "%zu values where there should be %zu",
                 json_array_size(item), layout->n_columns);
        return rows_reject(rows, index, reason, err);
    }
    for (int f = 0; f < FORMAT_N_FIELDS; f++) {
        const json_t *value = NULL;

        if (objects ? layout->key[f] == NULL : layout->place[f] == FORMAT_NONE)
            continue;
        value = objects ? json_object_get(item, layout->key[f])
                        : json_array_get(item, (size_t)layout->place[f]);
        cell[f] = cell_of(value, number[f]);
    }
    return read_take_cells(layout->format, cell, index, rows, err);
}

static bool match_object(const struct format *format, json_t *first,
                         struct layout *layout)
{
    const char *key[MAX_KEYS], *name;
    int place[FORMAT_N_FIELDS];
    size_t n = 0;
    json_t *value;

    if (json_object_size(first) > MAX_KEYS)
        return false;
    json_object_foreach(first, name, value)
    {
        key[n++] = name;
    }
    if (!format_match_names(format, n, key, place))
        return false;
    for (int f = 0; f < FORMAT_N_FIELDS; f++)
        layout->key[f] = place[f] == FORMAT_NONE ? NULL : key[place[f]];
    return true;
}

/* The table's first row that the first element fits. */
static bool find_layout(json_t *first, const char *name, struct layout *layout)
{
    for (size_t i = 0; i < format_count; i++) {
        const struct format *format = &format_table[i];

        if (name != NULL && strcmp(name, format->name) != 0)
            continue;
        *layout = (struct layout){.format = format};
        if (format->shape == FORMAT_JSON_OBJECTS && json_is_object(first) &&
            match_object(format, first, layout))
            return true;
        layout->n_columns = json_array_size(first);
        if (format->shape == FORMAT_JSON_ARRAYS && json_is_array(first) &&
            format_match_places(format, layout->n_columns, layout->place))
            return true;
    }
    return false;
}

static int refuse(json_t *first, const char *name, struct err *err)
{
    struct layout other;

    if (name != NULL && find_layout(first, NULL, &other))
        return err_set(err, ERR_INPUT,
                       "element 0 is not that of a %s file; it reads "
                       "like %s",
                       name, other.format->name);
    return read_unknown("JSON, element 0", name, err);
}

static int take_items(const json_t *root, const char *name, struct rows *rows,
                      struct read_choice *choice, struct err *err)
{
    const size_t n = json_array_size(root), before = rows->n;
    const size_t rejected_before = rows->n_rejected;
    const unsigned asked = rows->marks;
    struct layout layout;
    int failed = 0;

    choice->by_index = true;
    if (n == 0) {
        snprintf(choice->why, sizeof choice->why, "an empty JSON array");
        return 0;
    }
    if (!find_layout(json_array_get(root, 0), name, &layout))
        return refuse(json_array_get(root, 0), name, err);
    choice->format = layout.format;
    snprintf(choice->why, sizeof choice->why, "a JSON array of %s",
             layout.format->shape == FORMAT_JSON_OBJECTS ? "objects with its keys"
                                                         : "arrays of its length");
    if (layout.format->marks & FORMAT_OPEN_FREE)
        rows->marks |= ROWS_OPEN_FREE;
    for (size_t i = 0; i < n && !failed; i++)
        failed = take_item(&layout, json_array_get(root, i), (uint32_t)i, rows, err);
    rows->marks = asked;
    if (!failed && (double)(rows->n - before) < READ_LEAST_SHARE * (double)n)
        return err_set(err, ERR_INPUT,
                       "its shape is that of %s, but most rows are wrong (element %u: "
                       "%s)",
                       layout.format->name,
                       (unsigned)rows->rejected[rejected_before].number,
                       rows->rejected[rejected_before].reason);
    return failed;
}

int read_json(const char *bytes, size_t n_bytes, const char *name, struct rows *rows,
              struct read_choice *choice, struct err *err)
{
    json_error_t fault;
    int failed;
    json_t *root = json_loadb(bytes, n_bytes, JSON_REJECT_DUPLICATES, &fault);

    if (root == NULL)
        return err_set(err, ERR_INPUT, "line %d, column %d: not JSON: %s", fault.line,
                       fault.column, fault.text);
    if (json_is_array(root))
        failed = take_items(root, name, rows, choice, err);
    else
        failed =
            err_set(err, ERR_INPUT, "the JSON is an object: bars come as an array");
    json_decref(root);
    return failed;
}
