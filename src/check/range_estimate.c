/* SPDX-License-Identifier: Apache-2.0 */
#include "check/range_estimate.h"

#include <math.h>

#include "refine/steps.h"
#include "stereo/matcher.h"

/* Measured on 30 scenes with ground truth: at least 99.9 % of it inside on all of them.
 */
enum {
    SMALL_WIDTH_PX = 400, /* the images are halved until they are no wider */
    TRUSTED_MARGIN = 8,   /* second best at least 3 % above the best, in 1/255 */
    SPECKLE_PX = 20,
    MIN_TRUSTED = 200, /* pixels; fewer say nothing about the scene */
    HISTOGRAM_BINS = 1 << 16,
};
static const double SEARCH_ABOVE = 0.4; /* of the width */
static const double SEARCH_BELOW = 0.1; /* of the width, where negative is possible */
static const double QUANTILE_SIGNED = 0.001;
static const double QUANTILE_POSITIVE = 0.0005;
static const double WIDEN = 0.03; /* of the span, at either end */
static const double MIN_TRUSTED_SHARE = 0.01;

struct small_pair {
    struct image_view left, right, left_seen, right_seen;
    int factor;
};

static int halved(int length_px, int factor)
{
    while (factor > 1) {
        length_px = (length_px + 1) / 2;
        factor /= 2;
    }
    return length_px;
}

static int factor_for(int width_px)
{
    int factor = 1;
    while (halved(width_px, factor) > SMALL_WIDTH_PX)
        factor *= 2;
    return factor;
}

static struct disparity_range search_range(int width_px, bool negative)
{
    int below = negative ? (int)(SEARCH_BELOW * width_px) : 0;
    int count = (below + (int)(SEARCH_ABOVE * width_px) + 15) / 16 * 16;
    return (struct disparity_range){-below, count > 16 ? count : 16};
}

static struct po_match_settings match_settings(void)
{
    struct po_settings settings;
    po_settings_defaults(&settings);
    settings.match.level = PO_SGM_QUALITY;
    return settings.match;
}

/* One view halved `factor` times, through a chain of smaller views. */
static enum po_status shrink(struct scratch *scratch, const struct image_view *source,
                             int factor, struct image_view *small, struct po_error *error)
{
    *small = *source;
    for (; factor > 1 && source->pixels != NULL; factor /= 2) {
        struct image_view half;
        enum po_status status =
            image_view_take(scratch, (small->width_px + 1) / 2,
                            (small->height_px + 1) / 2, small->channels, &half, error);
        if (status != PO_OK)
            return status;
        image_halve(small, &half);
        *small = half;
    }
    return PO_OK;
}

static size_t shrink_bytes(int width_px, int height_px, int factor)
{
    size_t bytes = 0;
    for (; factor > 1; factor /= 2) {
        width_px = (width_px + 1) / 2;
        height_px = (height_px + 1) / 2;
        bytes = scratch_sum(bytes, image_view_bytes(width_px, height_px, 1));
    }
    return bytes;
}

size_t range_estimate_bytes(int width_px, int height_px, bool negative)
{
    int factor = factor_for(width_px);
    int width = halved(width_px, factor);
    int height = halved(height_px, factor);
    struct po_match_settings settings = match_settings();
    struct match_plan plan;
    if (matcher_find(PO_MATCHER_SGM)
            ->plan(&settings, width, height, 1, search_range(width, negative), 0, &plan,
                   NULL) != PO_OK)
        return SIZE_MAX;
    size_t shrunk = shrink_bytes(width_px, height_px, factor);
    size_t work = plan.scratch_bytes;
    size_t speckle = speckle_bytes(width, height);
    size_t histogram = scratch_array_size(HISTOGRAM_BINS, sizeof(uint32_t));
    work = work > speckle ? work : speckle;
    work = work > histogram ? work : histogram;
    return scratch_sum(scratch_sum(4 * shrunk, plan.output_bytes), work);
}

static bool unseen(const struct image_view *seen, int x, int y)
{
    return seen->pixels != NULL && image_row(seen, y)[x] != 255;
}

/* Keeps what both views agree on within a pixel, unambiguously, inside both images. */
static void keep_trusted(const struct small_pair *pair, struct match_output *match)
{
    int width = match->left.width_px;
    for (int y = 0; y < match->left.height_px; y++) {
        int16_t *left = disparity_row(&match->left, y);
        const int16_t *right = disparity_row(&match->right, y);
        const uint8_t *margin = image_row(&match->margin, y);
        for (int x = 0; x < width; x++) {
            int value = left[x];
            if (value == DISPARITY_INVALID)
                continue;
            int xr = x - (int)lround((double)value / DISPARITY_SCALE);
            bool trusted =
                xr >= 0 && xr < width && margin[x] >= TRUSTED_MARGIN &&
                right[xr] != DISPARITY_INVALID && right[xr] - value <= DISPARITY_SCALE &&
                value - right[xr] <= DISPARITY_SCALE && !unseen(&pair->left_seen, x, y) &&
                !unseen(&pair->right_seen, xr, y);
            if (!trusted)
                left[x] = DISPARITY_INVALID;
        }
    }
}

