#include "worker/sweep_figures.h"

#include <math.h>
#include <string.h>

/* Maxima over the bars of a bin, and of the bins up to it or above it, with
 * w = c[t+d] / c[t]: of w, w s[t+d], w / s[t] and w s[t+d] / s[t].  0: no bar. */
enum { MAX_W, MAX_WS, MAX_W_BY_S, MAX_WS_BY_S, MAXIMA };

static void raise(double *most, double x)
{
    *most = x > *most ? x : *most;
}

/* n_w: buffers for which w differs; 1 where the buffer is never released. */
static void fill_bins(const struct ground *ground, const struct policies *policies,
                      const struct quotients *quotients, const struct path *path,
                      size_t rise, double (*bin)[MAXIMA])
{
    const size_t n_w = path->in_use == NULL ? 1 : policies->n_b;
    const size_t d = ground->apart[rise];

    memset(bin, 0, (quotients->ladder.n + 1) * n_w * sizeof *bin);
    for (size_t t = 0; t + d < ground->n; t++) {
        if (!(ground->is_apart[t] >> rise & 1))
            continue;
        const double s = path->scaled[t], then = path->scaled[t + d];
        double(*of)[MAXIMA] = bin + ladder_rank(&quotients->ladder, s) * n_w;

        for (size_t i = 0; i < n_w; i++) {
            const double w = path->in_use == NULL
                                 ? 1.0
                                 : (1.0 + policies->b[i] * path->in_use[t + d]) /
                                       (1.0 + policies->b[i] * path->in_use[t]);

            raise(&of[i][MAX_W], w);
            raise(&of[i][MAX_WS], w * then);
            raise(&of[i][MAX_W_BY_S], w / s);
            raise(&of[i][MAX_WS_BY_S], w * (then / s));
        }
    }
}

/* Those without s[t] in the denominator run up to the bin, the others from behind it.
 */
static void accumulate(size_t n_bins, size_t n_w, double (*bin)[MAXIMA])
{
    for (size_t i = n_w; i < n_bins * n_w; i++) {
        raise(&bin[i][MAX_W], bin[i - n_w][MAX_W]);
        raise(&bin[i][MAX_WS], bin[i - n_w][MAX_WS]);
    }
    for (size_t w = 0; w < n_w; w++) {
        double by_s = 0.0, ws_by_s = 0.0;

        for (size_t i = n_bins; i-- > 0;) {
            double *of = bin[i * n_w + w];
            const double more = of[MAX_W_BY_S], more_s = of[MAX_WS_BY_S];

            of[MAX_W_BY_S] = by_s;
            of[MAX_WS_BY_S] = ws_by_s;
            raise(&by_s, more);
            raise(&ws_by_s, more_s);
        }
    }
}

/*  max over t of m[t+d] / m[t],  x = f / q:
 *
 *      s[t] <= x:  max(x, s[t+d]) w / x  =  max(w, w s[t+d] / x)
 *      s[t] >  x:  max(x, s[t+d]) w / s  =  max(x w / s, w s[t+d] / s)
 *
 * m[t] = 0 (f = 0 and s[t] = 0) begins no rise; none at all: undefined. */
static double rise_of(const double *most, double f, double q)
{
    double rise = most[MAX_WS_BY_S];

    if (f > 0.0) {
        raise(&rise, most[MAX_W]);
        raise(&rise, most[MAX_WS] * q / f);
        if (q > 0.0)
            raise(&rise, f / q * most[MAX_W_BY_S]);
    }
    return rise > 0.0 || most[MAX_W_BY_S] > 0.0 ? rise : NAN;
}

void rises_fill(const struct ground *ground, const struct policies *policies,
                const struct quotients *quotients, const struct path *path,
                double *const field[FIELDS])
{
    double(*bin)[MAXIMA] = (double(*)[MAXIMA])quotients->bin;
    const size_t n_w = path->in_use == NULL ? 1 : policies->n_b;

    for (size_t rise = 0; rise < TALLY_RISES; rise++) {
        double *out = field[FIELD_RISE + rise];

        fill_bins(ground, policies, quotients, path, rise, bin);
        accumulate(quotients->ladder.n + 1, n_w, bin);
        for (size_t cell = 0; cell < policies->n_cells; cell++) {
            const size_t jk = cell / policies->n_b;
            const size_t i = n_w == 1 ? 0 : cell % policies->n_b;

            out[cell] = rise_of(bin[quotients->rank[jk] * n_w + i],
                                policies->f[jk % policies->n_f],
                                policies->q[jk / policies->n_f]);
        }
    }
}
