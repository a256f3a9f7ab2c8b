/* engine_world.h -- an engine, a path and accounts to try it on */
#ifndef TESTS_ENGINE_WORLD_H
#define TESTS_ENGINE_WORLD_H

#include "tests/check.h"
#include "worker/engine.h"

enum { STEPS = 400, PEOPLE = 40 };

struct world {
    struct engine_rules rules;
    struct engine_path path;
    double price[STEPS + 1];
    struct account account[PEOPLE];
    size_t n;
};
static struct engine_room *room;

static inline int begin(void)
{
    return engine_room_new(STEPS, &room, NULL);
}

static inline int finish(void)
{
    engine_room_free(room);
    return 0;
}

static const struct engine_rules plain = {
    .feed_steps = 1,
    .share = 1.0,
    .impact = {.y = 0.0, .delta = 0.5, .halflife_steps = 12.0},
    .auction = {.n_bidders = 1, .capacity = INFINITY}};

static inline void set_extremes(struct world *world)
{
    world->path.price = world->price;
    world->path.low = world->path.high = world->price[0];
    for (size_t s = 1; s <= world->path.n_steps; s++) {
        world->path.low = fmin(world->path.low, world->price[s]);
        world->path.high = fmax(world->path.high, world->price[s]);
    }
}

static inline struct engine_result run_of(struct world *world, double fund)
{
    return engine_run(&world->rules, &world->path, world->n, world->account, fund,
                      room);
}

#endif /* TESTS_ENGINE_WORLD_H */
