/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Done means measured: a frame of which almost nothing was measured fails, and so does
 * one of which little was, where the images show why. The causes are tried on the pair
 * in memory: how far its rows are apart, and whether the right image fits exchanged,
 * mirrored or turned.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "frame/frame_views.h"
#include "rectify/row_alignment.h"

/* Few corners do where images match; where they decide that they do not, many are tried.
 */
enum { CORNERS = 150, MANY_CORNERS = 1000, MATCHES_THAT_SAY = 40, CAUSE_BYTES = 320 };

/* Rows two pixels apart leave 59 % of a street measured, three 19 %, eight 11 %. */
static const double doubtful_percent = 30.0;
/* Chance alone measures 6 to 11 % of two unrelated images; of a right image that is badly
 * blurred 25 % remain, though its corners are not found again either. */
static const double chance_percent = 12.0;
/* Of a scene with 70 % of plain sky 11 % of the pixels are sure, and 62 % of those that
 * are measured; of two moments of a street at most 7 and 41 %, of a pair with strong blur
 * or noise 5 and 30 %. */
static const double sure_percent = 10.0;
static const double sure_share = 0.5;
/* Of the matched pixels; a wall or the sky alone is no flat image. */
static const double flat_share = 0.5;

struct cause {
    bool is_certain;   /* the images show it */
    bool is_one_scene; /* nearly all points that are found again lie along common rows */
    enum po_status status;
    char text[CAUSE_BYTES];
};

struct trial {
    bool exchanged;
    bool flips_x; /* the right image */
    bool flips_y;
    const char *text;
};

static const struct trial trials[] = {
    {true, false, false,
     "left and right are exchanged: they match only the other way "
     "round; see --swap"},
    {false, true, false,
     "one of the images is mirrored: they match only when the right "
     "one is flipped"},
    {false, true, true,
     "one of the images is upside down: they match only when the right "
     "one is turned by 180 degrees"},
};

/* Of the left image. */
static double percent_of(const struct frame *frame, const char *count)
{
    const struct frame_plan *plan = &frame->job->plan;
    double pixels = (double)plan->width_px * plan->height_px;
    double counted = (double)count_list_get(&frame->result->counts, count);
    return pixels > 0 ? 100.0 * counted / pixels : 0.0;
}

static double measured_percent(const struct frame *frame)
{
    return percent_of(frame, FRAME_MEASURED_COUNT);
}

/* A copy of the right image as the trial takes it. */
static enum po_status flipped(struct frame *frame, const struct trial *trial,
                              struct image_view *copy, struct po_error *error)
{
    const struct image_view *from = &frame->right_grey;
    enum po_status status =
        image_view_take(frame->scratch, from->width_px, from->height_px, 1, copy, error);
    for (int y = 0; y < from->height_px && status == PO_OK; y++) {
        const uint8_t *row =
            image_row(from, trial->flips_y ? from->height_px - 1 - y : y);
        uint8_t *to = image_row(copy, y);
        for (int x = 0; x < from->width_px; x++)
            to[x] = row[trial->flips_x ? from->width_px - 1 - x : x];
    }
    return status;
}

static enum po_status measure(struct frame *frame, const struct trial *trial, int corners,
                              struct row_alignment *rows, struct po_error *error)
{
    struct image_view right = frame->right_grey;
    size_t mark = scratch_mark(frame->scratch);
    bool flips = trial != NULL && trial->flips_x;
    bool exchanged = trial != NULL && trial->exchanged;
    enum po_status status = flips ? flipped(frame, trial, &right, error) : PO_OK;
    struct row_alignment_request request = {
        .left = exchanged ? right : frame->left_grey,
        .right = exchanged ? frame->left_grey : right,
        .cpu = frame->context->settings->match.cpu,
        .max_corners = corners,
    };
    if (trial == NULL) {
        request.left_valid = frame->left_valid;
        request.right_valid = frame->right_valid;
    }
    if (status == PO_OK)
        status = row_alignment_measure(&request, frame->scratch, rows, error);
    scratch_rewind(frame->scratch, mark);
    return status;
}

