/* root.h -- where between a and b is this function 0?
 *
 * Ridders' method: the middle of the bracket and its two ends fix an exponential that
 * makes the three values a line; where the line is 0 is the next end.
 *
 *     m = (a + b)/2,   x = m + (m - a) sign(f(a)) f(m) / sqrt(f(m)^2 - f(a) f(b))
 *
 * x stays within the bracket, which at least halves each time; near a simple root the
 * digits double.  C. Ridders -- A new algorithm for computing a single root of a real
 * continuous function, IEEE Transactions on Circuits and Systems 26 (1979), 979-980. */
#ifndef WORKER_ROOT_H
#define WORKER_ROOT_H

typedef double (*root_fn)(double x, const void *context);

enum { ROOT_STEPS = 200 }; /* two evaluations each */

/* x in [a, b], a <= b, within `tolerance` or two ulps of a change of sign of f; NaN
 * where f(a) and f(b) have the same sign or f is NaN on the way. */
double root_find(root_fn f, const void *context, double a, double b, double tolerance);

#endif /* WORKER_ROOT_H */
