#include "worker/fold.h"

#include <math.h>

struct range fold_block(size_t n_blocks, size_t warmup_bars, size_t n_bars, size_t b)
{
    const size_t n = n_bars - warmup_bars;

    return (struct range){warmup_bars + n * b / n_blocks,
                          warmup_bars + n * (b + 1) / n_blocks};
}

int fold_at(const struct fold_rules *rules, const struct series_rules *series,
            size_t n_bars, size_t k, struct fold *fold, struct err *err)
{
    const size_t w = series->warmup_bars, h = series->horizon_bars;
    const size_t n = n_bars > w ? n_bars - w : 0;
    const size_t first = (size_t)floor(rules->first_share * (double)n);
    const struct range test = fold_block(rules->n_folds, w + first, w + n, k);
    const size_t end =
        test.first > rules->embargo_bars ? test.first - rules->embargo_bars : 0;
    const size_t begin =
        rules->window == FOLD_ROLLING && end > w + first ? end - first : w;

    if (test.end - test.first <= h || end <= begin + h)
        return err_set(err, ERR_INPUT,
                       "%zu bars behind the warm-up are too few for %zu folds with a "
                       "horizon of %zu bars",
                       n, rules->n_folds, h);
    *fold = (struct fold){{begin, end}, test};
    return 0;
}
