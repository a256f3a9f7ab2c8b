#include "worker/ladder.h"

#include "worker/kernels.h"

#include <math.h>
#include <stdbool.h>

static void sift(double *a, size_t i, size_t n)
{
    const double x = a[i];

    for (size_t child; (child = 2 * i + 1) < n; i = child) {
        if (child + 1 < n && a[child + 1] > a[child])
            child++;
        if (a[child] <= x)
            break;
        a[i] = a[child];
    }
    a[i] = x;
}

/* Heapsort: in place, and never slow. */
static void sort(double *a, size_t n)
{
    for (size_t i = n / 2; i-- > 0;)
        sift(a, i, n);
    for (size_t end = n; end-- > 1;) {
        const double most = a[0];

        a[0] = a[end];
        a[end] = most;
        sift(a, 0, end);
    }
}

static size_t drop_doubles(double *a, size_t n)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++)
        if (kept == 0 || a[i] != a[kept - 1])
            a[kept++] = a[i];
    return kept;
}

static int64_t leading_bits(unsigned shift, double x)
{
    int64_t bits;

    memcpy(&bits, &x, sizeof bits);
    return bits >> shift;
}

/* Cells of 2^shift by the leading bits, if they are not too many. */
static bool cut_cells(struct ladder *ladder, double least, unsigned shift)
{
    const int64_t first = leading_bits(shift, least);
    const int64_t last = leading_bits(shift, ladder->rung[ladder->n - 1]);

    if (last - first + 1 > LADDER_CELLS)
        return false;
    ladder->cells = (struct ladder_cells){shift, first, last - first + 1};
    return true;
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
    fill_cells(ladder);
    while (least < ladder->n && rung[least] <= 0.0)
        least++;
    if (least == ladder->n)
        return;
    for (unsigned shift = 58; ladder->steps > LADDER_STEPS && shift > 20; shift--) {
        if (!cut_cells(ladder, rung[least], shift))
            return;
        fill_cells(ladder);
    }
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
