#include "coordinator/backtest_options.h"

#include "core/text.h"

#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const char usage[] =
    "usage: plimsoll backtest --series FILE [--loss C] [--var C] [--es C]\n"
    "                         [--mean C --scale C] [OPTIONS]\n"
    "       plimsoll backtest --series FILE --column C [--prices] [--model MODEL] ...\n"
    "       plimsoll backtest --history FILE --instrument X [--interval 1h] ...\n"
    "\n"
    "Every backtest of value at risk and expected shortfall on one series.\n"
    "\n"
    "Losses and forecasts, one row a bar, oldest first:\n"
    "  --series FILE     table of numbers (comma, semicolon, tab or blanks; .gz too)\n"
    "  --loss, --var, --es, --mean, --scale C\n"
    "                    its columns, by name or number. Losses and VaR are positive.\n"
    "                    Preset: those of these names, as far as they are there. With\n"
    "                    mean and scale (loss = mean + scale e, e of --law) the laws "
    "of\n"
    "                    Z1, Z2, Z3 are simulated. With --column C and --var the loss "
    "is\n"
    "                    minus column C\n"
    "\n"
    "Returns, prices or the bars of a store, which a model of the job file forecasts:\n"
    "  --column C        the table's column of returns in any unit (closes with "
    "--prices);\n"
    "                    range models read open, high, low and close instead. Preset:\n"
    "                    the only column, or the one called r, return, returns\n"
    "  --history FILE, --instrument X, --interval I (1h)\n"
    "                    instead: bars of a store\n"
    "  --model MODEL     of volatility (ewma), --tail TAIL from there to VaR and ES\n"
    "                    (normal): every row of the job file's tables, see below\n"
    "  --set AXIS=VALUE  one of their axes, several times; --lambda L and --window N "
    "are\n"
    "                    short for two of them\n"
    "  --warmup N        bars before the first forecast (100)\n"
    "  --path            a loss is the worst move within the horizon, not that at its "
    "end\n"
    "  --side SIDE       long (preset), short, or both: the worse of the two\n"
    "  --write FILE      CSV: t, time, loss, var, es, mean, scale, exceeds\n"
    "\n"
    "Both:\n"
    "  --confidence C    of the forecasts (0.99)\n"
    "  --horizon H       bars that a loss spans (1). Where they overlap every test is "
    "made\n"
    "                    on the H phases of bars that do not; p-values are min(1, 2 "
    "median)\n"
    "  --law LAW         normal (preset), or student:NU (then --tail is student)\n"
    "  --samples N       of each simulated law (10000); --seed N (1)\n"
    "  --json            print JSON, all digits; what is not there is null\n"
    "\n";

static const char footer[] =
    "\nExit codes: 0 done, 2 usage, 3 bad input. Definitions: worker/README.md, "
    "\"Volatility\nmodels\", \"Tails\" and \"Backtests of VaR and ES\"; what the axes "
    "are: plimsoll help job.\n";

static void print_axes(size_t n_axes, const struct axis_rule *axes, bool is_tail)
{
    const size_t n = is_tail && n_axes > 0 ? n_axes - 1 : n_axes; /* level: known */

    for (size_t a = 0; a < n; a++)
        printf("%s%s", a == 0 ? "\n                    axes " : ", ", axes[a].name);
    puts("");
}

void backtest_options_help(void)
{
    fputs(usage, stdout);
    for (size_t i = 0; volatility_row(i) != NULL; i++) {
        const struct volatility_model *model = volatility_row(i);

        printf("%s%-16s  %s", i == 0 ? "Models:\n  " : "  ", model->name,
               model->meaning);
        print_axes(model->n_axes, model->axes, false);
    }
    for (size_t i = 1; tail_model_row(i) != NULL; i++) { /* 0: none */
        const struct tail_model *model = tail_model_row(i);

        printf("%s%-16s  %s", i == 1 ? "Tails:\n  " : "  ", model->name,
               model->meaning);
        print_axes(model->n_axes, model->axes, true);
    }
    fputs(footer, stdout);
}

enum letter {
    OPTION_SERIES = BACKTEST_COLUMNS,
    OPTION_COLUMN,
    OPTION_PRICES,
    OPTION_HISTORY,
    OPTION_INSTRUMENT,
    OPTION_INTERVAL,
    OPTION_MODEL,
    OPTION_TAIL,
    OPTION_SET,
    OPTION_LAMBDA,
    OPTION_WINDOW,
    OPTION_WARMUP,
    OPTION_PATH,
    OPTION_SIDE,
    OPTION_WRITE,
    OPTION_CONFIDENCE,
    OPTION_HORIZON,
    OPTION_LAW,
    OPTION_SAMPLES,
    OPTION_SEED,
    OPTION_JSON,
    OPTION_HELP,
};

