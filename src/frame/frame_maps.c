/* SPDX-License-Identifier: Apache-2.0 */
/* The maps of a frame's folder, each streamed row by row into the open writer. */
#include "frame/frame_views.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "frame/map_kernels.h"
#include "image/image_writer.h"

enum { DEPTH_CEILING = 65535 };

static enum po_status disparity_begin(struct frame *frame, struct artefact_writer *writer,
                                      struct po_error *error)
{
    const struct frame_plan *plan = &frame->job->plan;
    return pfm_writer_begin(&writer->pfm, &writer->file, plan->width_px, plan->height_px,
                            error);
}

/* The strip's own rows, asked for by their place in the whole map. */
struct strip_source {
    const struct map_kernels *kernels;
    const struct disparity_map *map;
    int top;
};

static void disparity_values(void *context, int y, float *values)
{
    const struct strip_source *source = context;
    source->kernels->to_pixels(disparity_row(source->map, y - source->top), values,
                               source->map->width_px);
}

static enum po_status disparity_rows(struct frame *frame, struct artefact_writer *writer,
                                     struct po_error *error)
{
    const struct frame_strip *strip = &frame->strip;
    struct strip_source source = {map_kernels_find(), &frame->full.map, strip->full_top};
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
    struct depth_loss *loss = &frame->depth_loss;
    const struct depth_row row = {.values = disparity_row(&full->map, y),
                                  .classes = image_row(&full->classes, y),
                                  .limits = depth_limits_span(&loss->depth_limits)};
    for (int x = 0; x < full->map.width_px; x++)
        values[x] = steps[row.values[x] - INT16_MIN];
    const struct depth_counts counts =
        map_kernels_find()->keep_measured(&row, full->map.width_px, values);
    loss->measured += (uint64_t)counts.measured;
    loss->outside_limits += (uint64_t)counts.outside;
    loss->beyond += (uint64_t)counts.beyond;
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
