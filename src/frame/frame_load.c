/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/input_file.h"
#include "base/number.h"
#include "frame/frame_views.h"

/* Beyond the pair stands what its prior is made from. */
enum { PAIR_INPUTS = 2 };

/* Hashed before they are read, so that the key never names later content. */
enum po_status frame_hash_inputs(struct frame *frame, struct po_error *error)
{
    const char *paths[FRAME_INPUTS_MAX];
    int count = frame_entry_inputs(frame->entry, paths);
    for (int i = 0; i < count; i++) {
        struct po_error cause = {0};
        enum po_status status = input_file_stat(paths[i], &frame->input_stats[i], &cause);
        if (status == PO_OK)
            status = hash_file(paths[i], &frame->input_hashes[i], &cause);
        if (status != PO_OK && i >= PAIR_INPUTS)
            frame_prior_fail(frame, cause.message);
        else if (status != PO_OK)
            return po_fail(error, status, "%s", cause.message);
        frame->result->input_hashes[i] = frame->input_hashes[i];
    }
    return PO_OK;
}

static enum po_status take(struct frame *frame, int channels, struct image_view *view,
                           struct po_error *error)
{
    const struct frame_plan *plan = &frame->job->plan;
    return image_view_take(frame->scratch, plan->match_width_px, plan->match_height_px,
                           channels, view, error);
}

enum po_status frame_views_take(struct frame *frame, struct po_error *error)
{
    const struct frame_plan *plan = &frame->job->plan;
    frame->rig =
        plan->downscale == 1
            ? frame->job->rectification.rig
            : rectified_rig_scaled(&frame->job->rectification.rig, plan->downscale);
    frame->file = scratch_take_zeroed(frame->scratch, sizeof(*frame->file));
    if (frame->file == NULL)
        return scratch_exhausted(frame->scratch, "a frame's writer", error);
    enum po_status status = take(frame, plan->channels, &frame->left, error);
    frame->left_grey = frame->left;
    if (status == PO_OK && plan->channels != 1)
        status = take(frame, 1, &frame->left_grey, error);
    if (status == PO_OK)
        status = take(frame, 1, &frame->right_grey, error);
    if (status == PO_OK && plan->right_channels != 1)
        status = take(frame, plan->right_channels, &frame->right, error);
    if (status == PO_OK && plan->masks)
        status = take(frame, 1, &frame->left_valid, error);
    if (status == PO_OK && plan->masks)
        status = take(frame, 1, &frame->right_valid, error);
    return status;
}

/* A file that somebody writes may have been read half old and half new, or cut: neither
 * its pixels nor what was wrong with them counts. */
static enum po_status judge_input(const char *path, const struct input_stat *before,
                                  enum po_status status, struct po_error *error)
{
    struct po_error changed;
    if (status == PO_CANCELLED ||
        input_file_unchanged(path, before, &changed) != PO_CHANGED)
        return status;
    return po_fail(error, PO_CHANGED, "%s", changed.message);
}

static enum po_status load(struct frame *frame, int side, struct po_error *error)
{
    const struct frame_entry *entry = frame->entry;
    const char *path = side == 0 ? entry->left_path : entry->right_path;
    struct input_stat *before = &frame->input_stats[side];
    const struct image_request request = {.scale = frame->context->scale16[side],
                                          .cancel = frame->cancel,
                                          .warnings = &frame->result->warnings};
    frame->load_mark = scratch_mark(frame->scratch);
    enum po_status status = PO_OK;
    if (frame->recalled_pair)
        return PO_OK;
    if (before->inode == 0)
        status = input_file_stat(path, before, error);
    if (status == PO_OK)
        status = image_file_read(path, side == 0 ? &frame->job->left : &frame->job->right,
                                 &request, frame->scratch, &frame->raw, error);
    status = judge_input(path, before, status, error);
    if (status == PO_OK && entry->side_by_side)
        frame->raw =
            image_half_view(&frame->raw, entry->halves_swapped ? 1 - side : side);
    return status;
}

/* Halves `source` once or twice into `target`. */
static enum po_status downscale(struct frame *frame, const struct image_view *source,
                                struct image_view *target, struct po_error *error)
{
    if (frame->job->plan.downscale == 2) {
        image_halve(source, target);
        return PO_OK;
    }
    struct image_view half;
    enum po_status status =
        image_view_take(frame->scratch, half_side(source->width_px),
                        half_side(source->height_px), source->channels, &half, error);
    if (status != PO_OK)
        return status;
    image_halve(source, &half);
    image_halve(&half, target);
    return PO_OK;
}

static const struct rectifier *rectifier_of(const struct frame *frame)
{
    int index = frame->entry->calibration;
    return frame->job->rectification.identity
               ? NULL
               : frame->context->rectifiers->rectifiers[index];
}

static void copy_in_channels(const struct image_view *source, struct image_view *target)
{
    if (source->channels == target->channels)
        image_copy(source, target);
    else
        image_to_grey(source, target);
}

