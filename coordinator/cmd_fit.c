#include "coordinator/command.h"
#include "coordinator/fit.h"
#include "core/text.h"

#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: plimsoll fit --series FILE --column C --model MODEL [OPTIONS]\n"
    "       plimsoll fit --history FILE --instrument X [--interval 1h] --model MODEL "
    "...\n"
    "\n"
    "Fit one model of volatility or of the tail to one series and print every figure.\n"
    "\n"
    "  --series FILE     table of numbers (comma, semicolon or tab; .gz too), a header "
    "or not\n"
    "  --column C        its column, by name or number: returns in any unit\n"
    "  --prices          the column holds closing prices: their log returns are "
    "fitted\n"
    "  --variances       (har) the column holds realised variances\n"
    "  Range models read the columns open, high, low and close instead.\n"
    "  --json            print JSON, all digits; what is not there is null\n"
    "  --write FILE      CSV: t, time, value, variance (of t, from the bars before "
    "it), "
    "residual\n"
    "\n"
    "  garch, gjr: --innovations normal|student (normal), --mean (estimate mu, "
    "otherwise 0),\n"
    "      --targeting (omega from the mean square), --start mean|first|unconditional|"
    "backcast\n"
    "      (mean), --start-window N (100)\n"
    "  har: --day N --week N --month N (1, 7, 30 bars), --horizon N (1), --lags N "
    "(10)\n"
    "  ewma: --lambda L (0.94), --window N (30): returns that start it\n"
    "  others: --window N (30)\n"
    "  pot, hill: --share S (0.1) of the losses, or what exceeds --threshold U; --scan "
    "of\n"
    "      thresholds; pot, historical: --level L (0.95) of the intervals, by profile\n"
    "      likelihood and by ranks\n"
    "  pot, hill, historical, student, normal: VaR and ES at --confidence C (0.99; "
    "several\n"
    "      times);\n"
    "      losses are minus the returns, or with --losses the column itself. A "
    "model's\n"
    "      residuals, as McNeil and Frey take: fit garch with --write PATHS.csv, then\n"
    "      --series PATHS.csv --column residual\n"
    "\n"
    "Models:\n";

static const char footer[] =
    "\nExit codes: 0 done, 2 usage, 3 bad input, 4 there is no estimate (the status "
    "says "
    "why).\nDefinitions: worker/README.md, \"Volatility models\" and \"Tails\".\n";

static void print_usage(void)
{
    fputs(usage, stdout);
    for (size_t i = 0; fit_model_row(i) != NULL; i++)
        printf("  %-16s %s\n", fit_model_row(i)->name, fit_model_row(i)->meaning);
    fputs(footer, stdout);
}

enum option_letter {
    OPTION_SERIES = 1000,
    OPTION_COLUMN,
    OPTION_PRICES,
    OPTION_VARIANCES,
    OPTION_HISTORY,
    OPTION_INSTRUMENT,
    OPTION_INTERVAL,
    OPTION_MODEL,
    OPTION_INNOVATIONS,
    OPTION_MEAN,
    OPTION_TARGETING,
    OPTION_START,
    OPTION_START_WINDOW,
    OPTION_WINDOW,
    OPTION_LAMBDA,
    OPTION_DAY,
    OPTION_WEEK,
    OPTION_MONTH,
    OPTION_HORIZON,
    OPTION_LAGS,
    OPTION_LOSSES,
    OPTION_SHARE,
    OPTION_THRESHOLD,
    OPTION_CONFIDENCE,
    OPTION_LEVEL,
    OPTION_SCAN,
    OPTION_JSON,
    OPTION_WRITE,
    OPTION_HELP,
};

