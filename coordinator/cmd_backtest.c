#include "coordinator/backtest.h"
#include "coordinator/command.h"
#include "coordinator/fit.h"
#include "coordinator/table_file.h"
#include "core/text.h"

#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: plimsoll backtest --series FILE [--loss C] [--var C] [--es C]\n"
    "                         [--mean C --scale C] [OPTIONS]\n"
    "       plimsoll backtest --series FILE --column C [--prices] [--model MODEL] ...\n"
    "       plimsoll backtest --history FILE --instrument X [--interval 1h] ...\n"
    "\n"
    "Every backtest of value at risk and expected shortfall on one series.\n"
    "\n"
    "  --series FILE     table of numbers (comma, semicolon or tab; .gz too)\n"
    "  --loss, --var, --es, --mean, --scale C\n"
    "                    its columns, by name or number: losses are positive; `loss` "
    "and\n"
    "                    `var` are looked for if nothing is said. With mean and scale\n"
    "                    (loss = mean + scale e) the laws of Z1, Z2, Z3 are simulated\n"
    "  --column C        instead: returns (or closes with --prices), which a model "
    "forecasts\n"
    "                    from the bars before: loss = -return\n"
    "  --model MODEL     ewma (preset), rolling, atr, parkinson, garman_klass,\n"
    "                    rogers_satchell, yang_zhang; --lambda L (0.94), --window N "
    "(30)\n"
    "  --confidence C    of the forecasts (0.99)\n"
    "  --horizon H       bars that a loss spans; overlapping ones are tested by phase "
    "(1)\n"
    "  --law LAW         normal (preset), or student:NU\n"
    "  --samples N       of each simulated law (10000); --seed N (1)\n"
    "  --json            print JSON, all digits; what is not there is null\n"
    "\n"
    "Exit codes: 0 done, 2 usage, 3 bad input. Definitions: worker/README.md.\n";

struct request {
    const char *column[5]; /* loss var es mean scale */
    struct fit_request data;
    struct backtest_plan plan;
    bool help;
};

enum { LOSS, VAR, ES, MEAN, SCALE, COLUMNS };

static const struct option options[] = {{"loss", required_argument, NULL, LOSS},
                                        {"var", required_argument, NULL, VAR},
                                        {"es", required_argument, NULL, ES},
                                        {"mean", required_argument, NULL, MEAN},
                                        {"scale", required_argument, NULL, SCALE},
                                        {"series", required_argument, NULL, 's'},
                                        {"column", required_argument, NULL, 'c'},
                                        {"prices", no_argument, NULL, 'p'},
                                        {"history", required_argument, NULL, 'H'},
                                        {"instrument", required_argument, NULL, 'i'},
                                        {"interval", required_argument, NULL, 'I'},
                                        {"model", required_argument, NULL, 'm'},
                                        {"lambda", required_argument, NULL, 'l'},
                                        {"window", required_argument, NULL, 'w'},
                                        {"confidence", required_argument, NULL, 'C'},
                                        {"horizon", required_argument, NULL, 'h'},
                                        {"law", required_argument, NULL, 'L'},
                                        {"samples", required_argument, NULL, 'n'},
                                        {"seed", required_argument, NULL, 'S'},
                                        {"json", no_argument, NULL, 'j'},
                                        {"help", no_argument, NULL, '?' + 1},
                                        {NULL, 0, NULL, 0}};

static int take_between(const char *option, double low, double high, double *value,
                        struct err *err)
{
    if (text_to_real(optarg, strlen(optarg), value, NULL) != 0 ||
        !(*value > low && *value < high))
        return err_set(err, ERR_USAGE, "backtest: --%s: %s is not between %g and %g",
                       option, optarg, low, high);
    return 0;
}

static int take_count(const char *option, int64_t most, int64_t *value, struct err *err)
{
    if (text_to_integer(optarg, strlen(optarg), 1, most, value, err) == 0)
        return 0;
    if (err != NULL)
        err->kind = ERR_USAGE;
    return err_add(err, "backtest: --%s", option);
}

