/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The input of a whole-frame benchmark: two PNG files in a temporary folder, tiled from
 * pairs of the test data, and a rig that leaves them where they are.
 *
 * Ownership: bench_input_make makes files and remap tables, bench_input_release removes
 * them; it accepts an input that was never made.
 */
#ifndef SUPPORT_BENCH_INPUT_H
#define SUPPORT_BENCH_INPUT_H

#include "rectify/rectifier.h"
#include "stereo/disparity_map.h"

enum { BENCH_PATH_BYTES = 512 };

/* Pairs scaled to equal tiles, `columns` a row. */
struct mosaic {
    const char *name;
    int columns;
    int rows;
    const char *tiles[4][2];
};

/* "mosaic" (four pairs with disparities below 80) or "aloe" (one with 240); NULL. */
const struct mosaic *mosaic_find(const char *name);

struct bench_input_request {
    const char *data_directory;
    const struct mosaic *mosaic;
    int width_px;
    int height_px;
};

struct bench_input {
    char directory[BENCH_PATH_BYTES];
    char left_path[BENCH_PATH_BYTES];
    char right_path[BENCH_PATH_BYTES];
    char cloud_path[BENCH_PATH_BYTES];
    struct rectification rectification;
    struct rectifier *rectifier;
    struct disparity_range range; /* set by the caller */
};

/* Takes working memory from scratch, which the caller rewinds. */
PO_MUST_CHECK enum po_status bench_input_make(const struct bench_input_request *request,
                                              struct scratch *scratch,
                                              struct bench_input *input,
                                              struct po_error *error);
void bench_input_release(struct bench_input *input);

/* An image file as it is, 16 bit over its full range. */
PO_MUST_CHECK enum po_status bench_image_read(const char *path, struct scratch *scratch,
                                              struct image_view *image,
                                              struct po_error *error);

#endif
