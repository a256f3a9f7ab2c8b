/* combine.h -- one p-value from the phases of overlapping horizons */
#ifndef WORKER_COMBINE_H
#define WORKER_COMBINE_H

#include <stddef.h>

/* min(1, 2 median) of n p-values, whatever their dependence: at most a level alpha of
 * false alarms where each of them has it (Meinshausen, Meier, Buehlmann 2009, with
 * gamma = 1/2; Rueschendorf 1982).  The median of an even number is the mean of the
 * middle two.  One p-value is itself; none at all: NaN.  Sorts p. */
double combine_p_values(size_t n, double p[]);

#endif /* WORKER_COMBINE_H */
