/* SPDX-License-Identifier: Apache-2.0 */
#include "stereo/sgm_geometry.h"

#include "base/checked.h"
#include "base/number.h"
#include "image/image_view.h"
#include "settings/penalty_limit.h"
#include "stereo/kernel_dispatch.h"

enum {
    PATH_COST_LIMIT = SUM_SATURATED - 1,
    P1_DEFAULT = 20,
    P2_ONE_SWEEP = 100,
    P2_TWO_SWEEPS = 95,
    P2_SECOND_PASS = 60, /* the prior already holds surfaces together */
    P2_LOW = 24,
};

/* How much stronger the vertical penalties are than the horizontal ones, in tenths. With
 * three paths one vertical path stands against two horizontal ones. */
enum {
    P1_TENTHS_ONE_SWEEP = 7,
    P2_TENTHS_ONE_SWEEP = 13,
    P1_TENTHS_TWO_SWEEPS = 10,
    P2_TENTHS_TWO_SWEEPS = 12,
};

/*
 * Of P1 of all paths in a sum. Below it the surface before a pixel is seldom sure of a
 * whole disparity (noise, blur, a slant). Chosen with FIT_SHARE_EIGHTHS so that fractions
 * stay evenly spread on real scenes: planes are met 7 to 14 % closer, and the bias by
 * fraction on Middlebury 2014 falls from 0.040 to 0.020 px.
 */
enum { STEEP_RISE_PERCENT = 160 };

/* 8 bits hold every path cost (Hirschmueller 2008, eq. 14). */
_Static_assert(COST_MAX + (SGM_P2_MAX * P2_TENTHS_ONE_SWEEP + 5) / 10 <= PATH_COST_LIMIT,
               "three paths");
_Static_assert(COST_MAX + PRIOR_PENALTY_MAX +
                       (SGM_P2_MAX * P2_TENTHS_TWO_SWEEPS + 5) / 10 <=
                   PATH_COST_LIMIT,
               "four paths");

static int paths_of(const struct po_match_settings *settings)
{
    return settings->level == PO_SGM_QUALITY ? 4 : 3;
}

static int tenths(int value, int factor_tenths)
{
    return (value * factor_tenths + 5) / 10;
}

static int p2_default(int paths, bool second_pass)
{
    if (second_pass)
        return P2_SECOND_PASS;
    return paths == 3 ? P2_ONE_SWEEP : P2_TWO_SWEEPS;
}

static struct sgm_penalty penalty_make(int p1, int p2, int p1_tenths, int p2_tenths)
{
    int scaled_p1 = tenths(p1, p1_tenths);
    int high = tenths(p2, p2_tenths);
    int low = tenths(P2_LOW, p2_tenths);
    low = low > scaled_p1 ? low : scaled_p1 + 1;
    high = high > scaled_p1 ? high : scaled_p1 + 1;
    return (struct sgm_penalty){
        .p1 = (uint8_t)scaled_p1, .high = (uint8_t)high, .low = (uint8_t)low};
}

/* Three paths are added, of four the two means. */
static uint8_t steep_rise_of(int paths, const struct sgm_penalties *penalties)
{
    const int horizontal = penalties->horizontal.p1;
    const int added = (paths == 3 ? 2 * horizontal : horizontal) + penalties->vertical.p1;
    return (uint8_t)minimum(added * STEEP_RISE_PERCENT / 100, UINT8_MAX);
}

void sgm_penalties_make(const struct po_match_settings *settings, bool second_pass,
                        struct sgm_penalties *penalties)
{
    int paths = paths_of(settings);
    int p1 = settings->p1 == PO_AUTO ? P1_DEFAULT : settings->p1;
    int p2 = settings->p2 == PO_AUTO ? p2_default(paths, second_pass) : settings->p2;
    penalties->horizontal = penalty_make(p1, p2, 10, 10);
    penalties->vertical =
        paths == 3 ? penalty_make(p1, p2, P1_TENTHS_ONE_SWEEP, P2_TENTHS_ONE_SWEEP)
                   : penalty_make(p1, p2, P1_TENTHS_TWO_SWEEPS, P2_TENTHS_TWO_SWEEPS);
    penalties->steep_rise = steep_rise_of(paths, penalties);
}

static enum po_status check_penalties(const struct po_match_settings *settings,
                                      struct po_error *error)
{
    int paths = paths_of(settings);
    int p1 = settings->p1 == PO_AUTO ? P1_DEFAULT : settings->p1;
    int p2 = settings->p2 == PO_AUTO ? p2_default(paths, false) : settings->p2;
    if (p2 < 1 || p2 > SGM_P2_MAX)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--p2 %d: the sgm matcher holds path costs in 8 bits; P2 must lie "
                       "in 1..%d",
                       p2, SGM_P2_MAX);
    if (p1 < 0 || p1 >= p2)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--p1 %d: must lie in 0..%d, below P2 (%d)", p1, p2 - 1, p2);
    return PO_OK;
}

static enum po_status check_range(struct disparity_range range, struct po_error *error)
{
    if (range.count < 16 || range.count > DISPARITY_MAX_COUNT || range.count % 16 != 0)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--num-disparities %d: must be a multiple of 16 in 16..%d",
                       range.count, DISPARITY_MAX_COUNT);
    if (range.min_px < DISPARITY_MIN_PX || range.min_px > DISPARITY_LIMIT_PX ||
        range.min_px + range.count > DISPARITY_LIMIT_PX)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "disparities %d..%d: the range must lie in %d..%d", range.min_px,
                       range.min_px + range.count - 1, DISPARITY_MIN_PX,
                       DISPARITY_LIMIT_PX - 1);
    return PO_OK;
}

