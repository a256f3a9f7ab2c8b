#include "worker/garch.h"

#include "core/arith.h"
#include "worker/lngamma.h"

#include <math.h>
#include <string.h>

static const double BACKCAST_DECAY = 0.94; /* K. Sheppard's arch, "backcast" */
enum { BACKCAST_RETURNS = 75 };

static struct garch_weights weigh(size_t n, const double r[], double decay)
{
    double weight = 1.0, sum = 0.0, sum_r = 0.0, sum_rr = 0.0;

    for (size_t t = 0; t < n; t++, weight *= decay) {
        if (isnan(r[t]))
            continue;
        sum += weight;
        sum_r += weight * r[t];
        sum_rr += weight * (r[t] * r[t]);
    }
    return sum > 0.0 ? (struct garch_weights){sum_r / sum, sum_rr / sum}
                     : (struct garch_weights){0};
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

struct garch_sample garch_sample_of(const struct garch_spec *spec, size_t n,
                                    const double r[])
{
    struct garch_sample sample = {.n = n, .r = r, .whole = weigh(n, r, 1.0)};

    for (size_t t = 0; t < n; t++)
        sample.n_there += !isnan(r[t]);
    sample.start = spec->start == GARCH_START_FIRST
                       ? weigh(least(spec->start_window, n), r, 1.0)
                   : spec->start == GARCH_START_BACKCAST
                       ? weigh(least(BACKCAST_RETURNS, n), r, BACKCAST_DECAY)
                       : sample.whole;
    return sample;
}

double garch_start_value(const struct garch_spec *spec,
                         const struct garch_sample *sample,
                         const double parameter[GARCH_PARAMETERS], double *gradient)
{
    const double mu = parameter[GARCH_MU];
    const struct garch_weights *weights = &sample->start;

    if (gradient != NULL)
        memset(gradient, 0, GARCH_PARAMETERS * sizeof *gradient);
    if (spec->start != GARCH_START_UNCONDITIONAL) {
        if (gradient != NULL)
            gradient[GARCH_MU] = 2.0 * (mu - weights->mean);
        return weights->square - 2.0 * mu * weights->mean + mu * mu;
    }
    const double rest = 1.0 - garch_persistence(parameter);
    const double b = parameter[GARCH_OMEGA] / rest;
    if (gradient != NULL) {
        gradient[GARCH_OMEGA] = 1.0 / rest;
        gradient[GARCH_ALPHA] = gradient[GARCH_BETA] = b / rest;
        gradient[GARCH_GAMMA] = 0.5 * b / rest;
    }
    return b;
}

void garch_filter(const double parameter[GARCH_PARAMETERS], double b, size_t n,
                  const double r[], double h[])
{
    const double omega = parameter[GARCH_OMEGA], beta = parameter[GARCH_BETA];
    const double up = parameter[GARCH_ALPHA], down = up + parameter[GARCH_GAMMA];
    const double even = up + 0.5 * parameter[GARCH_GAMMA];

    h[0] = fma(beta, b, fma(even, b, omega));
    for (size_t t = 0; t < n; t++) {
        const double e = r[t] - parameter[GARCH_MU];
        const double shock =
            isnan(e) ? fma(even, h[t], omega) : fma(e < 0.0 ? down : up, e * e, omega);

        h[t + 1] = fma(beta, h[t], shock);
    }
}

/* A sum of logarithms that takes one of a product of many: their bits differ from the
 * sum's by n ulp at most, as those of any sum do. */
struct log_sum {
    double product, sum;
};

static void log_sum_add(struct log_sum *log, double x)
{
    log->product *= x;
    if (!(log->product > 0x1p-400 && log->product < 0x1p400)) {
        log->sum += arith_log(log->product);
        log->product = 1.0;
    }
}

static double log_sum_value(const struct log_sum *log)
{
    return log->sum + arith_log(log->product);
}

/* h and its gradient, nu apart. */
struct state {
    double h, d[GARCH_NU];
};

static struct state state_start(const struct garch_spec *spec,
                                const struct garch_sample *sample,
                                const double parameter[GARCH_PARAMETERS])
{
    double db[GARCH_PARAMETERS];
    struct state s;
    const double b = garch_start_value(spec, sample, parameter, db);
    const double persistence = garch_persistence(parameter);

    s.h = fma(parameter[GARCH_BETA], b,
              fma(parameter[GARCH_ALPHA] + 0.5 * parameter[GARCH_GAMMA], b,
                  parameter[GARCH_OMEGA]));
    for (int i = 0; i < GARCH_NU; i++)
        s.d[i] = persistence * db[i];
    s.d[GARCH_OMEGA] += 1.0;
    s.d[GARCH_ALPHA] += b;
    s.d[GARCH_GAMMA] += 0.5 * b;
    s.d[GARCH_BETA] += b;
    return s;
}

/* The state behind a return.  With a = alpha + gamma 1{e < 0}:
 *     dh'/dmu = -2 a e + beta dh/dmu,   dh'/domega = 1 + beta dh/domega,
 *     dh'/dalpha = e^2 + ...,  dh'/dgamma = 1{e < 0} e^2 + ...,  dh'/dbeta = h + ... */
static void state_advance(const double parameter[GARCH_PARAMETERS], double e,
                          struct state *s)
{
    const double gamma = parameter[GARCH_GAMMA], beta = parameter[GARCH_BETA];
    const bool missing = isnan(e);
    const double below = missing ? 0.5 : e < 0.0 ? 1.0 : 0.0;
    const double a = parameter[GARCH_ALPHA] + gamma * below;
    const double e2 = missing ? s->h : e * e;
    const double keep = missing ? beta + a : beta;
    const double h = s->h;

