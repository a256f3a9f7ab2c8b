/* kernels_body.h -- the source of kernels.h, compiled for one instruction set
 *
 * KERNELS is the name of the table that it defines. */
#include "worker/kernels.h"
#include "worker/lanes.h"

_Static_assert(KERNEL_LANES % LANES == 0, "whole vectors");
enum { VECTORS = KERNEL_LANES / LANES };

/*  v = lambda v + (1 - lambda) r^2,   RiskMetrics -- Technical Document, 5.2.
 *
 * KERNEL_LANES paths are enough independent work to hide the latency of the fma. */
static void ewma(size_t n, const double *square, const double *lambda, double *state,
                 double *variance)
{
    lanes v[VECTORS], decay[VECTORS], weight[VECTORS];

    for (int i = 0; i < VECTORS; i++) {
        v[i] = lanes_from(state + i * LANES);
        decay[i] = lanes_from(lambda + i * LANES);
        weight[i] = lanes_all(1.0) - decay[i];
    }
    for (size_t t = 0; t < n; t++) {
        const lanes r2 = lanes_all(square[t]);

        if (square[t] == square[t])
            for (int i = 0; i < VECTORS; i++)
                v[i] = lanes_fma(decay[i], v[i], weight[i] * r2);
        for (int i = 0; i < VECTORS; i++)
            lanes_to(variance + t * KERNEL_LANES + i * LANES, v[i]);
    }
    for (int i = 0; i < VECTORS; i++)
        lanes_to(state + i * LANES, v[i]);
}

static void turn(size_t n, const double *tile, size_t stride, double *path)
{
    size_t t = 0;

    for (; t + LANES <= n; t += LANES)
        for (size_t j = 0; j < KERNEL_LANES; j += LANES) {
            lanes row[LANES];

            for (size_t i = 0; i < LANES; i++)
                row[i] = lanes_from(tile + (t + i) * KERNEL_LANES + j);
            lanes_turn(row);
            for (size_t i = 0; i < LANES; i++)
                lanes_to(path + (j + i) * stride + t, row[i]);
        }
    for (; t < n; t++)
        for (size_t j = 0; j < KERNEL_LANES; j++)
            path[j * stride + t] = tile[t * KERNEL_LANES + j];
}

static void scale(size_t n, double h, const double *variance, double *scaled)
{
    size_t t = 0;

    for (; t + LANES <= n; t += LANES)
        lanes_to(scaled + t, lanes_sqrt(lanes_all(h) * lanes_from(variance + t)));
    for (; t < n; t++)
        scaled[t] = sqrt(h * variance[t]);
}

static void cells(size_t n, const struct ladder *ladder, const double *x,
                  uint32_t *cell)
{
    const struct ladder of = {
        .shift = ladder->shift, .first = ladder->first, .n_cells = ladder->n_cells};

    for (size_t t = 0; t < n; t++)
        cell[t] = ladder_cell(&of, x[t]);
}

/* One bar: the same comparison without lanes. */
static size_t beyond_one(const struct kernel_bars *bars, const double fqb[3], size_t t,
                         size_t found, struct kernel_beyond *out)
{
    const double g = bars->in_use == NULL ? 1.0 : bars->in_use[t];
    const double c = 1.0 + fqb[2] * g, loss = bars->loss[t], s = bars->scaled[t];

    out->t[found] = (uint32_t)t;
    out->loss[found] = loss;
    out->s[found] = s;
    out->g[found] = g;
    return found + (size_t)((loss > fqb[0] * c) & (loss > fqb[1] * s * c));
}

static size_t beyond(const struct kernel_bars *bars, const double fqb[3],
                     struct kernel_beyond *out)
{
    const lanes f = lanes_all(fqb[0]), q = lanes_all(fqb[1]), b = lanes_all(fqb[2]);
    lanes g = lanes_all(1.0), c = g + b * g;
    size_t found = 0, t = 0;

