#include "coordinator/command.h"

#include "core/clock.h"
#include "core/file.h"
#include "core/options.h"
#include "market/history.h"
#include "market/import.h"
#include "market/resample.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_RESAMPLE = 8, N_SHOWN_REJECTED = 5 };

struct asked {
    struct import_options options;
    struct columns columns;
    const char *history, *rejected;
    size_t n_resample;
    int64_t resample_ns[MAX_RESAMPLE];
    int dates, decimal; /* 0: not said */
    bool keep_outside, list_formats;
};

static const char usage[] =
    "usage: plimsoll import --instrument NAME --history history.h5 FILE...\n"
    "\n"
    "Read vendors' bars (plain, gzip, zip or tar), check them, and store them.\n"
    "\n"
    "  --instrument NAME   what to call them.  In NAME, {name} stands for the file's\n"
    "                      name up to the first character that is no letter or digit\n"
    "                      (BTCUSDT-1h.csv: BTCUSDT), {stem} for it up to the\n"
    "                      extension, {symbol} for the symbol in the file; so one\n"
    "                      command imports an archive of many instruments\n"
    "  --history FILE      the history store, made if there is none\n"
    "  --format NAME       a format of --list-formats, or auto (default): recognise\n"
    "  --columns WHICH     which column is which, in a file of no known format: by\n"
    "                      name, time=Date,open=Open,high=Max,low=Min,close=Last (and\n"
    "                      volume=, symbol=), or by number, time=1,open=2 ...; end=\n"
    "                      instead of time= where the time is the end of the bar\n"
    "  --dates ORDER       dmy or mdy: of 03/01/2023, which is never guessed\n"
    "  --decimal MARK      point or comma: of 16,541, which is never guessed\n"
    "  --interval 1h       length of a bar; default: the most common step\n"
    "  --match GLOB        of an archive, only the files whose name matches\n"
    "  --symbol GLOB       of a file with many symbols, only those that match\n"
    "                      (VENUE-SYMBOL-KIND where the file has these columns)\n"
    "  --from TIME         only bars that start at TIME or later\n"
    "  --to TIME           only bars that start before TIME\n"
    "  --split-gap 14d     a longer gap ends the instrument; what follows is stored\n"
    "                      as NAME.2, NAME.3 ...: for tickers that were reused\n"
    "  --resample 1h,1d    store bars of these intervals besides, made from the finer\n"
    "                      ones where all of them are there\n"
    "  --max-rejected N    wrong rows that are allowed an instrument; default: one\n"
    "                      row of a hundred\n"
    "  --rejected FILE     list all rejected rows there\n"
    "  --keep-outside      keep and flag rows whose open or close is outside high-low\n"
    "  --list-formats      the formats that are known\n"
    "  --help              this text\n"
    "\n"
    "Wrong rows are rejected with file and row; suspicious ones are kept and flagged;\n"
    "nothing is repaired.  Times without a zone are UTC.\n";

static int take_format(void *into, const char *value, struct err *err)
{
    struct import_options *options = &((struct asked *)into)->options;
    char names[FORMAT_NAMES_MAX];

    options->format = strcmp(value, "auto") == 0 ? NULL : value;
    if (options->format != NULL && format_find(value) == NULL)
        return err_set(err, ERR_USAGE, "'%.40s' is not auto or one of %s", value,
                       format_names(names));
    return 0;
}

static int take_columns(void *into, const char *value, struct err *err)
{
    struct asked *asked = into;

    asked->options.columns = &asked->columns;
    return columns_parse(value, &asked->columns, err);
}

static int take_resample(void *into, const char *value, struct err *err)
{
    struct asked *asked = into;

    asked->n_resample = 0;
    for (;;) {
        const size_t n_chars = strcspn(value, ",");

        if (asked->n_resample == MAX_RESAMPLE)
            return err_set(err, ERR_USAGE, "more than %d intervals", MAX_RESAMPLE);
        if (clock_parse_duration(value, n_chars,
                                 &asked->resample_ns[asked->n_resample++], err) != 0)
            return -1;
        if (value[n_chars] == '\0')
            return 0;
        value += n_chars + 1;
    }
}

