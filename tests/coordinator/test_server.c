#include "client/link.h"
#include "tests/coordinator/stream_world.h"

static void each_gets_the_newest_that_is_meant_for_it(void)
{
    struct world world = open_world();
    struct plimsoll_subscriber *engine[] = {open_engine(&world, "plain"),
                                            open_engine(&world, "canary"),
                                            open_engine(&world, "shadow")};

    serve(&world, NULL, (struct published){.version = 1});
    serve(&world, "shadow", (struct published){.version = 3});
    serve(&world, "canary", (struct published){.version = 2, .text = other_set});
    await_version(&world, engine[0], 1);
    await_version(&world, engine[1], 2);
    await_version(&world, engine[2], 3);
    await_acknowledged(&world, engine, 3, 3);
    CU_ASSERT_EQUAL(server_count(world.server, "canary").n_present, 2);
    CU_ASSERT_EQUAL(server_count(world.server, "shadow").n_acknowledged, 1);
    serve(&world, "canary", (struct published){.version = 4});
    CU_ASSERT_EQUAL(server_count(world.server, "canary").n_acknowledged, 0);
    await_version(&world, engine[1], 4);
    await_version(&world, engine[2], 4);
    serve(&world, NULL, (struct published){.version = 5});
    for (size_t i = 0; i < 3; i++) {
        await_version(&world, engine[i], 5);
        plimsoll_subscriber_close(engine[i]);
    }
    close_world(&world);
}

/* One canary that is started a second time is no second canary. */
static void a_key_is_counted_once_and_holds_when_all_its_connections_do(void)
{
    struct world world = open_world();
    struct plimsoll_subscriber *engine[] = {open_engine(&world, "canary"),
                                            open_engine(&world, "canary")};

    serve(&world, NULL, (struct published){.version = 1});
    await_version(&world, engine[0], 1);
    await_version(&world, engine[1], 1);
    await_acknowledged(&world, engine, 2, 1);
    CU_ASSERT_EQUAL(server_count(world.server, "canary").n_present, 1);
    serve(&world, NULL, (struct published){.version = 2});
    await_version(&world, engine[0], 2); /* and the other is not asked */
    for (size_t i = 0; i < server_n_subscribers(world.server); i++)
        CU_ASSERT(server_subscriber(world.server, i)->is_there);
    CU_ASSERT_EQUAL(server_count(world.server, "canary").n_acknowledged, 0);
    await_acknowledged(&world, engine, 2, 1);
    plimsoll_subscriber_close(engine[0]);
    plimsoll_subscriber_close(engine[1]);
    close_world(&world);
}

static void the_table_says_who_holds_what_since_when(void)
{
    struct world world = open_world();
    struct plimsoll_subscriber *engine = open_engine(&world, "canary");

    serve(&world, NULL, (struct published){.version = 7});
    await_version(&world, engine, 7);
    await_acknowledged(&world, &engine, 1, 1);
    CU_ASSERT_EQUAL_FATAL(server_n_subscribers(world.server), 1);
    const struct server_subscriber *row = server_subscriber(world.server, 0);
    CU_ASSERT_STRING_EQUAL(row->name, "canary");
    CU_ASSERT_STRING_EQUAL(row->groups, "canary");
    CU_ASSERT(row->is_there && row->held.version == 7 && row->meant.version == 7);
    CU_ASSERT(row->held_ns >= row->meant_ns && row->n_sent == 1);
    plimsoll_subscriber_close(engine);
    /* who comes back has its row again */
    engine = open_engine(&world, "canary");
    await_version(&world, engine, 7);
    await_acknowledged(&world, &engine, 1, 1);
    const struct server_tally tally = server_tally(world.server);
    CU_ASSERT_EQUAL(tally.n_acknowledged, 1);
    CU_ASSERT_EQUAL(tally.n_sets, 2);
    plimsoll_subscriber_close(engine);
    close_world(&world);
}

