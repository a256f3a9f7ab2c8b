/* digits.h -- which digits of a figure do two machines agree on?
 *
 * What goes through the C library's or GSL's logarithm may differ in its last bit
 * between two machines; ten digits of it do not. */
#ifndef WORKER_DIGITS_H
#define WORKER_DIGITS_H

/* The double nearest to the value's first ten digits; what is not finite stays. */
double ten_digits(double value);

#endif /* WORKER_DIGITS_H */
