#include "worker/dynamic_quantile.h"
#include "worker/hits.h"

#include <math.h>
#include <string.h>

/* Of a few hits among many bars, sums over the bars are sums over the hits:
 *
 *     sum (I_j - p)(I_k - p) = sum I_j I_k - p (sum I_j + sum I_k) + n p^2
 *     sum c (I_k - p)        = sum c I_k                    c the VaR, sum c = 0
 *
 * over the rows, I_k whether the bar k before the row's is hit. */
struct ground {
    const struct dynamic_quantile_spec *spec;
    size_t n, n_scored, n_rows;
    double *bar;    /* [n_scored] which bar each scored one is                   */
    double *row;    /* [n + CHOLESKY_MAX] its VaR, centred and scaled, where a row
                       stands; otherwise NaN                                     */
    double *is_hit; /* [n]                                                       */
};

static bool is_row(const struct ground *ground, size_t t)
{
    return !isnan(ground->row[t]);
}

static double mean_of_rows(const struct ground *ground)
{
    double sum = 0.0;

    for (size_t t = 0; t < ground->n; t++)
        sum += is_row(ground, t) ? ground->row[t] : 0.0;
    return sum / (double)ground->n_rows;
}

/* VaRs about their mean, of unit mean square; false where they are all alike. */
static bool centre_rows(struct ground *ground)
{
    const double mean = mean_of_rows(ground);
    double square = 0.0;

    for (size_t t = 0; t < ground->n; t++)
        if (is_row(ground, t)) {
            ground->row[t] -= mean;
            square += ground->row[t] * ground->row[t];
        }
    const double spread = sqrt(square / (double)ground->n_rows);
    const bool varies = spread > 0x1p-40 * fabs(mean);

    for (size_t t = 0; t < ground->n; t++)
        ground->row[t] /= varies ? spread : 1.0;
    return varies || !ground->spec->var;
}

static bool prepare(struct ground *ground, const double loss[], const double var[])
{
    size_t run = 0; /* scored bars up to this one, without a missing one between */

    for (size_t t = 0; t < ground->n; t++) {
        const bool is_scored = backtest_hit(loss[t], var[t]) != BACKTEST_MISSING;

        run = is_scored ? run + 1 : 0;
        ground->row[t] = run > ground->spec->n_lags ? var[t] : (double)NAN;
        ground->n_rows += run > ground->spec->n_lags;
        ground->is_hit[t] = 0.0;
        if (is_scored)
            ground->bar[ground->n_scored++] = (double)t;
    }
    for (size_t i = 0; i < CHOLESKY_MAX; i++)
        ground->row[ground->n + i] = NAN;
    return ground->n_rows > 0 && centre_rows(ground);
}

/* Sums over the rows of I_j I_k and of c I_k, by the hits that make them. */
struct sums {
    double both[CHOLESKY_MAX][CHOLESKY_MAX], of_var[CHOLESKY_MAX];
};

static struct sums sums_of(struct ground *ground, size_t n_hits, const double place[])
{
    const size_t n_lags = ground->spec->n_lags;
    struct sums sums = {0};

    for (size_t i = 0; i < n_hits; i++)
        ground->is_hit[(size_t)ground->bar[(size_t)place[i] - 1]] = 1.0;
    for (size_t i = 0; i < n_hits; i++) {
        const size_t t = (size_t)ground->bar[(size_t)place[i] - 1];

        for (size_t k = 0; k <= n_lags; k++) {
            if (!is_row(ground, t + k))
                continue;
            sums.of_var[k] += ground->row[t + k];
            for (size_t j = 0; j <= n_lags; j++)
                sums.both[j][k] += ground->is_hit[t + k - j];
        }
    }
    for (size_t i = 0; i < n_hits; i++)
        ground->is_hit[(size_t)ground->bar[(size_t)place[i] - 1]] = 0.0;
    return sums;
}

/* X'X and X'Hit of the regressors 1, the lags and the VaR. */
static void normal_equations(const struct ground *ground, const struct sums *sums,
                             double xx[CHOLESKY_MAX][CHOLESKY_MAX],
                             double xh[CHOLESKY_MAX])
{
    const double n = (double)ground->n_rows, p = ground->spec->p;
    const size_t n_lags = ground->spec->n_lags, of_var = n_lags + 1;

    xx[0][0] = n;
    xh[0] = sums->both[0][0] - n * p;
    for (size_t j = 1; j <= n_lags; j++) {
        const double hits = sums->both[j][j];

        xx[0][j] = xx[j][0] = hits - n * p;
        xh[j] = sums->both[0][j] - p * (hits + sums->both[0][0]) + n * p * p;
        for (size_t k = 1; k <= n_lags; k++)
            xx[j][k] = sums->both[j][k] - p * (hits + sums->both[k][k]) + n * p * p;
        xx[j][of_var] = xx[of_var][j] = sums->of_var[j];
    }
    xx[of_var][of_var] = n;
    xx[0][of_var] = xx[of_var][0] = 0.0;
    xh[of_var] = sums->of_var[0];
}

