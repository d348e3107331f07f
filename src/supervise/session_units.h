/* SPDX-License-Identifier: Apache-2.0 */
/* Options in millimetres against calibrations that do not know what a millimetre is. */
#ifndef SUPERVISE_SESSION_UNITS_H
#define SUPERVISE_SESSION_UNITS_H

#include "process_offline/settings.h"
#include "session/manifest.h"

/* PO_BAD_ARGUMENT for a length in the settings that a calibration in chessboard squares
 * would take as squares. */
PO_MUST_CHECK enum po_status session_units_check(const struct po_settings *settings,
                                                 const struct manifest *manifest,
                                                 struct po_error *error);

#endif
