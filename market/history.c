#include "core/clock.h"
#include "market/history_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Is this row what history_put can have made? */
static bool is_sound(const struct history_entry *entry, uint64_t file_bytes)
{
    char interval[CLOCK_TEXT_MAX];

    if (history_check_name(entry->instrument, NULL) != 0 || entry->interval_ns <= 0 ||
        strcmp(clock_duration_text(entry->interval_ns, interval), entry->interval) != 0)
        return false;
    return entry->n_bars > 0 &&
           entry->n_bars <= file_bytes / (HISTORY_N_COLUMNS * sizeof(double)) &&
           entry->first_ns >= 0 && entry->first_ns <= entry->last_ns;
}

static int check_catalogue(const struct history *history, struct err *err)
{
    const uint64_t file_bytes = h5_bytes(history->file);

    for (size_t i = 0; i < history->n; i++)
        if (!is_sound(history->entry + i, file_bytes) ||
            (i > 0 && history_compare(history->entry + i - 1, history->entry + i) >= 0))
            return err_set(err, ERR_INPUT, "%s: %s: row %zu makes no sense",
                           h5_path(history->file), HISTORY_CATALOGUE, i);
    return 0;
}

int history_open(const char *path, struct history **history, struct err *err)
{
    struct history *new = calloc(1, sizeof *new);
    void *rows = NULL;

    if (new == NULL)
        return err_set(err, ERR_MEMORY, "%s: no memory to open it", path);
    if (h5_open(path, HISTORY_KIND, &new->file, err) != 0)
        goto fail;
    if (h5_read_table(new->file, HISTORY_CATALOGUE, &history_catalogue, &new->n, &rows,
                      err) != 0)
        goto fail;
    new->entry = rows;
    if (check_catalogue(new, err) != 0)
        goto fail;
    *history = new;
    return 0;
fail:
    history_close(new);
    return -1;
}

void history_close(struct history *history)
{
    if (history == NULL)
        return;
    h5_close(history->file);
    free(history->entry);
    free(history);
}

size_t history_count(const struct history *history)
{
    return history->n;
}

const struct history_entry *history_entry(const struct history *history, size_t i)
{
    return history->entry + i;
}

static int compare_rows(const void *a, const void *b)
{
    return history_compare(a, b);
}

const struct history_entry *history_find(const struct history *history,
                                         const char *instrument, const char *interval)
{
    struct history_entry wanted = {.n_bars = 0};

    if (strlen(instrument) >= sizeof wanted.instrument || history->n == 0 ||
        clock_parse_duration(interval, strlen(interval), &wanted.interval_ns, NULL) !=
            0)
        return NULL;
    strcpy(wanted.instrument, instrument);
    return bsearch(&wanted, history->entry, history->n, sizeof wanted, compare_rows);
}

int history_refuse(const struct history *history, const char *instrument,
                   const char *interval, struct err *err)
{
    enum { N_NAMED = 6 };
    char names[N_NAMED * (HISTORY_NAME_MAX + HISTORY_INTERVAL_MAX + 4)] = "";

    for (size_t i = 0; i < history->n && i < N_NAMED; i++)
        snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s %s",
                 i > 0 ? ", " : "", history->entry[i].instrument,
                 history->entry[i].interval);
    return err_set(err, ERR_INPUT, "%s: has no series %.70s%s%.20s; its %zu: %.200s%s",
                   h5_path(history->file), instrument, interval != NULL ? " " : "",
                   interval != NULL ? interval : "", history->n, names,
                   history->n > N_NAMED ? ", ..." : "");
}

static int read_columns(const struct history *history,
                        const struct history_entry *entry, struct bars *bars,
                        struct err *err)
{
    char path[HISTORY_PATH_MAX];

    for (size_t c = 0; c < HISTORY_N_COLUMNS; c++) {
        const struct h5_array array = history_column_array(c, entry->n_bars);

        history_path(entry, history_column_names[c], path);
        if (bars_reserve(bars, entry->n_bars, err) != 0 ||
            h5_read(history->file, path, &array, history_column_values(bars, c), err) !=
                0)
            return -1;
    }
    bars->n = entry->n_bars;
    return 0;
}

