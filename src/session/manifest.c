/* SPDX-License-Identifier: Apache-2.0 */
#include "session/manifest.h"

#include <stdlib.h>

static void release_frame(struct frame_entry *frame)
{
    free(frame->left_path);
    free(frame->right_path);
    free(frame->ground_truth_path);
    free(frame->ground_truth_mask_path);
    free(frame->prior_path);
    free(frame->problem);
    free(frame->calibration_path);
}

void manifest_keep_every(struct manifest *manifest, int first, int step, int unit)
{
    int kept = 0;
    for (int i = 0; i < manifest->frame_count; i++) {
        struct frame_entry *frame = &manifest->frames[i];
        if (i / unit % step == first) {
            frame->prior_frame = kept / unit * unit;
            manifest->frames[kept++] = *frame;
        } else {
            release_frame(frame);
        }
    }
    manifest->skipped_count += manifest->frame_count - kept;
    manifest->frame_count = kept;
}

int frame_entry_inputs(const struct frame_entry *frame,
                       const char *paths[FRAME_INPUTS_MAX])
{
    paths[0] = frame->left_path;
    paths[1] = frame->right_path;
    paths[2] = frame->prior_path;
    return frame->prior_path != NULL ? 3 : 2;
}

void manifest_destroy(struct manifest *manifest)
{
    if (manifest == NULL)
        return;
    for (int i = 0; i < manifest->frame_count; i++)
        release_frame(&manifest->frames[i]);
    free(manifest->frames);
    for (int i = 0; i < manifest->unused_count; i++) {
        free(manifest->unused[i].path);
        free(manifest->unused[i].difference);
    }
    free(manifest->unused);
    for (int i = 0; i < manifest->unmatched_count; i++)
        free(manifest->unmatched[i]);
    free(manifest->unmatched);
    free(manifest->calibrations);
    free(manifest->root);
    free(manifest);
}
