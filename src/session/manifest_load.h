/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a session directory into a manifest. */
#ifndef SESSION_MANIFEST_LOAD_H
#define SESSION_MANIFEST_LOAD_H

#include "session/manifest.h"

/*
 * Reads the directory (or the one pair of files) named by `input`, applies --frames and
 * --single-frame. Ground truth is looked for when `ground_truth` is "auto" or a
 * directory. Errors: PO_NOT_FOUND, PO_BAD_SESSION, PO_BAD_CALIBRATION, PO_BAD_ARGUMENT.
 */
PO_MUST_CHECK enum po_status manifest_load(const struct po_input_settings *input,
                                           const char *ground_truth,
                                           double ground_truth_scale,
                                           struct manifest **manifest,
                                           struct po_error *error);

/* The pairs alone: calibrations that lie with them are not read, and left and right
 * change places for --swap only. */
PO_MUST_CHECK enum po_status manifest_load_pairs(const struct po_input_settings *input,
                                                 struct manifest **manifest,
                                                 struct po_error *error);

#endif
