/* SPDX-License-Identifier: Apache-2.0 */
#include "stereo/coarse_to_fine.h"

#include <string.h>

#include "base/number.h"
#include "stereo/sgm_sweep.h"
#include "stereo/sgm_workspace.h"
#include "stereo/tile_range.h"

enum {
    TILE_PX = 512,
    TILE_MARGIN_PX = 48, /* paths settle within a few dozen pixels */
    WIDE_RANGE = 256,    /* from here on the small match is a fourth, not a half */
};

struct tiling {
    int columns;
    int rows;
};

static struct tiling tiling_of(const struct sgm_geometry *whole)
{
    return (struct tiling){(whole->image_width_px + TILE_PX - 1) / TILE_PX,
                           (whole->image_height_px + TILE_PX - 1) / TILE_PX};
}

/* What of a tile is kept. */
static struct sgm_window tile_core(const struct sgm_geometry *whole, int column, int row)
{
    struct sgm_window core = {.x = column * TILE_PX, .y = row * TILE_PX};
    core.width_px = minimum(TILE_PX, whole->image_width_px - core.x);
    core.height_px = minimum(TILE_PX, whole->image_height_px - core.y);
    return core;
}

static struct sgm_window with_margins(const struct sgm_geometry *whole,
                                      const struct sgm_window *core)
{
    struct sgm_window window;
    window.x = maximum(0, core->x - TILE_MARGIN_PX);
    window.y = maximum(0, core->y - TILE_MARGIN_PX);
    window.width_px =
        minimum(whole->image_width_px, core->x + core->width_px + TILE_MARGIN_PX) -
        window.x;
    window.height_px =
        minimum(whole->image_height_px, core->y + core->height_px + TILE_MARGIN_PX) -
        window.y;
    return window;
}

/* No tile with its margins is larger. */
static struct sgm_window largest_window(const struct sgm_geometry *whole)
{
    int side = TILE_PX + 2 * TILE_MARGIN_PX;
    return (struct sgm_window){.width_px = minimum(side, whole->image_width_px),
                               .height_px = minimum(side, whole->image_height_px)};
}

static struct sgm_geometry tile_geometry(const struct sgm_geometry *whole,
                                         const struct sgm_window *window,
                                         struct disparity_range range)
{
    struct sgm_geometry geometry = *whole;
    sgm_geometry_window(window, range, &geometry);
    return geometry;
}

static int scale_of(const struct sgm_geometry *whole)
{
    return whole->range.count > WIDE_RANGE ? 4 : 2;
}

static int scaled(int size_px, int scale)
{
    return (size_px + scale - 1) / scale;
}

/* The small match: one sweep, whatever the level of the large one. */
static struct sgm_geometry coarse_geometry(const struct sgm_geometry *whole)
{
    int scale = scale_of(whole);
    struct sgm_geometry coarse = *whole;
    coarse.image_width_px = scaled(whole->image_width_px, scale);
    coarse.image_height_px = scaled(whole->image_height_px, scale);
    coarse.paths = 3;
    coarse.takes_prior = false;
    coarse.guide_channels = 1;
    const struct sgm_window window = {.width_px = coarse.image_width_px,
                                      .height_px = coarse.image_height_px};
    int below = whole->range.min_px < 0 ? -scaled(-whole->range.min_px, scale)
                                        : whole->range.min_px / scale;
    int above = scaled(whole->range.min_px + whole->range.count + scale * scale, scale);
    struct disparity_range range = {below, (above - below + 15) / 16 * 16};
    sgm_geometry_window(&window, range, &coarse);
    return coarse;
}

static size_t coarse_bytes(const struct sgm_geometry *whole)
{
    const struct sgm_geometry coarse = coarse_geometry(whole);
    int width = coarse.image_width_px;
    int height = coarse.image_height_px;
    size_t images = 2 * image_view_bytes(width, height, 1);
    size_t half = image_view_bytes(scaled(whole->image_width_px, 2),
                                   scaled(whole->image_height_px, 2), 1);
    size_t maps = 2 * disparity_map_bytes(width, height);
    size_t match = scratch_sum(maps, sgm_workspace_bytes(&coarse));
    return scratch_sum(images, scale_of(whole) == 4 && half > match ? half : match);
}

static size_t tile_workspace_bytes(const struct sgm_geometry *whole)
{
    const struct sgm_window window = largest_window(whole);
    const struct sgm_geometry tile = tile_geometry(whole, &window, whole->range);
    return sgm_workspace_bytes(&tile);
}

static size_t tiles_bytes(const struct sgm_geometry *whole)
{
    const struct sgm_window window = largest_window(whole);
    size_t maps = disparity_map_bytes(window.width_px, window.height_px) +
                  2 * image_view_bytes(window.width_px, window.height_px, 1);
    size_t costs = image_view_bytes(whole->image_width_px, TILE_PX, 1) +
                   scratch_size((size_t)whole->image_width_px);
    return scratch_sum(scratch_sum(maps, costs), tile_workspace_bytes(whole));
}