static void blame(struct cause *cause, enum po_status status, const char *text)
{
    cause->is_certain = true;
    cause->status = status;
    (void)snprintf(cause->text, sizeof(cause->text), "%s", text);
}

/* Rows that are found: too far apart, or matched outside what was searched. */
static void judge_rows(const struct frame *frame, const struct row_alignment *rows,
                       struct cause *cause)
{
    char text[CAUSE_BYTES];
    const struct po_input_settings *input = &frame->context->settings->input;
    int scale = frame->job->plan.downscale;
    struct disparity_range range = frame->job->plan.range;
    if (row_offset_is_off(rows->median_px * scale)) {
        (void)snprintf(text, sizeof(text),
                       "its rows are %.1f px apart: the pair is not rectified, or the "
                       "calibration is of another state of the rig; calibrate, or give "
                       "--rectify-refine%s",
                       fabs(rows->median_px * scale),
                       input->allow_misaligned ? "" : ", or --allow-misaligned to go on");
        blame(cause, PO_MISALIGNED, text);
        cause->is_certain = !input->allow_misaligned;
    } else if (row_alignment_is_sure(rows) &&
               (rows->disparity_high_px < range.min_px ||
                rows->disparity_low_px > range.min_px + range.count)) {
        (void)snprintf(text, sizeof(text),
                       "the images match at disparities %.0f to %.0f, and %d to %d are "
                       "searched; give --num-disparities auto",
                       shown(rows->disparity_low_px * scale, 0),
                       shown(rows->disparity_high_px * scale, 0), range.min_px * scale,
                       (range.min_px + range.count) * scale - 1);
        blame(cause, PO_UNMEASURED, text);
    }
}

static bool is_flat(const struct frame *frame)
{
    const struct count_list *counts = &frame->result->counts;
    double matched = (double)count_list_get(counts, "matched");
    return (double)count_list_get(counts, "textureless_dropped") > flat_share * matched;
}

/* Whether points are found again, and not where one scene at one moment would have them.
 */
static bool is_scattered(const struct frame *frame, const struct row_alignment *rows)
{
    if (rows->matches < MATCHES_THAT_SAY)
        return false;
    return rows->found ? !row_alignment_is_sure(rows)
                       : measured_percent(frame) < chance_percent;
}

/* Where neither rows nor another order fits. */
static void suspect(const struct frame *frame, const struct row_alignment *rows,
                    struct cause *cause)
{
    if (cause->text[0] != '\0')
        return;
    if (is_scattered(frame, rows)) {
        blame(cause, PO_UNMEASURED,
              "points of the left image are found in the right one, but not along common "
              "rows: the two are not of one scene and moment, or not rectified");
        return;
    }
    const char *text = "the two images hardly match: are they of one moment and one "
                       "scene, and rectified? --check says more";
    if (row_alignment_is_sure(rows))
        text = "the two images are of one scene, but match badly: blur, noise, or little "
               "texture";
    if (is_flat(frame))
        text = "the images show hardly any texture to match";
    (void)snprintf(cause->text, sizeof(cause->text), "%s", text);
}

/* Another order is certain where nearly all points agree on it, and far more than as the
 * images are; matches between two moments are as many both ways round. */
static enum po_status try_others(struct frame *frame, int agreeing, struct cause *cause,
                                 struct po_error *error)
{
    enum po_status status = PO_OK;
    for (size_t i = 0; i < sizeof(trials) / sizeof(trials[0]) && status == PO_OK; i++) {
        struct row_alignment rows;
        status = measure(frame, &trials[i], CORNERS, &rows, error);
        if (status != PO_OK || !row_alignment_is_sure(&rows) ||
            rows.agreeing <= 2 * agreeing ||
            (trials[i].exchanged && !row_alignment_is_ahead(&rows)))
            continue;
        blame(cause, PO_UNMEASURED, trials[i].text);
        break;
    }
    return status;
}

