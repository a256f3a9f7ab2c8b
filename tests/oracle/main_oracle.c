/* plimsoll-oracle -- every figure of one point of one instrument, by the slow oracle
 *
 *     plimsoll-oracle HISTORY INSTRUMENT INTERVAL from=NS to=NS KEY=VALUE...
 */
#include "core/clock.h"
#include "core/json.h"
#include "core/text.h"
#include "market/history.h"
#include "tests/oracle/margin_oracle.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double value_of(int argc, char **argv, const char *key, double otherwise)
{
    const size_t n = strlen(key);
    double value = otherwise;

    for (int i = 4; i < argc; i++)
        if (strncmp(argv[i], key, n) == 0 && argv[i][n] == '=' &&
            text_to_real(argv[i] + n + 1, strlen(argv[i] + n + 1), &value, NULL) != 0)
            exit(2);
    return value;
}

static struct oracle_request request_of(int argc, char **argv)
{
    const double sides = value_of(argc, argv, "sides", 0); /* 0 both, 1 long, 2 short */

    return (struct oracle_request){
        .horizon_bars = (size_t)value_of(argc, argv, "horizon_bars", 8),
        .warmup_bars = (size_t)value_of(argc, argv, "warmup_bars", 168),
        .embargo_bars = (size_t)value_of(argc, argv, "embargo_bars", 0),
        .path = value_of(argc, argv, "close", 0) == 0.0,
        .use_long = sides != 2.0,
        .use_short = sides != 1.0,
        .confidence = value_of(argc, argv, "confidence", 0.99),
        .holdout = value_of(argc, argv, "holdout", 0.25),
        .release_from = value_of(argc, argv, "release_from", 1.25),
        .release_full = value_of(argc, argv, "release_full", 2.0),
        .release_halflife_bars = value_of(argc, argv, "release_halflife_bars", 720.0),
        .lambda = value_of(argc, argv, "lambda", 0.97),
        .q = value_of(argc, argv, "q", 3.0),
        .floor = value_of(argc, argv, "floor", 0.0),
        .buffer = value_of(argc, argv, "buffer", 0.0),
        .release = value_of(argc, argv, "release", 0) == 1.0,
    };
}

static void put(struct json *json, const char *name, struct oracle_figures f)
{
    const struct {
        const char *name;
        double value;
    } rows[] = {
        {"observations", f.observations},
        {"left_out", f.left_out},
        {"exceedances", f.exceedances},
        {"exceedances_long", f.exceedances_long},
        {"exceedances_short", f.exceedances_short},
        {"coverage", f.coverage},
        {"kupiec_lr", f.kupiec_lr},
        {"kupiec_p", f.kupiec_p},
        {"kupiec_p_upper", f.kupiec_p_upper},
        {"kupiec_phase_p", f.kupiec_phase_p},
        {"independence_p", f.independence_p},
        {"mean_margin", f.mean_margin},
        {"max_margin", f.max_margin},
        {"last_margin", f.last_margin},
        {"mean_shortfall", f.mean_shortfall},
        {"worst_shortfall", f.worst_shortfall},
        {"es_ratio", f.es_ratio},
        {"peak_to_trough", f.peak_to_trough},
        {"rise_1d", f.rise[0]},
        {"rise_5d", f.rise[1]},
        {"rise_20d", f.rise[2]},
        {"rise_30d", f.rise[3]},
    };

    json_put_object(json, name);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        json_put_real(json, rows[i].name, rows[i].value);
    json_end(json);
}

static int print(const struct oracle_request *request, const struct bars *bars,
                 struct err *err)
{
    double *margin = oracle_margins(request, bars);
    struct json json;
    char *bytes;
    size_t n_bytes;

    if (margin == NULL)
        return err_set(err, ERR_INPUT, "no return in the warm-up");
    json_start(&json, 2);
    json_put_object(&json, NULL);
    json_put_real(&json, "last_margin", margin[bars->n - 1]);
    put(&json, "training", oracle_judge(request, bars, margin, false));
    if (request->holdout > 0.0)
        put(&json, "test", oracle_judge(request, bars, margin, true));
    json_end(&json);
    free(margin);
    if (json_finish(&json, &bytes, &n_bytes, err) != 0)
        return -1;
    fputs(bytes, stdout);
    free(bytes);
    return 0;
}

int main(int argc, char **argv)
{
    struct history *history;
    struct bars bars = {0};
    struct err err = {0};

    if (argc < 4)
        return 2;
    if (history_open(argv[1], &history, &err) == 0) {
        const struct oracle_request request = request_of(argc, argv);
        const struct history_entry *entry = history_find(history, argv[2], argv[3]);

        if (entry == NULL)
            err_set(&err, ERR_USAGE, "no such series");
        else if (history_read(history, entry, (int64_t)value_of(argc, argv, "from", 0),
                              (int64_t)value_of(argc, argv, "to", 9e18), &bars,
                              &err) == 0)
            print(&request, &bars, &err);
        history_close(history);
    }
    bars_free(&bars);
    if (err.kind != ERR_NONE)
        fprintf(stderr, "plimsoll-oracle: %s\n", err.text);
    return err_exit_code(&err);
}
