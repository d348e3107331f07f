/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A block of pixels at a time: where one of them has a neighbour outside the source, the
 * block goes pixel by pixel.
 *
 * Pairs of pixels side by side are weighed in 16 bits (32 * 255 at most), the two pairs
 * above each other in 32.
 */
#include "rectify/remap_kernels.h"

#include <immintrin.h>
#include <stdbool.h>
#include <string.h>

/* Places (x, y) of which none lies beyond these, or before the first pixel. */
static inline bool all_within(__m128i places, __m128i last)
{
    __m128i beyond = _mm_subs_epu16(places, last);
    return _mm_testz_si128(beyond, beyond) != 0;
}

/* The last place (x, y) whose neighbours can be read, `spare` columns before the end. */
static inline __m128i last_place(const struct image_view *source, int spare)
{
    unsigned x = (unsigned)(source->width_px - 1 - spare);
    unsigned y = (unsigned)(source->height_px - 2);
    return _mm_set1_epi32((int)(x | y << 16));
}

/* Where in the source four places lie, in bytes. */
static inline void find_offsets(const struct image_view *source, __m128i places,
                                uint32_t offsets[4])
{
    __m128i x = _mm_and_si128(places, _mm_set1_epi32(UINT16_MAX));
    __m128i y = _mm_srli_epi32(places, 16);
    x = _mm_mullo_epi32(x, _mm_set1_epi32(source->channels));
    y = _mm_mullo_epi32(y, _mm_set1_epi32((int)(uint32_t)source->stride_bytes));
    _mm_storeu_si128((__m128i *)offsets, _mm_add_epi32(x, y));
}

/* For pmaddubsw: the left pixel's weight in the low byte, the right one's above it. */
static inline __m128i across_weights(__m128i fraction)
{
    __m128i right = _mm_and_si128(fraction, _mm_set1_epi16(REMAP_STEPS - 1));
    __m128i pair = _mm_sub_epi16(_mm_slli_epi16(right, 8), right);
    return _mm_add_epi16(pair, _mm_set1_epi16(REMAP_STEPS));
}

/* For pmaddwd: the upper pair's weight in the low half, the lower one's above it. */
static inline __m128i down_weights(__m128i fraction)
{
    __m128i below = _mm_srli_epi32(_mm_cvtepu16_epi32(fraction), REMAP_STEP_BITS);
    __m128i pair = _mm_sub_epi32(_mm_slli_epi32(below, 16), below);
    return _mm_add_epi32(pair, _mm_set1_epi32(REMAP_STEPS));
}

static inline uint64_t eight_bytes(const uint8_t *at)
{
    uint64_t bytes;
    memcpy(&bytes, at, sizeof(bytes));
    return bytes;
}

static inline int two_bytes(const uint8_t *at)
{
    uint16_t bytes;
    memcpy(&bytes, at, sizeof(bytes));
    return bytes;
}

/* Two pixels side by side at each of four places. */
static inline __m256i load_pairs(const uint8_t *pixels, const uint32_t offsets[4])
{
    return _mm256_setr_epi64x((long long)eight_bytes(pixels + offsets[0]),
                              (long long)eight_bytes(pixels + offsets[1]),
                              (long long)eight_bytes(pixels + offsets[2]),
                              (long long)eight_bytes(pixels + offsets[3]));
}

static inline __m256i round_off(__m256i sums)
{
    const __m256i half = _mm256_set1_epi32(1 << (REMAP_WEIGHT_BITS - 1));
    return _mm256_srli_epi32(_mm256_add_epi32(sums, half), REMAP_WEIGHT_BITS);
}

/* Four pixels of three channels; writes two bytes beyond them. */
static inline void colour_block(const struct image_view *source, __m128i places,
                                __m128i fraction, uint8_t *out)
{
    const __m256i by_channel =
        _mm256_setr_epi8(0, 3, 1, 4, 2, 5, -1, -1, 8, 11, 9, 12, 10, 13, -1, -1, 0, 3, 1,
                         4, 2, 5, -1, -1, 8, 11, 9, 12, 10, 13, -1, -1);
    const __m256i to_pixels =
        _mm256_setr_epi8(0, 1, 0, 1, 0, 1, 0, 1, 2, 3, 2, 3, 2, 3, 2, 3, 4, 5, 4, 5, 4, 5,
                         4, 5, 6, 7, 6, 7, 6, 7, 6, 7);
    const __m128i close_up =
        _mm_setr_epi8(0, 1, 2, 4, 5, 6, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1);
    const __m256i even = _mm256_setr_epi32(0, 0, 0, 0, 2, 2, 2, 2);
    const __m256i odd = _mm256_setr_epi32(1, 1, 1, 1, 3, 3, 3, 3);
    uint32_t offsets[4];
    find_offsets(source, places, offsets);
    __m256i across =
        _mm256_shuffle_epi8(_mm256_broadcastq_epi64(across_weights(fraction)), to_pixels);
    __m256i down = _mm256_castsi128_si256(down_weights(fraction));
    __m256i upper = load_pairs(source->pixels, offsets);
    __m256i lower = load_pairs(source->pixels + source->stride_bytes, offsets);
    upper = _mm256_maddubs_epi16(_mm256_shuffle_epi8(upper, by_channel), across);
    lower = _mm256_maddubs_epi16(_mm256_shuffle_epi8(lower, by_channel), across);
    __m256i first = _mm256_madd_epi16(_mm256_unpacklo_epi16(upper, lower),
                                      _mm256_permutevar8x32_epi32(down, even));
    __m256i second = _mm256_madd_epi16(_mm256_unpackhi_epi16(upper, lower),
                                       _mm256_permutevar8x32_epi32(down, odd));
    __m256i wide = _mm256_packs_epi32(round_off(first), round_off(second));
    __m256i bytes = _mm256_packus_epi16(wide, wide);
    _mm_storel_epi64((__m128i *)out,
                     _mm_shuffle_epi8(_mm256_castsi256_si128(bytes), close_up));
    _mm_storel_epi64((__m128i *)(out + 6),
                     _mm_shuffle_epi8(_mm256_extracti128_si256(bytes, 1), close_up));
}

