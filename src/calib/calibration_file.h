/* SPDX-License-Identifier: Apache-2.0 */
/* Calibration files: one entry for all formats, through the table of them. */
#ifndef CALIB_CALIBRATION_FILE_H
#define CALIB_CALIBRATION_FILE_H

#include "calib/calibration.h"

/*
 * Reads one calibration, recognised by content through the table of formats. A
 * directory-like pair (intrinsics.yml + extrinsics.yml, left.yaml + right.yaml,
 * cam0/sensor.yaml + cam1/sensor.yaml) is read from either of its files. Errors name the
 * file, what was wrong (keys tried, sizes) and what to do.
 */
PO_MUST_CHECK enum po_status calibration_read(const char *path,
                                              const struct calibration_request *request,
                                              struct calibration *calibration,
                                              struct po_error *error);

/* The names of the formats this program reads, NULL-terminated. */
const char *const *calibration_format_names(void);

#endif
