#include "coordinator/command.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/json.h"
#include "core/options.h"
#include "core/sha256.h"
#include "market/history.h"
#include "market/simulate.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: plimsoll simulate MARKET.yaml --history FILE [--set KEY=VALUE]... "
    "[--quiet]\n"
    "\n"
    "Make a correlated market with GARCH volatility, heavy tails, jumps and "
    "volatility\n"
    "regimes, and write its bars into the history store FILE.  Beside the prices "
    "stands\n"
    "what is true: at bar t, the volatility of the next bar and the 99 % and 99.9 %\n"
    "quantiles of its loss, long and short (true_volatility, true_long_99, ...).  The\n"
    "bytes are a function of MARKET.yaml and the settings alone.\n"
    "\n"
    "  --history FILE     history store; series of the same name are replaced\n"
    "  --set KEY=VALUE    replace a key of the market, e.g. --set seed=7\n"
    "  --quiet            no line when done\n"
    "\n"
    "Keys of MARKET.yaml: ";

enum { SETTINGS_MAX = 256 };

struct options {
    const char *market, *history;
    size_t n_settings;
    const char *settings[SETTINGS_MAX];
    bool quiet, help;
};

static int take_setting(void *into, const char *value, struct err *err)
{
    struct options *options = into;

    if (options->n_settings == SETTINGS_MAX)
        return err_set(err, ERR_USAGE, "more than %d", SETTINGS_MAX);
    options->settings[options->n_settings++] = value;
    return 0;
}

#define AT(field) .offset = offsetof(struct options, field)
static const struct options_row rows[] = {
    {"history", OPTIONS_TEXT, AT(history)},
    {"set", OPTIONS_CALL, .take = take_setting},
    {"quiet", OPTIONS_FLAG, AT(quiet)},
};
#undef AT

static const struct options_table table = {"simulate", "market file", rows,
                                           sizeof rows / sizeof *rows};

static int parse(int argc, char **argv, struct options *options, struct err *err)
{
    struct options_rest rest;

    *options = (struct options){0};
    if (options_read(&table, argc, argv, options, &rest, err) != 0)
        return -1;
    options->help = rest.help;
    if (rest.help)
        return 0;
    if (options->history == NULL)
        return err_set(err, ERR_USAGE,
                       "simulate: where to? give --history FILE "
                       "(plimsoll simulate --help)");
    options->market = rest.word[0];
    return 0;
}

/* The source of a series: the digest of the market as it was read, not of the file, so
 * that the store's bytes do not depend on where the file lies or how it is laid out. */
static int digest_market(const struct conf *conf, char sha256[SHA256_TEXT_MAX],
                         struct err *err)
{
    char *canonical;

    if (conf_canonical(conf, &canonical, err) != 0)
        return -1;
    sha256_of(canonical, strlen(canonical), sha256);
    free(canonical);
    return 0;
}

static int describe_source(const char *sha256, size_t n_bars, char **sources,
                           struct err *err)
{
    struct json json;
    size_t n;

    json_start(&json, 0);
    json_put_array(&json, NULL);
    json_put_object(&json, NULL);
    json_put_text(&json, "file", "simulated market");
    json_put_text(&json, "sha256", sha256);
    json_put_integer(&json, "rows", (int64_t)n_bars);
    json_end(&json);
    json_end(&json);
    return json_finish(&json, sources, &n, err);
}

static int put(const struct simulate_series *series, const char *sha256,
               struct history_editor *editor, struct err *err)
{
    struct history_column columns[SIMULATE_N_COLUMNS];
    char *sources;

    if (describe_source(sha256, series->bars.n, &sources, err) != 0)
        return -1;
    const struct history_notes notes = {
        .vendor = "simulated", .sources = sources, .quality = "{}"};

    for (int c = 0; c < SIMULATE_N_COLUMNS; c++)
        columns[c] = (struct history_column){simulate_columns[c], series->column[c]};
    const int status = history_put(editor, series->name, &series->bars, &notes,
                                   SIMULATE_N_COLUMNS, columns, err);
    free(sources);
    return status;
}

static int put_all(const struct simulate_market *market, const char *sha256,
                   struct history_editor *editor, size_t *n_bars, struct err *err)
{
    struct simulate_series series;

    *n_bars = 0;
    for (size_t i = 0; i < simulate_market_size(market); i++) {
        if (simulate_run(market, i, &series, err) != 0)
            return -1;
        const int status = put(&series, sha256, editor, err);
        *n_bars += series.bars.n;
        simulate_series_free(&series);
        if (status != 0)
            return -1;
    }
    return 0;
}

static int write_market(const struct simulate_market *market, const struct conf *conf,
                        const char *history, size_t *n_bars, struct err *err)
{
    struct history_editor *editor;
    char sha256[SHA256_TEXT_MAX];

    if (digest_market(conf, sha256, err) != 0 ||
        history_edit(history, &editor, err) != 0)
        return -1;
    if (put_all(market, sha256, editor, n_bars, err) != 0) {
        history_abandon(editor);
        return -1;
    }
    return history_save(editor, err);
}

static int run(const struct options *options, struct err *err)
{
    const int64_t start_ns = clock_monotonic();
    struct simulate_plan plan;
    struct simulate_market *market;
    struct conf *conf;
    char interval[CLOCK_TEXT_MAX];
    size_t n_bars;

    if (simulate_read(options->market, options->n_settings, options->settings, &plan,
                      &conf, err) != 0)
        return -1;
    int status = simulate_market_new(&plan, &market, err);
    if (status == 0) {
        status = write_market(market, conf, options->history, &n_bars, err);
        if (status == 0 && !options->quiet)
            printf("simulated %zu instruments, %zu bars of %s, into %s (%.1f s)\n",
                   simulate_market_size(market), n_bars,
                   clock_duration_text(plan.interval_ns, interval), options->history,
                   (double)(clock_monotonic() - start_ns) / (double)CLOCK_SECOND);
        simulate_market_free(market);
    }
    conf_free(conf, &plan);
    return status;
}

int cmd_simulate(int argc, char **argv, struct err *err)
{
    struct options options;

    if (parse(argc, argv, &options, err) != 0)
        return -1;
    if (!options.help)
        return run(&options, err);
    fputs(usage, stdout);
    conf_help(simulate_table(), stdout);
    return 0;
}
