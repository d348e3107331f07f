/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Vectors for edge_loops.h: EDGE_LANES bytes, one a pixel, or the 16-bit values of half
 * as many. A mask has all bits of a lane set, or none.
 *
 * They are the compiler's own. Where it makes several instructions of an operation that
 * x86 has one for, that is named.
 */
#ifndef REFINE_EDGE_VECTORS_H
#define REFINE_EDGE_VECTORS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "refine/row_x86.h"

#ifdef __AVX2__
enum { EDGE_LANES = 32 };
#else
enum { EDGE_LANES = 16 };
#endif
/* Loops over places and ways are written out: their numbers are parts of instructions. */
#ifdef __clang__
#define EDGE_WRITE_OUT _Pragma("unroll")
#else
#define EDGE_WRITE_OUT _Pragma("GCC unroll 16")
#endif

enum { EDGE_HALVES = 2, EDGE_HALF = EDGE_LANES / EDGE_HALVES };

typedef uint8_t edge_bytes __attribute__((vector_size(EDGE_LANES), may_alias));
typedef uint8_t edge_half __attribute__((vector_size(EDGE_HALF), may_alias));
typedef int8_t edge_half_mask __attribute__((vector_size(EDGE_HALF), may_alias));
typedef uint64_t edge_words __attribute__((vector_size(EDGE_LANES), may_alias));
typedef int16_t edge_shorts
    __attribute__((vector_size(EDGE_HALF * sizeof(int16_t)), may_alias));

/* For sums that may wrap. */
typedef uint16_t edge_wrapping
    __attribute__((vector_size(EDGE_HALF * sizeof(uint16_t)), may_alias));

static inline edge_bytes load_bytes(const uint8_t *from)
{
    edge_bytes v;
    memcpy(&v, from, sizeof(v));
    return v;
}

static inline void store_bytes(uint8_t *to, edge_bytes v)
{
    memcpy(to, &v, sizeof(v));
}

static inline edge_shorts load_shorts(const int16_t *from)
{
    edge_shorts v;
    memcpy(&v, from, sizeof(v));
    return v;
}

static inline void store_shorts(int16_t *to, edge_shorts v)
{
    memcpy(to, &v, sizeof(v));
}

static inline edge_bytes all_bytes(int value)
{
    return (edge_bytes){0} + (uint8_t)value;
}

static inline edge_shorts all_shorts(int value)
{
    return (edge_shorts){0} + (int16_t)value;
}

#ifdef ROW_X86

static inline edge_bytes pick_bytes(edge_bytes mask, edge_bytes a, edge_bytes b)
{
    return (edge_bytes)ROW_X86(blendv_epi8)((row_x86)b, (row_x86)a, (row_x86)mask);
}

static inline edge_shorts pick_shorts(edge_shorts mask, edge_shorts a, edge_shorts b)
{
    return (edge_shorts)ROW_X86(blendv_epi8)((row_x86)b, (row_x86)a, (row_x86)mask);
}

static inline edge_bytes lower_bytes(edge_bytes a, edge_bytes b)
{
    return (edge_bytes)ROW_X86(min_epu8)((row_x86)a, (row_x86)b);
}

static inline edge_bytes higher_bytes(edge_bytes a, edge_bytes b)
{
    return (edge_bytes)ROW_X86(max_epu8)((row_x86)a, (row_x86)b);
}

static inline edge_shorts lower_shorts(edge_shorts a, edge_shorts b)
{
    return (edge_shorts)ROW_X86(min_epi16)((row_x86)a, (row_x86)b);
}

static inline edge_shorts higher_shorts(edge_shorts a, edge_shorts b)
{
    return (edge_shorts)ROW_X86(max_epi16)((row_x86)a, (row_x86)b);
}

/* v * factor / 2^16 of numbers without a sign. */
static inline edge_shorts times_of_65536(edge_shorts v, uint16_t factor)
{
    return (edge_shorts)ROW_X86(mulhi_epu16)((row_x86)v, (row_x86)all_shorts(factor));
}

#else

static inline edge_bytes pick_bytes(edge_bytes mask, edge_bytes a, edge_bytes b)
{
    return (mask & a) | (~mask & b);
}

static inline edge_shorts pick_shorts(edge_shorts mask, edge_shorts a, edge_shorts b)
{
    return (mask & a) | (~mask & b);
}

static inline edge_bytes lower_bytes(edge_bytes a, edge_bytes b)
{
    return pick_bytes((edge_bytes)(a < b), a, b);
}

static inline edge_bytes higher_bytes(edge_bytes a, edge_bytes b)
{
    return pick_bytes((edge_bytes)(a > b), a, b);
}

