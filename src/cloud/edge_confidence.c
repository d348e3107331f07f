/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Points at the rim of measured surface: where a near surface has grown over the far one
 * behind its edge, and most of a cloud's flying pixels lie.
 *
 * A measured point goes when something within RIM_PX of it was not measured and its
 * confidence is below the limit. Beyond the image nothing is missing.
 */
#include <math.h>
#include <string.h>

#include "base/number.h"
#include "cloud/cloud_filters.h"

enum { RIM_PX = 3, CONFIDENCE_MOST = UINT8_MAX };

static size_t row_bytes(int width_px)
{
    return scratch_array_size((size_t)width_px + 2 * (size_t)RIM_PX, 1);
}

size_t edge_confidence_scratch_bytes(int width_px, int height_px)
{
    (void)height_px;
    return row_bytes(width_px);
}

/* holes[x]: something in column x within the rim's rows was not measured. */
static void find_holes(const struct image_view *classes, int y, uint8_t *restrict holes)
{
    int first = maximum(y - RIM_PX, 0);
    int last = minimum(y + RIM_PX, classes->height_px - 1);
    memset(holes, 0, (size_t)classes->width_px);
    for (int near = first; near <= last; near++) {
        const uint8_t *row = image_row(classes, near);
        for (int x = 0; x < classes->width_px; x++)
            holes[x] |= row[x] != PIXEL_MEASURED;
    }
}

static void judge_row(const uint8_t *holes, const uint8_t *classes,
                      const uint8_t *confidence, int least, int width_px,
                      uint8_t *restrict keep)
{
    for (int x = 0; x < width_px; x++) {
        uint8_t rim = 0;
        for (int dx = -RIM_PX; dx <= RIM_PX; dx++)
            rim |= holes[x + dx];
        uint8_t goes = (classes[x] == PIXEL_MEASURED) & (confidence[x] < least) & rim;
        keep[x] = goes ? 0 : keep[x];
    }
}

enum po_status edge_confidence_filter(struct filter_job *job, struct po_error *error)
{
    const struct cloud_input *input = job->input;
    double code = ceil(input->settings->edge_confidence * CONFIDENCE_MOST);
    int least = (int)fmin(CONFIDENCE_MOST, fmax(0, code));
    int width_px = job->keep.width_px;
    if (input->confidence.pixels == NULL)
        return PO_OK;
    size_t mark = scratch_mark(job->scratch);
    uint8_t *row = scratch_take(job->scratch, row_bytes(width_px));
    if (row == NULL)
        return scratch_exhausted(job->scratch, "the edge filter", error);
    memset(row, 0, row_bytes(width_px));
    for (int y = 0; y < job->keep.height_px; y++) {
        find_holes(&input->classes, y, row + RIM_PX);
        judge_row(row + RIM_PX, image_row(&input->classes, y),
                  image_row(&input->confidence, y), least, width_px,
                  image_row(&job->keep, y));
    }
    scratch_rewind(job->scratch, mark);
    return PO_OK;
}
