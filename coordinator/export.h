/* export.h -- how do a set's tiers look in the shape that a venue's engine reads?
 *
 * A venue is a file and a row: what it writes, and what it reads back.  None asks for
 * less than the set where the venue's shape can say it; what a shape cannot say is
 * refused, or made tighter, as its `meaning` tells.
 *
 * One thing every user must know: the set asks its rate of the whole position, Binance
 * and Hyperliquid deduct an amount so that margin does not jump from tier to tier
 * (worker/venue.h).  The rates are the set's; beyond the first tier such an engine asks
 * for less of a position than the set would. */
#ifndef COORDINATOR_EXPORT_H
#define COORDINATOR_EXPORT_H

#include "client/set.h"
#include "core/err.h"
#include "core/json.h"

#include <jansson.h>
#include <stddef.h>

enum { EXPORT_TIERS_MAX = 32, EXPORT_NAME_MAX = 512, EXPORT_PPM = 1000000 };

/* How it liquidates, as far as the set or the venue's shape says; EXPORT_UNSAID and NaN
 * where it does not. */
enum { EXPORT_UNSAID = -1 };
struct export_settings {
    int64_t step_share_ppm, fee_ppm, discount_ppm; /* discount: the liquidators' own */
    double open_interest_cap, insurance_fund;      /* the cap infinite: none */
};

/* What a market asks. */
struct export_market {
    char name[EXPORT_NAME_MAX];
    size_t n;
    struct plimsoll_tier tier[EXPORT_TIERS_MAX];
    double price;    /* of one contract's base unit, in the quote; NaN: not known */
    double size_imf; /* Drift's size premium, in 1e-6; only read back             */
    struct export_settings settings;
};

struct export_venue {
    const char *name, *meaning;
    const char *no_place; /* for these of the set's liquidation settings */
    /* Put one value: the whole document, of n >= 1 markets.  ERR_INPUT "BTC-PERP: ..."
     * where the shape cannot say what the set asks. */
    int (*put)(size_t n, const struct export_market market[], struct json *json,
               struct err *err);
    /* Take the i-th market of a document; 1 where there is one, 0 behind the last. */
    int (*take)(const json_t *document, size_t i, struct export_market *market,
                struct err *err);
};

const struct export_venue *export_venue_row(size_t i); /* NULL after the last */
const struct export_venue *export_venue_find(const char *name);

extern const struct export_venue export_binance, export_dydx, export_drift,
    export_hyperliquid;

/* ---- what the venues share ---- */

/* The whole leverage that asks for at least this initial margin: floor(10^6 / ppm).
 * ERR_INPUT where it is more than the position is worth. */
int export_leverage(int64_t initial_ppm, int64_t *leverage, struct err *err);
/* a / b rounded up, b > 0. */
int64_t export_ceiling(int64_t a, int64_t b);
/* Nothing is said. */
struct export_settings export_unsaid(void);
/* An amount in whole 1e-6, rounded as floor() or ceil() do; ERR_INPUT where it is too
 * large for the venue's numbers. */
int export_quantums(double amount, double (*round)(double), int64_t *quantums,
                    struct err *err);
/* What all markets say alike of a setting that a venue has once; EXPORT_UNSAID where
 * they do not agree. */
int64_t export_common(size_t n, const struct export_market market[],
                      int64_t (*of)(const struct export_settings *));
int64_t export_step_share(const struct export_settings *settings);
int64_t export_fee(const struct export_settings *settings);
/* The same name's member, an integer; where it is not there EXPORT_UNSAID. */
int export_take_integer(const json_t *object, const char *name, int64_t max,
                        int64_t *value, struct err *err);

#endif /* COORDINATOR_EXPORT_H */
