/* SPDX-License-Identifier: Apache-2.0 */
#include "session/manifest.h"

#include <stdlib.h>

static void release_frame(struct frame_entry *frame)
{
    free(frame->left_path);
    free(frame->right_path);
    free(frame->ground_truth_path);
    free(frame->ground_truth_mask_path);
    free(frame->problem);
    free(frame->calibration_path);
}

void manifest_keep_every(struct manifest *manifest, int first, int step)
{
    int kept = 0;
    for (int i = 0; i < manifest->frame_count; i++) {
        struct frame_entry *frame = &manifest->frames[i];
        if (i >= first && (i - first) % step == 0)
            manifest->frames[kept++] = *frame;
        else
            release_frame(frame);
    }
    manifest->skipped_count += manifest->frame_count - kept;
    manifest->frame_count = kept;
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
