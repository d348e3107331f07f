/* SPDX-License-Identifier: Apache-2.0 */
#include "refine/surface_support.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/number.h"
#include "refine/row_kernels.h"
#include "stereo/byte_forest.h"

enum { ITERATIONS = 2, LEVELS = 256, PAD = 64, CHANNELS_MAX = 3, TAKEN = 11 };

/* Reach in pixels of an image 450 px wide, and grey levels that stop as much. */
static const double REACH_PX = 20;
static const double GREY_LEVELS = 14;
static const double REFERENCE_WIDTH_PX = 450;

/* Planes are padded to whole blocks. */
struct filter {
    const struct row_kernels *kernels;
    int width;
    int height;
    ptrdiff_t stride;
    float (*feedback)[LEVELS]; /* of each iteration, by the step of colour */
    uint8_t *steps_along;
    uint8_t *steps_across;
    uint8_t *means[2];   /* rows of the guide */
    uint8_t *weights[2]; /* rows of weights, four times as large */
    float *plane_weights;
    float *plane_sums;
    struct support_block block;
};

static size_t pixel_count(int width_px, int height_px)
{
    return (size_t)half_side(width_px) * (size_t)half_side(height_px);
}

size_t surface_support_bytes(int width_px, int height_px)
{
    size_t count = pixel_count(width_px, height_px);
    size_t shorts = scratch_array_size(count, sizeof(int16_t));
    return scratch_sum(scratch_array_size(count, 1), scratch_sum(shorts, shorts));
}

/* A multiple of both a vector's floats and a block's rows. */
static size_t padded_side(int side_px)
{
    return ((size_t)half_side(side_px) + SUPPORT_ROWS - 1) / SUPPORT_ROWS * SUPPORT_ROWS;
}

/* What a filter takes of scratch, in the order of take_filter. */
static void list_sizes(int width_px, int height_px, size_t sizes[TAKEN])
{
    size_t stride = padded_side(width_px);
    size_t plane = stride * padded_side(height_px);
    size_t block = stride * SUPPORT_ROWS * sizeof(float);
    size_t row = (size_t)width_px * CHANNELS_MAX + (size_t)2 * PAD;
    const size_t listed[TAKEN] = {
        sizeof(float[ITERATIONS][LEVELS]),
        plane,
        plane,
        row,
        row,
        (size_t)width_px + PAD,
        (size_t)width_px + PAD,
        plane * sizeof(float),
        plane * sizeof(float),
        2 * block,
        block,
    };
    memcpy(sizes, listed, sizeof(listed));
}

size_t surface_support_work_bytes(int width_px, int height_px)
{
    size_t sizes[TAKEN], bytes = 0;
    list_sizes(width_px, height_px, sizes);
    for (int i = 0; i < TAKEN; i++)
        bytes = scratch_sum(bytes, scratch_size(sizes[i]));
    return bytes;
}

static bool take_filter(struct scratch *scratch, int width_px, int height_px,
                        struct filter *filter)
{
    size_t sizes[TAKEN];
    void *taken[TAKEN];
    list_sizes(width_px, height_px, sizes);
    for (int i = 0; i < TAKEN; i++)
        taken[i] = scratch_take(scratch, sizes[i]);
    if (taken[TAKEN - 1] == NULL)
        return false;
    for (int i = 1; i < 5; i++) /* steps and rows are read beyond the image */
        memset(taken[i], 0, sizes[i]);
    *filter = (struct filter){
        .width = half_side(width_px),
        .height = half_side(height_px),
        .stride = (ptrdiff_t)padded_side(width_px),
        .feedback = taken[0],
        .steps_along = taken[1],
        .steps_across = taken[2],
        .means = {(uint8_t *)taken[3] + PAD, (uint8_t *)taken[4] + PAD},
        .weights = {taken[5], taken[6]},
        .plane_weights = taken[7],
        .plane_sums = taken[8],
        .block = {taken[10], taken[9],
                  (float *)taken[9] + padded_side(width_px) * SUPPORT_ROWS},
    };
    return true;
}

/* Gastal and Oliveira 2011, eq. 14 and 21: sigma of iteration i, and feedback exp(-sqrt 2
 * / sigma) for each unit of distance in the transformed domain. */
static void make_feedback(int width_px, const struct filter *filter)
{
    double sigma = REACH_PX / 2 * width_px / REFERENCE_WIDTH_PX;
    for (int i = 0; i < ITERATIONS; i++) {
        double sigma_i =
            sigma * sqrt(3.0) * pow(2, ITERATIONS - 1 - i) / sqrt(pow(4, ITERATIONS) - 1);
        for (int step = 0; step < LEVELS; step++) {
            double distance = 1 + sigma / GREY_LEVELS * step;
            filter->feedback[i][step] = (float)exp(-sqrt(2.0) / sigma_i * distance);
        }
    }
}

static void make_steps(const struct image_view *guide, struct filter *filter)
{
    for (int y = 0; y < filter->height; y++) {
        int last = guide->height_px - 1;
        const struct support_guide rows = {guide->width_px, guide->channels,
                                           image_row(guide, 2 * y),
                                           image_row(guide, minimum(2 * y + 1, last))};
        uint8_t *means = filter->means[y % 2];
        const struct support_steps steps = {means,
                                            y == 0 ? means : filter->means[1 - y % 2],
                                            filter->steps_along + y * filter->stride,
                                            filter->steps_across + y * filter->stride};
        filter->kernels->support_step(&rows, &steps);
    }
}

