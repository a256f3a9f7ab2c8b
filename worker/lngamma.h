/* lngamma.h -- ln Gamma and its derivative with the same bits on every machine
 *
 * They decide fitted parameters, so the C library's are not used (core/arith.h). */
#ifndef WORKER_LNGAMMA_H
#define WORKER_LNGAMMA_H

/* ln Gamma(x), x > 0; within 1e-14 of the larger of 1 and the result. */
double lngamma(double x);

/* psi(x) = d ln Gamma(x) / dx, x > 0; likewise. */
double digamma(double x);

#endif /* WORKER_LNGAMMA_H */