static const struct option options[] = {
    {"loss", required_argument, NULL, LOSS},
    {"var", required_argument, NULL, VAR},
    {"es", required_argument, NULL, ES},
    {"mean", required_argument, NULL, MEAN},
    {"scale", required_argument, NULL, SCALE},
    {"series", required_argument, NULL, OPTION_SERIES},
    {"column", required_argument, NULL, OPTION_COLUMN},
    {"prices", no_argument, NULL, OPTION_PRICES},
    {"history", required_argument, NULL, OPTION_HISTORY},
    {"instrument", required_argument, NULL, OPTION_INSTRUMENT},
    {"interval", required_argument, NULL, OPTION_INTERVAL},
    {"model", required_argument, NULL, OPTION_MODEL},
    {"tail", required_argument, NULL, OPTION_TAIL},
    {"set", required_argument, NULL, OPTION_SET},
    {"lambda", required_argument, NULL, OPTION_LAMBDA},
    {"window", required_argument, NULL, OPTION_WINDOW},
    {"warmup", required_argument, NULL, OPTION_WARMUP},
    {"path", no_argument, NULL, OPTION_PATH},
    {"side", required_argument, NULL, OPTION_SIDE},
    {"write", required_argument, NULL, OPTION_WRITE},
    {"confidence", required_argument, NULL, OPTION_CONFIDENCE},
    {"horizon", required_argument, NULL, OPTION_HORIZON},
    {"law", required_argument, NULL, OPTION_LAW},
    {"samples", required_argument, NULL, OPTION_SAMPLES},
    {"seed", required_argument, NULL, OPTION_SEED},
    {"json", no_argument, NULL, OPTION_JSON},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

/* ---- values -----------------------------------------------------------------------
 */

static int take_count(const char *option, int64_t most, int64_t *value, struct err *err)
{
    if (text_to_integer(optarg, strlen(optarg), 1, most, value, err) == 0)
        return 0;
    if (err != NULL)
        err->kind = ERR_USAGE;
    return err_add(err, "--%s", option);
}

static int take_size(const char *option, int64_t most, size_t *value, struct err *err)
{
    int64_t count;

    if (take_count(option, most, &count, err) != 0)
        return -1;
    *value = (size_t)count;
    return 0;
}

static int take_confidence(struct backtest_request *request, struct err *err)
{
    double c;

    if (text_to_real(optarg, strlen(optarg), &c, NULL) != 0 || !(c > 0.0 && c < 1.0))
        return err_set(err, ERR_USAGE, "--confidence: %s is not between 0 and 1",
                       optarg);
    request->plan.p = 1.0 - c;
    request->forecast.confidence = c;
    return 0;
}

static int take_law(struct backtest_request *request, struct err *err)
{
    static const char student[] = "student:";
    const size_t n = sizeof student - 1;
    double *nu = &request->plan.law.nu;

    request->has_law = true;
    *nu = INFINITY;
    if (strcmp(optarg, "normal") == 0)
        return 0;
    if (strncmp(optarg, student, n) == 0 &&
        text_to_real(optarg + n, strlen(optarg) - n, nu, NULL) == 0 && *nu > 2.0)
        return 0;
    return err_set(err, ERR_USAGE,
                   "--law: %s is not normal, or student:NU with NU above 2", optarg);
}

static int take_side(struct backtest_request *request, struct err *err)
{
    static const char *const words[] = {"both", "long",
                                        "short"}; /* enum series_sides */

    for (int i = 0; i < 3; i++)
        if (strcmp(optarg, words[i]) == 0) {
            request->forecast.rules.sides = (enum series_sides)i;
            return 0;
        }
    return err_set(err, ERR_USAGE, "--side: %s is not long, short or both", optarg);
}

static int take_setting(const char *name, size_t n_chars, const char *value,
                        struct backtest_request *request, struct err *err)
{
    struct forecast_spec *spec = &request->forecast;
    struct forecast_setting setting = {.name = name, .n_chars = n_chars};

    if (spec->n_settings == AXES_MAX)
        return err_set(err, ERR_USAGE, "--set: more than %d", AXES_MAX);
    if (text_to_real(value, strlen(value), &setting.value, err) != 0) {
        if (err != NULL)
            err->kind = ERR_USAGE;
        return err_add(err, "--set %.*s", (int)n_chars, name);
    }
    spec->setting[spec->n_settings++] = setting;
    return 0;
}

static int take_set(struct backtest_request *request, struct err *err)
{
    const char *equals = strchr(optarg, '=');

    if (equals == NULL)
        return err_set(err, ERR_USAGE, "--set: '%s' is not AXIS=VALUE", optarg);
    return take_setting(optarg, (size_t)(equals - optarg), equals + 1, request, err);
}

static int take_number(int letter, struct backtest_request *request, struct err *err)
{
    struct backtest_plan *plan = &request->plan;
    int64_t seed;

    switch (letter) {
    case OPTION_WARMUP:
        return take_size("warmup", 1000000, &request->forecast.rules.warmup_bars, err);
    case OPTION_HORIZON:
        return take_size("horizon", HORIZON_MAX, &plan->horizon_bars, err);
    case OPTION_SAMPLES:
        return take_size("samples", 1000000, &plan->n_samples, err);
    case OPTION_SEED:
        if (take_count("seed", INT64_MAX, &seed, err) != 0)
            return -1;
        plan->seed = (uint64_t)seed;
        return 0;
    case OPTION_CONFIDENCE:
        return take_confidence(request, err);
    case OPTION_LAW:
        return take_law(request, err);
    case OPTION_SIDE:
        return take_side(request, err);
    case OPTION_SET:
        return take_set(request, err);
    case OPTION_LAMBDA:
        return take_setting("lambda", 6, optarg, request, err);
    default:
        return take_setting("window", 6, optarg, request, err);
    }
}

static const char **text_of(int letter, struct backtest_request *request)
{
    switch (letter) {
    case LOSS:
    case VAR:
    case ES:
    case MEAN:
    case SCALE:
        return &request->column[letter];
    case OPTION_SERIES:
        return &request->data.series;
    case OPTION_COLUMN:
        return &request->data.column;
    case OPTION_HISTORY:
        return &request->data.history;
    case OPTION_INSTRUMENT:
        return &request->data.instrument;
    case OPTION_INTERVAL:
        return &request->data.interval;
    case OPTION_MODEL:
        return &request->data.model;
    case OPTION_TAIL:
        return &request->forecast.tail;
    case OPTION_WRITE:
        return &request->data.write;
    default:
        return NULL;
    }
}

static bool *flag_of(int letter, struct backtest_request *request)
{
    switch (letter) {
    case OPTION_PRICES:
        return &request->data.prices;
    case OPTION_JSON:
        return &request->data.as_json;
    case OPTION_HELP:
        return &request->help;
    default:
        return NULL;
    }
}

/* ---- all --------------------------------------------------------------------------
 */

/* Student's law of --law is that of the tail. */
static int settle_law(struct backtest_request *request, struct err *err)
{
    const struct forecast_setting nu = {"nu", 2, request->plan.law.nu};
    struct forecast_spec *spec = &request->forecast;

    if (!request->has_law || isinf(nu.value))
        return 0;
    if (spec->tail != NULL && strcmp(spec->tail, "student") != 0)
        return err_set(err, ERR_USAGE, "--law student:NU is not --tail %s", spec->tail);
    if (spec->n_settings == AXES_MAX)
        return err_set(err, ERR_USAGE, "--set: more than %d", AXES_MAX);
    spec->tail = "student";
    spec->setting[spec->n_settings++] = nu;
    return 0;
}

static int settle(struct backtest_request *request, struct err *err)
{
    const struct fit_request *data = &request->data;
    struct forecast_spec *spec = &request->forecast;

    if ((data->series == NULL) == (data->history == NULL))
        return err_set(err, ERR_USAGE, "give --series or --history, one of them");
    if (data->history != NULL && data->instrument == NULL)
        return err_set(err, ERR_USAGE, "--history goes with --instrument");
    if ((request->column[MEAN] == NULL) != (request->column[SCALE] == NULL))
        return err_set(err, ERR_USAGE, "--mean and --scale go together");
    request->wants_model = data->history != NULL || data->prices ||
                           data->model != NULL || spec->tail != NULL ||
                           spec->n_settings > 0;
    if (request->wants_model && request->column[VAR] != NULL)
        return err_set(err, ERR_USAGE,
                       "--var is a forecast: no --model, --tail, --set, --prices or "
                       "--history beside it");
    if (settle_law(request, err) != 0)
        return -1;
    if (spec->tail == NULL)
        spec->tail = "normal";
    spec->model = data->model != NULL ? data->model : "ewma";
    spec->rules.horizon_bars = request->plan.horizon_bars;
    return 0;
}

static int parse(int argc, char **argv, struct backtest_request *request,
                 struct err *err)
{
    int letter;

    opterr = 0;
    optind = 1;
    while ((letter = getopt_long(argc, argv, "", options, NULL)) != -1) {
        const char **text = text_of(letter, request);
        bool *flag = flag_of(letter, request);

        if (letter == '?')
            return err_set(err, ERR_USAGE, "%s is not an option, or has no value",
                           argv[optind - 1]);
        if (text != NULL)
            *text = optarg;
        else if (flag != NULL)
            *flag = true;
        else if (letter == OPTION_PATH)
            request->forecast.rules.loss = LOSS_PATH;
        else if (take_number(letter, request, err) != 0)
            return -1;
    }
    if (request->help)
        return 0;
    if (optind != argc)
        return err_set(err, ERR_USAGE, "'%s' is one argument too many", argv[optind]);
    return settle(request, err);
}

int backtest_options_parse(int argc, char **argv, struct backtest_request *request,
                           struct err *err)
{
    *request = (struct backtest_request){.data = {.interval = "1h"},
                                         .forecast = {.confidence = 0.99,
                                                      .rules = {.warmup_bars = 100,
                                                                .loss = LOSS_CLOSE,
                                                                .sides = SIDES_LONG}},
                                         .plan = {.p = 1.0 - 0.99,
                                                  .horizon_bars = 1,
                                                  .law = {.nu = INFINITY},
                                                  .n_samples = 10000,
                                                  .seed = 1}};
    return parse(argc, argv, request, err) == 0 ? 0 : err_add(err, "backtest");
}