/* The local score's probability, of 255. */
static void make_weights(uint8_t weights[LEVELS])
{
    for (int score = 0; score < LEVELS; score++) {
        double odds = (double)(score - FOREST_SCORE_ZERO) / FOREST_SCORE_UNIT;
        weights[score] = (uint8_t)lround(255 / (1 + exp(-odds)));
    }
}

static struct support_rows rows_from(const struct filter *filter, int y)
{
    return (struct support_rows){filter->width, filter->stride,
                                 filter->plane_weights + y * filter->stride,
                                 filter->plane_sums + y * filter->stride};
}

static void gather_row(const struct support_input *input, const uint8_t *by_score, int y,
                       const struct filter *filter)
{
    int width_px = input->map->width_px;
    struct support_pixels pixels[2];
    struct support_rows row = rows_from(filter, y);
    for (int i = 0; i < 2; i++) {
        bool inside = 2 * y + i < input->map->height_px;
        int at = inside ? 2 * y + i : 2 * y;
        const uint8_t *scores = image_row(input->scores, at);
        uint8_t *weights = filter->weights[i];
        pixels[i] = (struct support_pixels){disparity_row(input->map, at),
                                            image_row(input->classes, at), weights};
        if (!inside)
            memset(weights, 0, (size_t)width_px);
        for (int x = 0; inside && x < width_px; x++)
            weights[x] = by_score[scores[x]];
    }
    input->kernels->support_gather(pixels, width_px, row.weights, row.sums);
}

static void filter_along(const struct filter *filter, int iteration, int first_row)
{
    struct support_rows rows = rows_from(filter, first_row);
    filter->kernels->support_along(filter->feedback[iteration],
                                   filter->steps_along + first_row * filter->stride,
                                   &filter->block, &rows);
}

/* Row y takes from row `from`, one above or below. */
static void filter_across(const struct filter *filter, int iteration, int from, int y)
{
    struct support_rows before = rows_from(filter, from), row = rows_from(filter, y);
    filter->kernels->support_across(
        filter->feedback[iteration],
        filter->steps_across + maximum(from, y) * filter->stride, &before, &row);
}

static void finish_row(const struct filter *filter, int y,
                       const struct surface_support *support)
{
    struct support_rows row = rows_from(filter, y);
    ptrdiff_t first = (ptrdiff_t)y * support->width_px;
    filter->kernels->support_finish(&row, support->weights + first,
                                    support->below + first, support->above + first);
}

/* Down the image; the first time, rows are filtered along as they are gathered. */
static void filter_down(const struct support_input *input, const struct filter *filter,
                        int iteration)
{
    uint8_t by_score[LEVELS];
    make_weights(by_score);
    for (int y = 0; y < filter->height; y++) {
        int end = minimum(y + SUPPORT_ROWS, filter->height);
        if (iteration == 0 && y % SUPPORT_ROWS == 0) {
            for (int gathered = y; gathered < end; gathered++)
                gather_row(input, by_score, gathered, filter);
            filter_along(filter, 0, y);
        }
        if (y > 0)
            filter_across(filter, iteration, y - 1, y);
    }
}

/* Up again. A block of rows that no row above waits for is filtered along for the next
 * iteration at once, while it is in the cache; after the last, rows are done. */
static void filter_up(const struct filter *filter, int iteration,
                      const struct surface_support *support)
{
    bool last = iteration + 1 == ITERATIONS;
    for (int y = filter->height - 1; y >= 0; y--) {
        if (y + 1 < filter->height)
            filter_across(filter, iteration, y + 1, y);
        if (last)
            finish_row(filter, y, support);
        else if (y + 1 < filter->height && (y + 1) % SUPPORT_ROWS == 0)
            filter_along(filter, iteration + 1, y + 1);
    }
    if (!last)
        filter_along(filter, iteration + 1, 0);
}

enum po_status surface_support_take(struct scratch *scratch, int width_px, int height_px,
                                    struct surface_support *support,
                                    struct po_error *error)
{
    size_t count = pixel_count(width_px, height_px);
    *support = (struct surface_support){
        .width_px = half_side(width_px),
        .height_px = half_side(height_px),
        .weights = scratch_take_array(scratch, count, 1),
        .below = scratch_take_array(scratch, count, sizeof(int16_t)),
        .above = scratch_take_array(scratch, count, sizeof(int16_t)),
    };
    return support->above != NULL
               ? PO_OK
               : scratch_exhausted(scratch, "the surface support", error);
}

enum po_status surface_support_make(const struct support_input *input,
                                    struct scratch *scratch,
                                    struct surface_support *support,
                                    struct po_error *error)
{
    int width_px = input->map->width_px, height_px = input->map->height_px;
    struct filter filter;
    size_t mark = scratch_mark(scratch);
    if (!take_filter(scratch, width_px, height_px, &filter))
        return scratch_exhausted(scratch, "the surface support", error);
    filter.kernels = input->kernels;
    make_feedback(width_px, &filter);
    make_steps(input->guide, &filter);
    for (int i = 0; i < ITERATIONS; i++) {
        filter_down(input, &filter, i);
        filter_up(&filter, i, support);
    }
    scratch_rewind(scratch, mark);
    return PO_OK;
}
