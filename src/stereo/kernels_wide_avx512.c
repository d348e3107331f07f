/* SPDX-License-Identifier: Apache-2.0 */
/* The matcher's sweeps in AVX-512 on registers of 64 bytes: 64 disparities a register. */
#include <immintrin.h>
#include <stdint.h>

#include "stereo/sgm_kernels.h"

enum { VEC_LANES = 64 };
typedef __m512i vec;
typedef uint64_t vec_bits;

static inline vec vec_load(const uint8_t *p)
{
    return _mm512_loadu_si512(p);
}
static inline void vec_store(uint8_t *p, vec v)
{
    _mm512_storeu_si512(p, v);
}
static inline vec vec_set(uint8_t value)
{
    return _mm512_set1_epi8((char)value);
}
static inline vec vec_splat(const uint8_t *p)
{
    return _mm512_set1_epi8((char)*p);
}
static inline vec vec_table(const uint8_t *p)
{
    return _mm512_broadcast_i32x4(_mm_load_si128((const __m128i *)(const void *)p));
}
static inline vec vec_lookup(vec table, vec index)
{
    return _mm512_shuffle_epi8(table, index);
}
static inline vec vec_add(vec a, vec b)
{
    return _mm512_add_epi8(a, b);
}
static inline vec vec_adds(vec a, vec b)
{
    return _mm512_adds_epu8(a, b);
}
static inline vec vec_sub(vec a, vec b)
{
    return _mm512_sub_epi8(a, b);
}
static inline vec vec_min(vec a, vec b)
{
    return _mm512_min_epu8(a, b);
}
static inline vec vec_avg(vec a, vec b)
{
    return _mm512_avg_epu8(a, b);
}
static inline vec vec_or(vec a, vec b)
{
    return _mm512_or_si512(a, b);
}
static inline __mmask64 vec_eq(vec a, vec b)
{
    return _mm512_cmpeq_epu8_mask(a, b);
}
static inline vec vec_select(__mmask64 mask, vec yes, vec no)
{
    return _mm512_mask_blend_epi8(mask, no, yes);
}
static inline vec_bits vec_mask(__mmask64 mask)
{
    return _cvtmask64_u64(mask);
}
static inline int mask_first(vec_bits mask)
{
    return __builtin_ctzll(mask);
}
static inline vec vec_keep(vec v)
{
    __asm__("" : "+v"(v));
    return v;
}

static const uint8_t lane_below[VEC_LANES + 2] = {
    0,  0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
    16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32,
    33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49,
    50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 63,
};
static inline vec vec_from_below(vec v)
{
    return _mm512_mask_permutexvar_epi8(_mm512_set1_epi8(-1), ~(__mmask64)1,
                                        vec_load(lane_below), v);
}
static inline vec vec_from_above(vec v)
{
    return _mm512_mask_permutexvar_epi8(_mm512_set1_epi8(-1), ~(__mmask64)0 >> 1,
                                        vec_load(lane_below + 2), v);
}
static inline __m128i smallest_word(vec v)
{
    const __m256i half =
        _mm256_min_epu8(_mm512_castsi512_si256(v), _mm512_extracti64x4_epi64(v, 1));
    const __m128i quarter =
        _mm_min_epu8(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
    return _mm_minpos_epu16(_mm_min_epu8(quarter, _mm_srli_epi16(quarter, 8)));
}
static inline vec vec_min_all(vec v)
{
    return _mm512_broadcastb_epi8(smallest_word(v));
}
static inline uint8_t vec_min_byte(vec v)
{
    return (uint8_t)_mm_cvtsi128_si32(smallest_word(v));
}
static inline uint8_t vec_first_byte(vec v)
{
    return (uint8_t)_mm_cvtsi128_si32(_mm512_castsi512_si128(v));
}

#include "stereo/sgm_vector_sweeps.h"

const struct sgm_sweeps sgm_wide_sweeps_avx512 = SGM_VECTOR_SWEEPS;
