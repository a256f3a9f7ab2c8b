#include "core/sha256.h"
#include "core/sha256_blocks.h"
#include "tests/check.h"

#include <stdlib.h>

enum { BYTES = 1500 };

static void fill(unsigned char bytes[BYTES])
{
    for (size_t i = 0; i < BYTES; i++)
        bytes[i] = (unsigned char)(i * i * 31 + i / 7);
}

/* libsodium's, in one piece: another implementation than that of whole blocks. */
static void digest_slowly(const unsigned char *bytes, size_t n,
                          char text[SHA256_TEXT_MAX])
{
    unsigned char digest[crypto_hash_sha256_BYTES];

    crypto_hash_sha256(digest, bytes, n);
    sodium_bin2hex(text, SHA256_TEXT_MAX, digest, sizeof digest);
}

/* FIPS 180-4's examples (NIST, SHA256.pdf). */
static void is_that_of_the_standards_examples(void)
{
    char text[SHA256_TEXT_MAX];

    CU_ASSERT_STRING_EQUAL(
        sha256_of("abc", 3, text),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CU_ASSERT_STRING_EQUAL(
        sha256_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56, text),
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void is_libsodiums_at_every_length(void)
{
    unsigned char bytes[BYTES];
    char want[SHA256_TEXT_MAX], got[SHA256_TEXT_MAX];

    fill(bytes);
    for (size_t n = 0; n <= BYTES; n++) {
        digest_slowly(bytes, n, want);
        CU_ASSERT_STRING_EQUAL(sha256_of(bytes, n, got), want);
    }
}

/* Three pieces, cut at any two places. */
static void does_not_depend_on_how_the_message_is_cut(void)
{
    unsigned char bytes[BYTES];
    char want[SHA256_TEXT_MAX], got[SHA256_TEXT_MAX];

    fill(bytes);
    digest_slowly(bytes, BYTES, want);
    for (size_t a = 0; a <= 200; a++)
        for (size_t b = a; b <= BYTES; b += 61) {
            struct sha256 sha;

            sha256_start(&sha);
            sha256_add(&sha, bytes, a);
            sha256_add(&sha, bytes + a, b - a);
            sha256_add(&sha, bytes + b, BYTES - b);
            CU_ASSERT_STRING_EQUAL(sha256_text(&sha, got), want);
        }
}

int main(void)
{
    CU_TestInfo sha256[] = {
        {"is_that_of_the_standards_examples", is_that_of_the_standards_examples},
        {"is_libsodiums_at_every_length", is_libsodiums_at_every_length},
        {"does_not_depend_on_how_the_message_is_cut",
         does_not_depend_on_how_the_message_is_cut},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"sha256", NULL, NULL, NULL, NULL, sha256},
                             CU_SUITE_INFO_NULL};

    printf("whole blocks are %s's\n",
           sha256_blocks_can() ? "the processor" : "libsodium");
    return check_run(suites);
}