static const char *const date_orders[] = {"auto", "dmy", "mdy", NULL};
static const char *const decimal_marks[] = {"auto", "point", "comma", NULL};

#define AT(field) .offset = offsetof(struct asked, field)
static const struct options_row rows[] = {
    {"instrument", OPTIONS_TEXT, AT(options.instrument)},
    {"history", OPTIONS_TEXT, AT(history)},
    {"format", OPTIONS_CALL, .take = take_format},
    {"columns", OPTIONS_CALL, .take = take_columns},
    {"dates", OPTIONS_WORD, AT(dates), .words = date_orders},
    {"decimal", OPTIONS_WORD, AT(decimal), .words = decimal_marks},
    {"interval", OPTIONS_DURATION, AT(options.interval_ns)},
    {"match", OPTIONS_TEXT, AT(options.match)},
    {"symbol", OPTIONS_TEXT, AT(options.symbol)},
    {"from", OPTIONS_MOMENT, AT(options.from_ns)},
    {"to", OPTIONS_MOMENT, AT(options.to_ns)},
    {"split-gap", OPTIONS_DURATION, AT(options.split_gap_ns)},
    {"resample", OPTIONS_CALL, .take = take_resample},
    {"max-rejected", OPTIONS_INTEGER, AT(options.max_rejected), .max = INT64_MAX},
    {"rejected", OPTIONS_TEXT, AT(rejected)},
    {"keep-outside", OPTIONS_FLAG, AT(keep_outside)},
    {"list-formats", OPTIONS_FLAG, AT(list_formats)},
};
static const struct options_table table = {"import", "", rows,
                                           sizeof rows / sizeof *rows};

static int check(const struct asked *asked, size_t n_files, struct err *err)
{
    if (asked->list_formats)
        return 0;
    if (asked->options.instrument == NULL)
        return err_set(err, ERR_USAGE, "--instrument is missing (see import --help)");
    if (asked->history == NULL)
        return err_set(err, ERR_USAGE, "--history is missing (see import --help)");
    if (n_files == 0)
        return err_set(err, ERR_USAGE, "no file is named (see import --help)");
    if (asked->options.from_ns >= asked->options.to_ns)
        return err_set(err, ERR_USAGE, "--from is not before --to");
    if (asked->options.format != NULL && asked->options.columns != NULL)
        return err_set(err, ERR_USAGE, "--format and --columns exclude each other");
    return 0;
}

static unsigned marks_of(const struct asked *asked)
{
    static const unsigned dates[] = {0, ROWS_DAY_FIRST, ROWS_MONTH_FIRST};
    static const unsigned decimals[] = {0, ROWS_DECIMAL_POINT, ROWS_DECIMAL_COMMA};

    return dates[asked->dates] | decimals[asked->decimal] |
           (asked->keep_outside ? (unsigned)ROWS_FREE : 0u);
}

/* Store one series with its notes. */
static int put(struct history_editor *editor, const struct import_series *series,
               const struct bars *bars, const struct quality *quality, struct err *err)
{
    char *sources = NULL, *findings = NULL;
    int failed = -1;

    if (import_sources_json(series, &sources, err) == 0 &&
        quality_json(quality, &findings, err) == 0) {
        const struct history_notes notes = {
            .vendor = series->format->name, .sources = sources, .quality = findings};

        failed = history_put(editor, series->instrument, bars, &notes, 0, NULL, err);
    }
    free(sources);
    free(findings);
    return failed;
}

static int put_resampled(struct history_editor *editor,
                         const struct import_series *series, int64_t interval_ns,
                         struct err *err)
{
    struct quality quality = {.resampled_from_ns = series->bars.interval_ns,
                              .n_rejected = series->quality.n_rejected};
    char interval[CLOCK_TEXT_MAX];
    struct bars coarse = {.n = 0};
    size_t n_left_out;
    int failed = -1;