/* From the raw view to `target`: grey where wanted, rectified, downscaled. */
static enum po_status rectify(struct frame *frame, int side, struct image_view *target,
                              struct po_error *error)
{
    const struct rectifier *rectifier = rectifier_of(frame);
    const struct frame_plan *plan = &frame->job->plan;
    struct image_view source = frame->raw;
    struct image_view full;
    enum po_status status = PO_OK;
    if (rectifier == NULL && plan->downscale == 1) {
        copy_in_channels(&source, target);
        return PO_OK;
    }
    if (source.channels != target->channels) {
        status = image_view_take(frame->scratch, source.width_px, source.height_px,
                                 target->channels, &source, error);
        if (status != PO_OK)
            return status;
        image_to_grey(&frame->raw, &source);
    }
    if (rectifier == NULL)
        return downscale(frame, &source, target, error);
    if (plan->downscale == 1)
        return rectifier_run(rectifier, side, &source, target, error);
    status = image_view_take(frame->scratch, plan->width_px, plan->height_px,
                             target->channels, &full, error);
    if (status == PO_OK)
        status = rectifier_run(rectifier, side, &source, &full, error);
    if (status == PO_OK)
        status = downscale(frame, &full, target, error);
    return status;
}

/* The measured offset of the right image's rows, at the matching resolution. */
static struct vertical_field vertical_field_of(const struct frame *frame)
{
    const double *field_px = frame->job->rectification.vertical_field_px;
    double scale = 1.0 / frame->job->plan.downscale;
    return (struct vertical_field){field_px[0] * scale, field_px[1] * scale,
                                   field_px[2] * scale};
}

static enum po_status rectify_rows(struct frame *frame, int side,
                                   struct image_view *target, struct po_error *error)
{
    if (side == 0 || !frame->job->rectification.has_vertical_field)
        return rectify(frame, side, target, error);
    struct image_view view;
    struct vertical_field field = vertical_field_of(frame);
    enum po_status status =
        image_view_take(frame->scratch, target->width_px, target->height_px,
                        target->channels, &view, error);
    if (status == PO_OK)
        status = rectify(frame, side, &view, error);
    if (status == PO_OK)
        row_warp(&view, &field, target);
    return status;
}

/* A downscaled pixel was seen when the full-size pixel at its corner was. */
static enum po_status valid_mask(struct frame *frame, int side, struct image_view *mask,
                                 struct po_error *error)
{
    const struct frame_plan *plan = &frame->job->plan;
    if (rectifier_of(frame) == NULL) {
        for (int y = 0; y < mask->height_px; y++)
            memset(image_row(mask, y), 255, (size_t)mask->width_px);
        return PO_OK;
    }
    if (plan->downscale == 1) {
        rectifier_mask(rectifier_of(frame), side, mask);
        return PO_OK;
    }
    struct image_view full;
    enum po_status status =
        image_view_take(frame->scratch, plan->width_px, plan->height_px, 1, &full, error);
    if (status != PO_OK)
        return status;
    rectifier_mask(rectifier_of(frame), side, &full);
    for (int y = 0; y < mask->height_px; y++) {
        const uint8_t *from = image_row(&full, y * plan->downscale);
        uint8_t *to = image_row(mask, y);
        for (int x = 0; x < mask->width_px; x++)
            to[x] = from[(ptrdiff_t)x * plan->downscale];
    }
    return PO_OK;
}

static enum po_status valid_rows(struct frame *frame, int side, struct image_view *mask,
                                 struct po_error *error)
{
    if (mask->pixels == NULL)
        return PO_OK;
    if (side == 0 || !frame->job->rectification.has_vertical_field)
        return valid_mask(frame, side, mask, error);
    struct image_view view;
    struct vertical_field field = vertical_field_of(frame);
    enum po_status status =
        image_view_take(frame->scratch, mask->width_px, mask->height_px, 1, &view, error);
    if (status == PO_OK)
        status = valid_mask(frame, side, &view, error);
    if (status == PO_OK)
        row_warp_mask(&view, &field, mask);
    return status;
}

static enum po_status rectify_side(struct frame *frame, int side,
                                   struct image_view *target, struct image_view *mask,
                                   struct po_error *error)
{
    enum po_status status =
        frame->recalled_pair ? PO_OK : rectify_rows(frame, side, target, error);
    scratch_rewind(frame->scratch, frame->load_mark);
    if (status == PO_OK)
        status = valid_rows(frame, side, mask, error);
    scratch_rewind(frame->scratch, frame->load_mark);
    return status;
}

enum po_status frame_load_left(struct frame *frame, struct po_error *error)
{
    return load(frame, 0, error);
}

enum po_status frame_load_right(struct frame *frame, struct po_error *error)
{
    return load(frame, 1, error);
}

enum po_status frame_rectify_left(struct frame *frame, struct po_error *error)
{
    enum po_status status =
        rectify_side(frame, 0, &frame->left, &frame->left_valid, error);
    if (status == PO_OK && frame->left.channels != 1)
        image_to_grey(&frame->left, &frame->left_grey);
    return status;
}

enum po_status frame_rectify_right(struct frame *frame, struct po_error *error)
{
    bool colour = frame->job->plan.right_channels != 1;
    enum po_status status =
        rectify_side(frame, 1, colour ? &frame->right : &frame->right_grey,
                     &frame->right_valid, error);
    if (status == PO_OK && colour)
        image_to_grey(&frame->right, &frame->right_grey);
    return status;
}
