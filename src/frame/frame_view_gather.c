/* SPDX-License-Identifier: Apache-2.0 */
/* What a strip adds to the frame's view. */
#include "frame/frame_view_steps.h"

static void average_left(const struct frame *frame, int y, struct frame_view *view,
                         int view_y)
{
    const struct image_view *left = &frame->strip.left;
    int downscale = frame->job->plan.downscale;
    int block = view->size.step / downscale > 1 ? view->size.step / downscale : 1;
    uint8_t *out = image_row(&view->left, view_y);
    for (int i = 0; i < view->left.width_px; i++) {
        int x0 = i * view->size.step / downscale;
        int y0 = y / downscale;
        int x1 = x0 + block < left->width_px ? x0 + block : left->width_px;
        int y1 = y0 + block < left->height_px ? y0 + block : left->height_px;
        unsigned sums[3] = {0, 0, 0};
        unsigned count = 0;
        for (int row = y0; row < y1; row++)
            for (int x = x0; x < x1; x++, count++) {
                const uint8_t *pixel =
                    image_row(left, row) + (ptrdiff_t)x * left->channels;
                for (int c = 0; c < 3; c++)
                    sums[c] += pixel[left->channels == 3 ? c : 0];
            }
        for (int c = 0; c < 3; c++)
            out[3 * i + c] = (uint8_t)(count > 0 ? sums[c] / count : 0);
    }
}

static void gather_maps(struct frame *frame, struct frame_view *view)
{
    const struct frame_strip *strip = &frame->strip;
    const struct full_size *full = &frame->full;
    for (int y = strip->full_first; y < strip->full_end; y++) {
        int image_y = strip->full_top + y;
        if (image_y % view->size.step != 0)
            continue;
        int view_y = image_y / view->size.step;
        const int16_t *values = disparity_row(&full->map, y);
        const uint8_t *classes = image_row(&full->classes, y);
        const uint8_t *confidence = image_row(&full->confidence, y);
        average_left(frame, y, view, view_y);
        for (int i = 0; i < view->map.width_px; i++) {
            ptrdiff_t x = (ptrdiff_t)i * view->size.step;
            disparity_row(&view->map, view_y)[i] = values[x];
            image_row(&view->classes, view_y)[i] = classes[x];
            image_row(&view->confidence, view_y)[i] = confidence[x];
        }
    }
}

static void gather_row_points(const struct frame *frame, int y, struct frame_view *view)
{
    const struct cloud_input *cloud = &frame->cloud;
    const struct image_view *colour = &cloud->colour;
    const uint8_t *keep = image_row(&frame->selection.keep, y);
    uint32_t row = (uint32_t)(frame->strip.top + y) * (uint32_t)cloud->map.width_px;
    for (int x = 0; x < cloud->map.width_px; x++) {
        if (!keep[x])
            continue;
        const uint8_t *pixel = image_row(colour, y) + (ptrdiff_t)x * colour->channels;
        bool grey = colour->channels == 1;
        const struct view_point point = {
            .pixel = row + (uint32_t)x,
            .disparity = disparity_row(&cloud->map, y)[x],
            .rgb = {pixel[0], pixel[grey ? 0 : 1], pixel[grey ? 0 : 2]},
            .confidence = image_row(&cloud->confidence, y)[x],
            .class = image_row(&cloud->classes, y)[x],
        };
        frame_view_add_point(view, &point);
    }
}

enum po_status frame_view_rows(struct frame *frame, struct artefact_writer *writer,
                               struct po_error *error)
{
    (void)writer;
    (void)error;
    gather_maps(frame, frame->view);
    for (int y = frame->strip.first; frame->rig.unit != RIG_NONE && y < frame->strip.end;
         y++)
        gather_row_points(frame, y, frame->view);
    return PO_OK;
}
