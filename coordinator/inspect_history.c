#include "coordinator/inspect_history.h"
#include "coordinator/inspect_history_inside.h"
#include "core/clock.h"
#include "core/text.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum {
    BARS_AT_AN_END = 3, /* bars shown of the first and of the last */
    ITEMS_SHOWN = 8,    /* of a list of findings, as text          */
    FINDING_MAX = 200,  /* characters of a finding's name          */
};

static void free_detail(struct inspect_detail *detail)
{
    bars_free(&detail->bars);
    history_notes_free(&detail->notes);
}

static int read_detail(const struct history *history, const struct history_entry *entry,
                       struct inspect_detail *detail, struct err *err)
{
    *detail = (struct inspect_detail){.entry = entry};
    if (history_read_notes(history, entry, &detail->notes, err) != 0)
        return -1;
    if (history_read(history, entry, INT64_MIN, INT64_MAX, &detail->bars, err) != 0) {
        free_detail(detail);
        return -1;
    }
    return 0;
}

bool inspect_is_at_an_end(const struct bars *bars, size_t t)
{
    return t < BARS_AT_AN_END || t + BARS_AT_AN_END >= bars->n;
}

/* "2024-03-01T08:00:00Z" without what is always zero: "2024-03-01 08:00". */
static const char *short_moment(int64_t moment_ns, char out[CLOCK_TEXT_MAX])
{
    clock_moment_text(moment_ns, out);
    if (moment_ns % CLOCK_MINUTE == 0) {
        out[10] = ' ';
        out[16] = '\0';
    }
    return out;
}

static void print_row(const struct history_entry *entry, const char *vendor, int width,
                      FILE *out)
{
    char first[CLOCK_TEXT_MAX], last[CLOCK_TEXT_MAX];

    fprintf(out,
            "%-*s  %-8s  %-16s  %-16s  %10" PRIu64 "  %7" PRIu64 "  %7" PRIu64 "  %s\n",
            width, entry->instrument, entry->interval,
            short_moment(entry->first_ns, first), short_moment(entry->last_ns, last),
            entry->n_bars, entry->n_gaps, entry->n_flagged, vendor);
}

static int print_catalogue(const struct history *history, FILE *out, struct err *err)
{
    const size_t n = history_count(history);
    int width = (int)strlen("instrument");

    for (size_t i = 0; i < n; i++) {
        const int length = (int)strlen(history_entry(history, i)->instrument);

        width = length > width ? length : width;
    }
    fprintf(out, "%-*s  %-8s  %-16s  %-16s  %10s  %7s  %7s  %s\n", width, "instrument",
            "interval", "first (UTC)", "last (UTC)", "bars", "gaps", "flagged",
            "vendor");
    for (size_t i = 0; i < n; i++) {
        struct history_notes notes;

        if (history_read_notes(history, history_entry(history, i), &notes, err) != 0)
            return -1;
        print_row(history_entry(history, i), notes.vendor, width, out);
        history_notes_free(&notes);
    }
    return 0;
}

static void print_scalar(const char *name, const json_t *value, FILE *out)
{
    char text[TEXT_REAL_MAX];

    if (json_is_string(value))
        fprintf(out, "  %-28s %s\n", name, json_string_value(value));
    else if (json_is_integer(value))
        fprintf(out, "  %-28s %" JSON_INTEGER_FORMAT "\n", name,
                json_integer_value(value));
    else if (json_is_real(value))
        fprintf(out, "  %-28s %s\n", name,
                text_from_real(json_real_value(value), text));
    else
        fprintf(out, "  %-28s %s\n", name,
                json_is_true(value)    ? "yes"
                : json_is_false(value) ? "no"
                                       : "-");
}

/* A finding a line: members joined by dots, items by their number. */
static void print_findings(const char *name, json_t *value, FILE *out)
{
    char longer[FINDING_MAX];
    const char *key;
    json_t *member;
    size_t i;

    json_object_foreach(value, key, member)
    {
        snprintf(longer, sizeof longer, "%s%s%s", name, name[0] != '\0' ? "." : "",
                 key);
        print_findings(longer, member, out);
    }
    json_array_foreach(value, i, member)
    {
        snprintf(longer, sizeof longer, "%s.%zu", name, i);
        if (i < ITEMS_SHOWN)
            print_findings(longer, member, out);
    }
    if (json_array_size(value) > ITEMS_SHOWN)
        fprintf(out, "  %-28s and %zu more (all with --json)\n", name,
                json_array_size(value) - ITEMS_SHOWN);
    if (!json_is_object(value) && !json_is_array(value))
        print_scalar(name, value, out);
}

