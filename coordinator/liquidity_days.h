/* liquidity_days.h -- how much is traded in a day of this market, and how far does its
 * price go? */
#ifndef COORDINATOR_LIQUIDITY_DAYS_H
#define COORDINATOR_LIQUIDITY_DAYS_H

#include "core/err.h"

#include <stdbool.h>
#include <stdint.h>

enum { LIQUIDITY_DAYS = 30 };

struct liquidity_days {
    const char *history, *instrument;
    const char *interval; /* of its bars, "1h" */
    bool is_quote;        /* what the vendor's volume counts; false: the base */
};

/* By the whole bars of the 30 days that end before the moment:
 *
 *     adv    their volume in the quote currency, over their days (gaps are no days)
 *     sigma  sqrt(mean of r^2 * bars a day), of returns that no gap is in
 *
 * ERR_INPUT where there is no return, or nothing was traded or moved. */
int liquidity_days_read(const struct liquidity_days *of, int64_t before_ns, double *adv,
                        double *sigma, struct err *err);

#endif /* COORDINATOR_LIQUIDITY_DAYS_H */
