/* relay.yaml: what it may say. */
#include "core/log.h"
#include "tests/coordinator/relay_world.h"

static void a_configuration_is_checked(void)
{
    static const char good[] =
        "store: s\nkeys: {signers: a, relay: b, publishers: c, subscribers: d}\n"
        "listen:\n  intake: tcp://10.0.0.1:7\n  subscribers: tcp://10.0.0.1:8\n"
        "groups:\n  - {name: all}\n";
    static const struct {
        const char *after, *old, *new, *text;
    } cases[] = {
        {"store", "store: s", "stare: s", "relay.yaml:1:1: stare: is not a key"},
        {"keys", "relay: b, ", "", "keys.relay is missing: without `plain: true`"},
        {"keys", ", subscribers: d", "", "keys.subscribers is missing"},
        {"listen", "  intake", "  feed: tcp://10.0.0.1:3\n  intake",
         "keys.relays is missing"},
        {"listen", "listen", "plain: true\nlisten", "listen.intake: tcp://10.0.0.1:7"},
        {"groups", "name: all", "name: 'a b'", "groups[0].name: 'a b'"},
        {"groups", "groups:\n", "groups:\n  - {name: all}\n",
         "groups[1].name: 'all' is there twice"},
        {"listen", "listen", "follow: {key: x}\nlisten", "follow.key"},
        {"listen", "listen", "control: tcp://127.0.0.1:1\nlisten",
         "control: 'tcp://127.0.0.1:1' is not an ipc:// address"},
        {"listen", "listen", "publication: {change: {q: {min: 0.1, max: 1}}}\nlisten",
         "publication.change.q: {min: 0.1, max: 1} refuses a set that changes nothing"},
    };
    struct relay_config config;
    struct err err = {0};

    const struct conf_source fine = {
        .path = "relay.yaml", .bytes = good, .n_bytes = strlen(good)};
    CU_ASSERT(relay_config_read(&fine, &config, &err) == 0);
    relay_config_free(&config);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = example_change(good, cases[i].after, cases[i].old, cases[i].new);
        const struct conf_source source = {
            .path = "relay.yaml", .bytes = text, .n_bytes = strlen(text)};

        err = (struct err){0};
        CU_ASSERT(relay_config_read(&source, &config, &err) == -1);
        CU_ASSERT(err.kind == ERR_INPUT);
        CHECK_CONTAINS(err.text, cases[i].text);
        CHECK_CONTAINS(err.text, "relay.yaml");
        free(text);
    }
}

static void a_group_that_was_served_must_stay_configured(void)
{
    struct world world;
    struct relay *relay = NULL;
    struct err err = {0};

    start_world(&world, "groups", "");
    produce(&world, 1, 0);
    relay_close(world.relay);
    world.config.n_groups = 2;
    CU_ASSERT(relay_open(&world.config, &relay, &err) == -1);
    CHECK_CONTAINS(err.text, "version 1 was served to the group 'all', which the "
                             "configuration does not have");
    world.relay = NULL;
    close_world(&world);
}

int main(void)
{
#define CLAIM(name) {#name, name}
    CU_TestInfo tests[] = {
        CLAIM(a_configuration_is_checked),
        CLAIM(a_group_that_was_served_must_stay_configured),
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"relay_config", make_world, remove_scratch, NULL, NULL, tests},
        CU_SUITE_INFO_NULL,
    };

    log_be_quiet(true);
    return check_run(suites);
}
