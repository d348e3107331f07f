/* SPDX-License-Identifier: Apache-2.0 */
/* The maps of a frame's folder, each streamed row by row into the open writer. */
#include "frame/frame_views.h"

#include <math.h>
#include <stdio.h>

#include "image/colour_map.h"
#include "image/image_writer.h"

enum { DEPTH_CEILING = 65535 };

static void disparity_values(void *context, int y, float *values)
{
    const struct disparity_map *map = context;
    const int16_t *row = disparity_row(map, y);
    for (int x = 0; x < map->width_px; x++)
        values[x] =
            row[x] == DISPARITY_INVALID ? INFINITY : (float)row[x] / DISPARITY_SCALE;
}

enum po_status frame_map_disparity(struct frame *frame, struct po_error *error)
{
    struct disparity_map *map = &frame->full.map;
    return pfm_write(frame->file, map->width_px, map->height_px, disparity_values, map,
                     error);
}

struct depth_source {
    const struct full_size *full;
    const struct rectified_rig *rig;
    double unit_mm;
    uint64_t beyond;
};

static void depth_values(void *context, int y, uint16_t *values)
{
    struct depth_source *source = context;
    const int16_t *row = disparity_row(&source->full->map, y);
    const uint8_t *classes = image_row(&source->full->classes, y);
    for (int x = 0; x < source->full->map.width_px; x++) {
        values[x] = 0;
        if (classes[x] != PIXEL_MEASURED)
            continue;
        double depth_mm =
            rectified_rig_depth(source->rig, (double)row[x] / DISPARITY_SCALE);
        double steps = depth_mm / source->unit_mm + 0.5;
        if (steps >= 1.0 && steps < DEPTH_CEILING + 1.0)
            values[x] = (uint16_t)steps;
        else
            source->beyond++;
    }
}

enum po_status frame_map_depth(struct frame *frame, struct po_error *error)
{
    char unit[32];
    (void)snprintf(unit, sizeof(unit), "%g mm", frame->context->depth_unit_mm);
    const struct png_text texts[] = {{"Unit", unit}, {"Invalid", "0"}};
    struct depth_source source = {&frame->full, &frame->job->rectification.rig,
                                  frame->context->depth_unit_mm, 0};
    enum po_status status =
        png_write_16(frame->file, frame->full.map.width_px, frame->full.map.height_px,
                     depth_values, &source, texts, 2, error);
    count_list_add(&frame->result->counts, "depth_png_beyond_range", source.beyond);
    return status;
}

enum po_status frame_map_confidence(struct frame *frame, struct po_error *error)
{
    return png_write(frame->file, &frame->full.confidence, NULL, 0, error);
}

enum po_status frame_map_class(struct frame *frame, struct po_error *error)
{
    const struct png_text texts[] = {
        {"Classes", "0 none, 1 measured, 2 filled occlusion, 3 filled mismatch"}};
    return png_write(frame->file, &frame->full.classes, texts, 1, error);
}

/* Measured and filled pixels over the searched range; filled ones at half brightness. */
struct preview_source {
    const struct full_size *full;
    int low; /* sixteenths */
    int span;
};

static void preview_row(void *context, int y, uint8_t *rgb)
{
    const struct preview_source *source = context;
    const int16_t *row = disparity_row(&source->full->map, y);
    const uint8_t *classes = image_row(&source->full->classes, y);
    for (int x = 0; x < source->full->map.width_px; x++, rgb += 3) {
        if (row[x] == DISPARITY_INVALID) {
            rgb[0] = rgb[1] = rgb[2] = 0;
            continue;
        }
        int level = (row[x] - source->low) * 255 / source->span;
        const uint8_t *colour = colour_map_turbo(level < 0     ? 0
                                                 : level > 255 ? 255
                                                               : level);
        int shift = classes[x] == PIXEL_MEASURED ? 0 : 1;
        for (int c = 0; c < 3; c++)
            rgb[c] = (uint8_t)(colour[c] >> shift);
    }
}

/* The span of values in the map, so that near and far both get colour. */
static void value_span(const struct full_size *full, int *low, int *span)
{
    int min = INT16_MAX;
    int max = INT16_MIN;
    for (int y = 0; y < full->map.height_px; y++) {
        const int16_t *row = disparity_row(&full->map, y);
        for (int x = 0; x < full->map.width_px; x++) {
            if (row[x] == DISPARITY_INVALID)
                continue;
            min = row[x] < min ? row[x] : min;
            max = row[x] > max ? row[x] : max;
        }
    }
    *low = min;
    *span = max > min ? max - min : 1;
}

enum po_status frame_map_preview(struct frame *frame, struct po_error *error)
{
    struct preview_source source = {.full = &frame->full};
    value_span(&frame->full, &source.low, &source.span);
    return png_write_rgb(frame->file, frame->full.map.width_px, frame->full.map.height_px,
                         preview_row, &source, error);
}
