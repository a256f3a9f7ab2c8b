/* relay_world.h -- a relay in a scratch directory, signers, and sets to offer it */
#ifndef TESTS_COORDINATOR_RELAY_WORLD_H
#define TESTS_COORDINATOR_RELAY_WORLD_H

#include "coordinator/relay.h"
#include "coordinator/relay_store.h"
#include "core/clock.h"
#include "tests/check.h"
#include "tests/client/example_set.h"
#include "tests/client/scratch.h"

/* alice, bob and carol are listed; mallory is not, dave is revoked. */
enum who { ALICE, BOB, CAROL, DAVE, MALLORY, PEOPLE };

static struct key people[PEOPLE];
static const char *const people_names[PEOPLE] = {"alice", "bob", "carol", "dave",
                                                 "mallory"};
static const uint64_t EPOCH = 1577836800000000000; /* 2020-01-01 */

/* The signers' list, so many of whom must sign. */
static inline void list_signers(int threshold)
{
    char text[1024], hex[KEY_HEX_MAX];
    int n = snprintf(text, sizeof text, "threshold %d\n", threshold);

    for (int i = 0; i < MALLORY; i++)
        n += snprintf(text + n, sizeof text - (size_t)n, "%ssigning %s %s\n",
                      i == DAVE ? "revoked " : "", key_text(people[i].public, hex),
                      people_names[i]);
    put_scratch("signers", text, 0600);
}

static inline int make_world(void)
{
    if (make_scratch() != 0)
        return -1;
    for (int i = 0; i < PEOPLE; i++)
        if (key_generate(KEY_SIGNING, people_names[i], &people[i], NULL) != 0)
            return -1;
    list_signers(1);
    return 0;
}

/* A relay of the groups shadow, canary and all, by hand; `more` is added to its YAML.
 */
struct world {
    struct relay_config config;
    struct relay *relay;
};

static inline void open_world(struct world *world, const char *directory,
                              const char *more)
{
    char text[4096];
    struct err err = {0};
    const int n = snprintf(
        text, sizeof text,
        "store: %s/%s\nplain: true\nkeys: {signers: %s/signers}\n"
        "listen: {intake: 'tcp://127.0.0.1:1', subscribers: 'tcp://127.0.0.1:2'}\n"
        "groups:\n"
        "  - {name: shadow, by_hand: true}\n"
        "  - {name: canary, share: 0.5, for: 10s}\n"
        "  - {name: all}\n%s",
        scratch, directory, scratch, more);
    const struct conf_source source = {
        .path = "relay.yaml", .bytes = text, .n_bytes = (size_t)n};

    if (relay_config_read(&source, &world->config, &err) != 0 ||
        relay_open(&world->config, &world->relay, &err) != 0) {
        fprintf(stderr, "%s\n", err.text);
        abort();
    }
    if (relay_be(world->relay, true, "the test", &err) != 0)
        abort();
}

static inline void close_world(struct world *world)
{
    relay_close(world->relay);
    relay_config_free(&world->config);
}

/* A new world of this name. */
static inline void start_world(struct world *world, const char *directory,
                               const char *more)
{
    char command[FILE_PATH_MAX];

    snprintf(command, sizeof command, "rm -rf %s/%s", scratch, directory);
    if (system(command) != 0)
        abort();
    open_world(world, directory, more);
}

/* The example set with another margin of BTC-PERP: changes[i] -> its text; free() it.
 */
static inline char *set_text(int initial_ppm)
{
    char tier[64];

    snprintf(tier, sizeof tier, "\"initial_margin_ppm\": %d", initial_ppm);
    char *once =
        example_change(example_set, "BTC", "\"initial_margin_ppm\": 50000", tier);
    char *twice =
        example_change(once, "1000000", "\"initial_margin_ppm\": 50000", tier);
    free(once);
    return twice;
}

struct offer {
    int initial_ppm;                      /* of BTC-PERP: 25000 to 80000 */
    uint64_t version, rollback_of, epoch; /* epoch 0: EPOCH */
    const char *audience;
    int64_t from_s, until_s;          /* from now; 0, 0: a day around it */
    const struct publication *parent; /* of which it is made; NULL: the newest */
    bool no_parent;
    int n_signers;
    enum who signer[PUBLICATION_SIGNATURES_MAX];
};

/* The version, signed by alice. */
static inline struct offer version(uint64_t v)
{
    return (struct offer){.version = v, .n_signers = 1, .signer = {ALICE}};
}

