#include "worker/tail_path_inside.h"

int tail_follow_empirical(const struct tail_path *of, const double *value,
                          size_t n_levels, const double *level, double *variance,
                          struct fits_report *report, struct err *err)
{
    const size_t n = of->series->n, window = (size_t)value[EMPIRICAL_WINDOW];

    (void)report;
    if (tail_check_window(of, window, err) != 0)
        return -1;
    tail_fill_known(of);
    ranks_of(&of->room->ranks, n, of->room->known);
    if (of->measure == TAIL_ES)
        rolling_shortfalls(&of->room->ranks, window, 1, n_levels, level, variance);
    else
        rolling_quantiles(&of->room->ranks, window, 1, n_levels, level, variance);
    for (size_t l = 0; l < n_levels; l++)
        for (size_t t = 0; t < n; t++)
            variance[l * n + t] = tail_variance_of(of, variance[l * n + t], t);
    return 0;
}
