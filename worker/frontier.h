/* frontier.h -- the bars that no other bar beats in every respect
 *
 * Where a figure rises with each of (a, b, c), its maximum over all bars is that over
 * the bars for which no other has all three as large: few of them. */
#ifndef WORKER_FRONTIER_H
#define WORKER_FRONTIER_H

#include <stddef.h>

struct frontier {
    size_t n, n_max;
    double *a, *b, *c; /* [n_max] */
};

/* Add a bar unless one of the frontier is as large in all three; drop those that it
 * makes needless.  Room for as many bars as are offered is the caller's to give. */
void frontier_offer(struct frontier *frontier, double a, double b, double c);

#endif /* WORKER_FRONTIER_H */
