/* plimsoll-oracle -- every figure of one point, by the slow re-implementation, as JSON
 *
 *     plimsoll-oracle HISTORY.h5 INSTRUMENT INTERVAL key=value...
 *
 * Every key of `keys` below must be given, once; nothing is assumed. */
#include "core/clock.h"
#include "core/json.h"
#include "core/text.h"
#include "margin_oracle.h"
#include "market/history.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct command {
    struct oracle_request request;
    int64_t from_ns, to_ns; /* the job's span, [from, to) */
};

enum kind { COUNT, REAL, CHOICE, MOMENT };

struct key {
    const char *name;
    enum kind kind;
    size_t offset;         /* in struct command                          */
    const char *choice[4]; /* CHOICE: texts for 0, 1, ...; else empty    */
};

#define KEY(kind, field)                                                               \
    {                                                                                  \
#field, kind, offsetof(struct command, request.field),                         \
        {                                                                              \
            NULL                                                                       \
        }                                                                              \
    }
static const struct key keys[] = {
    KEY(COUNT, horizon_bars),
    {"loss", CHOICE, offsetof(struct command, request.loss), {"path", "close"}},
    {"sides",
     CHOICE,
     offsetof(struct command, request.sides),
     {"long", "short", "both"}},
    KEY(REAL, confidence),
    KEY(COUNT, warmup_bars),
    KEY(REAL, holdout),
    KEY(COUNT, embargo_bars),
    KEY(REAL, release_from),
    KEY(REAL, release_full),
    KEY(REAL, release_halflife_bars),
    KEY(REAL, lambda),
    KEY(REAL, q),
    KEY(REAL, floor),
    KEY(REAL, buffer),
    {"release", CHOICE, offsetof(struct command, request.release), {"0", "1"}},
    {"from", MOMENT, offsetof(struct command, from_ns), {NULL}},
    {"to", MOMENT, offsetof(struct command, to_ns), {NULL}},
};
enum { N_KEYS = sizeof keys / sizeof keys[0] };

static int read_choice(const struct key *key, const char *text, int *value,
                       struct err *err)
{
    for (int i = 0; i < 4 && key->choice[i] != NULL; i++)
        if (strcmp(text, key->choice[i]) == 0) {
            *value = i;
            return 0;
        }
    return err_set(err, ERR_USAGE, "'%s' is not one of its choices", text);
}

static int read_count(const char *text, size_t *value, struct err *err)
{
    int64_t count;

    if (text_to_integer(text, strlen(text), 0, 1000000000, &count, err) != 0)
        return -1;
    *value = (size_t)count;
    return 0;
}

static int read_value(const struct key *key, const char *text, struct command *command,
                      struct err *err)
{
    void *field = (char *)command + key->offset;
    int status = 0;

    switch (key->kind) {
    case COUNT:
        status = read_count(text, field, err);
        break;
    case REAL:
        status = text_to_real(text, strlen(text), field, err);
        break;
    case CHOICE:
        status = read_choice(key, text, field, err);
        break;
    case MOMENT:
        status = clock_parse_moment(text, strlen(text), field, err);
        break;
    }
    return status == 0 ? 0 : err_add(err, "%s", key->name);
}

static int read_setting(const char *setting, bool given[N_KEYS],
                        struct command *command, struct err *err)
{
    const size_t n_name = strcspn(setting, "=");

    for (size_t i = 0; i < N_KEYS; i++) {
        if (strlen(keys[i].name) != n_name ||
            memcmp(setting, keys[i].name, n_name) != 0)
            continue;
        if (setting[n_name] != '=' || given[i])
            return err_set(err, ERR_USAGE, "%s: give it once, as %s=VALUE", setting,
                           keys[i].name);
        given[i] = true;
        return read_value(&keys[i], setting + n_name + 1, command, err);
    }
    return err_set(err, ERR_USAGE, "%s: no such key", setting);
}

static int read_command(int n_settings, char *settings[], struct command *command,
                        struct err *err)
{
    bool given[N_KEYS] = {false};

