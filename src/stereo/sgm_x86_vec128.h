/* SPDX-License-Identifier: Apache-2.0 */
/* Registers of 16 bytes, for the x86 kernel files alone (they include the intrinsics). */
#ifndef STEREO_SGM_X86_VEC128_H
#define STEREO_SGM_X86_VEC128_H

typedef __m128i vec128;

static inline vec128 vec128_load(const uint8_t *p)
{
    return _mm_loadu_si128((const __m128i *)(const void *)p);
}
static inline void vec128_store(uint8_t *p, vec128 v)
{
    _mm_storeu_si128((__m128i *)(void *)p, v);
}
static inline vec128 vec128_set(uint8_t value)
{
    return _mm_set1_epi8((char)value);
}
static inline vec128 vec128_or(vec128 a, vec128 b)
{
    return _mm_or_si128(a, b);
}
static inline vec128 vec128_max(vec128 a, vec128 b)
{
    return _mm_max_epu8(a, b);
}
static inline vec128 vec128_subs(vec128 a, vec128 b)
{
    return _mm_subs_epu8(a, b);
}
/* Bytes below 16 times 16. */
static inline vec128 vec128_high_nibble(vec128 v)
{
    return _mm_slli_epi16(v, 4);
}
static inline vec128 vec128_zip_low_8(vec128 a, vec128 b)
{
    return _mm_unpacklo_epi8(a, b);
}
static inline vec128 vec128_zip_high_8(vec128 a, vec128 b)
{
    return _mm_unpackhi_epi8(a, b);
}
static inline vec128 vec128_zip_low_16(vec128 a, vec128 b)
{
    return _mm_unpacklo_epi16(a, b);
}
static inline vec128 vec128_zip_high_16(vec128 a, vec128 b)
{
    return _mm_unpackhi_epi16(a, b);
}
static inline vec128 vec128_zip_low_32(vec128 a, vec128 b)
{
    return _mm_unpacklo_epi32(a, b);
}
static inline vec128 vec128_zip_high_32(vec128 a, vec128 b)
{
    return _mm_unpackhi_epi32(a, b);
}

/* Byte 3 i + channel of 48 to lane i: each of three loads gives its share. */
static inline vec128 half_channel(const vec128 from[3], int channel)
{
    const vec128 lane =
        _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const vec128 thrice = _mm_add_epi8(lane, _mm_add_epi8(lane, lane));
    vec128 result = _mm_setzero_si128();
    for (int k = 0; k < 3; k++) {
        vec128 at = _mm_add_epi8(thrice, _mm_set1_epi8((char)(channel - 16 * k)));
        vec128 beyond =
            _mm_cmpgt_epi8(at, _mm_set1_epi8(15)); /* below 0 is zero already */
        result =
            _mm_or_si128(result, _mm_shuffle_epi8(from[k], _mm_or_si128(at, beyond)));
    }
    return result;
}

static inline vec128 half_max_of_three(const vec128 bytes[3])
{
    return vec128_max(half_channel(bytes, 0),
                      vec128_max(half_channel(bytes, 1), half_channel(bytes, 2)));
}

#endif
