/* returns.h -- log returns of bars, with their signs
 *
 * r[t] = ln C[t]/C[t-1] where the step to t is whole, elsewhere NaN (worker/README.md,
 * "The series"). */
#ifndef WORKER_RETURNS_H
#define WORKER_RETURNS_H

#include "market/bars.h"

void returns_of_bars(const struct bars *bars, double r[/* bars->n */]);

#endif /* WORKER_RETURNS_H */
