#include "worker/garch.h"
#include "worker/volatility_rows.h"

#include <string.h>

/* Rows of a lane's state. */
enum { H, C_0, C_1, OMEGA };

/* The parameters of lane j as garch.h has them, omega apart. */
static void parameters_of(const double *axis, size_t j, double parameter[])
{
    parameter[GARCH_MU] = parameter[GARCH_NU] = 0.0;
    parameter[GARCH_ALPHA] = axis[GRID_ALPHA * KERNEL_LANES + j];
    parameter[GARCH_GAMMA] = axis[GRID_GAMMA * KERNEL_LANES + j];
    parameter[GARCH_BETA] = axis[GRID_BETA * KERNEL_LANES + j];
}

/* h[W] = V, the mean square of r[1 .. W];
 * omega = (1 - alpha - gamma/2 - beta) long_run V, not below 0 */
static void start(const struct series *series, const double *axis, double *state)
{
    const double v = volatility_start(series);
    double parameter[GARCH_PARAMETERS], c[2];

    for (size_t j = 0; j < KERNEL_LANES; j++) {
        parameters_of(axis, j, parameter);
        const double rest = 1.0 - garch_persistence(parameter);
        const double long_run = axis[GRID_LONG_RUN * KERNEL_LANES + j] * v;

        parameter[GARCH_OMEGA] = rest > 0.0 ? rest * long_run : 0.0;
        garch_horizon(parameter, series->rules.horizon_bars, c);
        state[H * KERNEL_LANES + j] = v;
        state[C_0 * KERNEL_LANES + j] = c[0];
        state[C_1 * KERNEL_LANES + j] = c[1];
        state[OMEGA * KERNEL_LANES + j] = parameter[GARCH_OMEGA];
    }
}

/* v[t] = c[0] + c[1] h[t+1] */
static void to_forecast(size_t n, const double *state, double *variance)
{
    const double *c_0 = state + C_0 * KERNEL_LANES, *c_1 = state + C_1 * KERNEL_LANES;

    for (size_t t = 0; t < n; t++, variance += KERNEL_LANES)
        for (size_t j = 0; j < KERNEL_LANES; j++)
            variance[j] = c_1[j] * variance[j] + c_0[j];
}

void garch_grid_advance(const struct kernels *kernels, const struct series *series,
                        struct range bars, const double *axis, double *state,
                        double *variance)
{
    const size_t warmup = series->rules.warmup_bars;
    double parameter[(GARCH_BETA + 1) * KERNEL_LANES] = {0};
    size_t t = bars.first;

    for (; t < bars.end && t < warmup; t++, variance += KERNEL_LANES)
        memset(variance, 0, KERNEL_LANES * sizeof *variance);
    if (t < bars.end && t == warmup)
        start(series, axis, state);
    memcpy(parameter + GARCH_OMEGA * KERNEL_LANES, state + OMEGA * KERNEL_LANES,
           KERNEL_LANES * sizeof *parameter);
    memcpy(parameter + GARCH_ALPHA * KERNEL_LANES, axis + GRID_ALPHA * KERNEL_LANES,
           KERNEL_LANES * sizeof *parameter);
    memcpy(parameter + GARCH_GAMMA * KERNEL_LANES, axis + GRID_GAMMA * KERNEL_LANES,
           KERNEL_LANES * sizeof *parameter);
    memcpy(parameter + GARCH_BETA * KERNEL_LANES, axis + GRID_BETA * KERNEL_LANES,
           KERNEL_LANES * sizeof *parameter);
    kernels->garch(bars.end - t, series->r + t, parameter, state, variance);
    to_forecast(bars.end - t, state, variance);
}
