/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/check_json.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/json_file.h"
#include "base/outside_text.h"
#include "cli/check_summary.h"
#include "supervise/session_forecast.h"

static void add_range(struct json *object, const struct disparity_range *range)
{
    struct json *node = json_add_object(object, "range");
    json_add_number(node, "min_px", range->min_px);
    json_add_number(node, "count", range->count);
}

static void add_rig(struct json *object, const struct rig_summary *summary, bool squares)
{
    json_add_number(object, "width_px", summary->rig.width_px);
    json_add_number(object, "height_px", summary->rig.height_px);
    json_add_number(object, "focal_px", summary->rig.focal_px);
    json_add_number(object, squares ? "baseline_squares" : "baseline_mm",
                    summary->rig.baseline_mm);
    add_range(object, &summary->range);
    struct json *table = json_add_array(object, "depth_per_disparity_pixel");
    for (int i = 0; i < summary->row_count; i++) {
        struct json *row = json_append_object(table);
        json_add_number(row, "depth", summary->rows[i].depth);
        json_add_number(row, "step", summary->rows[i].step);
    }
}

static void add_calibration(struct json *array, const struct session_run *run, int index)
{
    struct rig_summary summary;
    const struct calibration *calibration = &run->manifest->calibrations[index];
    bool squares = calibration->unit == RIG_SQUARES;
    bool unscaled = calibration->unit == RIG_NONE;
    rig_summary_make(run, index, &summary);
    struct json *object = json_append_object(array);
    json_add_string(object, "path", calibration->path);
    json_add_string(object, "format", calibration->format);
    json_add_number(object, "frames", summary.frames);
    json_add_number(object, "calibrated_width_px", calibration->width_px);
    json_add_number(object, "calibrated_height_px", calibration->height_px);
    json_add_string(object, "unit", unscaled ? "none" : squares ? "squares" : "mm");
    json_add_string(object, "unit_origin", calibration->unit_origin);
    json_add_string(object, "baseline_origin", calibration->baseline_origin);
    if (summary.known && !unscaled)
        add_rig(object, &summary, squares);
    struct json *warnings = json_add_array(object, "warnings");
    for (int i = 0; i < calibration->warnings.length; i++)
        json_append_string(warnings, calibration->warnings.texts[i]);
}

static void add_image(struct json *object, const char *name,
                      const struct image_statistics *image)
{
    struct json *node = json_add_object(object, name);
    json_add_number(node, "mean", image->mean);
    json_add_number(node, "contrast", image->contrast);
    json_add_number(node, "saturated", image->saturated);
    json_add_number(node, "black", image->black);
    json_add_number(node, "textured", image->textured);
    json_add_number(node, "sharpness", image->sharpness);
}

static void add_frame(struct json *array, const struct session_run *run, int frame)
{
    const struct frame_survey *survey = &run->surveys.rows[frame];
    const struct frame_state *state = &run->state.frames[frame];
    struct json *object = json_append_object(array);
    json_add_string(object, "id", run->manifest->frames[frame].id);
    if (state->status != PO_FRAME_PENDING && state->message != NULL)
        json_add_string(object, "problem", state->message);
    if ((survey->known & MEASURE_ROWS) != 0 && survey->rows.found) {
        struct json *rows = json_add_object(object, "rows");
        json_add_number(rows, "median_px", survey->rows.median_px);
        json_add_number(rows, "spread_px", survey->rows.spread_px);
        json_add_number(rows, "matches", survey->rows.agreeing);
        json_add_number(rows, "disparity_low_px", survey->rows.disparity_low_px);
        json_add_number(rows, "disparity_high_px", survey->rows.disparity_high_px);
    }
    if ((survey->known & MEASURE_IMAGES) == 0)
        return;
    add_image(object, "left", &survey->images.left);
    add_image(object, "right", &survey->images.right);
    json_add_number(object, "difference", survey->images.difference);
}

static void add_finding(struct json *array, const struct session_run *run,
                        const struct check_finding *finding)
{
    struct json *object = json_append_object(array);
    json_add_string(object, "severity", check_severity_name(finding->severity));
    json_add_string(object, "topic", finding->topic);
    if (finding->frame >= 0)
        json_add_string(object, "frame", run->manifest->frames[finding->frame].id);
    json_add_string(object, "text", finding->text);
}

static void add_strays(struct json *root, const struct manifest *manifest)
{
    struct json *unmatched = json_add_array(root, "unmatched");
    for (int i = 0; i < manifest->unmatched_count; i++)
        json_append_string(unmatched, manifest->unmatched[i]);
    struct json *unused = json_add_array(root, "not_used");
    for (int i = 0; i < manifest->unused_count; i++) {
        struct json *object = json_append_object(unused);
        json_add_string(object, "path", manifest->unused[i].path);
        json_add_string(object, "reason", manifest->unused[i].difference);
    }
}

static void add_forecast(struct json *root, const struct session_run *run)
{
    struct json *forecast = json_add_object(root, "forecast");
    json_add_number(forecast, "seconds", session_forecast_seconds(run));
    json_add_number(forecast, "workers", run->memory.workers);
    json_add_number(forecast, "frame_memory_bytes", (double)run->memory.frame_bytes);
    json_add_number(forecast, "disk_bytes", (double)session_forecast_disk_bytes(run));
    json_add_number(forecast, "disk_free_bytes", (double)session_forecast_disk_left(run));
}

static void add_session(struct json *root, const struct session_run *run)
{
    const struct manifest *manifest = run->manifest;
    json_add_string(root, "input", manifest->root);
    json_add_string(root, "layout", manifest->layout);
    json_add_number(root, "frame_count", manifest->frame_count);
    json_add_number(root, "frames_checked", run->check.frames_surveyed);
    json_add_string(root, "verdict", check_verdict(run));
    json_add_number(root, "exit_status", check_exit_status(run));
}

/* Prints and frees. */
static enum po_status print(struct json *root, struct po_error *error)
{
    char *text = NULL;
    enum po_status status = json_print(root, &text, error);
    if (status == PO_OK)
        text_lines(stdout, text);
    free(text);
    json_free(root);
    return status;
}

enum po_status check_print_failure_json(const struct po_error *cause, int exit_status,
                                        struct po_error *error)
{
    struct json *root = json_new_object();
    json_add_string(root, "verdict", "not usable");
    json_add_number(root, "exit_status", exit_status);
    struct json *finding = json_append_object(json_add_array(root, "findings"));
    json_add_string(finding, "severity", check_severity_name(CHECK_ERROR));
    json_add_string(finding, "topic",
                    cause->status == PO_BAD_CALIBRATION ? "calibration" : "session");
    json_add_string(finding, "text", cause->message);
    return print(root, error);
}

enum po_status check_print_json(const struct session_run *run, struct po_error *error)
{
    struct json *root = json_new_object();
    add_session(root, run);
    struct json *calibrations = json_add_array(root, "calibration");
    for (int i = 0; i < run->manifest->calibration_count; i++)
        add_calibration(calibrations, run, i);
    struct json *frames = json_add_array(root, "frames");
    for (int i = 0; i < run->manifest->frame_count; i++)
        add_frame(frames, run, i);
    struct json *warnings = json_add_array(root, "warnings");
    for (int i = 0; i < run->manifest->warnings.length; i++)
        json_append_string(warnings, run->manifest->warnings.texts[i]);
    struct json *findings = json_add_array(root, "findings");
    for (int i = 0; i < run->check.finding_count; i++)
        add_finding(findings, run, &run->check.findings[i]);
    add_strays(root, run->manifest);
    add_forecast(root, run);
    return print(root, error);
}
