/* SPDX-License-Identifier: Apache-2.0 */
#include "frame/frame_pair.h"

#include <string.h>

#include "frame/frame_views.h"

/* Two files of the same bytes; sizes differ where pictures do, so that few are read. What
 * cannot be read is reported by who loads it. */
static bool is_one_picture(const struct frame_entry *entry)
{
    struct input_stat stats[2];
    struct hash hashes[2];
    return !entry->side_by_side &&
           input_file_stat(entry->left_path, &stats[0], NULL) == PO_OK &&
           input_file_stat(entry->right_path, &stats[1], NULL) == PO_OK &&
           stats[0].size_bytes == stats[1].size_bytes &&
           hash_file(entry->left_path, &hashes[0], NULL) == PO_OK &&
           hash_file(entry->right_path, &hashes[1], NULL) == PO_OK &&
           hashes[0].low == hashes[1].low && hashes[0].high == hashes[1].high;
}

enum po_status frame_pair_load(const struct frame_context *context,
                               const struct frame_job *job, struct scratch *scratch,
                               const struct cancel *cancel, struct frame_pair *pair,
                               struct po_error *error)
{
    struct frame_result result;
    memset(&result, 0, sizeof(result));
    struct frame frame = {
        .context = context,
        .job = job,
        .entry = &context->manifest->frames[job->frame],
        .scratch = scratch,
        .cancel = cancel,
        .result = &result,
    };
    enum po_status status = frame_views_take(&frame, error);
    if (status == PO_OK)
        status = frame_load_left(&frame, error);
    if (status == PO_OK)
        status = frame_rectify_left(&frame, error);
    if (status == PO_OK)
        status = frame_load_right(&frame, error);
    if (status == PO_OK)
        status = frame_rectify_right(&frame, error);
    if (status == PO_OK)
        frame_keep_pair(&frame);
    *pair = (struct frame_pair){frame.left_grey,
                                frame.right_grey,
                                frame.left_valid,
                                frame.right_valid,
                                context->settings->match.cpu,
                                is_one_picture(frame.entry)};
    return status;
}
