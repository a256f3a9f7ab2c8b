/* thin.h -- which bars stand for a long history, and what would a point's backtest on
 * all of it come to?
 *
 * Some are evenly spread, and give the point's mean margin.  The others are those whose
 * loss is largest for the volatility before it (EWMA, lambda 0.97), and half as many
 * with the largest losses of all.  A point that covers most losses exceeds at these
 * alone, so they count its exceedances almost or quite exactly where there are three
 * times as many as its confidence allows: that many are taken, but no less than a half
 * and no more than seven eighths.  The first bars of a history, as many, would say
 * little of either: markets change. */
#ifndef WORKER_THIN_H
#define WORKER_THIN_H

#include "core/err.h"
#include "worker/kernels.h"
#include "worker/series.h"
#include "worker/tally.h"
#include "worker/walk.h"

#include <stddef.h>

struct thin {
    struct range range;
    size_t n, n_even;
    size_t *bar;         /* [n], those evenly spread first; each once among either */
    struct phase *phase; /* [h] n and n_pairs of the whole range                   */
    size_t n_scored, n_left_out;
};

/* share * (the range's bars), rounded up; free with thin_free. */
struct thin_rules {
    const struct series *series;
    struct range range;
    double share, confidence;
};
int thin_new(const struct thin_rules *rules, const struct kernels *kernels,
             struct thin *thin, struct err *err);
void thin_free(struct thin *thin);

/* As walk_tally_needed of walk_margin, from these bars; scaled and in_use as there. */
void thin_tally(const struct series *series, const struct thin *thin,
                const struct policy *policy, const double *scaled, const double *in_use,
                unsigned needs, struct tally *tally);

#endif /* WORKER_THIN_H */
