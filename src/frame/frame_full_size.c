/* SPDX-License-Identifier: Apache-2.0 */
/* From the matching resolution back to the pixels of the rectified left image. */
#include "frame/frame_views.h"

#include <stdlib.h>

/* Neighbours closer than this (one pixel at the matching resolution) are one surface. */
enum { SAME_SURFACE = DISPARITY_SCALE };

struct upscale {
    const struct disparity_map *map;
    const struct image_view *classes;
    int factor;
};

/* The low-resolution neighbours of full-size coordinate `x`: x0, x0 + 1 and the weight of
 * the second in units of 1/(2 factor). Pixel centres are at integers. */
static int neighbour(int x, int factor, int size, int *weight)
{
    int position = 2 * x + 1 - factor; /* in 1/(2 factor) of a low-resolution pixel */
    if (position < 0) {
        *weight = 0;
        return 0;
    }
    int index = position / (2 * factor);
    *weight = position % (2 * factor);
    if (index >= size - 1) {
        *weight = 0;
        index = size - 1;
    }
    return index;
}

/* Bilinear within one surface, else the nearest pixel; times the factor. */
static int16_t upscale_value(const struct upscale *up, int x, int y)
{
    int factor = up->factor;
    int wx;
    int wy;
    int x0 = neighbour(x, factor, up->map->width_px, &wx);
    int y0 = neighbour(y, factor, up->map->height_px, &wy);
    int x1 = wx > 0 ? x0 + 1 : x0;
    int y1 = wy > 0 ? y0 + 1 : y0;
    const int16_t *top = disparity_row(up->map, y0);
    const int16_t *bottom = disparity_row(up->map, y1);
    int nearest = disparity_row(up->map, y / factor)[x / factor];
    if (nearest == DISPARITY_INVALID)
        return DISPARITY_INVALID;
    int corners[4] = {top[x0], top[x1], bottom[x0], bottom[x1]};
    const uint8_t *class_top = image_row(up->classes, y0);
    const uint8_t *class_bottom = image_row(up->classes, y1);
    int class_of[4] = {class_top[x0], class_top[x1], class_bottom[x0], class_bottom[x1]};
    int own = image_row(up->classes, y / factor)[x / factor];
    for (int i = 0; i < 4; i++)
        if (class_of[i] != own || abs(corners[i] - nearest) > SAME_SURFACE)
            return (int16_t)(nearest * factor);
    int unit = 2 * factor;
    int sum = (corners[0] * (unit - wx) + corners[1] * wx) * (unit - wy) +
              (corners[2] * (unit - wx) + corners[3] * wx) * wy;
    int area = 4 * factor; /* unit * unit / factor */
    return (int16_t)(sum >= 0 ? (sum + area / 2) / area : -((-sum + area / 2) / area));
}

static void upscale_plane(const struct image_view *low, int factor,
                          struct image_view *full)
{
    for (int y = 0; y < full->height_px; y++) {
        const uint8_t *from = image_row(low, y / factor);
        uint8_t *to = image_row(full, y);
        for (int x = 0; x < full->width_px; x++)
            to[x] = from[x / factor];
    }
}

/* The pixels of class.png, of the strip's own rows. */
static void count_classes(struct frame *frame)
{
    static const char *const names[PIXEL_CLASSES] = {
        [PIXEL_NONE] = "class_none",
        [PIXEL_MEASURED] = FRAME_MEASURED_COUNT,
        [PIXEL_FILLED_OCCLUSION] = "class_filled_occlusion",
        [PIXEL_FILLED_MISMATCH] = "class_filled_mismatch",
        [PIXEL_FILLED_PRIOR] = "class_filled_prior"};
    const struct image_view *classes = &frame->full.classes;
    uint64_t counts[PIXEL_CLASSES] = {0};
    for (int y = frame->strip.full_first; y < frame->strip.full_end; y++) {
        const uint8_t *row = image_row(classes, y);
        for (int i = 0; i < PIXEL_CLASSES; i++) {
            uint32_t in_row = 0;
            for (int x = 0; x < classes->width_px; x++)
                in_row += row[x] == i;
            counts[i] += in_row;
        }
    }
    for (int i = 0; i < PIXEL_CLASSES; i++)
        if (i != PIXEL_FILLED_PRIOR || frame->prior.values != NULL)
            count_list_add(&frame->result->counts, names[i], counts[i]);
}

/* Of the strip's own rows; pixels that are not measured have no confidence. */
static void count_sure(struct frame *frame)
{
    enum { SURE = 230 }; /* 0.9 */
    const struct image_view *confidence = &frame->full.confidence;
    uint64_t count = 0;
    for (int y = frame->strip.full_first; y < frame->strip.full_end; y++) {
        const uint8_t *row = image_row(confidence, y);
        const uint8_t *classes = image_row(&frame->full.classes, y);
        uint32_t in_row = 0;
        for (int x = 0; x < confidence->width_px; x++)
            in_row += (row[x] >= SURE) & (classes[x] == PIXEL_MEASURED);
        count += in_row;
    }
    count_list_add(&frame->result->counts, FRAME_SURE_COUNT, count);
}

enum po_status frame_full_size(struct frame *frame, struct po_error *error)
{
    const struct frame_plan *plan = &frame->job->plan;
    struct full_size *full = &frame->full;
    const struct refine_output *low = &frame->refined;
    if (plan->downscale == 1) {
        *full = (struct full_size){low->map, low->classes, low->confidence};
        count_classes(frame);
        count_sure(frame);
        return PO_OK;
    }
    int width = plan->width_px;
    int height = frame->strip.full_height;
    enum po_status status =
        disparity_map_take(frame->scratch, width, height, &full->map, error);
    if (status == PO_OK)
        status = image_view_take(frame->scratch, width, height, 1, &full->classes, error);
    if (status == PO_OK)
        status =
            image_view_take(frame->scratch, width, height, 1, &full->confidence, error);
    if (status != PO_OK)
        return status;
    struct upscale up = {&low->map, &low->classes, plan->downscale};
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            disparity_row(&full->map, y)[x] = upscale_value(&up, x, y);
    upscale_plane(&low->classes, plan->downscale, &full->classes);
    upscale_plane(&low->confidence, plan->downscale, &full->confidence);
    count_classes(frame);
    count_sure(frame);
    return PO_OK;
}
