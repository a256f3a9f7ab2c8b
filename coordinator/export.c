#include "coordinator/export.h"
#include "client/members.h"

#include <math.h>
#include <string.h>

static const struct export_venue *const venues[] = {&export_binance, &export_dydx,
                                                    &export_drift, &export_hyperliquid};

enum { N_VENUES = sizeof venues / sizeof *venues };

const struct export_venue *export_venue_row(size_t i)
{
    return i < N_VENUES ? venues[i] : NULL;
}

const struct export_venue *export_venue_find(const char *name)
{
    for (size_t i = 0; i < N_VENUES; i++)
        if (strcmp(venues[i]->name, name) == 0)
            return venues[i];
    return NULL;
}

int export_leverage(int64_t initial_ppm, int64_t *leverage, struct err *err)
{
    if (initial_ppm < 1 || initial_ppm > EXPORT_PPM)
        return err_set(err, ERR_INPUT,
                       "initial_margin_ppm: %lld is no leverage of 1 or more",
                       (long long)initial_ppm);
    *leverage = EXPORT_PPM / initial_ppm;
    return 0;
}

int64_t export_ceiling(int64_t a, int64_t b)
{
    return a / b + (a % b > 0);
}

struct export_settings export_unsaid(void)
{
    return (struct export_settings){EXPORT_UNSAID, EXPORT_UNSAID, EXPORT_UNSAID, NAN,
                                    NAN};
}

int export_quantums(double amount, double (*round)(double), int64_t *quantums,
                    struct err *err)
{
    const double whole = round(amount * EXPORT_PPM);

    if (!(whole >= 0.0 && whole < 0x1p63))
        return err_set(err, ERR_INPUT, "%g does not fit the venue's numbers", amount);
    *quantums = (int64_t)whole;
    return 0;
}

int64_t export_common(size_t n, const struct export_market market[],
                      int64_t (*of)(const struct export_settings *))
{
    const int64_t first = of(&market[0].settings);

    for (size_t i = 1; i < n; i++)
        if (of(&market[i].settings) != first)
            return EXPORT_UNSAID;
    return first;
}

int64_t export_step_share(const struct export_settings *settings)
{
    return settings->step_share_ppm;
}

int64_t export_fee(const struct export_settings *settings)
{
    return settings->fee_ppm;
}

int export_take_integer(const json_t *object, const char *name, int64_t max,
                        int64_t *value, struct err *err)
{
    *value = EXPORT_UNSAID;
    return json_object_get(object, name) == NULL
               ? 0
               : member_integer(object, name, 0, max, value, err);
}