static size_t aligned(size_t bytes)
{
    return (bytes + SPAN_PADDING - 1) / SPAN_PADDING * SPAN_PADDING;
}

static size_t phase_stride_of(int positions, int vectors)
{
    return aligned((size_t)(positions / vectors) + 1 + RIGHT_MARGIN + CENSUS_RADIUS_PX +
                   SPAN_PADDING);
}

static int prior_penalty_positions_of(int slots, int vectors)
{
    return (2 * slots + 4 * PRIOR_PENALTY_MAX + 1 + vectors - 1) / vectors * vectors;
}

static size_t prior_penalty_phase_stride_of(int slots, int vectors)
{
    int positions = PRIOR_PENALTY_SHAPES * prior_penalty_positions_of(slots, vectors);
    return aligned((size_t)(positions / vectors) + SPAN_PADDING);
}

/* A tile's phases hold PLANE_STRIDE positions, of which the last pixel looks at `lanes`.
 */
static int tile_pixels_of(int lanes, int vectors)
{
    return vectors * (PLANE_STRIDE - lanes);
}

static size_t right_bytes_of(int width_px, int lanes, int vectors)
{
    int tile = tile_pixels_of(lanes, vectors);
    int tiles = (width_px + tile - 1) / tile;
    return (size_t)tiles * (size_t)vectors * PHASE_STRIDE;
}

/* Wide sweeps where they pay. */
static const struct sgm_sweeps *sweeps_of(const struct sgm_kernels *kernels, int slots)
{
    const struct sgm_sweeps *wide = kernels->wide_sweeps;
    const bool pays = wide != NULL && slots % wide->lanes == 0 &&
                      slots / wide->lanes >= WIDE_MIN_VECTORS;
    return pays ? wide : kernels->sweeps;
}

/* Bytes of phases differ a little by how many they are: planned for the most, so that the
 * bytes a frame needs do not depend on the CPU. */
static void phases_make(int slots, struct sgm_geometry *geometry)
{
    geometry->ring_stride = 0;
    geometry->right_bytes = 0;
    geometry->prior_penalty_bytes = 0;
    for (int lanes = MIN_LANES; lanes <= MAX_LANES && slots % lanes == 0; lanes *= 2) {
        const int v = slots / lanes;
        size_t ring = phase_stride_of(geometry->positions, v) * (size_t)v;
        size_t right = right_bytes_of(geometry->width_px, lanes, v);
        size_t prior_penalty = prior_penalty_phase_stride_of(slots, v) * (size_t)v;
        geometry->ring_stride = size_maximum(ring, geometry->ring_stride);
        geometry->right_bytes = size_maximum(right, geometry->right_bytes);
        geometry->prior_penalty_bytes =
            size_maximum(prior_penalty, geometry->prior_penalty_bytes);
    }
}

static void layout_make(struct sgm_geometry *geometry)
{
    int slots = (geometry->range.count + SLOT_STEP - 1) / SLOT_STEP * SLOT_STEP;
    geometry->sweeps = sweeps_of(geometry->kernels, slots);
    int vectors = slots / geometry->sweeps->lanes;
    geometry->layout = (struct lane_layout){.disparities = geometry->range.count,
                                            .lanes = geometry->sweeps->lanes,
                                            .vectors = vectors};
    geometry->positions = geometry->width_px + slots - 1;
    geometry->phase_stride = phase_stride_of(geometry->positions, vectors);
    geometry->tile_pixels = tile_pixels_of(geometry->layout.lanes, vectors);
    phases_make(slots, geometry);
    geometry->prior_penalty_positions = prior_penalty_positions_of(slots, vectors);
    geometry->prior_penalty_phase_stride = prior_penalty_phase_stride_of(slots, vectors);
    geometry->state_bytes = (size_t)geometry->width_px * (size_t)slots;
}

/* Rows a block, of two states each: with a checkpoint a block they are fewest at the root
 * of half the height. */
static int block_rows_of(int height_px)
{
    int rows = 1;
    while (2 * rows * rows < height_px)
        rows++;
    return rows;
}

void sgm_geometry_window(const struct sgm_window *window, struct disparity_range range,
                         struct sgm_geometry *geometry)
{
    geometry->window = *window;
    geometry->width_px = window->width_px;
    geometry->height_px = window->height_px;
    geometry->range = range;
    geometry->block_rows = geometry->paths == 4 ? block_rows_of(window->height_px) : 0;
    layout_make(geometry);
}

enum po_status sgm_geometry_make(const struct po_match_settings *settings,
                                 const struct match_size *size,
                                 struct sgm_geometry *geometry, struct po_error *error)
{
    int width_px = size->width_px;
    int height_px = size->height_px;
    if (width_px < 1 || height_px < 1 || width_px > IMAGE_MAX_SIDE_PX ||
        height_px > IMAGE_MAX_SIDE_PX)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "an image of %dx%d cannot be matched; sides must lie in 1..%d",
                       width_px, height_px, IMAGE_MAX_SIDE_PX);
    enum po_status status = check_range(size->range, error);
    if (status == PO_OK)
        status = check_penalties(settings, error);
    if (status != PO_OK)
        return status;
    const struct sgm_kernels *kernels = sgm_kernels_find(settings->cpu);
    if (kernels == NULL)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--cpu: this machine does not have that level; use auto");
    *geometry = (struct sgm_geometry){
        .image_width_px = width_px,
        .image_height_px = height_px,
        .guide_channels = size->guide_channels,
        .paths = paths_of(settings),
        .takes_prior = settings->level == PO_SGM_QUALITY,
        .kernels = kernels,
    };
    const struct sgm_window whole = {.width_px = width_px, .height_px = height_px};
    sgm_geometry_window(&whole, size->range, geometry);
    return PO_OK;
}
