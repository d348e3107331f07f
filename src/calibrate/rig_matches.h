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
#include "process/sandbox.h"
#include "session/manifest.h"

enum { RIG_MATCHES_A_FRAME = 1000 };

struct rig_matches {
    int count;
    int frames;   /* that gave any */
    int left_out; /* whose images cannot be read */
    struct ray_match *matches;
};

/* Where and how matches are looked for; borrowed. */
struct rig_matches_request {
    const struct po_run_settings *settings;
    const struct manifest *manifest;
    int index; /* of the calibration whose frames are looked at; -1: those without one */
    int most_frames;                       /* spread over them; 0: all */
    const struct calibration *calibration; /* by which they are rectified first */
    bool every;              /* those too that do not agree with a smooth row offset */
    int corners;             /* a frame, at most RIG_MATCHES_A_FRAME */
    int rows_searched;       /* see row_alignment.h */
    struct sandbox *sandbox; /* of the children; NULL: none */
};

/* A frame whose images are broken is warned of and left out; one that could not be looked
 * at for another reason, twice, is an error (left_out.h). */
PO_MUST_CHECK enum po_status rig_matches_find(const struct rig_matches_request *request,
                                              struct run_control *control,
                                              struct rig_matches *matches,
                                              struct po_error *error);
void rig_matches_release(struct rig_matches *matches);

#endif