static int take_law(struct tail_law *law, struct err *err)
{
    static const char student[] = "student:";
    const size_t n = sizeof student - 1;

    law->nu = INFINITY;
    if (strcmp(optarg, "normal") == 0)
        return 0;
    if (strncmp(optarg, student, n) == 0 &&
        text_to_real(optarg + n, strlen(optarg) - n, &law->nu, NULL) == 0 &&
        law->nu > 2.0)
        return 0;
    return err_set(err, ERR_USAGE,
                   "backtest: --law: %s is not normal, or student:NU with NU above 2",
                   optarg);
}

static int take_number(int letter, struct request *request, struct err *err)
{
    struct backtest_plan *plan = &request->plan;
    int64_t count = 0;
    double real;

    switch (letter) {
    case 'l':
        return take_between("lambda", 0.0, 1.0, &request->data.lambda, err);
    case 'C':
        if (take_between("confidence", 0.0, 1.0, &real, err) != 0)
            return -1;
        plan->p = 1.0 - real;
        return 0;
    case 'L':
        return take_law(&plan->law, err);
    case 'w':
        if (take_count("window", 1000000, &count, err) != 0)
            return -1;
        request->data.window = (size_t)count;
        return 0;
    case 'h':
        if (take_count("horizon", 1000, &count, err) != 0)
            return -1;
        plan->horizon_bars = (size_t)count;
        return 0;
    case 'n':
        if (take_count("samples", 1000000, &count, err) != 0)
            return -1;
        plan->n_samples = (size_t)count;
        return 0;
    default:
        if (take_count("seed", INT64_MAX, &count, err) != 0)
            return -1;
        plan->seed = (uint64_t)count;
        return 0;
    }
}

static int take_option(int letter, const char *said, struct request *request,
                       struct err *err)
{
    struct fit_request *data = &request->data;

    switch (letter) {
    case LOSS:
    case VAR:
    case ES:
    case MEAN:
    case SCALE:
        request->column[letter] = optarg;
        return 0;
    case 's':
        data->series = optarg;
        return 0;
    case 'c':
        data->column = optarg;
        return 0;
    case 'p':
        data->prices = true;
        return 0;
    case 'H':
        data->history = optarg;
        return 0;
    case 'i':
        data->instrument = optarg;
        return 0;
    case 'I':
        data->interval = optarg;
        return 0;
    case 'm':
        data->model = optarg;
        return 0;
    case 'j':
        data->as_json = true;
        return 0;
    case '?' + 1:
        request->help = true;
        return 0;
    case '?':
        return err_set(err, ERR_USAGE, "backtest: %s is not an option, or has no value",
                       said);
    default:
        return take_number(letter, request, err);
    }
}

/* Is the model forecast bar by bar, without a fit to what comes later? */
static bool is_forecast(const char *name)
{
    const struct fit_model *model = fit_model_find(name);

    return model != NULL && !model->sees_all;
}

static int check(struct request *request, struct err *err)
{
    const struct fit_request *data = &request->data;

    if ((data->series == NULL) == (data->history == NULL))
        return err_set(err, ERR_USAGE,
                       "backtest: give --series or --history, one of them");
    if (data->history != NULL && data->instrument == NULL)
        return err_set(err, ERR_USAGE, "backtest: --history goes with --instrument");
    if (!is_forecast(data->model))
        return err_set(err, ERR_USAGE,
                       "backtest: --model: '%s' is not one that forecasts bar by bar "
                       "(plimsoll backtest --help)",
                       data->model);
    if ((request->column[MEAN] == NULL) != (request->column[SCALE] == NULL))
        return err_set(err, ERR_USAGE, "backtest: --mean and --scale go together");
    if (request->column[LOSS] == NULL)
        request->column[LOSS] = "loss";
    if (request->column[VAR] == NULL)
        request->column[VAR] = "var";
    return 0;
}

static int parse(int argc, char **argv, struct request *request, struct err *err)
{
    int letter;

    *request = (struct request){
        .data = {.interval = "1h", .model = "ewma", .window = 30, .lambda = 0.94},
        .plan = {.p = 0.01,
                 .horizon_bars = 1,
                 .law = {.nu = INFINITY},
                 .n_samples = 10000,
                 .seed = 1}};
    opterr = 0;
    optind = 1;
    while ((letter = getopt_long(argc, argv, "", options, NULL)) != -1)
        if (take_option(letter, argv[optind - 1], request, err) != 0)
            return -1;
    if (request->help)
        return 0;
    if (optind != argc)
        return err_set(err, ERR_USAGE, "backtest: '%s' is one argument too many",
                       argv[optind]);
    return check(request, err);
}

