/* SPDX-License-Identifier: Apache-2.0 */
/* The maps of a frame's folder, each streamed row by row into the open writer. */
#include "frame/frame_views.h"

#include <math.h>
#include <stdio.h>

#include "image/colour_map.h"
#include "image/image_writer.h"

enum { DEPTH_CEILING = 65535, PREVIEW_MAX_WIDTH = 800 };

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
    uint64_t measured;
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
        source->measured++;
        double depth_mm =
            rectified_rig_depth(source->rig, (double)row[x] / DISPARITY_SCALE);
        double steps = depth_mm / source->unit_mm + 0.5;
        if (steps >= 1.0 && steps < DEPTH_CEILING + 1.0)
            values[x] = (uint16_t)steps;
        else
            source->beyond++;
    }
}

/* Said when more than 1 % is lost. */
static void warn_beyond(struct frame *frame, const struct depth_source *source)
{
    if (source->beyond * 100 <= source->measured)
        return;
    warning_list_add(
        &frame->result->warnings,
        "depth.png leaves out %.1f %% of the measured pixels: they are beyond "
        "its %d steps of %g mm; set --max-depth to the farthest depth of "
        "interest, from which the step is chosen",
        100.0 * (double)source->beyond / (double)source->measured, DEPTH_CEILING,
        source->unit_mm);
}

enum po_status frame_map_depth(struct frame *frame, struct po_error *error)
{
    char unit[32];
    (void)snprintf(unit, sizeof(unit), "%g mm", frame->context->depth_unit_mm);
    const struct image_text texts[] = {{"Unit", unit}, {"Invalid", "0"}};
    struct depth_source source = {&frame->full, &frame->job->rectification.rig,
                                  frame->context->depth_unit_mm, 0, 0};
    enum po_status status =
        png_write_16(frame->file, frame->full.map.width_px, frame->full.map.height_px,
                     depth_values, &source, texts, 2, error);
    count_list_add(&frame->result->counts, "depth_png_beyond_range", source.beyond);
    warn_beyond(frame, &source);
    return status;
}

enum po_status frame_map_confidence(struct frame *frame, struct po_error *error)
{
    return png_write(frame->file, &frame->full.confidence, NULL, 0, error);
}

enum po_status frame_map_class(struct frame *frame, struct po_error *error)
{
    const struct image_text texts[] = {
        {"Classes", "0 none, 1 measured, 2 filled occlusion, 3 filled mismatch"}};
    return png_write(frame->file, &frame->full.classes, texts, 1, error);
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

/* Measured and filled pixels, near red and far blue; filled ones at half brightness. */
static void preview_row(const struct full_size *full, int y, int step, int low, int span,
                        int width_px, uint8_t *rgb)
{
    const int16_t *row = disparity_row(&full->map, y);
    const uint8_t *classes = image_row(&full->classes, y);
    for (int i = 0; i < width_px; i++, rgb += 3) {
        int x = i * step;
        rgb[0] = rgb[1] = rgb[2] = 0;
        if (row[x] == DISPARITY_INVALID)
            continue;
        uint8_t colour[3];
        colour_map_rgb((row[x] - low) * 255 / span, colour);
        int shift = classes[x] == PIXEL_MEASURED ? 0 : 1;
        for (int c = 0; c < 3; c++)
            rgb[c] = (uint8_t)(colour[c] >> shift);
    }
}

int frame_preview_step(int width_px)
{
    return (width_px + PREVIEW_MAX_WIDTH - 1) / PREVIEW_MAX_WIDTH;
}

enum po_status frame_map_preview(struct frame *frame, struct po_error *error)
{
    const struct full_size *full = &frame->full;
    struct image_view preview;
    int step = frame_preview_step(full->map.width_px);
    int low;
    int span;
    size_t mark = scratch_mark(frame->scratch);
    enum po_status status =
        image_view_take(frame->scratch, (full->map.width_px + step - 1) / step,
                        (full->map.height_px + step - 1) / step, 3, &preview, error);
    if (status != PO_OK)
        return status;
    value_span(full, &low, &span);
    for (int y = 0; y < preview.height_px; y++)
        preview_row(full, y * step, step, low, span, preview.width_px,
                    image_row(&preview, y));
    status = png_write(frame->file, &preview, NULL, 0, error);
    scratch_rewind(frame->scratch, mark);
    return status;
}
