/* SPDX-License-Identifier: Apache-2.0 */
#include "refine/surface_support.h"

#include <math.h>
#include <stdbool.h>

#include "base/number.h"
#include "refine/colour_steps.h"
#include "stereo/byte_forest.h"

enum { ITERATIONS = 2, LEVELS = 256 };

/* Reach in pixels of an image 450 px wide, and grey levels that stop as much. */
static const double REACH_PX = 20;
static const double GREY_LEVELS = 14;
static const double REFERENCE_WIDTH_PX = 450;
static const float LEAST_WEIGHT = 0.25F;
static const float FAR_AWAY = 1e6F;

/* Feedback by the step of colour between two pixels. */
struct feedback {
    float by_step[LEVELS];
};

struct filter {
    struct feedback feedback[ITERATIONS];
    uint8_t *steps_x; /* largest channel difference to the pixel on the left */
    uint8_t *steps_y; /* and to the one above */
    uint8_t *halves;  /* two half-size rows of the guide */
};

static size_t pixel_count(int width_px, int height_px)
{
    return (size_t)half_side(width_px) * (size_t)half_side(height_px);
}

size_t surface_support_bytes(int width_px, int height_px)
{
    return scratch_array_size(pixel_count(width_px, height_px),
                              sizeof(struct support_pixel));
}

size_t surface_support_work_bytes(int width_px, int height_px)
{
    size_t count = pixel_count(width_px, height_px);
    size_t bytes = scratch_size(sizeof(struct filter));
    bytes = scratch_sum(bytes, scratch_array_size(count, 1));
    bytes = scratch_sum(bytes, scratch_array_size(count, 1));
    return scratch_sum(bytes, scratch_array_size((size_t)half_side(width_px) * 6, 1));
}

/* Gastal and Oliveira 2011, eq. 14 and 21: sigma of iteration i, and feedback exp(-sqrt 2
 * / sigma) for each unit of distance in the transformed domain. */
static void make_feedback(int width_px, struct filter *filter)
{
    double sigma = REACH_PX / 2 * width_px / REFERENCE_WIDTH_PX;
    for (int i = 0; i < ITERATIONS; i++) {
        double sigma_i =
            sigma * sqrt(3.0) * pow(2, ITERATIONS - 1 - i) / sqrt(pow(4, ITERATIONS) - 1);
        for (int step = 0; step < LEVELS; step++) {
            double distance = 1 + sigma / GREY_LEVELS * step;
            filter->feedback[i].by_step[step] =
                (float)exp(-sqrt(2.0) / sigma_i * distance);
        }
    }
}

/* A row of the half-size guide; the last row and column repeat. */
static void halve_row(const struct image_view *guide, int y, uint8_t *restrict half)
{
    int channels = guide->channels;
    const uint8_t *above = image_row(guide, 2 * y);
    const uint8_t *below =
        image_row(guide, 2 * y + 1 < guide->height_px ? 2 * y + 1 : 2 * y);
    for (int x = 0; x < half_side(guide->width_px); x++) {
        ptrdiff_t left = (ptrdiff_t)2 * x * channels;
        ptrdiff_t right = 2 * x + 1 < guide->width_px ? left + channels : left;
        for (int c = 0; c < channels; c++)
            half[(ptrdiff_t)x * channels + c] =
                (uint8_t)((above[left + c] + above[right + c] + below[left + c] +
                           below[right + c] + 2) >>
                          2);
    }
}

static void make_steps(const struct image_view *guide, const struct surface_support *size,
                       struct filter *filter)
{
    int channels = guide->channels;
    ptrdiff_t width = size->width_px;
    uint8_t *row = filter->halves, *above = filter->halves + 3 * width;
    for (int y = 0; y < size->height_px; y++) {
        uint8_t *steps_x = filter->steps_x + y * width;
        uint8_t *steps_y = filter->steps_y + y * width;
        halve_row(guide, y, row);
        steps_x[0] = 0;
        colour_steps(row + channels, row, size->width_px - 1, channels, steps_x + 1);
        colour_steps(row, y == 0 ? row : above, size->width_px, channels, steps_y);
        uint8_t *swap = row;
        row = above;
        above = swap;
    }
}