    s->h = fma(beta, h, fma(a, e2, parameter[GARCH_OMEGA]));
    s->d[GARCH_MU] = fma(keep, s->d[GARCH_MU], missing ? 0.0 : -2.0 * a * e);
    s->d[GARCH_OMEGA] = fma(keep, s->d[GARCH_OMEGA], 1.0);
    s->d[GARCH_ALPHA] = fma(keep, s->d[GARCH_ALPHA], e2);
    s->d[GARCH_GAMMA] = fma(keep, s->d[GARCH_GAMMA], below * e2);
    s->d[GARCH_BETA] = fma(keep, s->d[GARCH_BETA], h);
}

/* What the law of the innovations adds: with x = e^2 / h,
 *     normal   ln f = -(ln 2pi + ln h + x) / 2
 *     Student  ln f = c(nu) - ln h / 2 - (nu + 1)/2 ln(1 + x / (nu - 2)),
 *              c    = lnGamma((nu+1)/2) - lnGamma(nu/2) - ln(pi (nu - 2)) / 2 */
struct law {
    bool student;
    double nu, per_nu_2, c, dc; /* per_nu_2 = 1 / (nu - 2) */
};

static struct law law_of(const struct garch_spec *spec, double nu)
{
    const double ln_2pi = 0x1.d67f1c864beb5p+0, ln_pi = 0x1.250d048e7a1bdp+0;

    if (!spec->student)
        return (struct law){.c = -0.5 * ln_2pi};
    return (struct law){
        .student = true,
        .nu = nu,
        .per_nu_2 = 1.0 / (nu - 2.0),
        .c = lngamma(0.5 * (nu + 1.0)) - lngamma(0.5 * nu) -
             0.5 * (ln_pi + arith_log(nu - 2.0)),
        .dc = 0.5 * (digamma(0.5 * (nu + 1.0)) - digamma(0.5 * nu) - 1.0 / (nu - 2.0)),
    };
}

/* The score of one return; that of nu without dc and ln(1 + y), y = x / (nu - 2). */
static void score_of(const struct law *law, const struct state *s, double e,
                     double score[GARCH_PARAMETERS], double *one_plus_y)
{
    const double per_h = 1.0 / s->h, x = e * e * per_h;
    double pull = 1.0; /* the weight that the law gives to the square */

    *one_plus_y = 1.0;
    score[GARCH_NU] = 0.0;
    if (law->student) {
        const double y = x * law->per_nu_2;

        *one_plus_y = 1.0 + y;
        pull = (law->nu + 1.0) * law->per_nu_2 / *one_plus_y;
        score[GARCH_NU] = 0.5 * pull * y;
    }
    const double dh = 0.5 * (pull * x - 1.0) * per_h;
    for (int i = 0; i < GARCH_NU; i++)
        score[i] = dh * s->d[i];
    score[GARCH_MU] += pull * e * per_h;
}

static void add_outer(const struct law *law, double one_plus_y,
                      const double score[GARCH_PARAMETERS], double *outer)
{
    double whole[GARCH_PARAMETERS];

    memcpy(whole, score, sizeof whole);
    if (law->student)
        whole[GARCH_NU] += law->dc - 0.5 * arith_log(one_plus_y);
    for (int i = 0; i < GARCH_PARAMETERS; i++)
        for (int j = 0; j < GARCH_PARAMETERS; j++)
            outer[i * GARCH_PARAMETERS + j] += whole[i] * whole[j];
}

double garch_likelihood(const struct garch_spec *spec,
                        const struct garch_sample *sample,
                        const double parameter[GARCH_PARAMETERS], double *gradient,
                        double *outer)
{
    const struct law law = law_of(spec, parameter[GARCH_NU]);
    const double m = (double)sample->n_there;
    struct state s = state_start(spec, sample, parameter);
    struct log_sum ln_h = {1.0, 0.0}, ln_y = {1.0, 0.0};
    double sum_x = 0.0, total[GARCH_PARAMETERS] = {0}, score[GARCH_PARAMETERS];

    if (outer != NULL)
        memset(outer, 0, GARCH_PARAMETERS * GARCH_PARAMETERS * sizeof *outer);
    for (size_t t = 0; t < sample->n; t++) {
        const double e = sample->r[t] - parameter[GARCH_MU];
        double one_plus_y;

        if (!isnan(e)) {
            score_of(&law, &s, e, score, &one_plus_y);
            for (int i = 0; i < GARCH_PARAMETERS; i++)
                total[i] += score[i];
            if (outer != NULL)
                add_outer(&law, one_plus_y, score, outer);
            sum_x += e * e / s.h;
            log_sum_add(&ln_h, s.h);
            if (law.student)
                log_sum_add(&ln_y, one_plus_y);
        }
        state_advance(parameter, e, &s);
    }
    const double sum_ln_y = log_sum_value(&ln_y);
    total[GARCH_NU] += m * law.dc - 0.5 * sum_ln_y;
    if (gradient != NULL)
        memcpy(gradient, total, sizeof total);
    return m * law.c - 0.5 * log_sum_value(&ln_h) -
           0.5 * (law.student ? (law.nu + 1.0) * sum_ln_y : sum_x);
}

void garch_horizon(const double parameter[GARCH_PARAMETERS], size_t horizon,
                   double c[2])
{
    const double persistence = garch_persistence(parameter);
    double a0 = 0.0, a1 = 1.0; /* h[t+j] = a0 + a1 h[t+1] */

    c[0] = c[1] = 0.0;
    for (size_t j = 0; j < horizon; j++) {
        c[0] += a0;
        c[1] += a1;
        a0 = fma(persistence, a0, parameter[GARCH_OMEGA]);
        a1 *= persistence;
    }
    c[0] /= (double)horizon;
    c[1] /= (double)horizon;
}
