/* world.h -- a simulated market from the text of its file, with all its series */
#ifndef TESTS_MARKET_WORLD_H
#define TESTS_MARKET_WORLD_H

#include "core/clock.h"
#include "core/conf.h"
#include "market/simulate.h"
#include "tests/check.h"

#include <stdlib.h>
#include <unistd.h>

static char path[64];

static inline int make_file(void)
{
    strcpy(path, "/tmp/plimsoll-market-XXXXXX");
    const int fd = mkstemp(path);
    return fd < 0 || close(fd) != 0;
}

static inline int remove_file(void)
{
    return unlink(path);
}

struct world {
    struct simulate_plan plan;
    struct conf *conf;
    struct simulate_market *market;
    size_t n;
    struct simulate_series *series; /* [n] */
};

static inline int read_text(const char *text, struct world *world, struct err *err)
{
    FILE *file = fopen(path, "w");

    fputs(text, file);
    fclose(file);
    return simulate_read(path, 0, NULL, &world->plan, &world->conf, err);
}

static inline struct world make(const char *text)
{
    struct world world = {0};
    struct err err = {0};

    CU_ASSERT_EQUAL_FATAL(read_text(text, &world, &err), 0);
    CU_ASSERT_EQUAL_FATAL(simulate_market_new(&world.plan, &world.market, &err), 0);
    world.n = simulate_market_size(world.market);
    world.series = calloc(world.n, sizeof *world.series);
    for (size_t i = 0; i < world.n; i++)
        CU_ASSERT_EQUAL_FATAL(simulate_run(world.market, i, &world.series[i], &err), 0);
    return world;
}

static inline void drop(struct world *world)
{
    for (size_t i = 0; i < world->n; i++)
        simulate_series_free(&world->series[i]);
    free(world->series);
    simulate_market_free(world->market);
    conf_free(world->conf, &world->plan);
}

enum { LONG, SHORT, LONG_FAR, SHORT_FAR, VOLATILITY };

/* 60,000 bars: 99 % is missed 600 times, give or take 24. */
static const char wide[] = "seed: 11\nstart: 2020-01-01\nbars: 60001\n"
                           "model: {alpha: 0.06, beta: 0.90, nu: 5, volatility: 0.5}\n"
                           "jumps: {market: 0.001, own: 0.003, scale: 5}\n"
                           "regimes: {calm: 100h, stressed: 25h, scale: 2.5}\n"
                           "correlation: {market: 0.4, group: 0.2}\n"
                           "instruments:\n"
                           "  - {name: A, group: g}\n"
                           "  - {name: B, group: g}\n"
                           "  - {name: C}\n";

#endif
