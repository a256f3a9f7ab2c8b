#include "market/random.h"
#include "core/arith.h"

#include <math.h>

void random_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    uint32_t k0 = key[0], k1 = key[1];

    for (int round = 0; round < 10; round++) {
        const uint64_t p0 = UINT64_C(0xD2511F53) * c0;
        const uint64_t p1 = UINT64_C(0xCD9E8D57) * c2;

        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)p1;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)p0;
        k0 += 0x9E3779B9; /* golden ratio */
        k1 += 0xBB67AE85; /* sqrt(3) - 1  */
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

struct random random_at(uint64_t seed, uint8_t purpose, uint64_t who, uint32_t t)
{
    return (struct random){.seed = seed, .purpose = purpose, .who = who, .t = t};
}

static double uniform_of(uint32_t high, uint32_t low)
{
    const uint64_t bits = ((uint64_t)high << 32 | low) >> 12; /* 52 of them */

    return (double)(2 * bits + 1) * 0x1p-53;
}

double random_uniform(struct random *random)
{
    if (random->n_spare == 0) {
        const uint64_t place = (uint64_t)random->purpose << 56 | random->who;
        const uint32_t counter[4] = {random->n_drawn++, random->t, (uint32_t)place,
                                     (uint32_t)(place >> 32)};
        const uint32_t key[2] = {(uint32_t)random->seed,
                                 (uint32_t)(random->seed >> 32)};
        uint32_t out[4];

        random_philox(counter, key, out);
        random->spare[1] = uniform_of(out[0], out[1]);
        random->spare[0] = uniform_of(out[2], out[3]);
        random->n_spare = 2;
    }
    return random->spare[--random->n_spare];
}

/* A point (a, b) in the unit circle at radius^2 s: a sqrt(-2 ln(s) / s) is normal.
 * The second normal, of b, is let go: a number must not depend on who asked before. */
double random_normal(struct random *random)
{
    double a, s;

    do {
        a = 2.0 * random_uniform(random) - 1.0;
        const double b = 2.0 * random_uniform(random) - 1.0;

        s = a * a + b * b;
    } while (!(s < 1.0 && s > 0.0));
    return a * sqrt(-2.0 * arith_log(s) / s);
}

/* d = shape - 1/3, c = 1/sqrt(9d), v = (1 + c x)^3: d v is accepted when
 * ln u < x^2/2 + d - d v + d ln v. */
double random_gamma(struct random *random, double shape)
{
    const double d = shape - 1.0 / 3.0;
    const double c = 1.0 / sqrt(9.0 * d);

    for (;;) {
        const double x = random_normal(random);
        const double w = 1.0 + c * x;
        const double v = w * w * w;

        if (w > 0.0 && arith_log(random_uniform(random)) <
                           0.5 * x * x + d - d * v + d * arith_log(v))
            return d * v;
    }
}
