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

/* PO_BAD_CALIBRATION: refused, and the message says what to photograph. *warned: it was
 * written, with findings. */
PO_MUST_CHECK enum po_status calibrate_run(const struct po_settings *settings,
                                           struct po_error *error);

#endif
