#include "core/crc32c.h"
#include "tests/check.h"

static void agrees_with_the_published_vectors(void)
{
    unsigned char bytes[32];

    /* RFC 3720, B.4, there as bytes in the order sent; the check value of "123456789"
     * stands in every catalogue of CRCs (Koopman; reveng: CRC-32/ISCSI). */
    memset(bytes, 0, sizeof bytes);
    CU_ASSERT(crc32c(0, bytes, sizeof bytes) == 0x8a9136aa);
    memset(bytes, 0xff, sizeof bytes);
    CU_ASSERT(crc32c(0, bytes, sizeof bytes) == 0x62a8ab43);
    for (unsigned char i = 0; i < 32; i++)
        bytes[i] = i;
    CU_ASSERT(crc32c(0, bytes, sizeof bytes) == 0x46dd794e);
    for (unsigned char i = 0; i < 32; i++)
        bytes[i] = (unsigned char)(31 - i);
    CU_ASSERT(crc32c(0, bytes, sizeof bytes) == 0x113fdb5c);
    CU_ASSERT(crc32c(0, "123456789", 9) == 0xe3069283);
}

/* One bit at a time, as the polynomial division is defined. */
static uint32_t slow(const unsigned char *bytes, size_t n)
{
    uint32_t crc = 0xffffffff;

    for (size_t i = 0; i < 8 * n; i++) {
        const uint32_t bit = (crc ^ (uint32_t)(bytes[i / 8] >> i % 8)) & 1;

        crc = (crc >> 1) ^ (bit != 0 ? 0x82f63b78 : 0);
    }
    return ~crc;
}

static void is_the_division_bit_by_bit_in_any_pieces(void)
{
    unsigned char bytes[747];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * i + 13 * i);
    for (size_t n = 0; n <= sizeof bytes; n += 13)
        for (size_t cut = 0; cut <= n; cut += 41) {
            const uint32_t want = slow(bytes, n), first = crc32c(0, bytes, cut);

            CU_ASSERT(crc32c(first, bytes + cut, n - cut) == want);
            CU_ASSERT(crc32c_portable(first, bytes + cut, n - cut) == want);
        }
}

int main(void)
{
    CU_TestInfo crc[] = {
        {"agrees_with_the_published_vectors", agrees_with_the_published_vectors},
        {"is_the_division_bit_by_bit_in_any_pieces",
         is_the_division_bit_by_bit_in_any_pieces},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"crc32c", NULL, NULL, NULL, NULL, crc},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