/* The value with `rank` values below it. */
static int value_at(const uint32_t *histogram, uint64_t rank)
{
    uint64_t below = 0;
    for (int bin = 0; bin < HISTOGRAM_BINS; bin++) {
        below += histogram[bin];
        if (below > rank)
            return bin + INT16_MIN;
    }
    return INT16_MAX;
}

static enum po_status quantiles(const struct disparity_map *map, double quantile,
                                int factor, struct scratch *scratch,
                                struct range_estimate *estimate, struct po_error *error)
{
    uint32_t *histogram = scratch_take_zeroed(scratch, HISTOGRAM_BINS * sizeof(uint32_t));
    if (histogram == NULL)
        return scratch_exhausted(scratch, "the range histogram", error);
    uint64_t trusted = 0;
    for (int y = 0; y < map->height_px; y++) {
        const int16_t *row = disparity_row(map, y);
        for (int x = 0; x < map->width_px; x++) {
            if (row[x] != DISPARITY_INVALID) {
                histogram[row[x] - INT16_MIN]++;
                trusted++;
            }
        }
    }
    estimate->trusted = trusted;
    double share = (double)trusted / ((double)map->width_px * map->height_px);
    if (trusted < MIN_TRUSTED || share < MIN_TRUSTED_SHARE)
        return po_fail(
            error, PO_NO_RANGE,
            "the disparity range cannot be found: only %.1f %% of the pixels match "
            "unambiguously; give --num-disparities, or --min-depth and --max-depth",
            100.0 * share);
    uint64_t rank = (uint64_t)(quantile * (double)trusted);
    rank = rank > 0 ? rank : 1;
    double low = (double)value_at(histogram, rank) / DISPARITY_SCALE;
    double high = (double)value_at(histogram, trusted - 1 - rank) / DISPARITY_SCALE;
    estimate->low_px = (low - 1.0) * factor - 2.0;
    estimate->high_px = (high + 1.0) * factor + 2.0;
    double widen = WIDEN * (estimate->high_px - estimate->low_px);
    estimate->low_px -= widen;
    estimate->high_px += widen;
    return PO_OK;
}

static enum po_status match_small(const struct small_pair *pair, bool negative,
                                  const struct cancel *cancel, struct scratch *scratch,
                                  struct match_output *match, struct po_error *error)
{
    const struct matcher *matcher = matcher_find(PO_MATCHER_SGM);
    struct po_match_settings settings = match_settings();
    int width = pair->left.width_px;
    int height = pair->left.height_px;
    struct match_input input = {
        .left = pair->left,
        .right = pair->right,
        .guide = pair->left,
        .range = search_range(width, negative),
        .cancel = cancel,
    };
    struct match_plan plan;
    enum po_status status =
        matcher->plan(&settings, width, height, 1, input.range, 0, &plan, error);
    if (status == PO_OK)
        status = matcher_take_output(matcher, scratch, width, height, match, error);
    if (status != PO_OK)
        return status;
    size_t mark = scratch_mark(scratch);
    status = matcher->run(&settings, &plan, &input, scratch, match, error);
    scratch_rewind(scratch, mark);
    return status;
}

enum po_status range_estimate(const struct range_estimate_request *request,
                              struct scratch *scratch, struct range_estimate *estimate,
                              struct po_error *error)
{
    size_t start = scratch_mark(scratch);
    struct small_pair pair = {.factor = factor_for(request->left.width_px)};
    struct match_output match;
    *estimate = (struct range_estimate){0};
    enum po_status status =
        shrink(scratch, &request->left, pair.factor, &pair.left, error);
    if (status == PO_OK)
        status = shrink(scratch, &request->right, pair.factor, &pair.right, error);
    if (status == PO_OK)
        status =
            shrink(scratch, &request->left_seen, pair.factor, &pair.left_seen, error);
    if (status == PO_OK)
        status =
            shrink(scratch, &request->right_seen, pair.factor, &pair.right_seen, error);
    if (status == PO_OK)
        status = match_small(&pair, request->negative, request->cancel, scratch, &match,
                             error);
    if (status != PO_OK)
        goto cleanup;
    keep_trusted(&pair, &match);
    uint64_t dropped = 0;
    status = speckle_filter(&match.left, SPECKLE_PX, DISPARITY_SCALE, scratch, &dropped,
                            error);
    if (status == PO_OK)
        status = quantiles(&match.left,
                           request->negative ? QUANTILE_SIGNED : QUANTILE_POSITIVE,
                           pair.factor, scratch, estimate, error);
    if (status == PO_OK && !request->negative && estimate->low_px < 0.0)
        estimate->low_px = 0.0;

cleanup:
    scratch_rewind(scratch, start);
    return status;
}

enum po_status range_estimate_to_range(const struct range_estimate *estimate,
                                       struct disparity_range *range,
                                       struct po_error *error)
{
    int low = (int)floor(estimate->low_px);
    int high = (int)ceil(estimate->high_px);
    int count = (high - low + 1 + 15) / 16 * 16;
    if (low < DISPARITY_MIN_PX || count > DISPARITY_MAX_COUNT ||
        low + count > DISPARITY_LIMIT_PX)
        return po_fail(
            error, PO_NO_RANGE,
            "the disparities span %d..%d px, above the %d that can be searched; use "
            "--downscale, or limit them with --min-depth",
            low, high, DISPARITY_MAX_COUNT);
    *range = (struct disparity_range){low, count};
    return PO_OK;
}
