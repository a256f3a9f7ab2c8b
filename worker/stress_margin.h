/* stress_margin.h -- what do the bad days cost beyond margin?
 *
 * No contract offsets another, so a loss beyond margin is an instrument's own, and the
 * worst of all instruments at once is as bad as any correlation could make it. */
#ifndef WORKER_STRESS_MARGIN_H
#define WORKER_STRESS_MARGIN_H

#include "worker/stress.h"

#include <stddef.h>

enum stress_margin_figure {
    STRESS_MARGIN_LOSS,
    STRESS_MARGIN_VOLATILITIES,
    STRESS_MARGIN_BEYOND,
    STRESS_MARGIN_BEYOND_THEN,
    STRESS_MARGIN_FIGURES
};
extern const struct stress_figure stress_margin_figures[STRESS_MARGIN_FIGURES];

/* What a point is along the bars. */
struct stress_margin_point {
    const struct series *series;
    const struct range *span; /* stress_find_spans              */
    const double *margin;     /* [n], from the warm-up's end on */
    double sigma;             /* volatility of a day, last bar  */
};

/* Fill the rows of the table, of STRESS_MARGIN_FIGURES each. */
void stress_margin(const struct stress_rules *rules,
                   const struct stress_margin_point *point, struct stress_table *table);

/* The loss over h bars from the close of t, by the series' rules; NaN where the bars
 * end or a gap comes first. */
double stress_loss(const struct series *series, size_t t, size_t h);

#endif /* WORKER_STRESS_MARGIN_H */
