/* SPDX-License-Identifier: Apache-2.0 */
#include <immintrin.h>
#include <string.h>

#include "stereo/kernels_patch.h"

enum {
    LANES = 16, /* positions at once */
    ROW_PIXELS =
        PATCH_POSITIONS + 2 * LANES, /* what the last of them reads lies inside */
};

struct wide_rows {
    uint16_t pixels[PATCH_SIDE][ROW_PIXELS];
};

/* What lies behind the pixels is read and not used. */
static void widen(const uint8_t *const rows[PATCH_SIDE], int count,
                  struct wide_rows *wide)
{
    for (int v = 0; v < PATCH_SIDE; v++) {
        for (int x = 0; x < count; x++)
            wide->pixels[v][x] = rows[v][x];
        memset(wide->pixels[v] + count, 0,
               (size_t)(ROW_PIXELS - count) * sizeof(uint16_t));
    }
}

static __m256i load(const uint16_t *pixels)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)pixels);
}

/* Two neighbours in the template, in all lanes. */
static __m256i pair(const int16_t *values)
{
    int32_t both;
    memcpy(&both, values, sizeof(both));
    return _mm256_set1_epi32(both);
}

/*
 * Lane i of `even` is position x + 2 i, of `odd` x + 2 i + 1: two neighbouring pixels of
 * a position then are two neighbours in memory, for one multiplication that adds them.
 */
static void products_of(const struct patch_template *patch, const struct wide_rows *wide,
                        int x, uint32_t *products)
{
    __m256i even = _mm256_setzero_si256();
    __m256i odd = even;
    for (int v = 0; v < PATCH_SIDE; v++) {
        const uint16_t *pixels = wide->pixels[v] + x;
        for (int u = 0; u < PATCH_SIDE; u += 2) {
            const __m256i values = pair(&patch->pairs[v][u]);
            even = _mm256_add_epi32(even, _mm256_madd_epi16(load(pixels + u), values));
            odd = _mm256_add_epi32(odd, _mm256_madd_epi16(load(pixels + u + 1), values));
        }
    }
    const __m256i low = _mm256_unpacklo_epi32(even, odd);
    const __m256i high = _mm256_unpackhi_epi32(even, odd);
    __m256i *to = (__m256i *)(void *)products;
    _mm256_storeu_si256(to, _mm256_permute2x128_si256(low, high, 0x20));
    _mm256_storeu_si256(to + 1, _mm256_permute2x128_si256(low, high, 0x31));
}

static void columns_of(const struct wide_rows *wide, int count,
                       struct position_sums *sums)
{
    for (int x = 0; x < count; x++) {
        uint32_t sum = 0;
        uint32_t squares = 0;
        for (int v = 0; v < PATCH_SIDE; v++) {
            sum += wide->pixels[v][x];
            squares += (uint32_t)wide->pixels[v][x] * wide->pixels[v][x];
        }
        sums->column_sums[x] = sum;
        sums->column_squares[x] = squares;
    }
}

void patch_sums_avx2(const struct patch_template *patch,
                     const uint8_t *const rows[PATCH_SIDE], struct position_sums *sums)
{
    struct wide_rows wide;
    const int columns = sums->count + PATCH_SIDE - 1;
    widen(rows, columns, &wide);
    for (int x = 0; x < sums->count; x += LANES)
        products_of(patch, &wide, x, sums->products + x);
    columns_of(&wide, columns, sums);
}