/* The local score's probability, of 255; a fourth of it, as four pixels are one. */
static void make_weights(float weights[LEVELS])
{
    for (int score = 0; score < LEVELS; score++) {
        double odds = (double)(score - FOREST_SCORE_ZERO) / FOREST_SCORE_UNIT;
        weights[score] = (float)lround(255 / (1 + exp(-odds))) / 4;
    }
}

/* Rows of the full-size image. */
struct full_row {
    const int16_t *values;
    const uint8_t *classes;
    const uint8_t *scores;
};

static struct full_row full_row_of(const struct support_input *input, int y)
{
    return (struct full_row){disparity_row(input->map, y), image_row(input->classes, y),
                             image_row(input->scores, y)};
}

static inline void add_pixel(const struct full_row *row, int x, const float *weights,
                             struct support_pixel *sum)
{
    float weight = row->classes[x] == PIXEL_MEASURED ? weights[row->scores[x]] : 0;
    sum->weight += weight;
    sum->mean += weight * (float)row->values[x];
}

/* Sums of weights, and of weights times disparities in place of means. */
static void gather_row(const struct support_input *input, int y, const float *weights,
                       int width, struct support_pixel *row)
{
    int height_px = input->map->height_px, width_px = input->map->width_px;
    struct full_row above = full_row_of(input, 2 * y);
    bool has_below = 2 * y + 1 < height_px;
    struct full_row below = full_row_of(input, has_below ? 2 * y + 1 : 2 * y);
    for (int x = 0; x < width; x++) {
        struct support_pixel sum = {0, 0};
        int last = 2 * x + 1 < width_px ? 2 * x + 1 : 2 * x;
        for (int at = 2 * x; at <= last; at++) {
            add_pixel(&above, at, weights, &sum);
            if (has_below)
                add_pixel(&below, at, weights, &sum);
        }
        row[x] = sum;
    }
}

static void gather(const struct support_input *input, struct surface_support *support)
{
    float weights[LEVELS];
    make_weights(weights);
    for (int y = 0; y < support->height_px; y++)
        gather_row(input, y, weights, support->width_px,
                   support->pixels + (ptrdiff_t)y * support->width_px);
}

/* One step of the recursion. */
static inline void mix_in(struct support_pixel *restrict pixel,
                          const struct support_pixel *restrict before, float feedback)
{
    pixel->weight += feedback * (before->weight - pixel->weight);
    pixel->mean += feedback * (before->mean - pixel->mean);
}

/* A recursion waits for itself at every pixel, so several rows go along together. */
enum { ROWS_AT_ONCE = 4 };

/* What each row has come to, kept out of memory; `feedback` is that of the step. */
static inline void mix_rows(const struct feedback *feedback, const uint8_t *steps,
                            ptrdiff_t width, int rows, struct support_pixel *pixels,
                            struct support_pixel *reached)
{
    for (ptrdiff_t k = 0; k < rows; k++) {
        struct support_pixel pixel = pixels[k * width];
        mix_in(&pixel, &reached[k], feedback->by_step[steps[k * width]]);
        pixels[k * width] = reached[k] = pixel;
    }
}

static inline void filter_rows(const struct feedback *feedback, const uint8_t *steps,
                               ptrdiff_t width, int rows, struct support_pixel *pixels)
{
    struct support_pixel reached[ROWS_AT_ONCE];
    for (ptrdiff_t k = 0; k < rows; k++)
        reached[k] = pixels[k * width];
    for (ptrdiff_t x = 1; x < width; x++)
        mix_rows(feedback, steps + x, width, rows, pixels + x, reached);
    for (ptrdiff_t x = width - 2; x >= 0; x--)
        mix_rows(feedback, steps + x + 1, width, rows, pixels + x, reached);
}

