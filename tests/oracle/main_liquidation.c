/* plimsoll-liquidation-oracle -- every figure of one point of the liquidation study, by
 * the slow re-implementation, as JSON
 *
 *     plimsoll-liquidation-oracle HISTORY.h5 INSTRUMENT INTERVAL training|test|both
 *         key=value...
 *
 * Every key of struct liquidation_request must be given; nothing is assumed. */
#include "core/json.h"
#include "core/text.h"
#include "liquidation_oracle.h"
#include "market/history.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int read_request(int n, char *setting[], struct liquidation_request *request,
                        struct err *err)
{
    for (size_t k = 0; k < oracle_n_liquidation_keys; k++) {
        const char *name = oracle_liquidation_keys[k].name;
        const size_t n_name = strlen(name);
        const char *value = NULL;

        for (int i = 0; i < n; i++)
            if (strncmp(setting[i], name, n_name) == 0 && setting[i][n_name] == '=')
                value = setting[i] + n_name + 1;
        if (value == NULL)
            return err_set(err, ERR_USAGE, "%s: not given", name);
        if (text_to_real(
                value, strlen(value),
                (double *)((char *)request + oracle_liquidation_keys[k].offset),
                err) != 0)
            return err_add(err, "%s", name);
    }
    return n == (int)oracle_n_liquidation_keys
               ? 0
               : err_set(err, ERR_USAGE, "%d keys, but %zu are known", n,
                         oracle_n_liquidation_keys);
}

/* The series of so many seconds, as its own bars' finer ones. */
static int read_finer(const struct history *history, const char *instrument,
                      double finer_s, struct bars *bars, struct err *err)
{
    for (size_t i = 0; finer_s > 0 && i < history_count(history); i++) {
        const struct history_entry *entry = history_entry(history, i);

        if (strcmp(entry->instrument, instrument) != 0 ||
            (double)entry->interval_ns != 1e9 * finer_s)
            continue;
        bars->finer = calloc(1, sizeof *bars->finer);
        if (bars->finer != NULL)
            return history_read(history, entry, INT64_MIN, INT64_MAX, bars->finer, err);
    }
    return finer_s > 0 ? err_set(err, ERR_INPUT, "no shorter bars") : 0;
}

static int read_bars(char *argv[], double finer_s, struct bars *bars, struct err *err)
{
    struct history *history = NULL;

    if (history_open(argv[1], &history, err) != 0)
        return -1;
    const struct history_entry *entry = history_find(history, argv[2], argv[3]);
    int status =
        entry != NULL
            ? history_read(history, entry, INT64_MIN, INT64_MAX, bars, err)
            : err_set(err, ERR_INPUT, "%s: no %s at %s", argv[1], argv[2], argv[3]);
    if (status == 0)
        status = read_finer(history, argv[2], finer_s, bars, err);
    history_close(history);
    return status;
}

static int put_range(struct json *json, const char *name, enum oracle_range range,
                     const struct liquidation_request *request, const struct bars *bars,
                     struct err *err)
{
    struct liquidation_figures figures;

    if (oracle_liquidation(request, bars, range, &figures, err) != 0)
        return -1;
    json_put_object(json, name);
    for (size_t i = 0; i < oracle_n_liquidation_names; i++)
        json_put_real(json, oracle_liquidation_names[i].name,
                      *(const double *)((const char *)&figures +
                                        oracle_liquidation_names[i].offset));
    json_end(json);
    return 0;
}

static int run(int argc, char *argv[], struct err *err)
{
    struct liquidation_request request = {0};
    struct bars bars = {0};
    struct json json;
    char *text = NULL;
    size_t n_chars;

    if (argc < 5)
        return err_set(err, ERR_USAGE,
                       "HISTORY INSTRUMENT INTERVAL training|test|both key=value...");
    if (read_request(argc - 5, argv + 5, &request, err) != 0 ||
        read_bars(argv, request.finer_s, &bars, err) != 0)
        return -1;
    json_start(&json, 2);
    json_put_object(&json, NULL);
    if (strcmp(argv[4], "test") != 0 &&
        put_range(&json, "training", ORACLE_TRAINING, &request, &bars, err) != 0)
        return -1;
    if (strcmp(argv[4], "training") != 0 &&
        put_range(&json, "test", ORACLE_TEST, &request, &bars, err) != 0)
        return -1;
    json_end(&json);
    if (json_finish(&json, &text, &n_chars, err) != 0)
        return -1;
    fwrite(text, 1, n_chars, stdout);
    free(text);
    bars_free(&bars);
    return 0;
}

int main(int argc, char *argv[])
{
    struct err err = {0};

    if (run(argc, argv, &err) == 0)
        return 0;
    fprintf(stderr, "plimsoll-liquidation-oracle: %s\n", err.text);
    return 1;
}
