#include "coordinator/inspect_history_inside.h"
#include "core/clock.h"
#include "core/json.h"

#include <stdlib.h>

struct json *inspect_new_json(struct err *err)
{
    struct json *json = malloc(sizeof *json);

    if (json == NULL) {
        err_set(err, ERR_MEMORY, "no memory for a JSON text");
        return NULL;
    }
    json_start(json, 2);
    json_put_object(json, NULL);
    json_put_array(json, "series");
    return json;
}

int inspect_end_json(struct json *json, FILE *out, struct err *err)
{
    char *bytes = NULL;
    size_t n_bytes;
    int status = 0;

    if (out == NULL) {
        json_abandon(json);
    } else {
        json_end(json);
        json_end(json);
        status = json_finish(json, &bytes, &n_bytes, err);
        if (status == 0)
            fwrite(bytes, 1, n_bytes, out);
        free(bytes);
    }
    free(json);
    return status;
}

static void write_entry(struct json *json, const struct history_entry *entry,
                        const char *vendor)
{
    char moment[CLOCK_TEXT_MAX];

    json_put_text(json, "instrument", entry->instrument);
    json_put_text(json, "interval", entry->interval);
    json_put_text(json, "first", clock_moment_text(entry->first_ns, moment));
    json_put_text(json, "last", clock_moment_text(entry->last_ns, moment));
    json_put_integer(json, "bars", (int64_t)entry->n_bars);
    json_put_integer(json, "gaps", (int64_t)entry->n_gaps);
    json_put_integer(json, "flagged", (int64_t)entry->n_flagged);
    json_put_text(json, "vendor", vendor);
    json_put_text(json, "sha256", entry->sha256);
}

static void write_bars(struct json *json, const struct bars *bars)
{
    char moment[CLOCK_TEXT_MAX];

    json_put_array(json, "first_and_last_bars");
    for (size_t t = 0; t < bars->n; t++) {
        const struct bar bar = bars_at(bars, t);

        if (!inspect_is_at_an_end(bars, t))
            continue;
        json_put_object(json, NULL);
        json_put_text(json, "time", clock_moment_text(bar.time, moment));
        json_put_real(json, "open", bar.open);
        json_put_real(json, "high", bar.high);
        json_put_real(json, "low", bar.low);
        json_put_real(json, "close", bar.close);
        json_put_real(json, "volume", bar.volume);
        json_end(json);
    }
    json_end(json);
}

void inspect_write_detail(struct json *json, const struct inspect_detail *detail)
{
    json_put_object(json, NULL);
    write_entry(json, detail->entry, detail->notes.vendor);
    json_put_raw(json, "sources", detail->notes.sources);
    json_put_raw(json, "quality", detail->notes.quality);
    write_bars(json, &detail->bars);
    json_end(json);
}

int inspect_write_catalogue(struct json *json, const struct history *history,
                            struct err *err)
{
    for (size_t i = 0; i < history_count(history); i++) {
        struct history_notes notes;

        if (history_read_notes(history, history_entry(history, i), &notes, err) != 0)
            return -1;
        json_put_object(json, NULL);
        write_entry(json, history_entry(history, i), notes.vendor);
        json_end(json);
        history_notes_free(&notes);
    }
    return 0;
}