int remap_colour_avx2(const struct remap_row *row)
{
    enum { BLOCK = 4, SPARE_COLUMNS = 2 }; /* eight bytes are read, of six */
    const __m128i last = last_place(row->source, SPARE_COLUMNS);
    const __m128i all_steps = _mm_set1_epi16(REMAP_STEPS * REMAP_STEPS - 1);
    int i = 0;
    for (; i + BLOCK < row->count; i += BLOCK) {
        __m128i places =
            _mm_loadu_si128((const __m128i *)(row->places.xy + 2 * (ptrdiff_t)i));
        __m128i fraction = _mm_and_si128(
            _mm_loadl_epi64((const __m128i *)(row->places.fraction + i)), all_steps);
        if (all_within(places, last))
            colour_block(row->source, places, fraction, row->out + 3 * (ptrdiff_t)i);
        else
            remap_pixels(row, i, i + BLOCK);
    }
    return i;
}

/* Two pixels side by side at each of eight places. */
static inline __m128i load_grey_pairs(const uint8_t *pixels, const uint32_t *offsets)
{
    return _mm_setr_epi16(
        (short)two_bytes(pixels + offsets[0]), (short)two_bytes(pixels + offsets[1]),
        (short)two_bytes(pixels + offsets[2]), (short)two_bytes(pixels + offsets[3]),
        (short)two_bytes(pixels + offsets[4]), (short)two_bytes(pixels + offsets[5]),
        (short)two_bytes(pixels + offsets[6]), (short)two_bytes(pixels + offsets[7]));
}

/* Eight pixels of one channel, whose places come in two halves. */
static inline void grey_block(const struct image_view *source, const __m128i places[2],
                              __m128i fraction, uint8_t *out)
{
    uint32_t offsets[8];
    find_offsets(source, places[0], offsets);
    find_offsets(source, places[1], offsets + 4);
    __m128i across = across_weights(fraction);
    __m128i upper = _mm_maddubs_epi16(load_grey_pairs(source->pixels, offsets), across);
    __m128i lower = _mm_maddubs_epi16(
        load_grey_pairs(source->pixels + source->stride_bytes, offsets), across);
    __m256i both =
        _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_unpacklo_epi16(upper, lower)),
                                _mm_unpackhi_epi16(upper, lower), 1);
    __m256i down = _mm256_inserti128_si256(_mm256_castsi128_si256(down_weights(fraction)),
                                           down_weights(_mm_srli_si128(fraction, 8)), 1);
    __m256i values = round_off(_mm256_madd_epi16(both, down));
    __m128i wide = _mm_packs_epi32(_mm256_castsi256_si128(values),
                                   _mm256_extracti128_si256(values, 1));
    _mm_storel_epi64((__m128i *)out, _mm_packus_epi16(wide, wide));
}

int remap_grey_avx2(const struct remap_row *row)
{
    enum { BLOCK = 8, SPARE_COLUMNS = 1 };
    const __m128i last = last_place(row->source, SPARE_COLUMNS);
    const __m128i all_steps = _mm_set1_epi16(REMAP_STEPS * REMAP_STEPS - 1);
    int i = 0;
    for (; i + BLOCK <= row->count; i += BLOCK) {
        const __m128i *xy = (const __m128i *)(row->places.xy + 2 * (ptrdiff_t)i);
        const __m128i places[2] = {_mm_loadu_si128(xy), _mm_loadu_si128(xy + 1)};
        __m128i fraction = _mm_and_si128(
            _mm_loadu_si128((const __m128i *)(row->places.fraction + i)), all_steps);
        if (all_within(places[0], last) && all_within(places[1], last))
            grey_block(row->source, places, fraction, row->out + i);
        else
            remap_pixels(row, i, i + BLOCK);
    }
    return i;
}
