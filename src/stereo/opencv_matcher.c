/* SPDX-License-Identifier: Apache-2.0 */
#include "stereo/opencv_matcher.h"

#include <string.h>

#include "cv_shim/cv_shim.h"

enum {
    BLOCK_MAX_PX = 11,   /* above: artefacts (opencv#6732), above 23: overflow */
    P2_MAX = 4095,       /* eight paths of it still fit OpenCV's 16-bit sums */
    PRE_FILTER_CAP = 63, /* as OpenCV's own stereo_match sample */
    P1_PER_PIXEL = 8,    /* of the block, likewise */
    P2_PER_PIXEL = 32,
    SGBM_DISPARITY_ALIGNMENT = 8, /* OpenCV rounds its lanes up to it */
    SGBM_3WAY_STRIPES = 4,
};

/* Columns OpenCV would not match, given to both images. */
struct padding {
    int left_px;
    int right_px;
};

static struct padding padding_of(struct disparity_range range)
{
    int largest = range.min_px + range.count;
    return (struct padding){
        .left_px = largest > 0 ? largest : 0,
        .right_px = range.min_px < 0 ? -range.min_px : 0,
    };
}

static int p1_of(const struct po_match_settings *settings)
{
    int block = settings->block_size_px;
    return settings->p1 == PO_AUTO ? P1_PER_PIXEL * block * block : settings->p1;
}

static int p2_of(const struct po_match_settings *settings)
{
    int block = settings->block_size_px;
    return settings->p2 == PO_AUTO ? P2_PER_PIXEL * block * block : settings->p2;
}

static enum po_status check_settings(const struct po_match_settings *settings,
                                     struct po_error *error)
{
    int block = settings->block_size_px;
    if (block < 1 || block > BLOCK_MAX_PX || block % 2 == 0)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--block-size %d: OpenCV's matcher takes odd sizes from 1 to %d",
                       block, BLOCK_MAX_PX);
    if (settings->opencv_mode < PO_OPENCV_SGBM || settings->opencv_mode > PO_OPENCV_HH4)
        return po_fail(error, PO_BAD_ARGUMENT, "--opencv-mode: unknown mode %d",
                       (int)settings->opencv_mode);
    int p1 = p1_of(settings);
    int p2 = p2_of(settings);
    if (p1 < 1 || p2 <= p1 || p2 > P2_MAX)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--p1 %d --p2 %d: OpenCV's matcher takes 1 <= p1 < p2 <= %d", p1,
                       p2, P2_MAX);
    if (settings->uniqueness_ratio_percent < 0 || settings->uniqueness_ratio_percent > 99)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--uniqueness-ratio %d: takes 0 to 99 percent",
                       settings->uniqueness_ratio_percent);
    return PO_OK;
}

static enum po_status check_range(int width_px, struct disparity_range range,
                                  struct po_error *error)
{
    if (range.min_px < DISPARITY_MIN_PX || range.min_px > DISPARITY_MAX_COUNT)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--min-disparity %d: takes %d to %d pixels", range.min_px,
                       DISPARITY_MIN_PX, DISPARITY_MAX_COUNT);
    if (range.count < 16 || range.count > DISPARITY_MAX_COUNT || range.count % 16 != 0)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--num-disparities %d: OpenCV's matcher takes multiples of 16 "
                       "from 16 to %d",
                       range.count, DISPARITY_MAX_COUNT);
    if (range.min_px + range.count > DISPARITY_LIMIT_PX)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "disparities %d..%d: at most %d pixels can be stored",
                       range.min_px, range.min_px + range.count - 1, DISPARITY_LIMIT_PX);
    if (range.min_px >= width_px || range.min_px + range.count <= -width_px)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "disparities %d..%d lie outside an image %d pixels wide: change "
                       "--min-disparity or --num-disparities",
                       range.min_px, range.min_px + range.count - 1, width_px);
    return PO_OK;
}

