/* SPDX-License-Identifier: Apache-2.0 */
#include "session/manifest.h"

#include <stdlib.h>

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
    for (int i = 0; i < manifest->frame_count; i++) {
        free(manifest->frames[i].left_path);
        free(manifest->frames[i].right_path);
        free(manifest->frames[i].ground_truth_path);
        free(manifest->frames[i].ground_truth_mask_path);
        free(manifest->frames[i].prior_path);
        free(manifest->frames[i].problem);
        free(manifest->frames[i].calibration_path);
    }
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
