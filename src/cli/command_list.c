/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/log.h"
#include "cli/command.h"

static void print_frame(const struct manifest *manifest, int index)
{
    const struct frame_entry *frame = &manifest->frames[index];
    (void)printf("%d\t%s\t%s\t%s\t", index, frame->id, frame->left_path,
                 frame->right_path);
    if (frame->calibration >= 0)
        (void)printf("%s\n", manifest->calibrations[frame->calibration].path);
    else
        (void)printf("-\n");
}

/* One frame a line, tabs between position, id, left, right and calibration. */
enum po_status command_list(const struct settings_set *set, struct po_error *error)
{
    const struct po_settings *settings = &set->values;
    struct manifest *manifest = NULL;
    enum po_status status =
        manifest_load(&settings->input, settings->output.ground_truth,
                      settings->output.ground_truth_scale, &manifest, error);
    if (status != PO_OK)
        return status;
    for (int i = 0; i < manifest->frame_count; i++)
        print_frame(manifest, i);
    for (int i = 0; i < manifest->unmatched_count; i++)
        log_warning("%s: no partner, left out", manifest->unmatched[i]);
    for (int i = 0; i < manifest->warnings.length; i++)
        log_warning("%s", manifest->warnings.texts[i]);
    log_info("%d frames, layout %s", manifest->frame_count, manifest->layout);
    manifest_destroy(manifest);
    return PO_OK;
}
