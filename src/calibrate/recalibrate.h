/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recalibrate: a rig whose calibration has drifted gets a new one from the session's own
 * images. The turn between the cameras and the direction of the baseline are refined. Of
 * the lenses, the ratio of the focal lengths and the height of the right principal point
 * follow where rows demand it (drift_choice.h); the rest of them and the length of the
 * baseline stay, as no scene without known lengths gives them.
 */
#ifndef CALIBRATE_RECALIBRATE_H
#define CALIBRATE_RECALIBRATE_H

#include "process_offline/settings.h"
#include "process_offline/status.h"

/* PO_BAD_CALIBRATION: there is none, it is of rectified images, or the images do not
 * determine a better one. *left_out: frames whose images cannot be read, without which it
 * was written. */
PO_MUST_CHECK enum po_status recalibrate_run(const struct po_settings *settings,
                                             int *left_out, struct po_error *error);

#endif
