#include "coordinator/command.h"
#include "coordinator/evidence.h"
#include "coordinator/inspect.h"
#include "coordinator/inspect_history.h"
#include "core/options.h"
#include "core/seal.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const char usage[] =
    "usage: plimsoll inspect history.h5 [--instrument X [--interval 1h]] [--json]\n"
    "       plimsoll inspect calibration.h5 [--instrument X] [--json]\n"
    "       plimsoll inspect calibration.h5 --instrument X --point q=3.1,lambda=0.97\n"
    "                        [--history FILE] [--json]\n"
    "       plimsoll inspect parameters.json [--instrument X] [--json]\n"
    "\n"
    "A history store: its series, and of an instrument its sources and quality "
    "findings.\n"
    "A calibration: what became of each instrument; of one, its winner and "
    "runners-up.\n"
    "With --point every figure of that point, scored again bar by bar: axes that are "
    "not\n"
    "named stand at the winner's value. Any values may be asked for, not only the "
    "grid's.\n"
    "A parameter set: what an engine gets.\n";

struct asked {
    struct inspect_options options;
    const char *interval;
    bool help;
};

#define AT(field) .offset = offsetof(struct asked, field)
static const struct options_row rows[] = {
    {"instrument", OPTIONS_TEXT, AT(options.instrument)},
    {"interval", OPTIONS_TEXT, AT(interval)},
    {"point", OPTIONS_TEXT, AT(options.point)},
    {"history", OPTIONS_TEXT, AT(options.history)},
    {"json", OPTIONS_FLAG, AT(options.as_json)},
};
#undef AT

static const struct options_table table = {"inspect", "file", rows,
                                           sizeof rows / sizeof *rows};

static int parse(int argc, char **argv, struct asked *asked, struct err *err)
{
    struct options_rest rest;

    *asked = (struct asked){0};
    if (options_read(&table, argc, argv, asked, &rest, err) != 0)
        return -1;
    asked->help = rest.help;
    if (rest.help)
        return 0;
    asked->options.path = rest.word[0];
    return 0;
}

static int inspect_store(const struct asked *asked, struct err *err)
{
    const struct inspect_history_options options = {
        .path = asked->options.path,
        .instrument = asked->options.instrument,
        .interval = asked->interval,
        .as_json = asked->options.as_json,
    };

    return inspect_history(&options, stdout, err);
}

static int inspect_evidence(const struct asked *asked, struct err *err)
{
    if (asked->options.point == NULL)
        return inspect_calibration(&asked->options, err);
    if (asked->options.instrument == NULL)
        return err_set(err, ERR_USAGE, "inspect: --point goes with --instrument");
    return inspect_point(&asked->options, err);
}

/* Of what kind is the file?  Ours say so at their start, a parameter set is JSON. */
static int inspect_file(const struct asked *asked, struct err *err)
{
    const char *path = asked->options.path;
    char kind[SEAL_KIND_MAX];
    FILE *file = fopen(path, "rb");

    if (file == NULL)
        return err_set(err, ERR_INPUT, "%s: %s", path, strerror(errno));
    const int first = getc(file);
    fclose(file);
    if (first == '{')
        return inspect_parameters(&asked->options, err);
    if (seal_read_kind(path, kind, NULL) == 0) {
        if (strcmp(kind, EVIDENCE_KIND) == 0)
            return inspect_evidence(asked, err);
        return inspect_store(asked, err);
    }
    return err_set(err, ERR_INPUT,
                   "%s: is neither a history store, a calibration nor a parameter set",
                   path);
}

int cmd_inspect(int argc, char **argv, struct err *err)
{
    struct asked asked;

    if (parse(argc, argv, &asked, err) != 0)
        return -1;
    if (asked.help) {
        fputs(usage, stdout);
        return 0;
    }
    return inspect_file(&asked, err);
}
