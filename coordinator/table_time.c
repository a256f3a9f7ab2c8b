#include "coordinator/table_time.h"

#include "core/clock.h"
#include "core/text.h"
#include "market/stamp.h"

#include <stdio.h>
#include <string.h>

static const char *const usual[] = {"time",      "timestamp", "datetime", "date",
                                    "open_time", "open time", "unix"};

enum { N_USUAL = sizeof usual / sizeof *usual };

static bool wants_span(const struct table_span *span)
{
    return span->from_ns != INT64_MIN || span->to_ns != INT64_MAX;
}

static void put(struct table_time *time, size_t place, const char *name)
{
    time->is_there = true;
    time->place = place;
    snprintf(time->name, sizeof time->name, "%s", name);
}

static void place_usual(const struct table_line *first, struct table_time *time,
                        bool *header)
{
    for (size_t k = 0; k < N_USUAL; k++)
        for (size_t i = 0; i < first->n_cells; i++)
            if (table_cell_is(&first->cell[i], usual[k])) {
                put(time, i, usual[k]);
                *header = true;
                return;
            }
}

int table_time_place(const struct table_span *span, const struct table_line *first,
                     struct table_time *time, bool *header, struct err *err)
{
    size_t place;

    *time = (struct table_time){.span = span};
    if (span->time == NULL) {
        place_usual(first, time, header);
    } else if (strcmp(span->time, "none") != 0) {
        if (table_line_find(first, span->time, &place, header, err) != 0)
            return err_add(err, "--time");
        put(time, place, span->time);
    }
    if (wants_span(span) && !time->is_there)
        return err_set(err, ERR_USAGE,
                       "--from and --to need a column of times (--time C says which)");
    return 0;
}

static int check_ascent(const struct table_time *time, const struct table_line *line,
                        int64_t moment_ns, struct err *err)
{
    char text[2][CLOCK_TEXT_MAX];

    if (time->n_rows == 0 || moment_ns > time->last_ns)
        return 0;
    return err_set(
        err, ERR_INPUT,
        "line %zu: column '%s': %s is not after %s of the row before: rows "
        "stand oldest first, each time once (--time none: they follow on each "
        "other as they stand)",
        line->number, time->name, clock_moment_text(moment_ns, text[0]),
        clock_moment_text(time->last_ns, text[1]));
}

int table_time_take(struct table_time *time, const struct table_line *line,
                    int64_t *moment_ns, bool *inside, struct err *err)
{
    static const struct stamp_rule any = {.units = STAMP_ANY, .zone = STAMP_UTC};
    const struct table_cell *cell = &line->cell[time->place];
    const bool is_asked = time->span->time != NULL || wants_span(time->span);
    unsigned unit;

    *inside = true;
    if (!time->is_there)
        return 0;
    if (stamp_from_text(cell->text, cell->n_chars, any, moment_ns, &unit, err) != 0) {
        if (time->n_rows > 0 || is_asked)
            return err_add(err, "line %zu: column '%s'", line->number, time->name);
        time->is_there = false; /* it is called time and counts bars, or is empty */
        return 0;
    }
    if (check_ascent(time, line, *moment_ns, err) != 0)
        return -1;
    if (time->n_rows++ == 0)
        time->first_ns = *moment_ns;
    time->last_ns = *moment_ns;
    *inside = *moment_ns >= time->span->from_ns && *moment_ns < time->span->to_ns;
    return 0;
}
