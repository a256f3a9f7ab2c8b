#include "stress_oracle.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const int64_t day_ns = INT64_C(86400000000000);

/* Everything of the horizon is looked at bar by bar; a gap anywhere ends it. */
static double loss_of(const struct stress_ask *ask, size_t t, size_t h)
{
    const struct bars *bars = ask->bars;
    double down = -1.0, up = -1.0;

    for (size_t j = 1; j <= h; j++) {
        if (t + j >= bars->n ||
            bars->time[t + j] - bars->time[t + j - 1] != bars->interval_ns)
            return NAN;
        down = fmax(down, 1.0 - bars->low[t + j] / bars->close[t]);
        up = fmax(up, bars->high[t + j] / bars->close[t] - 1.0);
    }
    return ask->sides == 1 ? down : ask->sides == 2 ? up : fmax(down, up);
}

struct stress_answer oracle_stress(const struct stress_ask *ask, size_t n,
                                   const unsigned char is_in[], size_t h, double worth)
{
    struct stress_answer answer = {.at = -1};
    const double last = ask->margin[n - 1];

    for (size_t t = ask->warmup; t < n; t++) {
        double loss = is_in[t] ? loss_of(ask, t, h) : (double)NAN;

        if (is_in[t] && isnan(loss))
            loss = loss_of(ask, t, ask->horizon);
        if (isnan(loss))
            continue;
        if (answer.at < 0 || loss > answer.loss) {
            answer.at = (long)t;
            answer.loss = loss;
        }
        answer.beyond_then = fmax(answer.beyond_then, loss - worth * ask->margin[t]);
    }
    answer.beyond = fmax(0.0, answer.loss - worth * last);
    return answer;
}

void oracle_window(const struct stress_ask *ask, int64_t from_ns, int64_t to_ns,
                   unsigned char is_in[])
{
    for (size_t t = 0; t < ask->bars->n; t++)
        is_in[t] = t >= ask->warmup && ask->bars->time[t] >= from_ns &&
                   ask->bars->time[t] < to_ns;
}

/* Strike out what is near the worst, k times, and take the worst of the rest. */
void oracle_worst(const struct stress_ask *ask, size_t k, unsigned char is_in[])
{
    const struct bars *bars = ask->bars;
    const int64_t horizon_ns = (int64_t)ask->horizon * bars->interval_ns;
    const int64_t apart = horizon_ns > day_ns ? horizon_ns : day_ns;
    unsigned char *struck = calloc(bars->n, 1);

    memset(is_in, 0, bars->n);
    for (size_t i = 0; i <= k; i++) {
        long worst = -1;

        for (size_t t = ask->warmup; t < bars->n; t++)
            if (!struck[t] && loss_of(ask, t, ask->horizon) > 0.0 &&
                (worst < 0 || loss_of(ask, t, ask->horizon) >
                                  loss_of(ask, (size_t)worst, ask->horizon)))
                worst = (long)t;
        if (worst < 0)
            break;
        if (i == k)
            is_in[worst] = 1;
        for (size_t t = 0; t < bars->n; t++)
            struck[t] |= llabs(bars->time[t] - bars->time[worst]) < apart;
    }
    free(struck);
}

void oracle_roughest(const struct stress_ask *ask, unsigned char is_in[])
{
    const struct bars *bars = ask->bars;
    const size_t week = (size_t)(7 * (day_ns / bars->interval_ns));
    double most = 0.0;
    long first = -1;

    for (size_t t = ask->warmup; t + week <= bars->n; t++) {
        double sum = 0.0;

        for (size_t j = t; j < t + week; j++)
            if (j > 0 && bars->time[j] - bars->time[j - 1] == bars->interval_ns)
                sum += pow(log(bars->close[j] / bars->close[j - 1]), 2.0);
        if (sum > most * (1.0 + 1e-12)) {
            most = sum;
            first = (long)t;
        }
    }
    memset(is_in, 0, bars->n);
    if (first >= 0)
        memset(is_in + first, 1, week);
}