static enum po_status check_size(const struct po_match_settings *settings, int width_px,
                                 int height_px, struct disparity_range range,
                                 struct po_error *error)
{
    struct padding padding = padding_of(range);
    int smallest = settings->block_size_px + 1;
    /* At a width of half a block OpenCV reads memory it never wrote (opencv#25828). */
    if (width_px < smallest || height_px < smallest)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "an image of %dx%d pixels is too small for --block-size %d",
                       width_px, height_px, settings->block_size_px);
    if (width_px > IMAGE_MAX_SIDE_PX - padding.left_px - padding.right_px ||
        height_px > IMAGE_MAX_SIDE_PX)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "an image of %dx%d pixels is too large for OpenCV's matcher: use "
                       "--downscale 2",
                       width_px, height_px);
    return PO_OK;
}

static size_t plus(size_t a, size_t b)
{
    return scratch_sum(a, b);
}

static size_t times(size_t a, size_t b)
{
    size_t product;
    return __builtin_mul_overflow(a, b, &product) ? SIZE_MAX : product;
}

/* The buffers StereoSGBM allocates for grey images of the padded width, as measured on
 * OpenCV 4.6 (within 3 percent from 640x480x64 to 1920x1200x160); the map's copy for the
 * 3x3 median at the end comes when they are gone. `w1` is the width it matches. */
static size_t sgbm_bytes(const struct po_match_settings *settings, size_t width,
                         size_t height, size_t w1, size_t disparities)
{
    size_t block = (size_t)settings->block_size_px;
    size_t lanes = (disparities + SGBM_DISPARITY_ALIGNMENT - 1) /
                   SGBM_DISPARITY_ALIGNMENT * SGBM_DISPARITY_ALIGNMENT;
    size_t plane = times(times(2, w1), lanes); /* a row of 16-bit costs */
    size_t rows = 6 * width;                   /* prefiltered rows of a grey pair */
    size_t row_costs = settings->opencv_mode == PO_OPENCV_HH4 ? w1 + 2 : 4 * w1 + 16;
    size_t paths =
        plus(times(times(4, row_costs), lanes + 9), plus(4 * width, rows + 2304));
    switch (settings->opencv_mode) {
    case PO_OPENCV_SGBM:
        return plus(times(plane, block + 5), paths);
    case PO_OPENCV_HH:
    case PO_OPENCV_HH4:
        return plus(times(plane, plus(times(2, height), block + 3)), paths);
    case PO_OPENCV_3WAY:
        break;
    }
    size_t stripe = (height + SGBM_3WAY_STRIPES - 1) / SGBM_3WAY_STRIPES;
    size_t overlap = block / 2 + 1 + (stripe + 9) / 10;
    size_t cost_rows =
        plus(times(plane, block + 3),
             times(2, plus(times(2 * (w1 + 2), lanes), w1 + 2 + lanes + 2 * width)));
    return plus(plus(cost_rows, rows), times(times(8, width), stripe + overlap));
}

static enum po_status plan_match(const struct po_match_settings *settings,
                                 const struct match_size *size, size_t budget_bytes,
                                 struct match_plan *plan, struct po_error *error)
{
    int width_px = size->width_px;
    int height_px = size->height_px;
    struct disparity_range range = size->range;
    *plan = (struct match_plan){.strip_rows = height_px};
    enum po_status status = check_settings(settings, error);
    if (status == PO_OK)
        status = check_range(width_px, range, error);
    if (status == PO_OK)
        status = check_size(settings, width_px, height_px, range, error);
    if (status != PO_OK)
        return status;
    struct padding padding = padding_of(range);
    int padded_px = width_px + padding.left_px + padding.right_px;
    plan->scratch_bytes = plus(times(2, image_view_bytes(padded_px, height_px, 1)),
                               disparity_map_bytes(padded_px, height_px));
    plan->library_bytes = sgbm_bytes(settings, (size_t)padded_px, (size_t)height_px,
                                     (size_t)width_px, (size_t)range.count);
    plan->output_bytes = disparity_map_bytes(width_px, height_px);
    size_t needed = plus(plan->scratch_bytes, plan->library_bytes);
    if (needed == SIZE_MAX || (budget_bytes != 0 && needed > budget_bytes))
        return po_fail(error, PO_MEMORY_LIMIT,
                       "matching %dx%d pixels over %d disparities with OpenCV needs %zu "
                       "MB, %zu MB are allowed: use --downscale 2, --opencv-mode 3way or "
                       "a higher --memory-limit",
                       width_px, height_px, range.count, (needed >> 20) + 1,
                       budget_bytes >> 20);
    return PO_OK;
}

