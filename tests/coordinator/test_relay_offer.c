/* What a relay takes from a publisher, and what it refuses. */
#include "core/log.h"
#include "tests/coordinator/relay_world.h"

/* ---- what is taken ---- */

static void a_signed_set_is_served_to_the_first_group_and_survives_a_restart(void)
{
    const struct offer one = version(1);
    struct world world;

    start_world(&world, "take", "");
    expect_served(&world, 0, 0, 0);
    expect_offer(&world, &one, RELAY_TAKEN, "version 1 is served to shadow");
    expect_served(&world, 1, 0, 0);
    close_world(&world);
    open_world(&world, "take", "");
    expect_served(&world, 1, 0, 0);
    CU_ASSERT(relay_promote(world.relay, "eve", 1, NULL) == 0);
    expect_served(&world, 1, 1, 0);
    close_world(&world);
    open_world(&world, "take", "");
    expect_served(&world, 1, 1, 0);
    close_world(&world);
    expect_audit("take", "accepted", "nightly", "\"version\":1");
    expect_audit("take", "served", "eve", "to canary");
}

static void the_same_publication_again_gets_the_same_answer(void)
{
    const struct offer one = version(1);
    struct world world;

    start_world(&world, "again", "");
    struct publication *publication = make_offer(&world, &one);
    for (int i = 0; i < 3; i++) {
        const struct relay_verdict verdict =
            relay_offer(world.relay, "nightly", &publication->parts);

        CU_ASSERT(verdict.answer == RELAY_TAKEN);
        CHECK_CONTAINS(verdict.text, "version 1 is served to shadow");
    }
    CU_ASSERT(relay_store_n_records(relay_storage(world.relay)) == 3);
    publication_free(publication);
    close_world(&world);
}

/* ---- what is refused ---- */

static void what_does_not_count_is_refused(void)
{
    static const struct {
        struct offer offer;
        const char *text;
    } cases[] = {
        {{.version = 3}, "is not signed"},
        {{.version = 3, .n_signers = 1, .signer = {MALLORY}},
         "is signed by 0 of the 1 that are needed (1 strangers, 0 revoked)"},
        {{.version = 3, .n_signers = 1, .signer = {DAVE}}, "0 strangers, 1 revoked"},
        {{.version = 2, .n_signers = 1, .signer = {ALICE}, .initial_ppm = 51000},
         "version 2 is another publication here"},
        {{.version = 1, .n_signers = 1, .signer = {ALICE}, .initial_ppm = 52000},
         "version 1 is another publication here"},
        {{.version = 3, .n_signers = 1, .signer = {ALICE}, .no_parent = true},
         "version 3 follows the set (none), but version 2 is "},
        {{.version = 3,
          .n_signers = 1,
          .signer = {ALICE},
          .from_s = -100,
          .until_s = -1},
         "version 3: was valid until"},
        {{.version = 3, .n_signers = 1, .signer = {ALICE}, .audience = "moon"},
         "is for 'moon', none of which is a group here"},
        {{.version = 3,
          .n_signers = 1,
          .signer = {ALICE},
          .rollback_of = 1,
          .initial_ppm = 53000},
         "is a rollback of version 1, but that set was never in production under it"},
    };
    struct world world;

    start_world(&world, "refuse", "");
    produce(&world, 1, 0);
    produce(&world, 2, 0);
    const uint64_t n = relay_store_n_records(relay_storage(world.relay));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_offer(&world, &cases[i].offer, RELAY_REFUSED, cases[i].text);
    CU_ASSERT(relay_store_n_records(relay_storage(world.relay)) == n);
    CU_ASSERT(relay_n_refused(world.relay) == sizeof cases / sizeof *cases);
    expect_served(&world, 2, 2, 2);
    expect_offer(&world,
                 &(struct offer){.version = 3,
                                 .epoch = (uint64_t)(clock_now() + CLOCK_HOUR),
                                 .n_signers = 1,
                                 .signer = {ALICE}},
                 RELAY_REFUSED, "which is to come");
    close_world(&world);
    expect_audit("refuse", "refused", "nightly", "is not signed");
}

static void a_flood_of_refusals_is_counted_and_does_not_fill_the_disk(void)
{
    struct world world;

    start_world(&world, "flood", "");
    for (int i = 0; i < 300; i++)
        relay_refuse(world.relay, "nightly", NULL, i % 2 == 0 ? "even" : "odd");
    CU_ASSERT(relay_n_refused(world.relay) == 300);
    CU_ASSERT(audit_count(relay_audit(world.relay)) < 100);
    close_world(&world);
    expect_audit("flood", "refused", "nightly", "odd");
}

