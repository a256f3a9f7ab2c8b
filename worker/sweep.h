/* sweep.h -- the tallies of all (q, floor, buffer, release) points of volatility paths
 *
 * For m = max(f, q s[t]) (1 + b g[t]) the exceedance of bar t depends only on where
 * its loss falls among nested thresholds, so a whole box is counted by binning and
 * suffix sums instead of walking it (worker/README.md, "The factored sweep").  The
 * integers are those of walk.h exactly; floating sums differ by rounding within
 * SWEEP_SUM_BOUND, extremes and last margins not at all. */
#ifndef WORKER_SWEEP_H
#define WORKER_SWEEP_H

#include "core/err.h"
#include "worker/axis.h"
#include "worker/path.h"
#include "worker/series.h"
#include "worker/tally.h"
#include "worker/walk.h"

#include <stddef.h>
#include <stdint.h>

struct sweep_rules {
    const struct series *series;
    struct range range;
    const struct grid *grid; /* the path's axes, then q, floor, buffer, release */
    const struct path_models *path;
    struct release_rule release;
    unsigned needs;
};

struct sweep; /* workspace for one series and boxes up to a size */

int sweep_new(const struct sweep_rules *rules, uint64_t max_points,
              struct sweep **sweep, struct err *err);
void sweep_free(struct sweep *sweep);

/* Tally every point of the box (box_n_points <= max_points, consecutive points).
 * ERR_INPUT: there is no such path here, and why. */
int sweep_box(struct sweep *sweep, const struct box *box, struct err *err);

/* The tally of the j-th point of the last box, phases lent until the next sweep_box.
 * Fields that were not needed are left as they are. */
void sweep_tally(const struct sweep *sweep, uint64_t j, struct tally *tally);

/* The stages of one point's path by itself. */
int sweep_stages(const struct sweep_rules *rules, const double *values,
                 const struct path_stages *out, struct path_fits *fits,
                 struct err *err);

/* From them: s and g (g all 1 without release), [n] each. */
int sweep_path(const struct sweep_rules *rules, const double *values,
               const struct path_stages *stages, double *scaled, double *in_use,
               struct err *err);

/* |fast - walk| <= SWEEP_SUM_BOUND * n_bars * eps * (sum of absolute terms) */
#define SWEEP_SUM_BOUND 4.0

#endif /* WORKER_SWEEP_H */
