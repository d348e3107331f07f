/* SPDX-License-Identifier: Apache-2.0 */
/* The maps of a frame's folder, each streamed row by row into the open writer. */
#include "frame/frame_views.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

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

const struct frame_artefact_steps frame_map_disparity = {disparity_begin, disparity_rows,
                                                         NULL};

struct map_kind {
    int bits;
    enum png_filter filter;
};

static const struct map_kind depth_kind = {16, PNG_ROWS_UP};
static const struct map_kind code_kind = {8, PNG_ROWS_PLAIN};

static enum po_status png_begin(struct frame *frame, struct artefact_writer *writer,
                                const struct map_kind *kind,
                                const struct image_text *texts, int text_count,
                                struct po_error *error)
{
    const struct frame_plan *plan = &frame->job->plan;
    struct png_shape shape = {plan->width_px, plan->height_px, 1, kind->bits,
                              kind->filter};
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
    return png_begin(frame, writer, &depth_kind, texts, 2, error);
}

/* What each disparity is in steps of the file, by its distance from INT16_MIN; 0: beyond
 * them. A table, as there are far fewer disparities than pixels. */
static void depth_steps(const struct frame *frame, uint16_t *steps)
{
    const struct rectified_rig *rig = &frame->job->rectification.rig;
    const struct depth_limits *limits = &frame->depth_loss.depth_limits;
    memset(steps, 0, FRAME_DEPTH_STEPS * sizeof(*steps));
    for (int value = limits->lowest; value <= limits->highest; value++) {
        double depth_mm = rectified_rig_depth(rig, (double)value / DISPARITY_SCALE);
        double count = depth_mm / frame->context->depth_unit_mm + 0.5;
        if (count >= 1.0 && count < DEPTH_CEILING + 1.0)
            steps[value - INT16_MIN] = (uint16_t)count;
    }
}

static void depth_values(struct frame *frame, int y, const uint16_t *steps,
                         uint16_t *values)
{
    const struct full_size *full = &frame->full;
    const int16_t *row = disparity_row(&full->map, y);
    const uint8_t *classes = image_row(&full->classes, y);
    const struct depth_limits limits = frame->depth_loss.depth_limits;
    struct depth_loss *loss = &frame->depth_loss;
    uint32_t measured = 0, outside = 0, beyond = 0;
    for (int x = 0; x < full->map.width_px; x++) {
        bool counts = classes[x] == PIXEL_MEASURED;
        bool inside = row[x] >= limits.lowest && row[x] <= limits.highest;
        uint16_t count = steps[row[x] - INT16_MIN];
        values[x] = counts && inside ? count : 0;
        measured += counts;
        outside += counts && !inside;
        beyond += counts && inside && count == 0;
    }
    loss->measured += measured;
    loss->outside_limits += outside;
    loss->beyond += beyond;
}

static enum po_status depth_rows(struct frame *frame, struct artefact_writer *writer,
                                 struct po_error *error)
{
    size_t mark = scratch_mark(frame->scratch);
    uint16_t *values = scratch_take_array(
        frame->scratch, (size_t)frame->full.map.width_px, sizeof(*values));
    uint16_t *steps =
        scratch_take_array(frame->scratch, FRAME_DEPTH_STEPS, sizeof(*steps));
    enum po_status status = PO_OK;
    if (values == NULL || steps == NULL)
        return scratch_exhausted(frame->scratch, "a row of depths", error);
    depth_steps(frame, steps);
    for (int y = frame->strip.full_first; y < frame->strip.full_end && status == PO_OK;
         y++) {
        depth_values(frame, y, steps, values);
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

const struct frame_artefact_steps frame_map_depth = {depth_begin, depth_rows, depth_end};

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
    return png_begin(frame, writer, &code_kind, NULL, 0, error);
}

static enum po_status confidence_rows(struct frame *frame, struct artefact_writer *writer,
                                      struct po_error *error)
{
    return plane_rows(frame, &frame->full.confidence, writer, error);
}

const struct frame_artefact_steps frame_map_confidence = {confidence_begin,
                                                          confidence_rows, png_end};

static enum po_status class_begin(struct frame *frame, struct artefact_writer *writer,
                                  struct po_error *error)
{
    const struct image_text texts[] = {
        {"Classes", "0 none, 1 measured, 2 filled occlusion, 3 filled mismatch, "
                    "4 filled by a depth prior"}};
    return png_begin(frame, writer, &code_kind, texts, 1, error);
}

static enum po_status class_rows(struct frame *frame, struct artefact_writer *writer,
                                 struct po_error *error)
{
    return plane_rows(frame, &frame->full.classes, writer, error);
}

const struct frame_artefact_steps frame_map_class = {class_begin, class_rows, png_end};

/* The span of values in the map, so that near and far both get colour. No branches: the
 * compiler takes many pixels at once. */
static void widen_span(struct frame_preview *preview, const int16_t *row, int width_px)
{
    int16_t min = (int16_t)preview->min;
    int16_t max = (int16_t)preview->max;
    for (int x = 0; x < width_px; x++) {
        int16_t value = row[x];
        int16_t low = value == DISPARITY_INVALID ? INT16_MAX : value;
        min = low < min ? low : min;
        max = value > max ? value : max; /* what is invalid is below all others */
    }
    preview->min = min;
    preview->max = max;
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
static void colour_row(const struct frame_preview *preview, const struct colour_map *map,
                       int y, uint8_t *rgb)
{
    const int16_t *row = disparity_row(&preview->map, y);
    const uint8_t *classes = image_row(&preview->classes, y);
    int span = preview->max > preview->min ? preview->max - preview->min : 1;
    for (int x = 0; x < preview->map.width_px; x++, rgb += 3) {
        rgb[0] = rgb[1] = rgb[2] = 0;
        if (row[x] == DISPARITY_INVALID)
            continue;
        const uint8_t *colour = map->rgb[(row[x] - preview->min) * 255 / span];
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
    struct colour_map map;
    colour_map_fill(&map);
    for (int y = 0; y < image.height_px; y++)
        colour_row(preview, &map, y, image_row(&image, y));
    status = png_write(&writer->file, &image, NULL, 0, error);
    scratch_rewind(frame->scratch, mark);
    return status;
}

const struct frame_artefact_steps frame_map_preview = {NULL, preview_rows, preview_end};
