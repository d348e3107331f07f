/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inpainting (Bertalmio, Bertozzi, Sapiro, Navier-Stokes, fluid dynamics, and image and
 * video inpainting, 2001) through OpenCV, which takes 8-bit values: the measured range is
 * stretched over them, and only holes take their rounded values back.
 */
#include "cv_shim/cv_shim.h"
#include "refine/steps.h"

enum {
    BYTE_MAX = 255,
    /* OpenCV's flags, times and narrow band: 7 bytes a pixel, and 32 for each pixel of
     * the band and the holes, taken as 3 in 10. */
    LIBRARY_BYTES_A_PIXEL = 7 + 32 * 3 / 10,
};

size_t inpaint_holes_bytes(int width_px, int height_px)
{
    size_t plane = image_view_bytes(width_px, height_px, 1);
    return scratch_sum(plane, scratch_sum(plane, plane));
}

size_t inpaint_holes_library_bytes(int width_px, int height_px)
{
    return scratch_array_size((size_t)width_px * (size_t)height_px,
                              LIBRARY_BYTES_A_PIXEL);
}

struct value_span {
    int low, high;
};

static bool find_span(const struct disparity_map *map, struct value_span *span)
{
    *span = (struct value_span){INT16_MAX, INT16_MIN};
    for (int y = 0; y < map->height_px; y++) {
        const int16_t *row = disparity_row(map, y);
        for (int x = 0; x < map->width_px; x++) {
            if (row[x] == DISPARITY_INVALID)
                continue;
            span->low = row[x] < span->low ? row[x] : span->low;
            span->high = row[x] > span->high ? row[x] : span->high;
        }
    }
    return span->low <= span->high;
}

static void to_bytes(const struct disparity_map *map, struct value_span span,
                     struct image_view *values, struct image_view *mask)
{
    int width = span.high > span.low ? span.high - span.low : 1;
    for (int y = 0; y < map->height_px; y++) {
        const int16_t *row = disparity_row(map, y);
        uint8_t *bytes = image_row(values, y);
        uint8_t *holes = image_row(mask, y);
        for (int x = 0; x < map->width_px; x++) {
            bool hole = row[x] == DISPARITY_INVALID;
            holes[x] = (uint8_t)(hole ? BYTE_MAX : 0);
            int stretched = ((row[x] - span.low) * BYTE_MAX + width / 2) / width;
            bytes[x] = (uint8_t)(hole ? 0 : stretched);
        }
    }
}

static void from_bytes(const struct image_view *values, struct value_span span,
                       struct disparity_map *map)
{
    for (int y = 0; y < map->height_px; y++) {
        int16_t *row = disparity_row(map, y);
        const uint8_t *bytes = image_row(values, y);
        for (int x = 0; x < map->width_px; x++)
            if (row[x] == DISPARITY_INVALID)
                row[x] = (int16_t)(span.low +
                                   (bytes[x] * (span.high - span.low) + BYTE_MAX / 2) /
                                       BYTE_MAX);
    }
}

static struct cv_image cv_view(const struct image_view *view)
{
    return (struct cv_image){view->width_px, view->height_px, view->channels,
                             view->stride_bytes, view->pixels};
}

enum po_status inpaint_holes(struct disparity_map *map, double radius_px,
                             struct scratch *scratch, struct po_error *error)
{
    struct value_span span;
    if (!find_span(map, &span))
        return PO_OK;
    size_t mark = scratch_mark(scratch);
    struct image_view views[3];
    for (int i = 0; i < 3; i++) {
        enum po_status status =
            image_view_take(scratch, map->width_px, map->height_px, 1, &views[i], error);
        if (status != PO_OK)
            return status;
    }
    to_bytes(map, span, &views[0], &views[1]);
    struct cv_image values = cv_view(&views[0]);
    struct cv_image mask = cv_view(&views[1]);
    struct cv_image result = cv_view(&views[2]);
    enum po_status status = cv_shim_inpaint(&values, &mask, radius_px, &result, error);
    if (status == PO_OK)
        from_bytes(&views[2], span, map);
    scratch_rewind(scratch, mark);
    return status;
}