void history_expect(const struct history *history, const struct history_entry *entry)
{
    char path[HISTORY_PATH_MAX];

    for (size_t c = 0; c < HISTORY_N_COLUMNS; c++)
        h5_expect(history->file, history_path(entry, history_column_names[c], path));
}

static int check_whole(const struct history_entry *entry, const struct bars *bars,
                       struct err *err)
{
    char sha256[SHA256_TEXT_MAX];

    history_digest(bars, sha256);
    if (strcmp(sha256, entry->sha256) != 0)
        return err_set(err, ERR_INPUT,
                       "the bars are damaged: their SHA-256 is not the one they were "
                       "stored with");
    if (history_check_bars(bars, err) != 0)
        return -1;
    if (bars->time[0] != entry->first_ns || bars->time[bars->n - 1] != entry->last_ns)
        return err_set(err, ERR_INPUT, "the bars do not span what the catalogue says");
    return 0;
}

static void cut(struct bars *bars, size_t from, size_t to)
{
    for (size_t c = 0; c < HISTORY_N_COLUMNS && from < to; c++) {
        char *values = history_column_values(bars, c);

        memmove(values, values + from * sizeof(double), (to - from) * sizeof(double));
    }
    bars->n = from < to ? to - from : 0;
}

int history_read(const struct history *history, const struct history_entry *entry,
                 int64_t from_ns, int64_t to_ns, struct bars *bars, struct err *err)
{
    struct bars whole = {.interval_ns = entry->interval_ns};

    if (read_columns(history, entry, &whole, err) != 0) {
        bars_free(&whole);
        return -1;
    }
    if (check_whole(entry, &whole, err) != 0) {
        bars_free(&whole);
        return err_add(err, "%s: %s %s", h5_path(history->file), entry->instrument,
                       entry->interval);
    }
    cut(&whole, bars_first_from(whole.n, whole.time, from_ns),
        bars_first_from(whole.n, whole.time, to_ns));
    bars_free(bars);
    *bars = whole;
    return 0;
}

int history_read_column(const struct history *history,
                        const struct history_entry *entry, const char *column,
                        double *value, struct err *err)
{
    const struct h5_array array = history_column_array(1, entry->n_bars);
    char path[HISTORY_PATH_MAX], sha256[SHA256_TEXT_MAX], *stored = NULL;
    int status = 0;

    if (strlen(column) >= HISTORY_COLUMN_MAX ||
        !h5_exists(history->file, history_path(entry, column, path)))
        return err_set(err, ERR_INPUT, "%s: %s %s: there is no column '%.40s'",
                       h5_path(history->file), entry->instrument, entry->interval,
                       column);
    double *read = malloc(entry->n_bars * sizeof *read);
    if (read == NULL)
        return err_set(err, ERR_MEMORY, "%s: no memory for %s", h5_path(history->file),
                       path);
    if (h5_read(history->file, path, &array, read, err) != 0 ||
        h5_get_text(history->file, path, "sha256", &stored, err) != 0)
        status = -1;
    else if (strcmp(stored, sha256_of(read, entry->n_bars * sizeof *read, sha256)) != 0)
        status = err_set(err, ERR_INPUT,
                         "%s: %s: is damaged: its SHA-256 is not the one it was "
                         "stored with",
                         h5_path(history->file), path);
    else
        memcpy(value, read, entry->n_bars * sizeof *read);
    free(stored);
    free(read);
    return status;
}

int history_read_notes(const struct history *history, const struct history_entry *entry,
                       struct history_notes *notes, struct err *err)
{
    char path[HISTORY_PATH_MAX], *vendor = NULL, *sources = NULL, *quality = NULL;

    history_path(entry, NULL, path);
    if (h5_get_text(history->file, path, "vendor", &vendor, err) != 0 ||
        h5_get_text(history->file, path, "sources", &sources, err) != 0 ||
        h5_get_text(history->file, path, "quality", &quality, err) != 0) {
        free(vendor);
        free(sources);
        free(quality);
        return -1;
    }
    *notes = (struct history_notes){vendor, sources, quality};
    return 0;
}

void history_notes_free(struct history_notes *notes)
{
    free((char *)notes->vendor);
    free((char *)notes->sources);
    free((char *)notes->quality);
    *notes = (struct history_notes){0};
}
