#include "worker/digits.h"
#include "worker/tail.h"
#include "worker/tail_path_inside.h"

#include <math.h>

/* (x s)^2 / h = x^2 v */
static void scale(const struct tail_path *of, struct tail_risk risk, double *variance)
{
    const double x = ten_digits(of->measure == TAIL_ES ? risk.es : risk.var);

    for (size_t t = 0; t < of->series->n; t++)
        variance[t] = x * x * of->variance[t];
}

int tail_follow_normal(const struct tail_path *of, const double *value, size_t n_levels,
                       const double *level, double *variance,
                       struct fits_report *report, struct err *err)
{
    (void)value, (void)report, (void)err;
    for (size_t l = 0; l < n_levels; l++)
        scale(of, tail_normal(level[l]), variance + l * of->series->n);
    return 0;
}

int tail_follow_student(const struct tail_path *of, const double *value,
                        size_t n_levels, const double *level, double *variance,
                        struct fits_report *report, struct err *err)
{
    (void)report, (void)err;
    for (size_t l = 0; l < n_levels; l++)
        scale(of, tail_student(level[l], value[0]), variance + l * of->series->n);
    return 0;
}
