/* SPDX-License-Identifier: Apache-2.0 */
#include "neural/network_fit.h"

#include <math.h>

#include "base/number.h"

/* A tile's first columns see no partner for their disparity; its borders see no context.
 */
enum { TILE_MARGIN_PX = 32, TILE_DISPARITY_PX = 192 };

static int rounded_up(int length_px, int multiple)
{
    return (length_px + multiple - 1) / multiple * multiple;
}

static int scaled(int length_px, double scale, int most_px)
{
    int length = (int)floor(length_px * scale + 0.5);
    length = length < 1 ? 1 : length;
    return most_px > 0 && length > most_px ? most_px : length;
}

static double fit_scale(int length_px, int fixed_px)
{
    return fixed_px > 0 && length_px > fixed_px ? (double)fixed_px / length_px : 1.0;
}

/* Both sides alike for stereo: a disparity is a length along rows. */
static void fit_scaled(const struct network_model *model, int width_px, int height_px,
                       struct network_fit *fit)
{
    fit->scale_x = fit_scale(width_px, model->fixed_width_px);
    fit->scale_y = fit_scale(height_px, model->fixed_height_px);
    bool any_size = model->fixed_width_px == 0 && model->fixed_height_px == 0;
    if (any_size)
        fit->scale_x = fit->scale_y =
            fit_scale(minimum(width_px, height_px), model->side_px);
    if (model->kind == NETWORK_STEREO) {
        double least = fmin(fit->scale_x, fit->scale_y);
        fit->scale_x = least;
        fit->scale_y = least;
    }
    fit->width_px = scaled(width_px, fit->scale_x, model->fixed_width_px);
    fit->height_px = scaled(height_px, fit->scale_y, model->fixed_height_px);
    fit->tiles_x = 1;
    fit->tiles_y = 1;
}

static int tiles_along(int length_px, int tile_px, int overlap_px)
{
    if (length_px <= tile_px)
        return 1;
    return (length_px - overlap_px + tile_px - overlap_px - 1) / (tile_px - overlap_px);
}

static enum po_status fit_tiles(const struct network_model *model, int width_px,
                                int height_px, struct network_fit *fit,
                                struct po_error *error)
{
    int disparity_px = model->kind == NETWORK_DEPTH  ? 0
                       : model->max_disparity_px > 0 ? model->max_disparity_px
                                                     : TILE_DISPARITY_PX;
    int tile_width = model->fixed_width_px > 0 ? model->fixed_width_px : width_px;
    int tile_height = model->fixed_height_px > 0 ? model->fixed_height_px : height_px;
    fit->scale_x = 1.0;
    fit->scale_y = 1.0;
    fit->width_px = minimum(tile_width, width_px);
    fit->height_px = minimum(tile_height, height_px);
    fit->overlap_x = disparity_px + 2 * TILE_MARGIN_PX;
    fit->overlap_y = 2 * TILE_MARGIN_PX;
    if ((fit->width_px < width_px && fit->width_px < 2 * fit->overlap_x) ||
        (fit->height_px < height_px && fit->height_px < 2 * fit->overlap_y))
        return po_fail(error, PO_UNSUPPORTED,
                       "the network's input of %dx%d is too small for tiles that overlap "
                       "by %d px: use \"large\": \"scale\"",
                       tile_width, tile_height, fit->overlap_x);
    fit->tiles_x = tiles_along(width_px, fit->width_px, fit->overlap_x);
    fit->tiles_y = tiles_along(height_px, fit->height_px, fit->overlap_y);
    return PO_OK;
}

static void place(const struct network_model *model, struct network_fit *fit)
{
    int spare_x = fit->tensor_width_px - fit->width_px;
    int spare_y = fit->tensor_height_px - fit->height_px;
    fit->left = model->place == PLACE_CENTRE ? spare_x / 2 : 0;
    fit->top = model->place == PLACE_CENTRE        ? spare_y / 2
               : model->place == PLACE_BOTTOM_LEFT ? spare_y
                                                   : 0;
}

enum po_status network_fit_make(const struct network_model *model, int width_px,
                                int height_px, struct network_fit *fit,
                                struct po_error *error)
{
    *fit = (struct network_fit){0};
    enum po_status status = PO_OK;
    if (model->large == LARGE_TILES)
        status = fit_tiles(model, width_px, height_px, fit, error);
    else
        fit_scaled(model, width_px, height_px, fit);
    if (status != PO_OK)
        return status;
    fit->tensor_width_px = model->fixed_width_px > 0
                               ? model->fixed_width_px
                               : rounded_up(fit->width_px, model->multiple);
    fit->tensor_height_px = model->fixed_height_px > 0
                                ? model->fixed_height_px
                                : rounded_up(fit->height_px, model->multiple);
    place(model, fit);
    return PO_OK;
}

/* Start of tile `index` of `count` spread evenly over a length. */
static int tile_start(int length_px, int tile_px, int count, int index)
{
    return count == 1 ? 0 : (int)((int64_t)(length_px - tile_px) * index / (count - 1));
}

struct network_tile network_tile_at(const struct network_fit *fit, int width_px,
                                    int height_px, int index)
{
    int column = index % fit->tiles_x, row = index / fit->tiles_x;
    bool whole = fit->tiles_x == 1 && fit->tiles_y == 1;
    int tile_width = whole ? width_px : fit->width_px;
    int tile_height = whole ? height_px : fit->height_px;
    struct network_tile tile = {
        .x = tile_start(width_px, tile_width, fit->tiles_x, column),
        .y = tile_start(height_px, tile_height, fit->tiles_y, row),
    };
    /* Left columns belong to the tile before, which sees their partners. */
    tile.own_left = column == 0 ? 0 : tile.x + fit->overlap_x - TILE_MARGIN_PX;
    tile.own_top = row == 0 ? 0 : tile.y + TILE_MARGIN_PX;
    tile.own_right = tile.x + tile_width;
    tile.own_bottom = tile.y + tile_height;
    return tile;
}

size_t network_view_floats(const struct network_model *model,
                           const struct network_fit *fit)
{
    return (size_t)model->channels * (size_t)fit->tensor_width_px *
           (size_t)fit->tensor_height_px;
}