/* In the manifest, the set, the signature: one bit. */
static void a_changed_bit_is_refused(void)
{
    const struct offer one = version(1);
    struct world world;

    start_world(&world, "bit", "");
    struct publication *publication = make_offer(&world, &one);
    struct publication_signature signature = *publication->parts.signature;
    char *manifest =
        strndup(publication->parts.manifest, publication->parts.n_manifest);
    for (size_t at = 0; at < publication->parts.n_manifest; at += 11) {
        struct publication_parts parts = publication->parts;

        manifest[at] ^= 1;
        parts.manifest = manifest;
        CU_ASSERT(relay_offer(world.relay, "nightly", &parts).answer == RELAY_REFUSED);
        manifest[at] ^= 1;
    }
    for (size_t at = 0; at < sizeof signature; at += 3) {
        struct publication_parts parts = publication->parts;

        ((uint8_t *)&signature)[at] ^= 2;
        parts.signature = &signature;
        CU_ASSERT(relay_offer(world.relay, "nightly", &parts).answer == RELAY_REFUSED);
        ((uint8_t *)&signature)[at] ^= 2;
    }
    char *set = strndup(publication->parts.set, publication->parts.n_set);
    struct publication_parts parts = publication->parts;
    *strstr(set, "50000") = '6';
    parts.set = set;
    const struct relay_verdict verdict = relay_offer(world.relay, "nightly", &parts);
    CU_ASSERT(verdict.answer == RELAY_REFUSED);
    CHECK_CONTAINS(verdict.text, "the set's SHA-256 is not the one");
    free(set);
    free(manifest);
    publication_free(publication);
    expect_served(&world, 0, 0, 0);
    close_world(&world);
}

static void a_set_that_breaks_the_schema_is_refused(void)
{
    const char bad[] = "{\"schema\": \"plimsoll-parameters\", \"schema_version\": 1}";
    const struct manifest manifest = {.name = {.epoch = EPOCH, .version = 1},
                                      .published_ns = clock_now(),
                                      .valid_from_ns = clock_now() - CLOCK_DAY,
                                      .valid_until_ns = clock_now() + CLOCK_DAY};
    struct publication *publication = NULL;
    struct world world;

    start_world(&world, "schema", "");
    CU_ASSERT_FATAL(publication_make(&manifest, bad, strlen(bad), 1, people,
                                     &publication, NULL) == 0);
    const struct relay_verdict verdict =
        relay_offer(world.relay, "nightly", &publication->parts);
    CU_ASSERT(verdict.answer == RELAY_REFUSED);
    CHECK_CONTAINS(verdict.text, "set: ");
    publication_free(publication);
    close_world(&world);
}

/* ---- guard-rails at the relay: each with its reason ---- */

static void every_guard_rail_refuses_at_the_relay(void)
{
    static const struct {
        const char *yaml;
        int from, to;
        const char *text;
    } cases[] = {
        {"bounds: {initial_margin_ppm: {min: 45000}}", 50000, 44000,
         "BTC-PERP: initial_margin_ppm of 44000 is below 45000"},
        {"change: {initial_margin_ppm: {min: -0.1}}", 50000, 44000,
         "against version 1: guard-rail: BTC-PERP: initial_margin_ppm falls from 50000 "
         "to 44000"},
        {"change: {initial_margin_ppm: {max: 0.2}}", 50000, 61000,
         "initial_margin_ppm rises from 50000 to 61000"},
        {"max_share_changed: 0.3", 50000, 51000, "1 of 3 instruments change"},
        {"min_share_calibrated: 0.5", 0, 50000, "1 of 3 instruments are calibrated"},
        {"evidence: {coverage: {min: 0.9}}", 0, 50000,
         "BTC-PERP: has no coverage on unseen bars"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char yaml[256];
        struct world world;
        struct offer offer = version(cases[i].from > 0 ? 2 : 1);

        snprintf(yaml, sizeof yaml, "publication: {%s}\n", cases[i].yaml);
        start_world(&world, "guard", yaml);
        if (cases[i].from > 0)
            produce(&world, 1, cases[i].from);
        offer.initial_ppm = cases[i].to;
        expect_offer(&world, &offer, RELAY_REFUSED, cases[i].text);
        close_world(&world);
    }
}

/* Ten per cent a time is allowed, but not ten times a day. */
static void many_small_steps_are_a_large_one(void)
{
    struct world world;
    struct offer offer = version(3);

    start_world(&world, "steps",
                "publication: {change: {initial_margin_ppm: {min: -0.1}}, "
                "change_span: 1s}\n");
    produce(&world, 1, 50000);
    /* until what was in production a second ago is version 1 */
    const int64_t start_ns = clock_monotonic();
    while (clock_monotonic() < start_ns + CLOCK_SECOND)
        usleep(20000);
    produce(&world, 2, 45500);
    offer.initial_ppm = 41500;
    expect_offer(&world, &offer, RELAY_REFUSED,
                 "against version 1: guard-rail: BTC-PERP: initial_margin_ppm falls "
                 "from 50000 to 41500");
    close_world(&world);
}

int main(void)
{
#define CLAIM(name) {#name, name}
    CU_TestInfo tests[] = {
        CLAIM(a_signed_set_is_served_to_the_first_group_and_survives_a_restart),
        CLAIM(the_same_publication_again_gets_the_same_answer),
        CLAIM(what_does_not_count_is_refused),
        CLAIM(a_flood_of_refusals_is_counted_and_does_not_fill_the_disk),
        CLAIM(a_changed_bit_is_refused),
        CLAIM(a_set_that_breaks_the_schema_is_refused),
        CLAIM(every_guard_rail_refuses_at_the_relay),
        CLAIM(many_small_steps_are_a_large_one),
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"relay_offer", make_world, remove_scratch, NULL, NULL, tests},
        CU_SUITE_INFO_NULL,
    };

    log_be_quiet(true);
    return check_run(suites);
}
