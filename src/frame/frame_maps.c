/* SPDX-License-Identifier: Apache-2.0 */
/* The maps of a frame's folder, each streamed row by row into the open writer. */
#include "frame/frame_views.h"

#include <math.h>
#include <stdio.h>

#include "image/colour_map.h"
#include "image/image_writer.h"

enum { DEPTH_CEILING = 65535, PREVIEW_MAX_WIDTH = 800 };

static enum po_status disparity_begin(struct frame *frame, struct artefact_writer *writer,
                                      struct po_error *error)
{
    const struct frame_plan *plan = &frame->job->plan;
    return pfm_writer_begin(&writer->pfm, &writer->file, plan->width_px, plan->height_px,
                            error);
}

/* The strip's own rows, asked for by their place in the whole map. */
struct strip_source {
    const struct disparity_map *map;
    int top;
};

static void disparity_values(void *context, int y, float *values)
{
    const struct strip_source *source = context;
    const int16_t *row = disparity_row(source->map, y - source->top);
    for (int x = 0; x < source->map->width_px; x++)
        values[x] =
            row[x] == DISPARITY_INVALID ? INFINITY : (float)row[x] / DISPARITY_SCALE;
}

static enum po_status disparity_rows(struct frame *frame, struct artefact_writer *writer,
                                     struct po_error *error)
{
    const struct frame_strip *strip = &frame->strip;
    struct strip_source source = {&frame->full.map, strip->full_top};
    return pfm_writer_rows(&writer->pfm, strip->full_top + strip->full_first,
                           strip->full_end - strip->full_first, disparity_values, &source,
                           error);
}

const struct frame_artefact_steps FRAME_MAP_DISPARITY = {disparity_begin, disparity_rows,
                                                         NULL};

static enum po_status png_begin(struct frame *frame, struct artefact_writer *writer,
                                int bits, const struct image_text *texts, int text_count,
                                struct po_error *error)
{
    const struct frame_plan *plan = &frame->job->plan;
    struct png_shape shape = {plan->width_px, plan->height_px, 1, bits};
    return png_writer_begin(&writer->png, &writer->file, &shape, texts, text_count,
                            error);
}

static enum po_status png_end(struct frame *frame, struct artefact_writer *writer,
                              struct po_error *error)
{
    (void)frame;
    return png_writer_end(&writer->png, error);
}

static enum po_status depth_begin(struct frame *frame, struct artefact_writer *writer,
                                  struct po_error *error)
{
    char unit[32];
    (void)snprintf(unit, sizeof(unit), "%g mm", frame->context->depth_unit_mm);
    const struct image_text texts[] = {{"Unit", unit}, {"Invalid", "0"}};
    const struct po_match_settings *match = &frame->context->settings->match;
    struct triangulation triangulation;
    enum po_status status = triangulation_make(&frame->job->rectification.rig, PO_UNIT_MM,
                                               &triangulation, error);
    if (status != PO_OK)
        return status;
    frame->depth_loss.depth_limits = triangulation_depth_limits(
        &triangulation, match->min_depth_mm, match->max_depth_mm);
    return png_begin(frame, writer, 16, texts, 2, error);
}

static void depth_values(struct frame *frame, int y, uint16_t *values)
{
    const struct full_size *full = &frame->full;
    const struct rectified_rig *rig = &frame->job->rectification.rig;
    const int16_t *row = disparity_row(&full->map, y);
    const uint8_t *classes = image_row(&full->classes, y);
    struct depth_loss *loss = &frame->depth_loss;
    for (int x = 0; x < full->map.width_px; x++) {
        values[x] = 0;
        if (classes[x] != PIXEL_MEASURED)
            continue;
        loss->measured++;
        if (row[x] < loss->depth_limits.lowest || row[x] > loss->depth_limits.highest) {
            loss->outside_limits++;
            continue;
        }
        double depth_mm = rectified_rig_depth(rig, (double)row[x] / DISPARITY_SCALE);
        double steps = depth_mm / frame->context->depth_unit_mm + 0.5;
        if (steps >= 1.0 && steps < DEPTH_CEILING + 1.0)
            values[x] = (uint16_t)steps;
        else
            loss->beyond++;
    }
}

static enum po_status depth_rows(struct frame *frame, struct artefact_writer *writer,
                                 struct po_error *error)
{
    size_t mark = scratch_mark(frame->scratch);
    uint16_t *values = scratch_take_array(
        frame->scratch, (size_t)frame->full.map.width_px, sizeof(*values));
    enum po_status status = PO_OK;
    if (values == NULL)
        return scratch_exhausted(frame->scratch, "a row of depths", error);
    for (int y = frame->strip.full_first; y < frame->strip.full_end && status == PO_OK;
         y++) {
        depth_values(frame, y, values);
        status = png_writer_row(&writer->png, values, error);
    }
    scratch_rewind(frame->scratch, mark);
    return status;
}

/* Said when more than 1 % is lost. */
static void warn_beyond(struct frame *frame)
{
    const struct depth_loss *loss = &frame->depth_loss;
    if (loss->beyond * 100 <= loss->measured)
        return;
    warning_list_add(
        &frame->result->warnings,
        "depth.png leaves out %.1f %% of the measured pixels: they are beyond "
        "its %d steps of %g mm; set --max-depth to the farthest depth of "
        "interest, from which the step is chosen",
        100.0 * (double)loss->beyond / (double)loss->measured, DEPTH_CEILING,
        frame->context->depth_unit_mm);
}

