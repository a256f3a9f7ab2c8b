#include "coordinator/command.h"

#include "core/clock.h"
#include "core/file.h"
#include "core/text.h"
#include "market/history.h"
#include "market/import.h"
#include "market/resample.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_RESAMPLE = 8, N_SHOWN_REJECTED = 5 };

struct command {
    struct import_options options;
    const char *history, *rejected;
    size_t n_resample;
    int64_t resample_ns[MAX_RESAMPLE];
    bool help, list_formats;
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
    "nothing is repaired.\n";

enum option_code {
    OPT_INSTRUMENT = 1,
    OPT_HISTORY,
    OPT_FORMAT,
    OPT_INTERVAL,
    OPT_MATCH,
    OPT_SYMBOL,
    OPT_FROM,
    OPT_TO,
    OPT_SPLIT_GAP,
    OPT_RESAMPLE,
    OPT_MAX_REJECTED,
    OPT_REJECTED,
    OPT_KEEP_OUTSIDE,
    OPT_LIST_FORMATS,
    OPT_HELP,
};

static const struct option long_options[] = {
    {"instrument", required_argument, NULL, OPT_INSTRUMENT},
    {"history", required_argument, NULL, OPT_HISTORY},
    {"format", required_argument, NULL, OPT_FORMAT},
    {"interval", required_argument, NULL, OPT_INTERVAL},
    {"match", required_argument, NULL, OPT_MATCH},
    {"symbol", required_argument, NULL, OPT_SYMBOL},
    {"from", required_argument, NULL, OPT_FROM},
    {"to", required_argument, NULL, OPT_TO},
    {"split-gap", required_argument, NULL, OPT_SPLIT_GAP},
    {"resample", required_argument, NULL, OPT_RESAMPLE},
    {"max-rejected", required_argument, NULL, OPT_MAX_REJECTED},
    {"rejected", required_argument, NULL, OPT_REJECTED},
    {"keep-outside", no_argument, NULL, OPT_KEEP_OUTSIDE},
    {"list-formats", no_argument, NULL, OPT_LIST_FORMATS},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

static int set_format(const char *value, const char **format, struct err *err)
{
    char names[FORMAT_NAMES_MAX];

    *format = strcmp(value, "auto") == 0 ? NULL : value;
    if (*format != NULL && format_find(*format) == NULL)
        return err_set(err, ERR_USAGE, "'%.40s' is not auto or one of %s", value,
                       format_names(names));
    return 0;
}

static int set_resample(const char *value, struct command *command, struct err *err)
{
    command->n_resample = 0;
    for (;;) {
        const size_t n_chars = strcspn(value, ",");

        if (command->n_resample == MAX_RESAMPLE)
            return err_set(err, ERR_USAGE, "more than %d intervals", MAX_RESAMPLE);
        if (clock_parse_duration(
                value, n_chars, &command->resample_ns[command->n_resample++], err) != 0)
            return -1;
        if (value[n_chars] == '\0')
            return 0;
        value += n_chars + 1;
    }
}

/* Where an option that is any text goes; NULL for the other options. */
static const char **text_option(int code, struct command *command)
{
    switch (code) {
    case OPT_INSTRUMENT:
        return &command->options.instrument;
    case OPT_HISTORY:
        return &command->history;
    case OPT_MATCH:
        return &command->options.match;
    case OPT_SYMBOL:
        return &command->options.symbol;
    case OPT_REJECTED:
        return &command->rejected;
    default:
        return NULL;
    }
}

static int set_option(int code, const char *value, struct command *command,
                      struct err *err)
{
    struct import_options *options = &command->options;
    const size_t n_chars = value != NULL ? strlen(value) : 0;
    const char **text = text_option(code, command);

    if (text != NULL) {
        *text = value;
        return 0;
    }
    switch (code) {
    case OPT_FORMAT:
        return set_format(value, &options->format, err);
    case OPT_INTERVAL:
        return clock_parse_duration(value, n_chars, &options->interval_ns, err);
    case OPT_FROM:
        return clock_parse_moment(value, n_chars, &options->from_ns, err);
    case OPT_TO:
        return clock_parse_moment(value, n_chars, &options->to_ns, err);
    case OPT_SPLIT_GAP:
        return clock_parse_duration(value, n_chars, &options->split_gap_ns, err);
    case OPT_RESAMPLE:
        return set_resample(value, command, err);
    case OPT_MAX_REJECTED:
        return text_to_integer(value, n_chars, 0, INT64_MAX, &options->max_rejected,
                               err);
    case OPT_KEEP_OUTSIDE:
        options->keep_outside = true;
        return 0;
    case OPT_LIST_FORMATS:
        command->list_formats = true;
        return 0;
    default:
        command->help = true;
        return 0;
    }
}

static int check_command(int n_files, const struct command *command, struct err *err)
{
    if (command->help || command->list_formats)
        return 0;
    if (command->options.instrument == NULL)
        return err_set(err, ERR_USAGE, "--instrument is missing (see import --help)");
    if (command->history == NULL)
        return err_set(err, ERR_USAGE, "--history is missing (see import --help)");
    if (n_files == 0)
        return err_set(err, ERR_USAGE, "no file is named (see import --help)");
    if (command->options.from_ns >= command->options.to_ns)
        return err_set(err, ERR_USAGE, "--from is not before --to");
    return 0;
}

/* Every fault of the command line is ERR_USAGE, whatever the parser of a value says. */
static int parse(int argc, char **argv, struct command *command, struct err *err)
{
    int code, which = 0;

    *command = (struct command){
        .options = {.from_ns = INT64_MIN, .to_ns = INT64_MAX, .max_rejected = -1}};
    opterr = 0;
    optind = 1;
    while ((code = getopt_long(argc, argv, ":", long_options, &which)) != -1) {
        if (code == '?')
            return err_set(err, ERR_USAGE, "unknown option %.60s (see import --help)",
                           argv[optind - 1]);
        if (code == ':')
            return err_set(err, ERR_USAGE, "option %.60s needs a value",
                           argv[optind - 1]);
        if (set_option(code, optarg, command, err) != 0) {
            err->kind = ERR_USAGE;
            return err_add(err, "--%s", long_options[code - 1].name);
        }
    }
    return check_command(argc - optind, command, err);
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

static int put_series(struct history_editor *editor, const struct command *command,
                      const struct import_series *series, struct err *err)
{
    import_print_series(series, stdout);
    if (put(editor, series, &series->bars, &series->quality, err) != 0)
        return -1;
    for (size_t i = 0; i < command->n_resample; i++) {
        if (command->resample_ns[i] == series->bars.interval_ns)
            continue; /* they are there already */
        if (put_resampled(editor, series, command->resample_ns[i], err) != 0)
            return -1;
    }
    return 0;
}

static int store(const struct command *command, const struct import *import,
                 struct err *err)
{
    struct history_editor *editor;

    if (history_edit(command->history, &editor, err) != 0)
        return -1;
    for (size_t i = 0; i < import->n_series; i++)
        if (put_series(editor, command, &import->series[i], err) != 0) {
            history_abandon(editor);
            return -1;
        }
    return history_save(editor, err);
}

static void show_rejected(const struct import *import)
{
    if (import->n_rejected == 0)
        return;
    printf("%zu rows were rejected:\n", import->n_rejected);
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

static int run(const struct command *command, size_t n_files, char **files,
               struct err *err)
{
    struct import import;
    int failed;

    if (import_read(n_files, (const char *const *)files, &command->options, &import,
                    err) != 0)
        return -1;
    failed =
        command->rejected != NULL ? save_rejected(command->rejected, &import, err) : 0;
    if (!failed)
        failed = store(command, &import, err);
    if (!failed) {
        show_rejected(&import);
        printf("%zu instrument%s stored in %s\n", import.n_series,
               import.n_series == 1 ? "" : "s", command->history);
    }
    import_free(&import);
    return failed;
}

int cmd_import(int argc, char **argv, struct err *err)
{
    struct command command;

    if (parse(argc, argv, &command, err) != 0)
        return -1;
    if (command.help)
        return fputs(usage, stdout) == EOF;
    if (command.list_formats) {
        format_list(stdout);
        return 0;
    }
    return run(&command, (size_t)(argc - optind), argv + optind, err);
}
