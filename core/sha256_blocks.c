#include "core/sha256_blocks.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>

/* The first 32 bits of the fractions of the cube roots of the first 64 primes:  FIPS
 * 180-4, 4.2.2. */
static const _Alignas(16) uint32_t constant[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
    0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
    0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
    0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
    0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
    0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
    0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
    0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
    0xc67178f2,
};

/* Asked once, when the program is loaded: cpuid traps in a virtual machine. */
static bool can;

__attribute__((constructor)) static void ask(void)
{
    enum { LEAF = 7, SHA = 1 << 29 }; /* Intel SDM 2A, CPUID */
    unsigned eax, ebx = 0, ecx, edx;

    __builtin_cpu_init();
    can = __get_cpuid_count(LEAF, 0, &eax, &ebx, &ecx, &edx) != 0 && (ebx & SHA) != 0 &&
          __builtin_cpu_supports("sse4.1");
}

bool sha256_blocks_can(void)
{
    return can;
}

#define WITH_SHA __attribute__((target("sha,sse4.1,ssse3")))

static WITH_SHA inline __m128i load(const void *p)
{
    return _mm_loadu_si128(p);
}

/* Words 4 i .. 4 i + 3 of the schedule, from the sixteen before them:
 *     W[t] = s1(W[t-2]) + W[t-7] + s0(W[t-15]) + W[t-16],   FIPS 180-4, 6.2.2 */
static WITH_SHA inline __m128i words(const __m128i w[4], size_t i)
{
    const __m128i last = w[(i + 3) % 4];
    const __m128i seven = _mm_alignr_epi8(last, w[(i + 2) % 4], 4);
    const __m128i part = _mm_sha256msg1_epu32(w[i % 4], w[(i + 1) % 4]);

    return _mm_sha256msg2_epu32(_mm_add_epi32(part, seven), last);
}

/* Sixteen times four rounds on a b e f and c d g h. */
static WITH_SHA inline void block(__m128i state[2], const unsigned char *bytes)
{
    const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    const __m128i abef = state[0], cdgh = state[1];
    __m128i w[4];

    for (size_t i = 0; i < 16; i++) {
        w[i % 4] =
            i < 4 ? _mm_shuffle_epi8(load(bytes + 16 * i), big_endian) : words(w, i);
        const __m128i k = _mm_add_epi32(w[i % 4], load(constant + 4 * i));

        state[1] = _mm_sha256rnds2_epu32(state[1], state[0], k);
        state[0] =
            _mm_sha256rnds2_epu32(state[0], state[1], _mm_shuffle_epi32(k, 0x0e));
    }
    state[0] = _mm_add_epi32(state[0], abef);
    state[1] = _mm_add_epi32(state[1], cdgh);
}

WITH_SHA void sha256_blocks(uint32_t state[8], size_t n, const unsigned char *bytes)
{
    const __m128i badc = _mm_shuffle_epi32(load(state), 0xb1);
    const __m128i hgfe = _mm_shuffle_epi32(load(state + 4), 0x1b);
    __m128i now[2] = {_mm_alignr_epi8(badc, hgfe, 8),
                      _mm_blend_epi16(hgfe, badc, 0xf0)};

    for (size_t i = 0; i < n; i++)
        block(now, bytes + i * SHA256_BLOCK_BYTES);
    const __m128i abcd = _mm_shuffle_epi32(now[0], 0x1b);
    const __m128i efgh = _mm_shuffle_epi32(now[1], 0xb1);
    _mm_storeu_si128((void *)state, _mm_blend_epi16(abcd, efgh, 0xf0));
    _mm_storeu_si128((void *)(state + 4), _mm_alignr_epi8(efgh, abcd, 8));
}

#else

bool sha256_blocks_can(void)
{
    return false;
}

void sha256_blocks(uint32_t state[8], size_t n, const unsigned char *bytes)
{
    (void)state, (void)n, (void)bytes;
}

#endif
