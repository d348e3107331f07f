/* SPDX-License-Identifier: Apache-2.0 */
#include "cloud/point_kernels.h"

#include <immintrin.h>
#include <string.h>

#include "cloud/plain_points.h"

/* Four floats: double products of these depths, as in plain_points.c. */
static inline __m128 products(__m256d rays, __m128 depths)
{
    return _mm256_cvtpd_ps(_mm256_mul_pd(rays, _mm256_cvtps_pd(depths)));
}

static inline __m256 join(__m128 low, __m128 high)
{
    return _mm256_insertf128_ps(_mm256_castps128_ps256(low), high, 1);
}

/* The colours of eight pixels, a word each with red lowest. */
static inline __m256 colours_at(const uint8_t *rgb)
{
    enum { HALF_BYTES = 12 };
    const __m256i spread = _mm256_setr_epi8(
        0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1, /* and the other lane */
        0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1);
    __m128i low = _mm_loadu_si128((const __m128i *)rgb);
    __m128i high = _mm_loadu_si128((const __m128i *)(rgb + HALF_BYTES));
    __m256i both = _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);
    return _mm256_castsi256_ps(_mm256_shuffle_epi8(both, spread));
}

/* A record is put down for each pixel, and written over where the pixel is not kept. */
static inline unsigned char *put(unsigned char *out, __m128 record, uint8_t keep)
{
    _mm_storeu_ps((float *)out, record);
    return out + (size_t)(keep & 1) * PLAIN_POINT_BYTES;
}

static inline __m128 high_half(__m256 records)
{
    return _mm256_extractf128_ps(records, 1);
}

static inline __m256 pair_up(__m256 a, __m256 b, int second)
{
    __m256d first_halves = _mm256_castps_pd(a);
    __m256d second_halves = _mm256_castps_pd(b);
    return _mm256_castpd_ps(second ? _mm256_unpackhi_pd(first_halves, second_halves)
                                   : _mm256_unpacklo_pd(first_halves, second_halves));
}

static inline unsigned char *pack_block(const struct point_pixels *row, int x,
                                        unsigned char *out)
{
    const __m256d ray_y = _mm256_set1_pd(row->ray_y);
    __m256 z = _mm256_loadu_ps(row->depths + x);
    __m128 low = _mm256_castps256_ps128(z);
    __m128 high = high_half(z);
    __m256 xs = join(products(_mm256_loadu_pd(row->rays + x), low),
                     products(_mm256_loadu_pd(row->rays + x + 4), high));
    __m256 ys = join(products(ray_y, low), products(ray_y, high));
    __m256 colours = colours_at(row->rgb + 3 * (ptrdiff_t)x);
    /* Records of pixels k and k + 4, for k 0 to 3. */
    __m256 xy = _mm256_unpacklo_ps(xs, ys);
    __m256 zc = _mm256_unpacklo_ps(z, colours);
    __m256 later_xy = _mm256_unpackhi_ps(xs, ys);
    __m256 later_zc = _mm256_unpackhi_ps(z, colours);
    const __m256 records[] = {pair_up(xy, zc, 0), pair_up(xy, zc, 1),
                              pair_up(later_xy, later_zc, 0),
                              pair_up(later_xy, later_zc, 1)};
    const uint8_t *keep = row->keep + x;
    for (int i = 0; i < 4; i++)
        out = put(out, _mm256_castps256_ps128(records[i]), keep[i]);
    for (int i = 0; i < 4; i++)
        out = put(out, high_half(records[i]), keep[4 + i]);
    return out;
}

unsigned char *point_pack_avx2(const struct point_pixels *row, int count,
                               unsigned char *records)
{
    for (int x = 0; x < count; x += POINT_BLOCK) {
        uint64_t keep;
        memcpy(&keep, row->keep + x, sizeof(keep));
        if ((keep & UINT64_C(0x0101010101010101)) != 0)
            records = pack_block(row, x, records);
    }
    return records;
}
