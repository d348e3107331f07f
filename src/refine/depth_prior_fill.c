/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where an aligned prior replaces a plain fill. How far the prior is off is known only
 * beside a hole, from the residuals of measured pixels; they are averaged with weights
 * (normalized convolution, Knutsson and Westin 1993) over four widths, of which the
 * narrowest that has enough support counts. The spread of the residuals says how far the
 * correction can be trusted.
 *
 * The averages live on grids of 2, 4, 8 and 16 px, each blurred alike by two boxes of
 * five cells: a standard deviation of two cells.
 */
#include "refine/depth_prior.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"

enum {
    LEVELS = 4,
    KERNEL_REACH = 4, /* 1 2 3 4 5 4 3 2 1: two boxes of five */
    KERNEL_SUM = 25,  /* along one side */
    PLANES = 3,       /* weight, weight x residual, weight x residual squared */
    RESIDUAL_CAP = 6 * DISPARITY_SCALE,
    ROBUST_SCALE = 3 * DISPARITY_SCALE,
    SEEN = 0x40, /* beside the class: a narrower width has decided */
    RANGE_REACH = 4,
};

/* The gates, found on simulated priors of 29 scenes: without them a scene of thin
 * structures loses 1.3 points of bad2. */
static const double least_support = 0.08; /* of the weight of sure pixels everywhere */
static const double max_spread_px = 1.0;
static const double min_difference_px = 2.0;
static const double min_difference_spreads = 3.0;
static const double min_difference_errors = 4.0; /* at the widest level */
static const int max_range = 4 * DISPARITY_SCALE;
enum { OCCLUSION_LEVELS = 3 };
/* A guess is never as sure as what is measured. */
static const double max_confidence = 127.0;

/* Sums over cells of a grid; level 0 has cells of 2x2 px. */
struct residual_grid {
    int width;
    int height;
    int32_t *weights; /* planes, rows without padding */
    int32_t *sums;
    int32_t *squares;
};

struct blurred_grid {
    int width;
    int height;
    int step_px;
    double full_weight; /* of sure pixels everywhere */
    int64_t *planes[PLANES];
};

struct prior_filling {
    const struct prior_target *target;
    const struct prior_fit *fit;
    const struct disparity_map *aligned;
    int first_row;
    int end_row;
    uint64_t filled;
};

static size_t cells_of(int width, int height)
{
    return (size_t)width * (size_t)height;
}

size_t depth_prior_fill_bytes(int width_px, int height_px)
{
    size_t bytes = 0;
    int width = half_side(width_px), height = half_side(height_px);
    size_t cells = cells_of(width, height);
    for (int plane = 0; plane < PLANES; plane++) {
        bytes = scratch_sum(bytes, scratch_array_size(cells, sizeof(int32_t)));
        bytes = scratch_sum(bytes, scratch_array_size(cells, sizeof(int64_t)));
    }
    return scratch_sum(bytes, scratch_array_size((size_t)width + 2 * (size_t)KERNEL_REACH,
                                                 sizeof(int64_t)));
}

/* What a measured pixel says of the prior. */
static void add_pixel(const struct prior_filling *filling, int x, int y,
                      struct residual_grid *grid)
{
    const struct prior_target *target = filling->target;
    int prior = disparity_row(filling->aligned, y)[x];
    int confidence = image_row(target->confidence, y)[x];
    if (image_row(target->classes, y)[x] != PIXEL_MEASURED || prior == DISPARITY_INVALID)
        return;
    int64_t residual = disparity_row(target->map, y)[x] - prior;
    int64_t robust = (int64_t)ROBUST_SCALE * ROBUST_SCALE;
    int32_t weight = (int32_t)((int64_t)confidence * confidence * robust /
                               (255 * (robust + residual * residual)));
    int32_t capped = (int32_t)(residual < -RESIDUAL_CAP  ? -RESIDUAL_CAP
                               : residual > RESIDUAL_CAP ? RESIDUAL_CAP
                                                         : residual);
    size_t cell = (size_t)(y / 2) * (size_t)grid->width + (size_t)(x / 2);
    grid->weights[cell] += weight;
    grid->sums[cell] += weight * capped;
    grid->squares[cell] += weight * capped * capped;
}

static void add_pixels(const struct prior_filling *filling, struct residual_grid *grid)
{
    size_t bytes = cells_of(grid->width, grid->height) * sizeof(int32_t);
    memset(grid->weights, 0, bytes);
    memset(grid->sums, 0, bytes);
    memset(grid->squares, 0, bytes);
    for (int y = 0; y < filling->target->map->height_px; y++)
        for (int x = 0; x < filling->target->map->width_px; x++)
            add_pixel(filling, x, y, grid);
}

/* Sums of 2x2 cells, in place: a coarse cell lies before the fine ones it is made of. */
static void halve_plane(int32_t *plane, int width, int height)
{
    int coarse_width = half_side(width);
    for (int y = 0; y < half_side(height); y++)
        for (int x = 0; x < coarse_width; x++) {
            int32_t sum = 0;
            for (int i = 2 * y; i < minimum(2 * y + 2, height); i++)
                for (int j = 2 * x; j < minimum(2 * x + 2, width); j++)
                    sum += plane[(size_t)i * (size_t)width + (size_t)j];
            plane[(size_t)y * (size_t)coarse_width + (size_t)x] = sum;
        }
}

