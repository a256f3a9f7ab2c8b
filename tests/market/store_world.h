/* store_world.h -- a small history store, which the tests write, read and damage */
#ifndef TESTS_MARKET_STORE_WORLD_H
#define TESTS_MARKET_STORE_WORLD_H

#include "core/clock.h"
#include "market/history.h"
#include "tests/check.h"

#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#define ALWAYS INT64_MIN, INT64_MAX

enum { PATH_MAX_HERE = 256 };

static char directory[PATH_MAX_HERE];

static inline const char *at(const char *name)
{
    static char path[2 * PATH_MAX_HERE];

    snprintf(path, sizeof path, "%s/%s", directory, name);
    return path;
}

static inline int make_directory(void)
{
    strcpy(directory, "/tmp/test_history.XXXXXX");
    return mkdtemp(directory) == NULL;
}

static inline int remove_directory(void)
{
    static const char *const names[] = {"a.h5", "b.h5", "c.h5", "bad.h5"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unlink(at(names[i]));
    return rmdir(directory); /* fails where anything else has been left behind */
}

/* n bars that differ by seed; two bars are missing after the fifth. */
static inline struct bars make_bars(size_t n, int64_t interval_ns, unsigned seed)
{
    struct bars bars = {.interval_ns = interval_ns};

    for (size_t t = 0; t < n; t++) {
        const double price = 100.0 + seed + 0.25 * (double)((t * 7 + seed) % 13);

        bars_append(&bars,
                    &(struct bar){
                        .time = 1700000000 * CLOCK_SECOND +
                                (int64_t)(t < 5 ? t : t + 2) * interval_ns,
                        .open = price,
                        .high = price + 1.0,
                        .low = price - 1.0,
                        .close = price + 0.125,
                        .volume = (double)t,
                    },
                    NULL);
    }
    return bars;
}

static const struct history_notes notes = {
    .vendor = "vendor",
    .sources = "[{\"file\":\"a.csv\",\"sha256\":\"00\",\"rows\":5}]",
    .quality = "{\"flagged\":3}",
};

static inline int put(struct history_editor *editor, const char *instrument,
                      size_t n_bars, int64_t interval_ns, unsigned seed)
{
    struct bars bars = make_bars(n_bars, interval_ns, seed);
    double *twice = malloc(n_bars * sizeof *twice);

    for (size_t t = 0; t < n_bars; t++)
        twice[t] = t == 0 ? NAN : 2.0 * bars.close[t];
    const struct history_column columns[] = {{"true_upper", twice},
                                             {"true_lower", bars.low}};
    const int status =
        history_put(editor, instrument, &bars, &notes, seed % 2 ? 2 : 0, columns, NULL);
    free(twice);
    bars_free(&bars);
    return status;
}

/* A store of four series; the odd seeds have extra columns. */
static inline void make_store(const char *path, bool is_backwards)
{
    static const struct {
        const char *instrument;
        size_t n_bars;
        int64_t interval_ns;
        unsigned seed;
    } series[] = {
        {"BTC-PERP", 747, CLOCK_HOUR, 1},
        {"BTC-PERP", 61, CLOCK_DAY, 2},
        {"ETH-PERP", 313, CLOCK_HOUR, 3},
        {"sol_usd.x", 1, 15 * CLOCK_MINUTE, 4},
    };
    struct history_editor *editor = NULL;

    unlink(path);
    CU_ASSERT_EQUAL_FATAL(history_edit(path, &editor, NULL), 0);
    for (size_t k = 0; k < 4; k++) {
        const size_t i = is_backwards ? 3 - k : k;

        CU_ASSERT_EQUAL(put(editor, series[i].instrument, series[i].n_bars,
                            series[i].interval_ns, series[i].seed),
                        0);
    }
    CU_ASSERT_EQUAL(history_save(editor, NULL), 0);
}

static inline struct history *open_store(const char *path)
{
    struct history *history = NULL;
    struct err err = {0};

    if (history_open(path, &history, &err) != 0)
        fprintf(stderr, "%s\n", err.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(history);
    return history;
}

static inline const struct history_entry *find(const struct history *history,
                                               const char *instrument,
                                               const char *interval)
{
    const struct history_entry *entry = history_find(history, instrument, interval);

    CU_ASSERT_PTR_NOT_NULL_FATAL(entry);
    return entry;
}

static inline bool is_same(const struct bars *a, size_t from, const struct bars *b)
{
    const size_t size = b->n * sizeof(double);

    return memcmp(a->time + from, b->time, size) == 0 &&
           memcmp(a->open + from, b->open, size) == 0 &&
           memcmp(a->high + from, b->high, size) == 0 &&
           memcmp(a->low + from, b->low, size) == 0 &&
           memcmp(a->close + from, b->close, size) == 0 &&
           memcmp(a->volume + from, b->volume, size) == 0;
}

#endif
