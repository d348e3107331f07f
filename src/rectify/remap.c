/* SPDX-License-Identifier: Apache-2.0 */
#include "rectify/remap.h"

#include <stdbool.h>

#include "rectify/remap_kernels.h"

static remap_row_begin *find_begin(const struct image_view *source)
{
#if defined(__x86_64__)
    /* Offsets of pixels take 32 bits there. */
    bool fits = source->width_px > 2 && source->height_px > 1 &&
                (uint64_t)source->stride_bytes * (uint64_t)source->height_px < UINT32_MAX;
    if (fits && __builtin_cpu_supports("avx2") != 0)
        return source->channels == 3 ? remap_colour_avx2 : remap_grey_avx2;
#else
    (void)source;
#endif
    return NULL;
}

void remap_image(const struct image_view *source, const struct remap_places *places,
                 struct image_view *target)
{
    remap_row_begin *begin = find_begin(source);
    for (int y = 0; y < target->height_px; y++) {
        size_t first = (size_t)y * (size_t)target->width_px;
        const struct remap_row row = {
            .source = source,
            .places = {places->xy + 2 * first, places->fraction + first},
            .count = target->width_px,
            .out = image_row(target, y),
        };
        remap_pixels(&row, begin != NULL ? begin(&row) : 0, row.count);
    }
}
