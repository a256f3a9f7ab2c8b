#include "worker/decimal.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

typedef unsigned __int128 wide;

#define UNIT   ((__int128)1000000000000000000LL)
#define LOST_N ((__int128)((wide)1 << 127)) /* the least, which has no opposite */

const struct decimal DECIMAL_LOST = {LOST_N};

bool decimal_is_lost(struct decimal a)
{
    return a.n == LOST_N;
}

static wide size_of(__int128 n)
{
    return n < 0 ? (wide)0 - (wide)n : (wide)n;
}

/* Sign and size back to a decimal. */
static struct decimal make(bool negative, wide size)
{
    if (size >= (wide)1 << 127)
        return DECIMAL_LOST;
    return (struct decimal){negative ? -(__int128)size : (__int128)size};
}

struct decimal decimal_whole(long long a)
{
    return make(a < 0, size_of(a) * (wide)UNIT);
}

struct decimal decimal_add(struct decimal a, struct decimal b)
{
    struct decimal sum;

    if (decimal_is_lost(a) || decimal_is_lost(b) ||
        __builtin_add_overflow(a.n, b.n, &sum.n))
        return DECIMAL_LOST;
    return sum;
}

struct decimal decimal_subtract(struct decimal a, struct decimal b)
{
    return decimal_is_lost(b) ? b : decimal_add(a, (struct decimal){-b.n});
}

int decimal_compare(struct decimal a, struct decimal b)
{
    return (a.n > b.n) - (a.n < b.n);
}

/* ---- 256 bits: what stands between a product and its division ---- */

struct huge256 {
    wide high, low;
};

static struct huge256 product(wide a, wide b)
{
    const wide mask = UINT64_MAX;
    const wide a0 = a & mask, a1 = a >> 64, b0 = b & mask, b1 = b >> 64;
    const wide low = a0 * b0, one = a1 * b0 + (low >> 64);
    const wide two = a0 * b1 + (one & mask);

    return (struct huge256){a1 * b1 + (one >> 64) + (two >> 64),
                            two << 64 | (low & mask)};
}

/* The whole quotient and the rest, where the quotient has at most 128 bits. */
static wide divide(struct huge256 p, wide d, wide *rest_out)
{
    const wide mask = UINT64_MAX;
    wide rest = p.high, out = 0;

    if (d <= mask) { /* word by word */
        const wide one = rest << 64 | p.low >> 64;
        const wide two = (one % d) << 64 | (p.low & mask);

        *rest_out = two % d;
        return (one / d) << 64 | two / d;
    }
    for (int bit = 127; bit >= 0; bit--) {
        const bool carry = rest >> 127;

        rest = rest << 1 | (p.low >> bit & 1);
        out <<= 1;
        if (carry || rest >= d) {
            rest -= d;
            out |= 1;
        }
    }
    *rest_out = rest;
    return out;
}

/* p / d to the nearest, ties to even; false: 2^128 or more. */
static bool quotient(struct huge256 p, wide d, wide *q)
{
    wide rest;

    if (d == 0 || p.high >= d)
        return false;
    *q = divide(p, d, &rest);
    if (rest > d - rest || (rest == d - rest && (*q & 1) != 0))
        ++*q;
    return *q != 0 || p.high == 0;
}

static struct decimal scale(struct decimal a, wide numerator, wide denominator,
                            bool negative)
{
    wide size;

    if (!quotient(product(size_of(a.n), numerator), denominator, &size))
        return DECIMAL_LOST;
    return make((a.n < 0) != negative, size);
}

struct decimal decimal_multiply(struct decimal a, struct decimal b)
{
    if (decimal_is_lost(a) || decimal_is_lost(b))
        return DECIMAL_LOST;
    return scale(a, size_of(b.n), (wide)UNIT, b.n < 0);
}

struct decimal decimal_divide(struct decimal a, struct decimal b)
{
    if (decimal_is_lost(a) || decimal_is_lost(b))
        return DECIMAL_LOST;
    return scale(a, (wide)UNIT, size_of(b.n), b.n < 0);
}

struct decimal decimal_round(struct decimal a, struct decimal tick,
                             enum decimal_rounding rounding)
{
    if (decimal_is_lost(a) || tick.n <= 0)
        return DECIMAL_LOST;
    const wide size = size_of(a.n), step = (wide)tick.n, rest = size % step;
    const bool up = rounding == DECIMAL_UP
                        ? rest > 0
                        : rounding == DECIMAL_NEAREST && rest >= step - rest;

    return make(a.n < 0, size - rest + (up ? step : 0));
}

/* ---- texts and doubles ---- */

struct decimal decimal_of(const char *text)
{
    const bool negative = *text == '-';
    int places = -1; /* digits behind the point; -1: none yet */
    wide size = 0;
    size_t n_digits = 0;

    for (text += negative; *text != '\0'; text++) {
        if (*text == '.' && places < 0) {
            places = 0;
            continue;
        }
        if (*text < '0' || *text > '9' || places == DECIMAL_PLACES || ++n_digits > 38)
            return DECIMAL_LOST;
        size = 10 * size + (wide)(*text - '0');
        places += places >= 0;
    }
    if (n_digits == 0 || places == 0)
        return DECIMAL_LOST;
    for (int p = places < 0 ? 0 : places; p < DECIMAL_PLACES; p++) {
        if (size > ((wide)1 << 127) / 10)
            return DECIMAL_LOST;
        size *= 10;
    }
    return make(negative, size);
}

/* 18 more digits do not fit a double: its whole part and the rest are taken apart. */
struct decimal decimal_of_real(double a)
{
    double whole;

    if (!(fabs(a) < 1e20))
        return DECIMAL_LOST;
    const double rest = modf(a, &whole);
    const __int128 high = (__int128)whole * UNIT;
    /* rest * 1e18 may need more bits than a double has: in two parts, exactly */
    const double coarse = trunc(rest * 0x1p30), fine = rest * 0x1p30 - coarse;
    const __int128 low = (__int128)coarse * UNIT; /* of 2^-30 */
    const __int128 least = (__int128)nearbyint(fine * 1e18);
    const __int128 sum = low + least, half = (__int128)1 << 29;
    const __int128 size = sum < 0 ? -sum : sum;
    __int128 units = size >> 30;
    const __int128 remainder = size - (units << 30);

    units += remainder > half || (remainder == half && (units & 1) != 0);
    return (struct decimal){high + (sum < 0 ? -units : units)};
}

double decimal_real(struct decimal a)
{
    if (decimal_is_lost(a))
        return NAN;
    return (double)(a.n / UNIT) + (double)(a.n % UNIT) / 1e18;
}

const char *decimal_text(struct decimal a, char text[DECIMAL_TEXT_MAX])
{
    wide size = size_of(a.n);
    char *end = text + DECIMAL_TEXT_MAX - 1, *at = end;
    int place = 0;

    if (decimal_is_lost(a))
        return strcpy(text, "lost");
    *at = '\0';
    for (; place <= DECIMAL_PLACES || size > 0; place++, size /= 10) {
        if (place == DECIMAL_PLACES && *at != '\0')
            *--at = '.';
        if (place >= DECIMAL_PLACES || *at != '\0' || size % 10 != 0)
            *--at = (char)('0' + (int)(size % 10));
    }
    if (a.n < 0)
        *--at = '-';
    return memmove(text, at, (size_t)(end - at) + 1);
}
