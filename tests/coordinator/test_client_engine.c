#include "client/engine.h"
#include "tests/coordinator/stream_world.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>

static struct plimsoll_engine *start(struct world *world, const char *store)
{
    struct plimsoll_options options = engine_options(world, "plain");
    struct plimsoll_engine *engine = NULL;
    struct err err = {0};

    options.store = store;
    if (plimsoll_engine_start(&options, &engine, &err) != 0)
        fprintf(stderr, "%s\n", err.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(engine);
    return engine;
}

static uint64_t current(struct plimsoll_engine *engine)
{
    const struct plimsoll_view *view = plimsoll_engine_take(engine);
    const uint64_t version = view != NULL ? view->publication.version : 0;

    plimsoll_engine_give(engine, view);
    return version;
}

static void step_until(struct world *world, struct plimsoll_engine *engine,
                       uint64_t version)
{
    const int64_t end_ns = clock_monotonic() + 20 * CLOCK_SECOND;

    while (current(engine) != version && clock_monotonic() < end_ns)
        step(world);
    CU_ASSERT_EQUAL(current(engine), version);
}

static void a_view_stays_as_it_is_while_others_come(void)
{
    struct world world = open_world();
    struct plimsoll_engine *engine = start(&world, NULL);

    CU_ASSERT_PTR_NULL(plimsoll_engine_take(engine));
    CU_ASSERT_EQUAL(plimsoll_engine_wait(engine, 0, 1), 0);
    serve(&world, NULL, (struct published){.version = 1});
    step_until(&world, engine, 1);
    const struct plimsoll_view *first = plimsoll_engine_take(engine);
    serve(&world, NULL, (struct published){.version = 2, .text = other_set});
    step_until(&world, engine, 2);
    const struct plimsoll_view *second = plimsoll_engine_take(engine);
    CU_ASSERT_EQUAL(first->serial, 1);
    CU_ASSERT_EQUAL(second->serial, 2);
    CU_ASSERT_STRING_NOT_EQUAL(plimsoll_set_sha256(first->set),
                               plimsoll_set_sha256(second->set));
    CU_ASSERT_PTR_NOT_NULL(plimsoll_set_find(first->set, "BTC-PERP"));
    plimsoll_engine_give(engine, first);
    plimsoll_engine_give(engine, second);
    plimsoll_engine_stop(engine);
    close_world(&world);
}

static void when_all_views_are_out_a_newer_set_waits(void)
{
    const struct plimsoll_view *out[PLIMSOLL_VIEWS_MAX];
    struct world world = open_world();
    struct plimsoll_engine *engine = start(&world, NULL);

    for (uint64_t i = 0; i < PLIMSOLL_VIEWS_MAX; i++) {
        serve(&world, NULL, (struct published){.version = i + 1});
        step_until(&world, engine, i + 1);
        out[i] = plimsoll_engine_take(engine);
    }
    serve(&world, NULL, (struct published){.version = 100});
    const int64_t end_ns = clock_monotonic() + CLOCK_SECOND / 2;
    while (clock_monotonic() < end_ns)
        step(&world);
    CU_ASSERT_EQUAL(current(engine), PLIMSOLL_VIEWS_MAX);
    plimsoll_engine_give(engine, out[3]);
    step_until(&world, engine, 100);
    for (size_t i = 0; i < PLIMSOLL_VIEWS_MAX; i++)
        if (i != 3)
            plimsoll_engine_give(engine, out[i]);
    plimsoll_engine_stop(engine);
    close_world(&world);
}

/* ---- many threads at once ---- */

struct readers {
    struct plimsoll_engine *engine;
    atomic_bool stop;
    atomic_size_t n_taken, n_wrong;
};

/* A view is whole: its set and its publication belong together, and time goes on. */
static void *read_on(void *argument)
{
    struct readers *readers = argument;
    uint64_t last = 0;

    while (!atomic_load(&readers->stop)) {
        const struct plimsoll_view *view = plimsoll_engine_take(readers->engine);

        if (view != NULL) {
            const struct plimsoll_instrument *btc =
                plimsoll_set_find(view->set, "BTC-PERP");
            const double q = plimsoll_values_find(&btc->parameters, "q")->value;
            const double want = view->publication.version % 2 == 0 ? 3.0 : 2.5;

            atomic_fetch_add(&readers->n_taken, 1);
            if (q != want || view->serial < last)
                atomic_fetch_add(&readers->n_wrong, 1);
            last = view->serial;
        }
        plimsoll_engine_give(readers->engine, view);
    }
    return NULL;
}

static void threads_that_read_never_see_half_of_a_change(void)
{
    struct world world = open_world();
    struct readers readers = {.engine = start(&world, NULL)};
    pthread_t thread[3];

    for (size_t i = 0; i < 3; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&thread[i], NULL, read_on, &readers), 0);
    for (uint64_t version = 1; version <= 100; version++) {
        serve(&world, NULL,
              (struct published){.version = version,
                                 .text = version % 2 == 0 ? other_set : example_set});
        step(&world);
    }
    step_until(&world, readers.engine, 100);
    atomic_store(&readers.stop, true);
    for (size_t i = 0; i < 3; i++)
        pthread_join(thread[i], NULL);
    CU_ASSERT(atomic_load(&readers.n_taken) > 1000);
    CU_ASSERT_EQUAL(atomic_load(&readers.n_wrong), 0);
    plimsoll_engine_stop(readers.engine);
    close_world(&world);
}

