/* trial.h -- what does a plan choose on some bars, and how does the choice do on
 * others?
 *
 * A whole calibration of one instrument on one rank, with the study's own verbs on a
 * plan of other ranges: search every box, judge the best points, decide. */
#ifndef COORDINATOR_TRIAL_H
#define COORDINATOR_TRIAL_H

#include "coordinator/outcome.h"
#include "core/err.h"
#include "market/bars.h"
#include "worker/fold.h"
#include "worker/plan.h"

#include <stddef.h>

struct trial {
    struct plan plan; /* the given one, with the fold's ranges */
    struct outcome outcome;
    double value[AXES_MAX]; /* of the chosen point; NaN where n_judged is 0   */
    size_t n_scores;        /* bars of the test range                         */
    double *score; /* [n_scores], the chosen point's (study.scores); NaN: not scored */
};

struct trial_points {
    size_t n;
    double *value; /* [n][n_axes] */
};

/* plan->max_points is set.  The outcome refers to the trial: do not copy it.
 * ERR_INPUT: the instrument cannot be calibrated on these bars, and why. */
int trial_run(const struct plan *plan, const struct bars *bars, const struct fold *fold,
              struct trial *trial, struct err *err);
void trial_free(struct trial *trial);

/* The search alone; free *found with found_free, also after a failure. */
int trial_search(const struct plan *plan, const struct bars *bars,
                 const struct fold *fold, struct found *found, struct err *err);

/* plan->surface[] of every point over one range of bars: surface [n_surfaces][points],
 * points those of the grid. */
int trial_surface(const struct plan *plan, const struct bars *bars, struct range range,
                  double surface[], struct err *err);

/* The same of n points [n][n_axes] on the grid or off it: surface [n_surfaces][n]. */
int trial_surface_at(const struct plan *plan, const struct bars *bars,
                     struct range range, const struct trial_points *points,
                     double surface[], struct err *err);

#endif /* COORDINATOR_TRIAL_H */
