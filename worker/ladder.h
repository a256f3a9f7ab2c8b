/* ladder.h -- how many of many sorted numbers are below x, in a few instructions
 *
 * The line is cut into cells by the leading bits of a double (even steps within each
 * power of two); a cell knows how many rungs are below it, and the few rungs inside
 * are compared.  Exact: rank(x) = #{rung < x} for every x but NaN. */
#ifndef WORKER_LADDER_H
#define WORKER_LADDER_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { LADDER_CELLS = 8192, LADDER_STEPS = 2 };

struct ladder_cells {
    unsigned shift;   /* away go all but the leading bits */
    int64_t first, n; /* of the leading bits              */
};

struct ladder {
    size_t n;
    double *rung; /* [n + 1] ascending, >= 0; the last is infinite */
    struct ladder_cells cells;
    size_t steps; /* the most rungs in one cell                    */
    uint32_t start[LADDER_CELLS];
};

/* Sort n numbers >= 0 in place, drop doubles and make the ladder of them, of the fewest
 * cells with no more than LADDER_STEPS rungs in any, if LADDER_CELLS are enough; `rung`
 * has room for 2 n + 1, and lives as long as the ladder.  Nothing is allocated. */
void ladder_build(struct ladder *ladder, size_t n, double *rung);

/* x >= 0 to 50 bits, off by at most 2^-50 x: numbers that are equal but for rounding
 * become one rung (mostly: the last bit may still differ). */
static inline double ladder_round(double x)
{
    int64_t bits;

    memcpy(&bits, &x, sizeof bits);
    bits = (bits + 4) & ~INT64_C(7);
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* The cell of x; what is outside belongs to the first or the last. */
static inline uint32_t ladder_cell(struct ladder_cells of, double x)
{
    int64_t bits;

    memcpy(&bits, &x, sizeof bits);
    bits = (bits >> of.shift) - of.first;
    return (uint32_t)(bits < 0 ? 0 : bits < of.n ? bits : of.n - 1);
}

/* #{rung < x} for an x of that cell. */
static inline size_t ladder_climb(const struct ladder *ladder, uint32_t cell, double x)
{
    size_t i = ladder->start[cell];

    i += ladder->rung[i] < x; /* the last rung is infinite: never too far */
    i += ladder->rung[i] < x;
    for (size_t step = LADDER_STEPS; step < ladder->steps; step++)
        i += ladder->rung[i] < x;
    return i;
}

static inline size_t ladder_rank(const struct ladder *ladder, double x)
{
    return ladder_climb(ladder, ladder_cell(ladder->cells, x), x);
}

struct kernels;
enum { LADDER_RUN = 256 }; /* at most so many at once */
static inline size_t ladder_run(size_t n_left)
{
    return n_left < LADDER_RUN ? n_left : LADDER_RUN;
}

/* From the cells of n numbers to their ranks, in place. */
void ladder_climb_all(const struct ladder *ladder, size_t n, const double *x,
                      uint32_t *cell);

/* rank[i] = ladder_rank(x[i]), i < n <= LADDER_RUN: the cells by vector. */
void ladder_ranks(const struct ladder *ladder, const struct kernels *kernels, size_t n,
                  const double *x, uint32_t *rank);

#endif /* WORKER_LADDER_H */
