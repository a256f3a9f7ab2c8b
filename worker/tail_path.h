/* tail_path.h -- from a path of volatility to the rate at a level, bar by bar
 *
 * A tail is a row of the table in tail_path.c: it tells how far beyond s[t] = sqrt(h
 * v[t]) the margin has to stand, from what is known at bar t.  Its path takes the place
 * of the volatility's: the variance whose root over the horizon is the rate, so that
 * the multiplier q works on it as on any other.  Definitions: worker/README.md,
 * "Tails". */
#ifndef WORKER_TAIL_PATH_H
#define WORKER_TAIL_PATH_H

#include "core/err.h"
#include "worker/axis.h"
#include "worker/fits_report.h"
#include "worker/series.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What stands at the level: the quantile of losses, or their mean from it on. */
enum tail_measure { TAIL_VAR, TAIL_ES };

/* Paths of one volatility that are computed together. */
enum { TAIL_LANES = 16 };

struct tail_room; /* workspace for series of one length */

/* A tail at work on a volatility's path of an instrument. */
struct tail_path {
    const struct tail_model *model;
    enum tail_measure measure;
    const struct series *series;
    const double *variance; /* v, [n]; 0 before W */
    struct tail_room *room;
};

struct tail_model {
    const char *name;    /* "pot"             */
    const char *meaning; /* one line + source */
    double step_ns;      /* a bar of one path, about (cost.h) */
    bool is_bare;        /* takes no notice of the volatility once losses are known */
    size_t n_axes;       /* 0: no tail, the volatility's path stays as it is       */
    const struct axis_rule *axes; /* [n_axes], the last one is the level */
    /* Paths that differ in their level alone: value[n_axes - 1], level[n_levels],
     * variance out [n_levels][n]; the report is of the first. */
    int (*follow)(const struct tail_path *of, const double *value, size_t n_levels,
                  const double *level, double *variance, struct fits_report *report,
                  struct err *err);
    /* What is fitted, by place in the report; NULL where nothing is. */
    const char *const *parameter; /* ends in NULL */
    const char *(*status_name)(int64_t status);
};

/* NULL where there is none of that name. */
const struct tail_model *tail_model_find(const char *name);
/* Row i, NULL after the last; row 0 is "none". */
const struct tail_model *tail_model_row(size_t i);

int tail_room_new(size_t n_bars, struct tail_room **room, struct err *err);
void tail_room_free(struct tail_room *room); /* takes NULL */

/* Paths of parameter[n_axes][n_lanes], n_lanes <= TAIL_LANES, out [n_lanes][n], each
 * with the same bits whatever stands beside it.  The report is of the first lane.
 * ERR_INPUT: this instrument has no such path, and why. */
int tail_paths(const struct tail_path *of, size_t n_lanes, const double *parameter,
               double *variance, struct fits_report *report, struct err *err);

#endif /* WORKER_TAIL_PATH_H */
