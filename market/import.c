#include "market/import.h"

#include "core/clock.h"
#include "core/json.h"
#include "market/gather.h"
#include "market/join.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* What the files that feed one group had in all. */
struct totals {
    uint64_t n_rows, n_wrong;
    size_t first_bad; /* a member with wrong rows */
};

static bool *feeding(const struct gather *gather, const struct gather_group *group)
{
    bool *feeds = calloc(gather->n_members + 1, sizeof *feeds);

    for (size_t i = 0; feeds != NULL && i < group->n; i++)
        feeds[group->row[i].member] = true;
    return feeds;
}

static struct totals sum_totals(const struct gather *gather, const bool *feeds)
{
    struct totals totals = {.first_bad = SIZE_MAX};

    for (size_t m = 0; m < gather->n_members; m++) {
        if (!feeds[m])
            continue;
        totals.n_rows += gather->member[m].n_rows;
        const uint64_t n_wrong =
            gather->member[m].n_rejected - gather->member[m].n_blank;

        totals.n_wrong += n_wrong;
        if (n_wrong > 0 && totals.first_bad == SIZE_MAX)
            totals.first_bad = m;
    }
    return totals;
}

/* "BTCUSDT.csv:123" or "a.json[12]" */
static void where(const struct import_rejected *rejected,
                  char out[IMPORT_FILE_MAX + 16])
{
    snprintf(out, IMPORT_FILE_MAX + 16, rejected->by_index ? "%s[%u]" : "%s:%u",
             rejected->file, (unsigned)rejected->number);
}

/* In words, what is usually behind many wrong rows. */
static const char *suspicion(const struct gather_group *group)
{
    size_t n = 0;

    while (n < group->n && group->row[n].bar.high == group->row[n].bar.close)
        n++;
    return n == group->n && n > 10
               ? "; high equals close in every other row: the column "
                 "is a copy (--keep-outside takes it as it is)"
               : "";
}

static int check_rejected(const struct gather *gather, const struct gather_group *group,
                          struct totals totals, struct err *err)
{
    const int64_t given = gather->options->max_rejected;
    const uint64_t allowed = given >= 0 ? (uint64_t)given : totals.n_rows / 100;
    char place[IMPORT_FILE_MAX + 16];

    if (totals.n_wrong <= allowed)
        return 0;
    for (size_t i = 0; i < gather->n_rejected; i++) {
        if (strcmp(gather->rejected[i].file, gather->member[totals.first_bad].name) ||
            gather->rejected[i].is_blank)
            continue;
        where(&gather->rejected[i], place);
        return err_set(err, ERR_INPUT,
                       "%" PRIu64 " of %" PRIu64 " rows are wrong, %" PRIu64
                       " are allowed (--max-rejected): %s: %s%s",
                       totals.n_wrong, totals.n_rows, allowed, place,
                       gather->rejected[i].reason, suspicion(group));
    }
    return err_set(err, ERR_BUG, "a rejected row has no file");
}

/* Many rows of one time that differ are two instruments under one name. */
static int check_conflicts(const struct gather *gather, const struct joined *joined,
                           struct err *err)
{
    const uint64_t allowed = joined->bars.n / 100 > 10 ? joined->bars.n / 100 : 10;
    const int64_t given = gather->options->max_rejected;
    char time[CLOCK_TEXT_MAX];
    size_t i = 0;

    if (joined->n_conflicts <= allowed ||
        (given >= 0 && joined->n_conflicts <= (uint64_t)given))
        return 0;
    while (joined->note[i].kind != QUALITY_CONFLICT)
        i++;
    return err_set(err, ERR_INPUT,
                   "%" PRIu64 " rows differ from another row of the same time, first "
                   "at %s: are these files of several instruments? (--match selects, "
                   "--instrument '{name}' names each)",
                   joined->n_conflicts, clock_moment_text(joined->note[i].time, time));
}

static int by_name(const void *a, const void *b)
{
    const struct import_file *x = a, *y = b;
    const int by_file = strcmp(x->name, y->name);

    return by_file != 0 ? by_file : strcmp(x->sha256, y->sha256);
}

static void add_member(struct import_file *file, const struct gather_member *member)
{
    file->n_members++;
    file->n_rejected += member->n_rejected;
    file->units |= member->units;
    if (file->format == NULL) {
        file->format = member->format;
        memcpy(file->why, member->why, sizeof file->why);
    }
}