/* Repeats the first and the last pixel of each row into the padding. */
static void pad_image(const struct image_view *source, struct padding padding,
                      struct image_view *target)
{
    size_t width = (size_t)source->width_px;
    for (int y = 0; y < source->height_px; y++) {
        const uint8_t *from = image_row(source, y);
        uint8_t *to = image_row(target, y);
        memset(to, from[0], (size_t)padding.left_px);
        memcpy(to + padding.left_px, from, width);
        memset(to + padding.left_px + source->width_px, from[width - 1],
               (size_t)padding.right_px);
    }
}

static void crop_map(const struct disparity_map *padded, int left_px, int16_t invalid,
                     struct disparity_map *map)
{
    for (int y = 0; y < map->height_px; y++) {
        const int16_t *from = disparity_row(padded, y) + left_px;
        int16_t *to = disparity_row(map, y);
        for (int x = 0; x < map->width_px; x++)
            to[x] = from[x] == invalid ? (int16_t)DISPARITY_INVALID : from[x];
    }
}

static struct cv_sgbm_settings sgbm_settings(const struct po_match_settings *settings,
                                             struct disparity_range range)
{
    double difference_px = settings->left_right_max_diff_px;
    return (struct cv_sgbm_settings){
        .min_disparity = range.min_px,
        .num_disparities = range.count,
        .block_size = settings->block_size_px,
        .p1 = p1_of(settings),
        .p2 = p2_of(settings),
        .disp12_max_diff = difference_px < 0.0      ? -1
                           : difference_px > 1000.0 ? 1000
                                                    : (int)difference_px,
        .pre_filter_cap = PRE_FILTER_CAP,
        .uniqueness_ratio = settings->uniqueness_ratio_percent,
        .mode = settings->opencv_mode,
    };
}

static struct cv_image cv_image_of(const struct image_view *view)
{
    return (struct cv_image){view->width_px, view->height_px, view->channels,
                             view->stride_bytes, view->pixels};
}

static enum po_status match_padded(const struct po_match_settings *settings,
                                   const struct match_input *input,
                                   struct scratch *scratch, struct match_output *output,
                                   struct po_error *error)
{
    struct padding padding = padding_of(input->range);
    int height_px = input->left.height_px;
    int padded_px = input->left.width_px + padding.left_px + padding.right_px;
    struct image_view views[2];
    struct disparity_map padded;
    for (int side = 0; side < 2; side++) {
        enum po_status status =
            image_view_take(scratch, padded_px, height_px, 1, &views[side], error);
        if (status != PO_OK)
            return status;
        pad_image(side == 0 ? &input->left : &input->right, padding, &views[side]);
    }
    enum po_status status =
        disparity_map_take(scratch, padded_px, height_px, &padded, error);
    if (status != PO_OK)
        return status;
    struct cv_sgbm_settings sgbm = sgbm_settings(settings, input->range);
    struct cv_image left = cv_image_of(&views[0]);
    struct cv_image right = cv_image_of(&views[1]);
    status = cv_shim_sgbm(&sgbm, &left, &right, padded.values, padded.stride, error);
    if (status != PO_OK)
        return status;
    int16_t invalid = (int16_t)((input->range.min_px - 1) * DISPARITY_SCALE);
    crop_map(&padded, padding.left_px, invalid, &output->left);
    return PO_OK;
}

static enum po_status run_match(const struct po_match_settings *settings,
                                const struct match_plan *plan,
                                const struct match_input *input, struct scratch *scratch,
                                struct match_output *output, struct po_error *error)
{
    (void)plan;
    if (cancel_requested(input->cancel))
        return po_fail(error, PO_CANCELLED, "cancelled before matching");
    size_t mark = scratch_mark(scratch);
    enum po_status status = match_padded(settings, input, scratch, output, error);
    scratch_rewind(scratch, mark);
    if (status == PO_OK && cancel_requested(input->cancel))
        status = po_fail(error, PO_CANCELLED, "cancelled while matching");
    return status;
}

const struct matcher opencv_matcher = {
    .name = "opencv",
    .has_right = false,
    .plan = plan_match,
    .run = run_match,
};
