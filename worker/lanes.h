/* lanes.h -- a vector register of doubles of the instruction set being compiled for
 *
 * Included by the kernels only, which are compiled once for each instruction set.
 * Every operation rounds once, as its scalar form does: the bits are the same in
 * all of them. */
#ifndef WORKER_LANES_H
#define WORKER_LANES_H

#include "worker/ladder.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__AVX512F__) || defined(__AVX2__)
#include <immintrin.h>
#endif

#if defined(__AVX512F__)

enum { LANES = 8 };
typedef __m512d lanes;
static inline lanes lanes_fma(lanes a, lanes b, lanes c)
{
    return _mm512_fmadd_pd(a, b, c);
}
static inline lanes lanes_sqrt(lanes a)
{
    return _mm512_sqrt_pd(a);
}
static inline lanes lanes_max(lanes a, lanes b)
{
    return _mm512_max_pd(a, b);
}
static inline lanes lanes_min(lanes a, lanes b)
{
    return _mm512_min_pd(a, b);
}
static inline lanes lanes_all(double a)
{
    return _mm512_set1_pd(a);
}

/* Lanes of which something holds, and the choice by it: yes[i] or no[i]. */
typedef __mmask8 lanes_mask;
static inline lanes_mask lanes_is_below(lanes a, lanes b)
{
    return _mm512_cmp_pd_mask(a, b, _CMP_LT_OQ);
}
static inline lanes lanes_choose(lanes_mask mask, lanes yes, lanes no)
{
    return _mm512_mask_blend_pd(mask, no, yes);
}
static inline int lanes_any(lanes_mask mask)
{
    return mask != 0;
}
static inline lanes_mask lanes_either(lanes_mask a, lanes_mask b)
{
    return a | b;
}
/* Bit i: a[i] > b[i]. */
static inline unsigned lanes_above(lanes a, lanes b)
{
    return _mm512_cmp_pd_mask(a, b, _CMP_GT_OQ);
}
/* Store the lanes of the mask side by side; LANES doubles may be written. */
static inline void lanes_keep(double *out, unsigned mask, lanes a)
{
    _mm512_storeu_pd(out, _mm512_maskz_compress_pd((__mmask8)mask, a));
}
/* out[i] = ladder_cell(of, x[i]),  x >= 0 */
static inline void lanes_cells(uint32_t *out, lanes x, struct ladder_cells of)
{
    const __m512i bits =
        _mm512_srl_epi64(_mm512_castpd_si512(x), _mm_cvtsi32_si128((int)of.shift));
    const __m512i cell = _mm512_sub_epi64(bits, _mm512_set1_epi64(of.first));
    const __m512i low = _mm512_max_epi64(cell, _mm512_setzero_si512());
    const __m512i in = _mm512_min_epi64(low, _mm512_set1_epi64(of.n - 1));

    _mm256_storeu_si256((void *)out, _mm512_cvtepi64_epi32(in));
}
/* The same of first, first + 1, ... */
static inline void lanes_keep_index(uint32_t *out, unsigned mask, uint32_t first)
{
    const __m256i step = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    const __m256i index = _mm256_add_epi32(_mm256_set1_epi32((int)first), step);

    _mm256_storeu_si256((void *)out,
                        _mm256_maskz_compress_epi32((__mmask8)mask, index));
}

#elif defined(__AVX2__)

enum { LANES = 4 };
typedef __m256d lanes;
static inline lanes lanes_fma(lanes a, lanes b, lanes c)
{
    return _mm256_fmadd_pd(a, b, c);
}
static inline lanes lanes_sqrt(lanes a)
{
    return _mm256_sqrt_pd(a);
}
static inline lanes lanes_max(lanes a, lanes b)
{
    return _mm256_max_pd(a, b);
}
static inline lanes lanes_min(lanes a, lanes b)
{
    return _mm256_min_pd(a, b);
}
static inline lanes lanes_all(double a)
{
    return _mm256_set1_pd(a);
}
typedef __m256d lanes_mask;
static inline lanes_mask lanes_is_below(lanes a, lanes b)
{
    return _mm256_cmp_pd(a, b, _CMP_LT_OQ);
}
static inline lanes lanes_choose(lanes_mask mask, lanes yes, lanes no)
{
    return _mm256_blendv_pd(no, yes, mask);
}
static inline int lanes_any(lanes_mask mask)
{
    return _mm256_movemask_pd(mask) != 0;
}
static inline lanes_mask lanes_either(lanes_mask a, lanes_mask b)
{
    return _mm256_or_pd(a, b);
}
static inline unsigned lanes_above(lanes a, lanes b)
{
    return (unsigned)_mm256_movemask_pd(_mm256_cmp_pd(a, b, _CMP_GT_OQ));
}
static inline void lanes_cells(uint32_t *out, lanes x, struct ladder_cells of)
{
    const __m256i last = _mm256_set1_epi64x(of.n - 1);
    const __m256i bits =
        _mm256_srl_epi64(_mm256_castpd_si256(x), _mm_cvtsi32_si128((int)of.shift));
    const __m256i cell = _mm256_sub_epi64(bits, _mm256_set1_epi64x(of.first));
    const __m256i low =
        _mm256_andnot_si256(_mm256_cmpgt_epi64(_mm256_setzero_si256(), cell), cell);
    const __m256i in = _mm256_blendv_epi8(low, last, _mm256_cmpgt_epi64(low, last));

    for (int i = 0; i < 4; i++)
        out[i] = (uint32_t)((__v4di)in)[i];
}
static inline void lanes_keep(double *out, unsigned mask, lanes a)
{
    for (; mask != 0; mask &= mask - 1)
        *out++ = a[__builtin_ctz(mask)];
}
static inline void lanes_keep_index(uint32_t *out, unsigned mask, uint32_t first)
{
    for (; mask != 0; mask &= mask - 1)
        *out++ = first + (uint32_t)__builtin_ctz(mask);
}

