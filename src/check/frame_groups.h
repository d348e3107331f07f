/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frame groups: the frames of a session by the calibration they share. Group 0 holds
 * those without one, group i + 1 those of calibration i.
 * Ownership: frame_groups_release, safe on a zeroed struct.
 */
#ifndef CHECK_FRAME_GROUPS_H
#define CHECK_FRAME_GROUPS_H

#include "session/manifest.h"

struct frame_groups {
    int count;
    int *first;  /* by group; first[count] is the number of frames */
    int *frames; /* frames[first[g]] .. frames[first[g + 1] - 1], ascending */
};

PO_MUST_CHECK enum po_status frame_groups_init(struct frame_groups *groups,
                                               const struct manifest *manifest,
                                               struct po_error *error);
void frame_groups_release(struct frame_groups *groups);

#endif
