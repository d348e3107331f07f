/* SPDX-License-Identifier: Apache-2.0 */
#include "check/frame_survey.h"

#include <math.h>
#include <stdio.h>

#include "base/number.h"
#include "cv_shim/cv_board.h"
#include "frame/frame_pair.h"

/* Few corners do where images have texture; where they do not decide, many are tried. */
enum { BOARD_WIDTH_PX = 640 };
/* Texture holds boards of three by three by chance. */
enum { LEAST_CORNERS = 20 };
enum { CORNERS = 150, MANY_CORNERS = 1000 };

size_t frame_survey_bytes(const struct frame_plan *plan)
{
    int width_px = plan->match_width_px;
    int height_px = plan->match_height_px;
    size_t work = size_maximum(row_alignment_bytes(width_px, height_px, MANY_CORNERS),
                               range_estimate_bytes(width_px, height_px));
    return size_maximum(plan->pair_bytes, scratch_sum(plan->view_bytes, work));
}

/* What a rig sees has d + doffs > 0; without a calibration nothing is known. */
static double floor_of(const struct frame_job *job)
{
    const struct rectified_rig *rig = &job->rectification.rig;
    return rig->unit == RIG_NONE ? -INFINITY : -rig->doffs_px / job->plan.downscale;
}

static void rows_to_full_size(struct row_alignment *rows, int downscale)
{
    rows->a_px *= downscale;
    rows->b_px *= downscale;
    rows->c_px *= downscale;
    rows->median_px *= downscale;
    rows->spread_px *= downscale;
    rows->residual_px *= downscale;
    rows->disparity_low_px *= downscale;
    rows->disparity_high_px *= downscale;
}

static enum po_status measure_rows(const struct frame_pair *pair, bool exchanged,
                                   int corners, struct scratch *scratch,
                                   struct row_alignment *rows, struct po_error *error)
{
    struct row_alignment_request request = {
        .left = exchanged ? pair->right : pair->left,
        .right = exchanged ? pair->left : pair->right,
        .left_valid = exchanged ? pair->right_valid : pair->left_valid,
        .right_valid = exchanged ? pair->left_valid : pair->right_valid,
        .cpu = pair->cpu,
        .max_corners = corners,
    };
    return row_alignment_measure(&request, scratch, rows, error);
}

/* Where the pair hardly matches, or only behind the cameras, the other order is tried. */
static enum po_status measure_pair_rows(const struct frame_pair *pair,
                                        const struct frame_job *job,
                                        struct scratch *scratch,
                                        struct frame_survey *survey,
                                        struct po_error *error)
{
    struct row_alignment other = {0};
    struct row_alignment *rows = &survey->rows;
    enum po_status status = measure_rows(pair, false, CORNERS, scratch, rows, error);
    if (status == PO_OK && !rows->found)
        status = measure_rows(pair, false, MANY_CORNERS, scratch, rows, error);
    bool in_front = rows->found && rows->disparity_high_px > floor_of(job);
    if (status == PO_OK && !in_front)
        status = measure_rows(pair, true, CORNERS, scratch, &other, error);
    survey->is_one_picture = pair->is_one_picture && rows->found;
    survey->exchanged = !in_front && !survey->is_one_picture &&
                        row_alignment_is_sure(&other) && row_alignment_is_ahead(&other) &&
                        (!rows->found || other.agreeing >= rows->agreeing / 2);
    rows_to_full_size(rows, job->plan.downscale);
    survey->known |= MEASURE_ROWS;
    return status;
}

/* A small copy shows a board as well, and the detector takes memory by the pixel. */
static enum po_status measure_board(const struct image_view *image,
                                    struct scratch *scratch, int *cols, int *rows,
                                    struct po_error *error)
{
    struct image_view view = *image;
    while (view.width_px > BOARD_WIDTH_PX) {
        struct image_view half;
        enum po_status status = image_view_take(
            scratch, (view.width_px + 1) / 2, (view.height_px + 1) / 2, 1, &half, error);
        if (status != PO_OK)
            return status;
        image_halve(&view, &half);
        view = half;
    }
    const struct cv_image grey = {view.width_px, view.height_px, 1, view.stride_bytes,
                                  view.pixels};
    return cv_board_measure(&grey, cols, rows, error);
}

