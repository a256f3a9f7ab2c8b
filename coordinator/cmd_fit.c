#include "coordinator/command.h"
#include "coordinator/fit.h"
#include "core/options.h"
#include "core/text.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: plimsoll fit --series FILE [--column C] --model MODEL [--from TIME]\n"
    "                    [--to TIME] [OPTIONS]\n"
    "       plimsoll fit --history FILE --instrument X [--interval 1h] --model MODEL "
    "...\n"
    "\n"
    "Fit one model of volatility or of the tail to one series and print every figure.\n"
    "\n"
    "  --series FILE     table of numbers (comma, semicolon or tab; .gz too), a header "
    "or not\n"
    "  --column C        its column, by name or number: returns in any unit. Preset:\n"
    "                    the only one, or the one called r, return, returns\n"
    "  --prices          the column holds closing prices: their log returns are "
    "fitted\n"
    "  --variances       (har) the column holds realised variances\n"
    "  Range models read the columns open, high, low and close instead.\n"
    "  --from TIME, --to TIME\n"
    "                    only bars that start in this span, the end left out\n"
    "  --time C          the table's column of times. Preset: the first called time,\n"
    "                    timestamp, date ... that holds them; they must ascend. none:\n"
    "                    rows follow on each other as they stand\n"
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

static int take_confidence(void *into, const char *value, struct err *err)
{
    struct fit_request *request = into;
    double c;

    if (request->n_confidences == FIT_CONFIDENCES_MAX)
        return err_set(err, ERR_USAGE, "more than %d", FIT_CONFIDENCES_MAX);
    if (text_to_real(value, strlen(value), &c, NULL) != 0 || !(c > 0.5 && c < 1.0))
        return err_set(err, ERR_USAGE, "%s is not between 0.5 and 1", value);
    request->confidence[request->n_confidences++] = c;
    return 0;
}

static int take_innovations(void *into, const char *value, struct err *err)
{
    struct fit_request *request = into;

    request->garch.student = strcmp(value, "student") == 0;
    if (request->garch.student || strcmp(value, "normal") == 0)
        return 0;
    return err_set(err, ERR_USAGE, "'%s' is none of normal, student", value);
}

/* enum garch_start */
static const char *const starts[] = {"mean", "first", "unconditional", "backcast",
                                     NULL};

#define AT(field) .offset = offsetof(struct fit_request, field)
#define COUNT     .min = 1, .max = 1000000
static const struct options_row rows[] = {
    {"series", OPTIONS_TEXT, AT(series)},
    {"column", OPTIONS_TEXT, AT(column)},
    {"time", OPTIONS_TEXT, AT(span.time)},
    {"from", OPTIONS_MOMENT, AT(span.from_ns)},
    {"to", OPTIONS_MOMENT, AT(span.to_ns)},
    {"prices", OPTIONS_FLAG, AT(prices)},
    {"variances", OPTIONS_FLAG, AT(variances)},
    {"history", OPTIONS_TEXT, AT(history)},
    {"instrument", OPTIONS_TEXT, AT(instrument)},
    {"interval", OPTIONS_TEXT, AT(interval)},
    {"model", OPTIONS_TEXT, AT(model)},
    {"innovations", OPTIONS_CALL, .take = take_innovations},
    {"mean", OPTIONS_FLAG, AT(garch.mean)},
    {"targeting", OPTIONS_FLAG, AT(garch.targeting)},
    {"start", OPTIONS_WORD, AT(garch.start), .words = starts},
    {"start-window", OPTIONS_SIZE, AT(garch.start_window), COUNT},
    {"window", OPTIONS_SIZE, AT(window), COUNT},
    {"lambda", OPTIONS_REAL, AT(lambda), .above = 0.0, .below = 1.0},
    {"day", OPTIONS_SIZE, AT(har.day), COUNT},
    {"week", OPTIONS_SIZE, AT(har.week), COUNT},
    {"month", OPTIONS_SIZE, AT(har.month), COUNT},
    {"horizon", OPTIONS_SIZE, AT(har.horizon), COUNT},
    {"lags", OPTIONS_SIZE, AT(har.lags), COUNT},
    {"losses", OPTIONS_FLAG, AT(losses)},
    {"share", OPTIONS_REAL, AT(share), .above = 0.0, .below = 1.0},
    {"threshold", OPTIONS_REAL, AT(threshold)},
    {"confidence", OPTIONS_CALL, .take = take_confidence},
    {"level", OPTIONS_REAL, AT(level), .above = 0.0, .below = 1.0},
    {"scan", OPTIONS_FLAG, AT(scan)},
    {"json", OPTIONS_FLAG, AT(as_json)},
    {"write", OPTIONS_TEXT, AT(write)},
};
#undef AT