static void print_sources(const char *text, FILE *out)
{
    json_t *sources = json_loads(text, 0, NULL);
    const json_t *source;
    size_t i;

    fprintf(out, "sources\n");
    json_array_foreach(sources, i, source)
    {
        const char *file = json_string_value(json_object_get(source, "file"));
        const char *sha256 = json_string_value(json_object_get(source, "sha256"));
        const json_int_t rows = json_integer_value(json_object_get(source, "rows"));

        fprintf(out, "  %s  %" JSON_INTEGER_FORMAT " rows  sha256 %s\n",
                file != NULL ? file : "-", rows, sha256 != NULL ? sha256 : "-");
    }
    json_decref(sources);
}

static void print_quality(const char *text, FILE *out)
{
    json_t *quality = json_loads(text, 0, NULL);

    fprintf(out, "quality\n");
    print_findings("", quality, out);
    json_decref(quality);
}

static void print_bars(const struct bars *bars, FILE *out)
{
    char moment[CLOCK_TEXT_MAX];

    fprintf(out, "bars\n  %-20s %14s %14s %14s %14s %16s\n", "start (UTC)", "open",
            "high", "low", "close", "volume");
    for (size_t t = 0; t < bars->n; t++) {
        const struct bar bar = bars_at(bars, t);

        if (inspect_is_at_an_end(bars, t))
            fprintf(out, "  %-20s %14.10g %14.10g %14.10g %14.10g %16.10g\n",
                    short_moment(bar.time, moment), bar.open, bar.high, bar.low,
                    bar.close, bar.volume);
        else if (t == BARS_AT_AN_END)
            fprintf(out, "  ...\n");
    }
}

static void print_detail(const struct inspect_detail *detail, FILE *out)
{
    const struct history_entry *entry = detail->entry;
    char moment[CLOCK_TEXT_MAX];

    fprintf(out, "%s %s\n", entry->instrument, entry->interval);
    fprintf(out, "  %-28s %s\n", "first (UTC)", short_moment(entry->first_ns, moment));
    fprintf(out, "  %-28s %s\n", "last (UTC)", short_moment(entry->last_ns, moment));
    fprintf(out, "  %-28s %" PRIu64 "\n", "bars", entry->n_bars);
    fprintf(out, "  %-28s %" PRIu64 "\n", "gaps", entry->n_gaps);
    fprintf(out, "  %-28s %" PRIu64 "\n", "flagged", entry->n_flagged);
    fprintf(out, "  %-28s %s\n", "vendor", detail->notes.vendor);
    fprintf(out, "  %-28s %s\n", "sha256", entry->sha256);
    print_sources(detail->notes.sources, out);
    print_quality(detail->notes.quality, out);
    print_bars(&detail->bars, out);
}

static bool is_asked(const struct inspect_history_options *options,
                     const struct history *history, const struct history_entry *entry)
{
    if (strcmp(entry->instrument, options->instrument) != 0)
        return false;
    return options->interval == NULL ||
           entry == history_find(history, options->instrument, options->interval);
}

static int show(const struct history *history, const struct history_entry *entry,
                struct json *json, FILE *out, struct err *err)
{
    struct inspect_detail detail;

    if (read_detail(history, entry, &detail, err) != 0)
        return -1;
    if (json != NULL)
        inspect_write_detail(json, &detail);
    else
        print_detail(&detail, out);
    free_detail(&detail);
    return 0;
}

/* Each series of the instrument, into json or, where that is NULL, onto out. */
static int show_instrument(const struct inspect_history_options *options,
                           const struct history *history, struct json *json, FILE *out,
                           struct err *err)
{
    size_t n_shown = 0;

    for (size_t i = 0; i < history_count(history); i++) {
        const struct history_entry *entry = history_entry(history, i);

        if (!is_asked(options, history, entry))
            continue;
        if (show(history, entry, json, out, err) != 0)
            return -1;
        n_shown++;
    }
    return n_shown > 0
               ? 0
               : history_refuse(history, options->instrument, options->interval, err);
}

static int inspect_as_json(const struct inspect_history_options *options,
                           const struct history *history, FILE *out, struct err *err)
{
    struct json *json = inspect_new_json(err);
    int status;

    if (json == NULL)
        return -1;
    if (options->instrument != NULL)
        status = show_instrument(options, history, json, out, err);
    else
        status = inspect_write_catalogue(json, history, err);
    return inspect_end_json(json, status == 0 ? out : NULL, err) != 0 ? -1 : status;
}

int inspect_history(const struct inspect_history_options *options, FILE *out,
                    struct err *err)
{
    struct history *history = NULL;
    int status;

    if (history_open(options->path, &history, err) != 0)
        return -1;
    if (options->as_json)
        status = inspect_as_json(options, history, out, err);
    else if (options->instrument != NULL)
        status = show_instrument(options, history, NULL, out, err);
    else
        status = print_catalogue(history, out, err);
    history_close(history);
    return status;
}