/* Rows y .. y + count - 1, each along itself. */
static void filter_along(const struct filter *filter, const struct feedback *feedback,
                         ptrdiff_t width, int y, int count, struct support_pixel *pixels)
{
    int end = y + count;
    if (count == ROWS_AT_ONCE)
        filter_rows(feedback, filter->steps_x + y * width, width, ROWS_AT_ONCE,
                    pixels + y * width);
    for (; count < ROWS_AT_ONCE && y < end; y++)
        filter_rows(feedback, filter->steps_x + y * width, width, 1, pixels + y * width);
}

/* Row after row, so that what is read stays in the cache. */
static void filter_column(const struct feedback *feedback, const uint8_t *steps,
                          int width, const struct support_pixel *before,
                          struct support_pixel *row)
{
    for (int x = 0; x < width; x++)
        mix_in(&row[x], &before[x], feedback->by_step[steps[x]]);
}

static void run_filter(const struct filter *filter, struct surface_support *support)
{
    ptrdiff_t width = support->width_px;
    int height = support->height_px;
    struct support_pixel *pixels = support->pixels;
    for (int i = 0; i < ITERATIONS; i++) {
        const struct feedback *feedback = &filter->feedback[i];
        for (int y = 0; y < height; y++) {
            if (y % ROWS_AT_ONCE == 0)
                filter_along(filter, feedback, width, y,
                             minimum(ROWS_AT_ONCE, height - y), pixels);
            if (y > 0)
                filter_column(feedback, filter->steps_y + y * width, support->width_px,
                              pixels + (y - 1) * width, pixels + y * width);
        }
        for (int y = height - 2; y >= 0; y--)
            filter_column(feedback, filter->steps_y + (y + 1) * width, support->width_px,
                          pixels + (y + 1) * width, pixels + y * width);
    }
}

static void divide(struct surface_support *support)
{
    ptrdiff_t count = (ptrdiff_t)support->width_px * support->height_px;
    for (ptrdiff_t i = 0; i < count; i++) {
        struct support_pixel *pixel = &support->pixels[i];
        pixel->mean =
            pixel->weight > LEAST_WEIGHT ? pixel->mean / pixel->weight : FAR_AWAY;
    }
}

enum po_status surface_support_take(struct scratch *scratch, int width_px, int height_px,
                                    struct surface_support *support,
                                    struct po_error *error)
{
    size_t count = pixel_count(width_px, height_px);
    *support = (struct surface_support){
        .width_px = half_side(width_px),
        .height_px = half_side(height_px),
        .pixels = scratch_take_array(scratch, count, sizeof(*support->pixels)),
    };
    return support->pixels != NULL
               ? PO_OK
               : scratch_exhausted(scratch, "the surface support", error);
}

enum po_status surface_support_make(const struct support_input *input,
                                    struct scratch *scratch,
                                    struct surface_support *support,
                                    struct po_error *error)
{
    int width_px = input->map->width_px, height_px = input->map->height_px;
    size_t count = pixel_count(width_px, height_px);
    size_t mark = scratch_mark(scratch);
    struct filter *filter = scratch_take(scratch, sizeof(*filter));
    uint8_t *steps_x = scratch_take_array(scratch, count, 1);
    uint8_t *steps_y = scratch_take_array(scratch, count, 1);
    uint8_t *halves = scratch_take_array(scratch, (size_t)support->width_px * 6, 1);
    if (filter == NULL || steps_x == NULL || steps_y == NULL || halves == NULL)
        return scratch_exhausted(scratch, "the surface support", error);
    filter->steps_x = steps_x;
    filter->steps_y = steps_y;
    filter->halves = halves;
    make_feedback(width_px, filter);
    make_steps(input->guide, support, filter);
    gather(input, support);
    run_filter(filter, support);
    divide(support);
    scratch_rewind(scratch, mark);
    return PO_OK;
}
