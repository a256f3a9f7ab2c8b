/* grid_oracle.h -- which point of a small grid wins, when every one is scored in turn?
 *
 * The page gives the grid (axes in the order lambda, q, floor, buffer, release, the
 * last fastest) and the order of points (violation, cost, point).  What a cost and a
 * limit are, and the scale that makes violations of different metrics comparable, is
 * the caller's to say. */
#ifndef TESTS_GRID_ORACLE_H
#define TESTS_GRID_ORACLE_H

#include "margin_oracle.h"

enum { ORACLE_N_AXES = 5 };

struct oracle_axis {
    size_t n;
    const double *value;
};

struct oracle_grid {
    struct oracle_axis axis[ORACLE_N_AXES]; /* lambda, q, floor, buffer, release */
};

/* min <= figure <= max, each side -INFINITY or INFINITY where there is none. */
struct oracle_limit {
    size_t offset; /* of the figure (oracle_names) */
    double min, max;
    double scale;            /* > 0: what counts as a violation of 1 */
    double undefined_counts; /* the violation of an undefined figure */
};

struct oracle_objective {
    size_t cost_offset; /* of the figure to minimise; undefined costs INFINITY */
    size_t n_limits;
    const struct oracle_limit *limit;
};

struct oracle_choice {
    size_t point;
    double violation, cost;
};

size_t oracle_grid_n_points(const struct oracle_grid *grid);

/* Write the parameters of point k into request. */
void oracle_grid_point(const struct oracle_grid *grid, size_t k,
                       struct oracle_request *request);

/* The sum, in the order of the limits, of (distance beyond the limit) / scale. */
double oracle_violation(const struct oracle_objective *objective,
                        const struct oracle_figures *figures);

/* Score every point over the training range; request gives all but the axes. */
int oracle_grid_choose(const struct oracle_grid *grid,
                       const struct oracle_request *request, const struct bars *bars,
                       const struct oracle_objective *objective,
                       struct oracle_choice *choice, struct err *err);

#endif /* TESTS_GRID_ORACLE_H */
