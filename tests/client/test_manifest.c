#include "client/manifest.h"
#include "core/clock.h"
#include "tests/check.h"
#include "tests/client/example_set.h"

static struct manifest example(void)
{
    struct manifest manifest = {
        .name = stream_name_make(1735689600000000001, 7, "abc", 3),
        .has_parent = true,
        .published_ns = 1735787045 * CLOCK_SECOND,
        .valid_from_ns = 1735787045 * CLOCK_SECOND + CLOCK_SECOND / 2,
        .valid_until_ns = 1735873445 * CLOCK_SECOND,
        .audience = "shadow,canary",
        .rollback_of = 5,
        .note = "b\xc3\xa9\"low\"",
    };

    memset(manifest.parent_sha256, 0xab, sizeof manifest.parent_sha256);
    return manifest;
}

#define ABC    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define PARENT "abababababababababababababababababababababababababababababababab"

/* What a signer in another language must write. */
static const char wanted[] =
    "{\"schema\":\"plimsoll-publication\",\"schema_version\":1,"
    "\"epoch\":1735689600000000001,\"version\":7,"
    "\"set\":{\"sha256\":\"" ABC "\",\"n_bytes\":3,"
    "\"schema\":\"plimsoll-parameters\",\"schema_version\":1},"
    "\"parent_sha256\":\"" PARENT "\",\"published_at\":\"2025-01-02T03:04:05Z\","
    "\"valid_from\":\"2025-01-02T03:04:05.5Z\","
    "\"valid_until\":\"2025-01-03T03:04:05Z\","
    "\"audience\":[\"shadow\",\"canary\"],\"rollback_of\":5,"
    "\"note\":\"b\xc3\xa9\\\"low\\\"\"}\n";

static void a_manifest_has_one_form(void)
{
    const struct manifest manifest = example();
    struct manifest back;
    size_t n_bytes;
    char *bytes;

    CU_ASSERT_EQUAL_FATAL(manifest_write(&manifest, &bytes, &n_bytes, NULL), 0);
    CU_ASSERT_STRING_EQUAL(bytes, wanted);
    CU_ASSERT_EQUAL_FATAL(manifest_read(bytes, n_bytes, &back, NULL), 0);
    CU_ASSERT_EQUAL(memcmp(&manifest.name, &back.name, sizeof back.name), 0);
    CU_ASSERT_EQUAL(memcmp(manifest.parent_sha256, back.parent_sha256, 32), 0);
    CU_ASSERT(back.has_parent);
    CU_ASSERT_EQUAL(back.published_ns, manifest.published_ns);
    CU_ASSERT_EQUAL(back.valid_from_ns, manifest.valid_from_ns);
    CU_ASSERT_EQUAL(back.valid_until_ns, manifest.valid_until_ns);
    CU_ASSERT_STRING_EQUAL(back.audience, manifest.audience);
    CU_ASSERT_EQUAL(back.rollback_of, 5);
    CU_ASSERT_STRING_EQUAL(back.note, manifest.note);
    free(bytes);
}

static void what_is_absent_is_null(void)
{
    struct manifest manifest = example(), back;
    size_t n_bytes;
    char *bytes;

    manifest.has_parent = false;
    manifest.audience[0] = manifest.note[0] = '\0';
    manifest.rollback_of = 0;
    CU_ASSERT_EQUAL_FATAL(manifest_write(&manifest, &bytes, &n_bytes, NULL), 0);
    CHECK_CONTAINS(bytes, "\"parent_sha256\":null,");
    CHECK_CONTAINS(bytes, "\"audience\":null,\"rollback_of\":null,\"note\":\"\"}\n");
    CU_ASSERT_EQUAL_FATAL(manifest_read(bytes, n_bytes, &back, NULL), 0);
    CU_ASSERT_FALSE(back.has_parent);
    CU_ASSERT_EQUAL(back.rollback_of, 0);
    CU_ASSERT_STRING_EQUAL(back.audience, "");
    free(bytes);
}

static void refused(const char *text, size_t n_bytes, const char *want)
{
    struct manifest manifest = {.rollback_of = 99};
    struct err err = {0};

    CU_ASSERT_EQUAL(manifest_read(text, n_bytes, &manifest, &err), -1);
    CHECK_CONTAINS(err.text, want);
    CU_ASSERT_EQUAL(err.kind, ERR_INPUT);
    CU_ASSERT_EQUAL(manifest.rollback_of, 99);
}

static void check_change(const char *old, const char *new, const char *want)
{
    char *text = example_change(wanted, "{", old, new);

    refused(text, strlen(text), want);
    free(text);
}

static void other_bytes_of_the_same_meaning_are_refused(void)
{
    static const struct {
        const char *old, *new;
    } same[] = {
        {"7,\"set\"", "7, \"set\""},
        {"}\n", "}"},
        {"}\n", "}\n\n"},
        {"b\xc3\xa9", "b\\u00e9"},
        {"shadow", "\\u0073hadow"},
        {"\"epoch\":1735689600000000001,\"version\":7",
         "\"version\":7,\"epoch\":1735689600000000001"},
    };

    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        check_change(same[i].old, same[i].new, "is not in canonical form");
}

