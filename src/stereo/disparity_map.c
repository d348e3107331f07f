/* SPDX-License-Identifier: Apache-2.0 */
#include "stereo/disparity_map.h"

enum { ROW_ALIGNMENT = 64 / sizeof(int16_t) };

static size_t stride_of(int width_px)
{
    return ((size_t)width_px + ROW_ALIGNMENT - 1) / ROW_ALIGNMENT * ROW_ALIGNMENT;
}

size_t disparity_map_bytes(int width_px, int height_px)
{
    return scratch_array_size(stride_of(width_px), (size_t)height_px * sizeof(int16_t));
}

enum po_status disparity_map_take(struct scratch *scratch, int width_px, int height_px,
                                  struct disparity_map *map, struct po_error *error)
{
    map->width_px = width_px;
    map->height_px = height_px;
    map->stride = (ptrdiff_t)stride_of(width_px);
    map->values = scratch_take_array(scratch, stride_of(width_px),
                                     (size_t)height_px * sizeof(int16_t));
    return map->values != NULL ? PO_OK
                               : scratch_exhausted(scratch, "a disparity map", error);
}
