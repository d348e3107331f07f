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

#include "base/number.h"
#include "cloud/cloud_filters.h"

enum { EDGE_SUPPORT = 4, EDGE_ROWS = 3, EDGE_PAD = 1, EDGE_PADS = 2 };

/* Three rows of kept disparities, others DISPARITY_INVALID, padded left and right; and
 * the verdicts of one. */
size_t edge_jump_scratch_bytes(int width_px, int height_px)
{
    (void)height_px;
    size_t row = scratch_array_size((size_t)width_px + EDGE_PADS, sizeof(int16_t));
    return scratch_sum(EDGE_ROWS * row,
                       scratch_array_size((size_t)width_px, sizeof(int16_t)));
}

static void take_kept(const int16_t *restrict values, const uint8_t *restrict keep,
                      int width, int16_t *restrict row)
{
    for (int x = 0; x < width; x++) {
        int16_t gone = (int16_t) - (keep[x] == 0);
        row[x] = (int16_t)((values[x] & ~gone) | (DISPARITY_INVALID & gone));
    }
}

static void load_row(const struct filter_job *job, int y, int16_t *row)
{
    int width = job->keep.width_px;
    int last = job->keep.height_px - 1;
    int inside = clamp(y, 0, last);
    take_kept(disparity_row(&job->input->map, inside), image_row(&job->keep, inside),
              width, row + EDGE_PAD);
    row[0] = row[EDGE_PAD];
    row[width + EDGE_PAD] = row[width + EDGE_PAD - 1];
}

/* What the neighbours of a pixel say: how many support it, and (not 0) whether it hangs
 * between two of them. */
struct edge_votes {
    int16_t support;
    int16_t between;
};

/* Adds the neighbours a and b, opposite to each other, of the centre c. Sixteen bits do:
 * the disparities of one map span less than half their range. */
static inline void weigh_pair(int16_t c, int16_t a, int16_t b, int16_t jump,
                              struct edge_votes *votes)
{
    int16_t to_a = (int16_t)(a - c);
    int16_t to_b = (int16_t)(b - c);
    int16_t a_is_there = a != DISPARITY_INVALID;
    int16_t b_is_there = b != DISPARITY_INVALID;
    int16_t a_above = to_a > jump;
    int16_t a_below = to_a < (int16_t)-jump;
    int16_t b_above = to_b > jump;
    int16_t b_below = to_b < (int16_t)-jump;
    int16_t a_near = (int16_t)(a_is_there & ((a_above | a_below) ^ 1));
    int16_t b_near = (int16_t)(b_is_there & ((b_above | b_below) ^ 1));
    int16_t across = (int16_t)((a_above & b_below) | (a_below & b_above));
    votes->support = (int16_t)(votes->support + a_near + b_near);
    votes->between = (int16_t)(votes->between | (across & a_is_there & b_is_there));
}

static void filter_row(const int16_t *above, const int16_t *row, const int16_t *below,
                       int width, int16_t jump, int16_t *verdicts)
{
    for (int x = 0; x < width; x++) {
        const int at = x + EDGE_PAD;
        struct edge_votes votes = {0, 0};
        int16_t c = row[at];
        weigh_pair(c, row[at - 1], row[at + 1], jump, &votes);
        weigh_pair(c, above[at], below[at], jump, &votes);
        weigh_pair(c, above[at - 1], below[at + 1], jump, &votes);
        weigh_pair(c, above[at + 1], below[at - 1], jump, &votes);
        verdicts[x] = (int16_t)((votes.support >= EDGE_SUPPORT) & (votes.between == 0));
    }
}

static void apply(const int16_t *restrict verdicts, int width, uint8_t *restrict keep)
{
    for (int x = 0; x < width; x++)
        keep[x] = (uint8_t)(keep[x] & -verdicts[x]);
}

enum po_status edge_jump_filter(struct filter_job *job, struct po_error *error)
{
    int width = job->keep.width_px;
    int16_t jump = (int16_t)fmin(INT16_MAX / 2.0,
                                 job->input->settings->edge_jump_px * DISPARITY_SCALE);
    size_t mark = scratch_mark(job->scratch);
    int16_t *rows[EDGE_ROWS];
    int16_t *verdicts = scratch_take_array(job->scratch, (size_t)width, sizeof(int16_t));
    if (verdicts == NULL)
        return scratch_exhausted(job->scratch, "the edge filter", error);
    for (int i = 0; i < EDGE_ROWS; i++) {
        rows[i] =
            scratch_take_array(job->scratch, (size_t)width + EDGE_PADS, sizeof(int16_t));
        if (rows[i] == NULL)
            return scratch_exhausted(job->scratch, "the edge filter", error);
        load_row(job, i - 1, rows[i]);
    }
    for (int y = 0; y < job->keep.height_px; y++) {
        filter_row(rows[0], rows[1], rows[2], width, jump, verdicts);
        apply(verdicts, width, image_row(&job->keep, y));
        int16_t *oldest = rows[0];
        rows[0] = rows[1];
        rows[1] = rows[2];
        rows[2] = oldest;
        load_row(job, y + 2, oldest);
    }
    scratch_rewind(job->scratch, mark);
    return PO_OK;
}
