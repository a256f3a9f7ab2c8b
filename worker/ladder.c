#include "worker/ladder.h"

#include "worker/kernels.h"

#include <math.h>
#include <stdbool.h>

/* out[] = a[first, middle) and a[middle, end), both ascending, in one order. */
static void merge(const double *a, size_t first, size_t middle, size_t end, double *out)
{
    size_t left = first, right = middle;

    for (size_t i = first; i < end; i++)
        out[i] = right == end || (left < middle && a[left] <= a[right]) ? a[left++]
                                                                        : a[right++];
}

/* Merge sort from runs of one upwards, between a and as much room behind it. */
static void sort(double *a, size_t n)
{
    double *from = a, *to = a + n;

    for (size_t run = 1; run < n; run *= 2) {
        for (size_t first = 0; first < n; first += 2 * run) {
            const size_t middle = first + run < n ? first + run : n;
            const size_t end = middle + run < n ? middle + run : n;

            merge(from, first, middle, end, to);
        }
        double *const sorted = to;
        to = from;
        from = sorted;
    }
    if (from != a)
        memcpy(a, from, n * sizeof *a);
}

static size_t drop_doubles(double *a, size_t n)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++)
        if (kept == 0 || a[i] != a[kept - 1])
            a[kept++] = a[i];
    return kept;
}

static uint64_t bits_of(double x)
{
    uint64_t bits;

    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* The coarsest cells that part every LADDER_STEPS + 1 neighbours among the n positive
 * rungs: two numbers are in different cells of 2^shift where a bit from there on
 * differs.  Coarser where these would be too many. */
static void cut_cells(struct ladder_cells *cells, size_t n, const double *rung)
{
    const uint64_t first = bits_of(rung[0]), last = bits_of(rung[n - 1]);
    unsigned shift = 62;

    for (size_t i = LADDER_STEPS; i < n; i++) {
        const uint64_t differ = bits_of(rung[i]) ^ bits_of(rung[i - LADDER_STEPS]);
        const unsigned highest = 63 - (unsigned)__builtin_clzll(differ);

        shift = highest < shift ? highest : shift;
    }
    while ((last >> shift) - (first >> shift) >= LADDER_CELLS)
        shift++;
    cells->shift = shift;
    cells->first = (int64_t)(first >> shift);
    cells->n = (int64_t)(last >> shift) - cells->first + 1;
}

/* The rungs below each cell, and the most within one. */
static void fill_cells(struct ladder *ladder)
{
    ladder->steps = 0;
    for (size_t cell = 0, i = 0; cell < (size_t)ladder->cells.n; cell++) {
        const size_t from = i;

        ladder->start[cell] = (uint32_t)i;
        while (i < ladder->n && ladder_cell(ladder->cells, ladder->rung[i]) == cell)
            i++;
        if (i - from > ladder->steps)
            ladder->steps = i - from;
    }
}

void ladder_build(struct ladder *ladder, size_t n, double *rung)
{
    size_t least = 0; /* the first positive rung: zero has no leading bits */

    sort(rung, n);
    ladder->n = drop_doubles(rung, n);
    ladder->rung = rung;
    rung[ladder->n] = INFINITY;
    ladder->cells = (struct ladder_cells){.shift = 62, .n = 1};
    while (least < ladder->n && rung[least] <= 0.0)
        least++;
    if (least < ladder->n)
        cut_cells(&ladder->cells, ladder->n - least, rung + least);
    fill_cells(ladder);
}

void ladder_climb_all(const struct ladder *ladder, size_t n, const double *x,
                      uint32_t *cell)
{
    for (size_t i = 0; i < n; i++)
        cell[i] = (uint32_t)ladder_climb(ladder, cell[i], x[i]);
}

void ladder_ranks(const struct ladder *ladder, const struct kernels *kernels, size_t n,
                  const double *x, uint32_t *rank)
{
    kernels->cells(n, ladder->cells, x, rank);
    ladder_climb_all(ladder, n, x, rank);
}