/* NaN where the regressors are collinear. */
static double statistic_of(struct ground *ground, size_t n_hits, const double place[])
{
    const struct dynamic_quantile_spec *spec = ground->spec;
    const size_t q = 1 + spec->n_lags + spec->var;
    const struct sums sums = sums_of(ground, n_hits, place);
    double xx[CHOLESKY_MAX][CHOLESKY_MAX], xh[CHOLESKY_MAX], solved[CHOLESKY_MAX];
    double form = 0.0;

    normal_equations(ground, &sums, xx, xh);
    if (!cholesky_factor(q, xx))
        return NAN;
    memcpy(solved, xh, sizeof solved);
    cholesky_solve(q, xx, solved);
    for (size_t i = 0; i < q; i++)
        form += xh[i] * solved[i];
    return form / (spec->p * (1.0 - spec->p));
}

/* The observed hits through the same sums, so that equals are equal. */
static double observed_of(struct ground *ground, const double loss[],
                          const double var[], double place[])
{
    size_t n_hits = 0;

    for (size_t i = 0; i < ground->n_scored; i++) {
        const size_t t = (size_t)ground->bar[i];

        if (backtest_hit(loss[t], var[t]) == BACKTEST_EXCEEDS)
            place[n_hits++] = (double)(i + 1);
    }
    return statistic_of(ground, n_hits, place);
}

struct backtest_null dynamic_quantile_simulate(const struct dynamic_quantile_spec *spec,
                                               size_t n, const double loss[],
                                               const double var[], size_t n_samples,
                                               uint64_t seed, double work[])
{
    struct ground ground = {
        .spec = spec, .n = n, .bar = work, .is_hit = work + n, .row = work + 2 * n};
    struct backtest_null null = {.p_value = NAN};
    double *place = work + 3 * n + CHOLESKY_MAX;

    if (!spec->constant || spec->n_gradient > 0 || spec->n_lags + 2 > CHOLESKY_MAX ||
        !(spec->p > 0.0 && spec->p < 1.0) || !prepare(&ground, loss, var))
        return null;
    const double observed = observed_of(&ground, loss, var, place);

    for (size_t k = 0; k < n_samples && !isnan(observed); k++) {
        struct random random = random_at(seed, 0, k, 0);
        const size_t x = hits_draw(ground.n_scored, spec->p, &random, place);

        backtest_null_count(&null, statistic_of(&ground, x, place), observed);
    }
    backtest_null_finish(&null, observed);
    return null;
}

/* n bars in a row, all scored, and no VaR beside the lags. */
static struct ground row_of(const struct dynamic_quantile_spec *spec, size_t n,
                            double work[])
{
    struct ground ground = {.spec = spec,
                            .n = n,
                            .n_scored = n,
                            .n_rows = n - spec->n_lags,
                            .bar = work,
                            .is_hit = work + n,
                            .row = work + 2 * n};

    for (size_t t = 0; t < n + CHOLESKY_MAX; t++)
        ground.row[t] = t >= spec->n_lags && t < n ? 0.0 : (double)NAN;
    for (size_t t = 0; t < n; t++) {
        ground.bar[t] = (double)t;
        ground.is_hit[t] = 0.0;
    }
    return ground;
}

static bool is_of_lags_alone(const struct dynamic_quantile_spec *spec, size_t n)
{
    return spec->constant && !spec->var && spec->n_gradient == 0 &&
           spec->n_lags + 2 <= CHOLESKY_MAX && n > spec->n_lags && spec->p > 0.0 &&
           spec->p < 1.0;
}

double dynamic_quantile_of_hits(const struct dynamic_quantile_spec *spec, size_t n,
                                size_t n_hits, const double place[], double work[])
{
    if (!is_of_lags_alone(spec, n))
        return NAN;
    struct ground ground = row_of(spec, n, work);

    return statistic_of(&ground, n_hits, place);
}

void dynamic_quantile_samples(const struct dynamic_quantile_spec *spec,
                              const struct null_samples *samples, double dq[],
                              double work[])
{
    if (!is_of_lags_alone(spec, samples->n_bars)) {
        for (size_t k = samples->first; k < samples->end; k++)
            dq[k - samples->first] = NAN;
        return;
    }
    struct ground ground = row_of(spec, samples->n_bars, work);
    double *place = work + 3 * samples->n_bars + CHOLESKY_MAX;

    for (size_t k = samples->first; k < samples->end; k++) {
        struct random random = random_at(samples->seed, 0, k, 0);
        const size_t x = hits_draw(samples->n_bars, spec->p, &random, place);

        dq[k - samples->first] = statistic_of(&ground, x, place);
    }
}
