/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inner loops of the checks of a raw match, for the table of each instruction set:
 * left against right, texture within reach, and the class of each hole.
 */
#ifndef REFINE_CHECK_LOOPS_H
#define REFINE_CHECK_LOOPS_H

#include <stdbool.h>
#include <stdint.h>

#include "refine/row_scan.h"
#include "refine/steps.h"

enum {
    CHECKED_AT_ONCE = 128,
    CLAIM_TOLERANCE = 24, /* 1.5 px in sixteenths */
};

/* Pixels of a row that are checked together. */
struct checked_stretch {
    int first;
    int count;
    int width_px; /* of the row */
};

static inline int stretch_count(int first, int width_px)
{
    return width_px - first < CHECKED_AT_ONCE ? width_px - first : CHECKED_AT_ONCE;
}

/* What the right map says where each pixel matches; a hole where that is outside. Only
 * the reading itself goes pixel by pixel. */
static inline void read_matches(const int16_t *row, const int16_t *right,
                                const struct checked_stretch *stretch, int16_t *others)
{
    int matches[CHECKED_AT_ONCE];
    uint8_t outside[CHECKED_AT_ONCE];
    for (int i = 0; i < stretch->count; i++) {
        int x = stretch->first + i;
        /* The nearest whole pixel of the match, half rounded up. */
        int match = (x * DISPARITY_SCALE - row[x] + DISPARITY_SCALE / 2) >>
                    DISPARITY_FRACTION_BITS;
        outside[i] = (match < 0) | (match >= stretch->width_px);
        matches[i] = outside[i] ? 0 : match;
    }
    for (int i = 0; i < stretch->count; i++)
        others[i] = right[matches[i]];
    for (int i = 0; i < stretch->count; i++)
        others[i] = outside[i] ? (int16_t)DISPARITY_INVALID : others[i];
}

/* Without branches: which pixels fail is as good as random near edges. */
static uint32_t check_matches(int16_t *row, const int16_t *right, int width_px,
                              int max_difference)
{
    uint32_t dropped = 0;
    for (int first = 0; first < width_px; first += CHECKED_AT_ONCE) {
        struct checked_stretch stretch = {first, stretch_count(first, width_px),
                                          width_px};
        int16_t others[CHECKED_AT_ONCE];
        uint8_t marks[CHECKED_AT_ONCE];
        int16_t *restrict values = row + first;
        read_matches(row, right, &stretch, others);
        for (int i = 0; i < stretch.count; i++) {
            int16_t value = values[i];
            int difference = others[i] - value;
            bool fits = (others[i] != DISPARITY_INVALID) &
                        (difference <= max_difference) & (difference >= -max_difference);
            marks[i] = !fits & (value != DISPARITY_INVALID);
            values[i] = fits ? value : (int16_t)DISPARITY_INVALID;
        }
        dropped += count_marked(marks, stretch.count);
    }
    return dropped;
}

/* ages[x] = rows since pixel x last differed from x + 1, this one included. */
static void texture_age(const uint8_t *green, int width_px, uint8_t *restrict ages)
{
    for (int x = 0; x < width_px - 1; x++) {
        uint8_t older = (uint8_t)(ages[x] + (ages[x] < TEXTURE_LONG_AGO));
        ages[x] = green[x] != green[x + 1] ? 0 : older;
    }
}

/* Invalidates the pixels around which nothing has differed in the rows of a window, the
 * ages being those at its end; returns how many had a value. */
static uint32_t texture_drop(const uint8_t *ages, int width_px, int16_t *row)
{
    uint32_t dropped = 0;
    for (int first = 0; first < width_px; first += CHECKED_AT_ONCE) {
        int count = stretch_count(first, width_px);
        const uint8_t *around = ages + first - TEXTURE_REACH_PX;
        int16_t *restrict values = row + first;
        uint8_t marks[CHECKED_AT_ONCE];
        for (int i = 0; i < count; i++) {
            uint8_t youngest = around[i];
            for (int dx = 1; dx < 2 * TEXTURE_REACH_PX; dx++)
                youngest = around[i + dx] < youngest ? around[i + dx] : youngest;
            marks[i] = youngest > 2 * TEXTURE_REACH_PX;
        }
        for (int i = 0; i < count; i++) {
            int16_t value = values[i];
            values[i] = marks[i] ? (int16_t)DISPARITY_INVALID : value;
            marks[i] &= value != DISPARITY_INVALID;
        }
        dropped += count_marked(marks, count);
    }
    return dropped;
}

/* A pixel x is claimed when a k has |right[x - k] - k| <= 1.5 px: three whole pixels, and
 * a fourth when both ends of that interval are whole. Marks the first of each three, and
 * of each four beside. Without branches: what is no value claims `claims->nowhere`. */
static void claim_row(const int16_t *right, int width_px, const struct claim_rows *claims)
{
    uint8_t *threes = claims->threes, *fours = claims->fours;
    const int nowhere = claims->nowhere;
    for (int first = 0; first < width_px; first += CHECKED_AT_ONCE) {
        int count = stretch_count(first, width_px);
        const int16_t *values = right + first;
        int firsts[CHECKED_AT_ONCE], firsts_of_four[CHECKED_AT_ONCE];
        for (int i = 0; i < count; i++) {
            int value = values[i];
            int at = first + i +
                     ((value - CLAIM_TOLERANCE + DISPARITY_SCALE - 1) >>
                      DISPARITY_FRACTION_BITS);
            bool four = (value & (DISPARITY_SCALE - 1)) == DISPARITY_SCALE / 2;
            firsts[i] = value != DISPARITY_INVALID ? at : nowhere;
            firsts_of_four[i] = four ? firsts[i] : nowhere;
        }
        for (int i = 0; i < count; i++) {
            threes[firsts[i]] = 1;
            fours[firsts_of_four[i]] = 1;
        }
    }
}

/* The classes of a row, and how many there are of each. */
static void class_row(const int16_t *row, int width_px, const struct claim_rows *claims,
                      uint8_t *classes, struct hole_counts *counts)
{
    uint32_t measured = 0, occlusions = 0;
    for (int first = 0; first < width_px; first += CHECKED_AT_ONCE) {
        int count = stretch_count(first, width_px);
        const int16_t *values = row + first;
        const uint8_t *threes = claims->threes + first, *fours = claims->fours + first;
        uint8_t *restrict target = classes + first;
        uint8_t of_measured[CHECKED_AT_ONCE], of_occlusions[CHECKED_AT_ONCE];
        for (ptrdiff_t i = 0; i < count; i++) {
            uint8_t claimed = threes[i] | threes[i - 1] | threes[i - 2] | fours[i - 3];
            of_measured[i] = values[i] != DISPARITY_INVALID;
            of_occlusions[i] = (uint8_t)((of_measured[i] | claimed) ^ 1);
            uint8_t hole = claimed ? PIXEL_FILLED_MISMATCH : PIXEL_FILLED_OCCLUSION;
            target[i] = of_measured[i] ? (uint8_t)PIXEL_MEASURED : hole;
        }
        measured += count_marked(of_measured, count);
        occlusions += count_marked(of_occlusions, count);
    }
    counts->measured += measured;
    counts->occlusions += occlusions;
    counts->mismatches += (uint32_t)width_px - measured - occlusions;
}

#endif