static void what_breaks_a_rule_is_refused_with_its_member(void)
{
    static const struct {
        const char *old, *new, *want;
    } bad[] = {
        {"{\"schema\"", "[\"schema\"", "is not JSON"},
        {"plimsoll-publication", "plimsoll-parameters",
         "schema: 'plimsoll-parameters'"},
        {"\"schema_version\":1,\"epoch\"", "\"schema_version\":2,\"epoch\"",
         "schema_version: 2 is not between 1 and 1"},
        {"\"epoch\":1735689600000000001", "\"epoch\":0", "epoch: 0 is not between 1"},
        {"\"version\":7", "\"version\":-7", "version: -7 is not between 1"},
        {"\"version\":7", "\"version\":7.5", "version: is not a whole number"},
        {"\"n_bytes\":3", "\"n_bytes\":268435457", "set: n_bytes: 268435457 is not"},
        {"\"n_bytes\":3", "\"n_bytes\":3,\"more\":1", "set: 'more' is not a member"},
        {"plimsoll-parameters", "others", "set: schema: 'others' is not"},
        {"1},", "2},", "set: schema_version: 2 is not between 1 and 1"},
        {ABC, "BA7816", "set: sha256: 'BA7816' is not 64 lower-case"},
        {PARENT, "abab", "parent_sha256: 'abab' is not 64 lower-case"},
        {"04:05.5Z", "04:05.50Z", "valid_from: '2025-01-02T03:04:05.50Z' is not"},
        {"2025-01-03", "2025-01-02", "valid_until: is not after valid_from"},
        {"2025-01-03", "2025-02-30", "valid_until: "},
        {"[\"shadow\",\"canary\"]", "[]", "audience: is empty"},
        {"[\"shadow\",\"canary\"]", "\"all\"", "audience: is not an array"},
        {"[\"shadow\",", "[7,", "audience[0]: is not a text"},
        {"\"shadow\"", "\"canary\"", "audience[1]: canary is there twice"},
        {"\"shadow\"", "\"sha,dow\"", "audience[0]: 'sha,dow' is not 1 to 63 of"},
        {"\"rollback_of\":5", "\"rollback_of\":7",
         "rollback_of: 7 is not before version 7"},
        {"\"rollback_of\":5", "\"rollback_of\":0", "rollback_of: 0 is not between"},
        {"b\xc3", "\\u001b\xc3", "note: has a control character"},
        {"\"note\"", "\"notes\"", "'notes' is not a member"},
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        check_change(bad[i].old, bad[i].new, bad[i].want);
    refused("{}", 2, "schema: is missing");
    char *large = calloc(1, MANIFEST_BYTES_MAX + 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(large);
    refused(large, MANIFEST_BYTES_MAX + 1, "has 65536 bytes, more than 65535");
    free(large);
}

static void what_would_not_be_read_is_not_written(void)
{
    struct manifest manifest = example();
    struct err err = {0};
    size_t n_bytes;
    char *bytes;

    manifest.valid_until_ns = manifest.valid_from_ns;
    CU_ASSERT_EQUAL(manifest_write(&manifest, &bytes, &n_bytes, &err), -1);
    CHECK_CONTAINS(err.text, "the manifest: valid_until: is not after valid_from");
    manifest = example();
    strcpy(manifest.audience, "a,,b");
    CU_ASSERT_EQUAL(manifest_write(&manifest, &bytes, &n_bytes, &err), -1);
    CHECK_CONTAINS(err.text, "the manifest: audience[1]: ");
}

static void it_is_valid_from_and_until(void)
{
    const struct manifest manifest = example();
    struct err err = {0};
    bool is_early;

    CU_ASSERT_EQUAL(
        manifest_check_time(&manifest, manifest.valid_from_ns - 1, &is_early, &err),
        -1);
    CHECK_CONTAINS(err.text, "is valid from 2025-01-02T03:04:05.5Z");
    CU_ASSERT(is_early && err.kind == ERR_REFUSED);
    CU_ASSERT_EQUAL(
        manifest_check_time(&manifest, manifest.valid_from_ns, &is_early, &err), 0);
    CU_ASSERT_EQUAL(
        manifest_check_time(&manifest, manifest.valid_until_ns - 1, &is_early, &err),
        0);
    CU_ASSERT_EQUAL(
        manifest_check_time(&manifest, manifest.valid_until_ns, &is_early, &err), -1);
    CHECK_CONTAINS(err.text, "was valid until 2025-01-03T03:04:05Z");
    CU_ASSERT(!is_early);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"a_manifest_has_one_form", a_manifest_has_one_form},
        {"what_is_absent_is_null", what_is_absent_is_null},
        {"other_bytes_of_the_same_meaning_are_refused",
         other_bytes_of_the_same_meaning_are_refused},
        {"what_breaks_a_rule_is_refused_with_its_member",
         what_breaks_a_rule_is_refused_with_its_member},
        {"what_would_not_be_read_is_not_written",
         what_would_not_be_read_is_not_written},
        {"it_is_valid_from_and_until", it_is_valid_from_and_until},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"manifest", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
