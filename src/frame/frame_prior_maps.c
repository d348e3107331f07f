/* SPDX-License-Identifier: Apache-2.0 */
/* prior.pfm: the prior as it came, before any alignment, so that another run can take it;
 * and a picture of it. */
#include "frame/frame_views.h"

#include <math.h>

#include "base/number.h"
#include "image/colour_map.h"

static float value_at(const struct frame *frame, int x, int y)
{
    const struct frame_plan *plan = &frame->job->plan;
    int column = minimum(x / plan->downscale, plan->match_width_px - 1);
    int row = minimum(y / plan->downscale, plan->match_height_px - 1);
    return frame->prior
        .values[(size_t)row * (size_t)plan->match_width_px + (size_t)column];
}

static enum po_status prior_begin(struct frame *frame, struct artefact_writer *writer,
                                  struct po_error *error)
{
    const struct frame_plan *plan = &frame->job->plan;
    return pfm_writer_begin(&writer->pfm, &writer->file, plan->width_px, plan->height_px,
                            error);
}

static void prior_values(void *context, int y, float *values)
{
    const struct frame *frame = context;
    for (int x = 0; x < frame->job->plan.width_px; x++) {
        float value = value_at(frame, x, y);
        values[x] = isfinite(value) ? value : INFINITY;
    }
}

static enum po_status prior_rows(struct frame *frame, struct artefact_writer *writer,
                                 struct po_error *error)
{
    const struct frame_strip *strip = &frame->strip;
    return pfm_writer_rows(&writer->pfm, strip->full_top + strip->full_first,
                           strip->full_end - strip->full_first, prior_values, frame,
                           error);
}

const struct frame_artefact_steps frame_map_prior = {prior_begin, prior_rows, NULL};

static void find_span(const struct frame *frame, float *low, float *high)
{
    const struct network_map *map = &frame->prior.map;
    size_t count = (size_t)map->width_px * (size_t)map->height_px;
    *low = INFINITY;
    *high = -INFINITY;
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(map->values[i]))
            continue;
        *low = fminf(*low, map->values[i]);
        *high = fmaxf(*high, map->values[i]);
    }
}

/* The whole map is at hand: no rows are kept. */
static enum po_status picture_rows(struct frame *frame, struct artefact_writer *writer,
                                   struct po_error *error)
{
    (void)frame;
    (void)writer;
    (void)error;
    return PO_OK;
}

/* Near red, far blue, black where it says nothing. */
static enum po_status picture_end(struct frame *frame, struct artefact_writer *writer,
                                  struct po_error *error)
{
    const struct frame_preview *preview = &frame->preview;
    struct image_view image;
    float low, high;
    size_t mark = scratch_mark(frame->scratch);
    enum po_status status = image_view_take(frame->scratch, preview->map.width_px,
                                            preview->map.height_px, 3, &image, error);
    if (status != PO_OK)
        return status;
    find_span(frame, &low, &high);
    float span = high > low ? high - low : 1; /* one value alone is far */
    for (int y = 0; y < image.height_px; y++)
        for (int x = 0; x < image.width_px; x++) {
            uint8_t *rgb = image_row(&image, y) + 3 * (ptrdiff_t)x;
            float value = value_at(frame, x * preview->step, y * preview->step);
            rgb[0] = rgb[1] = rgb[2] = 0;
            if (isfinite(value))
                colour_map_rgb((int)(255.0F * ((value - low) / span)), rgb);
        }
    status = png_write(&writer->file, &image, NULL, 0, error);
    scratch_rewind(frame->scratch, mark);
    return status;
}

const struct frame_artefact_steps frame_map_prior_preview = {NULL, picture_rows,
                                                             picture_end};
