/* tail_path_inside.h -- what the rows of the table of tails share, for tail_*.c alone
 */
#ifndef WORKER_TAIL_PATH_INSIDE_H
#define WORKER_TAIL_PATH_INSIDE_H

#include "worker/rolling_quantile.h"
#include "worker/tail_path.h"

struct tail_room {
    struct ranks ranks;
    double *sigma;  /* [n], s over the horizon; 0 before W                          */
    double *known;  /* [n], the loss, or the residual, that becomes known at a bar  */
    double *sorted; /* [2 n], for fits                                              */
};

/* A normal or Student-t loss of variance h v. */
int tail_follow_normal(const struct tail_path *of, const double *value, size_t n_levels,
                       const double *level, double *variance,
                       struct fits_report *report, struct err *err);
int tail_follow_student(const struct tail_path *of, const double *value,
                        size_t n_levels, const double *level, double *variance,
                        struct fits_report *report, struct err *err);

/* Historical simulation, and filtered. */
enum tail_empirical_axis { EMPIRICAL_WINDOW, EMPIRICAL_LEVEL, EMPIRICAL_AXES };
int tail_follow_empirical(const struct tail_path *of, const double *value,
                          size_t n_levels, const double *level, double *variance,
                          struct fits_report *report, struct err *err);

/* Peaks over threshold, and Hill: fitted again and again. */
enum tail_fitted_axis {
    TAIL_FIT_WINDOW,
    TAIL_FIT_EVERY,
    TAIL_FIT_SHARE,
    TAIL_FIT_LEVEL,
    TAIL_FIT_AXES
};
int tail_follow_fitted(const struct tail_path *of, const double *value, size_t n_levels,
                       const double *level, double *variance,
                       struct fits_report *report, struct err *err);
extern const char *const tail_pot_parameters[];
extern const char *const tail_hill_parameters[];
const char *tail_pot_status(int64_t status);
const char *tail_hill_status(int64_t status);

/* known[t + h] = L[t], or L[t] / s[t] where the tail is not bare: what is lost from t
 * on is known h bars later. */
void tail_fill_known(const struct tail_path *of);

/* The rate as the variance whose root over the horizon it is: quantile (in units of s
 * where the tail is not bare) or, where it is NaN, so many sigmas; never below next to
 * nothing, since a quantile may be below 0. */
double tail_variance_of(const struct tail_path *of, double quantile, size_t t);

/* ERR_INPUT unless the series is longer than this axis, of so many bars. */
int tail_check_window(const struct tail_path *of, size_t n_bars, struct err *err);

#endif /* WORKER_TAIL_PATH_INSIDE_H */
