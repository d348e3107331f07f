/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "rectify/vertical_correction.h"

enum {
    FRACTIONS = 64, /* of a row */
    TAPS = 4,
    WEIGHT_BITS = 12,
};

/* Weights of the four rows around a fraction, for each of FRACTIONS. */
struct cubic {
    int32_t weights[FRACTIONS][TAPS];
};

/* Keys, Cubic convolution interpolation, 1981, with a = -0.5. */
static double cubic_weight(double distance)
{
    double t = fabs(distance);
    if (t < 1)
        return (1.5 * t - 2.5) * t * t + 1;
    return t < 2 ? ((-0.5 * t + 2.5) * t - 4) * t + 2 : 0;
}

static void init_cubic(struct cubic *cubic)
{
    for (int f = 0; f < FRACTIONS; f++) {
        int32_t rest = 1 << WEIGHT_BITS;
        for (int tap = 0; tap < TAPS; tap++) {
            double weight = cubic_weight(tap - 1 - (double)f / FRACTIONS);
            cubic->weights[f][tap] = (int32_t)lround(weight * (1 << WEIGHT_BITS));
            rest -= cubic->weights[f][tap];
        }
        cubic->weights[f][1] += rest; /* flat stays flat */
    }
}

size_t row_offset_warp_bytes(int width_px, int height_px)
{
    return image_view_bytes(width_px, height_px, 1);
}

static const uint8_t *clamped_row(const struct image_view *image, int y)
{
    int last = image->height_px - 1;
    return image_row(image, y < 0 ? 0 : y > last ? last : y);
}

/* One stretch of a row whose source row and fraction are the same. */
static void blend(const struct image_view *source, int y, const int32_t weights[TAPS],
                  int x, int end, uint8_t *restrict target)
{
    const uint8_t *a = clamped_row(source, y - 1), *b = clamped_row(source, y),
                  *c = clamped_row(source, y + 1), *d = clamped_row(source, y + 2);
    int32_t wa = weights[0], wb = weights[1], wc = weights[2], wd = weights[3];
    for (; x < end; x++) {
        int32_t sum = a[x] * wa + b[x] * wb + c[x] * wc + d[x] * wd;
        int32_t value = (sum + (1 << (WEIGHT_BITS - 1))) >> WEIGHT_BITS;
        target[x] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
    }
}

/* The source position of (x, y) in FRACTIONS of a row. */
static int source_row(const struct row_offset *offset, int width_px, int height_px, int x,
                      int y)
{
    double dy = offset->a_px + offset->b_px * (2.0 * x / width_px - 1) +
                offset->c_px * (2.0 * y / height_px - 1);
    return (int)floor((y + dy) * FRACTIONS + 0.5);
}

/* The first x from `from` on whose source position differs from that of `from`. */
static int stretch_end(const struct row_offset *offset, int width_px, int height_px,
                       int from, int y)
{
    int position = source_row(offset, width_px, height_px, from, y);
    int low = from, high = width_px; /* low is in the stretch, high is not */
    while (high - low > 1) {
        int middle = low + (high - low) / 2;
        if (source_row(offset, width_px, height_px, middle, y) == position)
            low = middle;
        else
            high = middle;
    }
    return high;
}

enum po_status row_offset_warp(const struct row_offset *offset, struct scratch *scratch,
                               struct image_view *image, struct po_error *error)
{
    size_t mark = scratch_mark(scratch);
    int width_px = image->width_px, height_px = image->height_px;
    struct image_view source;
    struct cubic cubic;
    enum po_status status =
        image_view_take(scratch, width_px, height_px, 1, &source, error);
    if (status != PO_OK)
        return status;
    image_copy(image, &source);
    init_cubic(&cubic);
    for (int y = 0; y < height_px; y++) {
        for (int x = 0; x < width_px;) {
            int position = source_row(offset, width_px, height_px, x, y);
            int end = stretch_end(offset, width_px, height_px, x, y);
            int fraction = position & (FRACTIONS - 1);
            blend(&source, (position - fraction) / FRACTIONS, cubic.weights[fraction], x,
                  end, image_row(image, y));
            x = end;
        }
    }
    scratch_rewind(scratch, mark);
    return PO_OK;
}