    for (int i = 0; i < n_settings; i++)
        if (read_setting(settings[i], given, command, err) != 0)
            return -1;
    for (size_t i = 0; i < N_KEYS; i++)
        if (!given[i])
            return err_set(err, ERR_USAGE, "%s: not given", keys[i].name);
    return 0;
}

static int read_bars(char *argv[], const struct command *command, struct bars *bars,
                     struct err *err)
{
    struct history *history = NULL;

    if (history_open(argv[1], &history, err) != 0)
        return -1;
    const struct history_entry *entry = history_find(history, argv[2], argv[3]);
    const int status =
        entry != NULL
            ? history_read(history, entry, command->from_ns, command->to_ns, bars, err)
            : err_set(err, ERR_INPUT, "%s: no %s at %s", argv[1], argv[2], argv[3]);
    history_close(history);
    return status;
}

static void put_phases(struct json *json, const struct oracle_figures *figures)
{
    json_put_array(json, "phases");
    for (size_t phi = 0; phi < figures->n_phases; phi++) {
        const struct oracle_phase *phase = &figures->phase[phi];

        json_put_object(json, NULL);
        json_put_integer(json, "n", (int64_t)phase->n);
        json_put_integer(json, "x", (int64_t)phase->x);
        json_put_integer(json, "n00", (int64_t)phase->n00);
        json_put_integer(json, "n01", (int64_t)phase->n01);
        json_put_integer(json, "n10", (int64_t)phase->n10);
        json_put_integer(json, "n11", (int64_t)phase->n11);
        json_put_real(json, "kupiec_p_upper", phase->kupiec_p_upper);
        json_put_real(json, "independence_p", phase->independence_p);
        json_end(json);
    }
    json_end(json);
}

static int put_range(struct json *json, const char *name, enum oracle_range range,
                     const struct command *command, const struct bars *bars,
                     struct err *err)
{
    struct oracle_figures figures;

    if (oracle_score(&command->request, bars, range, &figures, err) != 0)
        return -1;
    json_put_object(json, name);
    for (size_t i = 0; i < oracle_n_names; i++)
        json_put_real(
            json, oracle_names[i].name,
            *(const double *)((const char *)&figures + oracle_names[i].offset));
    put_phases(json, &figures);
    json_end(json);
    oracle_figures_free(&figures);
    return 0;
}

static int print_figures(char *argv[], const struct command *command,
                         const struct bars *bars, struct err *err)
{
    struct json json;
    char *text = NULL;
    size_t n_chars;

    json_start(&json, 2);
    json_put_object(&json, NULL);
    json_put_text(&json, "instrument", argv[2]);
    json_put_text(&json, "interval", argv[3]);
    json_put_integer(&json, "bars", (int64_t)bars->n);
    if (put_range(&json, "training", ORACLE_TRAINING, command, bars, err) != 0 ||
        put_range(&json, "test", ORACLE_TEST, command, bars, err) != 0) {
        json_abandon(&json);
        return -1;
    }
    json_end(&json);
    if (json_finish(&json, &text, &n_chars, err) != 0)
        return -1;
    const int written =
        fwrite(text, 1, n_chars, stdout) == n_chars && fflush(stdout) == 0;

    free(text);
    return written ? 0 : err_set(err, ERR_IO, "standard output cannot be written");
}

int main(int argc, char *argv[])
{
    struct command command = {0};
    struct bars bars = {0};
    struct err err = {0};
    int status = -1;

    if (argc < 4)
        err_set(&err, ERR_USAGE,
                "usage: plimsoll-oracle HISTORY.h5 INSTRUMENT INTERVAL key=value...");
    else if (read_command(argc - 4, argv + 4, &command, &err) == 0 &&
             read_bars(argv, &command, &bars, &err) == 0)
        status = print_figures(argv, &command, &bars, &err);
    if (status != 0)
        fprintf(stderr, "plimsoll-oracle: %s\n", err.text);
    bars_free(&bars);
    return status == 0 ? 0 : err_exit_code(&err);
}
