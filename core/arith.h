/* arith.h -- logarithm and exponential with the same bits on every machine
 *
 * The C library picks among variants of log and exp by processor and version, so
 * their last bit may differ between two hosts.  Where a number decides a product's
 * bytes, these are used: only +, -, *, / and rounding that IEEE 754 fixes. */
#ifndef CORE_ARITH_H
#define CORE_ARITH_H

/* ln x, x > 0 and finite; within 1 ulp or so (tests/core/test_arith.c). */
double arith_log(double x);

/* e^x, |x| < 700; within 1 ulp or so. */
double arith_exp(double x);

/* ln(1 + x), x > -1 and finite, and e^x - 1, x < 700: within 3 ulps, however near to 0
 * x is. */
double arith_log1p(double x);
double arith_expm1(double x);

#endif /* CORE_ARITH_H */
