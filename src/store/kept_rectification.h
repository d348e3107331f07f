/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kept rectification: what --rectify-uncalibrated found, in .state/rectification.json
 * under a key of session, settings and version, so that frames of later runs are
 * rectified alike. Numbers are written so that they read back the same. Plain values.
 */
#ifndef STORE_KEPT_RECTIFICATION_H
#define STORE_KEPT_RECTIFICATION_H

#include <stdbool.h>

#include "base/json_file.h"
#include "session/manifest.h"
#include "store/session_paths.h"

enum { KEPT_UNKNOWNS_MAX = 16, KEPT_FIGURES = 3, KEPT_COUNTS = 3 };

struct kept_rectification {
    bool as_is;
    int width_px;
    int height_px;
    int unknown_count;
    double unknowns[KEPT_UNKNOWNS_MAX];
    double figures[KEPT_FIGURES]; /* rows before, after, their deviation; pixels */
    int counts[KEPT_COUNTS];      /* frames, matches, agreeing */
};

void kept_rectification_to_json(const struct kept_rectification *kept,
                                struct json *object);
/* False: there is none, or its values are out of bounds. */
PO_MUST_CHECK bool kept_rectification_from_json(const struct json *object,
                                                struct kept_rectification *kept);

/* *found false: none of this key is there, or it is broken. PO_IO: it cannot be read. */
PO_MUST_CHECK enum po_status kept_rectification_read(const struct session_paths *paths,
                                                     const struct manifest *manifest,
                                                     const struct po_settings *settings,
                                                     struct kept_rectification *kept,
                                                     bool *found, struct po_error *error);
PO_MUST_CHECK enum po_status
kept_rectification_write(const struct session_paths *paths,
                         const struct manifest *manifest,
                         const struct po_settings *settings,
                         const struct kept_rectification *kept, struct po_error *error);

#endif
