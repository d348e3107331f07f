/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --rectify-uncalibrated: what brings the rows of a session's pairs together where there
 * is no calibration and no board, found from points that both images show, over frames
 * spread over the session. Disparities that come of it have no scale.
 *
 * Children look at the images (rig_matches.h); the arithmetic is done here. The same
 * frames give the same numbers for any number of workers. Ownership: plain values.
 */
#ifndef CALIBRATE_UNCALIBRATED_H
#define CALIBRATE_UNCALIBRATED_H

#include "calibrate/guess_choice.h"
#include "process/run_control.h"
#include "process/sandbox.h"
#include "session/manifest.h"

struct uncalibrated_rig {
    bool as_is; /* rows align as they come: images stay */
    struct rig_guess guess;
    double before_px; /* median |row|, as the images come */
    double rows_px;   /* of matches that were held out, afterwards */
    double sigma_px;  /* of a row, in nine tenths of the image at most */
    int frames;       /* that gave matches */
    int matches;
    int agreeing;
};

/* Of the frames that have no calibration. Errors: PO_BAD_CALIBRATION with the reason:
 * too few points, all on one plane, forward motion, rows that do not come together;
 * PO_IO, PO_OUT_OF_MEMORY when frames could not be looked at this time. */
PO_MUST_CHECK enum po_status uncalibrated_rig_find(const struct po_run_settings *settings,
                                                   const struct manifest *manifest,
                                                   struct run_control *control,
                                                   struct sandbox *sandbox,
                                                   struct uncalibrated_rig *rig,
                                                   struct po_error *error);

#endif
