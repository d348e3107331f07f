/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calibrate: pictures of a board in, a calibration, its verdict and calibration.html out.
 *
 * The supervisor lists pairs, starts children and writes files; pictures are decoded and
 * cameras fitted in children only. Nothing is written unless the calibration may be used,
 * but for the page, which shows why not.
 */
#ifndef CALIBRATE_CALIBRATE_H
#define CALIBRATE_CALIBRATE_H

#include "process_offline/settings.h"
#include "process_offline/status.h"

/* PO_BAD_CALIBRATION: refused, and the message says what to photograph. *left_out:
 * pictures that cannot be read, without which it was written. */
PO_MUST_CHECK enum po_status calibrate_run(const struct po_settings *settings,
                                           int *left_out, struct po_error *error);

#endif
