#include "client/set.h"
#include "coordinator/command.h"
#include "coordinator/export.h"
#include "core/file.h"
#include "core/log.h"
#include "core/options.h"
#include "core/text.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: plimsoll export parameters.json --venue NAME [--price X=P]... [--output "
    "FILE]\n"
    "       plimsoll export --read FILE --venue NAME\n"
    "       plimsoll export --list-venues\n"
    "\n"
    "Writes the margins of a set's calibrated instruments, and how they are "
    "liquidated,\n"
    "in the shape that a venue's engine reads, or shows what such a file asks. What a\n"
    "shape has no place for is told. No shape asks for less than the set's rates.\n"
    "Binance and Hyperliquid deduct an amount in the tiers behind the first so that\n"
    "margin does not jump; the set asks its rate of the whole position.\n"
    "\n"
    "  --venue        binance, dydx, drift or hyperliquid\n"
    "  --price X=P    price of instrument X, where the venue counts in base units; "
    "again\n"
    "                 for more\n"
    "  --output       write to FILE, whole or not at all; default: standard output\n"
    "  --read         show the tiers that FILE, of the venue's shape, asks for\n"
    "  --list-venues  the shapes, and what each cannot say\n"
    "  --help         this text\n";

enum { PRICES_MAX = 256 };

struct asked {
    const char *path, *output, *read;
    const struct export_venue *venue;
    const char *price[PRICES_MAX];
    size_t n_prices;
    bool help, list;
};

static int take_venue(void *into, const char *value, struct err *err)
{
    struct asked *asked = into;

    asked->venue = export_venue_find(value);
    if (asked->venue != NULL)
        return 0;
    return err_set(err, ERR_USAGE, "%.40s is none of binance, dydx, drift, hyperliquid",
                   value);
}

static int take_price(void *into, const char *value, struct err *err)
{
    struct asked *asked = into;

    if (asked->n_prices == PRICES_MAX)
        return err_set(err, ERR_USAGE, "more than %d", PRICES_MAX);
    asked->price[asked->n_prices++] = value;
    return 0;
}

#define AT(field) .offset = offsetof(struct asked, field)
static const struct options_row rows[] = {
    {"venue", OPTIONS_CALL, .take = take_venue},
    {"price", OPTIONS_CALL, .take = take_price},
    {"output", OPTIONS_TEXT, AT(output)},
    {"read", OPTIONS_TEXT, AT(read)},
    {"list-venues", OPTIONS_FLAG, AT(list)},
};
#undef AT

static const struct options_table table = {"export", "", rows,
                                           sizeof rows / sizeof *rows};

static int parse(int argc, char **argv, struct asked *asked, struct err *err)
{
    struct options_rest rest;

    *asked = (struct asked){0};
    if (options_read(&table, argc, argv, asked, &rest, err) != 0)
        return -1;
    asked->help = rest.help;
    if (rest.help)
        return 0;
    if (asked->list)
        return 0;
    if (asked->venue == NULL)
        return err_set(err, ERR_USAGE, "export: --venue is missing");
    if (rest.n_words != (asked->read == NULL))
        return err_set(err, ERR_USAGE,
                       "export: which one parameter set? (plimsoll export --help)");
    asked->path = asked->read != NULL ? asked->read : rest.word[0];
    return 0;
}

/* ---- writing ---- */

/* Take "X=P" where X is this instrument; 0 where it is another, 1 where it is this. */
static int read_price(const char *text, struct export_market *market, struct err *err)
{
    const char *equals = strchr(text, '=');

    if (equals == NULL)
        return err_set(err, ERR_USAGE, "export: --price: %.60s is not X=P", text);
    if (strlen(market->name) != (size_t)(equals - text) ||
        strncmp(text, market->name, (size_t)(equals - text)) != 0)
        return 0;
    if (text_to_real(equals + 1, strlen(equals + 1), &market->price, err) != 0 ||
        !(market->price > 0.0))
        return err_set(err, ERR_USAGE, "export: --price: %.60s is not above 0", text);
    return 1;
}

