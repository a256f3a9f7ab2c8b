/* random.h -- random numbers that depend on nothing but a seed and a place
 *
 * Philox4x32-10 (Salmon, Moraes, Dror, Shaw -- Parallel random numbers: as easy as
 * 1, 2, 3, SC11) turns a key and a counter into 128 random bits.  There is no state
 * to carry: the number for (seed, purpose, who, t) is the same whoever asks first, so
 * an instrument more in a market changes nothing for the others.  Integer arithmetic
 * and core/arith.h only: the same bits on every machine. */
#ifndef MARKET_RANDOM_H
#define MARKET_RANDOM_H

#include <stdint.h>

/* The 128 bits of a counter under a key. */
void random_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

/* A stream of numbers for one place; it has 2^32 of them. */
struct random {
    uint64_t seed;
    uint64_t who;     /* instrument, group ...; below 2^56          */
    uint8_t purpose;  /* what the number decides: the caller's enum */
    uint32_t t;       /* bar                                        */
    uint32_t n_drawn; /* pairs of uniforms drawn so far             */
    double spare[2];
    int n_spare;
};

struct random random_at(uint64_t seed, uint8_t purpose, uint64_t who, uint32_t t);

/* Uniform on (0, 1): an odd multiple of 2^-53, never 0 or 1. */
double random_uniform(struct random *random);

/* Normal, mean 0, variance 1: the polar method (Marsaglia and Bray 1964). */
double random_normal(struct random *random);

/* Gamma with this shape >= 1 and scale 1 (Marsaglia and Tsang -- A simple method for
 * generating gamma variables, 2000).  Chi-square of nu degrees is 2 gamma(nu/2). */
double random_gamma(struct random *random, double shape);

#endif /* MARKET_RANDOM_H */
