/* A second relay, record by record, without sockets. */
#include "coordinator/relay_feed.h"
#include "core/log.h"
#include "tests/coordinator/relay_world.h"

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

int main(void)
{
#define CLAIM(name) {#name, name}
    CU_TestInfo tests[] = {
        CLAIM(a_second_relay_comes_to_the_same_state),
        CLAIM(a_relay_that_follows_verifies_for_itself),
        CLAIM(after_a_split_the_higher_version_wins_and_the_other_is_told),
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"relay_follow", make_world, remove_scratch, NULL, NULL, tests},
        CU_SUITE_INFO_NULL,
    };

    log_be_quiet(true);
    return check_run(suites);
}
