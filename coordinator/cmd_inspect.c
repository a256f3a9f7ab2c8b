#include "coordinator/command.h"
#include "coordinator/evidence.h"
#include "coordinator/inspect.h"
#include "coordinator/inspect_history.h"
#include "core/seal.h"

#include <errno.h>
#include <getopt.h>
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

static int parse(int argc, char **argv, struct asked *asked, struct err *err)
{
    static const struct option longs[] = {{"instrument", required_argument, NULL, 'i'},
                                          {"interval", required_argument, NULL, 'v'},
                                          {"point", required_argument, NULL, 'p'},
                                          {"history", required_argument, NULL, 'H'},
                                          {"json", no_argument, NULL, 'j'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    int letter;

    *asked = (struct asked){0};
    opterr = 0;
    optind = 1;
    while ((letter = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        switch (letter) {
        case 'i':
            asked->options.instrument = optarg;
            break;
        case 'v':
            asked->interval = optarg;
            break;
        case 'p':
            asked->options.point = optarg;
            break;
        case 'H':
            asked->options.history = optarg;
            break;
        case 'j':
            asked->options.as_json = true;
            break;
        case 'h':
            asked->help = true;
            return 0;
        default:
            return err_set(err, ERR_USAGE,
                           "inspect: %s is not an option, or has no value",
                           argv[optind - 1]);
        }
    }
    if (optind + 1 != argc)
        return err_set(err, ERR_USAGE,
                       "inspect: which one file? (plimsoll inspect --help)");
    asked->options.path = argv[optind];
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
