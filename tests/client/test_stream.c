#include "client/set.h"
#include "client/stream.h"
#include "tests/check.h"

static struct stream_header good_header(void)
{
    const struct stream_name name = stream_name_make(5, 7, "abc", 3);
    struct stream_header header = stream_header_make(STREAM_SET, &name);

    header.n_signatures = 3;
    header.n_manifest = 400;
    return header;
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
    CU_ASSERT_EQUAL(memcmp(bytes, "PLIMSOLL\2\0\2\0\3\0\x90\1", 16), 0);
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
    bad.protocol = 1;
    check_header(bad, "protocol 1 is not 2");
    bad = good_header();
    bad.kind = 7;
    check_header(bad, "kind 7 is none of 1 to 6");
    bad.kind = 0;
    check_header(bad, "kind 0 is none of 1 to 6");
    bad = good_header();
    bad.n_signatures = 17;
    check_header(bad, "17 signatures are too many");
    bad.kind = STREAM_REQUEST;
    bad.n_signatures = 1;
    check_header(bad, "1 signatures are too many");
    bad = good_header();
    bad.n_manifest = 0;
    check_header(bad, "a manifest of 0 bytes");
    bad.kind = STREAM_ACKNOWLEDGE;
    bad.n_signatures = 0;
    bad.n_manifest = 1;
    check_header(bad, "a manifest of 1 bytes");
    bad = good_header();
    bad.verdict = STREAM_TAKEN;
    check_header(bad, "verdict 1 of kind 2");
    bad = good_header();
    bad.version = UINT64_C(1) << 63;
    check_header(bad, "above 2^63 - 1");
    bad.version = 0;
    check_header(bad, "an epoch or version is 0");
    bad.version = 1;
    bad.epoch = 0;
    check_header(bad, "an epoch or version is 0");
    bad = good_header();
    bad.n_bytes = (uint64_t)PLIMSOLL_SET_BYTES_MAX + 1;
    check_header(bad, "268435457 bytes is more than 268435456");
}

static void only_messages_of_one_frame_name_nothing(void)
{
    static const enum stream_kind kinds[] = {STREAM_HEARTBEAT, STREAM_SET,
                                             STREAM_REQUEST,   STREAM_ACKNOWLEDGE,
                                             STREAM_OFFER,     STREAM_VERDICT};

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct stream_header sent = stream_header_make(kinds[i], NULL), header;
        const bool has_set = kinds[i] == STREAM_SET || kinds[i] == STREAM_OFFER;

        sent.n_manifest = has_set ? 1 : 0;
        sent.verdict = kinds[i] == STREAM_VERDICT ? STREAM_HELD : 0;
        CU_ASSERT_EQUAL(stream_header_read(&sent, sizeof sent, &header, NULL) == 0,
                        stream_frames(kinds[i]) == 1);
        sent.n_bytes = 1; /* half a name */
        CU_ASSERT_EQUAL(stream_header_read(&sent, sizeof sent, &header, NULL), -1);
    }
}

static void a_verdict_says_which(void)
{
    struct stream_header verdict = good_header();

    verdict.kind = STREAM_VERDICT;
    verdict.n_manifest = verdict.n_signatures = 0;
    check_header(verdict, "verdict 0 of kind 6");
    verdict.verdict = 4;
    check_header(verdict, "verdict 4 of kind 6");
    verdict.verdict = STREAM_REFUSED;
    CU_ASSERT_EQUAL(stream_header_read(&verdict, sizeof verdict, &verdict, NULL), 0);
}

static void what_is_not_encrypted_stays_on_loopback(void)
{
    static const char *const remote[] = {
        "tcp://0.0.0.0:7700",      "tcp://*:7700",
        "tcp://10.0.0.1:7700",     "tcp://128.0.0.1:7700",
        "tcp://127.evil.org:7700", "tcp://eth0;127.0.0.1:7700",
        "tcp://localhost:7700",    "tcp://127.0.0.1.example.com:7700",
    };
    static const char *const never[] = {"", "127.0.0.1:7700", "tcp://127.0.0.1",
                                        "udp://127.0.0.1:1", "ipc://"};
    static const char *const no_port[] = {"tcp://127.0.0.1:65536",
                                          "tcp://127.0.0.1:", "tcp://127.0.0.1:-1",
                                          "tcp://127.0.0.1:77x"};
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
    for (size_t i = 0; i < sizeof no_port / sizeof *no_port; i++) {
        CU_ASSERT_EQUAL(stream_check_address(no_port[i], true, &err), -1);
        CHECK_CONTAINS(err.text, ": the port is not between 0 and 65535");
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
        {"only_messages_of_one_frame_name_nothing",
         only_messages_of_one_frame_name_nothing},
        {"a_verdict_says_which", a_verdict_says_which},
        {"what_is_not_encrypted_stays_on_loopback",
         what_is_not_encrypted_stays_on_loopback},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"stream", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