/* Per file given: what of it feeds this group. */
static int list_files(const struct gather *gather, const struct gather_group *group,
                      const struct joined *joined, const bool *feeds,
                      struct import_series *series, struct err *err)
{
    series->file = calloc(gather->n_files + 1, sizeof *series->file);
    if (series->file == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu files", gather->n_files);
    for (size_t m = 0; m < gather->n_members; m++) {
        if (feeds[m])
            add_member(&series->file[gather->member[m].file], &gather->member[m]);
        series->file[gather->member[m].file].n_kept += joined->n_kept[m];
    }
    for (size_t i = 0; i < group->n; i++) {
        struct import_file *file =
            &series->file[gather->member[group->row[i].member].file];
        const int64_t time = group->row[i].bar.time;

        if (file->n_rows++ == 0 || time < file->first_ns)
            file->first_ns = time;
        if (file->n_rows == 1 || time > file->last_ns)
            file->last_ns = time;
    }
    for (size_t f = 0; f < gather->n_files; f++) {
        const char *slash = strrchr(gather->file[f].path, '/');

        if (series->file[f].n_members == 0)
            continue;
        series->file[f].n_rows += series->file[f].n_rejected;
        snprintf(series->file[f].name, IMPORT_FILE_MAX, "%s",
                 slash != NULL ? slash + 1 : gather->file[f].path);
        memcpy(series->file[f].sha256, gather->file[f].sha256, SHA256_TEXT_MAX);
        series->file[series->n_files++] = series->file[f];
    }
    qsort(series->file, series->n_files, sizeof *series->file, by_name);
    return 0;
}

static struct import_series *new_series(struct import *import, struct err *err)
{
    if ((import->n_series & (import->n_series - 1)) == 0) { /* 0 or a power of two */
        const size_t n = import->n_series == 0 ? 1 : 2 * import->n_series;
        void *grown = reallocarray(import->series, n, sizeof *import->series);

        if (grown == NULL) {
            err_set(err, ERR_MEMORY, "no memory for %zu instruments", n);
            return NULL;
        }
        import->series = grown;
    }
    struct import_series *series = &import->series[import->n_series++];

    *series = (struct import_series){.n_files = 0};
    return series;
}

static int copy_files(const struct import_series *from, struct import_series *to,
                      struct err *err)
{
    to->file = calloc(from->n_files + 1, sizeof *to->file);
    if (to->file == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu files", from->n_files);
    memcpy(to->file, from->file, from->n_files * sizeof *to->file);
    to->n_files = from->n_files;
    to->format = from->format;
    to->sparse = from->sparse;
    to->n_outside_span = from->n_outside_span;
    return 0;
}

/* The bars [first, end) of the joined ones as a series of its own, examined. */
static int cut_series(const struct joined *joined, size_t first, size_t end,
                      struct import_series *series, struct err *err)
{
    const int64_t from = first == 0 ? INT64_MIN : joined->bars.time[first];
    const int64_t to = end == joined->bars.n ? INT64_MAX : joined->bars.time[end];

    series->bars.interval_ns = joined->bars.interval_ns;
    if (bars_reserve(&series->bars, end - first, err) != 0)
        return -1;
    for (size_t t = first; t < end; t++) {
        const struct bar bar = bars_at(&joined->bars, t);

        if (bars_append(&series->bars, &bar, err) != 0)
            return -1;
    }
    for (size_t i = 0; i < joined->n_notes; i++) {
        const struct join_note *note = &joined->note[i];

        if (note->time >= from && note->time < to)
            quality_add(&series->quality, note->kind, note->time, note->value);
    }
    for (size_t f = 0; f < series->n_files; f++)
        series->quality.n_rejected += series->file[f].n_rejected;
    return quality_check(&series->bars, &series->quality, err);
}

/* NAME, and after each gap that is too long NAME.2, NAME.3 ... */
static int split_series(const struct joined *joined, const struct gather *gather,
                        const struct gather_group *group,
                        const struct import_series *common, struct import *import,
                        struct err *err)
{
    const int64_t longest = gather->options->split_gap_ns;
    size_t part = 1, end;

    for (size_t first = 0; first < joined->bars.n; first = end, part++) {
        struct import_series *series = new_series(import, err);
        const char *name = group->instrument;

        for (end = first + 1; end < joined->bars.n; end++)
            if (longest > 0 &&
                joined->bars.time[end] - joined->bars.time[end - 1] > longest)
                break;
        if (series == NULL || copy_files(common, series, err) != 0 ||
            cut_series(joined, first, end, series, err) != 0)
            return -1;
        const int n =
            part == 1
                ? snprintf(series->instrument, HISTORY_NAME_MAX, "%s", name)
                : snprintf(series->instrument, HISTORY_NAME_MAX, "%s.%zu", name, part);

        if (n >= HISTORY_NAME_MAX)
            return err_set(err, ERR_INPUT, "%s.%zu is too long a name", name, part);
    }
    return 0;
}

static int make_group(const struct gather *gather, struct gather_group *group,
                      struct import *import, struct err *err)
{
    struct import_series common = {.sparse = true};
    struct joined joined = {.n_notes = 0};
    bool *feeds = feeding(gather, group);
    int failed = -1;

