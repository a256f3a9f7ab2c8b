#include "client/set.h"
#include "client/stream.h"
#include "tests/check.h"

static struct stream_header good_header(void)
{
    const struct stream_name name = stream_name_make(5, 7, "abc", 3);

    return stream_header_make(STREAM_SNAPSHOT, &name);
}

static void a_header_carries_its_name(void)
{
    const struct stream_header sent = good_header();
    struct stream_header header;
    char digest[STREAM_DIGEST_MAX];

    CU_ASSERT_EQUAL(stream_header_read(&sent, sizeof sent, &header, NULL), 0);
    const struct stream_name name = stream_header_name(&header);
    CU_ASSERT_EQUAL(name.epoch, 5);
    CU_ASSERT_EQUAL(name.version, 7);
    CU_ASSERT_EQUAL(stream_name_check(&name, "abc", 3, NULL), 0);
    /* FIPS 180-4's example of one block */
    CU_ASSERT_STRING_EQUAL(
        stream_digest_text(name.sha256, digest),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

/* What an independent implementation must write. */
static void the_bytes_of_a_header_stand_where_the_contract_says(void)
{
    struct stream_header header = good_header();
    const unsigned char *bytes = (const unsigned char *)&header;

    header.sent_ns = 0x0102030405060708;
    CU_ASSERT_EQUAL(memcmp(bytes, "PLIMSOLL\1\0\4\0\0\0\0\0", 16), 0);
    CU_ASSERT_EQUAL(memcmp(bytes + 16, "\5\0\0\0\0\0\0\0\7\0\0\0\0\0\0\0", 16), 0);
    CU_ASSERT_EQUAL(memcmp(bytes + 32, "\3\0\0\0\0\0\0\0\10\7\6\5\4\3\2\1", 16), 0);
    CU_ASSERT_EQUAL(memcmp(bytes + 48, "\xba\x78\x16\xbf", 4), 0);
}

static void check_header(struct stream_header bad, const char *want)
{
    struct stream_header header = {.version = 99};
    struct err err = {0};

    CU_ASSERT_EQUAL(stream_header_read(&bad, sizeof bad, &header, &err), -1);
    CHECK_CONTAINS(err.text, want);
    CU_ASSERT_EQUAL(header.version, 99);
}

static void a_header_outside_its_bounds_is_refused(void)
{
    struct stream_header bad = good_header();
    struct err err = {0};

    CU_ASSERT_EQUAL(stream_header_read(&bad, sizeof bad - 1, &bad, &err), -1);
    CHECK_CONTAINS(err.text, "header: has 79 bytes, not 80");
    bad.magic[7] = 'X';
    check_header(bad, "does not start with PLIMSOLL");
    bad = good_header();
    bad.protocol = 2;
    check_header(bad, "protocol 2 is not 1");
    bad = good_header();
    bad.kind = 6;
    check_header(bad, "kind 6 is none of 1 to 5");
    bad.kind = 0;
    check_header(bad, "kind 0 is none of 1 to 5");
    bad = good_header();
    bad.n_signature = 64;
    check_header(bad, "has a signature of 64 bytes, must be 0");
    bad = good_header();
    bad.version = UINT64_C(1) << 63;
    check_header(bad, "above 2^63 - 1");
    bad.version = 0;
    check_header(bad, "an epoch or version is 0");
    bad = good_header();
    bad.n_bytes = (uint64_t)PLIMSOLL_SET_BYTES_MAX + 1;
    check_header(bad, "268435457 bytes is more than 268435456");
}

static void only_loopback_addresses_are_allowed_unless_insecure(void)
{
    static const char *const remote[] = {
        "tcp://0.0.0.0:7700",      "tcp://*:7700",
        "tcp://10.0.0.1:7700",     "tcp://128.0.0.1:7700",
        "tcp://127.evil.org:7700", "tcp://eth0;127.0.0.1:7700",
        "tcp://localhost:7700",    "tcp://127.0.0.1.example.com:7700",
    };
    static const char *const never[] = {"", "127.0.0.1:7700", "tcp://127.0.0.1",
                                        "udp://127.0.0.1:1", "ipc://"};
    struct err err = {0};

    CU_ASSERT_EQUAL(stream_check_address("tcp://127.0.0.1:7700", false, NULL), 0);
    CU_ASSERT_EQUAL(stream_check_address("tcp://127.9.9.9:*", false, NULL), 0);
    CU_ASSERT_EQUAL(stream_check_address("ipc:///run/plimsoll", false, NULL), 0);
    for (size_t i = 0; i < sizeof remote / sizeof *remote; i++) {
        CU_ASSERT_EQUAL(stream_check_address(remote[i], false, &err), -1);
        CHECK_CONTAINS(err.text, "is not a loopback address in numbers");
        CU_ASSERT_EQUAL(stream_check_address(remote[i], true, NULL), 0);
    }
    for (size_t i = 0; i < sizeof never / sizeof *never; i++) {
        CU_ASSERT_EQUAL(stream_check_address(never[i], true, &err), -1);
        CHECK_CONTAINS(err.text, "is not an address like tcp://127.0.0.1:7700");
    }
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"a_header_carries_its_name", a_header_carries_its_name},
        {"the_bytes_of_a_header_stand_where_the_contract_says",
         the_bytes_of_a_header_stand_where_the_contract_says},
        {"a_header_outside_its_bounds_is_refused",
         a_header_outside_its_bounds_is_refused},
        {"only_loopback_addresses_are_allowed_unless_insecure",
         only_loopback_addresses_are_allowed_unless_insecure},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"stream", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
