/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "support/accuracy.h"
#include "support/classic_recipe.h"

enum { ARENA_BYTES_A_PIXEL = 64, ARENA_MINIMUM_BYTES = 64 << 20 };

/* Back to sixteenths in place: whoever uses the recipe takes every value as measured. */
static void take_values(const struct cv_plane *dense, int min_px,
                        struct disparity_map *map)
{
    for (int y = 0; y < map->height_px; y++)
        for (int x = 0; x < map->width_px; x++) {
            float value = dense->values[(ptrdiff_t)y * dense->width_px + x];
            disparity_row(map, y)[x] = value >= (float)min_px
                                           ? (int16_t)lrintf(value * DISPARITY_SCALE)
                                           : (int16_t)DISPARITY_INVALID;
        }
}

static enum po_status run_recipe(const struct scene *scene, struct scratch *scratch,
                                 struct scene_result *result, struct po_error *error)
{
    struct scene_pair pair;
    struct disparity_map map;
    struct cv_plane dense;
    struct disparity_range range = scene_range(scene);
    enum po_status status = scene_load(scene, scratch, &pair, error);
    if (status != PO_OK)
        return status;
    struct bench_views views = {pair.colour, pair.left, pair.right};
    struct bench_time start = bench_time_now();
    status = classic_recipe_match(&views, range, scratch, &map, error);
    if (status == PO_OK)
        status = classic_recipe_fill(&map, range, scratch, NULL, &dense, error);
    if (status != PO_OK)
        return status;
    result->match_ms = bench_time_now().cpu_ms - start.cpu_ms;
    result->megapixels = 1e-6 * map.width_px * (double)map.height_px;
    take_values(&dense, range.min_px, &map);
    const struct score_views scored = {.map = &map};
    return score_frame(&scored,
                       &(struct truth_files){scene->truth,
                                             scene->mask[0] != '\0' ? scene->mask : NULL,
                                             scene->truth_scale},
                       &result->scores, error);
}

enum po_status accuracy_measure_recipe(const struct scene *scene,
                                       struct scene_result *result,
                                       struct po_error *error)
{
    struct scratch scratch;
    size_t pixels = (size_t)scene->width_px * (size_t)scene->height_px;
    enum po_status status =
        scratch_init(&scratch, ARENA_MINIMUM_BYTES + pixels * ARENA_BYTES_A_PIXEL, error);
    if (status == PO_OK)
        status = run_recipe(scene, &scratch, result, error);
    scratch_release(&scratch);
    return status;
}