static enum po_status depth_end(struct frame *frame, struct artefact_writer *writer,
                                struct po_error *error)
{
    count_list_add(&frame->result->counts, "depth_png_outside_limits",
                   frame->depth_loss.outside_limits);
    count_list_add(&frame->result->counts, "depth_png_beyond_range",
                   frame->depth_loss.beyond);
    warn_beyond(frame);
    return png_end(frame, writer, error);
}

const struct frame_artefact_steps FRAME_MAP_DEPTH = {depth_begin, depth_rows, depth_end};

static enum po_status plane_rows(const struct frame *frame,
                                 const struct image_view *plane,
                                 struct artefact_writer *writer, struct po_error *error)
{
    enum po_status status = PO_OK;
    for (int y = frame->strip.full_first; y < frame->strip.full_end && status == PO_OK;
         y++)
        status = png_writer_row(&writer->png, image_row(plane, y), error);
    return status;
}

static enum po_status confidence_begin(struct frame *frame,
                                       struct artefact_writer *writer,
                                       struct po_error *error)
{
    return png_begin(frame, writer, 8, NULL, 0, error);
}

static enum po_status confidence_rows(struct frame *frame, struct artefact_writer *writer,
                                      struct po_error *error)
{
    return plane_rows(frame, &frame->full.confidence, writer, error);
}

const struct frame_artefact_steps FRAME_MAP_CONFIDENCE = {confidence_begin,
                                                          confidence_rows, png_end};

static enum po_status class_begin(struct frame *frame, struct artefact_writer *writer,
                                  struct po_error *error)
{
    const struct image_text texts[] = {
        {"Classes", "0 none, 1 measured, 2 filled occlusion, 3 filled mismatch, "
                    "4 filled by a depth prior"}};
    return png_begin(frame, writer, 8, texts, 1, error);
}

static enum po_status class_rows(struct frame *frame, struct artefact_writer *writer,
                                 struct po_error *error)
{
    return plane_rows(frame, &frame->full.classes, writer, error);
}

const struct frame_artefact_steps FRAME_MAP_CLASS = {class_begin, class_rows, png_end};

/* The span of values in the map, so that near and far both get colour. */
static void widen_span(struct frame_preview *preview, const int16_t *row, int width_px)
{
    for (int x = 0; x < width_px; x++) {
        if (row[x] == DISPARITY_INVALID)
            continue;
        preview->min = row[x] < preview->min ? row[x] : preview->min;
        preview->max = row[x] > preview->max ? row[x] : preview->max;
    }
}

static enum po_status preview_rows(struct frame *frame, struct artefact_writer *writer,
                                   struct po_error *error)
{
    struct frame_preview *preview = &frame->preview;
    const struct full_size *full = &frame->full;
    int step = preview->step;
    (void)writer;
    (void)error;
    for (int y = frame->strip.full_first; y < frame->strip.full_end; y++) {
        const int16_t *row = disparity_row(&full->map, y);
        const uint8_t *classes = image_row(&full->classes, y);
        int image_y = frame->strip.full_top + y;
        widen_span(preview, row, full->map.width_px);
        if (image_y % step != 0)
            continue;
        int16_t *values = disparity_row(&preview->map, image_y / step);
        uint8_t *kept_classes = image_row(&preview->classes, image_y / step);
        for (int i = 0; i < preview->map.width_px; i++) {
            values[i] = row[(ptrdiff_t)i * step];
            kept_classes[i] = classes[(ptrdiff_t)i * step];
        }
    }
    return PO_OK;
}

/* Measured and filled pixels, near red and far blue; filled ones at half brightness. */
static void colour_row(const struct frame_preview *preview, int y, uint8_t *rgb)
{
    const int16_t *row = disparity_row(&preview->map, y);
    const uint8_t *classes = image_row(&preview->classes, y);
    int span = preview->max > preview->min ? preview->max - preview->min : 1;
    for (int x = 0; x < preview->map.width_px; x++, rgb += 3) {
        rgb[0] = rgb[1] = rgb[2] = 0;
        if (row[x] == DISPARITY_INVALID)
            continue;
        uint8_t colour[3];
        colour_map_rgb((row[x] - preview->min) * 255 / span, colour);
        int shift = classes[x] == PIXEL_MEASURED ? 0 : 1;
        for (int c = 0; c < 3; c++)
            rgb[c] = (uint8_t)(colour[c] >> shift);
    }
}

int frame_preview_step(int width_px)
{
    return (width_px + PREVIEW_MAX_WIDTH - 1) / PREVIEW_MAX_WIDTH;
}

static enum po_status preview_end(struct frame *frame, struct artefact_writer *writer,
                                  struct po_error *error)
{
    const struct frame_preview *preview = &frame->preview;
    struct image_view image;
    size_t mark = scratch_mark(frame->scratch);
    enum po_status status = image_view_take(frame->scratch, preview->map.width_px,
                                            preview->map.height_px, 3, &image, error);
    if (status != PO_OK)
        return status;
    for (int y = 0; y < image.height_px; y++)
        colour_row(preview, y, image_row(&image, y));
    status = png_write(&writer->file, &image, NULL, 0, error);
    scratch_rewind(frame->scratch, mark);
    return status;
}

const struct frame_artefact_steps FRAME_MAP_PREVIEW = {NULL, preview_rows, preview_end};
