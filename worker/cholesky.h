/* cholesky.h -- small symmetric systems: is it positive definite, and what solves it?
 */
#ifndef WORKER_CHOLESKY_H
#define WORKER_CHOLESKY_H

#include <stdbool.h>
#include <stddef.h>

enum { CHOLESKY_MAX = 8 };

/* Factor a = L L' in place (lower triangle); false, and a is spoilt, where it is not
 * positive definite to within 2^-40 of its diagonal. */
bool cholesky_factor(size_t n, double a[CHOLESKY_MAX][CHOLESKY_MAX]);

/* x = a^-1 x in place, a factored. */
void cholesky_solve(size_t n, double a[CHOLESKY_MAX][CHOLESKY_MAX], double x[]);

/* out = a^-1, a factored. */
void cholesky_invert(size_t n, double a[CHOLESKY_MAX][CHOLESKY_MAX],
                     double out[CHOLESKY_MAX][CHOLESKY_MAX]);

#endif /* WORKER_CHOLESKY_H */