static void who_is_not_listed_gets_nothing_until_it_is(void)
{
    struct world world = open_world();
    struct plimsoll_subscriber *engine = open_engine(&world, "stranger");

    serve(&world, NULL, (struct published){.version = 1});
    CHECK_CONTAINS(await(&world, engine, PLIMSOLL_REFUSED),
                   "it does not know this key");
    CU_ASSERT_EQUAL(server_n_subscribers(world.server), 0);
    CU_ASSERT(gate_counts(world.port).n_strangers > 0);
    put_scratch("subscribers", listed, 0644); /* with the stranger */
    await_version(&world, engine, 1);
    CU_ASSERT_EQUAL(gate_counts(world.port).n_lists, 1);
    plimsoll_subscriber_close(engine);
    close_world(&world);
}

static void who_is_struck_off_is_cut_off(void)
{
    struct world world = open_world();
    struct plimsoll_subscriber *engine = open_engine(&world, "plain");
    char *struck = example_change(listed, "", "curve ", "revoked curve ");

    serve(&world, NULL, (struct published){.version = 1});
    await_version(&world, engine, 1);
    put_scratch("subscribers", struck, 0644);
    CHECK_CONTAINS(await(&world, engine, PLIMSOLL_REFUSED),
                   "it does not know this key, or does not accept it any more");
    serve(&world, NULL, (struct published){.version = 2});
    for (int i = 0; i < 50; i++)
        step(&world);
    CU_ASSERT_EQUAL(version_of(engine), 1);
    CU_ASSERT_EQUAL(server_count(world.server, NULL).n_present, 0);
    CU_ASSERT(gate_counts(world.port).n_revoked > 0);
    plimsoll_subscriber_close(engine);
    put_scratch("subscribers", listed, 0644);
    free(struck);
    close_world(&world);
}

static struct links *raw_link(struct world *world, const char *name)
{
    struct link_plan plan = {.address = gate_address(world->port)};
    char path[64];
    struct links *links;
    struct key key;

    snprintf(path, sizeof path, "%s.secret", name);
    CU_ASSERT_EQUAL_FATAL(key_read(in_scratch(path), KEY_CURVE, &key, NULL), 0);
    memcpy(plan.theirs, relay_key.public, KEY_BYTES);
    CU_ASSERT_EQUAL_FATAL(links_open(1, &plan, &key, &links, NULL), 0);
    return links;
}

/* Has this one lost a set, or its connection? */
static bool has_lost(const struct world *world, const char *name)
{
    for (size_t i = 0; i < server_n_subscribers(world->server); i++) {
        const struct server_subscriber *row = server_subscriber(world->server, i);

        if (strcmp(row->name, name) == 0)
            return row->n_dropped > 0 || !row->is_there;
    }
    return false;
}

/* Who asks and never reads loses sets, and then, as it answers no ping, its connection:
 * at the latest when its sockets and the system hold as much as they can, which is no
 * more than some 50 sets of 2 MiB. */
static void who_does_not_read_delays_nobody(void)
{
    const struct stream_header header = stream_header_make(STREAM_REQUEST, NULL);
    const struct link_frame frame = {&header, sizeof header};
    const size_t n_large = 2 << 20;
    struct world world = open_world();
    struct links *stalled = raw_link(&world, "canary");
    struct plimsoll_subscriber *engine = open_engine(&world, "plain");
    char *large = malloc(n_large + 1);

    /* a set with 2 MiB of blanks: more than sockets buffer */
    CU_ASSERT_PTR_NOT_NULL_FATAL(large);
    memset(large, ' ', n_large);
    memcpy(large, example_set, strlen(example_set));
    large[n_large] = '\0';
    serve(&world, NULL, (struct published){.version = 1});
    while (!links_send(stalled, 0, 1, &frame))
        step(&world);
    await_version(&world, engine, 1);
    for (uint64_t version = 2;
         version < 30 || (version < 200 && !has_lost(&world, "canary")); version++) {
        serve(&world, NULL, (struct published){.version = version, .text = large});
        await_version(&world, engine, version);
    }
    CU_ASSERT(has_lost(&world, "canary"));
    CU_ASSERT_FALSE(has_lost(&world, "plain"));
    plimsoll_subscriber_close(engine);
    links_close(stalled, 0);
    free(large);
    close_world(&world);
}

