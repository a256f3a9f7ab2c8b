#include "market/columns.h"

#include "core/text.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

static const struct {
    const char *word;
    enum format_field field;
    char letter;
} known[] = {
    {"time", FIELD_TIME, 't'},     {"end", FIELD_TIME, 't'},
    {"open", FIELD_OPEN, 'o'},     {"high", FIELD_HIGH, 'h'},
    {"low", FIELD_LOW, 'l'},       {"close", FIELD_CLOSE, 'c'},
    {"volume", FIELD_VOLUME, 'v'}, {"symbol", FIELD_SYMBOL, 's'},
};

enum { N_KNOWN = sizeof known / sizeof *known };

/* What was said so far. */
struct said {
    bool is_end, has[FORMAT_N_FIELDS];
    size_t n, n_places;
    int64_t place[FORMAT_N_FIELDS]; /* from 1 */
};

/* A name as a pattern that means nothing but itself. */
static void escape(const char *text, size_t n_chars, char *out)
{
    for (size_t i = 0; i < n_chars; i++) {
        if (strchr("*?[\\", text[i]) != NULL)
            *out++ = '\\';
        *out++ = text[i];
    }
    *out = '\0';
}

static int take_value(const char *value, size_t n_chars, size_t k, struct said *said,
                      struct columns *columns, struct err *err)
{
    const enum format_field field = known[k].field;
    bool digits = n_chars > 0;

    if (said->has[field])
        return err_set(err, ERR_USAGE, "%s is said twice", known[k].word);
    if (n_chars == 0 || 2 * n_chars >= sizeof columns->name[0])
        return err_set(err, ERR_USAGE, "%s= lacks its column's name or number",
                       known[k].word);
    for (size_t i = 0; i < n_chars; i++)
        digits = digits && isdigit((unsigned char)value[i]);
    if (digits && text_to_integer(value, n_chars, 1, COLUMNS_PLACES_MAX,
                                  &said->place[field], err) != 0)
        return err_add(err, "%s", known[k].word);
    escape(value, n_chars, columns->name[field]);
    said->has[field] = true;
    said->is_end = said->is_end || strcmp(known[k].word, "end") == 0;
    said->n_places += digits;
    said->n++;
    return 0;
}

static int take_part(const char *part, size_t n_chars, struct said *said,
                     struct columns *columns, struct err *err)
{
    for (size_t k = 0; k < N_KNOWN; k++) {
        const size_t n = strlen(known[k].word);

        if (n_chars > n && part[n] == '=' && strncmp(part, known[k].word, n) == 0)
            return take_value(part + n + 1, n_chars - n - 1, k, said, columns, err);
    }
    return err_set(err, ERR_USAGE,
                   "'%.*s' is not time=, end=, open=, high=, low=, close=, volume= or "
                   "symbol= and a column",
                   (int)(n_chars < 40 ? n_chars : 40), part);
}

static int check(const struct said *said, struct err *err)
{
    for (size_t k = 0; k < N_KNOWN; k++)
        if (known[k].field <= FIELD_CLOSE && !said->has[known[k].field])
            return err_set(err, ERR_USAGE, "%s= is missing", known[k].word);
    if (said->n_places != 0 && said->n_places != said->n)
        return err_set(err, ERR_USAGE, "names and numbers of columns are mixed");
    return 0;
}

static int set_places(const struct said *said, struct columns *columns, struct err *err)
{
    size_t n = 0;

    memset(columns->places, '-', COLUMNS_PLACES_MAX);
    for (size_t k = 0; k < N_KNOWN; k++) {
        const size_t place = (size_t)said->place[known[k].field];

        if (!said->has[known[k].field])
            continue;
        char *letter = &columns->places[place - 1];

        if (*letter != '-' && *letter != known[k].letter)
            return err_set(err, ERR_USAGE, "column %zu is named twice", place);
        *letter = known[k].letter;
        if (place > n)
            n = place;
    }
    columns->places[n] = '\0';
    return 0;
}

static void set_formats(const struct said *said, struct columns *columns)
{
    static const enum format_shape named[] = {FORMAT_HEADED, FORMAT_JSON_OBJECTS,
                                              FORMAT_JSON_COLUMNS};
    struct format format = {
        .name = "columns",
        .about = "as --columns says",
        .shape = FORMAT_BY_PLACE,
        .separators = ",;\t",
        .stamp = {STAMP_ANY, STAMP_UTC},
        .marks = (said->is_end ? FORMAT_END_STAMPED : 0u) |
                 (said->has[FIELD_VOLUME] ? 0u : FORMAT_VOLUME_OPTIONAL) |
                 FORMAT_MORE_COLUMNS | FORMAT_AMOUNTS};

    columns->n_formats = said->n_places > 0 ? 1 : COLUMNS_N_FORMATS;
    if (said->n_places > 0)
        format.places = columns->places;
    for (int f = 0; f < FORMAT_N_FIELDS; f++)
        format.names[f] = said->has[f] && said->n_places == 0 ? columns->name[f] : NULL;
    for (size_t i = 0; i < columns->n_formats; i++) {
        columns->format[i] = format;
        if (said->n_places == 0)
            columns->format[i].shape = named[i];
    }
}

int columns_parse(const char *text, struct columns *columns, struct err *err)
{
    struct said said = {.n = 0};

    *columns = (struct columns){.n_formats = 0};
    for (const char *part = text;;) {
        const size_t n_chars = strcspn(part, ",");

        if (take_part(part, n_chars, &said, columns, err) != 0)
            return -1;
        if (part[n_chars] == '\0')
            break;
        part += n_chars + 1;
    }
    if (check(&said, err) != 0 ||
        (said.n_places > 0 && set_places(&said, columns, err) != 0))
        return -1;
    set_formats(&said, columns);
    return 0;
}