/* A liquidator's own gain is the discount that an auction begins at, if it has one. */
static struct export_settings settings_of(const struct plimsoll_liquidation *set)
{
    struct export_settings settings = export_unsaid();

    if (!set->is_there)
        return settings;
    settings.step_share_ppm = set->step_share_ppm;
    settings.fee_ppm = set->fee_ppm;
    settings.discount_ppm = set->auction_length_ms > 0 && set->auction_start_ppm > 0
                                ? set->auction_start_ppm
                                : 0;
    settings.open_interest_cap = set->open_interest_cap;
    settings.insurance_fund = set->insurance_fund;
    return settings;
}

static int fill_market(const struct plimsoll_instrument *instrument,
                       struct export_market *market, struct err *err)
{
    *market = (struct export_market){.n = instrument->n_tiers,
                                     .price = NAN,
                                     .settings = settings_of(&instrument->liquidation)};
    snprintf(market->name, sizeof market->name, "%s", instrument->name);
    if (instrument->n_tiers > EXPORT_TIERS_MAX)
        return err_set(err, ERR_INPUT, "%s: %zu tiers are more than %d",
                       instrument->name, instrument->n_tiers, EXPORT_TIERS_MAX);
    memcpy(market->tier, instrument->tier, market->n * sizeof *market->tier);
    return 0;
}

/* Every price is of an instrument that is written. */
static int check_prices(const struct asked *asked, size_t n,
                        struct export_market market[], struct err *err)
{
    for (size_t i = 0; i < asked->n_prices; i++) {
        int is_there = 0;

        for (size_t k = 0; k < n && is_there == 0; k++)
            is_there = read_price(asked->price[i], &market[k], err);
        if (is_there < 0)
            return -1;
        if (is_there == 0)
            return err_set(err, ERR_USAGE,
                           "export: --price: %.60s is of no calibrated instrument",
                           asked->price[i]);
    }
    return 0;
}

/* The calibrated ones; the others are told, never silently missing. */
static int fill_markets(const struct asked *asked, const struct plimsoll_set *set,
                        struct export_market market[], size_t *n, struct err *err)
{
    *n = 0;
    for (size_t i = 0; i < plimsoll_set_count(set); i++) {
        const struct plimsoll_instrument *instrument = plimsoll_set_at(set, i);

        if (instrument->status != PLIMSOLL_CALIBRATED) {
            log_line("export", "left_out=%s status=%s reason=\"%s\"", instrument->name,
                     plimsoll_status_text(instrument->status), instrument->reason);
            continue;
        }
        if (fill_market(instrument, &market[(*n)++], err) != 0)
            return -1;
    }
    if (*n == 0)
        return err_set(err, ERR_INPUT, "no instrument is calibrated");
    if (market[0].settings.fee_ppm != EXPORT_UNSAID)
        log_line("export", "venue=%s no_place_for=\"%s\"", asked->venue->name,
                 asked->venue->no_place);
    return check_prices(asked, *n, market, err);
}

static int write_out(const struct asked *asked, const char *bytes, size_t n_bytes,
                     struct err *err)
{
    if (asked->output != NULL)
        return file_replace(asked->output, bytes, n_bytes, err);
    if (fwrite(bytes, 1, n_bytes, stdout) != n_bytes || fflush(stdout) != 0)
        return err_set(err, ERR_IO, "export: standard output takes nothing");
    return 0;
}

static int put_all(const struct asked *asked, size_t n,
                   const struct export_market market[], struct err *err)
{
    struct json json;
    char *bytes;
    size_t n_bytes;

    json_start(&json, 2);
    if (asked->venue->put(n, market, &json, err) != 0) {
        json_abandon(&json);
        return err_add(err, "%s: %s", asked->path, asked->venue->name);
    }
    if (json_finish(&json, &bytes, &n_bytes, err) != 0)
        return -1;
    const int status = write_out(asked, bytes, n_bytes, err);
    free(bytes);
    return status;
}

