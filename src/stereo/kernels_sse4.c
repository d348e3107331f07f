/* SPDX-License-Identifier: Apache-2.0 */
/* The matcher's kernels in SSE4.1: 16 disparities a register. */
#include <smmintrin.h>
#include <stdint.h>

#include "stereo/sgm_kernels.h"

enum { VEC_LANES = 16 };
typedef __m128i vec;
typedef __m128i vec16;
typedef uint32_t vec_bits;

static inline vec vec_load(const uint8_t *p)
{
    return _mm_loadu_si128((const __m128i *)(const void *)p);
}
static inline void vec_store(uint8_t *p, vec v)
{
    _mm_storeu_si128((__m128i *)(void *)p, v);
}
static inline vec vec_set(uint8_t value)
{
    return _mm_set1_epi8((char)value);
}
static inline vec vec_splat(const uint8_t *p)
{
    return _mm_set1_epi8((char)*p);
}
static inline vec vec_table(const uint8_t *p)
{
    return _mm_load_si128((const __m128i *)(const void *)p);
}
static inline vec vec_lookup(vec table, vec index)
{
    return _mm_shuffle_epi8(table, index);
}
static inline vec vec_add(vec a, vec b)
{
    return _mm_add_epi8(a, b);
}
static inline vec vec_adds(vec a, vec b)
{
    return _mm_adds_epu8(a, b);
}
static inline vec vec_sub(vec a, vec b)
{
    return _mm_sub_epi8(a, b);
}
static inline vec vec_min(vec a, vec b)
{
    return _mm_min_epu8(a, b);
}
static inline vec vec_max(vec a, vec b)
{
    return _mm_max_epu8(a, b);
}
static inline vec vec_avg(vec a, vec b)
{
    return _mm_avg_epu8(a, b);
}
static inline vec vec_eq(vec a, vec b)
{
    return _mm_cmpeq_epi8(a, b);
}
static inline vec vec_or(vec a, vec b)
{
    return _mm_or_si128(a, b);
}
/* b where mask is not set */
static inline vec vec_andnot(vec mask, vec b)
{
    return _mm_andnot_si128(mask, b);
}
static inline vec vec_select(vec mask, vec yes, vec no)
{
    return _mm_blendv_epi8(no, yes, mask);
}
static inline vec vec_ask(vec index, vec bound, vec value, uint8_t bit)
{
    return vec_or(index, _mm_and_si128(_mm_cmpgt_epi8(bound, value), vec_set(bit)));
}
static inline vec vec_keep(vec v)
{
    __asm__("" : "+x"(v));
    return v;
}
static inline vec vec_from_below(vec v)
{
    return _mm_alignr_epi8(v, _mm_set1_epi8(-1), 15);
}
static inline vec vec_from_above(vec v)
{
    return _mm_alignr_epi8(_mm_set1_epi8(-1), v, 1);
}
static inline __m128i smallest_word(vec v)
{
    return _mm_minpos_epu16(_mm_min_epu8(v, _mm_srli_epi16(v, 8)));
}
static inline vec vec_min_all(vec v)
{
    return _mm_shuffle_epi8(smallest_word(v), _mm_setzero_si128());
}
static inline uint8_t vec_min_byte(vec v)
{
    return (uint8_t)_mm_cvtsi128_si32(smallest_word(v));
}
static inline uint8_t vec_first_byte(vec v)
{
    return (uint8_t)_mm_cvtsi128_si32(v);
}
static inline vec_bits vec_mask(vec v)
{
    return (uint32_t)_mm_movemask_epi8(v);
}
static inline int mask_first(vec_bits mask)
{
    return __builtin_ctz(mask);
}

static inline vec16 vec_low(vec v)
{
    return _mm_unpacklo_epi8(v, _mm_setzero_si128());
}
static inline vec16 vec_high(vec v)
{
    return _mm_unpackhi_epi8(v, _mm_setzero_si128());
}
static inline vec vec_narrow(vec16 low, vec16 high)
{
    return _mm_packus_epi16(low, high);
}
static inline vec16 vec16_set(int16_t value)
{
    return _mm_set1_epi16(value);
}
static inline vec16 vec16_add(vec16 a, vec16 b)
{
    return _mm_add_epi16(a, b);
}
static inline vec16 vec16_sub(vec16 a, vec16 b)
{
    return _mm_sub_epi16(a, b);
}
static inline vec16 vec16_quarter(vec16 v)
{
    return _mm_srai_epi16(v, 2);
}

static inline vec16 vec16_load_bytes(const uint8_t *p)
{
    return _mm_cvtepu8_epi16(_mm_loadl_epi64((const __m128i *)(const void *)p));
}
static inline vec16 vec16_load(const uint16_t *p)
{
    return _mm_loadu_si128((const __m128i *)(const void *)p);
}
static inline void vec16_store(int16_t *p, vec16 v)
{
    _mm_storeu_si128((__m128i *)(void *)p, v);
}
static inline vec16 vec16_max(vec16 a, vec16 b)
{
    return _mm_max_epi16(a, b);
}
static inline vec16 vec16_min(vec16 a, vec16 b)
{
    return _mm_min_epi16(a, b);
}
static inline vec16 vec16_times_16(vec16 v)
{
    return _mm_slli_epi16(v, 4);
}
static inline vec16 vec16_greater(vec16 a, vec16 b)
{
    return _mm_cmpgt_epi16(a, b);
}
static inline vec16 vec16_select(vec16 mask, vec16 yes, vec16 no)
{
    return _mm_blendv_epi8(no, yes, mask);
}

#include "stereo/sgm_x86_vec128.h"

#include "stereo/sgm_vector_features.h"
#include "stereo/sgm_vector_forest.h"
#include "stereo/sgm_vector_sweeps.h"

static const struct sgm_sweeps sweeps_vectors = SGM_VECTOR_SWEEPS;
const struct sgm_kernels sgm_kernels_sse4 = SGM_VECTOR_KERNELS("sse4", NULL);
