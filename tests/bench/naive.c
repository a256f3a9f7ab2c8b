#include "tests/bench/naive.h"

#include <math.h>

static void naive_path(const struct naive *naive, double lambda, double *s)
{
    double v = naive->start;

    for (size_t t = 0; t < naive->n; t++) {
        if (t > 0)
            v = fma(lambda, v, (1.0 - lambda) * naive->square[t]);
        s[t] = sqrt(v);
    }
}

static void naive_point(const struct naive *naive, const double *s, double q, double f,
                        double b, struct naive_score *score)
{
    const double c = 1.0 + b;
    double sum = 0.0, most = 0.0, least = INFINITY, shortfall = 0.0, worst = 0.0;
    uint32_t x = 0, both = 0;
    int before = 0;

    for (size_t t = 0; t < naive->n; t++) {
        const double scale = q * s[t];
        const double m = (scale > f ? scale : f) * c;
        const int exceeds = naive->loss[t] > m;

        sum += m;
        most = m > most ? m : most;
        least = m < least ? m : least;
        x += (uint32_t)exceeds;
        both += (uint32_t)(exceeds & before);
        before = exceeds;
        if (exceeds) {
            const double rest = naive->loss[t] - m;

            shortfall += rest;
            worst = rest > worst ? rest : worst;
        }
    }
    *score = (struct naive_score){sum, most, least, shortfall, worst, x, both};
}

void naive_sweep(const struct naive *naive, double *path, struct naive_score *score)
{
    for (size_t l = 0; l < naive->n_lambda; l++) {
        naive_path(naive, naive->lambda[l], path);
        for (size_t j = 0; j < naive->n_q; j++)
            for (size_t k = 0; k < naive->n_floor; k++)
                for (size_t i = 0; i < naive->n_buffer; i++)
                    naive_point(naive, path, naive->q[j], naive->floor[k],
                                naive->buffer[i], score++);
    }
}
