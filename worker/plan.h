/* plan.h -- what a job asks of every instrument
 *
 * The coordinator fills it from the job file; all ranks hold the same plan. */
#ifndef WORKER_PLAN_H
#define WORKER_PLAN_H

#include "worker/axis.h"
#include "worker/measured.h"
#include "worker/metric.h"
#include "worker/path.h"
#include "worker/preference.h"
#include "worker/search.h"
#include "worker/series.h"
#include "worker/stress.h"
#include "worker/walk.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CONSTRAINTS_MAX = 32, SURFACES_MAX = 8 };

struct null_laws;
struct study;

struct plan {
    const struct study *study;
    const void *settings; /* the study's own keys of the job; NULL: it has none */

    size_t n_measured; /* of instruments, by name; for studies that ask */
    const struct measured *measured;

    int64_t interval_ns;        /* of a bar                                */
    struct series_rules series; /* horizon, warm-up, loss, sides           */
    double confidence;          /* 0.99                                    */
    struct path_models path;    /* volatility, tail, steadying             */
    struct release_rule release;

    struct grid grid;
    struct search_rules search;
    double core_s;       /* most of it an instrument (cost.h); 0: no limit  */
    uint64_t max_points; /* of a box, or scattered ones rated together      */

    const struct metric *objective; /* least is best                        */
    struct preferences preferences; /* what the metric `cost` weighs        */
    double hysteresis;              /* gain, a share, that a change is worth */
    size_t n_constraints;
    struct constraint constraint[CONSTRAINTS_MAX];

    double holdout; /* share of the bars that the search does not see       */
    size_t embargo_bars;
    size_t n_gates; /* what the winner must hold on those bars              */
    struct constraint gate[CONSTRAINTS_MAX];

    /* Where the caller has ranges of its own (a fold's, a block's), they stand in place
     * of holdout and embargo; training.first is not before the warm-up's end. */
    bool has_ranges;
    struct range training, test;

    struct stress_rules stress; /* bad days that judged points are tried on     */

    struct null_laws *laws; /* of tests, that all instruments share (null_law.h); NULL:
                               each has its own                               */

    size_t n_kept;     /* winner and runners-up                                 */
    size_t n_surfaces; /* metrics kept at every point of the grid            */
    const struct metric *surface[SURFACES_MAX];
};

/* NULL where there are none. */
static inline const struct preferences *plan_preferences(const struct plan *plan)
{
    return plan->preferences.n > 0 ? &plan->preferences : NULL;
}

/* The bars the search sees, and those it does not. */
bool plan_has_test(const struct plan *plan);
struct range plan_training(const struct plan *plan, size_t n_bars);
struct range plan_test(const struct plan *plan, size_t n_bars);

#endif /* WORKER_PLAN_H */
