/* fold.h -- on which bars is a walk-forward's choice made, and on which is it scored?
 *
 * Behind the warm-up W stands a first training span of L bars; the rest is cut into
 * folds test spans that follow each other to the last bar.  Training for a span ends
 * `embargo` bars before it; it begins at W (anchored) or is L bars long (rolling).  A
 * bar is scored only when its horizon ends inside its range, so no training loss sees a
 * test bar: a purge of h bars (Lopez de Prado, "Advances in Financial Machine
 * Learning", 2018, ch. 7). */
#ifndef WORKER_FOLD_H
#define WORKER_FOLD_H

#include "core/err.h"
#include "worker/series.h"

#include <stddef.h>

enum { FOLDS_MAX = 64 };
enum fold_window { FOLD_ANCHORED, FOLD_ROLLING };

struct fold_rules {
    size_t n_folds;
    enum fold_window window;
    double first_share; /* L = floor(first_share (T - W)) */
    size_t embargo_bars;
};

struct fold {
    struct range training, test;
};

/* Fold k of T = n_bars.  ERR_INPUT: too few bars for ranges longer than a horizon of h
 * bars. */
int fold_at(const struct fold_rules *rules, const struct series_rules *series,
            size_t n_bars, size_t k, struct fold *fold, struct err *err);

/* Block b of n_blocks even ones from W to T. */
struct range fold_block(size_t n_blocks, size_t warmup_bars, size_t n_bars, size_t b);

#endif /* WORKER_FOLD_H */
