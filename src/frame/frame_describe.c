/* SPDX-License-Identifier: Apache-2.0 */
/* What frame.json says of the frame: taken from the steps, never measured time or bytes.
 */
#include "frame/frame_views.h"

#include <stdio.h>
#include <string.h>

#include "frame/frame_key.h"
#include "settings/settings_table.h"

static void describe_inputs(struct frame *frame)
{
    static const char *const roles[FRAME_INPUTS_MAX] = {"left", "right", "prior"};
    const char *paths[FRAME_INPUTS_MAX];
    char text[HASH_TEXT_BYTES];
    int count = frame_entry_inputs(frame->entry, paths);
    for (int i = 0; i < count; i++) {
        hash_text(frame->input_hashes[i], text);
        (void)frame_record_add_input(frame->record, roles[i], paths[i],
                                     frame->input_stats[i].size_bytes, text);
    }
    struct hash key =
        frame_key(frame->context, frame->job->frame, frame->input_hashes, SETTING_CLOUD);
    /* The next run tries again. */
    if (frame->network_failed || frame->result->prior_failed)
        key = hash_combine(key, hash_bytes("incomplete", 10));
    hash_text(key, text);
    memcpy(frame->record->key, text, sizeof(text));
}

static void describe_choice(const struct po_settings *settings, const char *name,
                            char *text, size_t text_bytes)
{
    int index;
    if (settings_find(name, &index) != NULL)
        settings_format(settings, index, text, text_bytes);
}

static void describe_settings(struct frame *frame)
{
    const struct po_settings *settings = frame->context->settings;
    struct frame_record *record = frame->record;
    char matcher[24] = "";
    char mode[24] = "";
    describe_choice(settings, "profile", record->profile, sizeof(record->profile));
    describe_choice(settings, "matcher", matcher, sizeof(matcher));
    describe_choice(settings,
                    settings->match.matcher == PO_MATCHER_OPENCV ? "opencv-mode"
                                                                 : "profile",
                    mode, sizeof(mode));
    (void)snprintf(record->matcher, sizeof(record->matcher), "%s %s", matcher, mode);
    describe_choice(settings, "unit", record->cloud_unit, sizeof(record->cloud_unit));
    describe_choice(settings, "axes", record->cloud_axes, sizeof(record->cloud_axes));
    if (frame->job->rectification.rig.unit == RIG_SQUARES)
        (void)snprintf(record->cloud_unit, sizeof(record->cloud_unit), "squares");
}

static void describe_results(struct frame *frame)
{
    const struct frame_result *result = frame->result;
    struct frame_record *record = frame->record;
    record->lacks = result->lacks;
    record->points = result->points;
    if (result->points > 0) {
        memcpy(record->extent.min_mm, result->extent.min_mm,
               sizeof(record->extent.min_mm));
        memcpy(record->extent.max_mm, result->extent.max_mm,
               sizeof(record->extent.max_mm));
        memcpy(record->extent.p1_mm, result->extent.p1_mm, sizeof(record->extent.p1_mm));
        memcpy(record->extent.p99_mm, result->extent.p99_mm,
               sizeof(record->extent.p99_mm));
        memcpy(record->extent.centroid_mm, result->extent.centroid_mm,
               sizeof(record->extent.centroid_mm));
        record->extent.median_depth_mm = result->extent.median_depth_mm;
        record->extent.median_sigma_mm = result->extent.median_sigma_mm;
    }
    record->scores = result->scores;
    record->plane = result->plane;
    frame_record_set_counts(record, &result->counts);
    record->warnings = result->warnings;
}

static void describe_prior(const struct frame *frame)
{
    const struct frame_prior *prior = &frame->prior;
    struct record_prior *record = &frame->record->prior;
    const struct manifest *manifest = frame->context->manifest;
    if (!prior->begun)
        return;
    *record = (struct record_prior){
        .present = true,
        .used = prior->worst.accepted,
        .order = prior->worst.order,
        .inlier_share = prior->worst.inlier_share,
        .residual_px = prior->worst.residual_px,
        .filled = prior->filled,
    };
    (void)snprintf(record->source, sizeof(record->source), "%s",
                   frame->context->prior->source == PRIOR_MAPS ? "map" : "network");
    if (frame->entry->prior_frame != frame->job->frame)
        (void)snprintf(record->carried_from, sizeof(record->carried_from), "%s",
                       manifest->frames[frame->entry->prior_frame].id);
}

static void describe_scale(const struct frame *frame, struct frame_record *record)
{
    const struct image_scale16 *scales = frame->context->scale16;
    if (frame->job->left.bits <= 8)
        return;
    record->scale16 = 255.0 / (scales[0].white - scales[0].black);
    record->black16[0] = scales[0].black;
    record->black16[1] = scales[1].black;
}

void frame_describe(struct frame *frame)
{
    const struct frame_job *job = frame->job;
    struct frame_record *record = frame->record;
    (void)snprintf(record->id, sizeof(record->id), "%s", frame->entry->id);
    describe_inputs(frame);
    describe_settings(frame);
    record->has_rig = job->rectification.rig.unit != RIG_NONE;
    record->rig = job->rectification.rig;
    (void)snprintf(record->rectified_by, sizeof(record->rectified_by), "%s",
                   frame->entry->calibration < 0 ? "nothing"
                   : record->has_rig             ? "calibration"
                                                 : "images");
    if (frame->entry->calibration >= 0)
        (void)snprintf(
            record->calibration_format, sizeof(record->calibration_format), "%.40s",
            frame->context->manifest->calibrations[frame->entry->calibration].format);
    record->width_px = job->plan.width_px;
    record->height_px = job->plan.height_px;
    record->downscale = job->plan.downscale;
    struct disparity_range range = frame_range(frame->context, job->frame);
    record->range_min_px = range.min_px;
    record->range_count = range.count;
    record->has_vertical_field = job->rectification.has_vertical_field;
    memcpy(record->vertical_field_px, job->rectification.vertical_field_px,
           sizeof(record->vertical_field_px));
    record->depth_unit_mm =
        record->rig.unit == RIG_MM ? frame->context->depth_unit_mm : 0.0;
    describe_scale(frame, record);
    describe_results(frame);
    describe_prior(frame);
}