static inline struct publication *make_offer(const struct world *world,
                                             const struct offer *offer)
{
    const struct relay_entry *newest =
        world != NULL ? relay_newest(world->relay) : NULL;
    const uint64_t epoch = offer->epoch != 0 ? offer->epoch : EPOCH;
    struct manifest manifest = {.name = {.epoch = epoch, .version = offer->version},
                                .rollback_of = offer->rollback_of,
                                .published_ns = clock_now(),
                                .valid_from_ns = clock_now() - CLOCK_DAY,
                                .valid_until_ns = clock_now() + CLOCK_DAY};
    struct key keys[PUBLICATION_SIGNATURES_MAX];
    struct publication *publication = NULL;
    struct err err = {0};

    if (offer->from_s != offer->until_s) {
        manifest.valid_from_ns = clock_now() + offer->from_s * CLOCK_SECOND;
        manifest.valid_until_ns = clock_now() + offer->until_s * CLOCK_SECOND;
    }
    manifest.has_parent = !offer->no_parent && newest != NULL;
    if (manifest.has_parent)
        memcpy(manifest.parent_sha256, newest->name.sha256, 32);
    if (offer->audience != NULL)
        snprintf(manifest.audience, sizeof manifest.audience, "%s", offer->audience);
    for (int i = 0; i < offer->n_signers; i++)
        keys[i] = people[offer->signer[i]];
    char *set = set_text(offer->initial_ppm > 0 ? offer->initial_ppm : 50000);
    if (publication_make(&manifest, set, strlen(set), (size_t)offer->n_signers, keys,
                         &publication, &err) != 0) {
        fprintf(stderr, "%s\n", err.text);
        abort();
    }
    free(set);
    return publication;
}

/* Offer it and expect the answer, its text containing `text`. */
static inline void expect_offer(struct world *world, const struct offer *offer,
                                enum relay_answer answer, const char *text)
{
    struct publication *publication = make_offer(world, offer);
    const struct relay_verdict verdict =
        relay_offer(world->relay, "nightly", &publication->parts);

    CU_ASSERT(verdict.answer == answer);
    CHECK_CONTAINS(verdict.text, text);
    publication_free(publication);
}

/* The version that a group gets; 0: none. */
static inline uint64_t served(const struct world *world, size_t group)
{
    const struct publication *publication = relay_serving(world->relay, group);

    return publication != NULL ? publication->is.name.version : 0;
}

static inline void expect_served(const struct world *world, uint64_t shadow,
                                 uint64_t canary, uint64_t all)
{
    const uint64_t want[3] = {shadow, canary, all};

    for (size_t i = 0; i < 3; i++) {
        if (served(world, i) != want[i])
            fprintf(stderr, "group %zu gets %llu, not %llu\n", i,
                    (unsigned long long)served(world, i), (unsigned long long)want[i]);
        CU_ASSERT(served(world, i) == want[i]);
    }
}

/* One more version, of alice's, in production. */
static inline void produce(struct world *world, uint64_t version, int initial_ppm)
{
    expect_offer(world,
                 &(struct offer){.version = version,
                                 .initial_ppm = initial_ppm,
                                 .n_signers = 1,
                                 .signer = {ALICE}},
                 RELAY_TAKEN, "is served to shadow");
    CU_ASSERT(relay_promote(world->relay, "eve", version, NULL) == 0);
    CU_ASSERT(relay_promote(world->relay, "eve", version, NULL) == 0);
    expect_served(world, version, version, version);
}

/* The audit log of a world: it verifies, and has a line with all three texts. */
static inline void expect_audit(const char *directory, const char *event,
                                const char *who, const char *text)
{
    char name[128], *bytes, want[128];
    size_t n_bytes;
    bool found = false;

    snprintf(name, sizeof name, "%s/" AUDIT_NAME, directory);
    if (file_read(in_scratch(name), SIZE_MAX, &bytes, &n_bytes, NULL) != 0)
        abort();
    CU_ASSERT(audit_verify(bytes, n_bytes, NULL, NULL) == 0);
    snprintf(want, sizeof want, "\"event\":\"%s\",\"who\":\"%s\"", event, who);
    for (char *line = strtok(bytes, "\n"); line != NULL; line = strtok(NULL, "\n"))
        found = found || (strstr(line, want) != NULL && strstr(line, text) != NULL);
    if (!found)
        fprintf(stderr, "no line %s ... %s\n", want, text);
    CU_ASSERT(found);
    free(bytes);
}

#endif /* TESTS_COORDINATOR_RELAY_WORLD_H */
