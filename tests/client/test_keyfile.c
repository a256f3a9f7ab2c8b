#include "client/keyfile.h"
#include "client/trust.h"
#include "tests/check.h"
#include "tests/client/scratch.h"

/* RFC 8032, 7.1, TEST 1, and RFC 7748, 6.1, Bob. */
#define SEED        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
#define SEED_PUBLIC "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
#define BOB         "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"
#define BOB_PUBLIC  "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"
#define HEAD        "plimsoll-secret-key 1\n"

static void public_halves_are_those_of_the_standards(void)
{
    char hex[KEY_HEX_MAX];
    struct key key;

    const char *path = put_scratch("s", HEAD "signing " SEED " operator\n", 0600);
    CU_ASSERT_EQUAL_FATAL(key_read(path, KEY_SIGNING, &key, NULL), 0);
    CU_ASSERT_STRING_EQUAL(key_text(key.public, hex), SEED_PUBLIC);
    CU_ASSERT_STRING_EQUAL(key.name, "operator");
    path = put_scratch("c", HEAD "curve " BOB " relay\n", 0400);
    CU_ASSERT_EQUAL_FATAL(key_read(path, KEY_CURVE, &key, NULL), 0);
    CU_ASSERT_STRING_EQUAL(key_text(key.public, hex), BOB_PUBLIC);
    key_forget(&key);
    CU_ASSERT_STRING_EQUAL(key.name, "");
}

static void a_written_pair_is_read_back_and_kept(void)
{
    struct key made, read;
    struct trust_key listed;
    struct stat stat_of;
    struct err err = {0};

    for (int kind = KEY_SIGNING; kind <= KEY_CURVE; kind++) {
        const char *path = in_scratch(kind == KEY_CURVE ? "relay" : "operator");
        char file[FILE_PATH_MAX + 8];

        CU_ASSERT_EQUAL_FATAL(key_generate(kind, "some.one-1", &made, NULL), 0);
        CU_ASSERT_EQUAL_FATAL(key_write(&made, path, NULL), 0);
        snprintf(file, sizeof file, "%s.secret", path);
        CU_ASSERT_EQUAL(stat(file, &stat_of), 0);
        CU_ASSERT_EQUAL(stat_of.st_mode & 0777, 0600);
        CU_ASSERT_EQUAL_FATAL(key_read(file, kind, &read, NULL), 0);
        CU_ASSERT_EQUAL(memcmp(&made, &read, sizeof made), 0);
        CU_ASSERT_EQUAL(key_read(file, 1 - kind, &read, &err), -1);
        CHECK_CONTAINS(err.text, kind == KEY_CURVE
                                     ? "line 2: is a curve key, not a signing key"
                                     : "line 2: is a signing key, not a curve key");
        snprintf(file, sizeof file, "%s.public", path);
        CU_ASSERT_EQUAL_FATAL(trust_read_one(file, kind, &listed, NULL), 0);
        CU_ASSERT_EQUAL(memcmp(listed.public, made.public, KEY_BYTES), 0);
        CU_ASSERT_STRING_EQUAL(listed.name, "some.one-1");
        CU_ASSERT_EQUAL(key_write(&made, path, &err), -1);
        CHECK_CONTAINS(err.text, ".public: is there already, and is kept");
        unlink(file);
        CU_ASSERT_EQUAL(key_write(&made, path, &err), -1);
        CHECK_CONTAINS(err.text, ".secret: is there already, and is kept");
    }
}

static void two_keys_are_never_the_same(void)
{
    struct key a, b;

    CU_ASSERT_EQUAL_FATAL(key_generate(KEY_CURVE, "a", &a, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(key_generate(KEY_CURVE, "a", &b, NULL), 0);
    CU_ASSERT_NOT_EQUAL(memcmp(a.secret, b.secret, KEY_BYTES), 0);
    CU_ASSERT_NOT_EQUAL(memcmp(a.public, b.public, KEY_BYTES), 0);
}

static void refused(const char *path, const char *want)
{
    struct key key = {.name = "unchanged"};
    struct err err = {0};

    CU_ASSERT_EQUAL(key_read(path, KEY_SIGNING, &key, &err), -1);
    CHECK_CONTAINS(err.text, want);
    CHECK_CONTAINS(err.text, path);
    CU_ASSERT_EQUAL(err.kind, ERR_INPUT);
    CU_ASSERT_STRING_EQUAL(key.name, "unchanged");
}

static void a_secret_that_others_can_read_is_refused(void)
{
    static const mode_t modes[] = {0640, 0620, 0604, 0602, 0666, 0610};

    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        refused(put_scratch("open", HEAD "signing " SEED " o\n", modes[i]),
                "others can read or write it (mode 6");
    refused(scratch, "is not a regular file");
    refused(in_scratch("none"), "No such file");
    if (geteuid() != 0)
        return;
    const char *path = put_scratch("other", HEAD "signing " SEED " o\n", 0600);
    CU_ASSERT_EQUAL(chown(path, 4711, 4711), 0);
    refused(path, "belongs to user 4711, not to 0");
}

static void what_is_no_key_is_refused(void)
{
    static const struct {
        const char *text, *want;
    } bad[] = {
        {"", "line 1: is not 'plimsoll-secret-key 1'"},
        {"plimsoll-secret-key 2\nsigning " SEED " o\n", "line 1: is not"},
        {"# plimsoll-public-key 1\nsigning " SEED " o\n", "line 1: is not"},
        {HEAD, "line 2: is not one line behind"},
        {HEAD "signing " SEED " o", "is not one line behind"},
        {HEAD "signing " SEED " o\nsigning " SEED " o\n", "is not one line behind"},
        {HEAD "signing " SEED "\n", "is not a line 'signing|curve KEY NAME'"},
        {HEAD "signing " SEED " o p\n", "is not a line 'signing|curve KEY NAME'"},
        {HEAD "\n", "is not a line 'signing|curve KEY NAME'"},
        {HEAD "sign " SEED " o\n", "'sign' is neither signing nor curve"},
        {HEAD "signing " SEED "0 o\n", "the key is not 64 hexadecimal digits"},
        {HEAD "signing 9D61 o\n", "the key is not 64 hexadecimal digits"},
        {HEAD "signing " SEED " .o\n", "is not 1 to 63 of A-Z"},
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        refused(put_scratch("bad", bad[i].text, 0600), bad[i].want);
}

static void names_that_cannot_be_listed_are_refused(void)
{
    struct key key;
    struct err err = {0};

    CU_ASSERT_EQUAL(key_generate(KEY_SIGNING, "two words", &key, &err), -1);
    CHECK_CONTAINS(err.text, "the key's name: 'two words' is not 1 to 63 of");
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"public_halves_are_those_of_the_standards",
         public_halves_are_those_of_the_standards},
        {"a_written_pair_is_read_back_and_kept", a_written_pair_is_read_back_and_kept},
        {"two_keys_are_never_the_same", two_keys_are_never_the_same},
        {"a_secret_that_others_can_read_is_refused",
         a_secret_that_others_can_read_is_refused},
        {"what_is_no_key_is_refused", what_is_no_key_is_refused},
        {"names_that_cannot_be_listed_are_refused",
         names_that_cannot_be_listed_are_refused},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"keyfile", make_scratch, remove_scratch, NULL, NULL, tests},
        CU_SUITE_INFO_NULL};

    return check_run(suites);
}
