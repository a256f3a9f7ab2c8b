#include "core/clock.h"
#include "market/history_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void free_series(struct series *series)
{
    free(series->extra);
    history_notes_free(&series->notes);
}

void history_editor_free(struct history_editor *editor)
{
    for (size_t i = 0; i < editor->n; i++)
        free_series(editor->series + i);
    free(editor->series);
    if (editor->spool >= 0)
        close(editor->spool);
    history_close(editor->old);
    lock_release(editor->lock);
    free(editor);
}

static int open_spool(struct history_editor *editor, struct err *err)
{
    char name[FILE_PATH_MAX];

    if (file_temporary_name(editor->path, name, err) != 0)
        return -1;
    editor->spool = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (editor->spool < 0)
        return err_set(err, ERR_IO, "%s: %s", editor->path, strerror(errno));
    /* the new store will be written under the same name */
    if (unlink(name) != 0)
        return err_set(err, ERR_IO, "%s: %s", name, strerror(errno));
    return 0;
}

static int take_over(struct history_editor *editor, struct err *err)
{
    if (access(editor->path, F_OK) != 0)
        return errno == ENOENT
                   ? 0
                   : err_set(err, ERR_INPUT, "%s: %s", editor->path, strerror(errno));
    if (history_open(editor->path, &editor->old, err) != 0)
        return -1;
    editor->series = calloc(editor->old->n + 1, sizeof *editor->series);
    if (editor->series == NULL)
        return err_set(err, ERR_MEMORY, "%s: no memory to edit it", editor->path);
    for (; editor->n < editor->old->n; editor->n++)
        editor->series[editor->n].entry = editor->old->entry[editor->n];
    return 0;
}

int history_edit(const char *path, struct history_editor **editor, struct err *err)
{
    struct history_editor *new = calloc(1, sizeof *new);

    if (new == NULL)
        return err_set(err, ERR_MEMORY, "%s: no memory to edit it", path);
    new->spool = -1;
    snprintf(new->path, sizeof new->path, "%s", path);
    if (lock_take(path, &new->lock, err) != 0 || take_over(new, err) != 0 ||
        open_spool(new, err) != 0) {
        history_editor_free(new);
        return -1;
    }
    *editor = new;
    return 0;
}

void history_abandon(struct history_editor *editor)
{
    if (editor != NULL)
        history_editor_free(editor);
}

static int spool_column(struct history_editor *editor, const void *values,
                        size_t n_bars, off_t *at, struct err *err)
{
    const size_t n_bytes = n_bars * sizeof(double);

    for (size_t n = 0; n < n_bytes;) {
        const ssize_t put = pwrite(editor->spool, (const char *)values + n, n_bytes - n,
                                   *at + (off_t)n);

        if (put < 0 && errno != EINTR)
            return err_set(err, ERR_IO, "%s: %s", editor->path, strerror(errno));
        n += put > 0 ? (size_t)put : 0;
    }
    *at += (off_t)n_bytes;
    return 0;
}

