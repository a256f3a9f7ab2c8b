#include "tests/bench/bench.h"
#include "worker/rolling_quantile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Quantiles of the last 1000 of 43,800 values at eight levels, against a sort of the
 * window at every bar, which serves all levels. */
enum { BARS = 43800, WINDOW = 1000, LEVELS = 8, ROUNDS = 5 };

static const double level[LEVELS] = {0.95,  0.96,   0.97, 0.98,
                                     0.985, 0.9875, 0.99, 0.995};

static void fill(double x[])
{
    uint64_t state = 747;
    double sigma = 0.01;

    for (size_t t = 0; t < BARS; t++) {
        double sum = 0.0;

        for (int i = 0; i < 12; i++) {
            state =
                state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            sum += (double)(state >> 11) * 0x1p-53;
        }
        sigma = sqrt(1e-6 + 0.9 * sigma * sigma +
                     0.08 * x[t > 0 ? t - 1 : 0] * x[t > 0 ? t - 1 : 0]);
        x[t] = sigma * (sum - 6.0);
    }
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void sort_each(const double x[], double quantile[])
{
    double window[WINDOW];

    for (size_t t = 0; t < BARS; t++) {
        const size_t m = t + 1 < WINDOW ? t + 1 : WINDOW;

        memcpy(window, x + t + 1 - m, m * sizeof *window);
        qsort(window, m, sizeof *window, ascending);
        for (size_t l = 0; l < LEVELS; l++)
            quantile[l * BARS + t] = window[quantile_place(level[l], m) - 1];
    }
}

int bench_rolling(struct json *json, struct err *err)
{
    const size_t n_bytes = LEVELS * BARS * sizeof(double);
    double *x = calloc(BARS + 1, sizeof *x), *want = malloc(n_bytes);
    double *got = malloc(n_bytes), ours_s[ROUNDS];
    struct ranks ranks;

    if (x == NULL || want == NULL || got == NULL || ranks_new(BARS, &ranks, err) != 0)
        return err_set(err, ERR_MEMORY, "no memory");
    fill(x);
    double start = bench_seconds();
    sort_each(x, want);
    const double sort_s = bench_seconds() - start;
    for (int i = 0; i < ROUNDS; i++) {
        start = bench_seconds();
        ranks_of(&ranks, BARS, x);
        rolling_quantiles(&ranks, WINDOW, 1, LEVELS, level, got);
        ours_s[i] = bench_seconds() - start;
    }
    const double median_s = bench_median(ROUNDS, ours_s);
    json_put_object(json, "rolling_quantile");
    json_put_integer(json, "bars", BARS);
    json_put_integer(json, "window", WINDOW);
    json_put_integer(json, "levels", LEVELS);
    json_put_real(json, "sort_s", sort_s);
    json_put_real(json, "ours_s", median_s);
    json_put_real(json, "ns_a_bar_and_level", 1e9 * median_s / (BARS * LEVELS));
    json_put_real(json, "ratio", sort_s / median_s);
    json_put_flag(json, "equal", memcmp(want, got, n_bytes) == 0);
    json_end(json);
    ranks_free(&ranks);
    free(x);
    free(want);
    free(got);
    return 0;
}
