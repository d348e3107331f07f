/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sample scale: how 16-bit samples become the 8 bits that are matched.
 *
 * A session has one contrast; each camera has its own black point, since thermal cameras
 * put 200 counts on 30000 and no two of them on the same. Bounds are robust: a hot pixel
 * is not the white of a night. Plain values.
 */
#ifndef IMAGE_SAMPLE_SCALE_H
#define IMAGE_SAMPLE_SCALE_H

#include <stdint.h>

enum { SAMPLE16_COUNT = 65536, SAMPLE16_MAX = 65535, SAMPLE_MIN_SPAN = 64 };

/* v8 = (v16 - black) * 255 / (white - black), cut to 0..255; see image_scale16_fix. */
struct image_scale16 {
    int white; /* black + SAMPLE_MIN_SPAN .. 65535; 65535 with black 0: the full range */
    int black;
};

/* All samples but one in a thousand at either end lie in low..high. */
struct sample_bounds {
    int low;
    int high;
};

/* `counts` of the 65536 values. Samples of 0 and 65535 are mostly no measurements
 * (borders, dead and saturated pixels) and count only where there is nearly nothing else.
 */
struct sample_bounds sample_bounds_of(const uint32_t *counts);

/* The smallest 2^n - 1 that holds `max_sample`, 255..65535. */
int sample_white_for(int max_sample);

/*
 * The scales of both cameras from the bounds of `count` frames: bounds[2 * frame + side].
 * One frame in eight may be an outlier. Where the samples fill a third of the range from
 * 0 that holds them, black is 0 and white is 2^n - 1, as for 8-bit samples that were
 * widened; else both cameras get the same contrast on their own offset. No frame: the
 * full range. `scales`: two, of the left and the right camera.
 */
void image_scale16_choose(const struct sample_bounds *bounds, int count,
                          struct image_scale16 *scales);

/* The nearest scale within the bounds above, whatever is given. */
struct image_scale16 image_scale16_fix(struct image_scale16 scale);
/* Fills SAMPLE16_COUNT entries. */
void image_scale16_table(struct image_scale16 scale, uint8_t *to_8bit);

#endif
