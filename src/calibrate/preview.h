/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preview: one pair of pictures as it looks after rectification, small, for a page. Only
 * in a child. Ownership: preview_release.
 */
#ifndef CALIBRATE_PREVIEW_H
#define CALIBRATE_PREVIEW_H

#include <stdint.h>
#include <stdio.h>

#include "base/cancel.h"
#include "calib/rectification.h"
#include "session/manifest.h"

enum { PREVIEW_WIDTH_PX = 600 };

struct preview {
    int pair; /* -1: there is none */
    int width_px, height_px;
    uint8_t *pixels[2]; /* grey, contiguous */
};

struct preview_rig {
    const struct calibration *calibration;
    const struct rectification *rectification;
};

PO_MUST_CHECK enum po_status preview_make(const struct frame_entry *frame, int pair,
                                          const struct preview_rig *rig,
                                          const struct cancel *cancel,
                                          struct preview *preview,
                                          struct po_error *error);
void preview_release(struct preview *preview);

/* A data: address of one side, a grey bitmap in base64. */
void preview_write_address(const struct preview *preview, int side, FILE *stream);

#endif
