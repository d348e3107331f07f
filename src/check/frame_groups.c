/* SPDX-License-Identifier: Apache-2.0 */
#include "check/frame_groups.h"

#include <stdlib.h>

void frame_groups_release(struct frame_groups *groups)
{
    free(groups->first);
    free(groups->frames);
    *groups = (struct frame_groups){0};
}

/* Counting sort: stable, so frames stay in order. */
enum po_status frame_groups_init(struct frame_groups *groups,
                                 const struct manifest *manifest, struct po_error *error)
{
    size_t count = (size_t)manifest->calibration_count + 1;
    size_t frames = (size_t)manifest->frame_count;
    *groups = (struct frame_groups){.count = (int)count};
    groups->first = calloc(count + 2, sizeof(*groups->first));
    groups->frames = calloc(frames + 1, sizeof(*groups->frames));
    if (groups->first == NULL || groups->frames == NULL) {
        frame_groups_release(groups);
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for groups of %zu frames",
                       frames);
    }
    /* first[g + 2] counts group g, then first[g + 1] is where its next frame goes. */
    for (size_t i = 0; i < frames; i++)
        groups->first[manifest->frames[i].calibration + 3]++;
    for (size_t g = 2; g < count + 2; g++)
        groups->first[g] += groups->first[g - 1];
    for (size_t i = 0; i < frames; i++)
        groups->frames[groups->first[manifest->frames[i].calibration + 2]++] = (int)i;
    return PO_OK;
}
