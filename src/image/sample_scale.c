/* SPDX-License-Identifier: Apache-2.0 */
#include "image/sample_scale.h"

#include <stdbool.h>
#include <stddef.h>

#include "base/number.h"

/* Of the lows, or the highs, of one side: bounds of both sides lie in turn. */
static const ptrdiff_t VALUES_APART = 2 * sizeof(struct sample_bounds) / sizeof(int);

enum {
    OUTLIERS = 1000,      /* one sample in so many at either end */
    MIN_INNER_SHARE = 10, /* a tenth of the samples, for 0 and 65535 to be left out */
    OUTLIER_FRAMES = 8,   /* one frame in so many at either end */
    FILLED_SHARE = 3,     /* a third of the range */
    MARGIN_SHARE = 8      /* an eighth of the contrast beyond either end */
};

/* The first value, going up or down, beyond `outliers` samples. */
static int quantile(const uint32_t *counts, int first, int last, uint64_t outliers)
{
    int step = first <= last ? 1 : -1;
    uint64_t passed = 0;
    int value = first;
    for (; value != last; value += step) {
        passed += counts[value];
        if (passed > outliers)
            break;
    }
    return value;
}

struct sample_bounds sample_bounds_of(const uint32_t *counts)
{
    uint64_t inner = 0;
    for (int v = 1; v < SAMPLE16_MAX; v++)
        inner += counts[v];
    uint64_t all = inner + counts[0] + counts[SAMPLE16_MAX];
    bool inner_counts = inner > 0 && inner * MIN_INNER_SHARE >= all;
    int first = inner_counts ? 1 : 0;
    int last = inner_counts ? SAMPLE16_MAX - 1 : SAMPLE16_MAX;
    uint64_t outliers = (inner_counts ? inner : all) / OUTLIERS;
    return (struct sample_bounds){quantile(counts, first, last, outliers),
                                  quantile(counts, last, first, outliers)};
}

int sample_white_for(int max_sample)
{
    int white = 255;
    while (white < max_sample && white < SAMPLE16_MAX)
        white = white * 2 + 1;
    return white;
}

/* The value of rank `rank` (from 0) of one side; found by halving the range of
 * samples, which asks for no memory: a session keeps what comes of it. */
static int value_of_rank(const int *values, int count, int rank)
{
    int low = 0;
    int high = SAMPLE16_MAX;
    while (low < high) {
        int middle = (low + high) / 2;
        int below = 0;
        for (int i = 0; i < count; i++)
            below += values[VALUES_APART * i] <= middle;
        if (below > rank)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* The bounds of one side over all frames but the outliers. */
static struct sample_bounds join_frames(const struct sample_bounds *bounds, int count)
{
    int skipped = count / OUTLIER_FRAMES;
    struct sample_bounds joined = {
        value_of_rank(&bounds[0].low, count, skipped),
        value_of_rank(&bounds[0].high, count, count - 1 - skipped)};
    if (joined.high < joined.low)
        joined.high = joined.low;
    return joined;
}

struct image_scale16 image_scale16_fix(struct image_scale16 scale)
{
    int most = SAMPLE16_MAX - SAMPLE_MIN_SPAN;
    int black = scale.black < 0 ? 0 : scale.black > most ? most : scale.black;
    int least = black == 0 ? 255 : black + SAMPLE_MIN_SPAN;
    int white = scale.white < least ? least : scale.white;
    return (struct image_scale16){white > SAMPLE16_MAX ? SAMPLE16_MAX : white, black};
}

void image_scale16_choose(const struct sample_bounds *bounds, int count,
                          struct image_scale16 *scales)
{
    scales[0] = scales[1] = (struct image_scale16){SAMPLE16_MAX, 0};
    if (count == 0)
        return;
    struct sample_bounds sides[2] = {join_frames(bounds, count),
                                     join_frames(bounds + 1, count)};
    int span = maximum(sides[0].high - sides[0].low, sides[1].high - sides[1].low);
    int white = sample_white_for(maximum(sides[0].high, sides[1].high));
    if (white == 255 || span * FILLED_SHARE >= white) {
        scales[0].white = scales[1].white = white;
        return;
    }
    int margin = maximum(span, SAMPLE_MIN_SPAN) / MARGIN_SHARE;
    int contrast = maximum(span, SAMPLE_MIN_SPAN) + 2 * margin;
    for (int side = 0; side < 2; side++) {
        int black = maximum(sides[side].low - margin, 0);
        if (black > SAMPLE16_MAX - contrast)
            black = SAMPLE16_MAX - contrast;
        scales[side] = (struct image_scale16){black + contrast, black};
    }
}

void image_scale16_table(struct image_scale16 scale, uint8_t *to_8bit)
{
    struct image_scale16 fixed = image_scale16_fix(scale);
    for (int v = 0; v < SAMPLE16_COUNT; v++) {
        int v8 = (v - fixed.black) * 255 / (fixed.white - fixed.black);
        to_8bit[v] = (uint8_t)(v8 < 0 ? 0 : v8 < 255 ? v8 : 255);
    }
}
