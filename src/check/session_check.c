/* SPDX-License-Identifier: Apache-2.0 */
#include "check/session_check.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "frame/frame_pair.h"

enum { CORNERS = 400 };
static const double ROWS_WARNING_PX = 0.5;
static const double ROWS_ERROR_PX = 2.0;

static void find(struct session_check *check, enum check_severity severity, int frame,
                 const char *topic, const char *format, ...) PO_PRINTF(5, 6);

static void find(struct session_check *check, enum check_severity severity, int frame,
                 const char *topic, const char *format, ...)
{
    if (check->finding_count == CHECK_FINDINGS_MAX) {
        check->findings_dropped++;
        return;
    }
    struct check_finding *finding = &check->findings[check->finding_count++];
    finding->severity = severity;
    finding->frame = frame;
    (void)snprintf(finding->topic, sizeof(finding->topic), "%s", topic);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(finding->text, sizeof(finding->text), format, arguments);
    va_end(arguments);
}

static void check_rows(struct session_check *check, const struct check_frame *frame,
                       bool allow_misaligned)
{
    const struct row_alignment *rows = &frame->rows;
    if (!rows->found) {
        find(check, CHECK_NOTE, frame->frame, "rows",
             "row alignment cannot be judged: %d of %d corners were found again",
             rows->matches, rows->corners);
        return;
    }
    double worst = row_alignment_worst_px(rows);
    if (isnan(check->worst_rows_px) || worst > check->worst_rows_px)
        check->worst_rows_px = worst;
    if (fabs(rows->median_px) > ROWS_ERROR_PX)
        find(check, allow_misaligned ? CHECK_WARNING : CHECK_ERROR, frame->frame, "rows",
             "rows of the rectified pair are %.1f px apart (median of %d matches): the "
             "calibration does not belong to these images; try --rectify-refine, or "
             "--allow-misaligned to go on",
             rows->median_px, rows->agreeing);
    else if (worst > ROWS_WARNING_PX)
        find(check, CHECK_WARNING, frame->frame, "rows",
             "rows of the rectified pair are up to %.2f px apart (median %.2f px of %d "
             "matches): expect more errors; --rectify-refine removes it",
             worst, rows->median_px, rows->agreeing);
    else
        find(check, CHECK_NOTE, frame->frame, "rows",
             "rows align within %.2f px (median %.2f px of %d matches)", worst,
             rows->median_px, rows->agreeing);
    if (rows->disparity_high_px < 0.0)
        find(check, CHECK_ERROR, frame->frame, "swap",
             "all disparities are negative (%.0f..%.0f px): left and right are "
             "exchanged; use "
             "--swap",
             rows->disparity_low_px, rows->disparity_high_px);
}

static void check_images(struct session_check *check, const struct check_frame *frame)
{
    struct image_findings findings;
    image_check(&frame->images, &findings);
    for (int i = 0; i < findings.count; i++)
        find(check, CHECK_WARNING, frame->frame, "images", "%s", findings.texts[i]);
}

static enum po_status measure(const struct frame_context *context,
                              const struct frame_job *job, const struct cancel *cancel,
                              struct scratch *scratch, struct check_frame *frame,
                              struct po_error *error)
{
    struct frame_pair pair;
    enum po_status status = frame_pair_load(context, job, scratch, cancel, &pair, error);
    if (status != PO_OK)
        return status;
    frame->images = pair_statistics_of(&pair.left, &pair.right, &pair.left_seen);
    struct row_alignment_request request = {
        .left = pair.left,
        .right = pair.right,
        .left_seen = pair.left_seen,
        .right_seen = pair.right_seen,
        .max_corners = CORNERS,
    };
    return row_alignment_measure(&request, scratch, &frame->rows, error);
}

static enum po_status check_frame(const struct frame_context *context, int index,
                                  const struct cancel *cancel,
                                  struct session_check *check, struct po_error *error)
{
    struct check_frame *frame = &check->frames[check->frame_count % CHECK_FRAMES_MAX];
    struct frame_job job;
    struct scratch scratch = {0};
    memset(frame, 0, sizeof(*frame));
    frame->frame = index;
    enum po_status status = frame_pipeline_prepare(context, index, &job, error);
    if (status != PO_OK)
        return status;
    size_t alignment =
        row_alignment_bytes(job.plan.width_px, job.plan.height_px, CORNERS);
    status =
        scratch_init(&scratch, scratch_sum(job.plan.scratch_bytes, alignment), error);
    if (status == PO_OK)
        status = measure(context, &job, cancel, &scratch, frame, error);
    scratch_release(&scratch);
    if (status != PO_OK)
        return status;
    frame->loaded = true;
    check->frame_count++;
    check_images(check, frame);
    check_rows(check, frame, context->settings->input.allow_misaligned);
    return PO_OK;
}

enum po_status session_check_run(const struct frame_context *context, int max_frames,
                                 const struct cancel *cancel, struct session_check *check,
                                 struct po_error *error)
{
    int total = context->manifest->frame_count;
    int wanted = max_frames > 0 && max_frames < total ? max_frames : total;
    memset(check, 0, sizeof(*check));
    check->worst_rows_px = NAN;
    for (int i = 0; i < wanted; i++) {
        int index = (int)((int64_t)i * total / wanted);
        struct po_error cause = {0};
        enum po_status status = check_frame(context, index, cancel, check, &cause);
        if (status == PO_CANCELLED)
            return po_fail(error, status, "%s", cause.message);
        if (status != PO_OK)
            find(check, CHECK_WARNING, index, "frame", "%.300s", cause.message);
    }
    return PO_OK;
}

enum check_severity session_check_worst(const struct session_check *check)
{
    enum check_severity worst = CHECK_NOTE;
    for (int i = 0; i < check->finding_count; i++)
        if (check->findings[i].severity > worst)
            worst = check->findings[i].severity;
    return worst;
}
