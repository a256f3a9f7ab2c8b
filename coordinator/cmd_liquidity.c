#include "client/members.h"
#include "coordinator/command.h"
#include "coordinator/estimates.h"
#include "coordinator/liquidity_data.h"
#include "coordinator/liquidity_days.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/options.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: plimsoll liquidity FILE [--face X] [--step 1s] [--adv N] [--volatility S]\n"
    "                          [--replicates 500] [--seed 1] [--json]\n"
    "                          [--instrument X [--history FILE] [--output FILE]]\n"
    "\n"
    "Measures a market's liquidity in a capture of its book and trades (messages of\n"
    "Binance's shape, a line each, plain or packed): depth, slope, how fast the book\n"
    "refills, and what size costs, I = Y sigma (Q/ADV)^delta, of the book and of the\n"
    "flow of trades, each with a 95 % interval of the stationary bootstrap.\n"
    "\n"
    "  --face X        contracts of X in the quote (100 of BTCUSD_PERP); default: the\n"
    "                  quantity is of the base\n"
    "  --step 1s       a sample of the book so often\n"
    "  --adv N         average volume of a day in the quote; default: of the history, "
    "or\n"
    "                  extrapolated from the capture, and labelled so\n"
    "  --volatility S  of a day, as a share of the price; default: likewise\n"
    "  --history FILE  take both from the 30 days of X's bars before the capture\n"
    "  --interval 1h   ... bars of this length\n"
    "  --quote-volume  ... whose volume counts the quote; default: the base\n"
    "  --replicates N  of the bootstrap, 0 to 100000\n"
    "  --seed N        of the bootstrap\n"
    "  --json          full digits\n"
    "  --output FILE   keep the figures there for a job (liquidation.estimates), "
    "beside\n"
    "                  those of other instruments, in place of this one's\n"
    "  --instrument X  whose capture it is\n"
    "  --help          this text\n"
    "\n"
    "A liquidation job that names FILE takes Y, delta and the half-life of each "
    "instrument\n"
    "that is in it: of the flow, or with liquidation.impact_from: book of the book, "
    "whose\n"
    "depth and slope say what a sale costs before anybody comes back. The line that\n"
    "begins with `job:` says the same by hand: the flow's, the book's where the flow\n"
    "tells nothing, or else the default from volume.\n";

struct asked {
    const char *path;
    struct liquidity_request request;
    int64_t n_replicates, seed;
    const char *output;
    struct liquidity_days days;
    bool as_json, help;
};

#define AT(field) .offset = offsetof(struct asked, field)
static const struct options_row rows[] = {
    {"face", OPTIONS_REAL, AT(request.face), .above = 0.0, .below = INFINITY},
    {"step", OPTIONS_DURATION, AT(request.step_ns)},
    {"adv", OPTIONS_REAL, AT(request.adv), .above = 0.0, .below = INFINITY},
    {"volatility", OPTIONS_REAL, AT(request.sigma), .above = 0.0, .below = INFINITY},
    {"replicates", OPTIONS_INTEGER, AT(n_replicates), .min = 0, .max = 100000},
    {"seed", OPTIONS_INTEGER, AT(seed), .min = 0, .max = INT64_MAX},
    {"instrument", OPTIONS_TEXT, AT(days.instrument)},
    {"history", OPTIONS_TEXT, AT(days.history)},
    {"interval", OPTIONS_TEXT, AT(days.interval)},
    {"quote-volume", OPTIONS_FLAG, AT(days.is_quote)},
    {"output", OPTIONS_TEXT, AT(output)},
    {"json", OPTIONS_FLAG, AT(as_json)},
};
#undef AT

static const struct options_table table = {"liquidity", "capture", rows,
                                           sizeof rows / sizeof *rows};

static int check_output(const struct asked *asked, struct err *err)
{
    const char *instrument = asked->days.instrument;
    struct err why = {0};

    if (instrument == NULL && (asked->output != NULL || asked->days.history != NULL))
        return err_set(err, ERR_USAGE, "liquidity: %s: whose? --instrument is missing",
                       asked->output != NULL ? "--output" : "--history");
    if (instrument != NULL && asked->output == NULL && asked->days.history == NULL)
        return err_set(err, ERR_USAGE,
                       "liquidity: --instrument: is for --output and --history");
    if (instrument != NULL && member_check_name(instrument, &why) != 0)
        return err_set(err, ERR_USAGE, "liquidity: --instrument: %s", why.text);
    return 0;
}

static int parse(int argc, char **argv, struct asked *asked, struct err *err)
{
    struct options_rest rest;

    *asked =
        (struct asked){.request = {.step_ns = CLOCK_SECOND, .adv = NAN, .sigma = NAN},
                       .n_replicates = 500,
                       .seed = 1,
                       .days = {.interval = "1h"}};
    if (options_read(&table, argc, argv, asked, &rest, err) != 0)
        return -1;
    asked->help = rest.help;
    if (rest.help)
        return 0;
    asked->path = rest.word[0];
    return check_output(asked, err);
}

/* ---- output ---- */

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

