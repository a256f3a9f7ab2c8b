#include "client/trust.h"
#include "tests/check.h"
#include "tests/client/scratch.h"

#define A "0000000000000000000000000000000000000000000000000000000000000001"
#define B "0000000000000000000000000000000000000000000000000000000000000002"
#define C "00000000000000000000000000000000000000000000000000000000000000ff"

static const char signers[] = "# who may sign\n\nthreshold 2\nsigning " B " deputy\n"
                              "  signing\t" A " operator \r\n"
                              "revoked signing " C " former";

static const struct trust_key *find(const struct trust *trust, const char *hex)
{
    uint8_t public[KEY_BYTES];

    CU_ASSERT_EQUAL_FATAL(key_from_text(hex, public, NULL), 0);
    return trust_find(trust, public);
}

static struct trust *parse(const char *text, enum key_kind kind)
{
    struct trust *trust = NULL;
    struct err err = {0};

    if (trust_parse(text, strlen(text), kind, &trust, &err) != 0)
        fprintf(stderr, "%s\n", err.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(trust);
    return trust;
}

static void keys_are_found_by_key_and_by_id(void)
{
    struct trust *trust = parse(signers, KEY_SIGNING);

    CU_ASSERT_EQUAL(trust_count(trust), 3);
    CU_ASSERT_EQUAL(trust_threshold(trust), 2);
    CU_ASSERT_STRING_EQUAL(find(trust, A)->name, "operator");
    CU_ASSERT_FALSE(find(trust, B)->is_revoked);
    CU_ASSERT(find(trust, C)->is_revoked);
    CU_ASSERT_PTR_NULL(find(
        trust, "0100000000000000000000000000000000000000000000000000000000000000"));
    for (size_t i = 0; i < trust_count(trust); i++) {
        uint8_t id[KEY_ID_BYTES];

        key_id(trust_at(trust, i)->public, id);
        CU_ASSERT_PTR_EQUAL(trust_find_id(trust, id), trust_at(trust, i));
    }
    trust_free(trust);
}

static void a_curve_key_may_be_in_groups(void)
{
    struct trust *trust =
        parse("curve " A " engine-1 shadow,canary\ncurve " B " engine-1\n", KEY_CURVE);
    const char *groups = find(trust, A)->groups;

    CU_ASSERT(trust_is_in(groups, "shadow"));
    CU_ASSERT(trust_is_in(groups, "canary"));
    CU_ASSERT_FALSE(trust_is_in(groups, "shad"));
    CU_ASSERT_FALSE(trust_is_in(groups, "canary,"));
    CU_ASSERT_FALSE(trust_is_in(groups, ""));
    CU_ASSERT_FALSE(trust_is_in(find(trust, B)->groups, "shadow"));
    CU_ASSERT_EQUAL(trust_threshold(trust), 1);
    trust_free(trust);
}

static void refused(const char *text, enum key_kind kind, const char *want)
{
    struct trust *trust = NULL;
    struct err err = {0};

    CU_ASSERT_EQUAL(trust_parse(text, strlen(text), kind, &trust, &err), -1);
    CHECK_CONTAINS(err.text, want);
    CU_ASSERT_PTR_NULL(trust);
}

static void a_list_that_is_wrong_is_refused_with_its_line(void)
{
    char many[600] = "signing ";

    memset(many + 8, 'a', sizeof many - 9);
    refused("", KEY_SIGNING, "no key is listed");
    refused("# nothing\n\n", KEY_CURVE, "no key is listed");
    refused("signing " A " a\nsigning " A " b\n", KEY_SIGNING,
            "the keys of a and b are the same");
    refused("signing " A " a\ncurve " B " b\n", KEY_SIGNING,
            "line 2: a curve key among signing keys");
    refused("signing " A " a\n", KEY_CURVE, "line 1: a signing key among curve keys");
    refused("signing " A "\n", KEY_SIGNING,
            "line 1: is not '[revoked] signing KEY NAME'");
    refused("signing " A " a b\n", KEY_SIGNING, "is not '[revoked] signing KEY NAME'");
    refused("curve " A " a b c\n", KEY_CURVE,
            "is not '[revoked] curve KEY NAME [GROUPS]'");
    refused("revoked\n", KEY_CURVE, "is not '[revoked] curve KEY NAME [GROUPS]'");
    refused("curve 12 a\n", KEY_CURVE, "the key is not 64 hexadecimal digits");
    refused("shared " A " a\n", KEY_CURVE, "'shared' is neither signing nor curve");
    refused("curve " A " a shadow,,x\n", KEY_CURVE, "group: '' is not 1 to 63 of");
    refused("curve " A " a shadow,\n", KEY_CURVE, "group: '' is not 1 to 63 of");
    refused("curve " A " a/b\n", KEY_CURVE, "'a/b' is not 1 to 63 of");
    refused(many, KEY_SIGNING, "line 1: has 599 bytes, more than 511");
}

static void a_threshold_is_one_that_can_be_reached(void)
{
    refused("threshold 0\nsigning " A " a\n", KEY_SIGNING, "threshold: ");
    refused("threshold 17\nsigning " A " a\n", KEY_SIGNING, "threshold: ");
    refused("threshold 1\nthreshold 1\nsigning " A " a\n", KEY_SIGNING,
            "line 2: threshold: stands once");
    refused("threshold 1\ncurve " A " a\n", KEY_CURVE, "in a file of signing keys");
    refused("threshold 2\nsigning " A " a\nrevoked signing " B " b\n", KEY_SIGNING,
            "threshold: 2 names must sign, but only 1 can");
    refused("threshold 2\nsigning " A " a\nsigning " B " a\n", KEY_SIGNING,
            "threshold: 2 names must sign, but only 1 can");
}

static void a_file_that_others_can_write_is_refused(void)
{
    struct trust *trust;
    struct err err = {0};

    CU_ASSERT_EQUAL(
        trust_read(put_scratch("open", signers, 0664), KEY_SIGNING, &trust, &err), -1);
    CHECK_CONTAINS(err.text, "open: others can write it (mode 664): chmod go-w");
    CU_ASSERT_EQUAL(
        trust_read(put_scratch("bad", "signing\n", 0644), KEY_SIGNING, &trust, &err),
        -1);
    CHECK_CONTAINS(err.text, "bad: line 1: is not");
}

static void one_key_is_one_that_is_in_force(void)
{
    struct trust_key key;
    struct err err = {0};

    CU_ASSERT_EQUAL(trust_read_one(put_scratch("one", "revoked curve " A " a\n", 0644),
                                   KEY_CURVE, &key, &err),
                    -1);
    CHECK_CONTAINS(err.text, "one: is not one key in force");
    CU_ASSERT_EQUAL(
        trust_read_one(put_scratch("one", "curve " A " a\ncurve " B " b\n", 0644),
                       KEY_CURVE, &key, &err),
        -1);
    CHECK_CONTAINS(err.text, "one: is not one key in force");
}

static void a_watched_file_changes_while_it_is_used(void)
{
    const char *path = put_scratch("watched", "curve " A " a\n", 0644);
    struct trust_watch *watch;
    struct err err = {0};

    CU_ASSERT_EQUAL_FATAL(trust_watch_open(path, KEY_CURVE, &watch, NULL), 0);
    CU_ASSERT_EQUAL(trust_watch_refresh(watch, NULL), 0);
    put_scratch("watched", "revoked curve " A " a\n", 0644);
    CU_ASSERT_EQUAL(trust_watch_refresh(watch, NULL), 1);
    CU_ASSERT(find(trust_watch_now(watch), A)->is_revoked);
    CU_ASSERT_EQUAL(trust_watch_refresh(watch, NULL), 0);
    trust_watch_close(watch);
    unlink(path);
    CU_ASSERT_EQUAL(trust_watch_open(path, KEY_CURVE, &watch, &err), -1);
    CHECK_CONTAINS(err.text, "watched: No such file");
}

static void a_broken_new_file_is_told_once_and_the_old_list_stays(void)
{
    static const struct {
        const char *text, *want;
        mode_t mode;
    } broken[] = {{"", "watched: no key is listed", 0644},
                  {"curve " A, "watched: line 1: is not", 0644},
                  {"curve " B " b\n", "others can write it", 0666}};
    const char *path = put_scratch("watched", "curve " A " a\n", 0644);
    struct trust_watch *watch;
    struct err err = {0};

    CU_ASSERT_EQUAL_FATAL(trust_watch_open(path, KEY_CURVE, &watch, NULL), 0);
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        put_scratch("watched", broken[i].text, broken[i].mode);
        CU_ASSERT_EQUAL(trust_watch_refresh(watch, &err), -1);
        CHECK_CONTAINS(err.text, broken[i].want);
        CU_ASSERT_EQUAL(trust_watch_refresh(watch, &err), 0);
        CU_ASSERT_PTR_NOT_NULL(find(trust_watch_now(watch), A));
        CU_ASSERT_PTR_NULL(find(trust_watch_now(watch), B));
    }
    unlink(path);
    CU_ASSERT_EQUAL(trust_watch_refresh(watch, &err), 0); /* broken still */
    put_scratch("watched", "curve " B " b\n", 0644);
    CU_ASSERT_EQUAL(trust_watch_refresh(watch, &err), 1);
    CU_ASSERT_PTR_NOT_NULL(find(trust_watch_now(watch), B));
    unlink(path);
    CU_ASSERT_EQUAL(trust_watch_refresh(watch, &err), -1);
    CHECK_CONTAINS(err.text, "No such file");
    trust_watch_close(watch);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"keys_are_found_by_key_and_by_id", keys_are_found_by_key_and_by_id},
        {"a_curve_key_may_be_in_groups", a_curve_key_may_be_in_groups},
        {"a_list_that_is_wrong_is_refused_with_its_line",
         a_list_that_is_wrong_is_refused_with_its_line},
        {"a_threshold_is_one_that_can_be_reached",
         a_threshold_is_one_that_can_be_reached},
        {"a_file_that_others_can_write_is_refused",
         a_file_that_others_can_write_is_refused},
        {"one_key_is_one_that_is_in_force", one_key_is_one_that_is_in_force},
        {"a_watched_file_changes_while_it_is_used",
         a_watched_file_changes_while_it_is_used},
        {"a_broken_new_file_is_told_once_and_the_old_list_stays",
         a_broken_new_file_is_told_once_and_the_old_list_stays},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"trust", make_scratch, remove_scratch, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
