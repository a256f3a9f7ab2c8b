/* path.h -- what does the multiplier q multiply, bar by bar?
 *
 *     volatility (volatility.h)  ->  tail (tail_path.h)  ->  steadying (steady.h)
 *
 * Each stage brings axes, which are the first of the grid in this order; a path has a
 * number, the digits of its values with the last axis fastest.  Stages that are not
 * asked for have no axes and change no bit. */
#ifndef WORKER_PATH_H
#define WORKER_PATH_H

#include "core/err.h"
#include "worker/axis.h"
#include "worker/fits_report.h"
#include "worker/kernels.h"
#include "worker/series.h"
#include "worker/steady.h"
#include "worker/tail_path.h"
#include "worker/volatility.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct path_models {
    const struct volatility_model *volatility;
    const struct tail_model *tail; /* NULL: none */
    enum tail_measure measure;
    bool is_steadied; /* its axes are in the grid */
    struct steady_rule steady;
};

/* Axes of all stages: the first of the grid. */
size_t path_n_axes(const struct path_models *models);

/* The paths of an instrument, as one asks for them: neighbours come cheap. */
struct paths;
int paths_new(const struct path_models *models, const struct kernels *kernels,
              const struct series *series, const struct grid *grid,
              struct paths **paths, struct err *err);
void paths_free(struct paths *paths); /* takes NULL */

/* Path `number`: the volatility's variance and the variance whose root over the horizon
 * q multiplies, [n] each, lent until the next call.  ERR_INPUT: this instrument has no
 * such path, and why. */
int paths_take(struct paths *paths, uint64_t number, const double **volatility,
               const double **variance, struct err *err);

/* How the fits of one path went. */
struct path_fits {
    struct fits_report volatility, tail;
};

/* After each stage, [n] each. */
struct path_stages {
    double *volatility, *tail, *steadied;
};

/* The volatilities of n paths of value[n][stride], as many as the model takes at once
 * (volatility_n_lanes): out [lanes][series->n]. */
int path_volatilities(const struct path_models *models, const struct kernels *kernels,
                      const struct series *series, size_t n, const double *value,
                      size_t stride, double *out, struct err *err);
/* From a volatility on: tail and steadying of values[path_n_axes], the same bits. */
int path_go_on(const struct path_models *models, const struct series *series,
               const double *values, const struct path_stages *out,
               struct path_fits *fits, struct err *err);

/* One path of values[path_n_axes] by itself, with the same bits. */
int path_follow(const struct path_models *models, const struct kernels *kernels,
                const struct series *series, const double *values,
                const struct path_stages *out, struct path_fits *fits, struct err *err);

#endif /* WORKER_PATH_H */