#else

enum { LANES = 1 };
typedef double lanes;
static inline lanes lanes_fma(lanes a, lanes b, lanes c)
{
    return fma(a, b, c);
}
static inline lanes lanes_sqrt(lanes a)
{
    return sqrt(a);
}
static inline lanes lanes_max(lanes a, lanes b)
{
    return a > b ? a : b;
}
static inline lanes lanes_min(lanes a, lanes b)
{
    return a < b ? a : b;
}
static inline lanes lanes_all(double a)
{
    return a;
}
typedef int lanes_mask;
static inline lanes_mask lanes_is_below(lanes a, lanes b)
{
    return a < b;
}
static inline lanes lanes_choose(lanes_mask mask, lanes yes, lanes no)
{
    return mask ? yes : no;
}
static inline int lanes_any(lanes_mask mask)
{
    return mask;
}
static inline lanes_mask lanes_either(lanes_mask a, lanes_mask b)
{
    return a | b;
}
static inline unsigned lanes_above(lanes a, lanes b)
{
    return a > b;
}
static inline void lanes_cells(uint32_t *out, lanes x, struct ladder_cells of)
{
    *out = ladder_cell(of, x);
}
static inline void lanes_keep(double *out, unsigned mask, lanes a)
{
    if (mask)
        *out = a;
}
static inline void lanes_keep_index(uint32_t *out, unsigned mask, uint32_t first)
{
    if (mask)
        *out = first;
}

#endif

/* From and to memory of any alignment. */
static inline lanes lanes_from(const double *p)
{
    lanes a;

    memcpy(&a, p, sizeof a);
    return a;
}
static inline void lanes_to(double *p, lanes a)
{
    memcpy(p, &a, sizeof a);
}

/* The matrix of LANES rows turned about its diagonal, in registers: log2(LANES)
 * rounds, each exchanging blocks of half the size of the last. */
static inline void lanes_turn(lanes row[LANES])
{
#if defined(__AVX512F__)
    lanes a[8], b[8];

    for (int i = 0; i < 8; i += 2) {
        a[i] = _mm512_unpacklo_pd(row[i], row[i + 1]);
        a[i + 1] = _mm512_unpackhi_pd(row[i], row[i + 1]);
    }
    for (int i = 0; i < 2; i++)
        for (int half = 0; half < 8; half += 4) {
            b[half + i] = _mm512_shuffle_f64x2(a[half + i], a[half + i + 2], 0x88);
            b[half + i + 2] = _mm512_shuffle_f64x2(a[half + i], a[half + i + 2], 0xdd);
        }
    for (int i = 0; i < 4; i++) {
        row[i] = _mm512_shuffle_f64x2(b[i], b[i + 4], 0x88);
        row[i + 4] = _mm512_shuffle_f64x2(b[i], b[i + 4], 0xdd);
    }
#elif defined(__AVX2__)
    const lanes a = _mm256_unpacklo_pd(row[0], row[1]);
    const lanes b = _mm256_unpackhi_pd(row[0], row[1]);
    const lanes c = _mm256_unpacklo_pd(row[2], row[3]);
    const lanes d = _mm256_unpackhi_pd(row[2], row[3]);

    row[0] = _mm256_permute2f128_pd(a, c, 0x20);
    row[1] = _mm256_permute2f128_pd(b, d, 0x20);
    row[2] = _mm256_permute2f128_pd(a, c, 0x31);
    row[3] = _mm256_permute2f128_pd(b, d, 0x31);
#else
    (void)row;
#endif
}

#endif /* WORKER_LANES_H */
