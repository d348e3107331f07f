/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Features and penalties over the vectors of an instruction set; included beside
 * sgm_vector_sweeps.h, and beside its vec functions uses
 *
 *   vec_max vec_subs vec_and
 *   vec16, vec_low vec_high (widen halves), vec16_add vec16_sub vec16_quarter (floor of a
 *   fourth), vec16_set, vec_narrow (saturating, the inverse of low and high)
 *   vec16_load vec16_store vec16_load_bytes (widened) vec16_min vec16_max vec16_times_16
 *   vec16_greater vec16_select
 *   half: 16 bytes; vec128_load vec128_store vec128_high_nibble
 * half_zip_{low,high}_{8,16,32} half_max_of_three (of the bytes 3 i .. 3 i + 2 of 48)
 * vec128_max vec128_subs vec128_or vec128_set
 */
#ifndef STEREO_SGM_VECTOR_FEATURES_H
#define STEREO_SGM_VECTOR_FEATURES_H

#include <stdlib.h>

#include "stereo/sgm_kernels.h"

enum { VEC128_LANES = 16 };

/* neighbour < centre: not equal to the larger of both. */
static inline vec census_bit(vec centre, const uint8_t *neighbour, uint8_t bit)
{
    vec other = vec_load(neighbour);
    return vec_andnot(vec_eq(vec_max(centre, other), other), vec_set(bit));
}

static void census_vectors(const uint8_t *centre,
                           const uint8_t *const neighbours[CENSUS_BITS], int count,
                           uint8_t *planes, size_t plane_stride)
{
    for (int i = 0; i < count; i += VEC_LANES) {
        const vec middle = vec_load(centre + i);
        for (int k = 0; k < CENSUS_PLANES; k++) {
            const uint8_t *const *four = neighbours + 4 * (ptrdiff_t)k;
            vec nibble = census_bit(middle, four[0] + i, 1);
            nibble = vec_or(nibble, census_bit(middle, four[1] + i, 2));
            nibble = vec_or(nibble, census_bit(middle, four[2] + i, 4));
            nibble = vec_or(nibble, census_bit(middle, four[3] + i, 8));
            vec_store(planes + (size_t)k * plane_stride + i, nibble);
        }
    }
}

static void census_interleave_vectors(const uint8_t *planes, size_t plane_stride,
                                      int count, uint8_t *interleaved)
{
    for (int i = 0; i < count; i += VEC128_LANES) {
        vec128 a[CENSUS_PLANES];
        vec128 b[CENSUS_PLANES];
        for (int k = 0; k < CENSUS_PLANES; k++)
            a[k] = vec128_high_nibble(vec128_load(planes + (size_t)k * plane_stride + i));
        for (int k = 0; k < CENSUS_PLANES;
             k += 2) { /* b: pixel pairs of planes k, k + 1 */
            b[k] = vec128_zip_low_8(a[k], a[k + 1]);
            b[k + 1] = vec128_zip_high_8(a[k], a[k + 1]);
        }
        for (int k = 0; k < CENSUS_PLANES;
             k += 4) /* a: four planes, pixels in quarters */
            for (int s = 0; s < 2; s++) {
                a[k + 2 * s] = vec128_zip_low_16(b[k + s], b[k + s + 2]);
                a[k + 2 * s + 1] = vec128_zip_high_16(b[k + s], b[k + s + 2]);
            }
        uint8_t *to = interleaved + (ptrdiff_t)CENSUS_PLANES * i;
        for (int q = 0; q < 4; q++) {
            vec128_store(to + 32 * (ptrdiff_t)q, vec128_zip_low_32(a[q], a[q + 4]));
            vec128_store(to + 32 * (ptrdiff_t)q + 16, vec128_zip_high_32(a[q], a[q + 4]));
        }
    }
}

static inline vec16 sobel16(vec16 left0, vec16 left1, vec16 left2, vec16 right0,
                            vec16 right1, vec16 right2)
{
    vec16 middle = vec16_sub(right1, left1);
    vec16 outer = vec16_sub(vec16_add(right0, right2), vec16_add(left0, left2));
    vec16 sum = vec16_add(outer, vec16_add(middle, middle));
    return vec16_quarter(vec16_add(sum, vec16_set(512)));
}

static void gradient_vectors(const uint8_t *const sides[6], int count, uint8_t *gradient)
{
    for (int i = 0; i < count; i += VEC_LANES) {
        vec s[6];
        for (int k = 0; k < 6; k++)
            s[k] = vec_load(sides[k] + i);
        vec value = vec_narrow(sobel16(vec_low(s[0]), vec_low(s[1]), vec_low(s[2]),
                                       vec_low(s[3]), vec_low(s[4]), vec_low(s[5])),
                               sobel16(vec_high(s[0]), vec_high(s[1]), vec_high(s[2]),
                                       vec_high(s[3]), vec_high(s[4]), vec_high(s[5])));
        vec_store(gradient + i,
                  vec_max(vec_set(GRADIENT_MIN), vec_min(vec_set(GRADIENT_MAX), value)));
    }
}

static inline vec128 half_difference(vec128 a, vec128 b)
{
    return vec128_or(vec128_subs(a, b), vec128_subs(b, a));
}

static inline vec128 half_penalty(vec128 difference, uint8_t high, uint8_t low)
{
    vec128 once = vec128_subs(vec128_set(high), difference);
    return vec128_max(vec128_set(low), vec128_subs(once, difference));
}

