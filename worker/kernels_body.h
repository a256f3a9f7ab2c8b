/* kernels_body.h -- the source of kernels.h, compiled for one instruction set
 *
 * KERNELS is the name of the table that it defines. */
#include "worker/garch.h"
#include "worker/kernels.h"
#include "worker/kernels_range.h"
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

/* One vector of GARCH lanes. */
struct garch_lanes {
    lanes mu, omega, up, down, even, beta, h;
};

static inline struct garch_lanes garch_lanes_of(const double *parameter,
                                                const double *state)
{
    const lanes alpha = lanes_from(parameter + GARCH_ALPHA * KERNEL_LANES);
    const lanes gamma = lanes_from(parameter + GARCH_GAMMA * KERNEL_LANES);

    return (struct garch_lanes){
        .mu = lanes_from(parameter + GARCH_MU * KERNEL_LANES),
        .omega = lanes_from(parameter + GARCH_OMEGA * KERNEL_LANES),
        .up = alpha,
        .down = alpha + gamma,
        .even = alpha + lanes_all(0.5) * gamma,
        .beta = lanes_from(parameter + GARCH_BETA * KERNEL_LANES),
        .h = lanes_from(state),
    };
}

static inline void garch_advance(struct garch_lanes *v, lanes r)
{
    const lanes e = r - v->mu;
    const lanes a = lanes_choose(lanes_is_below(e, lanes_all(0.0)), v->down, v->up);

    v->h = lanes_fma(v->beta, v->h, lanes_fma(a, e * e, v->omega));
}

/* e^2 = h and the indicator 1/2 */
static inline void garch_expect(struct garch_lanes *v)
{
    v->h = lanes_fma(v->beta, v->h, lanes_fma(v->even, v->h, v->omega));
}

/*  h' = omega + (alpha + gamma 1{e < 0}) e^2 + beta h,  e = r - mu:  Glosten,
 * Jagannathan, Runkle, J. Finance 48, 1993.  Only one fma waits for the last h. */
static void garch(size_t n, const double *r, const double *parameter, double *state,
                  double *variance)
{
    struct garch_lanes v[VECTORS];

    for (int i = 0; i < VECTORS; i++)
        v[i] = garch_lanes_of(parameter + i * LANES, state + i * LANES);
    for (size_t t = 0; t < n; t++) {
        const double now = r[t];

        if (now == now)
            for (int i = 0; i < VECTORS; i++)
                garch_advance(&v[i], lanes_all(now));
        else
            for (int i = 0; i < VECTORS; i++)
                garch_expect(&v[i]);
        for (int i = 0; i < VECTORS; i++)
            lanes_to(variance + t * KERNEL_LANES + i * LANES, v[i].h);
    }
    for (int i = 0; i < VECTORS; i++)
        lanes_to(state + i * LANES, v[i].h);
}

/* One vector of averages; the weight of one that is of `window` ranges stays. */
struct atr_lanes {
    lanes a, n, window, weight, decay;
};

static inline void atr_weigh(struct atr_lanes *v)
{
    v->weight = lanes_all(1.0) / lanes_max(v->n, lanes_all(1.0));
    v->decay = lanes_all(1.0) - v->weight;
}

static inline void atr_advance(struct atr_lanes *v, lanes x)
{
    v->a = lanes_fma(v->decay, v->a, v->weight * x);
}

/* Bars while not all averages are of their whole window; how many. */
static size_t atr_begin(size_t n, const double *range, struct atr_lanes v[VECTORS],
                        double *variance)
{
    const lanes one = lanes_all(1.0), none = lanes_all(NAN);
    unsigned grows = 1;
    size_t t = 0;

    for (; t < n && grows; t++) {
        const double x = KERNEL_ATR_SCALE * range[t];

        grows = 0;
        for (int i = 0; i < VECTORS; i++, variance += LANES) {
            if (x == x) {
                v[i].n = lanes_min(v[i].n + one, v[i].window);
                atr_weigh(&v[i]);
                atr_advance(&v[i], lanes_all(x));
            }
            grows |= lanes_above(v[i].window, v[i].n);
            lanes_to(variance,
                     lanes_choose(lanes_is_below(v[i].n, one), none, v[i].a * v[i].a));
        }
    }
    return t;
}

/*  A' = A + (TR - A) / n,  n = min(n + 1, window):  Wilder, New Concepts in Technical
 * Trading Systems, 1978. */