static const struct fit_request presets = {
    .span = TABLE_SPAN_ALL,
    .interval = "1h",
    .garch.start_window = 100,
    .har = {.day = 1, .week = 7, .month = 30, .horizon = 1, .lags = 10},
    .window = 30,
    .lambda = 0.94,
    .share = 0.1,
    .threshold = NAN,
    .level = 0.95,
};

static const struct options_table table = {"fit", NULL, rows,
                                           sizeof rows / sizeof *rows};

#define OF(name, field, models)                                                        \
    {                                                                                  \
        name, models, offsetof(struct fit_request, field),                             \
            sizeof((struct fit_request *)0)->field                                     \
    }
/* Options that some models alone look at. */
static const struct {
    const char *name, *models; /* each with a blank before and behind */
    size_t offset, size;
} owned[] = {
    OF("innovations", garch.student, " garch gjr "),
    OF("mean", garch.mean, " garch gjr "),
    OF("targeting", garch.targeting, " garch gjr "),
    OF("start", garch.start, " garch gjr "),
    OF("start-window", garch.start_window, " garch gjr "),
    OF("day", har.day, " har "),
    OF("week", har.week, " har "),
    OF("month", har.month, " har "),
    OF("horizon", har.horizon, " har "),
    OF("lags", har.lags, " har "),
    OF("lambda", lambda, " ewma "),
    OF("window", window,
       " ewma rolling atr parkinson garman_klass rogers_satchell yang_zhang "),
    OF("share", share, " pot hill "),
    OF("threshold", threshold, " pot hill "),
    OF("scan", scan, " pot hill "),
    OF("level", level, " pot historical "),
    OF("confidence", n_confidences, " pot hill historical student normal "),
};
#undef OF

/* What the model would not look at is refused: a fit of the last 500 returns is not
 * what
 * `--model garch --window 500` makes. */
static int check_owned(const struct fit_request *request, struct err *err)
{
    char model[32];

    snprintf(model, sizeof model, " %s ", request->model);
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) {
        const size_t at = owned[i].offset;

        if (memcmp((const char *)request + at, (const char *)&presets + at,
                   owned[i].size) != 0 &&
            strstr(owned[i].models, model) == NULL)
            return err_set(err, ERR_USAGE, "--%s is not for %s, but for%.*s",
                           owned[i].name, request->model,
                           (int)strlen(owned[i].models) - 1, owned[i].models);
    }
    return 0;
}

static int check_model(const struct fit_request *request, struct err *err)
{
    const struct fit_model *model;

    if (request->model == NULL)
        return err_set(err, ERR_USAGE, "which --model? (plimsoll fit --help)");
    model = fit_model_find(request->model);
    if (model == NULL)
        return err_set(err, ERR_USAGE,
                       "--model: '%s' is not one (plimsoll fit --help lists them)",
                       request->model);
    if (request->variances &&
        (strcmp(request->model, "har") != 0 || request->history != NULL))
        return err_set(err, ERR_USAGE, "--variances goes with --series and har");
    if (request->losses && !model->is_tail)
        return err_set(err, ERR_USAGE,
                       "--losses goes with pot, hill, historical, student, normal");
    if (request->write != NULL && model->is_tail)
        return err_set(err, ERR_USAGE, "--write: %s has no path", model->name);
    return check_owned(request, err);
}

static int check(const struct fit_request *request, struct err *err)
{
    if (fit_check_source(request, err) != 0 || check_model(request, err) != 0)
        return -1;
    if (!(request->har.day <= request->har.week &&
          request->har.week <= request->har.month))
        return err_set(err, ERR_USAGE, "--day, --week and --month must ascend");
    return 0;
}

static int parse(int argc, char **argv, struct fit_request *request, bool *help,
                 struct err *err)
{
    struct options_rest rest;

    *request = presets;
    if (options_read(&table, argc, argv, request, &rest, err) != 0)
        return -1;
    *help = rest.help;
    if (*help)
        return 0;
    if (check(request, err) != 0)
        return err_add(err, "fit");
    if (request->n_confidences == 0)
        request->confidence[request->n_confidences++] = 0.99;
    return 0;
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
        return err_set(err, ERR_INCOMPLETE,
                       "fit: %s: there is no estimate: %s (%zu rows)",
                       request->series != NULL ? request->series : request->instrument,
                       reason, data->n);
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

    if (request.series != NULL && !model->wants_prices &&
        fit_column_settle(&request, column, err) != 0)
        return err_add(err, "fit");
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