static size_t ranges_count(const struct sgm_geometry *whole)
{
    const struct tiling tiling = tiling_of(whole);
    return (size_t)tiling.columns * (size_t)tiling.rows;
}

size_t coarse_to_fine_bytes(const struct sgm_geometry *whole)
{
    size_t coarse = coarse_bytes(whole);
    size_t tiles = tiles_bytes(whole);
    return scratch_sum(
        scratch_array_size(ranges_count(whole), sizeof(struct disparity_range)),
        coarse > tiles ? coarse : tiles);
}

/* `image` at the coarse size, in the memory of `small`; half sizes between are given
 * back. */
static enum po_status shrink(const struct image_view *image, int scale,
                             struct scratch *scratch, struct image_view *small,
                             struct po_error *error)
{
    if (scale == 2) {
        image_halve(image, small);
        return PO_OK;
    }
    struct image_view half;
    size_t mark = scratch_mark(scratch);
    enum po_status status = image_view_take(scratch, scaled(image->width_px, 2),
                                            scaled(image->height_px, 2), 1, &half, error);
    if (status == PO_OK) {
        image_halve(image, &half);
        image_halve(&half, small);
    }
    scratch_rewind(scratch, mark);
    return status;
}

static enum po_status coarse_match(const struct po_match_settings *settings,
                                   const struct sgm_geometry *whole,
                                   const struct match_input *input,
                                   struct scratch *scratch, struct match_output *output,
                                   struct po_error *error)
{
    const struct sgm_geometry coarse = coarse_geometry(whole);
    int width = coarse.image_width_px;
    int height = coarse.image_height_px;
    int scale = scale_of(whole);
    struct match_input small = {.range = coarse.range, .cancel = input->cancel};
    struct po_match_settings one_sweep = *settings;
    one_sweep.level = PO_SGM_FAST;
    enum po_status status =
        image_view_take(scratch, width, height, 1, &small.left, error);
    if (status == PO_OK)
        status = image_view_take(scratch, width, height, 1, &small.right, error);
    if (status == PO_OK)
        status = shrink(&input->left, scale, scratch, &small.left, error);
    if (status == PO_OK)
        status = shrink(&input->right, scale, scratch, &small.right, error);
    if (status == PO_OK)
        status = disparity_map_take(scratch, width, height, &output->left, error);
    if (status == PO_OK)
        status = disparity_map_take(scratch, width, height, &output->right, error);
    if (status == PO_OK)
        status = sgm_sweep(&one_sweep, &coarse, &small, scratch, output, error);
    return status;
}

static void ranges_from(const struct range_source *source,
                        const struct sgm_geometry *whole, struct disparity_range *ranges)
{
    const struct tiling tiling = tiling_of(whole);
    for (int row = 0; row < tiling.rows; row++)
        for (int column = 0; column < tiling.columns; column++) {
            const struct sgm_window core = tile_core(whole, column, row);
            const struct sgm_window window = with_margins(whole, &core);
            ranges[row * tiling.columns + column] =
                tile_range(source, &window, whole->range);
        }
}

static enum po_status find_ranges(const struct po_match_settings *settings,
                                  const struct sgm_geometry *whole,
                                  const struct match_input *input,
                                  struct scratch *scratch, struct disparity_range *ranges,
                                  struct po_error *error)
{
    if (input->prior != NULL) {
        const struct range_source source = {.left = input->prior, .scale = 1};
        ranges_from(&source, whole, ranges);
        return PO_OK;
    }
    struct match_output coarse = {0};
    size_t mark = scratch_mark(scratch);
    enum po_status status = coarse_match(settings, whole, input, scratch, &coarse, error);
    if (status == PO_OK) {
        const struct range_source source = {
            .left = &coarse.left, .right = &coarse.right, .scale = scale_of(whole)};
        ranges_from(&source, whole, ranges);
    }
    scratch_rewind(scratch, mark);
    return status;
}

static uint64_t coarse_evaluations(const struct sgm_geometry *whole,
                                   const struct match_input *input)
{
    const struct sgm_geometry coarse = coarse_geometry(whole);
    return input->prior != NULL ? 0
                                : (uint64_t)coarse.width_px * (uint64_t)coarse.height_px *
                                      (uint64_t)coarse.range.count;
}

/* Memory of the tiles, one after the other. */
struct tile_work {
    struct scratch arena; /* of a tile's sweeps, inside the caller's scratch */
    struct match_output maps;
    struct image_view costs; /* of a row of tiles */
    uint8_t *best;           /* of a row of right pixels */
};

static enum po_status tile_work_take(const struct sgm_geometry *whole,
                                     struct scratch *scratch, struct tile_work *work,
                                     struct po_error *error)
{
    const struct sgm_window window = largest_window(whole);
    size_t arena_bytes = tile_workspace_bytes(whole);
    *work = (struct tile_work){0};
    enum po_status status = disparity_map_take(scratch, window.width_px, window.height_px,
                                               &work->maps.left, error);
    if (status == PO_OK)
        status = image_view_take(scratch, window.width_px, window.height_px, 1,
                                 &work->maps.uniqueness_margin, error);
    if (status == PO_OK)
        status = image_view_take(scratch, window.width_px, window.height_px, 1,
                                 &work->maps.cost, error);
    if (status == PO_OK)
        status = image_view_take(scratch, whole->image_width_px, TILE_PX, 1, &work->costs,
                                 error);
    if (status != PO_OK)
        return status;
    work->best = scratch_take(scratch, (size_t)whole->image_width_px);
    work->arena.base = scratch_take(scratch, arena_bytes);
    work->arena.capacity = arena_bytes;
    if (work->best == NULL || work->arena.base == NULL)
        return scratch_exhausted(scratch, "matching in tiles", error);
    return PO_OK;
}