/* Step both relays until the engine has had an event, or for so long. */
static enum plimsoll_event_kind step_both(struct world *a, struct world *b,
                                          struct plimsoll_subscriber *engine)
{
    struct plimsoll_event event;

    if (a->server != NULL)
        step(a);
    if (b->server != NULL)
        step(b);
    CU_ASSERT_EQUAL_FATAL(plimsoll_subscriber_next(engine, 0, &event, NULL), 0);
    return event.kind;
}

/* A relay that is behind is no liar; when the other dies it goes on with it. */
static void two_relays_are_one_stream_that_never_goes_back(void)
{
    struct world a = open_world(), b = open_world();
    struct plimsoll_options options = engine_options(&a, "plain");
    struct plimsoll_subscriber *engine = NULL;
    uint64_t last = 0;
    size_t n_troubles = 0;

    options.relay[1] = options.relay[0];
    options.relay[1].address = gate_address(b.port);
    CU_ASSERT_EQUAL_FATAL(plimsoll_subscriber_open(&options, &engine, NULL), 0);
    serve(&a, NULL, (struct published){.version = 2});
    serve(&b, NULL, (struct published){.version = 1});
    const int64_t end_ns = clock_monotonic() + 3 * CLOCK_SECOND; /* of heartbeats */
    while (clock_monotonic() < end_ns) {
        const enum plimsoll_event_kind kind = step_both(&a, &b, engine);

        n_troubles += kind == PLIMSOLL_REFUSED || kind == PLIMSOLL_SILENT;
        CU_ASSERT(version_of(engine) >= last);
        last = version_of(engine);
    }
    CU_ASSERT_EQUAL(last, 2);
    CU_ASSERT_EQUAL(n_troubles, 0);
    close_world(&a);
    a = (struct world){0};
    serve(&b, NULL, (struct published){.version = 3});
    const int64_t start_ns = clock_monotonic();
    while (version_of(engine) != 3 && clock_monotonic() < start_ns + CLOCK_SECOND)
        step_both(&a, &b, engine);
    CU_ASSERT_EQUAL(version_of(engine), 3); /* within a second: nothing is switched */
    plimsoll_subscriber_close(engine);
    close_world(&b);
}

static void what_is_no_request_is_refused_and_counted(void)
{
    const struct stream_name named = stream_name_make(1, 1, "x", 1);
    struct stream_header header = stream_header_make(STREAM_OFFER, &named);
    const struct link_frame good = {&header, sizeof header}, short_one = {&header, 79};
    const struct link_frame three[] = {good, good, good};
    struct world world = open_world();
    struct links *links = raw_link(&world, "canary");

    header.n_manifest = 1;
    while (!links_send(links, 0, 1, &good))
        step(&world);
    CU_ASSERT(links_send(links, 0, 1, &short_one));
    CU_ASSERT(links_send(links, 0, 3, three));
    while (gate_counts(world.port).n_refused < 3)
        step(&world);
    CU_ASSERT_EQUAL(server_n_subscribers(world.server), 0);
    links_close(links, 0);
    close_world(&world);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"who_is_not_listed_gets_nothing_until_it_is",
         who_is_not_listed_gets_nothing_until_it_is},
        {"each_gets_the_newest_that_is_meant_for_it",
         each_gets_the_newest_that_is_meant_for_it},
        {"a_key_is_counted_once_and_holds_when_all_its_connections_do",
         a_key_is_counted_once_and_holds_when_all_its_connections_do},
        {"the_table_says_who_holds_what_since_when",
         the_table_says_who_holds_what_since_when},
        {"who_is_struck_off_is_cut_off", who_is_struck_off_is_cut_off},
        {"who_does_not_read_delays_nobody", who_does_not_read_delays_nobody},
        {"two_relays_are_one_stream_that_never_goes_back",
         two_relays_are_one_stream_that_never_goes_back},
        {"what_is_no_request_is_refused_and_counted",
         what_is_no_request_is_refused_and_counted},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"server", make_world, remove_world, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
