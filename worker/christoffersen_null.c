#include "worker/christoffersen.h"
#include "worker/hits.h"
#include "worker/kupiec.h"

#include <string.h>

enum purpose { SHUFFLE, DRAW };

/* The scored bars, in order, and whether the next of them is the next bar. */
struct line {
    size_t n, n_pairs;
    double *followed; /* [n], 0 or 1     */
    double *is_hit;   /* [n + 1], 0 or 1 */
    double *place;    /* [n]             */
};

static struct line line_of(size_t n, const double loss[], const double var[],
                           double work[])
{
    struct line line = {
        .followed = work, .is_hit = work + n, .place = work + 2 * n + 1};
    size_t before = n; /* the scored bar before, n: none */

    for (size_t t = 0; t < n; t++) {
        if (backtest_hit(loss[t], var[t]) == BACKTEST_MISSING)
            continue;
        if (line.n > 0) {
            line.followed[line.n - 1] = before + 1 == t;
            line.n_pairs += before + 1 == t;
        }
        line.followed[line.n++] = 0.0;
        before = t;
    }
    memset(line.is_hit, 0, (line.n + 1) * sizeof *line.is_hit);
    return line;
}

static void mark(struct line *line, size_t n_hits, const double place[], double as)
{
    for (size_t i = 0; i < n_hits; i++)
        line->is_hit[(size_t)place[i] - 1] = as;
}

/* Only the neighbours of hits are looked at. */
static double ratio_of(struct line *line, size_t n_hits, const double place[])
{
    struct transitions pairs = {0};

    mark(line, n_hits, place, 1.0);
    for (size_t i = 0; i < n_hits; i++) {
        const size_t at = (size_t)place[i] - 1;

        if (line->followed[at] != 0.0) {
            pairs.n11 += line->is_hit[at + 1] != 0.0;
            pairs.n10 += line->is_hit[at + 1] == 0.0;
        }
        if (at > 0 && line->followed[at - 1] != 0.0)
            pairs.n01 += line->is_hit[at - 1] == 0.0;
    }
    mark(line, n_hits, place, 0.0);
    pairs.n00 = line->n_pairs - pairs.n11 - pairs.n10 - pairs.n01;
    return christoffersen_independence(&pairs).lr;
}

struct christoffersen_null christoffersen_simulate(size_t n, const double loss[],
                                                   const double var[], double p,
                                                   size_t n_samples, uint64_t seed,
                                                   double work[])
{
    struct christoffersen_null null = {{.p_value = NAN}, {.p_value = NAN}};
    struct line line = line_of(n, loss, var, work);
    double *deck = work + 3 * n + 1;
    size_t n_bars, n_hits;
    const struct transitions pairs =
        christoffersen_pairs(n, loss, var, &n_bars, &n_hits);
    const double independence = christoffersen_independence(&pairs).lr;

    if (line.n == 0 || !(p > 0.0 && p < 1.0))
        return null;
    const double conditional = independence + kupiec_test(n_bars, n_hits, p).lr;

    for (size_t i = 0; i < line.n; i++)
        deck[i] = (double)(i + 1);
    for (size_t k = 0; k < n_samples; k++) {
        struct random random = random_at(seed, SHUFFLE, k, 0);

        hits_shuffle(line.n, n_hits, &random, deck);
        backtest_null_count(&null.independence, ratio_of(&line, n_hits, deck),
                            independence);
        random = random_at(seed, DRAW, k, 0);
        const size_t x = hits_draw(line.n, p, &random, line.place);
        backtest_null_count(
            &null.conditional,
            ratio_of(&line, x, line.place) + kupiec_test(line.n, x, p).lr, conditional);
    }
    backtest_null_finish(&null.independence, independence);
    backtest_null_finish(&null.conditional, conditional);
    return null;
}