/* Row `y` of the core, from the tile's maps to the pair's. */
static void keep_row(const struct sgm_window *core, const struct sgm_window *window,
                     int y, struct tile_work *work, struct match_output *output)
{
    const int from = core->x - window->x;
    const int from_y = core->y - window->y + y;
    const size_t width = (size_t)core->width_px;
    memcpy(disparity_row(&output->left, core->y + y) + core->x,
           disparity_row(&work->maps.left, from_y) + from, width * sizeof(int16_t));
    memcpy(image_row(&work->costs, y) + core->x,
           image_row(&work->maps.cost, from_y) + from, width);
    if (output->uniqueness_margin.pixels != NULL)
        memcpy(image_row(&output->uniqueness_margin, core->y + y) + core->x,
               image_row(&work->maps.uniqueness_margin, from_y) + from, width);
    if (output->cost.pixels != NULL)
        memcpy(image_row(&output->cost, core->y + y) + core->x,
               image_row(&work->maps.cost, from_y) + from, width);
}

/* The cheapest left pixel that claims a right one, the first of equals. */
static void right_from_left(const int16_t *left, const uint8_t *costs, int width_px,
                            uint8_t *best, int16_t *right)
{
    memset(best, 255, (size_t)width_px);
    for (int x = 0; x < width_px; x++)
        right[x] = DISPARITY_INVALID;
    for (int x = 0; x < width_px; x++) {
        if (left[x] == DISPARITY_INVALID)
            continue;
        const int d = (left[x] + DISPARITY_SCALE / 2) >> DISPARITY_FRACTION_BITS;
        const int at = x - d;
        if (at < 0 || at >= width_px || costs[x] >= best[at])
            continue;
        best[at] = costs[x];
        right[at] = (int16_t)(DISPARITY_SCALE * d);
    }
}

/* What all tiles of an image share. */
struct tile_job {
    const struct po_match_settings *settings;
    const struct sgm_geometry *whole;
    const struct match_input *input;
    struct tile_work *work;
    struct match_output *output;
};

static enum po_status match_tile(const struct tile_job *job,
                                 const struct sgm_window *core,
                                 struct disparity_range range, struct po_error *error)
{
    struct tile_work *work = job->work;
    const struct sgm_window window = with_margins(job->whole, core);
    const struct sgm_geometry tile = tile_geometry(job->whole, &window, range);
    enum po_status status =
        sgm_sweep(job->settings, &tile, job->input, &work->arena, &work->maps, error);
    for (int y = 0; status == PO_OK && y < core->height_px; y++)
        keep_row(core, &window, y, work, job->output);
    return status;
}

static enum po_status match_tiles(const struct tile_job *job,
                                  const struct disparity_range *ranges,
                                  struct po_error *error)
{
    const struct sgm_geometry *whole = job->whole;
    const struct tiling tiling = tiling_of(whole);
    struct match_output *output = job->output;
    for (int row = 0; row < tiling.rows; row++) {
        struct sgm_window core = {0};
        for (int column = 0; column < tiling.columns; column++) {
            core = tile_core(whole, column, row);
            enum po_status status =
                match_tile(job, &core, ranges[row * tiling.columns + column], error);
            if (status != PO_OK)
                return status;
        }
        for (int y = 0; output->right.values != NULL && y < core.height_px; y++)
            right_from_left(disparity_row(&output->left, core.y + y),
                            image_row(&job->work->costs, y), whole->image_width_px,
                            job->work->best, disparity_row(&output->right, core.y + y));
    }
    return PO_OK;
}

enum po_status coarse_to_fine(const struct po_match_settings *settings,
                              const struct sgm_geometry *whole,
                              const struct match_input *input, struct scratch *scratch,
                              struct match_output *output, struct po_error *error)
{
    size_t mark = scratch_mark(scratch);
    struct tile_work work;
    struct disparity_range *ranges =
        scratch_take_array(scratch, ranges_count(whole), sizeof(struct disparity_range));
    if (ranges == NULL)
        return scratch_exhausted(scratch, "ranges of tiles", error);
    enum po_status status = find_ranges(settings, whole, input, scratch, ranges, error);
    if (status == PO_OK)
        status = tile_work_take(whole, scratch, &work, error);
    const struct tile_job job = {settings, whole, input, &work, output};
    if (status == PO_OK)
        status = match_tiles(&job, ranges, error);
    if (status == PO_OK)
        output->evaluations = work.maps.evaluations + coarse_evaluations(whole, input);
    scratch_rewind(scratch, mark);
    return status;
}
