/* CMA-ES: a cloud of points that learns the shape of what it descends.
 *
 *     x_k = m + sigma A z_k,   z_k ~ N(0, I),   A A' = C
 *
 * and with z_1, z_2, ... the draws of the best points, the best first, w their weights:
 *
 *     m     <-  m + sigma A z_w,   z_w = sum w_i z_i
 *     p_s   <-  (1 - c_s) p_s + sqrt(c_s (2 - c_s) mu_w) z_w
 *     sigma <-  sigma exp((c_s / d_s)(|p_s| / chi_n - 1))
 *     p_c   <-  (1 - c_c) p_c + h sqrt(c_c (2 - c_c) mu_w) A z_w
 *     C     <-  (1 - c_1' - c_mu) C + c_1 p_c p_c' + c_mu sum w_i (A z_i)(A z_i)'
 *
 * N. Hansen, "The CMA Evolution Strategy: A Tutorial" (2016), arXiv:1604.00772, with
 * its constants, and A the Cholesky factor, whose path p_s needs no root of C (O.
 * Krause, D. R. Arbonès, C. Igel, "CMA-ES with optimal covariance update and storage
 * complexity", NIPS 2016).  A population that has come to rest starts again somewhere
 * else with twice as many points (A. Auger, N. Hansen, CEC 2005).
 *
 * Constraints: points are compared by (violation, cost, point), and only ranks count.
 * The cube's walls are mirrors.  An axis of separate values keeps a step that reaches
 * the next one (N. Hansen, "A CMA-ES for mixed-integer nonlinear optimization", 2011).
 */
#include "core/arith.h"
#include "market/random.h"
#include "worker/search_method.h"

#include <gsl/gsl_linalg.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double first_sigma = 0.3;
static const double last_sigma = 1e-9; /* of the largest step, in cubes */

struct constants {
    size_t lambda, mu;
    double *weight; /* [mu] */
    double mu_w, c_s, d_s, c_c, c_1, c_mu, chi_n;
};

struct cmaes {
    size_t d;
    uint64_t seed;
    double least_step[AXES_MAX]; /* of axes of separate values; else 0 */
    struct constants of;
    uint32_t run, generation; /* starts so far; generations of this one */
    double sigma, m[AXES_MAX], p_s[AXES_MAX], p_c[AXES_MAX];
    double c[AXES_MAX][AXES_MAX], a[AXES_MAX][AXES_MAX];
    double *z; /* [lambda][d] */
    size_t *order;
    const struct search_answer *answer; /* while they are put in order */
    double last_cost, last_violation;   /* the best of the generation before */
    uint32_t n_flat;                    /* generations whose points all were alike */
};

/* Table 1 of the tutorial, without negative weights. */
static void set_rates(size_t n_axes, struct constants *of)
{
    const double d = (double)n_axes, mu_w = of->mu_w;
    const double wide = sqrt((mu_w - 1.0) / (d + 1.0)) - 1.0;

    of->c_s = (mu_w + 2.0) / (d + mu_w + 5.0);
    of->d_s = 1.0 + 2.0 * fmax(0.0, wide) + of->c_s;
    of->c_c = (4.0 + mu_w / d) / (d + 4.0 + 2.0 * mu_w / d);
    of->c_1 = 2.0 / ((d + 1.3) * (d + 1.3) + mu_w);
    of->c_mu = fmin(1.0 - of->c_1,
                    2.0 * (mu_w - 2.0 + 1.0 / mu_w) / ((d + 2.0) * (d + 2.0) + mu_w));
    of->chi_n = sqrt(d) * (1.0 - 1.0 / (4.0 * d) + 1.0 / (21.0 * d * d));
}

static void set_weights(struct constants *of)
{
    double sum = 0.0, squares = 0.0;

    for (size_t i = 0; i < of->mu; i++) {
        of->weight[i] =
            arith_log(0.5 * (double)of->lambda + 0.5) - arith_log((double)(i + 1));
        sum += of->weight[i];
    }
    for (size_t i = 0; i < of->mu; i++) {
        of->weight[i] /= sum;
        squares += of->weight[i] * of->weight[i];
    }
    of->mu_w = 1.0 / squares;
}

static void drop_rooms(struct cmaes *cmaes)
{
    free(cmaes->of.weight);
    free(cmaes->z);
    free(cmaes->order);
    cmaes->of.weight = cmaes->z = NULL;
    cmaes->order = NULL;
}