static int make_entry(const struct asked *asked, const struct liquidity_data *data,
                      struct estimates_entry *entry, struct err *err)
{
    *entry = (struct estimates_entry){.n_samples = (int64_t)data->series.n,
                                      .step_s = data->series.step_s};
    entry->is_guess[LIQUIDITY_ADV] = isnan(data->series.adv);
    entry->is_guess[LIQUIDITY_SIGMA] = isnan(data->series.sigma);
    snprintf(entry->instrument, sizeof entry->instrument, "%s",
             asked->days.instrument != NULL ? asked->days.instrument : "");
    snprintf(entry->source, sizeof entry->source, "%s", name_of(asked->path));
    return asked->output != NULL ? sha256_of_file(asked->path, entry->sha256, err) : 0;
}

/* What the market did with those who traded; where that cannot be told, what the book
 * asks; else the square-root law with Y = 1 on the volume alone (Toth et al. 2011). */
static void print_job(const struct liquidity_estimate estimate[])
{
    static const struct {
        enum liquidity_figure y, delta;
        const char *name;
    } law[] = {{LIQUIDITY_FLOW_Y, LIQUIDITY_FLOW_DELTA, "flow"},
               {LIQUIDITY_BOOK_Y, LIQUIDITY_BOOK_DELTA, "book"}};

    for (size_t i = 0; i < sizeof law / sizeof *law; i++) {
        const double y = estimate[law[i].y].value, delta = estimate[law[i].delta].value;

        if (!(y > 0.0 && delta > 0.0 && delta <= 1.0))
            continue;
        printf("job: liquidation: {impact: %.6g, impact_delta: %.6g}   (of the %s)\n",
               y, delta, law[i].name);
        return;
    }
    printf("job: liquidation: {impact: 1, impact_delta: 0.5}   (default from volume: "
           "flow and book tell nothing)\n");
}

static void print_table(const struct asked *asked, const struct liquidity_data *data,
                        const struct estimates_entry *entry)
{
    const struct capture_counts *counts = &data->counts;

    printf("%s: %zu samples of %g s, %llu changes of the book, %llu trades, %llu "
           "breaks\n",
           asked->path, data->series.n, data->series.step_s,
           (unsigned long long)counts->n_changes, (unsigned long long)counts->n_trades,
           (unsigned long long)counts->n_breaks);
    printf("%-14s %14s %14s %14s  %s\n", "figure", "value", "from", "to", "unit");
    for (int f = 0; f < LIQUIDITY_FIGURES; f++)
        printf("%-14s %14.6g %14.6g %14.6g  %s%s\n",
               liquidity_name((enum liquidity_figure)f), entry->figure[f].value,
               entry->figure[f].low, entry->figure[f].high,
               liquidity_unit((enum liquidity_figure)f),
               entry->is_guess[f] ? ", extrapolated from the capture" : "");
    print_job(entry->figure);
}

static int print_json(const struct liquidity_data *data,
                      const struct estimates_entry *entry, struct err *err)
{
    struct json json;
    size_t n_bytes;
    char *bytes;

    json_start(&json, 2);
    json_put_object(&json, NULL);
    json_put_integer(&json, "samples", entry->n_samples);
    json_put_real(&json, "step_s", entry->step_s);
    json_put_integer(&json, "book_changes", (int64_t)data->counts.n_changes);
    json_put_integer(&json, "trades", (int64_t)data->counts.n_trades);
    json_put_integer(&json, "breaks", (int64_t)data->counts.n_breaks);
    estimates_put_figures(&json, entry);
    json_end(&json);
    if (json_finish(&json, &bytes, &n_bytes, err) != 0)
        return -1;
    fwrite(bytes, 1, n_bytes, stdout);
    free(bytes);
    return 0;
}

static int tell(const struct asked *asked, const struct liquidity_data *data,
                const struct estimates_entry *entry, struct err *err)
{
    if (asked->output != NULL && estimates_keep(asked->output, entry, err) != 0)
        return -1;
    if (asked->as_json)
        return print_json(data, entry, err);
    print_table(asked, data, entry);
    return 0;
}

/* What the command line does not say of a day the history does, where there is one. */
static int take_days(const struct asked *asked, struct liquidity_data *data,
                     struct err *err)
{
    double adv, sigma;

    if (asked->days.history == NULL)
        return 0;
    if (liquidity_days_read(&asked->days, data->start_ns, &adv, &sigma, err) != 0)
        return -1;
    if (isnan(data->series.adv))
        data->series.adv = adv;
    if (isnan(data->series.sigma))
        data->series.sigma = sigma;
    return 0;
}

int cmd_liquidity(int argc, char **argv, struct err *err)
{
    struct estimates_entry entry;
    struct liquidity_data data;
    struct asked asked;

    if (parse(argc, argv, &asked, err) != 0)
        return -1;
    if (asked.help) {
        fputs(usage, stdout);
        return 0;
    }
    if (liquidity_data_read(asked.path, &asked.request, &data, err) != 0)
        return -1;
    int status = take_days(&asked, &data, err);
    if (status == 0)
        status = make_entry(&asked, &data, &entry, err);
    if (status == 0 &&
        liquidity_estimate(&data.series, (uint64_t)asked.seed,
                           (size_t)asked.n_replicates, entry.figure, err) != 0)
        status = err_add(err, "%s", asked.path);
    if (status == 0)
        status = tell(&asked, &data, &entry, err);
    liquidity_data_free(&data);
    return status;
}
