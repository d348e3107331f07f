/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a session directory into a manifest. */
#ifndef SESSION_MANIFEST_LOAD_H
#define SESSION_MANIFEST_LOAD_H

#include "image/image_size.h"
#include "session/manifest.h"

struct manifest_request {
    const struct po_input_settings *input;
    const char *ground_truth;     /* "auto", a directory, or NULL: none */
    double ground_truth_scale;    /* 0: by the files */
    const struct size_peek *peek; /* how the size of an image is found; NULL: here */
};

/*
 * Reads the directory (or the one pair of files) named by `input`, applies --frames and
 * --single-frame. Errors: PO_NOT_FOUND, PO_BAD_SESSION, PO_BAD_CALIBRATION,
 * PO_BAD_ARGUMENT, and PO_IO for what cannot be looked at.
 */
PO_MUST_CHECK enum po_status manifest_load_as(const struct manifest_request *request,
                                              struct manifest **manifest,
                                              struct po_error *error);
/* The same, where no read is expected to hang. */
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
