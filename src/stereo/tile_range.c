/* SPDX-License-Identifier: Apache-2.0 */
#include "stereo/tile_range.h"

#include <stdbool.h>

#include "base/number.h"

enum {
    HISTOGRAM_BINS = 4096, /* whole disparities from -2048 on */
    HISTOGRAM_ZERO = 2048,
    OUTLIERS_PER_MILLE = 2, /* ignored at each end */
    TRUSTED_PER_MILLE = 20, /* of the pixels, for a range to be believed */
    SLACK_PX = 8,           /* at full size, at each end */
    CHECK_SIXTEENTHS = 24,
    STEP = 32,
};

struct histogram {
    int bins[HISTOGRAM_BINS];
    int count;
    int pixels;
};

static bool is_trusted(const struct range_source *source, int x, int y, int16_t value)
{
    if (value == DISPARITY_INVALID)
        return false;
    if (source->right == NULL)
        return true;
    int at = x - ((value + DISPARITY_SCALE / 2) >> DISPARITY_FRACTION_BITS);
    if (at < 0 || at >= source->right->width_px)
        return false;
    int16_t back = disparity_row(source->right, y)[at];
    int difference = back - value;
    return back != DISPARITY_INVALID && difference <= CHECK_SIXTEENTHS &&
           difference >= -CHECK_SIXTEENTHS;
}

static void histogram_fill(struct histogram *histogram, const struct range_source *source,
                           const struct sgm_window *window)
{
    const struct disparity_map *left = source->left;
    int scale = source->scale;
    int end_x =
        minimum((window->x + window->width_px + scale - 1) / scale, left->width_px);
    int end_y =
        minimum((window->y + window->height_px + scale - 1) / scale, left->height_px);
    *histogram = (struct histogram){0};
    for (int y = window->y / scale; y < end_y; y++)
        for (int x = window->x / scale; x < end_x; x++) {
            int16_t value = disparity_row(left, y)[x];
            histogram->pixels++;
            if (!is_trusted(source, x, y, value))
                continue;
            histogram->bins[HISTOGRAM_ZERO + (value >> DISPARITY_FRACTION_BITS)]++;
            histogram->count++;
        }
}

/* The bin with `skipped` entries before it, seen from one end. */
static int histogram_edge(const struct histogram *histogram, int bin, int step,
                          int skipped)
{
    int seen = 0;
    for (; bin > 0 && bin < HISTOGRAM_BINS - 1; bin += step) {
        seen += histogram->bins[bin];
        if (seen > skipped)
            break;
    }
    return bin - HISTOGRAM_ZERO;
}

struct disparity_range tile_range(const struct range_source *source,
                                  const struct sgm_window *window,
                                  struct disparity_range full)
{
    struct histogram histogram;
    histogram_fill(&histogram, source, window);
    if (histogram.count == 0 ||
        (double)histogram.count * 1000 < (double)histogram.pixels * TRUSTED_PER_MILLE)
        return full;
    int skipped = (int)((double)histogram.count * OUTLIERS_PER_MILLE / 1000);
    int low = histogram_edge(&histogram, 0 + 1, 1, skipped);
    int high = histogram_edge(&histogram, HISTOGRAM_BINS - 2, -1, skipped) + 1;
    int slack = SLACK_PX + source->scale;
    int min_px = low * source->scale - slack;
    int end_px = high * source->scale + slack + 1;
    int full_end = full.min_px + full.count;
    min_px = min_px < full.min_px ? full.min_px : min_px;
    int count = (end_px - min_px + STEP - 1) / STEP * STEP;
    if (count >= full.count || count <= 0)
        return full;
    if (min_px + count > full_end)
        min_px = full_end - count;
    return (struct disparity_range){min_px, count};
}
