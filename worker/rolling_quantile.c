#include "worker/rolling_quantile.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int ranks_new(size_t n, struct ranks *ranks, struct err *err)
{
    *ranks = (struct ranks){.rank = calloc(n + 1, sizeof *ranks->rank),
                            .sorted = calloc(n + 1, sizeof *ranks->sorted),
                            .bits = calloc(n / 64 + 2, sizeof *ranks->bits),
                            .key = calloc(2 * n + 1, sizeof *ranks->key)};
    if (ranks->rank != NULL && ranks->sorted != NULL && ranks->bits != NULL &&
        ranks->key != NULL)
        return 0;
    ranks_free(ranks);
    return err_set(err, ERR_MEMORY, "no memory for the ranks of %zu values", n);
}

void ranks_free(struct ranks *ranks)
{
    free(ranks->rank);
    free(ranks->sorted);
    free(ranks->bits);
    free(ranks->key);
    *ranks = (struct ranks){0};
}

/* ---- ranking: a stable radix sort --------------------------------------------------
 *
 * Doubles in order are unsigned integers in order once the sign is turned: all bits of
 * negative ones, the highest of the others (Knuth, TAOCP 3, 5.2.5, on keys). */

enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS };

static uint64_t key_of(double x)
{
    const double plain = x + 0.0; /* -0 is 0 */
    uint64_t bits;

    memcpy(&bits, &plain, sizeof bits);
    return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

static double value_of(uint64_t key)
{
    const uint64_t bits = key >> 63 ? key & ~(UINT64_C(1) << 63) : ~key;
    double x;

    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Stable pass by one digit from (key, place) to (to, to_place). */
static void sort_digit(size_t n, int shift, const uint64_t key[],
                       const uint32_t place[], uint64_t to[], uint32_t to_place[])
{
    size_t start[DIGITS] = {0};

    for (size_t i = 0; i < n; i++)
        start[(key[i] >> shift) & (DIGITS - 1)]++;
    for (size_t d = 0, sum = 0; d < DIGITS; d++) {
        const size_t count = start[d];

        start[d] = sum;
        sum += count;
    }
    for (size_t i = 0; i < n; i++) {
        const size_t at = start[(key[i] >> shift) & (DIGITS - 1)]++;

        to[at] = key[i];
        to_place[at] = place[i];
    }
}

void ranks_of(struct ranks *ranks, size_t n, const double x[])
{
    uint64_t *key = ranks->key, *other = ranks->key + n;
    /* the places are sorted in the room of the result and of the sorted values */
    uint32_t *place = ranks->rank, *other_place = (uint32_t *)(void *)ranks->sorted;
    size_t n_there = 0;

    for (size_t t = 0; t < n; t++)
        if (!isnan(x[t])) {
            key[n_there] = key_of(x[t]);
            place[n_there++] = (uint32_t)t;
        }
    for (int shift = 0; shift < 66; shift += DIGIT_BITS) {
        uint64_t *const swap = key;
        uint32_t *const swap_place = place;

        sort_digit(n_there, shift, key, place, other, other_place);
        key = other;
        place = other_place;
        other = swap;
        other_place = swap_place;
    }
    /* six passes: the places stand in ranks->rank again, the keys in ranks->key */
    memcpy(other, place, n_there * sizeof *place);
    for (size_t i = 0; i < n_there; i++)
        ranks->sorted[i] = value_of(key[i]);
    place = (uint32_t *)(void *)other;
    for (size_t t = 0; t < n; t++)
        ranks->rank[t] = RANK_MISSING;
    for (size_t i = 0; i < n_there; i++)
        ranks->rank[place[i]] = (uint32_t)i;
    ranks->n = n;
    ranks->n_there = n_there;
}

/* ---- a window that slides ----------------------------------------------------------
 */

size_t quantile_place(double c, size_t m)
{
    const double exact = c * (double)m;
    const size_t k = (size_t)ceil(exact - exact * 0x1p-40);

    return k < 1 ? 1 : k > m ? m : k;
}

/* `below` members of the window have a rank below `at`. */
struct cursor {
    size_t at, below;
};

/* The first member at or above the rank; there is one. */
static size_t next_member(const uint64_t *bits, size_t rank)
{
    size_t word = rank / 64;
    uint64_t left = bits[word] & (~UINT64_C(0) << rank % 64);

    while (left == 0)
        left = bits[++word];
    return 64 * word + (size_t)__builtin_ctzll(left);
}

/* The last member below the rank; there is one. */
static size_t last_member(const uint64_t *bits, size_t rank)
{
    size_t word = rank / 64;
    uint64_t left = bits[word] & ~(~UINT64_C(0) << rank % 64);

    while (left == 0)
        left = bits[--word];
    return 64 * word + 63 - (size_t)__builtin_clzll(left);
}

/* Walk to the k-th smallest member, k >= 1, and return its rank. */
static size_t walk(const uint64_t *bits, struct cursor *cursor, size_t k)
{
    while (cursor->below >= k) {
        cursor->at = last_member(bits, cursor->at);
        cursor->below--;
    }
    for (;; cursor->below++) {
        cursor->at = next_member(bits, cursor->at);
        if (cursor->below == k - 1)
            return cursor->at;
        cursor->at++;
    }
}

static void enter(uint64_t *bits, uint32_t rank, size_t n_levels,
                  struct cursor cursor[])
{
    bits[rank / 64] |= UINT64_C(1) << rank % 64;
    for (size_t l = 0; l < n_levels; l++)
        cursor[l].below += rank < cursor[l].at;
}

static void leave(uint64_t *bits, uint32_t rank, size_t n_levels,
                  struct cursor cursor[])
{
    bits[rank / 64] &= ~(UINT64_C(1) << rank % 64);
    for (size_t l = 0; l < n_levels; l++)
        cursor[l].below -= rank < cursor[l].at;
}

static double quantile_of(const struct ranks *ranks, struct cursor *cursor, double c,
                          size_t m)
{
    return ranks->sorted[walk(ranks->bits, cursor, quantile_place(c, m))];
}

static double shortfall_of(const struct ranks *ranks, struct cursor *cursor, double c,
                           size_t m)
{
    const size_t k = quantile_place(c, m);
    const double own = (double)k - c * (double)m;
    size_t at = walk(ranks->bits, cursor, k);
    double sum = (own > 0.0 ? own : 0.0) * ranks->sorted[at];

    for (size_t i = k; i < m; i++) {
        at = next_member(ranks->bits, at + 1);
        sum += ranks->sorted[at];
    }
    return sum / ((double)m * (1.0 - c));
}

/* `figure` is what is asked of the window at every bar and level. */
static inline void roll(struct ranks *ranks, size_t window, size_t least,
                        size_t n_levels, const double level[],
                        double (*figure)(const struct ranks *, struct cursor *, double,
                                         size_t),
                        double out[])
{
    struct cursor cursor[QUANTILE_LEVELS_MAX] = {{0}};
    const size_t n = ranks->n;
    uint64_t *bits = ranks->bits;
    size_t m = 0;

    for (size_t t = 0; t < n; t++) {
        const uint32_t in = ranks->rank[t];
        const uint32_t gone = t >= window ? ranks->rank[t - window] : RANK_MISSING;

        if (gone != RANK_MISSING)
            leave(bits, gone, n_levels, cursor);
        if (in != RANK_MISSING)
            enter(bits, in, n_levels, cursor);
        m = m + (in != RANK_MISSING) - (gone != RANK_MISSING);
        for (size_t l = 0; l < n_levels; l++)
            out[l * n + t] =
                m < least || m == 0 ? NAN : figure(ranks, &cursor[l], level[l], m);
    }
    memset(bits, 0, (n / 64 + 2) * sizeof *bits);
}

void rolling_quantiles(struct ranks *ranks, size_t window, size_t least,
                       size_t n_levels, const double level[], double quantile[])
{
    roll(ranks, window, least, n_levels, level, quantile_of, quantile);
}

void rolling_shortfalls(struct ranks *ranks, size_t window, size_t least,
                        size_t n_levels, const double level[], double shortfall[])
{
    roll(ranks, window, least, n_levels, level, shortfall_of, shortfall);
}