    if (feeds == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu files", gather->n_members);
    for (size_t m = 0; m < gather->n_members; m++)
        if (feeds[m] && !(gather->member[m].format->marks & FORMAT_SPARSE))
            common.sparse = false;
    if (check_rejected(gather, group, sum_totals(gather, feeds), err) != 0 ||
        join_rows(gather, group, &joined, err) != 0 ||
        check_conflicts(gather, &joined, err) != 0 ||
        list_files(gather, group, &joined, feeds, &common, err) != 0)
        goto done;
    common.format = common.file[0].format;
    common.n_outside_span = joined.n_outside_span;
    failed = split_series(&joined, gather, group, &common, import, err);
done:
    if (failed)
        err_add(err, "%s", group->instrument);
    free(common.file);
    free(feeds);
    join_free(&joined);
    return failed;
}

static int by_instrument(const void *a, const void *b)
{
    return strcmp(((const struct import_series *)a)->instrument,
                  ((const struct import_series *)b)->instrument);
}

static int check_series(struct import *import, struct err *err)
{
    if (import->n_series == 0)
        return err_set(err, ERR_INPUT,
                       "no bars: the files hold none, or none of the "
                       "member, symbol and span asked for");
    qsort(import->series, import->n_series, sizeof *import->series, by_instrument);
    for (size_t i = 1; i < import->n_series; i++)
        if (by_instrument(&import->series[i - 1], &import->series[i]) == 0)
            return err_set(err, ERR_INPUT, "two instruments would be called %s",
                           import->series[i].instrument);
    return 0;
}

int import_read(size_t n_paths, const char *const paths[],
                const struct import_options *options, struct import *import,
                struct err *err)
{
    struct gather gather;
    int failed = gather_files(n_paths, paths, options, &gather, err);

    *import = (struct import){0};
    for (size_t g = 0; g < gather.n_groups && !failed; g++)
        failed = make_group(&gather, &gather.group[g], import, err);
    if (!failed)
        failed = check_series(import, err);
    import->n_rejected = gather.n_rejected;
    import->rejected = gather.rejected;
    gather.rejected = NULL;
    gather_free(&gather);
    if (failed)
        import_free(import);
    return failed;
}

void import_free(struct import *import)
{
    for (size_t i = 0; i < import->n_series; i++) {
        bars_free(&import->series[i].bars);
        free(import->series[i].file);
    }
    free(import->series);
    free(import->rejected);
    *import = (struct import){.n_series = 0};
}

void import_print_rejected(const struct import_rejected *rejected, FILE *out)
{
    char place[IMPORT_FILE_MAX + 16];

    where(rejected, place);
    fprintf(out, "%s: %s\n", place, rejected->reason);
}

int import_sources_json(const struct import_series *series, char **text,
                        struct err *err)
{
    struct json json;
    size_t n_bytes;

    json_start(&json, 0);
    json_put_array(&json, NULL);
    for (size_t f = 0; f < series->n_files; f++) {
        const struct import_file *file = &series->file[f];

        json_put_object(&json, NULL);
        json_put_text(&json, "file", file->name);
        json_put_text(&json, "sha256", file->sha256);
        json_put_integer(&json, "rows", (int64_t)file->n_rows);
        json_put_integer(&json, "kept", (int64_t)file->n_kept);
        json_put_integer(&json, "rejected", (int64_t)file->n_rejected);
        json_put_text(&json, "format", file->format->name);
        json_put_integer(&json, "members", (int64_t)file->n_members);
        json_end(&json);
    }
    json_end(&json);
    return json_finish(&json, text, &n_bytes, err);
}

static void print_file(const struct import_file *file, FILE *out)
{
    char units[STAMP_WORDS_MAX];

    fprintf(out,
            "  %s: %" PRIu64 " rows, %" PRIu64 " kept, %" PRIu64
            " rejected; %s (%s), time in %s",
            file->name, file->n_rows, file->n_kept, file->n_rejected,
            file->format->name, file->why, stamp_words(file->units, units));
    if (file->n_members > 1)
        fprintf(out, ", %" PRIu64 " members", file->n_members);
    fprintf(out, "\n    sha256 %s\n", file->sha256);
}

void import_print_series(const struct import_series *series, FILE *out)
{
    const struct bars *bars = &series->bars;
    char interval[CLOCK_TEXT_MAX], first[CLOCK_TEXT_MAX], last[CLOCK_TEXT_MAX];

    fprintf(out, "%s %s: %zu bars, %s to %s\n", series->instrument,
            clock_duration_text(bars->interval_ns, interval), bars->n,
            clock_moment_text(bars->time[0], first),
            clock_moment_text(bars->time[bars->n - 1], last));
    for (size_t f = 0; f < series->n_files; f++)
        print_file(&series->file[f], out);
    if (series->n_outside_span > 0)
        fprintf(out, "  %" PRIu64 " rows lie outside the span asked for\n",
                series->n_outside_span);
    quality_print(&series->quality, out);
}
