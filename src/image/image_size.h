/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The size an image file states in its first bytes, for who may not decode: the
 * supervisor, when it chooses a calibration by it.
 *
 * PNG, JPEG, PGM/PPM and BMP; no library is called and at most IMAGE_SIZE_HEAD_BYTES are
 * read. What it says is a claim; image_file_probe decides later.
 */
#ifndef IMAGE_IMAGE_SIZE_H
#define IMAGE_IMAGE_SIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "process_offline/status.h"

enum { IMAGE_SIZE_HEAD_BYTES = 1 << 17 };

/* 0 x 0 when the file is not there, of another kind, or says nothing in its head. An
 * error when it cannot be read. */
PO_MUST_CHECK enum po_status image_size_peek(const char *path, int *width_px,
                                             int *height_px, struct po_error *error);

/* How image_size_peek is called by who must not hang in it. */
struct size_peek {
    enum po_status (*look)(const struct size_peek *peek, const char *path, int *width_px,
                           int *height_px, struct po_error *error);
    double limit_s;
};

bool image_size_of_head(const uint8_t *head, size_t bytes, int *width_px, int *height_px);

#endif