static inline edge_shorts lower_shorts(edge_shorts a, edge_shorts b)
{
    return pick_shorts(a < b, a, b);
}

static inline edge_shorts higher_shorts(edge_shorts a, edge_shorts b)
{
    return pick_shorts(a > b, a, b);
}

/* v * factor / 2^16 of numbers without a sign. */
static inline edge_shorts times_of_65536(edge_shorts v, uint16_t factor)
{
    edge_shorts product;
    for (int i = 0; i < EDGE_HALF; i++)
        product[i] = (int16_t)(((uint32_t)(uint16_t)v[i] * factor) >> 16);
    return product;
}

#endif

/* Halves of a vector of bytes, as numbers and as masks; the other way, numbers are 0 ..
 * 255.
 */
#ifdef __AVX2__

static inline __m128i half_of(edge_bytes v, int k)
{
    return k == 0 ? _mm256_castsi256_si128((__m256i)v)
                  : _mm256_extracti128_si256((__m256i)v, 1);
}

static inline edge_shorts widen_half(edge_bytes v, int k)
{
    return (edge_shorts)_mm256_cvtepu8_epi16(half_of(v, k));
}

static inline edge_shorts widen_mask(edge_bytes v, int k)
{
    return (edge_shorts)_mm256_cvtepi8_epi16(half_of(v, k));
}

static inline edge_bytes narrow_halves(edge_shorts low, edge_shorts high)
{
    __m256i packed = _mm256_packus_epi16((__m256i)low, (__m256i)high);
    return (edge_bytes)_mm256_permute4x64_epi64(packed, 0xd8);
}

static inline edge_bytes narrow_masks(edge_shorts low, edge_shorts high)
{
    __m256i packed = _mm256_packs_epi16((__m256i)low, (__m256i)high);
    return (edge_bytes)_mm256_permute4x64_epi64(packed, 0xd8);
}

static inline bool any_byte(edge_bytes v)
{
    return _mm256_testz_si256((__m256i)v, (__m256i)v) == 0;
}

#elif defined(__SSE4_1__)

static inline edge_shorts widen_half(edge_bytes v, int k)
{
    return (edge_shorts)_mm_cvtepu8_epi16(k == 0 ? (__m128i)v
                                                 : _mm_srli_si128((__m128i)v, 8));
}

static inline edge_shorts widen_mask(edge_bytes v, int k)
{
    return (edge_shorts)_mm_cvtepi8_epi16(k == 0 ? (__m128i)v
                                                 : _mm_srli_si128((__m128i)v, 8));
}

static inline edge_bytes narrow_halves(edge_shorts low, edge_shorts high)
{
    return (edge_bytes)_mm_packus_epi16((__m128i)low, (__m128i)high);
}

static inline edge_bytes narrow_masks(edge_shorts low, edge_shorts high)
{
    return (edge_bytes)_mm_packs_epi16((__m128i)low, (__m128i)high);
}

static inline bool any_byte(edge_bytes v)
{
    return _mm_testz_si128((__m128i)v, (__m128i)v) == 0;
}

#else

static inline edge_shorts widen_half(edge_bytes v, int k)
{
    edge_half half;
    memcpy(&half, (const uint8_t *)&v + (ptrdiff_t)k * EDGE_HALF, sizeof(half));
    return __builtin_convertvector(half, edge_shorts);
}

static inline edge_shorts widen_mask(edge_bytes v, int k)
{
    edge_half_mask half;
    memcpy(&half, (const uint8_t *)&v + (ptrdiff_t)k * EDGE_HALF, sizeof(half));
    return __builtin_convertvector(half, edge_shorts);
}

static inline edge_bytes narrow_halves(edge_shorts low, edge_shorts high)
{
    edge_bytes v;
    const edge_half halves[EDGE_HALVES] = {__builtin_convertvector(low, edge_half),
                                           __builtin_convertvector(high, edge_half)};
    memcpy(&v, halves, sizeof(v));
    return v;
}

static inline edge_bytes narrow_masks(edge_shorts low, edge_shorts high)
{
    return narrow_halves(low, high);
}

static inline bool any_byte(edge_bytes v)
{
    const edge_words words = (edge_words)v;
    return (words[0] | words[1]) != 0;
}

#endif

static inline bool any_short(edge_shorts v)
{
    return any_byte((edge_bytes)v);
}

static inline edge_bytes bytes_apart(edge_bytes a, edge_bytes b)
{
    return higher_bytes(a, b) - lower_bytes(a, b);
}

/* At most 255. */
static inline edge_bytes add_one(edge_bytes v)
{
    return v - (edge_bytes)(v != all_bytes(UINT8_MAX));
}

#endif
