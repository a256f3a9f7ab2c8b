#include "market/history_inside.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a series of the old store has beside its bars, which a spooled one knows. */
static int recall(const struct history_editor *editor, struct series *series,
                  struct err *err)
{
    char path[HISTORY_PATH_MAX];
    struct h5_names names;
    int status = 0;

    if (history_read_notes(editor->old, &series->entry, &series->notes, err) != 0 ||
        h5_list(editor->old->file, history_path(&series->entry, NULL, path), &names,
                err) != 0)
        return -1;
    series->extra = calloc(names.n + 1, sizeof *series->extra);
    if (series->extra == NULL)
        status = err_set(err, ERR_MEMORY, "no memory for %zu columns", names.n);
    for (size_t i = 0; i < names.n && status == 0; i++)
        if (history_is_column_name(names.name[i]))
            strcpy(series->extra[series->n_extra++], names.name[i]);
    h5_names_free(&names);
    return status;
}

/* Column c of a series, the extra ones behind the six of every one. */
static const char *column_name(const struct series *series, size_t c)
{
    return c < HISTORY_N_COLUMNS ? history_column_names[c]
                                 : series->extra[c - HISTORY_N_COLUMNS];
}

static int load_spooled(const struct history_editor *editor,
                        const struct series *series, size_t c, void *values,
                        struct err *err)
{
    const size_t n_bytes = series->entry.n_bars * sizeof(double);
    const off_t at = series->spool_at + (off_t)(c * n_bytes);

    for (size_t n = 0; n < n_bytes;) {
        const ssize_t got =
            pread(editor->spool, (char *)values + n, n_bytes - n, at + (off_t)n);

        if (got == 0 || (got < 0 && errno != EINTR))
            return err_set(err, ERR_IO, "%s: the scratch file cannot be read: %s",
                           editor->path, strerror(errno));
        n += got > 0 ? (size_t)got : 0;
    }
    return 0;
}

static int load_column(const struct history_editor *editor, const struct series *series,
                       size_t c, void *values, struct err *err)
{
    const struct h5_array array = history_column_array(c, series->entry.n_bars);
    const char *name = column_name(series, c);
    char path[HISTORY_PATH_MAX];

    if (series->is_spooled)
        return load_spooled(editor, series, c, values, err);
    if (c >= HISTORY_N_COLUMNS)
        return history_read_column(editor->old, &series->entry, name, values, err);
    return h5_read(editor->old->file, history_path(&series->entry, name, path), &array,
                   values, err);
}

static int write_columns(const struct history_editor *editor,
                         const struct series *series, struct h5 *file, void *values,
                         struct err *err)
{
    const size_t n_bytes = series->entry.n_bars * sizeof(double);
    char path[HISTORY_PATH_MAX], sha256[SHA256_TEXT_MAX];
    struct sha256 sha;

    sha256_start(&sha);
    for (size_t c = 0; c < HISTORY_N_COLUMNS + series->n_extra; c++) {
        const struct h5_array array = history_column_array(c, series->entry.n_bars);

        history_path(&series->entry, column_name(series, c), path);
        if (load_column(editor, series, c, values, err) != 0 ||
            h5_write(file, path, &array, values, err) != 0)
            return -1;
        if (c < HISTORY_N_COLUMNS)
            sha256_add(&sha, values, n_bytes);
        else if (h5_set_text(file, path, "sha256", sha256_of(values, n_bytes, sha256),
                             err) != 0)
            return -1;
    }
    if (strcmp(sha256_text(&sha, sha256), series->entry.sha256) != 0)
        return err_set(err, ERR_INPUT,
                       "%s: %s %s: the stored bars are damaged: their SHA-256 is not "
                       "the one they were stored with; import them again",
                       editor->path, series->entry.instrument, series->entry.interval);
    return 0;
}

static int write_series(const struct history_editor *editor, struct series *series,
                        struct h5 *file, struct err *err)
{
    char group[HISTORY_PATH_MAX];

    if (!series->is_spooled && recall(editor, series, err) != 0)
        return -1;
    void *values = malloc(series->entry.n_bars * sizeof(double));
    if (values == NULL)
        return err_set(err, ERR_MEMORY, "%s: no memory for a column of %s",
                       editor->path, series->entry.instrument);
    history_path(&series->entry, NULL, group);
    int status = h5_make_group(file, group, err);
    if (status == 0)
        status = h5_set_text(file, group, "vendor", series->notes.vendor, err);
    if (status == 0)
        status = h5_set_text(file, group, "sources", series->notes.sources, err);
    if (status == 0)
        status = h5_set_text(file, group, "quality", series->notes.quality, err);
    if (status == 0)
        status = write_columns(editor, series, file, values, err);
    free(values);
    return status;
}

static int compare_series(const void *a, const void *b)
{
    const struct series *left = a, *right = b;

    return history_compare(&left->entry, &right->entry);
}

static int write_catalogue(const struct history_editor *editor, struct h5 *file,
                           struct err *err)
{
    struct history_entry *rows = calloc(editor->n + 1, sizeof *rows);

    if (rows == NULL)
        return err_set(err, ERR_MEMORY, "%s: no memory for its catalogue",
                       editor->path);
    for (size_t i = 0; i < editor->n; i++)
        rows[i] = editor->series[i].entry;
    const int status = h5_write_table(file, HISTORY_CATALOGUE, &history_catalogue,
                                      editor->n, rows, err);
    free(rows);
    return status;
}

static int write_all(struct history_editor *editor, struct h5 *file, struct err *err)
{
    for (size_t i = 0; i < editor->n; i++) {
        const char *instrument = editor->series[i].entry.instrument;
        char group[HISTORY_PATH_MAX];

        snprintf(group, sizeof group, "/%s", instrument);
        if (i == 0 || strcmp(instrument, editor->series[i - 1].entry.instrument) != 0)
            if (h5_make_group(file, group, err) != 0)
                return -1;
        if (write_series(editor, editor->series + i, file, err) != 0)
            return -1;
    }
    return write_catalogue(editor, file, err);
}

int history_save(struct history_editor *editor, struct err *err)
{
    struct h5 *file = NULL;
    int status = -1;

    if (editor->n > 1)
        qsort(editor->series, editor->n, sizeof *editor->series, compare_series);
    if (h5_create(editor->path, HISTORY_KIND, &file, err) == 0) {
        if (write_all(editor, file, err) == 0)
            status = h5_commit(file, err);
        else
            h5_close(file);
    }
    history_editor_free(editor);
    return status;
}
