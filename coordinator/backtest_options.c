#include "coordinator/backtest_options.h"

#include "core/options.h"
#include "core/text.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const char usage[] =
    "usage: plimsoll backtest --series FILE [--loss C] [--var C] [--es C]\n"
    "                         [--mean C --scale C] [OPTIONS]\n"
    "       plimsoll backtest --series FILE --column C [--prices] [--model MODEL] ...\n"
    "       plimsoll backtest --history FILE --instrument X [--interval 1h] ...\n"
    "                         [--from TIME] [--to TIME]\n"
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
    "  --from TIME, --to TIME\n"
    "                    only bars that start in this span, the end left out\n"
    "  --time C          the table's column of times. Preset: the first called time,\n"
    "                    timestamp, date ... that holds them; they must ascend. none:\n"
    "                    rows follow on each other as they stand\n"
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

/* ---- values -----------------------------------------------------------------------
 */

static int take_confidence(void *into, const char *value, struct err *err)
{
    struct backtest_request *request = into;
    double c;

    if (text_to_real(value, strlen(value), &c, NULL) != 0 || !(c > 0.0 && c < 1.0))
        return err_set(err, ERR_USAGE, "%s is not between 0 and 1", value);
    request->plan.p = 1.0 - c;
    request->forecast.confidence = c;
    return 0;
}

static int take_law(void *into, const char *value, struct err *err)
{
    static const char student[] = "student:";
    struct backtest_request *request = into;
    const size_t n = sizeof student - 1;
    double *nu = &request->plan.law.nu;

    request->has_law = true;
    *nu = INFINITY;
    if (strcmp(value, "normal") == 0)
        return 0;
    if (strncmp(value, student, n) == 0 &&
        text_to_real(value + n, strlen(value) - n, nu, NULL) == 0 && *nu > 2.0)
        return 0;
    return err_set(err, ERR_USAGE, "%s is not normal, or student:NU with NU above 2",
                   value);
}

static int take_setting(const char *name, size_t n_chars, const char *value,
                        struct backtest_request *request, struct err *err)
{
    struct forecast_spec *spec = &request->forecast;
    struct forecast_setting setting = {.name = name, .n_chars = n_chars};

    if (spec->n_settings == AXES_MAX)
        return err_set(err, ERR_USAGE, "more than %d", AXES_MAX);
    if (text_to_real(value, strlen(value), &setting.value, err) != 0)
        return err_add(err, "%.*s", (int)n_chars, name);
    spec->setting[spec->n_settings++] = setting;
    return 0;
}

static int take_set(void *into, const char *value, struct err *err)
{
    const char *equals = strchr(value, '=');

    if (equals == NULL)
        return err_set(err, ERR_USAGE, "'%s' is not AXIS=VALUE", value);
    return take_setting(value, (size_t)(equals - value), equals + 1, into, err);
}

static int take_lambda(void *into, const char *value, struct err *err)
{
    return take_setting("lambda", strlen("lambda"), value, into, err);
}

static int take_window(void *into, const char *value, struct err *err)
{
    return take_setting("window", strlen("window"), value, into, err);
}

static const char *const sides[] = {
    [SIDES_BOTH] = "both", [SIDES_LONG] = "long", [SIDES_SHORT] = "short", NULL};

#define AT(field) .offset = offsetof(struct backtest_request, field)
static const struct options_row rows[] = {
    {"loss", OPTIONS_TEXT, AT(column[LOSS])},
    {"var", OPTIONS_TEXT, AT(column[VAR])},
    {"es", OPTIONS_TEXT, AT(column[ES])},
    {"mean", OPTIONS_TEXT, AT(column[MEAN])},
    {"scale", OPTIONS_TEXT, AT(column[SCALE])},
    {"series", OPTIONS_TEXT, AT(data.series)},
    {"column", OPTIONS_TEXT, AT(data.column)},
    {"prices", OPTIONS_FLAG, AT(data.prices)},
    {"history", OPTIONS_TEXT, AT(data.history)},
    {"instrument", OPTIONS_TEXT, AT(data.instrument)},
    {"interval", OPTIONS_TEXT, AT(data.interval)},
    {"time", OPTIONS_TEXT, AT(data.span.time)},
    {"from", OPTIONS_MOMENT, AT(data.span.from_ns)},
    {"to", OPTIONS_MOMENT, AT(data.span.to_ns)},
    {"model", OPTIONS_TEXT, AT(data.model)},
    {"tail", OPTIONS_TEXT, AT(forecast.tail)},
    {"set", OPTIONS_CALL, .take = take_set},
    {"lambda", OPTIONS_CALL, .take = take_lambda},
    {"window", OPTIONS_CALL, .take = take_window},
    {"warmup", OPTIONS_SIZE, AT(warmup_bars), .min = 1, .max = 1000000},
    {"path", OPTIONS_FLAG, AT(path)},
    {"side", OPTIONS_WORD, AT(side), .words = sides},
    {"write", OPTIONS_TEXT, AT(data.write)},
    {"confidence", OPTIONS_CALL, .take = take_confidence},
    {"horizon", OPTIONS_SIZE, AT(plan.horizon_bars), .min = 1, .max = HORIZON_MAX},
    {"law", OPTIONS_CALL, .take = take_law},
    {"samples", OPTIONS_SIZE, AT(plan.n_samples), .min = 1, .max = 1000000},
    {"seed", OPTIONS_INTEGER, AT(plan.seed), .min = 1, .max = INT64_MAX},
    {"json", OPTIONS_FLAG, AT(data.as_json)},
};
#undef AT

static const struct options_table table = {"backtest", NULL, rows,
                                           sizeof rows / sizeof *rows};

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

    if (fit_check_source(data, err) != 0)
        return -1;
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
    spec->rules = (struct series_rules){
        .warmup_bars = request->warmup_bars == 0 ? 100 : request->warmup_bars,
        .horizon_bars = request->plan.horizon_bars,
        .loss = request->path ? LOSS_PATH : LOSS_CLOSE,
        .sides = request->side < 0 ? SIDES_LONG : (enum series_sides)request->side,
    };
    return 0;
}

int backtest_options_check_table(const struct backtest_request *request,
                                 struct err *err)
{
    const char *said = request->path                 ? "--path"
                       : request->side >= 0          ? "--side"
                       : request->warmup_bars > 0    ? "--warmup"
                       : request->data.write != NULL ? "--write"
                                                     : NULL;

    if (said == NULL)
        return 0;
    return err_set(err, ERR_USAGE,
                   "backtest: %s is for a model's forecasts, and %s has losses and "
                   "forecasts of its own",
                   said, request->data.series);
}

int backtest_options_parse(int argc, char **argv, struct backtest_request *request,
                           struct err *err)
{
    struct options_rest rest;

    *request = (struct backtest_request){
        .data = {.interval = "1h", .span = TABLE_SPAN_ALL},
        .forecast = {.confidence = 0.99},
        .plan = {.p = 1.0 - 0.99,
                 .horizon_bars = 1,
                 .law = {.nu = INFINITY},
                 .n_samples = 10000,
                 .seed = 1},
        .side = -1,
    };
    if (options_read(&table, argc, argv, request, &rest, err) != 0)
        return -1;
    request->help = rest.help;
    return rest.help || settle(request, err) == 0 ? 0 : err_add(err, "backtest");
}
