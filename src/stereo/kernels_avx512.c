/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The matcher's kernels in AVX-512 (F, BW, VL, DQ, VBMI): sweeps on registers of AVX2's
 * width (kernels_wide_avx512.c has those of 64 bytes), forests on those of 64 bytes.
 */
#include <immintrin.h>
#include <stdint.h>

#include "stereo/sgm_kernels.h"
#include "stereo/sgm_x86_vec128.h"
#include "stereo/sgm_x86_vec256.h"

#define WIDE_LANES 64
typedef __m512i wide;
typedef __m512i wide16;

static inline wide wide_load(const uint8_t *p)
{
    return _mm512_loadu_si512(p);
}
static inline void wide_store(uint8_t *p, wide v)
{
    _mm512_storeu_si512(p, v);
}
static inline wide wide_set(uint8_t value)
{
    return _mm512_set1_epi8((char)value);
}
static inline wide wide_splat(const uint8_t *p)
{
    return _mm512_set1_epi8((char)*p);
}
static inline wide wide_table(const uint8_t *p)
{
    return _mm512_broadcast_i32x4(_mm_load_si128((const __m128i *)(const void *)p));
}
static inline wide wide_lookup(wide table, wide index)
{
    return _mm512_shuffle_epi8(table, index);
}
static inline wide wide_add(wide a, wide b)
{
    return _mm512_add_epi8(a, b);
}
static inline wide wide_ask(wide index, wide bound, wide value, uint8_t bit)
{
    return _mm512_mask_add_epi8(index, _mm512_cmpgt_epi8_mask(bound, value), index,
                                wide_set(bit));
}
static inline wide16 wide_low(wide v)
{
    return _mm512_unpacklo_epi8(v, _mm512_setzero_si512());
}
static inline wide16 wide_high(wide v)
{
    return _mm512_unpackhi_epi8(v, _mm512_setzero_si512());
}
static inline wide wide_narrow(wide16 low, wide16 high)
{
    return _mm512_packus_epi16(low, high);
}
static inline wide16 wide16_set(int16_t value)
{
    return _mm512_set1_epi16(value);
}
static inline wide16 wide16_add(wide16 a, wide16 b)
{
    return _mm512_add_epi16(a, b);
}
static inline wide16 wide16_quarter(wide16 v)
{
    return _mm512_srai_epi16(v, 2);
}

#include "stereo/sgm_vector_features.h"
#include "stereo/sgm_vector_forest.h"
#include "stereo/sgm_vector_sweeps.h"

static const struct sgm_sweeps sweeps_vectors = SGM_VECTOR_SWEEPS;
const struct sgm_kernels sgm_kernels_avx512 =
    SGM_VECTOR_KERNELS("avx512", &sgm_wide_sweeps_avx512);
