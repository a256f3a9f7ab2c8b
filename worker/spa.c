#include "worker/spa.h"
#include "market/random.h"

#include <math.h>

enum purpose { PURPOSE_SPA = 103 };

void spa_draw(uint64_t seed, size_t replicate, size_t n, double mean_block,
              size_t draw[])
{
    struct random random = random_at(seed, PURPOSE_SPA, replicate, 0);
    const double q = 1.0 / mean_block;

    for (size_t t = 0; t < n; t++) {
        if (t == 0 || random_uniform(&random) < q) {
            const size_t place = (size_t)(random_uniform(&random) * (double)n);
            draw[t] = place < n ? place : n - 1;
        } else {
            draw[t] = draw[t - 1] + 1 < n ? draw[t - 1] + 1 : 0;
        }
    }
}

static double mean_of(size_t n, const double d[])
{
    double sum = 0.0;

    for (size_t t = 0; t < n; t++)
        sum += d[t] - d[0];
    return d[0] + sum / (double)n;
}

/* Autocovariance at lag i, about the mean. */
static double gamma_at(size_t n, const double d[], double mean, size_t i)
{
    double sum = 0.0;

    for (size_t t = i; t < n; t++)
        sum += (d[t] - mean) * (d[t - i] - mean);
    return sum / (double)n;
}

double spa_variance(size_t n, const double d[], double mean_block)
{
    const double p = 1.0 - 1.0 / mean_block, mean = mean_of(n, d);
    double variance = gamma_at(n, d, mean, 0), power = 1.0;

    for (size_t i = 1; i < n; i++) {
        power *= p;
        const double share = (double)i / (double)n;
        const double kappa = (1.0 - share) * power + share * pow(p, (double)(n - i));

        if (kappa > 1e-12) /* 2 n of them are nothing beside gamma_0 */
            variance += 2.0 * kappa * gamma_at(n, d, mean, i);
    }
    return variance;
}

/* dbar and omega of each alternative; omega 0 where d does not vary. */
static void measure(const struct spa_problem *problem, const struct spa_room *room,
                    struct spa *spa)
{
    const size_t n = problem->n;

    for (size_t k = 0; k < problem->m; k++) {
        const double *d = problem->d + k * n;
        const double variance = spa_variance(n, d, problem->mean_block);

        room->mean[k] = mean_of(n, d);
        room->omega[k] = variance > 0.0 ? sqrt(variance) : 0.0;
        spa->n_constant += room->omega[k] == 0.0;
        if (room->omega[k] == 0.0)
            continue;
        const double t = sqrt((double)n) * room->mean[k] / room->omega[k];
        if (isnan(spa->statistic) || t > spa->statistic) {
            spa->statistic = t;
            spa->best = k;
        }
    }
    if (spa->statistic < 0.0)
        spa->statistic = 0.0;
}

enum centre { CENTRE_LOWER, CENTRE_CONSISTENT, CENTRE_UPPER, CENTRES };

static double centre(enum centre how, double mean, double omega, size_t n)
{
    const double threshold =
        -sqrt(omega * omega / (double)n * 2.0 * log(log((double)n)));

    switch (how) {
    case CENTRE_LOWER:
        return mean > 0.0 ? mean : 0.0;
    case CENTRE_CONSISTENT:
        return mean >= threshold ? mean : 0.0;
    default:
        return mean;
    }
}

/* The statistic of one replicate under each centring. */
static void replicate(const struct spa_problem *problem, const struct spa_room *room,
                      double statistic[CENTRES])
{
    const size_t n = problem->n;

    for (int how = 0; how < CENTRES; how++)
        statistic[how] = 0.0;
    for (size_t k = 0; k < problem->m; k++) {
        const double *d = problem->d + k * n;
        double sum = 0.0;

        if (room->omega[k] == 0.0)
            continue;
        for (size_t t = 0; t < n; t++)
            sum += d[room->draw[t]];
        for (int how = 0; how < CENTRES; how++) {
            const double z = sum / (double)n -
                             centre((enum centre)how, room->mean[k], room->omega[k], n);

            statistic[how] = fmax(statistic[how], sqrt((double)n) * z / room->omega[k]);
        }
    }
}

struct spa spa_of(const struct spa_problem *problem, const struct spa_room *room)
{
    enum { N_MIN = 3 }; /* ln ln n is above 0 from there on */
    struct spa spa = {NAN, NAN, NAN, NAN, 0, 0};
    size_t n_above[CENTRES] = {0};
    double statistic[CENTRES];

    if (problem->n < N_MIN)
        return spa;
    measure(problem, room, &spa);
    if (isnan(spa.statistic) || problem->n_replicates == 0)
        return spa;
    for (size_t r = 0; r < problem->n_replicates; r++) {
        spa_draw(problem->seed, r, problem->n, problem->mean_block, room->draw);
        replicate(problem, room, statistic);
        for (int how = 0; how < CENTRES; how++)
            n_above[how] += statistic[how] >= spa.statistic;
    }
    const double n = (double)problem->n_replicates;
    spa.p_lower = (double)n_above[CENTRE_LOWER] / n;
    spa.p_consistent = (double)n_above[CENTRE_CONSISTENT] / n;
    spa.p_upper = (double)n_above[CENTRE_UPPER] / n;
    return spa;
}
