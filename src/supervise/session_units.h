/* SPDX-License-Identifier: Apache-2.0 */
/* Lengths in options against the calibrations they are meant for. */
#ifndef SUPERVISE_SESSION_UNITS_H
#define SUPERVISE_SESSION_UNITS_H

#include "process_offline/settings.h"
#include "session/manifest.h"

/* PO_BAD_ARGUMENT for a length in the settings that a calibration in chessboard squares
 * would take as squares, and for a depth limit nearer than its cameras can see: a number
 * of metres without its unit. */
PO_MUST_CHECK enum po_status session_units_check(const struct po_settings *settings,
                                                 const struct manifest *manifest,
                                                 struct po_error *error);

#endif
