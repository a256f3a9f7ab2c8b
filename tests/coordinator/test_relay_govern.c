/* Who lets a publication go on: those who must sign, the groups, the operator. */
#include "core/log.h"
#include "tests/coordinator/relay_world.h"

/* ---- approvals ---- */

static void a_publication_waits_until_enough_have_signed(void)
{
    const struct offer one = version(1);
    struct publication_signature signature;
    struct world world;

    list_signers(2);
    start_world(&world, "approve", "");
    expect_offer(&world, &one, RELAY_HELD,
                 "version 1 waits: 1 of 2 have signed (alice)");
    expect_served(&world, 0, 0, 0);
    expect_offer(&world, &(struct offer){.version = 2, .n_signers = 1, .signer = {BOB}},
                 RELAY_REFUSED, "version 1 waits for signatures: approve or withdraw");
    close_world(&world);

    open_world(&world, "approve", "");
    const struct relay_entry *pending =
        relay_state_pending(relay_store_state(relay_storage(world.relay)));
    CU_ASSERT_FATAL(pending != NULL);
    struct publication *known;
    CU_ASSERT_FATAL(
        relay_store_load(relay_storage(world.relay), pending, &known, NULL) == 0);
    static const struct {
        enum who who;
        enum relay_answer answer;
        const char *text;
    } cases[] = {
        {MALLORY, RELAY_REFUSED, "key has signed before, or is not listed"},
        {DAVE, RELAY_REFUSED, "key has signed before, or is not listed"},
        {ALICE, RELAY_REFUSED, "key has signed before, or is not listed"},
        {BOB, RELAY_TAKEN, "version 1 is served to shadow"},
        {CAROL, RELAY_REFUSED, "version 1 does not wait for signatures"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CU_ASSERT(publication_sign(&people[cases[i].who], known->parts.manifest,
                                   known->parts.n_manifest, &signature, NULL) == 0);
        const struct relay_verdict verdict =
            relay_sign(world.relay, "eve", 1, &signature);
        CU_ASSERT(verdict.answer == cases[i].answer);
        CHECK_CONTAINS(verdict.text, cases[i].text);
    }
    publication_free(known);
    expect_served(&world, 1, 0, 0);
    CU_ASSERT(relay_serving(world.relay, 0)->parts.n_signatures == 2);
    close_world(&world);
    list_signers(1);
    expect_audit("approve", "pending", "nightly", "1 of 2 have signed");
    expect_audit("approve", "approved", "eve", "2 of 2 have signed");
}

static void offering_it_again_with_another_signature_approves_too(void)
{
    const struct offer one = version(1);
    struct world world;

    list_signers(2);
    start_world(&world, "second", "");
    struct publication *by_one = make_offer(&world, &one), *by_both = NULL;
    const struct key both[] = {people[ALICE], people[CAROL]};
    CU_ASSERT_FATAL(publication_make(&by_one->is, by_one->parts.set,
                                     by_one->parts.n_set, 2, both, &by_both,
                                     NULL) == 0);
    for (int i = 0; i < 2; i++)
        CU_ASSERT(relay_offer(world.relay, "nightly", &by_one->parts).answer ==
                  RELAY_HELD);
    CU_ASSERT(relay_offer(world.relay, "deputy", &by_both->parts).answer ==
              RELAY_TAKEN);
    expect_served(&world, 1, 0, 0);
    publication_free(by_both);
    publication_free(by_one);
    close_world(&world);
    list_signers(1);
}

static void a_wrong_signature_of_a_listed_key_approves_nothing(void)
{
    const struct offer one = version(1);
    struct publication_signature signature;
    struct world world;

    list_signers(2);
    start_world(&world, "wrong", "");
    expect_offer(&world, &one, RELAY_HELD, "waits");
    CU_ASSERT(publication_sign(&people[BOB], "something else", 14, &signature, NULL) ==
              0);
    const struct relay_verdict verdict = relay_sign(world.relay, "eve", 1, &signature);
    CU_ASSERT(verdict.answer == RELAY_REFUSED);
    CHECK_CONTAINS(verdict.text, "the signature of bob is wrong");
    close_world(&world);
    list_signers(1);
}

static void a_lower_threshold_lets_what_waits_go_and_withdrawing_drops_it(void)
{
    const struct offer one = version(1);
    const struct stage_count count[3] = {{0, 0}};
    struct world world;
    struct err err = {0};

    list_signers(2);
    start_world(&world, "lower", "");
    expect_offer(&world, &one, RELAY_HELD, "waits");
    CU_ASSERT(relay_withdraw(world.relay, "eve", 9, "", &err) == -1);
    CHECK_CONTAINS(err.text, "version 9 does not wait for signatures");
    CU_ASSERT(relay_withdraw(world.relay, "eve", 1, "a mistake", NULL) == 0);
    const struct offer two = version(2);
    expect_offer(&world, &two, RELAY_HELD, "version 2 waits");
    put_scratch("signers", "threshold 1\nnonsense\n", 0600);
    CU_ASSERT(relay_tick(world.relay, count, clock_now(), &err) == 0);
    expect_served(&world, 0, 0, 0);
    list_signers(1);
    CU_ASSERT(relay_tick(world.relay, count, clock_now(), &err) == 0);
    expect_served(&world, 2, 0, 0);
    close_world(&world);
    expect_audit("lower", "withdrawn", "eve", "a mistake");
    expect_audit("lower", "keys_refused", "", "signers");
    expect_audit("lower", "keys_loaded", "", "1 must sign");
}

/* ---- stages ---- */

static void acknowledgements_move_a_set_on(void)
{
    const int64_t second = CLOCK_SECOND;
    struct stage_count count[3] = {{4, 4}, {4, 1}, {9, 9}};
    struct world world;
    struct err err = {0};

    start_world(&world, "move", "");
    produce(&world, 1, 0);
    const struct offer two = version(2);
    expect_offer(&world, &two, RELAY_TAKEN, "served to shadow");
    /* shadow is by hand */
    for (int64_t t = 1; t < 100; t++)
        CU_ASSERT(relay_tick(world.relay, count, t * second, &err) == 0);
    expect_served(&world, 2, 1, 1);
    CU_ASSERT(relay_promote(world.relay, "eve", 2, NULL) == 0);
    /* one of four is not half */
    for (int64_t t = 100; t < 200; t++)
        CU_ASSERT(relay_tick(world.relay, count, t * second, &err) == 0);
    expect_served(&world, 2, 2, 1);
    count[1].n_acknowledged = 2;
    for (int64_t t = 200; t < 210; t++)
        CU_ASSERT(relay_tick(world.relay, count, t * second, &err) == 0);
    expect_served(&world, 2, 2, 1);
    CU_ASSERT(relay_tick(world.relay, count, 210 * second, &err) == 0);
    expect_served(&world, 2, 2, 2);
    close_world(&world);
    expect_audit("move", "served", "stage", "to all");
}

static void a_newer_set_takes_the_place_of_one_under_way(void)
{
    struct world world;
    struct err err = {0};

    start_world(&world, "newer", "");
    produce(&world, 1, 0);
    const struct offer two = version(2), three = version(3);
    expect_offer(&world, &two, RELAY_TAKEN, "served to shadow");
    CU_ASSERT(relay_promote(world.relay, "eve", 2, NULL) == 0);
    expect_offer(&world, &three, RELAY_TAKEN, "served to shadow");
    expect_served(&world, 3, 2, 1);
    CU_ASSERT(relay_promote(world.relay, "eve", 2, &err) == -1);
    CHECK_CONTAINS(err.text, "version 2 is not the newest accepted, which is 3");
    CU_ASSERT(err_exit_code(&err) == 5);
    close_world(&world);
}

static void a_set_goes_no_further_than_its_audience(void)
{
    struct offer one = version(1);
    struct world world;
    struct err err = {0};

    one.audience = "canary";
    start_world(&world, "audience", "");
    expect_offer(&world, &one, RELAY_TAKEN, "served to canary");
    expect_served(&world, 0, 1, 0);
    CU_ASSERT(relay_promote(world.relay, "eve", 1, &err) == -1);
    CHECK_CONTAINS(err.text,
                   "version 1 is served to canary: there is no further group");
    close_world(&world);
    open_world(&world, "audience", "");
    expect_served(&world, 0, 1, 0);
    close_world(&world);
}

/* ---- rollback and freeze ---- */

static void a_rollback_is_a_new_version_for_all_at_once(void)
{
    struct offer back = version(4);
    struct world world;

    start_world(&world, "back",
                "publication: {change: {initial_margin_ppm: {min: -0.1}}}\n");
    produce(&world, 1, 50000);
    produce(&world, 2, 80000);
    const struct offer three = {
        .version = 3, .initial_ppm = 79000, .n_signers = 1, .signer = {ALICE}};
    expect_offer(&world, &three, RELAY_TAKEN, "served to shadow");
    back.initial_ppm = 50000; /* looser than the rail allows, but it was there before */
    back.rollback_of = 1;
    expect_offer(&world, &back, RELAY_TAKEN, "version 4 is served to all");
    expect_served(&world, 4, 4, 4);
    back.version = 5;
    back.rollback_of = 3; /* never in production */
    back.initial_ppm = 79000;
    expect_offer(&world, &back, RELAY_REFUSED, "that set was never in production");
    back.rollback_of = 2; /* another set than version 2's */
    back.initial_ppm = 70000;
    expect_offer(&world, &back, RELAY_REFUSED, "that set was never in production");
    close_world(&world);
    expect_audit("back", "rolled_back", "nightly", "\"version\":4");
}

static void frozen_nothing_moves_but_a_rollback(void)
{
    struct stage_count count[3] = {{4, 4}, {4, 4}, {9, 9}};
    struct offer back = version(4);
    struct world world;
    struct err err = {0};

    start_world(&world, "freeze", "");
    produce(&world, 1, 0);
    const struct offer two = version(2), three = version(3);
    expect_offer(&world, &two, RELAY_TAKEN, "served to shadow");
    CU_ASSERT(relay_promote(world.relay, "eve", 2, NULL) == 0);
    CU_ASSERT(relay_freeze(world.relay, "eve", true, "the market is mad", NULL) == 0);
    CU_ASSERT(relay_freeze(world.relay, "bob", true, "", &err) == -1);
    CHECK_CONTAINS(err.text, "frozen already, by eve: the market is mad");
    expect_offer(&world, &three, RELAY_REFUSED, "updates are frozen since 2");
    expect_offer(&world, &three, RELAY_REFUSED,
                 "by eve: the market is mad (a rollback is taken)");
    CU_ASSERT(relay_promote(world.relay, "eve", 2, &err) == -1);
    for (int64_t t = 1; t < 100; t++)
        CU_ASSERT(relay_tick(world.relay, count, t * CLOCK_SECOND, &err) == 0);
    expect_served(&world, 2, 2, 1);
    close_world(&world);
    open_world(&world, "freeze", "");
    expect_offer(&world, &three, RELAY_REFUSED, "updates are frozen");
    back.rollback_of = 1;
    expect_offer(&world, &back, RELAY_TAKEN, "version 4 is served to all");
    CU_ASSERT(relay_freeze(world.relay, "eve", false, "calm again", NULL) == 0);
    CU_ASSERT(relay_freeze(world.relay, "eve", false, "", &err) == -1);
    CHECK_CONTAINS(err.text, "updates are not frozen");
    const struct offer five = version(5);
    expect_offer(&world, &five, RELAY_TAKEN, "served to shadow");
    close_world(&world);
    expect_audit("freeze", "frozen", "eve", "the market is mad");
    expect_audit("freeze", "unfrozen", "eve", "calm again");
}

int main(void)
{
#define CLAIM(name) {#name, name}
    CU_TestInfo tests[] = {
        CLAIM(a_publication_waits_until_enough_have_signed),
        CLAIM(offering_it_again_with_another_signature_approves_too),
        CLAIM(a_wrong_signature_of_a_listed_key_approves_nothing),
        CLAIM(a_lower_threshold_lets_what_waits_go_and_withdrawing_drops_it),
        CLAIM(acknowledgements_move_a_set_on),
        CLAIM(a_newer_set_takes_the_place_of_one_under_way),
        CLAIM(a_set_goes_no_further_than_its_audience),
        CLAIM(a_rollback_is_a_new_version_for_all_at_once),
        CLAIM(frozen_nothing_moves_but_a_rollback),
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"relay_govern", make_world, remove_scratch, NULL, NULL, tests},
        CU_SUITE_INFO_NULL,
    };

    log_be_quiet(true);
    return check_run(suites);
}
