/* SPDX-License-Identifier: Apache-2.0 */
/* Registers of 16 bytes, for the x86 kernel files alone (they include the intrinsics). */
#ifndef STEREO_SGM_X86_HALF_H
#define STEREO_SGM_X86_HALF_H

typedef __m128i half;

static inline half half_load(const uint8_t *p)
{
    return _mm_loadu_si128((const __m128i *)(const void *)p);
}
static inline void half_store(uint8_t *p, half v)
{
    _mm_storeu_si128((__m128i *)(void *)p, v);
}
static inline half half_set(uint8_t value)
{
    return _mm_set1_epi8((char)value);
}
static inline half half_or(half a, half b)
{
    return _mm_or_si128(a, b);
}
static inline half half_max(half a, half b)
{
    return _mm_max_epu8(a, b);
}
static inline half half_subs(half a, half b)
{
    return _mm_subs_epu8(a, b);
}
/* Bytes below 16 times 16. */
static inline half half_high_nibble(half v)
{
    return _mm_slli_epi16(v, 4);
}
static inline half half_zip_low_8(half a, half b)
{
    return _mm_unpacklo_epi8(a, b);
}
static inline half half_zip_high_8(half a, half b)
{
    return _mm_unpackhi_epi8(a, b);
}
static inline half half_zip_low_16(half a, half b)
{
    return _mm_unpacklo_epi16(a, b);
}
static inline half half_zip_high_16(half a, half b)
{
    return _mm_unpackhi_epi16(a, b);
}
static inline half half_zip_low_32(half a, half b)
{
    return _mm_unpacklo_epi32(a, b);
}
static inline half half_zip_high_32(half a, half b)
{
    return _mm_unpackhi_epi32(a, b);
}

/* Byte 3 i + channel of 48 to lane i: each of three loads gives its share. */
static inline half half_channel(const half from[3], int channel)
{
    const half lane = _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const half thrice = _mm_add_epi8(lane, _mm_add_epi8(lane, lane));
    half result = _mm_setzero_si128();
    for (int k = 0; k < 3; k++) {
        half at = _mm_add_epi8(thrice, _mm_set1_epi8((char)(channel - 16 * k)));
        half beyond = _mm_cmpgt_epi8(at, _mm_set1_epi8(15)); /* below 0 is zero already */
        result =
            _mm_or_si128(result, _mm_shuffle_epi8(from[k], _mm_or_si128(at, beyond)));
    }
    return result;
}

static inline half half_max_of_three(const half bytes[3])
{
    return half_max(half_channel(bytes, 0),
                    half_max(half_channel(bytes, 1), half_channel(bytes, 2)));
}

#endif