/* ---- news ---- */

static void news_ring_a_descriptor_and_are_kept_for_a_log(void)
{
    struct world world = open_world();
    struct plimsoll_engine *engine = start(&world, NULL);
    struct pollfd item = {.fd = plimsoll_engine_descriptor(engine), .events = POLLIN};
    struct plimsoll_event event = {0};

    serve(&world, NULL, (struct published){.version = 1});
    while (poll(&item, 1, 0) == 0)
        step(&world);
    CU_ASSERT(plimsoll_engine_wait(engine, 0, 20000) == 1);
    plimsoll_engine_hush(engine);
    while (plimsoll_engine_notice(engine, &event) == 0)
        ;
    CU_ASSERT_EQUAL(event.kind, PLIMSOLL_NEW_SET);
    CU_ASSERT(plimsoll_engine_health(engine).is_confirmed);
    serve(&world, NULL, (struct published){.version = 2, .key = &other_signer});
    while (plimsoll_engine_health(engine).n_refused == 0)
        step(&world);
    while (plimsoll_engine_notice(engine, &event) == 0)
        ;
    CHECK_CONTAINS(event.text, "version 2: is signed by 0 of the 1");
    CU_ASSERT(!plimsoll_engine_health(engine).is_confirmed); /* it is said to be 2 */
    CU_ASSERT_EQUAL(current(engine), 1);
    close_world(&world); /* and nothing is heard any more */
    while (!plimsoll_engine_health(engine).is_silent)
        poll(NULL, 0, 10);
    CU_ASSERT(!plimsoll_engine_health(engine).is_confirmed);
    CU_ASSERT_EQUAL(current(engine), 1);
    plimsoll_engine_stop(engine);
}

static void it_starts_from_its_store_when_nothing_answers(void)
{
    char store[FILE_PATH_MAX];
    struct world world = open_world();

    strcpy(store, in_scratch("engine-store"));
    struct plimsoll_engine *engine = start(&world, store);
    serve(&world, NULL, (struct published){.version = 9});
    step_until(&world, engine, 9);
    plimsoll_engine_stop(engine);
    server_close(world.server); /* bound, and dumb */
    world.server = NULL;
    engine = start(&world, store);
    CU_ASSERT_EQUAL(current(engine), 9);
    CU_ASSERT(!plimsoll_engine_health(engine).is_confirmed);
    plimsoll_engine_stop(engine);
    close_world(&world);
}

static void options_that_cannot_be_are_an_error(void)
{
    const struct plimsoll_options nothing = {0};
    struct plimsoll_engine *engine = NULL;
    struct err err = {0};

    CU_ASSERT_EQUAL(plimsoll_engine_start(&nothing, &engine, &err), -1);
    CHECK_CONTAINS(err.text, "no relay to connect to");
    CU_ASSERT_PTR_NULL(engine);
    plimsoll_engine_stop(NULL);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"a_view_stays_as_it_is_while_others_come",
         a_view_stays_as_it_is_while_others_come},
        {"when_all_views_are_out_a_newer_set_waits",
         when_all_views_are_out_a_newer_set_waits},
        {"threads_that_read_never_see_half_of_a_change",
         threads_that_read_never_see_half_of_a_change},
        {"news_ring_a_descriptor_and_are_kept_for_a_log",
         news_ring_a_descriptor_and_are_kept_for_a_log},
        {"it_starts_from_its_store_when_nothing_answers",
         it_starts_from_its_store_when_nothing_answers},
        {"options_that_cannot_be_are_an_error", options_that_cannot_be_are_an_error},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"engine", make_world, remove_world, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