/* Room for it is there but under the tightest limits: then no cause is looked for. */
static bool has_room(const struct frame *frame)
{
    const struct frame_plan *plan = &frame->job->plan;
    int width = plan->match_width_px;
    int height = plan->match_height_px;
    size_t wanted = scratch_sum(row_alignment_bytes(width, height, MANY_CORNERS),
                                image_view_bytes(width, height, 1));
    return scratch_sum(scratch_mark(frame->scratch), wanted) <= plan->scratch_bytes;
}

static enum po_status find_cause(struct frame *frame, struct cause *cause,
                                 struct po_error *error)
{
    struct row_alignment rows = {0};
    enum po_status status = PO_OK;
    *cause = (struct cause){.status = PO_UNMEASURED};
    if (has_room(frame)) {
        status = measure(frame, NULL, CORNERS, &rows, error);
        bool is_weak = !rows.found || 2 * rows.agreeing < rows.corners;
        if (status == PO_OK && is_weak)
            status = try_others(frame, rows.agreeing, cause, error);
        if (status == PO_OK && !row_alignment_is_sure(&rows) && cause->text[0] == '\0')
            status = measure(frame, NULL, MANY_CORNERS, &rows, error);
        if (status == PO_OK && rows.found && cause->text[0] == '\0')
            judge_rows(frame, &rows, cause);
    }
    /* Rows that are let pass far apart say nothing of the pair as it is searched. */
    cause->is_one_scene = row_alignment_is_sure(&rows) && cause->status != PO_MISALIGNED;
    suspect(frame, &rows, cause);
    return status;
}

bool frame_measured_is_asked(const struct po_settings *settings)
{
    return settings->match.min_depth_mm <= 0 && settings->match.max_depth_mm <= 0;
}

bool frame_measured_is_lenient(const struct po_settings *settings)
{
    return settings->input.allow_misaligned || settings->run.min_measured_percent <= 0;
}

static bool is_hardly_sure(const struct frame *frame)
{
    double sure = percent_of(frame, FRAME_SURE_COUNT);
    return sure < sure_percent && sure < sure_share * measured_percent(frame);
}

/* Done, as nothing shows that it is wrong; but nobody should have to find out. */
static void note_doubt(struct frame *frame, double percent, const struct cause *cause)
{
    warning_list_add(&frame->result->warnings,
                     "only %.1f %% of the left image is measured, and %.1f %% surely: %s",
                     percent, percent_of(frame, FRAME_SURE_COUNT), cause->text);
}

/* What a stricter run would not let pass is in the record, so that it can compare. */
static enum po_status let_pass(struct frame *frame, double percent,
                               const struct cause *cause)
{
    const struct po_settings *settings = frame->context->settings;
    bool is_asked = settings->run.min_measured_percent > 0;
    bool is_doubtful = is_asked && is_hardly_sure(frame);
    if (is_doubtful && !cause->is_one_scene)
        frame->result->lacks |= LACKS_MEASUREMENT;
    if (cause->status == PO_MISALIGNED || cause->is_certain || !is_asked)
        warning_list_add(&frame->result->warnings,
                         FRAME_ALLOWED_WARNING " (%.1f %% of the left image): %s",
                         percent, cause->text);
    else if (is_doubtful)
        note_doubt(frame, percent, cause);
    return PO_OK;
}

enum po_status frame_judge(struct frame *frame, struct po_error *error)
{
    struct cause cause;
    const struct po_settings *settings = frame->context->settings;
    double percent = measured_percent(frame);
    double least = settings->run.min_measured_percent;
    if (!frame_measured_is_asked(settings) || percent >= fmax(least, doubtful_percent))
        return PO_OK;
    enum po_status status = find_cause(frame, &cause, error);
    if (status != PO_OK)
        return status;
    if (least <= 0 || (percent >= least && !cause.is_certain))
        return let_pass(frame, percent, &cause);
    if (percent >= least)
        return po_fail(error, cause.status,
                       "only %.1f %% of the left image is measured: %s", percent,
                       cause.text);
    return po_fail(error, cause.status,
                   "only %.1f %% of the left image is measured (--min-measured %g): %s",
                   percent, least, cause.text);
}
