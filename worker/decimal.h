/* decimal.h -- what is this amount, exactly?
 *
 * Fixed point: a whole number of 1e-18 in 128 bits, so up to 1.7e20.  Sums and
 * differences are exact, products and quotients are rounded once, to the nearest and
 * ties to even; prices and money are then rounded as a venue's page says.  Debian 12
 * packages no decimal library for C (libmpdec left with Debian 11).
 *
 * What does not fit is DECIMAL_LOST, and so is all that is made of it. */
#ifndef WORKER_DECIMAL_H
#define WORKER_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>

struct decimal {
    __int128 n; /* of 1e-18 */
};

enum { DECIMAL_PLACES = 18, DECIMAL_TEXT_MAX = 48 };
extern const struct decimal DECIMAL_LOST;

/* How to round to a multiple: towards 0, away from it, to the nearest (ties away). */
enum decimal_rounding { DECIMAL_DOWN, DECIMAL_UP, DECIMAL_NEAREST };

bool decimal_is_lost(struct decimal a);

/* "-12.5": digits with a point, at most 18 behind it.  LOST: it is no such text. */
struct decimal decimal_of(const char *text);
struct decimal decimal_whole(long long a);
/* The nearest, ties to even. */
struct decimal decimal_of_real(double a);
double decimal_real(struct decimal a);
/* Without trailing zeros behind the point: "5718.57", "-0.5", "7"; "lost". */
const char *decimal_text(struct decimal a, char text[DECIMAL_TEXT_MAX]);

struct decimal decimal_add(struct decimal a, struct decimal b);
struct decimal decimal_subtract(struct decimal a, struct decimal b);
struct decimal decimal_multiply(struct decimal a, struct decimal b);
/* LOST for b = 0. */
struct decimal decimal_divide(struct decimal a, struct decimal b);
/* -1, 0, 1; a lost one is below all others. */
int decimal_compare(struct decimal a, struct decimal b);

/* The multiple of tick > 0 that the rule says. */
struct decimal decimal_round(struct decimal a, struct decimal tick,
                             enum decimal_rounding rounding);

#endif /* WORKER_DECIMAL_H */
