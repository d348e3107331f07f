/* SPDX-License-Identifier: Apache-2.0 */
#include "session/manifest.h"

#include <stdlib.h>

void manifest_destroy(struct manifest *manifest)
{
    if (manifest == NULL)
        return;
    for (int i = 0; i < manifest->frame_count; i++) {
        free(manifest->frames[i].left_path);
        free(manifest->frames[i].right_path);
        free(manifest->frames[i].ground_truth_path);
        free(manifest->frames[i].ground_truth_mask_path);
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
