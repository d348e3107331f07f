/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a calibration fits images of a size, and whether two that do describe one rig:
 * what the choice among several files rests on. Pure arithmetic.
 */
#ifndef SESSION_CALIBRATION_AGREEMENT_H
#define SESSION_CALIBRATION_AGREEMENT_H

#include <stdbool.h>

#include "calib/calibration.h"

enum calibration_fit { FITS_NOT, FITS_SCALED, FITS };

/* `width_px` 0: the size of the images is not known, and everything fits. A fitting one
 * is made ready for images of that size. */
enum calibration_fit calibration_fit_of(struct calibration *calibration, int width_px,
                                        int height_px, struct po_error *cause);

/* Two of one kind (raw, rectified) that differ by more than two calibrations of one rig
 * do: 3 % of the focal length, 5 % of the baseline and of the width. */
bool calibrations_disagree(const struct calibration *a, const struct calibration *b);

#endif
