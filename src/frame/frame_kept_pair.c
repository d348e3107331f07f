/* SPDX-License-Identifier: Apache-2.0 */
/* A frame's rectified pair, kept by the survey that loaded it and recalled by the frame.
 */
#include <string.h>

#include "frame/frame_views.h"
#include "frame/kept_pairs.h"

/* Everything that loading and rectifying follow from, but the program itself. */
static struct hash pair_key(const struct frame *frame)
{
    const struct frame_plan *plan = &frame->job->plan;
    const struct rectification *rectification = &frame->job->rectification;
    const struct frame_entry *entry = frame->entry;
    struct {
        struct input_stat files[2];
        struct image_scale16 scales[2];
        int32_t size_px[4];
        int32_t downscale, channels, right_channels, side_by_side, halves_swapped,
            identity, has_rows;
        double rows_px[3];
    } made_from;
    memset(&made_from, 0, sizeof(made_from)); /* padding is hashed too */
    memcpy(made_from.files, frame->input_stats, sizeof(made_from.files));
    memcpy(made_from.scales, frame->context->scale16, sizeof(made_from.scales));
    const int32_t size_px[4] = {plan->width_px, plan->height_px, plan->match_width_px,
                                plan->match_height_px};
    memcpy(made_from.size_px, size_px, sizeof(size_px));
    made_from.downscale = plan->downscale;
    made_from.channels = plan->channels;
    made_from.right_channels = plan->right_channels;
    made_from.side_by_side = entry->side_by_side;
    made_from.halves_swapped = entry->halves_swapped;
    made_from.identity = rectification->identity;
    made_from.has_rows = rectification->has_vertical_field;
    memcpy(made_from.rows_px, rectification->vertical_field_px,
           sizeof(made_from.rows_px));
    struct hash key = hash_bytes(&made_from, sizeof(made_from));
    if (entry->calibration >= 0)
        key = hash_combine(
            key, calibration_hash(
                     &frame->context->manifest->calibrations[entry->calibration]));
    return key;
}

/* A view of kept pixels, as large as `like`. */
static struct image_view kept_view(const struct image_view *like, uint8_t *pixels)
{
    struct image_view view = *like;
    view.stride_bytes = (ptrdiff_t)like->width_px * like->channels;
    view.pixels = pixels;
    return view;
}

static struct image_view *right_of(struct frame *frame)
{
    return frame->job->plan.right_channels != 1 ? &frame->right : &frame->right_grey;
}

void frame_keep_pair(struct frame *frame)
{
    const struct kept_pairs *pairs = frame->context->kept_pairs;
    struct kept_pair *pair = kept_pairs_room(pairs, frame->job->frame, &frame->job->plan);
    if (pair == NULL)
        return;
    const struct image_view *right = right_of(frame);
    struct image_view left_kept = kept_view(&frame->left, pair->left);
    struct image_view right_kept = kept_view(right, pair->right);
    image_copy(&frame->left, &left_kept);
    image_copy(right, &right_kept);
    pair->warnings = frame->result->warnings;
    pair->key = pair_key(frame);
    kept_pairs_set(pairs, frame->job->frame);
}

static bool files_are_unchanged(const struct frame *frame)
{
    return input_file_unchanged(frame->entry->left_path, &frame->input_stats[0], NULL) ==
               PO_OK &&
           input_file_unchanged(frame->entry->right_path, &frame->input_stats[1], NULL) ==
               PO_OK;
}

/* What does not hold is loaded again, and errors are said there. */
enum po_status frame_recall_pair(struct frame *frame, struct po_error *error)
{
    (void)error;
    const struct kept_pairs *pairs = frame->context->kept_pairs;
    if (!kept_pairs_holds(pairs, frame->job->frame))
        return PO_OK;
    const struct kept_pair *pair =
        kept_pairs_find(pairs, frame->job->frame, pair_key(frame));
    if (pair != NULL && files_are_unchanged(frame)) {
        struct image_view left_kept = kept_view(&frame->left, pair->left);
        struct image_view right_kept = kept_view(right_of(frame), pair->right);
        image_copy(&left_kept, &frame->left);
        image_copy(&right_kept, right_of(frame));
        warning_list_join(&frame->result->warnings, &pair->warnings);
        frame->recalled_pair = true;
    }
    kept_pairs_forget(pairs, frame->job->frame);
    return PO_OK;
}