/* Pictures of a calibration board among frames that have no calibration. */
static enum po_status look_for_board(const struct frame_pair *pair,
                                     struct scratch *scratch, struct frame_survey *survey,
                                     struct po_error *error)
{
    int cols[2] = {0, 0};
    int rows[2] = {0, 0};
    size_t mark = scratch_mark(scratch);
    enum po_status status =
        measure_board(&pair->left, scratch, &cols[0], &rows[0], error);
    scratch_rewind(scratch, mark);
    if (status == PO_OK && cols[0] > 0)
        status = measure_board(&pair->right, scratch, &cols[1], &rows[1], error);
    scratch_rewind(scratch, mark);
    survey->shows_board =
        cols[0] * rows[0] >= LEAST_CORNERS && cols[1] * rows[1] >= LEAST_CORNERS;
    return status;
}

/* Images that appear rectified, though the calibration is that of raw cameras. */
static enum po_status
measure_untouched_rows(const struct frame_context *context, const struct frame_job *job,
                       const struct cancel *cancel, struct scratch *scratch,
                       struct frame_survey *survey, struct po_error *error)
{
    struct frame_pair pair;
    struct frame_job untouched = *job;
    untouched.rectification.identity = true;
    untouched.rectification.has_vertical_field = false;
    enum po_status status =
        frame_pair_load(context, &untouched, scratch, cancel, &pair, error);
    if (status == PO_OK)
        status =
            measure_rows(&pair, false, CORNERS, scratch, &survey->untouched_rows, error);
    if (status == PO_OK && !survey->untouched_rows.found)
        status = measure_rows(&pair, false, MANY_CORNERS, scratch,
                              &survey->untouched_rows, error);
    rows_to_full_size(&survey->untouched_rows, job->plan.downscale);
    return status;
}

static enum po_status measure_range(const struct frame_pair *pair,
                                    const struct frame_job *job,
                                    const struct cancel *cancel, struct scratch *scratch,
                                    struct frame_survey *survey, struct po_error *error)
{
    struct po_error cause = {0};
    struct range_estimate_request request = {
        .left = pair->left,
        .right = pair->right,
        .left_valid = pair->left_valid,
        .right_valid = pair->right_valid,
        .floor_px = floor_of(job),
        .cancel = cancel,
    };
    enum po_status status = range_estimate(&request, scratch, &survey->range, &cause);
    if (status != PO_OK && status != PO_NO_RANGE)
        return po_fail(error, status, "%s", cause.message);
    survey->range_status = status;
    (void)snprintf(survey->range_reason, sizeof(survey->range_reason), "%.230s",
                   cause.message);
    survey->range.low_px *= job->plan.downscale;
    survey->range.high_px *= job->plan.downscale;
    survey->known |= MEASURE_RANGE;
    return PO_OK;
}

enum po_status frame_survey_run(const struct frame_context *context,
                                const struct frame_job *job, const struct cancel *cancel,
                                struct scratch *scratch, struct frame_survey *survey,
                                struct po_error *error)
{
    struct frame_pair pair;
    size_t mark = scratch_mark(scratch);
    enum po_status status = frame_pair_load(context, job, scratch, cancel, &pair, error);
    survey->known = 0;
    if (status == PO_OK && (survey->wanted & MEASURE_IMAGES) != 0) {
        survey->images = pair_statistics_of(&pair.left, &pair.right, &pair.left_valid,
                                            &pair.right_valid);
        survey->known |= MEASURE_IMAGES;
        if (job->rectification.rig.unit == RIG_NONE)
            status = look_for_board(&pair, scratch, survey, error);
    }
    if (status == PO_OK && (survey->wanted & MEASURE_ROWS) != 0)
        status = measure_pair_rows(&pair, job, scratch, survey, error);
    if (status == PO_OK && (survey->wanted & MEASURE_RANGE) != 0)
        status = measure_range(&pair, job, cancel, scratch, survey, error);
    scratch_rewind(scratch, mark);
    unsigned both = MEASURE_IMAGES | MEASURE_ROWS;
    if (status == PO_OK && (survey->known & both) == both &&
        !job->rectification.identity && pair_looks_rectified(&survey->images))
        status = measure_untouched_rows(context, job, cancel, scratch, survey, error);
    scratch_rewind(scratch, mark);
    return status;
}
