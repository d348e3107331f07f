/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rig matches: corners that both cameras of a session see, found in child processes on
 * images rectified by the calibration as it is, and taken back to the rays of the raw
 * cameras. Ownership: rig_matches_release.
 */
#ifndef CALIBRATE_RIG_MATCHES_H
#define CALIBRATE_RIG_MATCHES_H

#include "calib/rectification.h"
#include "calibrate/epipolar_fit.h"
#include "process/run_control.h"
#include "session/manifest.h"

enum { RIG_MATCHES_A_FRAME = 1000 };

struct rig_matches {
    int count;
    int frames; /* that gave any */
    struct ray_match *matches;
};

/* All frames of the manifest that use calibration `index`, by the rectification of
 * `calibration`. A frame that cannot be read, or crashes, is warned of and left out. */
PO_MUST_CHECK enum po_status rig_matches_find(const struct po_run_settings *settings,
                                              const struct manifest *manifest, int index,
                                              const struct calibration *calibration,
                                              struct run_control *control,
                                              struct rig_matches *matches,
                                              struct po_error *error);
void rig_matches_release(struct rig_matches *matches);

#endif
