#include "core/crc32c.h"

#include <string.h>

#ifdef __x86_64__
#include <nmmintrin.h>
#endif

/* The remainder of each half byte: 16 steps of the polynomial division, by hand small
 * enough to be checked against the definition in tests/core/test_crc32c.c. */
static const uint32_t half_byte[16] = {
    0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
    0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
    0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
};

static uint32_t by_table(uint32_t crc, const unsigned char *byte, size_t n_bytes)
{
    for (size_t i = 0; i < n_bytes; i++) {
        crc ^= byte[i];
        crc = (crc >> 4) ^ half_byte[crc & 15];
        crc = (crc >> 4) ^ half_byte[crc & 15];
    }
    return crc;
}

#ifdef __x86_64__
/* The processor's own instruction, eight bytes at a time. */
__attribute__((target("sse4.2"))) static uint32_t by_instruction(
    uint32_t crc, const unsigned char *byte, size_t n_bytes)
{
    uint64_t wide = crc, eight;

    for (; n_bytes >= sizeof eight; byte += sizeof eight, n_bytes -= sizeof eight) {
        memcpy(&eight, byte, sizeof eight);
        wide = _mm_crc32_u64(wide, eight);
    }
    crc = (uint32_t)wide;
    for (; n_bytes > 0; n_bytes--)
        crc = _mm_crc32_u8(crc, *byte++);
    return crc;
}
#endif

uint32_t crc32c(uint32_t crc, const void *bytes, size_t n_bytes)
{
#ifdef __x86_64__
    if (__builtin_cpu_supports("sse4.2"))
        return ~by_instruction(~crc, bytes, n_bytes);
#endif
    return ~by_table(~crc, bytes, n_bytes);
}

uint32_t crc32c_portable(uint32_t crc, const void *bytes, size_t n_bytes)
{
    return ~by_table(~crc, bytes, n_bytes);
}
