/* SPDX-License-Identifier: Apache-2.0 */
#include "match/network_match.h"

#include <math.h>

static size_t map_bytes(int width_px, int height_px)
{
    return scratch_array_size((size_t)width_px * (size_t)height_px, sizeof(float));
}

size_t network_maps_bytes(const struct network_use *use, int width_px, int height_px)
{
    size_t map = map_bytes(width_px, height_px);
    return use->check ? scratch_sum(map, map) : map;
}

static enum po_status take_map(struct scratch *scratch, int width_px, int height_px,
                               struct network_map *map, struct po_error *error)
{
    size_t count = (size_t)width_px * (size_t)height_px;
    *map = (struct network_map){width_px, height_px,
                                scratch_take_array(scratch, count, sizeof(float))};
    return map->values != NULL ? PO_OK
                               : scratch_exhausted(scratch, "a network's map", error);
}

enum po_status network_maps_take(const struct network_use *use, struct scratch *scratch,
                                 int width_px, int height_px, struct network_maps *maps,
                                 struct po_error *error)
{
    *maps = (struct network_maps){0};
    enum po_status status = take_map(scratch, width_px, height_px, &maps->left, error);
    if (status == PO_OK && use->check)
        status = take_map(scratch, width_px, height_px, &maps->right, error);
    return status;
}

size_t network_match_bytes(const struct network_use *use, int width_px, int height_px,
                           int channels)
{
    return network_evaluate_bytes(&use->model, width_px, height_px, channels);
}

static struct network_picture picture_of(const struct image_view *view, bool mirrored)
{
    return (struct network_picture){view->width_px,     view->height_px, view->channels,
                                    view->stride_bytes, view->pixels,    mirrored};
}

enum po_status network_maps_evaluate(const struct network_use *use,
                                     const struct network_pair *pair,
                                     struct scratch *scratch, struct network_maps *maps,
                                     struct network_findings *findings,
                                     struct po_error *error)
{
    struct network_findings mirrored;
    struct network_task task = {
        .network = use->network,
        .model = &use->model,
        .views = {picture_of(pair->left, false), picture_of(pair->right, false)},
        .cancel = pair->cancel,
    };
    enum po_status status =
        network_evaluate(&task, scratch, &maps->left, findings, error);
    if (status != PO_OK || !use->check)
        return status;
    /* Mirrored, the right view is the left one of a pair. */
    task.views[0] = picture_of(pair->right, true);
    task.views[1] = picture_of(pair->left, true);
    return network_evaluate(&task, scratch, &maps->right, &mirrored, error);
}

/* In sixteenths; invalid for what is no number or lies outside the range. */
static int16_t to_disparity(float value_px, const struct disparity_range *range)
{
    float low = (float)range->min_px;
    float high = (float)(range->min_px + range->count - 1);
    if (!(value_px >= low && value_px <= high))
        return DISPARITY_INVALID;
    return (int16_t)lrintf(value_px * (float)DISPARITY_SCALE);
}

static const float *map_row(const struct network_map *map, int y)
{
    return map->values + (size_t)y * (size_t)map->width_px;
}

static void fill_rows(const struct network_map *map, int first_row,
                      const struct disparity_range *range, struct disparity_map *target)
{
    for (int y = 0; y < target->height_px; y++) {
        const float *from = map_row(map, first_row + y);
        int16_t *to = disparity_row(target, y);
        for (int x = 0; x < target->width_px; x++)
            to[x] = to_disparity(from[x], range);
    }
}

/* What the right view sees of the left map: of two surfaces the nearer. */
static void see_from_right(const struct disparity_map *left, struct disparity_map *right)
{
    for (int y = 0; y < left->height_px; y++) {
        const int16_t *from = disparity_row(left, y);
        int16_t *to = disparity_row(right, y);
        for (int x = 0; x < left->width_px; x++)
            to[x] = DISPARITY_INVALID;
        for (int x = 0; x < left->width_px; x++) {
            if (from[x] == DISPARITY_INVALID)
                continue;
            int whole = (from[x] + DISPARITY_SCALE / 2) >> DISPARITY_FRACTION_BITS;
            int at = x - whole;
            if (at >= 0 && at < left->width_px && from[x] > to[at])
                to[at] = (int16_t)(whole * DISPARITY_SCALE);
        }
    }
}

/* The right map is in whole pixels, as a matcher's. */
static void round_to_pixels(struct disparity_map *map)
{
    for (int y = 0; y < map->height_px; y++) {
        int16_t *row = disparity_row(map, y);
        for (int x = 0; x < map->width_px; x++)
            if (row[x] != DISPARITY_INVALID)
                row[x] = (int16_t)(((row[x] + DISPARITY_SCALE / 2) >>
                                    DISPARITY_FRACTION_BITS) *
                                   DISPARITY_SCALE);
    }
}

void network_match_fill(const struct network_maps *maps, int first_row,
                        const struct disparity_range *range, struct match_output *output)
{
    output->uniqueness_margin = (struct image_view){0};
    output->cost = (struct image_view){0};
    fill_rows(&maps->left, first_row, range, &output->left);
    if (maps->right.values == NULL) {
        see_from_right(&output->left, &output->right);
    } else {
        fill_rows(&maps->right, first_row, range, &output->right);
        round_to_pixels(&output->right);
    }
}
