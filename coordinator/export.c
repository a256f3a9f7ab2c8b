#include "coordinator/export.h"

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
