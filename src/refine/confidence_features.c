/* SPDX-License-Identifier: Apache-2.0 */
#include "refine/confidence_features.h"

#include <string.h>

enum {
    PAD = FEATURE_ROW_BYTES, /* beside rows: neighbours are read there too */
    NARROW_ROWS = FEATURE_COUNT + 6 + EDGE_WAYS,
    WIDE_ROWS = 4 + 2 * EDGE_WAYS,
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
    return scratch_sum(bytes, padded_bytes(width_px, sizeof(int32_t)));
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

enum po_status feature_rows_take(struct scratch *scratch, int width_px,
                                 struct feature_rows *rows, struct po_error *error)
{
    *rows = (struct feature_rows){
        .width_px = width_px, .steps_y = -1, .counts_y = -1, .edges_y = -1};
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
    for (int i = 0; i < EDGE_WAYS; i++) {
        rows->hole[i] = take_padded(scratch, width_px, 1);
        rows->drop[i] = take_padded(scratch, width_px, sizeof(int16_t));
    }
    for (int i = 0; i < EDGE_WAYS - 1; i++)
        rows->beyond[i] = take_padded(scratch, width_px, sizeof(int16_t));
    rows->rise = take_padded(scratch, width_px, sizeof(int16_t));
    rows->below = take_padded(scratch, width_px, sizeof(int16_t));
    rows->below_top = take_padded(scratch, width_px, sizeof(int32_t));
    if (rows->below_top == NULL)
        return scratch_exhausted(scratch, "the confidence", error);
    for (int x = 0; x < width_px; x++)
        rows->below_top[x] = -1;
    for (int x = -PAD; x < width_px + PAD; x++)
        rows->holes[x] = DISPARITY_INVALID;
    return PO_OK;
}