static int set_population(struct cmaes *cmaes, size_t lambda, struct err *err)
{
    struct constants *of = &cmaes->of;

    drop_rooms(cmaes);
    of->lambda = lambda;
    of->mu = lambda / 2;
    of->weight = calloc(of->mu, sizeof *of->weight);
    cmaes->z = calloc(lambda * cmaes->d, sizeof *cmaes->z);
    cmaes->order = calloc(lambda, sizeof *cmaes->order);
    if (of->weight == NULL || cmaes->z == NULL || cmaes->order == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a population of %zu", lambda);
    set_weights(of);
    set_rates(cmaes->d, of);
    return 0;
}

/* The first start is in the middle, later ones anywhere. */
static void place(struct cmaes *cmaes)
{
    struct random random = random_at(cmaes->seed, SEARCH_CMAES, cmaes->run, UINT32_MAX);

    memset(cmaes->c, 0, sizeof cmaes->c);
    for (size_t j = 0; j < cmaes->d; j++) {
        const double anywhere = random_uniform(&random);

        cmaes->m[j] = cmaes->run == 0 ? 0.5 : anywhere;
        cmaes->p_s[j] = cmaes->p_c[j] = 0.0;
        cmaes->c[j][j] = 1.0;
    }
    cmaes->sigma = first_sigma;
    cmaes->generation = cmaes->n_flat = 0;
}

static int start(const struct search_start *start, void **state, struct err *err)
{
    struct cmaes *cmaes = calloc(1, sizeof *cmaes);
    size_t lambda = 4;

    if (cmaes == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a population");
    cmaes->d = start->d;
    cmaes->seed = start->rules->seed;
    for (size_t j = 0; j < start->d; j++)
        if (start->axis[j]->span == AXIS_LISTED)
            cmaes->least_step[j] = 0.3 / (double)start->axis[j]->n;
    lambda += (size_t)(3.0 * arith_log((double)start->d));
    if (set_population(cmaes, lambda, err) != 0) {
        free(cmaes);
        return -1;
    }
    place(cmaes);
    *state = cmaes;
    return 0;
}

static void end(void *state)
{
    struct cmaes *cmaes = state;

    if (cmaes == NULL)
        return;
    drop_rooms(cmaes);
    free(cmaes);
}

/* ---- asking ---- */

/* Steps that would never leave a value of the axis are made wider. */
static void widen(struct cmaes *cmaes)
{
    for (size_t j = 0; j < cmaes->d; j++) {
        const double least = cmaes->least_step[j] / cmaes->sigma;

        if (cmaes->c[j][j] < least * least)
            cmaes->c[j][j] = least * least;
    }
}

/* A, lower triangle; false where C is no covariance (any more). */
static bool factor(struct cmaes *cmaes)
{
    double room[AXES_MAX * AXES_MAX];
    gsl_matrix_view view = gsl_matrix_view_array(room, cmaes->d, cmaes->d);

    for (size_t i = 0; i < cmaes->d; i++)
        for (size_t j = 0; j < cmaes->d; j++)
            gsl_matrix_set(&view.matrix, i, j, cmaes->c[i][j]);
    if (gsl_linalg_cholesky_decomp1(&view.matrix) != 0)
        return false;
    for (size_t i = 0; i < cmaes->d; i++)
        for (size_t j = 0; j <= i; j++) {
            cmaes->a[i][j] = gsl_matrix_get(&view.matrix, i, j);
            if (!isfinite(cmaes->a[i][j]))
                return false;
        }
    return true;
}

/* y = A z */
static void shape(const struct cmaes *cmaes, const double z[], double y[])
{
    for (size_t i = 0; i < cmaes->d; i++) {
        y[i] = 0.0;
        for (size_t j = 0; j <= i; j++)
            y[i] += cmaes->a[i][j] * z[j];
    }
}

/* Into [0, 1] by mirrors at both ends. */
static double mirror(double x)
{
    const double twice = fabs(x - 2.0 * floor(0.5 * x));

    return twice > 1.0 ? 2.0 - twice : twice;
}

static void draw(struct cmaes *cmaes, size_t k, double u[])
{
    struct random random =
        random_at(cmaes->seed, SEARCH_CMAES,
                  ((uint64_t)cmaes->run << 32) + cmaes->generation, (uint32_t)k);
    double *z = cmaes->z + k * cmaes->d, y[AXES_MAX];

    for (size_t j = 0; j < cmaes->d; j++)
        z[j] = random_normal(&random);
    shape(cmaes, z, y);
    for (size_t j = 0; j < cmaes->d; j++)
        u[j] = mirror(cmaes->m[j] + cmaes->sigma * y[j]);
}

/* Has the population come to rest, or its points to be all alike? */
static bool is_at_rest(const struct cmaes *cmaes)
{
    enum { FLAT_AT_MOST = 20 };
    double widest = 0.0;

    for (size_t j = 0; j < cmaes->d; j++)
        if (cmaes->least_step[j] == 0.0)
            widest = fmax(widest, cmaes->sigma * sqrt(cmaes->c[j][j]));
        else
            widest = fmax(widest, 2.0 * last_sigma); /* its steps stay wide */
    return widest < last_sigma || cmaes->n_flat > FLAT_AT_MOST || cmaes->sigma > 1e4;
}

static int start_again(struct cmaes *cmaes, struct err *err)
{
    cmaes->run++;
    if (set_population(cmaes, 2 * cmaes->of.lambda, err) != 0)
        return -1;
    place(cmaes);
    return factor(cmaes) ? 0 : err_set(err, ERR_BUG, "the unit matrix has no root");
}

static int ask(void *state, double n_spent, struct search_wish *wish, struct err *err)
{
    struct cmaes *cmaes = state;

    (void)n_spent;
    widen(cmaes);
    if ((is_at_rest(cmaes) || !factor(cmaes)) && start_again(cmaes, err) != 0)
        return -1;
    if (search_wish_fill(wish, cmaes->of.lambda, err) != 0)
        return -1;
    for (size_t k = 0; k < wish->n; k++)
        draw(cmaes, k, wish->u + k * cmaes->d);
    return 0;
}

/* ---- being told ---- */

static int by_rank(const void *one, const void *other, void *context)
{
    const struct search_answer *answer = context;
    const size_t a = *(const size_t *)one, b = *(const size_t *)other;

    if (candidate_before(&answer[a].at, &answer[b].at))
        return -1;
    if (candidate_before(&answer[b].at, &answer[a].at))
        return 1;
    return a < b ? -1 : a > b; /* the same point twice */
}

static void order_answers(struct cmaes *cmaes, const struct search_answer answer[])
{
    const size_t n = cmaes->of.lambda;

    for (size_t k = 0; k < n; k++)
        cmaes->order[k] = k;
    qsort_r(cmaes->order, n, sizeof *cmaes->order, by_rank, (void *)answer);
    const struct candidate *best = &answer[cmaes->order[0]].at;
    const struct candidate *middle = &answer[cmaes->order[n / 2]].at;
    const bool alike =
        best->violation == middle->violation && best->cost == middle->cost;
    cmaes->n_flat = alike ? cmaes->n_flat + 1 : 0;
}

/* |p_s|, after its step along z_w. */
static double step_path(struct cmaes *cmaes, const double z_w[])
{
    const struct constants *of = &cmaes->of;
    double square = 0.0;

    for (size_t j = 0; j < cmaes->d; j++) {
        cmaes->p_s[j] = (1.0 - of->c_s) * cmaes->p_s[j] +
                        sqrt(of->c_s * (2.0 - of->c_s) * of->mu_w) * z_w[j];
        square += cmaes->p_s[j] * cmaes->p_s[j];
    }
    return sqrt(square);
}

/* h of the tutorial: 0 while p_s is long, so that C does not grow too fast. */
static bool is_short(const struct cmaes *cmaes, double length)
{
    const struct constants *of = &cmaes->of;
    const double left =
        arith_exp(2.0 * (double)(cmaes->generation + 1) * arith_log(1.0 - of->c_s));

    return length / sqrt(1.0 - fmin(left, 0.999)) <
           (1.4 + 2.0 / ((double)cmaes->d + 1.0)) * of->chi_n;
}

static void learn_shape(struct cmaes *cmaes, const double y_w[], bool h)
{
    const struct constants *of = &cmaes->of;
    const double missing = h ? 0.0 : of->c_1 * of->c_c * (2.0 - of->c_c);
    const double kept = 1.0 + missing - of->c_1 - of->c_mu;
    const size_t d = cmaes->d;
    double y[AXES_MAX];

    for (size_t i = 0; i < d; i++)
        cmaes->p_c[i] = (1.0 - of->c_c) * cmaes->p_c[i] +
                        (h ? sqrt(of->c_c * (2.0 - of->c_c) * of->mu_w) * y_w[i] : 0.0);
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < d; j++)
            cmaes->c[i][j] =
                kept * cmaes->c[i][j] + of->c_1 * cmaes->p_c[i] * cmaes->p_c[j];
    for (size_t k = 0; k < of->mu; k++) {
        shape(cmaes, cmaes->z + cmaes->order[k] * d, y);
        for (size_t i = 0; i < d; i++)
            for (size_t j = 0; j < d; j++)
                cmaes->c[i][j] += of->c_mu * of->weight[k] * y[i] * y[j];
    }
}

static int tell(void *state, const struct search_wish *wish,
                const struct search_answer answer[], struct err *err)
{
    struct cmaes *cmaes = state;
    const struct constants *of = &cmaes->of;
    double z_w[AXES_MAX] = {0}, y_w[AXES_MAX];

    (void)wish, (void)err;
    order_answers(cmaes, answer);
    for (size_t k = 0; k < of->mu; k++)
        for (size_t j = 0; j < cmaes->d; j++)
            z_w[j] += of->weight[k] * cmaes->z[cmaes->order[k] * cmaes->d + j];
    shape(cmaes, z_w, y_w);
    for (size_t j = 0; j < cmaes->d; j++)
        cmaes->m[j] += cmaes->sigma * y_w[j];
    const double length = step_path(cmaes, z_w);
    learn_shape(cmaes, y_w, is_short(cmaes, length));
    cmaes->sigma *=
        arith_exp(fmin(1.0, of->c_s / of->d_s * (length / of->chi_n - 1.0)));
    cmaes->generation++;
    return 0;
}

const struct search_method search_cmaes = {
    .name = "cmaes",
    .meaning = "CMA-ES with restarts: a cloud that learns the shape of the cost",
    .preset_points = 1000,
    .start = start,
    .ask = ask,
    .tell = tell,
    .end = end,
};