static void halve_grid(struct residual_grid *grid)
{
    halve_plane(grid->weights, grid->width, grid->height);
    halve_plane(grid->sums, grid->width, grid->height);
    halve_plane(grid->squares, grid->width, grid->height);
    grid->width = half_side(grid->width);
    grid->height = half_side(grid->height);
}

static int kernel_at(int offset)
{
    return KERNEL_REACH + 1 - abs(offset);
}

/* Nothing lies outside the grid: support falls towards the edges of the image. */
static void blur_plane(const int32_t *plane, int width, int height, int64_t *row,
                       int64_t *blurred)
{
    int64_t *inner = row + KERNEL_REACH;
    memset(row, 0, ((size_t)width + 2 * (size_t)KERNEL_REACH) * sizeof(*row));
    for (int y = 0; y < height; y++) {
        memset(inner, 0, (size_t)width * sizeof(*inner));
        for (int i = maximum(0, y - KERNEL_REACH);
             i <= minimum(height - 1, y + KERNEL_REACH); i++)
            for (int x = 0; x < width; x++)
                inner[x] += (int64_t)kernel_at(i - y) *
                            plane[(size_t)i * (size_t)width + (size_t)x];
        for (int x = 0; x < width; x++) {
            int64_t sum = 0;
            for (int k = -KERNEL_REACH; k <= KERNEL_REACH; k++)
                sum += kernel_at(k) * inner[x + k];
            blurred[(size_t)y * (size_t)width + (size_t)x] = sum;
        }
    }
}

static void blur_grid(const struct residual_grid *grid, int level, int64_t *row,
                      struct blurred_grid *blurred)
{
    const int32_t *const planes[PLANES] = {grid->weights, grid->sums, grid->squares};
    int step = 2 << level;
    blurred->width = grid->width;
    blurred->height = grid->height;
    blurred->step_px = step;
    blurred->full_weight = 255.0 * KERNEL_SUM * KERNEL_SUM * step * step;
    for (int i = 0; i < PLANES; i++)
        blur_plane(planes[i], grid->width, grid->height, row, blurred->planes[i]);
}

/* The cells around a pixel along one side, and the share of the second in 1/(2 step). */
struct cell_pair {
    int first, second;
    int share;
};

static struct cell_pair cells_around(int at_px, int step_px, int count)
{
    int position = 2 * at_px + 1 - step_px;
    if (position < 0)
        return (struct cell_pair){0, 0, 0};
    int first = minimum(position / (2 * step_px), count - 1);
    return (struct cell_pair){first, minimum(first + 1, count - 1),
                              position % (2 * step_px)};
}

static double between(const int64_t *plane, int width, struct cell_pair across,
                      struct cell_pair down, int step_px)
{
    const int64_t *top = plane + (size_t)down.first * (size_t)width;
    const int64_t *bottom = plane + (size_t)down.second * (size_t)width;
    double unit = 2.0 * step_px;
    double upper = (double)top[across.first] * (unit - across.share) +
                   (double)top[across.second] * across.share;
    double lower = (double)bottom[across.first] * (unit - across.share) +
                   (double)bottom[across.second] * across.share;
    return (upper * (unit - down.share) + lower * down.share) / (unit * unit);
}

/* What the residuals around a pixel say. */
struct local_residual {
    double support; /* 0..1 */
    double mean;    /* sixteenths */
    double variance;
};

static struct local_residual residual_around(const struct blurred_grid *grid, int x,
                                             int y)
{
    struct cell_pair across = cells_around(x, grid->step_px, grid->width);
    struct cell_pair down = cells_around(y, grid->step_px, grid->height);
    double values[PLANES];
    for (int i = 0; i < PLANES; i++)
        values[i] = between(grid->planes[i], grid->width, across, down, grid->step_px);
    if (!(values[0] > 0.0))
        return (struct local_residual){0};
    double mean = values[1] / values[0];
    return (struct local_residual){values[0] / grid->full_weight, mean,
                                   fmax(0.0, values[2] / values[0] - mean * mean)};
}

/* A prior that jumps here, or ends, is blurred across the jump. */
static bool is_smooth(const struct disparity_map *aligned, int x, int y)
{
    int low = INT16_MAX, high = INT16_MIN;
    for (int i = maximum(0, y - RANGE_REACH);
         i <= minimum(aligned->height_px - 1, y + RANGE_REACH); i++) {
        const int16_t *row = disparity_row(aligned, i);
        for (int j = maximum(0, x - RANGE_REACH);
             j <= minimum(aligned->width_px - 1, x + RANGE_REACH); j++) {
            low = minimum(low, row[j]);
            high = maximum(high, row[j]);
        }
    }
    return high - low < max_range;
}