    clock_duration_text(interval_ns, interval);
    if (resample(&series->bars, interval_ns, series->sparse, &coarse, &n_left_out,
                 err) != 0)
        return err_add(err, "%s: --resample", series->instrument);
    printf("  resampled %s: %zu bars, %zu incomplete ones left out\n", interval,
           coarse.n, n_left_out);
    quality.n_left_out = n_left_out;
    if (coarse.n == 0)
        failed = 0;
    else if (quality_check(&coarse, &quality, err) == 0)
        failed = put(editor, series, &coarse, &quality, err);
    bars_free(&coarse);
    return failed;
}

static int put_series(struct history_editor *editor, const struct asked *asked,
                      const struct import_series *series, struct err *err)
{
    import_print_series(series, stdout);
    if (put(editor, series, &series->bars, &series->quality, err) != 0)
        return -1;
    for (size_t i = 0; i < asked->n_resample; i++) {
        if (asked->resample_ns[i] == series->bars.interval_ns)
            continue; /* they are there already */
        if (put_resampled(editor, series, asked->resample_ns[i], err) != 0)
            return -1;
    }
    return 0;
}

static int store(const struct asked *asked, const struct import *import,
                 struct err *err)
{
    struct history_editor *editor;

    if (history_edit(asked->history, &editor, err) != 0)
        return -1;
    for (size_t i = 0; i < import->n_series; i++)
        if (put_series(editor, asked, &import->series[i], err) != 0) {
            history_abandon(editor);
            return -1;
        }
    return history_save(editor, err);
}

static void show_rejected(const struct import *import)
{
    if (import->n_rejected == 0)
        return;
    printf("%zu row%s rejected:\n", import->n_rejected,
           import->n_rejected == 1 ? " was" : "s were");
    for (size_t i = 0; i < import->n_rejected && i < N_SHOWN_REJECTED; i++) {
        fputs("  ", stdout);
        import_print_rejected(&import->rejected[i], stdout);
    }
    if (import->n_rejected > N_SHOWN_REJECTED)
        printf("  and %zu more (--rejected FILE lists all)\n",
               import->n_rejected - N_SHOWN_REJECTED);
}

static int save_rejected(const char *path, const struct import *import, struct err *err)
{
    char *text = NULL;
    size_t n_bytes = 0;
    FILE *stream = open_memstream(&text, &n_bytes);

    if (stream == NULL)
        return err_set(err, ERR_MEMORY, "no memory for the list of rejected rows");
    for (size_t i = 0; i < import->n_rejected; i++)
        import_print_rejected(&import->rejected[i], stream);
    const int incomplete = ferror(stream) | (fclose(stream) != 0);
    const int failed =
        incomplete ? err_set(err, ERR_MEMORY, "no memory for the list of rejected rows")
                   : file_replace(path, text, n_bytes, err);

    free(text);
    return failed;
}

static int run(const struct asked *asked, const struct options_rest *files,
               struct err *err)
{
    struct import import;
    int failed;

    if (import_read(files->n_words, (const char *const *)files->word, &asked->options,
                    &import, err) != 0)
        return -1;
    failed = asked->rejected != NULL ? save_rejected(asked->rejected, &import, err) : 0;
    if (!failed)
        failed = store(asked, &import, err);
    if (!failed) {
        show_rejected(&import);
        printf("%zu instrument%s stored in %s\n", import.n_series,
               import.n_series == 1 ? "" : "s", asked->history);
    }
    import_free(&import);
    return failed;
}

int cmd_import(int argc, char **argv, struct err *err)
{
    struct asked asked = {
        .options = {.from_ns = INT64_MIN, .to_ns = INT64_MAX, .max_rejected = -1}};
    struct options_rest files;

    if (options_read(&table, argc, argv, &asked, &files, err) != 0)
        return -1;
    if (files.help)
        return fputs(usage, stdout) == EOF;
    if (check(&asked, files.n_words, err) != 0)
        return -1;
    if (asked.list_formats) {
        format_list(stdout);
        return 0;
    }
    asked.options.marks = marks_of(&asked);
    return run(&asked, &files, err);
}
