#include "market/format.h"

#include <fnmatch.h>
#include <stdbool.h>
#include <string.h>

const struct format *format_find(const char *name)
{
    for (size_t i = 0; i < format_count; i++)
        if (strcmp(format_table[i].name, name) == 0)
            return &format_table[i];
    return NULL;
}

void format_list(FILE *out)
{
    for (size_t i = 0; i < format_count; i++)
        if (format_find(format_table[i].name) == &format_table[i])
            fprintf(out, "  %-20s %s\n", format_table[i].name, format_table[i].about);
}

char *format_names(char out[FORMAT_NAMES_MAX])
{
    size_t n = 0;

    out[0] = '\0';
    for (size_t i = 0; i < format_count && n < FORMAT_NAMES_MAX; i++)
        if (format_find(format_table[i].name) == &format_table[i])
            n += (size_t)snprintf(out + n, FORMAT_NAMES_MAX - n, "%s%s", n ? ", " : "",
                                  format_table[i].name);
    return out;
}

/* The column that the first of the alternatives "a|b|c" finds. */
static int find_column(const char *alternatives, size_t n_columns,
                       const char *const columns[])
{
    while (*alternatives != '\0') {
        const size_t n_chars = strcspn(alternatives, "|,");
        char pattern[64];

        snprintf(pattern, sizeof pattern, "%.*s", (int)n_chars, alternatives);
        for (int fold = 0; fold <= FNM_CASEFOLD; fold += FNM_CASEFOLD)
            for (size_t c = 0; c < n_columns; c++)
                if (fnmatch(pattern, columns[c], fold) == 0)
                    return (int)c;
        alternatives += n_chars;
        if (*alternatives != '|')
            break;
        alternatives++;
    }
    return FORMAT_NONE;
}

static bool has_also(const struct format *format, size_t n_columns,
                     const char *const columns[])
{
    const char *also = format->also;

    while (also != NULL) {
        if (find_column(also, n_columns, columns) == FORMAT_NONE)
            return false;
        also = strchr(also, ',');
        if (also != NULL)
            also++;
    }
    return true;
}

static bool is_needed(const struct format *format, int field)
{
    if (field == FIELD_VOLUME)
        return !(format->marks & FORMAT_VOLUME_OPTIONAL);
    return field < FIELD_VOLUME || field == FIELD_CLOCK;
}

_Bool format_match_names(const struct format *format, size_t n_columns,
                         const char *const columns[], int place[FORMAT_N_FIELDS])
{
    size_t n_found = 0;

    for (int f = 0; f < FORMAT_N_FIELDS; f++) {
        place[f] = FORMAT_NONE;
        if (format->names[f] == NULL)
            continue;
        place[f] = find_column(format->names[f], n_columns, columns);
        if (place[f] == FORMAT_NONE && is_needed(format, f))
            return false;
        n_found += place[f] != FORMAT_NONE;
    }
    if ((format->marks & FORMAT_EXACT_HEADER) && n_found != n_columns)
        return false;
    return has_also(format, n_columns, columns);
}

_Bool format_match_places(const struct format *format, size_t n_columns,
                          int place[FORMAT_N_FIELDS])
{
    static const char letter[FORMAT_N_FIELDS] = {
        [FIELD_TIME] = 't',   [FIELD_OPEN] = 'o',  [FIELD_HIGH] = 'h',
        [FIELD_LOW] = 'l',    [FIELD_CLOSE] = 'c', [FIELD_VOLUME] = 'v',
        [FIELD_SYMBOL] = 's', [FIELD_DONE] = 'd',  [FIELD_MEAN] = 'm',
    };
    const size_t n_places = strlen(format->places);

    for (int f = 0; f < FORMAT_N_FIELDS; f++)
        place[f] = FORMAT_NONE;
    if (n_places != n_columns &&
        !(n_places < n_columns && (format->marks & FORMAT_MORE_COLUMNS)))
        return false;
    for (size_t c = 0; c < n_places; c++)
        for (int f = 0; f < FORMAT_N_FIELDS; f++)
            if (letter[f] == format->places[c])
                place[f] = (int)c;
    return true;
}