static bool beats_plain_fill(const struct prior_filling *filling, double difference,
                             double variance, int level)
{
    double least_px = min_difference_px;
    double spreads = min_difference_spreads;
    if (level == LEVELS - 1)
        least_px = fmax(least_px, min_difference_errors * filling->fit->residual_px);
    return difference > least_px * DISPARITY_SCALE &&
           difference * difference > spreads * spreads * variance;
}

/* Full where the residuals are all alike and half the weight around is measured. */
static uint8_t confidence_of(const struct local_residual *local)
{
    double agreement = 1.0 - sqrt(local->variance) / (max_spread_px * DISPARITY_SCALE);
    double support = fmin(1.0, 2.0 * local->support);
    return (uint8_t)(1.0 + floor((max_confidence - 1.0) * agreement * support));
}

static bool holds(struct disparity_range range, double value)
{
    return value >= (double)range.min_px * DISPARITY_SCALE &&
           value <= ((double)range.min_px + range.count - 1) * DISPARITY_SCALE;
}

static void fill_pixel(struct prior_filling *filling, const struct blurred_grid *grid,
                       int level, int x, int y)
{
    const struct prior_target *target = filling->target;
    uint8_t *class = &image_row(target->classes, y)[x];
    int16_t *value = &disparity_row(target->map, y)[x];
    struct local_residual local = residual_around(grid, x, y);
    if (!(local.support > least_support))
        return;
    double limit = max_spread_px * DISPARITY_SCALE;
    double proposed = floor(disparity_row(filling->aligned, y)[x] + local.mean + 0.5);
    bool is_occlusion = *class == PIXEL_FILLED_OCCLUSION;
    *class |= SEEN;
    if (!(local.variance < limit * limit) ||
        (is_occlusion && level >= OCCLUSION_LEVELS) ||
        !beats_plain_fill(filling, fabs(proposed - *value), local.variance, level) ||
        !holds(target->range, proposed) || !is_smooth(filling->aligned, x, y))
        return;
    *value = (int16_t)proposed;
    *class = PIXEL_FILLED_PRIOR | SEEN;
    image_row(target->confidence, y)[x] = confidence_of(&local);
    filling->filled += y >= filling->first_row && y < filling->end_row;
}

static void fill_level(struct prior_filling *filling, const struct blurred_grid *grid,
                       int level)
{
    const struct disparity_map *aligned = filling->aligned;
    for (int y = 0; y < aligned->height_px; y++) {
        const uint8_t *classes = image_row(filling->target->classes, y);
        const int16_t *prior = disparity_row(aligned, y);
        for (int x = 0; x < aligned->width_px; x++) {
            bool is_filled = classes[x] == PIXEL_FILLED_OCCLUSION ||
                             classes[x] == PIXEL_FILLED_MISMATCH;
            if (is_filled && prior[x] != DISPARITY_INVALID)
                fill_pixel(filling, grid, level, x, y);
        }
    }
}

static void forget_seen(const struct image_view *classes)
{
    for (int y = 0; y < classes->height_px; y++) {
        uint8_t *row = image_row(classes, y);
        for (int x = 0; x < classes->width_px; x++)
            row[x] = (uint8_t)(row[x] & ~SEEN);
    }
}

static bool take_grids(struct scratch *scratch, int width_px, int height_px,
                       struct residual_grid *grid, struct blurred_grid *blurred)
{
    int32_t **const planes[PLANES] = {&grid->weights, &grid->sums, &grid->squares};
    grid->width = half_side(width_px);
    grid->height = half_side(height_px);
    size_t cells = cells_of(grid->width, grid->height);
    bool taken = true;
    for (int i = 0; i < PLANES; i++) {
        *planes[i] = scratch_take_array(scratch, cells, sizeof(int32_t));
        blurred->planes[i] = scratch_take_array(scratch, cells, sizeof(int64_t));
        taken = taken && *planes[i] != NULL && blurred->planes[i] != NULL;
    }
    return taken;
}

enum po_status depth_prior_fill(const struct prior_target *target,
                                const struct prior_fit *fit,
                                const struct disparity_map *aligned, int first_row,
                                int end_row, struct scratch *scratch, uint64_t *filled,
                                struct po_error *error)
{
    struct prior_filling filling = {target, fit, aligned, first_row, end_row, 0};
    struct residual_grid grid;
    struct blurred_grid blurred;
    size_t mark = scratch_mark(scratch);
    bool taken =
        take_grids(scratch, aligned->width_px, aligned->height_px, &grid, &blurred);
    int64_t *row = scratch_take_array(
        scratch, (size_t)grid.width + 2 * (size_t)KERNEL_REACH, sizeof(*row));
    if (!taken || row == NULL)
        return scratch_exhausted(scratch, "a prior's residuals", error);
    add_pixels(&filling, &grid);
    for (int level = 0; level < LEVELS; level++) {
        if (level > 0)
            halve_grid(&grid);
        blur_grid(&grid, level, row, &blurred);
        fill_level(&filling, &blurred, level);
    }
    forget_seen(target->classes);
    scratch_rewind(scratch, mark);
    *filled = filling.filled;
    return PO_OK;
}