static const struct option options[] = {
    {"series", required_argument, NULL, OPTION_SERIES},
    {"column", required_argument, NULL, OPTION_COLUMN},
    {"prices", no_argument, NULL, OPTION_PRICES},
    {"variances", no_argument, NULL, OPTION_VARIANCES},
    {"history", required_argument, NULL, OPTION_HISTORY},
    {"instrument", required_argument, NULL, OPTION_INSTRUMENT},
    {"interval", required_argument, NULL, OPTION_INTERVAL},
    {"model", required_argument, NULL, OPTION_MODEL},
    {"innovations", required_argument, NULL, OPTION_INNOVATIONS},
    {"mean", no_argument, NULL, OPTION_MEAN},
    {"targeting", no_argument, NULL, OPTION_TARGETING},
    {"start", required_argument, NULL, OPTION_START},
    {"start-window", required_argument, NULL, OPTION_START_WINDOW},
    {"window", required_argument, NULL, OPTION_WINDOW},
    {"lambda", required_argument, NULL, OPTION_LAMBDA},
    {"day", required_argument, NULL, OPTION_DAY},
    {"week", required_argument, NULL, OPTION_WEEK},
    {"month", required_argument, NULL, OPTION_MONTH},
    {"horizon", required_argument, NULL, OPTION_HORIZON},
    {"lags", required_argument, NULL, OPTION_LAGS},
    {"losses", no_argument, NULL, OPTION_LOSSES},
    {"share", required_argument, NULL, OPTION_SHARE},
    {"threshold", required_argument, NULL, OPTION_THRESHOLD},
    {"confidence", required_argument, NULL, OPTION_CONFIDENCE},
    {"level", required_argument, NULL, OPTION_LEVEL},
    {"scan", no_argument, NULL, OPTION_SCAN},
    {"json", no_argument, NULL, OPTION_JSON},
    {"write", required_argument, NULL, OPTION_WRITE},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

/* Which of the NULL-terminated words? */
static int take_word(const char *option, const char *given, const char *const words[],
                     int *place, struct err *err)
{
    for (int i = 0; words[i] != NULL; i++)
        if (strcmp(given, words[i]) == 0) {
            *place = i;
            return 0;
        }
    return err_set(err, ERR_USAGE, "fit: --%s: '%s' is not known (plimsoll fit --help)",
                   option, given);
}

static int take_count(const char *option, const char *given, size_t *count,
                      struct err *err)
{
    int64_t value;

    if (text_to_integer(given, strlen(given), 1, 1000000, &value, err) != 0) {
        err->kind = ERR_USAGE;
        return err_add(err, "fit: --%s", option);
    }
    *count = (size_t)value;
    return 0;
}

static int take_real(const char *option, const char *given, double above, double below,
                     double *value, struct err *err)
{
    if (text_to_real(given, strlen(given), value, NULL) != 0 ||
        !(*value > above && *value < below))
        return err_set(err, ERR_USAGE, "fit: --%s: %s is not between %g and %g", option,
                       given, above, below);
    return 0;
}

static int take_confidence(const char *given, struct fit_request *request,
                           struct err *err)
{
    if (request->n_confidences == FIT_CONFIDENCES_MAX)
        return err_set(err, ERR_USAGE, "fit: --confidence: more than %d",
                       FIT_CONFIDENCES_MAX);
    return take_real("confidence", given, 0.5, 1.0,
                     &request->confidence[request->n_confidences++], err);
}

/* An option of a model; the others are taken by take_option. */
static int take_setting(int letter, struct fit_request *request, struct err *err)
{
    static const char *const laws[] = {"normal", "student", NULL};
    static const char *const starts[] = {"mean", "first", "unconditional", "backcast",
                                         NULL};
    int place = 0;

    switch (letter) {
    case OPTION_INNOVATIONS:
        if (take_word("innovations", optarg, laws, &place, err) != 0)
            return -1;
        request->garch.student = place == 1;
        return 0;
    case OPTION_START:
        if (take_word("start", optarg, starts, &place, err) != 0)
            return -1;
        request->garch.start = (enum garch_start)place;
        return 0;
    case OPTION_START_WINDOW:
        return take_count("start-window", optarg, &request->garch.start_window, err);
    case OPTION_WINDOW:
        return take_count("window", optarg, &request->window, err);
    case OPTION_LAMBDA:
        return take_real("lambda", optarg, 0.0, 1.0, &request->lambda, err);
    case OPTION_SHARE:
        return take_real("share", optarg, 0.0, 1.0, &request->share, err);
    case OPTION_THRESHOLD:
        return take_real("threshold", optarg, -INFINITY, INFINITY, &request->threshold,
                         err);
    case OPTION_CONFIDENCE:
        return take_confidence(optarg, request, err);
    case OPTION_LEVEL:
        return take_real("level", optarg, 0.0, 1.0, &request->level, err);
    case OPTION_DAY:
        return take_count("day", optarg, &request->har.day, err);
    case OPTION_WEEK:
        return take_count("week", optarg, &request->har.week, err);
    case OPTION_MONTH:
        return take_count("month", optarg, &request->har.month, err);
    case OPTION_HORIZON:
        return take_count("horizon", optarg, &request->har.horizon, err);
    case OPTION_LAGS:
        return take_count("lags", optarg, &request->har.lags, err);
    default:
        return err_set(err, ERR_USAGE, "fit: %s is not an option, or has no value",
                       optarg == NULL ? "that" : optarg);
    }
}

static const char **text_of(int letter, struct fit_request *request)
{
    switch (letter) {
    case OPTION_SERIES:
        return &request->series;
    case OPTION_COLUMN:
        return &request->column;
    case OPTION_HISTORY:
        return &request->history;
    case OPTION_INSTRUMENT:
        return &request->instrument;
    case OPTION_INTERVAL:
        return &request->interval;
    case OPTION_MODEL:
        return &request->model;
    case OPTION_WRITE:
        return &request->write;
    default:
        return NULL;
    }
}

static bool *flag_of(int letter, struct fit_request *request, bool *help)
{
    switch (letter) {
    case OPTION_PRICES:
        return &request->prices;
    case OPTION_VARIANCES:
        return &request->variances;
    case OPTION_MEAN:
        return &request->garch.mean;
    case OPTION_TARGETING:
        return &request->garch.targeting;
    case OPTION_LOSSES:
        return &request->losses;
    case OPTION_SCAN:
        return &request->scan;
    case OPTION_JSON:
        return &request->as_json;
    case OPTION_HELP:
        return help;
    default:
        return NULL;
    }
}

static int check(const struct fit_request *request, struct err *err)
{
    const struct fit_model *model;

    if ((request->series == NULL) == (request->history == NULL))
        return err_set(err, ERR_USAGE, "fit: give --series or --history, one of them");
    if (request->model == NULL)
        return err_set(err, ERR_USAGE, "fit: which --model? (plimsoll fit --help)");
    model = fit_model_find(request->model);
    if (model == NULL)
        return err_set(err, ERR_USAGE,
                       "fit: --model: '%s' is not one (plimsoll fit "
                       "--help lists them)",
                       request->model);
    if (request->history != NULL && request->instrument == NULL)
        return err_set(err, ERR_USAGE, "fit: --history goes with --instrument");
    if (request->variances &&
        (strcmp(request->model, "har") != 0 || request->history != NULL))
        return err_set(err, ERR_USAGE, "fit: --variances goes with --series and har");
    if (request->losses && !model->is_tail)
        return err_set(err, ERR_USAGE,
                       "fit: --losses goes with pot, hill, historical, student, "
                       "normal");
    if (request->write != NULL && model->is_tail)
        return err_set(err, ERR_USAGE, "fit: --write: %s has no path", model->name);
    if (!(request->har.day <= request->har.week &&
          request->har.week <= request->har.month))
        return err_set(err, ERR_USAGE, "fit: --day, --week and --month must ascend");
    return 0;
}

static int parse(int argc, char **argv, struct fit_request *request, bool *help,
                 struct err *err)
{
    int letter;

    *help = false;
    *request = (struct fit_request){
        .interval = "1h",
        .garch.start_window = 100,
        .har = {.day = 1, .week = 7, .month = 30, .horizon = 1, .lags = 10},
        .window = 30,
        .lambda = 0.94,
        .share = 0.1,
        .threshold = NAN,
        .level = 0.95,
    };
    opterr = 0;
    optind = 1;
    while ((letter = getopt_long(argc, argv, "", options, NULL)) != -1) {
        const char **text = text_of(letter, request);
        bool *flag = flag_of(letter, request, help);

        if (letter == '?' || letter == ':')
            return err_set(err, ERR_USAGE, "fit: %s is not an option, or has no value",
                           argv[optind - 1]);
        if (text != NULL)
            *text = optarg;
        else if (flag != NULL)
            *flag = true;
        else if (take_setting(letter, request, err) != 0)
            return -1;
    }
    if (*help)
        return 0;
    if (request->n_confidences == 0)
        request->confidence[request->n_confidences++] = 0.99;
    if (optind != argc)
        return err_set(err, ERR_USAGE, "fit: '%s' is one argument too many",
                       argv[optind]);
    return check(request, err);
}

/* ---- the work ------------------------------------------------------------------- */

static int fit(const struct fit_request *request, const struct fit_model *model,
               const struct fit_data *data, struct fit_paths *paths, struct err *err)
{
    const char *reason = NULL;
    struct fit_report report;

    fit_report_start(&report, request->as_json, stdout);
    fit_report_series(request, data, &report);
    if (model->run(request, data, &report, paths, &reason, err) != 0) {
        json_abandon(&report.json);
        return -1;
    }
    if (reason == NULL && !model->is_tail)
        fit_report_paths(request, data, paths, &report);
    if (fit_report_finish(&report, err) != 0)
        return -1;
    if (reason != NULL)
        return err_set(err, ERR_INCOMPLETE, "fit: there is no estimate: %s", reason);
    return request->write == NULL ? 0 : fit_write_paths(request, data, paths, err);
}

int cmd_fit(int argc, char **argv, struct err *err)
{
    struct fit_request request;
    struct fit_data data;
    struct fit_paths paths = {0};
    bool help;

    if (parse(argc, argv, &request, &help, err) != 0)
        return -1;
    if (help) {
        print_usage();
        return 0;
    }
    const struct fit_model *model = fit_model_find(request.model);
    char column[FIT_COLUMN_MAX];

    if (request.series != NULL && request.column == NULL && !model->wants_prices) {
        if (fit_column_guess(request.series, request.prices, column, err) != 0)
            return err_add(err, "fit");
        request.column = column;
    }
    if (fit_data_read(&request, model->wants_prices, &data, err) != 0)
        return -1;
    int done = -1;
    paths.variance = malloc((data.n + 1) * sizeof *paths.variance);
    if (paths.variance == NULL) {
        err_set(err, ERR_MEMORY, "no memory for %zu bars", data.n);
    } else {
        for (size_t t = 0; t <= data.n; t++)
            paths.variance[t] = NAN;
        done = fit(&request, model, &data, &paths, err);
    }
    free(paths.variance);
    fit_data_free(&data);
    return done;
}
