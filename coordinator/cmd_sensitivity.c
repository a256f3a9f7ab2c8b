#include "coordinator/command.h"
#include "coordinator/elasticity.h"
#include "coordinator/intervals.h"
#include "coordinator/sensitivity.h"
#include "core/options.h"

#include <stddef.h>
#include <string.h>

static const char usage[] =
    "usage: plimsoll sensitivity DIR|JOB.yaml --instrument X\n"
    "                            [--method morris|sobol|elasticity] [--samples N]\n"
    "                            [--metric M]... [--seed N] [--json]\n"
    "                            [--history FILE] [--set KEY=VALUE]...\n"
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
    "  --history FILE    history store, instead of the one that DIR or the job names\n"
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

static int take_method(void *into, const char *value, struct err *err)
{
    struct asked *asked = into;

    asked->is_bootstrap = strcmp(value, "bootstrap") == 0;
    asked->is_elasticity = strcmp(value, "elasticity") == 0;
    if (strcmp(value, "morris") == 0)
        asked->request.method = SENSITIVITY_MORRIS;
    else if (strcmp(value, "sobol") == 0)
        asked->request.method = SENSITIVITY_SOBOL;
    else if (!asked->is_bootstrap && !asked->is_elasticity)
        return err_set(err, ERR_USAGE,
                       "'%s' is none of morris, sobol, elasticity and bootstrap",
                       value);
    return 0;
}

static int take_metric(void *into, const char *value, struct err *err)
{
    struct sensitivity_request *request = &((struct asked *)into)->request;

    if (request->n_metrics == SENSITIVITY_METRICS_MAX)
        return err_set(err, ERR_USAGE, "more than %d", SENSITIVITY_METRICS_MAX);
    request->metric[request->n_metrics++] = value;
    return 0;
}

static int take_setting(void *into, const char *value, struct err *err)
{
    struct asked *asked = into;

    if (asked->subject.n_settings == SETTINGS_MAX)
        return err_set(err, ERR_USAGE, "more than %d", SETTINGS_MAX);
    asked->settings[asked->subject.n_settings++] = value;
    return 0;
}

#define AT(field) .offset = offsetof(struct asked, field)
static const struct options_row rows[] = {
    {"instrument", OPTIONS_TEXT, AT(subject.instrument)},
    {"history", OPTIONS_TEXT, AT(subject.history)},
    {"method", OPTIONS_CALL, .take = take_method},
    {"samples", OPTIONS_SIZE, AT(request.n_samples), .min = 2, .max = SAMPLES_MAX},
    {"seed", OPTIONS_INTEGER, AT(request.seed), .min = 0, .max = INT64_MAX},
    {"metric", OPTIONS_CALL, .take = take_metric},
    {"blocks", OPTIONS_SIZE, AT(n_blocks), .min = 8, .max = BOOTSTRAP_BLOCKS_MAX},
    {"incumbent", OPTIONS_TEXT, AT(incumbent)},
    {"set", OPTIONS_CALL, .take = take_setting},
    {"json", OPTIONS_FLAG, AT(as_json)},
};
#undef AT

static const struct options_table table = {"sensitivity", "directory or job file", rows,
                                           sizeof rows / sizeof *rows};

static int parse(int argc, char **argv, struct asked *asked, struct err *err)
{
    struct options_rest rest;

    *asked = (struct asked){.request = {.seed = 1, .n_replicates = REPLICATES}};
    if (options_read(&table, argc, argv, asked, &rest, err) != 0)
        return -1;
    asked->help = rest.help;
    if (rest.help)
        return 0;
    asked->subject.path = rest.word[0];
    asked->subject.settings = asked->settings;
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
