/* series.h -- what every point of an instrument's grid shares: returns and losses
 *
 * Formulas: worker/README.md, "The series", "Loss over the horizon", "Ranges". */
#ifndef WORKER_SERIES_H
#define WORKER_SERIES_H

#include "core/err.h"
#include "market/bars.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HORIZON_MAX = 1024
}; /* bars; bounds what a p-value per phase needs on a stack */

enum series_loss { LOSS_PATH, LOSS_CLOSE };
enum series_sides { SIDES_BOTH, SIDES_LONG, SIDES_SHORT };

struct series_rules {
    size_t horizon_bars, warmup_bars; /* h >= 1, W >= 1 */
    enum series_loss loss;
    enum series_sides sides;
};

/* Bars [first, end) judged together; a bar is scored when its horizon ends before
 * `end` and crosses no gap. */
struct range {
    size_t first, end;
};

struct series {
    struct series_rules rules;
    size_t n; /* T */
    int64_t interval_ns;
    const struct bars *bars; /* borrowed */
    const int64_t *time;     /* theirs                                             */
    double *r;          /* ln C_t / C_{t-1}, [n]; NaN where the return is missing */
    double *square;     /* r_t^2, [n]; NaN where the return is missing            */
    double *loss_long;  /* [n]; NaN where t + h >= T or the horizon crosses a gap */
    double *loss_short; /* [n]                                                    */
    double *loss;       /* [n], the side(s) that the rules ask for                */
};

/* Prepare the series; `bars` must outlive it.  ERR_INPUT where there are not more
 * than W + h bars, or no return in the warm-up. */
int series_new(const struct bars *bars, const struct series_rules *rules,
               struct series *series, struct err *err);
void series_free(struct series *series);

/* #scored and #left out (t in [first, end - h) whose horizon crosses a gap). */
size_t series_n_scored(const struct series *series, struct range range);
size_t series_n_left_out(const struct series *series, struct range range);
static inline bool series_is_scored(const struct series *series, struct range range,
                                    size_t t)
{
    return t + series->rules.horizon_bars < range.end &&
           series->loss[t] == series->loss[t];
}

/* So many days in bars; 0 where that is not a whole number. */
size_t series_bars_in_days(const struct series *series, size_t days);

#endif /* WORKER_SERIES_H */
