#include "coordinator/command.h"
#include "coordinator/elasticity.h"
#include "coordinator/intervals.h"
#include "coordinator/sensitivity.h"
#include "core/text.h"

#include <getopt.h>
#include <string.h>

static const char usage[] =
    "usage: plimsoll sensitivity DIR|JOB.yaml --instrument X\n"
    "                            [--method morris|sobol|elasticity] [--samples N] \n"
    "                            [--metric M]... [--seed N] [--json]\n"
    "       plimsoll sensitivity DIR|JOB.yaml --method bootstrap [--instrument X]\n"
    "                            [--samples N] [--blocks N] [--incumbent FILE]...\n"
    "                            [--history FILE] [--set KEY=VALUE]...\n"
    "\n"
    "Which axes do the figures of an instrument hang on?  Points all over the ranges "
    "of\n"
    "a calibration in DIR, or of a job, are judged on the training bars.\n"
    "\n"
    "  --method morris   N trajectories (20) of one axis at a time: mu*, the mean "
    "size\n"
    "                    of what an axis does over its range; sigma, how much that\n"
    "                    varies with the others.  N (axes + 1) points\n"
    "  --method sobol    N rows (1024; powers of 2 are good) of two samples: the share "
    "of\n"
    "                    the variance that an axis explains by itself and in all, "
    "with\n"
    "                    bootstrap intervals.  N (axes + 2) points\n"
    "  --method elasticity   at the point that was chosen in DIR: by how many percent\n"
    "                    the figures change where an axis changes by one\n"
    "  --method bootstrap  how sure are the parameters?  The job chooses again on N\n"
    "                    draws (1000) of blocks of its training bars: an interval of "
    "each\n"
    "                    parameter, and the regret of the choice and of the incumbent, "
    "of\n"
    "                    every instrument unless one is named; of shared axes on the "
    "same\n"
    "                    blocks for all that share, of a search among the points it "
    "tried.\n"
    "                    Alone or under mpirun and srun, with the same bytes\n"
    "  --blocks N        of the training bars (40), each of two horizons or more\n"
    "  --incumbent FILE  parameters.json in production, instead of the job's\n"
    "  --metric M        of this metric; by default the objective and the "
    "constraints'\n"
    "  --seed N          of trajectories, bootstrap and draws (1)\n"
    "  --set KEY=VALUE   replace a key of the job, e.g. --set 'axes.q=[2, 3]'\n"
    "\n"
    "Axes of one value stand still.  Definitions: worker/README.md, \"Sensitivity\".\n";

enum {
    SETTINGS_MAX = 64,
    SAMPLES_MAX = 1 << 20,
    REPLICATES = 500,
    REPLICATES_MAX = 100000
};

struct asked {
    struct subject_options subject;
    const char *settings[SETTINGS_MAX];
    struct sensitivity_request request;
    size_t n_blocks; /* of the bootstrap; 0: not asked for */
    const char *incumbent;
    bool is_bootstrap, is_elasticity, as_json, help;
};

static int take_method(const char *text, struct asked *asked, struct err *err)
{
    asked->is_bootstrap = strcmp(text, "bootstrap") == 0;
    asked->is_elasticity = strcmp(text, "elasticity") == 0;
    if (strcmp(text, "morris") == 0)
        asked->request.method = SENSITIVITY_MORRIS;
    else if (strcmp(text, "sobol") == 0)
        asked->request.method = SENSITIVITY_SOBOL;
    else if (!asked->is_bootstrap && !asked->is_elasticity)
        return err_set(err, ERR_USAGE,
                       "--method: '%s' is none of morris, sobol, elasticity and "
                       "bootstrap",
                       text);
    return 0;
}

static int take_count(const char *option, int64_t least, int64_t most, int64_t *count,
                      struct err *err)
{
    if (text_to_integer(optarg, strlen(optarg), least, most, count, err) == 0)
        return 0;
    err->kind = ERR_USAGE;
    return err_add(err, "%s", option);
}

static int take_option(int letter, const char *said, struct asked *asked,
                       struct err *err)
{
    int64_t count;

    switch (letter) {
    case 'i':
        asked->subject.instrument = optarg;
        return 0;
    case 'H':
        asked->subject.history = optarg;
        return 0;
    case 'm':
        return take_method(optarg, asked, err);
    case 'n':
        if (take_count("--samples", 2, SAMPLES_MAX, &count, err) != 0)
            return -1;
        asked->request.n_samples = (size_t)count;
        return 0;
    case 'b':
        if (take_count("--blocks", 8, BOOTSTRAP_BLOCKS_MAX, &count, err) != 0)
            return -1;
        asked->n_blocks = (size_t)count;
        return 0;
    case 'I':
        asked->incumbent = optarg;
        return 0;
    case 'S':
        if (take_count("--seed", 0, INT64_MAX, &count, err) != 0)
            return -1;
        asked->request.seed = (uint64_t)count;
        return 0;
    case 'M':
        if (asked->request.n_metrics == SENSITIVITY_METRICS_MAX)
            return err_set(err, ERR_USAGE, "--metric: more than %d",
                           SENSITIVITY_METRICS_MAX);
        asked->request.metric[asked->request.n_metrics++] = optarg;
        return 0;
    case 's':
        if (asked->subject.n_settings == SETTINGS_MAX)
            return err_set(err, ERR_USAGE, "--set: more than %d", SETTINGS_MAX);
        asked->settings[asked->subject.n_settings++] = optarg;
        return 0;
    case 'j':
        asked->as_json = true;
        return 0;
    case 'h':
        asked->help = true;
        return 0;
    default:
        return err_set(err, ERR_USAGE,
                       "sensitivity: %s is not an option, or has no value", said);
    }
}