bool history_is_column_name(const char *name)
{
    const size_t length = strlen(name);

    if (length == 0 || length >= HISTORY_COLUMN_MAX ||
        strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != length)
        return false;
    for (size_t c = 0; c < HISTORY_N_COLUMNS; c++)
        if (strcmp(name, history_column_names[c]) == 0)
            return false;
    return true;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* The names in order, so that bytes do not depend on the caller's. */
static int keep_names(struct series *series, size_t n_columns,
                      const struct history_column columns[], struct err *err)
{
    if (n_columns == 0)
        return 0;
    series->extra = calloc(n_columns, sizeof *series->extra);
    if (series->extra == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu columns", n_columns);
    for (size_t i = 0; i < n_columns; i++) {
        if (!history_is_column_name(columns[i].name))
            return err_set(err, ERR_BUG, "'%.40s' is not a name for an extra column",
                           columns[i].name);
        strcpy(series->extra[i], columns[i].name);
    }
    qsort(series->extra, n_columns, sizeof *series->extra, compare_names);
    for (size_t i = 1; i < n_columns; i++)
        if (strcmp(series->extra[i - 1], series->extra[i]) == 0)
            return err_set(err, ERR_BUG, "column %s is given twice", series->extra[i]);
    series->n_extra = n_columns;
    return 0;
}

static const double *column_named(const char *name, size_t n_columns,
                                  const struct history_column columns[])
{
    for (size_t i = 0; i < n_columns; i++)
        if (strcmp(columns[i].name, name) == 0)
            return columns[i].value;
    return NULL;
}

/* Copy the notes; count quality.flagged. */
static int keep_notes(struct series *series, const struct history_notes *notes,
                      struct err *err)
{
    series->notes = (struct history_notes){
        strdup(notes->vendor), strdup(notes->sources), strdup(notes->quality)};
    if (series->notes.vendor == NULL || series->notes.sources == NULL ||
        series->notes.quality == NULL)
        return err_set(err, ERR_MEMORY, "no memory for the notes");
    json_t *sources = json_loads(notes->sources, JSON_REJECT_DUPLICATES, NULL);
    json_t *quality = json_loads(notes->quality, JSON_REJECT_DUPLICATES, NULL);
    const bool is_json = json_is_array(sources) && json_is_object(quality);
    const json_int_t flagged = json_integer_value(json_object_get(quality, "flagged"));
    json_decref(sources);
    json_decref(quality);
    if (!is_json || flagged < 0)
        return err_set(err, ERR_BUG, "the notes are not a JSON array and an object");
    series->entry.n_flagged = (uint64_t)flagged;
    return 0;
}

static int describe(struct series *series, const char *instrument,
                    const struct bars *bars, struct err *err)
{
    struct history_entry *entry = &series->entry;
    char interval[CLOCK_TEXT_MAX];

    if (history_check_name(instrument, err) != 0)
        return -1;
    if (bars->interval_ns <= 0 || bars->n == 0)
        return err_set(err, ERR_INPUT, "there are no bars");
    clock_duration_text(bars->interval_ns, interval);
    if (strlen(interval) >= sizeof entry->interval)
        return err_set(err, ERR_INPUT, "%s is not a usual interval", interval);
    if (history_check_bars(bars, err) != 0)
        return -1;
    strcpy(entry->instrument, instrument);
    strcpy(entry->interval, interval);
    entry->interval_ns = bars->interval_ns;
    entry->first_ns = bars->time[0];
    entry->last_ns = bars->time[bars->n - 1];
    entry->n_bars = bars->n;
    for (size_t t = 1; t < bars->n; t++)
        entry->n_gaps += bars->time[t] - bars->time[t - 1] != bars->interval_ns;
    history_digest(bars, entry->sha256);
    return 0;
}

static int spool_series(struct history_editor *editor, struct series *series,
                        const struct bars *bars, size_t n_columns,
                        const struct history_column columns[], struct err *err)
{
    off_t at = editor->spool_end;

    series->is_spooled = true;
    series->spool_at = at;
    for (size_t c = 0; c < HISTORY_N_COLUMNS; c++)
        if (spool_column(editor, history_column_values(bars, c), bars->n, &at, err) !=
            0)
            return -1;
    for (size_t i = 0; i < n_columns; i++)
        if (spool_column(editor, column_named(series->extra[i], n_columns, columns),
                         bars->n, &at, err) != 0)
            return -1;
    editor->spool_end = at;
    return 0;
}

/* The place of this series, or a new one. */
static struct series *place_for(struct history_editor *editor,
                                const struct history_entry *entry)
{
    for (size_t i = 0; i < editor->n; i++)
        if (history_compare(&editor->series[i].entry, entry) == 0)
            return editor->series + i;
    struct series *more =
        realloc(editor->series, (editor->n + 1) * sizeof *editor->series);
    if (more == NULL)
        return NULL;
    editor->series = more;
    editor->series[editor->n] = (struct series){.is_spooled = false};
    return editor->series + editor->n++;
}

int history_put(struct history_editor *editor, const char *instrument,
                const struct bars *bars, const struct history_notes *notes,
                size_t n_columns, const struct history_column columns[],
                struct err *err)
{
    struct series series = {.is_spooled = false};
    struct series *place = NULL;

    if (describe(&series, instrument, bars, err) != 0 ||
        keep_names(&series, n_columns, columns, err) != 0 ||
        keep_notes(&series, notes, err) != 0 ||
        spool_series(editor, &series, bars, n_columns, columns, err) != 0)
        goto fail;
    place = place_for(editor, &series.entry);
    if (place == NULL) {
        err_set(err, ERR_MEMORY, "no memory for another series");
        goto fail;
    }
    free_series(place);
    *place = series;
    return 0;
fail:
    free_series(&series);
    return err_add(err, "%s: %.80s", editor->path, instrument);
}
