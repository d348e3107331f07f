/* SPDX-License-Identifier: Apache-2.0 */
/* What the JSON and the YAML files of UnLook scanners share. */
#ifndef CALIB_UNLOOK_KEYS_H
#define CALIB_UNLOOK_KEYS_H

#include "calib/format.h"

/* Whether any key of the left/right families is there, misspelt neighbours or not. */
bool unlook_recognise(const struct calibration_source *source);
PO_MUST_CHECK enum po_status unlook_read(const struct calibration_source *source,
                                         const struct matrix_keys *keys,
                                         struct parsed_calibration *parsed,
                                         struct po_error *error);

#endif
