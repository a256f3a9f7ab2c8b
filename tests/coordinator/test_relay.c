#include "coordinator/relay_feed.h"
#include "core/log.h"
#include "tests/coordinator/relay_world.h"

static const struct offer by_alice = {.version = 2, .n_signers = 1, .signer = {ALICE}};

static struct offer version(uint64_t v)
{
    struct offer offer = by_alice;

    offer.version = v;
    return offer;
}

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
    close_world(&world);
    expect_audit("refuse", "refused", "nightly", "is not signed");
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
    struct buffer buffer = {0};
    struct relay_record record;
    CU_ASSERT_FATAL(relay_store_get_entry(relay_storage(world.relay), pending, &buffer,
                                          &record, NULL) == 0);
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
        CU_ASSERT(publication_sign(&people[cases[i].who], record.manifest.bytes,
                                   record.manifest.n_left, &signature, NULL) == 0);
        const struct relay_verdict verdict =
            relay_sign(world.relay, "eve", 1, &signature);
        CU_ASSERT(verdict.answer == cases[i].answer);
        CHECK_CONTAINS(verdict.text, cases[i].text);
    }
    buffer_free(&buffer);
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
    CU_ASSERT_FATAL(publication_add(by_one, &people[CAROL], &by_both, NULL) == 0);
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

/* ---- following ---- */

/* `to` follows `from` until there is nothing new; the records that it was sent. */
static size_t follow(const struct world *from, struct world *to)
{
    struct feed_follower follower = {.next = FEED_FIND};
    struct buffer record = {0};
    struct feed_word asked, word;
    bool more = true;
    size_t n = 0;

    while (more) {
        asked = feed_word_make(to->relay, 1);
        asked.next = follower.next;
        CU_ASSERT_FATAL(feed_answer(from->relay, &asked, 2, &word, &record, NULL) == 0);
        CU_ASSERT_FATAL(feed_take(to->relay, &follower, &word,
                                  (struct reader){record.bytes, record.n}, &more,
                                  NULL) == 0);
        n += record.n > 0;
    }
    buffer_free(&record);
    return n;
}

static void a_second_relay_comes_to_the_same_state(void)
{
    struct world first, second;

    start_world(&first, "first", "");
    start_world(&second, "second", "");
    CU_ASSERT(relay_be(second.relay, false, "follows", NULL) == 0);
    produce(&first, 1, 0);
    produce(&first, 2, 51000);
    const struct offer three = version(3);
    expect_offer(&first, &three, RELAY_TAKEN, "");
    CU_ASSERT(relay_freeze(first.relay, "eve", true, "mad", NULL) == 0);
    for (int again = 0; again < 3; again++) {
        const uint64_t n = relay_store_n_records(relay_storage(second.relay));

        const size_t n_sent = follow(&first, &second);

        expect_served(&second, 3, 2, 2);
        CU_ASSERT(relay_store_state(relay_storage(second.relay))->is_frozen);
        if (again == 0)
            continue;
        /* nothing is taken twice, nor sent that is older than what it holds */
        CU_ASSERT(relay_store_n_records(relay_storage(second.relay)) == n);
        CU_ASSERT(n_sent == 4);
    }
    const struct offer four = version(4);
    expect_offer(&second, &four, RELAY_REFUSED, "this relay follows another");
    /* and goes on from there when it takes over */
    CU_ASSERT(relay_be(second.relay, true, "silence", NULL) == 0);
    CU_ASSERT(relay_freeze(second.relay, "eve", false, "calm", NULL) == 0);
    expect_offer(&second, &four, RELAY_TAKEN, "version 4 is served to shadow");
    /* the first comes back and follows */
    CU_ASSERT(relay_be(first.relay, false, "back", NULL) == 0);
    follow(&second, &first);
    expect_served(&first, 4, 2, 2);
    CU_ASSERT(!relay_store_state(relay_storage(first.relay))->is_frozen);
    close_world(&second);
    close_world(&first);
    expect_audit("second", "took_over", "", "silence");
    expect_audit("first", "stood_down", "", "back");
}

static void a_relay_that_follows_verifies_for_itself(void)
{
    struct world first, second;

    start_world(&first, "liar", "");
    produce(&first, 1, 0);
    /* the second one's list has neither alice nor any of the others */
    char text[256], hex[KEY_HEX_MAX];
    snprintf(text, sizeof text, "signing %s mallory\n",
             key_text(people[MALLORY].public, hex));
    put_scratch("signers", text, 0600);
    start_world(&second, "wary", "");
    list_signers(1);
    CU_ASSERT(relay_be(second.relay, false, "follows", NULL) == 0);
    follow(&first, &second);
    expect_served(&second, 0, 0, 0);
    CU_ASSERT(relay_newest(second.relay) == NULL);
    close_world(&second);
    close_world(&first);
    expect_audit("wary", "conflict", "nightly", "no signature counts here");
}

/* Two that served at once: nothing goes back, and the higher version wins. */
static void after_a_split_the_higher_version_wins_and_the_other_is_told(void)
{
    struct world first, second;

    start_world(&first, "left", "");
    start_world(&second, "right", "");
    produce(&first, 1, 0);
    CU_ASSERT(relay_be(second.relay, false, "follows", NULL) == 0);
    follow(&first, &second);
    CU_ASSERT(relay_be(second.relay, true, "silence", NULL) == 0);
    produce(&first, 2, 51000);
    produce(&second, 2, 52000); /* the same version, another set */
    produce(&second, 3, 52500);
    CU_ASSERT(relay_be(first.relay, false, "the other is ahead", NULL) == 0);
    follow(&second, &first);
    expect_served(&first, 3, 3, 3);
    close_world(&second);
    close_world(&first);
    expect_audit("left", "conflict", "nightly",
                 "another set than here under this version");
}

/* ---- configuration ---- */

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
    CU_TestInfo offers[] = {
        CLAIM(a_signed_set_is_served_to_the_first_group_and_survives_a_restart),
        CLAIM(the_same_publication_again_gets_the_same_answer),
        CLAIM(what_does_not_count_is_refused),
        CLAIM(a_changed_bit_is_refused),
        CLAIM(a_set_that_breaks_the_schema_is_refused),
        CLAIM(every_guard_rail_refuses_at_the_relay),
        CLAIM(many_small_steps_are_a_large_one),
        CLAIM(a_publication_waits_until_enough_have_signed),
        CLAIM(offering_it_again_with_another_signature_approves_too),
        CLAIM(a_wrong_signature_of_a_listed_key_approves_nothing),
        CLAIM(a_lower_threshold_lets_what_waits_go_and_withdrawing_drops_it),
        CU_TEST_INFO_NULL,
    };
    CU_TestInfo governance[] = {
        CLAIM(acknowledgements_move_a_set_on),
        CLAIM(a_newer_set_takes_the_place_of_one_under_way),
        CLAIM(a_set_goes_no_further_than_its_audience),
        CLAIM(a_rollback_is_a_new_version_for_all_at_once),
        CLAIM(frozen_nothing_moves_but_a_rollback),
        CLAIM(a_second_relay_comes_to_the_same_state),
        CLAIM(a_relay_that_follows_verifies_for_itself),
        CLAIM(after_a_split_the_higher_version_wins_and_the_other_is_told),
        CLAIM(a_configuration_is_checked),
        CLAIM(a_group_that_was_served_must_stay_configured),
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"offers", make_world, NULL, NULL, NULL, offers},
        {"governance", NULL, remove_scratch, NULL, NULL, governance},
        CU_SUITE_INFO_NULL,
    };

    log_be_quiet(true);
    return check_run(suites);
}
