/* stream_world.h -- a listener with keys and lists in a scratch directory, and engines
 * that connect to it, all in one process */
#ifndef TESTS_COORDINATOR_STREAM_WORLD_H
#define TESTS_COORDINATOR_STREAM_WORLD_H

#include "client/subscriber.h"
#include "coordinator/gate.h"
#include "coordinator/server.h"
#include "core/log.h"
#include "tests/check.h"
#include "tests/client/published.h"

static struct key relay_key;
static char listed[8192];

/* NAME.secret, NAME.public; and a line of the list of subscribers. */
static inline void make_engine(const char *name, const char *groups)
{
    char hex[KEY_HEX_MAX];
    struct key key;

    if (key_generate(KEY_CURVE, name, &key, NULL) != 0 ||
        key_write(&key, in_scratch(name), NULL) != 0)
        abort();
    sprintf(listed + strlen(listed), "curve %s %s %s\n", key_text(key.public, hex),
            name, groups);
}

static int make_world(void)
{
    log_be_quiet(true);
    if (make_published() != 0 ||
        key_generate(KEY_CURVE, "relay", &relay_key, NULL) != 0 ||
        key_write(&relay_key, in_scratch("relay"), NULL) != 0)
        return 1;
    make_engine("plain", "");
    make_engine("canary", "canary");
    make_engine("shadow", "shadow,canary");
    put_scratch("subscribers", listed, 0644);
    make_engine("stranger", "");
    return 0;
}

static int remove_world(void)
{
    return remove_published();
}

/* ---- the listener ---- */

struct world {
    struct gate *gate;
    struct gate_port *port;
    struct server *server;
};

static inline struct world open_world(void)
{
    const char *list = in_scratch("subscribers");
    const struct gate_port_options options = {.name = "subscribers",
                                              .address = "tcp://127.0.0.1:*",
                                              .list = list,
                                              .message_bytes_max =
                                                  SERVER_REQUEST_BYTES_MAX};
    struct world world = {0};
    struct err err = {0};

    if (gate_open(&relay_key, &world.gate, &err) != 0 ||
        gate_listen(world.gate, &options, &world.port, &err) != 0 ||
        server_open(world.port, &world.server, &err) != 0) {
        fprintf(stderr, "%s\n", err.text);
        abort();
    }
    return world;
}

static inline void close_world(struct world *world)
{
    server_close(world->server);
    gate_close(world->gate);
}

static inline void step(struct world *world)
{
    CU_ASSERT_EQUAL_FATAL(
        gate_wait(world->gate, clock_monotonic() + CLOCK_SECOND / 500, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(server_step(world->server, NULL), 0);
}

static inline void serve(struct world *world, const char *group, struct published how)
{
    struct publication *publication = published(how);

    CU_ASSERT_EQUAL(server_serve(world->server, group, publication, NULL), 0);
    publication_free(publication);
}

/* ---- engines ---- */

static inline struct plimsoll_options engine_options(struct world *world,
                                                     const char *name)
{
    static char relay[FILE_PATH_MAX], signers[FILE_PATH_MAX], key[8][FILE_PATH_MAX];
    static int n;

    n = (n + 1) % 8;
    snprintf(relay, sizeof relay, "%s/relay.public", scratch);
    snprintf(signers, sizeof signers, "%s/signers", scratch);
    snprintf(key[n], sizeof key[n], "%s/%s.secret", scratch, name);
    return (struct plimsoll_options){.relay = {{gate_address(world->port), relay}},
                                     .key = key[n],
                                     .signers = signers};
}

static inline struct plimsoll_subscriber *open_engine(struct world *world,
                                                      const char *name)
{
    const struct plimsoll_options options = engine_options(world, name);
    struct plimsoll_subscriber *engine = NULL;
    struct err err = {0};

    if (plimsoll_subscriber_open(&options, &engine, &err) != 0)
        fprintf(stderr, "%s\n", err.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(engine);
    return engine;
}

/* Step both until the engine has an event of this kind; its text or "" after 20 s. */
static inline const char *await(struct world *world, struct plimsoll_subscriber *engine,
                                enum plimsoll_event_kind kind)
{
    static struct plimsoll_event event;
    const int64_t end_ns = clock_monotonic() + 20 * CLOCK_SECOND;

    while (clock_monotonic() < end_ns) {
        step(world);
        CU_ASSERT_EQUAL_FATAL(plimsoll_subscriber_next(engine, 0, &event, NULL), 0);
        if (event.kind == kind)
            return event.text;
    }
    CU_FAIL("the event never came");
    return "";
}

static inline uint64_t version_of(struct plimsoll_subscriber *engine)
{
    struct plimsoll_publication publication;

    return plimsoll_subscriber_publication(engine, &publication) == 0
               ? publication.version
               : 0;
}

static inline void await_version(struct world *world,
                                 struct plimsoll_subscriber *engine, uint64_t version)
{
    const int64_t end_ns = clock_monotonic() + 20 * CLOCK_SECOND;
    struct plimsoll_event event;

    while (version_of(engine) != version && clock_monotonic() < end_ns) {
        step(world);
        CU_ASSERT_EQUAL_FATAL(plimsoll_subscriber_next(engine, 0, &event, NULL), 0);
    }
    CU_ASSERT_EQUAL(version_of(engine), version);
}

/* Step until the server sees so many who are there and hold what they are meant to. */
static inline void await_acknowledged(struct world *world,
                                      struct plimsoll_subscriber *engine[], size_t n,
                                      size_t n_wanted)
{
    const int64_t end_ns = clock_monotonic() + 20 * CLOCK_SECOND;
    struct plimsoll_event event;

    while (server_count(world->server, NULL).n_acknowledged != n_wanted &&
           clock_monotonic() < end_ns) {
        step(world);
        for (size_t i = 0; i < n; i++)
            plimsoll_subscriber_next(engine[i], 0, &event, NULL);
    }
    CU_ASSERT_EQUAL(server_count(world->server, NULL).n_acknowledged, n_wanted);
}

#endif /* TESTS_COORDINATOR_STREAM_WORLD_H */