static uint8_t pixel_penalty(const uint8_t *a, const uint8_t *b, int channels,
                             uint8_t high, uint8_t low)
{
    int difference = 0;
    for (int c = 0; c < channels; c++) {
        int d = abs(a[c] - b[c]);
        difference = d > difference ? d : difference;
    }
    int penalty = high - 2 * difference;
    return (uint8_t)(penalty > low ? penalty : low);
}

/* The guide is the caller's image, so nothing past the last pixel is read. */
static void penalty_vectors(const uint8_t *a, const uint8_t *b, int channels, int count,
                            uint8_t high, uint8_t low, uint8_t *penalties)
{
    int i = 0;
    for (; channels == 1 && i + VEC128_LANES <= count; i += VEC128_LANES) {
        vec128 difference = half_difference(vec128_load(a + i), vec128_load(b + i));
        vec128_store(penalties + i, half_penalty(difference, high, low));
    }
    for (; channels == 3 && i + VEC128_LANES <= count; i += VEC128_LANES) {
        vec128 apart[3];
        for (int k = 0; k < 3; k++) {
            const ptrdiff_t at = 3 * (ptrdiff_t)i + (ptrdiff_t)VEC128_LANES * k;
            apart[k] = half_difference(vec128_load(a + at), vec128_load(b + at));
        }
        vec128_store(penalties + i, half_penalty(half_max_of_three(apart), high, low));
    }
    for (; i < count; i++)
        penalties[i] = pixel_penalty(a + (ptrdiff_t)channels * i,
                                     b + (ptrdiff_t)channels * i, channels, high, low);
}

static inline vec16 times_8(vec16 a)
{
    const vec16 twice = vec16_add(a, a);
    const vec16 four_times = vec16_add(twice, twice);
    return vec16_add(four_times, four_times);
}

/* The fraction, of DISPARITY_SCALE, is the number of k in 1..8 with 128 |before - after|
 * >= (2 k - 1) slope, in eighths: the quotient rounded to nearest, without a division. */
static inline vec16 fraction_vector(vec16 best, vec16 before, vec16 after,
                                    uint8_t steep_rise)
{
    const vec16 larger = vec16_max(before, after);
    const vec16 smaller = vec16_min(before, after);
    const vec16 rise = vec16_sub(larger, best);
    const vec16 lower = vec16_sub(smaller, best);
    const vec16 share = vec16_add(vec16_add(lower, lower), lower);
    const vec16 slope = vec16_max(times_8(vec16_min(rise, vec16_set(steep_rise))),
                                  vec16_sub(times_8(rise), share));
    const vec16 scaled = times_8(vec16_times_16(vec16_sub(larger, smaller)));
    vec16 bound = vec16_max(slope, vec16_set(1)); /* a flat top has no fraction */
    vec16 magnitude = vec16_set(DISPARITY_SCALE / 2);
    for (int k = 1; k <= DISPARITY_SCALE / 2; k++) {
        magnitude = vec16_add(magnitude, vec16_greater(bound, scaled));
        bound = vec16_add(bound, vec16_add(slope, slope));
    }
    return vec16_select(vec16_greater(before, after), magnitude,
                        vec16_sub(vec16_set(0), magnitude));
}

static void disparities_vectors(const struct winner_chunk *chunk, int count, int min_px,
                                uint8_t steep_rise, int16_t *values)
{
    for (int i = 0; i < count; i += VEC_LANES / 2) {
        const vec16 best = vec16_load_bytes(chunk->best + i);
        const vec16 fraction =
            fraction_vector(best, vec16_load_bytes(chunk->before + i),
                            vec16_load_bytes(chunk->after + i), steep_rise);
        const vec16 whole =
            vec16_add(vec16_load(chunk->winner + i), vec16_set((int16_t)min_px));
        const vec16 value = vec16_add(vec16_times_16(whole), fraction);
        const vec16 saturated = vec16_greater(best, vec16_set(SUM_SATURATED - 1));
        vec16_store(values + i,
                    vec16_select(saturated, vec16_set(DISPARITY_INVALID), value));
    }
}

/* Plain C that compilers turn into vectors. The quotient of such small integers is exact
 * in float before it is cut, on every machine. */
static void uniqueness_margins_vectors(const struct winner_chunk *chunk, int count,
                                       uint8_t *uniqueness_margins)
{
    for (int i = 0; i < count; i++) {
        const int best = chunk->best[i];
        const int difference = chunk->second[i] - best;
        const int divisor = best + (best == 0);
        const int uniqueness_margin = (int)((float)(255 * difference) / (float)divisor);
        uniqueness_margins[i] =
            (uint8_t)(uniqueness_margin < 255 ? uniqueness_margin : 255);
    }
}

/* Plain C too; in 16 bits throughout. */
static void right_disparities_vectors(const uint8_t *best, const uint8_t *tag, int count,
                                      int x, int min_px, int16_t *values)
{
    const int16_t first = (int16_t)(x + min_px);
    const int16_t scaled_min = (int16_t)(DISPARITY_SCALE * min_px);
    for (int i = 0; i < count; i++) {
        const int from = count - 1 - i;
        const int16_t d = (int16_t)((tag[from] - (int16_t)(first + i)) & 255);
        const int16_t value = (int16_t)(DISPARITY_SCALE * d + scaled_min);
        values[i] = best[from] == SUM_SATURATED ? (int16_t)DISPARITY_INVALID : value;
    }
}

#endif