static void atr(size_t n, const double *range, const double *window, double *state,
                double *variance)
{
    struct atr_lanes v[VECTORS];

    for (int i = 0; i < VECTORS; i++) {
        v[i].a = lanes_from(state + i * LANES);
        v[i].n = lanes_from(state + KERNEL_LANES + i * LANES);
        v[i].window = lanes_from(window + i * LANES);
        atr_weigh(&v[i]);
    }
    for (size_t t = atr_begin(n, range, v, variance); t < n; t++) {
        const double x = KERNEL_ATR_SCALE * range[t];

        if (x == x)
            for (int i = 0; i < VECTORS; i++)
                atr_advance(&v[i], lanes_all(x));
        for (int i = 0; i < VECTORS; i++)
            lanes_to(variance + t * KERNEL_LANES + i * LANES, v[i].a * v[i].a);
    }
    for (int i = 0; i < VECTORS; i++) {
        lanes_to(state + i * LANES, v[i].a);
        lanes_to(state + KERNEL_LANES + i * LANES, v[i].n);
    }
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

static void cells(size_t n, struct ladder_cells of, const double *x, uint32_t *cell)
{
    size_t t = 0;

    for (; t + LANES <= n; t += LANES)
        lanes_cells(cell + t, lanes_from(x + t), of);
    for (; t < n; t++)
        cell[t] = ladder_cell(of, x[t]);
}

/* One vector of bars from t on, their margins' c given.  Roots take longest: the rest
 * is done in their shadow. */
static inline __attribute__((always_inline)) void pass_lanes(struct kernel_pass *pass,
                                                             size_t t, lanes c,
                                                             lanes extreme[2],
                                                             uint32_t *cell)
{
    const struct kernel_beyond *found = &pass->found;
    const lanes loss = lanes_from(pass->loss + t);
    const lanes s = lanes_sqrt(lanes_all(pass->h) * lanes_from(pass->variance + t));
    const unsigned mask = lanes_above(loss, lanes_all(pass->f) * c) &
                          lanes_above(loss, lanes_all(pass->q) * s * c);

    lanes_to(pass->scaled + t, s);
    lanes_cells(cell, s, pass->cells);
    lanes_keep_index(found->t + pass->n_found, mask, (uint32_t)t);
    lanes_keep(found->loss + pass->n_found, mask, loss);
    lanes_keep(found->s + pass->n_found, mask, s);
    if (pass->in_use != NULL)
        lanes_keep(found->g + pass->n_found, mask, lanes_from(pass->in_use + t));
    pass->n_found += (size_t)__builtin_popcount(mask);
    extreme[0] = lanes_min(extreme[0], s);
    extreme[1] = lanes_max(extreme[1], s);
}

/* One bar, without lanes. */
static void pass_bar(struct kernel_pass *pass, size_t t, uint32_t *cell)
{
    const struct kernel_beyond *found = &pass->found;
    const double g = pass->in_use == NULL ? 1.0 : pass->in_use[t];
    const double c = 1.0 + pass->b * g, loss = pass->loss[t];
    const double s = sqrt(pass->h * pass->variance[t]);

    pass->scaled[t] = s;
    *cell = ladder_cell(pass->cells, s);
    found->t[pass->n_found] = (uint32_t)t;
    found->loss[pass->n_found] = loss;
    found->s[pass->n_found] = s;
    if (pass->in_use != NULL)
        found->g[pass->n_found] = g;
    pass->n_found += (loss > pass->f * c) & (loss > pass->q * s * c);
    pass->least = s < pass->least ? s : pass->least;
    pass->most = s > pass->most ? s : pass->most;
}

static void pass(struct kernel_pass *state, size_t first, size_t end, uint32_t *cell)
{
    lanes extreme[2] = {lanes_all(state->least), lanes_all(state->most)};
    double least[LANES], most[LANES];
    struct kernel_pass now = *state; /* where no store can reach it */
    const lanes one = lanes_all(1.0), b = lanes_all(now.b), whole = one + b * one;
    size_t t = first;

    if (now.in_use == NULL)
        for (; t + LANES <= end; t += LANES)
            pass_lanes(&now, t, whole, extreme, cell + (t - first));
    else
        for (; t + LANES <= end; t += LANES)
            pass_lanes(&now, t, one + b * lanes_from(now.in_use + t), extreme,
                       cell + (t - first));
    lanes_to(least, extreme[0]);
    lanes_to(most, extreme[1]);
    for (size_t i = 0; i < LANES; i++) {
        now.least = least[i] < now.least ? least[i] : now.least;
        now.most = most[i] > now.most ? most[i] : now.most;
    }
    for (; t < end; t++)
        pass_bar(&now, t, cell + (t - first));
    *state = now;
}

static void add_behind(size_t n_rows, size_t n, double *a)
{
    for (size_t j = n_rows - 1; j-- > 0;)
        for (size_t i = 0; i < n; i++)
            a[j * n + i] += a[(j + 1) * n + i];
}

/* So many vectors of floors at once hide the latency of the last maximum. */
enum { WORST_AT_ONCE = 4 };

static inline __attribute__((always_inline)) void worst_lanes(
    size_t n_vectors, size_t n, size_t n_bars, const double *f, const double *c,
    const double *loss, const double *scaled, double *out)
{
    lanes floors[WORST_AT_ONCE], most[WORST_AT_ONCE];

    for (size_t v = 0; v < n_vectors; v++) {
        floors[v] = lanes_from(f + v * LANES);
        most[v] = lanes_from(out + v * LANES);
    }
    for (size_t e = 0; e < n_bars; e++)
        for (size_t v = 0; v < n_vectors; v++) {
            const lanes base = lanes_max(floors[v], lanes_all(scaled[e]));
            const lanes margin = base * lanes_from(c + e * n + v * LANES);

            most[v] = lanes_max(most[v], lanes_all(loss[e]) - margin);
        }
    for (size_t v = 0; v < n_vectors; v++)
        lanes_to(out + v * LANES, most[v]);
}

static void worst(size_t n, size_t n_bars, const double *f, const double *c,
                  const double *loss, const double *scaled, double *out)
{
    size_t i = 0;

    for (; i + WORST_AT_ONCE * LANES <= n; i += WORST_AT_ONCE * LANES)
        worst_lanes(WORST_AT_ONCE, n, n_bars, f + i, c + i, loss, scaled, out + i);
    for (; i + LANES <= n; i += LANES)
        worst_lanes(1, n, n_bars, f + i, c + i, loss, scaled, out + i);
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
    .garch = garch,
    .window_mean = window_mean,
    .window_variance = window_variance,
    .yang_zhang = yang_zhang,
    .atr = atr,
    .turn = turn,
    .scale = scale,
    .cells = cells,
    .pass = pass,
    .add_behind = add_behind,
    .worst = worst,
};
