/* axis.h -- what may be calibrated, and the grid that a job makes of it
 *
 * A study lists its axes as rules; a job gives each axis its values; the grid is
 * their product.  Point k has the mixed-radix digits of k, the last axis fastest. */
#ifndef WORKER_AXIS_H
#define WORKER_AXIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { AXES_MAX = 20 };

/* A row of a study's table: one number that can be calibrated. */
struct axis_rule {
    const char *name;        /* "lambda"                          */
    const char *unit;        /* "per bar"                         */
    const char *meaning;     /* one line for people               */
    double min, max;         /* what a value may be               */
    bool open_min, open_max; /* the bound itself is refused   */
    bool whole;              /* only whole numbers                */
    const char *preset;      /* the job file's default, as YAML   */
};

/* What an axis may take: its values, or all between the first and the last of them, in
 * even steps of itself or of its logarithm. */
enum axis_span { AXIS_LISTED, AXIS_LINEAR, AXIS_LOG };

/* Who has one value of an axis in common (scope.h). */
enum axis_scope { AXIS_INSTRUMENT, AXIS_GROUP, AXIS_GLOBAL };

/* Is it a whole number where one is asked for, and within the bounds? */
bool axis_allows(const struct axis_rule *rule, double value);

struct axis {
    const struct axis_rule *rule;
    size_t n;
    const double *value; /* [n], strictly ascending */
    enum axis_span span; /* not AXIS_LISTED: n is 2 */
    enum axis_scope scope;
};

/* The value at u in [0, 1]: listed ones have equal shares of it, and so have whole
 * numbers of a linear span. */
double axis_at(const struct axis *axis, double u);
/* Where a value of the axis stands, 0 at its first and 1 at its last: by its number
 * where values are listed, else in even steps of the span. */
double axis_place(const struct axis *axis, double value);

struct grid {
    size_t n_axes;
    struct axis axis[AXES_MAX];
};

/* A box of grid points: a run of each axis.  The boxes of a plan are cut so that
 * their points are consecutive (grid_cut). */
struct box {
    size_t first[AXES_MAX];
    size_t count[AXES_MAX];
};

/* The number of points; 0 where it does not fit 63 bits. */
uint64_t grid_n_points(const struct grid *grid);
uint64_t box_n_points(const struct grid *grid, const struct box *box);

/* The digits of point k, and back. */
void grid_digits(const struct grid *grid, uint64_t k, size_t digit[AXES_MAX]);
uint64_t grid_point(const struct grid *grid, const size_t digit[AXES_MAX]);
/* The values of point k, in the order of the axes. */
void grid_values(const struct grid *grid, uint64_t k, double value[AXES_MAX]);

/* Cut the grid into boxes of consecutive points, none above max_points (>= 1):
 * all of the fastest axes that fit, a run of the next, one value of the others.
 * Box b of n_boxes; both are functions of the grid and max_points alone. */
uint64_t grid_n_boxes(const struct grid *grid, uint64_t max_points);
void grid_box(const struct grid *grid, uint64_t max_points, uint64_t b,
              struct box *box);

#endif /* WORKER_AXIS_H */
