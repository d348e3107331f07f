/* SPDX-License-Identifier: Apache-2.0 */
#include "refine/confidence_features.h"

#include <string.h>

enum {
    PAD = FEATURE_ROW_BYTES, /* beside rows: neighbours are read there too */
    NARROW_ROWS = FEATURE_COUNT + 7 + EDGE_HOLE_ROWS + EDGE_GREEN_ROWS,
    WIDE_ROWS = 7 + EDGE_HOLE_ROWS,
};

static size_t padded_bytes(int width_px, size_t element_bytes)
{
    return scratch_array_size((size_t)width_px + 2 * (size_t)PAD, element_bytes);
}

size_t feature_rows_bytes(int width_px)
{
    size_t bytes = 0;
    for (int i = 0; i < NARROW_ROWS; i++)
        bytes = scratch_sum(bytes, padded_bytes(width_px, 1));
    for (int i = 0; i < WIDE_ROWS; i++)
        bytes = scratch_sum(bytes, padded_bytes(width_px, sizeof(int16_t)));
    return bytes;
}

static void *take_padded(struct scratch *scratch, int width_px, size_t element_bytes)
{
    size_t bytes = padded_bytes(width_px, element_bytes);
    uint8_t *row = scratch_take(scratch, bytes);
    if (row == NULL)
        return NULL;
    memset(row, 0, bytes);
    return row + (size_t)PAD * element_bytes;
}

static void take_edge_rows(struct scratch *scratch, int width_px, struct edge_rows *edges)
{
    edges->y = -1;
    for (int i = 0; i < EDGE_HOLE_ROWS; i++) {
        edges->whole[i] = take_padded(scratch, width_px, 1);
        edges->below[i] = take_padded(scratch, width_px, sizeof(int16_t));
    }
    for (int i = 0; i < EDGE_GREEN_ROWS; i++)
        edges->green[i] = take_padded(scratch, width_px, 1);
    edges->up = take_padded(scratch, width_px, 1);
    edges->above = take_padded(scratch, width_px, sizeof(int16_t));
    edges->left = take_padded(scratch, width_px, sizeof(int16_t));
    edges->right = take_padded(scratch, width_px, sizeof(int16_t));
    edges->line = take_padded(scratch, width_px, sizeof(int16_t));
}

enum po_status feature_rows_take(struct scratch *scratch, int width_px,
                                 struct feature_rows *rows, struct po_error *error)
{
    *rows = (struct feature_rows){.width_px = width_px, .steps_y = -1, .counts_y = -1};
    for (int i = 0; i < FEATURE_COUNT; i++)
        rows->features[i] = rows->made[i] = take_padded(scratch, width_px, 1);
    rows->scores = take_padded(scratch, width_px, 1);
    rows->confidences = take_padded(scratch, width_px, 1);
    rows->sigmas = take_padded(scratch, width_px, 1);
    rows->counts = take_padded(scratch, width_px, 1);
    rows->steps = take_padded(scratch, width_px, 1);
    rows->bytes = take_padded(scratch, width_px, 1);
    rows->low = take_padded(scratch, width_px, sizeof(int16_t));
    rows->high = take_padded(scratch, width_px, sizeof(int16_t));
    rows->holes = take_padded(scratch, width_px, sizeof(int16_t));
    take_edge_rows(scratch, width_px, &rows->edges);
    if (rows->edges.line == NULL)
        return scratch_exhausted(scratch, "the confidence", error);
    for (int x = -PAD; x < width_px + PAD; x++)
        rows->holes[x] = rows->edges.line[x] = DISPARITY_INVALID;
    for (int i = 0; i < EDGE_HOLE_ROWS; i++)
        memset(rows->edges.whole[i] - PAD, UINT8_MAX, (size_t)width_px + 2 * (size_t)PAD);
    return PO_OK;
}