static int write_set(const struct asked *asked, struct err *err)
{
    struct plimsoll_set *set;
    size_t n;

    if (plimsoll_set_read(asked->path, &set, err) != 0)
        return -1;
    struct export_market *market = calloc(plimsoll_set_count(set), sizeof *market);
    int status = market == NULL ? err_set(err, ERR_MEMORY, "no memory for markets") : 0;
    if (status == 0 && fill_markets(asked, set, market, &n, err) != 0)
        status = err_add(err, "%s", asked->path);
    if (status == 0)
        status = put_all(asked, n, market, err);
    free(market);
    plimsoll_set_free(set);
    return status;
}

/* ---- reading ---- */

static void print_market(const struct export_market *market)
{
    for (size_t k = 0; k < market->n; k++) {
        const struct plimsoll_tier *tier = &market->tier[k];
        char cap[TEXT_REAL_MAX] = "no end";

        if (isfinite(tier->up_to_notional))
            text_from_real(tier->up_to_notional, cap);
        printf("%-20s %16s %12lld %12lld", market->name, cap,
               (long long)tier->initial_margin_ppm,
               (long long)tier->maintenance_margin_ppm);
        if (market->size_imf > 0.0)
            printf("  and imf_factor %.0f", market->size_imf);
        printf("\n");
    }
}

static void print_settings(const struct export_settings *settings)
{
    char text[TEXT_REAL_MAX];

    if (settings->step_share_ppm != EXPORT_UNSAID)
        printf("  step share %lld ppm\n", (long long)settings->step_share_ppm);
    if (settings->fee_ppm != EXPORT_UNSAID)
        printf("  liquidation fee %lld ppm, into the fund\n",
               (long long)settings->fee_ppm);
    if (settings->discount_ppm != EXPORT_UNSAID)
        printf("  liquidators' discount %lld ppm\n", (long long)settings->discount_ppm);
    if (isfinite(settings->open_interest_cap))
        printf("  open interest up to %s\n",
               text_from_real(settings->open_interest_cap, text));
    if (isfinite(settings->insurance_fund))
        printf("  insurance fund %s\n", text_from_real(settings->insurance_fund, text));
}

static int read_file(const struct asked *asked, struct err *err)
{
    struct export_market market;
    json_error_t error;
    size_t i = 0;
    int status;

    json_t *document = json_load_file(asked->path, JSON_REJECT_DUPLICATES, &error);
    if (document == NULL)
        return err_set(err, ERR_INPUT, "%s:%d:%d: %.200s", asked->path, error.line,
                       error.column, error.text);
    while ((status = asked->venue->take(document, i, &market, err)) > 0) {
        if (i == 0)
            printf("%-20s %16s %12s %12s\n", "market", "up to notional", "initial ppm",
                   "maint. ppm");
        print_market(&market);
        print_settings(&market.settings);
        i++;
    }
    json_decref(document);
    if (status == 0 && i == 0)
        status = err_set(err, ERR_INPUT, "has no market of the shape of %s",
                         asked->venue->name);
    return status < 0 ? err_add(err, "%s", asked->path) : 0;
}

static void list_venues(void)
{
    const struct export_venue *venue;

    for (size_t i = 0; (venue = export_venue_row(i)) != NULL; i++)
        printf("%-12s %s; no place for: %s\n", venue->name, venue->meaning,
               venue->no_place);
}

int cmd_export(int argc, char **argv, struct err *err)
{
    struct asked asked;

    if (parse(argc, argv, &asked, err) != 0)
        return -1;
    if (asked.help) {
        fputs(usage, stdout);
        return 0;
    }
    if (asked.list) {
        list_venues();
        return 0;
    }
    return asked.read != NULL ? read_file(&asked, err) : write_set(&asked, err);
}
