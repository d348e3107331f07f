/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Registers of 32 bytes, for the x86 kernel files alone (they include the intrinsics).
 * AVX-512 has twice as many, and bytes move over lanes in one step.
 */
#ifndef STEREO_SGM_X86_VEC256_H
#define STEREO_SGM_X86_VEC256_H

enum { VEC_LANES = 32 };
typedef __m256i vec;
typedef __m256i vec16;
typedef uint32_t vec_bits;

static inline vec vec_load(const uint8_t *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}
static inline void vec_store(uint8_t *p, vec v)
{
    _mm256_storeu_si256((__m256i *)(void *)p, v);
}
static inline vec vec_set(uint8_t value)
{
    return _mm256_set1_epi8((char)value);
}
static inline vec vec_splat(const uint8_t *p)
{
    return _mm256_set1_epi8((char)*p);
}
static inline vec vec_table(const uint8_t *p)
{
    return _mm256_broadcastsi128_si256(_mm_load_si128((const __m128i *)(const void *)p));
}
static inline vec vec_lookup(vec table, vec index)
{
    return _mm256_shuffle_epi8(table, index);
}
static inline vec vec_add(vec a, vec b)
{
    return _mm256_add_epi8(a, b);
}
static inline vec vec_adds(vec a, vec b)
{
    return _mm256_adds_epu8(a, b);
}
static inline vec vec_sub(vec a, vec b)
{
    return _mm256_sub_epi8(a, b);
}
static inline vec vec_min(vec a, vec b)
{
    return _mm256_min_epu8(a, b);
}
static inline vec vec_max(vec a, vec b)
{
    return _mm256_max_epu8(a, b);
}
static inline vec vec_avg(vec a, vec b)
{
    return _mm256_avg_epu8(a, b);
}
static inline vec vec_or(vec a, vec b)
{
    return _mm256_or_si256(a, b);
}
static inline vec vec_ask(vec index, vec bound, vec value, uint8_t bit)
{
    return vec_or(index, _mm256_and_si256(_mm256_cmpgt_epi8(bound, value), vec_set(bit)));
}
static inline vec vec_keep(vec v)
{
    __asm__("" : "+v"(v));
    return v;
}
static inline __m128i smallest_word(vec v)
{
    __m128i m = _mm_min_epu8(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    return _mm_minpos_epu16(_mm_min_epu8(m, _mm_srli_epi16(m, 8)));
}
static inline vec vec_min_all(vec v)
{
    return _mm256_broadcastb_epi8(smallest_word(v));
}
static inline uint8_t vec_min_byte(vec v)
{
    return (uint8_t)_mm_cvtsi128_si32(smallest_word(v));
}
static inline uint8_t vec_first_byte(vec v)
{
    return (uint8_t)_mm_cvtsi128_si32(_mm256_castsi256_si128(v));
}
static inline int mask_first(vec_bits mask)
{
    return __builtin_ctz(mask);
}
static inline vec16 vec_low(vec v)
{
    return _mm256_unpacklo_epi8(v, _mm256_setzero_si256());
}
static inline vec16 vec_high(vec v)
{
    return _mm256_unpackhi_epi8(v, _mm256_setzero_si256());
}
static inline vec vec_narrow(vec16 low, vec16 high)
{
    return _mm256_packus_epi16(low, high);
}
static inline vec16 vec16_set(int16_t value)
{
    return _mm256_set1_epi16(value);
}
static inline vec16 vec16_add(vec16 a, vec16 b)
{
    return _mm256_add_epi16(a, b);
}
static inline vec16 vec16_sub(vec16 a, vec16 b)
{
    return _mm256_sub_epi16(a, b);
}
static inline vec16 vec16_quarter(vec16 v)
{
    return _mm256_srai_epi16(v, 2);
}

static inline vec16 vec16_load_bytes(const uint8_t *p)
{
    return _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(const void *)p));
}
static inline vec16 vec16_load(const uint16_t *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}
static inline void vec16_store(int16_t *p, vec16 v)
{
    _mm256_storeu_si256((__m256i *)(void *)p, v);
}
static inline vec16 vec16_max(vec16 a, vec16 b)
{
    return _mm256_max_epi16(a, b);
}
static inline vec16 vec16_min(vec16 a, vec16 b)
{
    return _mm256_min_epi16(a, b);
}
static inline vec16 vec16_times_16(vec16 v)
{
    return _mm256_slli_epi16(v, 4);
}
static inline vec16 vec16_greater(vec16 a, vec16 b)
{
    return _mm256_cmpgt_epi16(a, b);
}
static inline vec16 vec16_select(vec16 mask, vec16 yes, vec16 no)
{
    return _mm256_blendv_epi8(no, yes, mask);
}

#ifdef __AVX512VBMI__
/* With mask registers, comparisons give one bit a lane. */
static inline __mmask32 vec_eq(vec a, vec b)
{
    return _mm256_cmpeq_epu8_mask(a, b);
}
/* b where mask is not set */
static inline vec vec_andnot(__mmask32 mask, vec b)
{
    return _mm256_maskz_mov_epi8(_knot_mask32(mask), b);
}
static inline vec vec_select(__mmask32 mask, vec yes, vec no)
{
    return _mm256_mask_blend_epi8(mask, no, yes);
}
static inline vec_bits vec_mask(__mmask32 mask)
{
    return _cvtmask32_u32(mask);
}

static const uint8_t lane_below[VEC_LANES + 2] = {
    0,  0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
    16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 31,
};
static inline vec vec_from_below(vec v)
{
    return _mm256_mask_permutexvar_epi8(_mm256_set1_epi8(-1), ~(__mmask32)1,
                                        vec_load(lane_below), v);
}
static inline vec vec_from_above(vec v)
{
    return _mm256_mask_permutexvar_epi8(_mm256_set1_epi8(-1), ~(__mmask32)0 >> 1,
                                        vec_load(lane_below + 2), v);
}
#else
static inline vec vec_eq(vec a, vec b)
{
    return _mm256_cmpeq_epi8(a, b);
}
/* b where mask is not set */
static inline vec vec_andnot(vec mask, vec b)
{
    return _mm256_andnot_si256(mask, b);
}
static inline vec vec_select(vec mask, vec yes, vec no)
{
    return _mm256_blendv_epi8(no, yes, mask);
}
static inline vec vec_from_below(vec v)
{
    vec carried = _mm256_permute2x128_si256(v, _mm256_set1_epi8(-1), 0x02);
    return _mm256_alignr_epi8(v, carried, 15);
}
static inline vec vec_from_above(vec v)
{
    vec carried = _mm256_permute2x128_si256(v, _mm256_set1_epi8(-1), 0x21);
    return _mm256_alignr_epi8(carried, v, 1);
}
static inline vec_bits vec_mask(vec v)
{
    return (uint32_t)_mm256_movemask_epi8(v);
}
#endif

#endif
