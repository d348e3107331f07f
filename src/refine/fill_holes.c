/* SPDX-License-Identifier: Apache-2.0 */
#include "refine/fill_holes.h"

#include "base/number.h"
#include "refine/plane_tiles.h"

const struct quality_preset *quality_preset_of(enum po_sgm_level level)
{
    static const struct quality_preset presets[] = {
        [PO_SGM_FAST] = {1, {{2, 0.5, 100}}, 1},
        [PO_SGM_BALANCED] = {2, {{1, 0.6, 1000}, {2, 0.5, 100}}, 1},
        [PO_SGM_QUALITY] = {2, {{0, 0.5, 100}, {2, 0.5, 100}}, 2},
    };
    return &presets[level];
}

enum fill_way fill_way_of(const struct po_refine_settings *settings)
{
    switch (settings->fill) {
    case PO_FILL_BACKGROUND:
        return FILL_BACKGROUND;
    case PO_FILL_INPAINT:
        return FILL_INPAINT;
    case PO_FILL_NONE:
        /* Measured pixels come out the same whether the filled ones are kept or not. */
        return settings->refine == PO_REFINE_FULL ? FILL_BY_CLASS : FILL_NOTHING;
    case PO_FILL_AUTO:
        break;
    }
    static const enum fill_way ways[] = {
        [PO_REFINE_NONE] = FILL_NOTHING,
        [PO_REFINE_CLASSIC] = FILL_INPAINT,
        [PO_REFINE_FULL] = FILL_BY_CLASS,
    };
    return ways[settings->refine];
}

static size_t fill_by_class_bytes(const struct quality_preset *quality_preset,
                                  int width_px, int height_px, int channels)
{
    size_t bytes = 0;
    for (int i = 0; i < quality_preset->plane_passes; i++)
        bytes = size_maximum(bytes, plane_tiles_bytes(width_px, height_px, channels,
                                                      quality_preset->passes[i].shift));
    return size_maximum(bytes, fill_directions_bytes(width_px, height_px));
}

size_t fill_holes_bytes(const struct po_settings *settings, int width_px, int height_px,
                        int channels)
{
    switch (fill_way_of(&settings->refine)) {
    case FILL_BY_CLASS:
        return fill_by_class_bytes(quality_preset_of(settings->match.level), width_px,
                                   height_px, channels);
    case FILL_INPAINT:
        return inpaint_holes_bytes(width_px, height_px);
    case FILL_NOTHING:
    case FILL_BACKGROUND:
        break;
    }
    return 0;
}

static uint64_t count_values(const struct hole_fill *fill)
{
    return fill->counted == NULL ? 0 : row_tally_values(fill->map, fill->counted);
}

static enum po_status fill_planes(const struct hole_fill *fill,
                                  const struct plane_pass *pass, uint64_t *filled,
                                  struct po_error *error)
{
    return plane_tiles_fill(
        &(struct plane_job){fill->map, fill->classes, fill->guide, fill->range,
                            pass->shift, pass->demand, pass->min_area_px,
                            row_kernels_find(fill->settings->match.cpu)},
        fill->scratch, filled, error);
}

/* What is in front of a surface that the right camera sees is a hole again: the farther
 * side of its row fills it. */
static void clear_free_space(const struct hole_fill *fill)
{
    if (fill->right->values == NULL)
        return;
    uint64_t before = count_values(fill);
    uint64_t dropped = free_space_check(fill->map, fill->right, fill->classes,
                                        row_kernels_find(fill->settings->match.cpu));
    count_list_add(fill->counts, "seen_through",
                   fill->counted == NULL ? dropped : before - count_values(fill));
}

/* Planes of segments first, small ones before large; what they leave goes by its class.
 */
static enum po_status fill_by_class(const struct hole_fill *fill, struct po_error *error)
{
    const struct quality_preset *quality_preset =
        quality_preset_of(fill->settings->match.level);
    for (int i = 0; i < quality_preset->plane_passes; i++) {
        uint64_t filled = 0;
        uint64_t before = count_values(fill);
        enum po_status status =
            fill_planes(fill, &quality_preset->passes[i], &filled, error);
        if (status != PO_OK)
            return status;
        count_list_add(fill->counts, "plane_filled",
                       fill->counted == NULL ? filled : count_values(fill) - before);
    }
    enum po_status status = fill_directions(fill->map, fill->classes,
                                            row_kernels_find(fill->settings->match.cpu),
                                            fill->scratch, error);
    if (status == PO_OK)
        clear_free_space(fill);
    return status;
}

enum po_status fill_holes(const struct hole_fill *fill, struct po_error *error)
{
    enum fill_way way = fill_way_of(&fill->settings->refine);
    enum po_status status = PO_OK;
    if (way == FILL_BY_CLASS)
        status = fill_by_class(fill, error);
    if (way == FILL_INPAINT)
        status = inpaint_holes(fill->map, fill->settings->refine.inpaint_radius_px,
                               fill->scratch, error);
    if (status == PO_OK && way != FILL_NOTHING)
        (void)fill_background(fill->map);
    return status;
}
