/* backtest_print.h -- the words of a backtest's report, for coordinator/backtest.c */
#ifndef COORDINATOR_BACKTEST_PRINT_H
#define COORDINATOR_BACKTEST_PRINT_H

#include "coordinator/backtest_figures.h"

/* The sections of horizons that do not overlap: statistics and p-values. */
void backtest_print(const struct backtest_figures *figures, bool has_es,
                    struct fit_report *report);

/* The same sections with the p-values of n_phases phases together, which have no
 * statistic in common. */
void backtest_print_together(size_t n_phases, const struct backtest_figures phase[],
                             bool has_es, struct fit_report *report);

#endif /* COORDINATOR_BACKTEST_PRINT_H */