/* Options that the method would not look at are refused. */
static int check(struct asked *asked, struct err *err)
{
    struct sensitivity_request *request = &asked->request;

    if (asked->is_bootstrap && request->n_metrics > 0)
        return err_set(
            err, ERR_USAGE,
            "sensitivity: a bootstrap is of the choice: it takes no --metric");
    if (!asked->is_bootstrap && (asked->n_blocks > 0 || asked->incumbent != NULL))
        return err_set(err, ERR_USAGE, "sensitivity: --%s is for --method bootstrap",
                       asked->n_blocks > 0 ? "blocks" : "incumbent");
    if (!asked->is_bootstrap && asked->subject.instrument == NULL)
        return err_set(err, ERR_USAGE, "sensitivity: which --instrument?");
    if (request->n_samples == 0)
        request->n_samples = asked->is_bootstrap                     ? 1000
                             : request->method == SENSITIVITY_MORRIS ? 20
                                                                     : 1024;
    if (asked->is_bootstrap && request->n_samples > REPLICATES_MAX)
        return err_set(err, ERR_USAGE, "--samples: a bootstrap takes at most %d",
                       REPLICATES_MAX);
    return 0;
}

static int parse(int argc, char **argv, struct asked *asked, struct err *err)
{
    static const struct option longs[] = {{"instrument", required_argument, NULL, 'i'},
                                          {"history", required_argument, NULL, 'H'},
                                          {"method", required_argument, NULL, 'm'},
                                          {"samples", required_argument, NULL, 'n'},
                                          {"seed", required_argument, NULL, 'S'},
                                          {"metric", required_argument, NULL, 'M'},
                                          {"blocks", required_argument, NULL, 'b'},
                                          {"incumbent", required_argument, NULL, 'I'},
                                          {"set", required_argument, NULL, 's'},
                                          {"json", no_argument, NULL, 'j'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    int letter;

    *asked = (struct asked){.request = {.seed = 1, .n_replicates = REPLICATES}};
    asked->subject.settings = asked->settings;
    opterr = 0;
    optind = 1;
    while ((letter = getopt_long(argc, argv, "", longs, NULL)) != -1)
        if (take_option(letter, argv[optind - 1], asked, err) != 0)
            return -1;
    if (asked->help)
        return 0;
    if (optind + 1 != argc)
        return err_set(err, ERR_USAGE,
                       "sensitivity: which one directory or job file? (plimsoll "
                       "sensitivity --help)");
    asked->subject.path = argv[optind];
    return check(asked, err);
}

static int answer_elasticity(const struct asked *asked, const struct subject *subject,
                             struct err *err)
{
    struct elasticity_request request = {.directory = asked->subject.path,
                                         .n_metrics = asked->request.n_metrics};
    struct elasticity found;

    memcpy(request.metric, asked->request.metric, sizeof request.metric);
    if (elasticity_find(subject, &request, &found, err) != 0)
        return -1;
    if (asked->as_json)
        return elasticity_print_json(&found, stdout, err);
    elasticity_print_table(&found, stdout);
    return 0;
}

static int answer(const struct asked *asked, struct err *err)
{
    struct sensitivity found;
    struct subject subject;
    int status;

    if (subject_open(&asked->subject, &subject, err) != 0)
        return -1;
    if (asked->is_elasticity) {
        status = answer_elasticity(asked, &subject, err);
        subject_close(&subject);
        return status;
    }
    status = sensitivity_find(&subject, &asked->request, &found, err);
    if (status == 0) {
        if (asked->as_json)
            status = sensitivity_print_json(&found, stdout, err);
        else
            sensitivity_print_table(&found, stdout);
        sensitivity_free(&found);
    }
    subject_close(&subject);
    return status;
}

static int bootstrap(struct asked *asked, int argc, char **argv, struct err *err)
{
    const struct intervals_options options = {
        .subject = asked->subject,
        .n_replicates = asked->request.n_samples,
        .n_blocks = asked->n_blocks > 0 ? asked->n_blocks : 40,
        .seed = asked->request.seed,
        .incumbent = asked->incumbent,
        .as_json = asked->as_json,
    };
    struct team team;

    if (team_start(&argc, &argv, &team, err) != 0)
        return -1;
    const int status = intervals(&team, &options, err);
    if (team.rank != 0)
        err->text[0] = '\0'; /* rank 0 says it for all */
    team_end(&team);
    return status;
}

int cmd_sensitivity(int argc, char **argv, struct err *err)
{
    struct asked asked;

    if (parse(argc, argv, &asked, err) != 0)
        return -1;
    if (asked.help) {
        fputs(usage, stdout);
        return 0;
    }
    return asked.is_bootstrap ? bootstrap(&asked, argc, argv, err)
                              : answer(&asked, err);
}