    for (; t + LANES <= bars->n; t += LANES) {
        const lanes loss = lanes_from(bars->loss + t), s = lanes_from(bars->scaled + t);

        if (bars->in_use != NULL) {
            g = lanes_from(bars->in_use + t);
            c = lanes_all(1.0) + b * g;
        }
        const unsigned mask = lanes_above(loss, f * c) & lanes_above(loss, q * s * c);
        lanes_keep_index(out->t + found, mask, (uint32_t)t);
        lanes_keep(out->loss + found, mask, loss);
        lanes_keep(out->s + found, mask, s);
        lanes_keep(out->g + found, mask, g);
        found += (size_t)__builtin_popcount(mask);
    }
    for (; t < bars->n; t++)
        found = beyond_one(bars, fqb, t, found, out);
    return found;
}

static void dominate_counts(size_t n_rows, size_t n_columns, size_t width, uint32_t *a)
{
    const size_t row = n_columns * width;

    for (size_t j = n_rows; j-- > 0;) {
        uint32_t *now = a + j * row;

        for (size_t k = n_columns - 1; k-- > 0;)
            for (size_t i = 0; i < width; i++)
                now[k * width + i] += now[(k + 1) * width + i];
        if (j + 1 < n_rows)
            for (size_t i = 0; i < row; i++)
                now[i] += now[row + i];
    }
}

static void dominate_sums(size_t n_rows, size_t n_columns, size_t width, double *a)
{
    const size_t row = n_columns * width;

    for (size_t j = n_rows; j-- > 0;) {
        double *now = a + j * row;

        for (size_t k = n_columns - 1; k-- > 0;)
            for (size_t i = 0; i < width; i++)
                now[k * width + i] += now[(k + 1) * width + i];
        if (j + 1 < n_rows)
            for (size_t i = 0; i < row; i++)
                now[i] += now[row + i];
    }
}

static void extremes(size_t n, const double *x, double least_most[2])
{
    double low[LANES], high[LANES];
    lanes least = lanes_all(x[0]), most = least;
    size_t t = 0;

    for (; t + LANES <= n; t += LANES) {
        least = lanes_min(least, lanes_from(x + t));
        most = lanes_max(most, lanes_from(x + t));
    }
    lanes_to(low, least);
    lanes_to(high, most);
    least_most[0] = low[0];
    least_most[1] = high[0];
    for (size_t i = 0; i < LANES; i++) {
        least_most[0] = low[i] < least_most[0] ? low[i] : least_most[0];
        least_most[1] = high[i] > least_most[1] ? high[i] : least_most[1];
    }
    for (; t < n; t++) {
        least_most[0] = x[t] < least_most[0] ? x[t] : least_most[0];
        least_most[1] = x[t] > least_most[1] ? x[t] : least_most[1];
    }
}

static void worst(size_t n, size_t n_bars, const double *f, const double *c,
                  const double *loss, const double *scaled, double *out)
{
    size_t i = 0;

    for (; i + LANES <= n; i += LANES) {
        const lanes floors = lanes_from(f + i);
        lanes most = lanes_from(out + i);

        for (size_t e = 0; e < n_bars; e++) {
            const lanes base = lanes_max(floors, lanes_all(scaled[e]));
            const lanes margin = base * lanes_from(c + e * n + i);

            most = lanes_max(most, lanes_all(loss[e]) - margin);
        }
        lanes_to(out + i, most);
    }
    for (; i < n; i++)
        for (size_t e = 0; e < n_bars; e++) {
            const double base = scaled[e] > f[i] ? scaled[e] : f[i];
            const double shortfall = loss[e] - base * c[e * n + i];

            out[i] = shortfall > out[i] ? shortfall : out[i];
        }
}

extern const struct kernels KERNELS;
const struct kernels KERNELS = {
    .ewma = ewma,
    .turn = turn,
    .scale = scale,
    .cells = cells,
    .beyond = beyond,
    .dominate_counts = dominate_counts,
    .dominate_sums = dominate_sums,
    .extremes = extremes,
    .worst = worst,
};