static int report(const struct request *request, const struct backtest_series *series,
                  struct err *err)
{
    struct fit_report report;

    fit_report_start(&report, request->data.as_json, stdout);
    if (backtest_report(&request->plan, series, &report, err) != 0) {
        json_abandon(&report.json);
        return -1;
    }
    return fit_report_finish(&report, err);
}

/* Losses and forecasts as the table has them. */
static int from_table(const struct request *request, struct err *err)
{
    const char *names[COLUMNS];
    double **place[COLUMNS];
    double *column[COLUMNS] = {NULL};
    struct table_file table;
    size_t n = 0;

    for (int i = 0; i < COLUMNS; i++)
        if (request->column[i] != NULL) {
            names[n] = request->column[i];
            place[n++] = &column[i];
        }
    if (table_file_read(request->data.series, n, names, &table, err) != 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        *place[i] = table.column[i];
    const struct backtest_series series = {.n = table.n,
                                           .loss = column[LOSS],
                                           .var = column[VAR],
                                           .es = column[ES],
                                           .mean = column[MEAN],
                                           .scale = column[SCALE]};
    const int status = report(request, &series, err);
    table_file_free(&table);
    return status;
}

/* loss = -return, VaR = z_p sigma and ES = e_p sigma of the law scaled to variance 1,
 * sigma forecast from the bars before. */
static void fill_forecasts(const struct request *request, const struct fit_data *data,
                           const double *variance, double *column[COLUMNS])
{
    const struct tail_law *law = &request->plan.law;
    const double unit = isinf(law->nu) ? 1.0 : sqrt((law->nu - 2.0) / law->nu);
    const double z = tail_law_quantile(law, request->plan.p);
    const double e = tail_law_shortfall(law, request->plan.p);

    for (size_t t = 0; t < data->n; t++) {
        const double scale = unit * sqrt(variance[t]);

        column[LOSS][t] = -data->value[t];
        column[VAR][t] = z * scale;
        column[ES][t] = e * scale;
        column[MEAN][t] = 0.0;
        column[SCALE][t] = scale;
    }
}

static int forecast(const struct request *request, const struct fit_data *data,
                    double *variance, struct err *err)
{
    struct fit_paths paths = {.variance = variance};
    const char *reason = NULL;
    struct fit_report unread;

    fit_report_start(&unread, true, stdout);
    const int status = fit_model_find(request->data.model)
                           ->run(&request->data, data, &unread, &paths, &reason, err);
    json_abandon(&unread.json);
    if (status == 0 && reason != NULL)
        return err_set(err, ERR_INPUT, "backtest: there is no forecast: %s", reason);
    return status;
}

static int from_returns(const struct request *request, struct err *err)
{
    const struct fit_model *model = fit_model_find(request->data.model);
    double *column[COLUMNS];
    struct fit_data data;
    int status = -1;

    if (fit_data_read(&request->data, model, &data, err) != 0)
        return -1;
    double *room = malloc((COLUMNS + 1) * (data.n + 1) * sizeof *room);
    if (room == NULL) {
        fit_data_free(&data);
        return err_set(err, ERR_MEMORY, "no memory for %zu bars", data.n);
    }
    for (int i = 0; i < COLUMNS; i++)
        column[i] = room + (size_t)(i + 1) * (data.n + 1);
    for (size_t t = 0; t <= data.n; t++)
        room[t] = NAN;
    if (forecast(request, &data, room, err) == 0) {
        const struct backtest_series series = {data.n,     column[LOSS], column[VAR],
                                               column[ES], column[MEAN], column[SCALE]};

        fill_forecasts(request, &data, room, column);
        status = report(request, &series, err);
    }
    free(room);
    fit_data_free(&data);
    return status;
}

int cmd_backtest(int argc, char **argv, struct err *err)
{
    struct request request;

    if (parse(argc, argv, &request, err) != 0)
        return -1;
    if (request.help) {
        fputs(usage, stdout);
        return 0;
    }
    return request.data.history != NULL || request.data.column != NULL ||
                   request.data.prices
               ? from_returns(&request, err)
               : from_table(&request, err);
}
