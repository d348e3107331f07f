/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Flying pixels: points at a depth jump that belong to neither side.
 *
 * A point goes when fewer than EDGE_SUPPORT of its eight neighbours lie within the jump,
 * or when two opposite neighbours lie beyond the jump on different sides of it: then it
 * hangs between two surfaces. Missing neighbours support nothing; beyond the image its
 * border repeats. The loops are over plain integers without branches, so compilers turn
 * them into vector code.
 */
#include <math.h>

#include "cloud/cloud_filters.h"

enum { EDGE_SUPPORT = 4, EDGE_ROWS = 3, EDGE_PAD = 1, EDGE_PADS = 2 };

/* Three rows of kept disparities, others DISPARITY_INVALID, padded left and right. */
size_t edge_jump_scratch_bytes(int width_px, int height_px)
{
    (void)height_px;
    return EDGE_ROWS * scratch_array_size((size_t)width_px + EDGE_PADS, sizeof(int16_t));
}

static void load_row(const struct filter_job *job, int y, int16_t *row)
{
    int width = job->keep.width_px;
    int last = job->keep.height_px - 1;
    int inside = y < 0 ? 0 : y > last ? last : y;
    const int16_t *values = disparity_row(&job->input->map, inside);
    const uint8_t *keep = image_row(&job->keep, inside);
    for (int x = 0; x < width; x++)
        row[x + EDGE_PAD] = keep[x] ? values[x] : (int16_t)DISPARITY_INVALID;
    row[0] = row[EDGE_PAD];
    row[width + EDGE_PAD] = row[width + EDGE_PAD - 1];
}

/* Adds what the neighbours a and b, opposite to each other, say of the centre c. */
static inline void weigh_pair(int c, int a, int b, int jump, int *support, int *between)
{
    int to_a = a - c;
    int to_b = b - c;
    *support += (to_a <= jump) & (to_a >= -jump);
    *support += (to_b <= jump) & (to_b >= -jump);
    int both = (a != DISPARITY_INVALID) & (b != DISPARITY_INVALID);
    int across = ((to_a > jump) & (to_b < -jump)) | ((to_a < -jump) & (to_b > jump));
    *between |= both & across;
}

static void filter_row(const int16_t *above, const int16_t *row, const int16_t *below,
                       int width, int jump, uint8_t *keep)
{
    for (int x = 0; x < width; x++) {
        const int at = x + EDGE_PAD;
        int support = 0;
        int between = 0;
        int c = row[at];
        weigh_pair(c, row[at - 1], row[at + 1], jump, &support, &between);
        weigh_pair(c, above[at], below[at], jump, &support, &between);
        weigh_pair(c, above[at - 1], below[at + 1], jump, &support, &between);
        weigh_pair(c, above[at + 1], below[at - 1], jump, &support, &between);
        keep[x] &= (uint8_t)(((support >= EDGE_SUPPORT) & !between) ? KEPT : 0);
    }
}

enum po_status edge_jump_filter(struct filter_job *job, struct po_error *error)
{
    int width = job->keep.width_px;
    int jump =
        (int)fmin(INT16_MAX / 2.0, job->input->settings->edge_jump_px * DISPARITY_SCALE);
    size_t mark = scratch_mark(job->scratch);
    int16_t *rows[EDGE_ROWS];
    for (int i = 0; i < EDGE_ROWS; i++) {
        rows[i] =
            scratch_take_array(job->scratch, (size_t)width + EDGE_PADS, sizeof(int16_t));
        if (rows[i] == NULL)
            return scratch_exhausted(job->scratch, "the edge filter", error);
        load_row(job, i - 1, rows[i]);
    }
    for (int y = 0; y < job->keep.height_px; y++) {
        filter_row(rows[0], rows[1], rows[2], width, jump, image_row(&job->keep, y));
        int16_t *oldest = rows[0];
        rows[0] = rows[1];
        rows[1] = rows[2];
        rows[2] = oldest;
        load_row(job, y + 2, oldest);
    }
    scratch_rewind(job->scratch, mark);
    return PO_OK;
}
