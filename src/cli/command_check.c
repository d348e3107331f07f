/* SPDX-License-Identifier: Apache-2.0 */
/* What stands between a session and a good result, before hours are spent on it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json_file.h"
#include "cli/command.h"
#include "process_offline/summary.h"
#include "report/readable.h"
#include "supervise/disk_space.h"
#include "supervise/frame_planner.h"
#include "supervise/session_forecast.h"
#include "supervise/session_inspect.h"

enum { DEPTH_ROWS = 5 };

/* What one pixel of disparity means at a depth. */
struct depth_row {
    double depth;
    double step; /* Z^2 / (f B): the depth between two neighbouring disparities */
};

static const char *severity_name(enum check_severity severity)
{
    static const char *const names[] = {"note", "warning", "error"};
    return names[severity];
}

static const char *verdict_of(const struct session_check *check)
{
    static const char *const names[] = {"good", "usable, with warnings", "not usable"};
    return names[session_check_worst(check)];
}

/* Depths at the largest disparity searched, and at a half, a quarter ... of it. */
static int depth_table(const struct session_run *run, int calibration,
                       struct depth_row rows[DEPTH_ROWS],
                       struct rectification *rectification)
{
    const struct disparity_range *range = &run->values.ranges[calibration + 1];
    double disparity_px = range->min_px + range->count - 1;
    int count = 0;
    if (!frame_planner_rig(run, calibration, rectification))
        return 0;
    const struct rectified_rig *rig = &rectification->rig;
    for (; count < DEPTH_ROWS && disparity_px >= 1; count++, disparity_px /= 2) {
        double depth = rectified_rig_depth(rig, disparity_px);
        if (!isfinite(depth))
            break;
        rows[count].depth = depth;
        rows[count].step = depth * depth / (rig->focal_px * rig->baseline_mm);
    }
    return count;
}

static void print_calibration(const struct session_run *run, int index)
{
    struct depth_row rows[DEPTH_ROWS];
    struct rectification rectification;
    const struct calibration *calibration = &run->manifest->calibrations[index];
    int count = depth_table(run, index, rows, &rectification);
    const char *unit = calibration->unit == RIG_SQUARES ? "squares" : "mm";
    (void)printf("calibration: %s (%s)\n", calibration->path, calibration->format);
    if (count > 0)
        (void)printf("  focal %.2f px, baseline %.3f %s (from %s), unit from %s\n",
                     rectification.rig.focal_px, rectification.rig.baseline_mm, unit,
                     calibration->baseline_origin, calibration->unit_origin);
    for (int i = 0; i < count; i++)
        (void)printf("  at %.5g %s, one pixel of disparity is %.3g %s\n", rows[i].depth,
                     unit, rows[i].step, unit);
    for (int i = 0; i < calibration->warnings.length; i++)
        (void)printf("  warning: %s\n", calibration->warnings.texts[i]);
}

static void print_findings(const struct session_run *run,
                           const struct session_check *check)
{
    for (int i = 0; i < check->finding_count; i++) {
        const struct check_finding *finding = &check->findings[i];
        (void)printf("%s: ", severity_name(finding->severity));
        if (finding->frame >= 0)
            (void)printf("%s: ", run->manifest->frames[finding->frame].id);
        (void)printf("%s\n", finding->text);
    }
    if (check->findings_dropped > 0)
        (void)printf("and %d findings more\n", check->findings_dropped);
}

static void print_text(const struct session_run *run, const struct session_check *check)
{
    enum { CALIBRATIONS_SHOWN = 8 };
    const struct manifest *manifest = run->manifest;
    char memory[READABLE_BYTES];
    char disk[READABLE_BYTES];
    (void)printf("%d frames, layout %s, %d looked at\n", manifest->frame_count,
                 manifest->layout, check->frame_count);
    for (int i = 0; i < manifest->calibration_count && i < CALIBRATIONS_SHOWN; i++)
        print_calibration(run, i);
    for (int i = 0; i < manifest->warnings.length; i++)
        (void)printf("warning: %s\n", manifest->warnings.texts[i]);
    if (manifest->unmatched_count > 0)
        (void)printf("warning: %d files without a partner\n", manifest->unmatched_count);
    print_findings(run, check);
    readable_size(run->memory.frame_bytes, memory, sizeof(memory));
    readable_size(disk_space_forecast(run), disk, sizeof(disk));
    (void)printf("forecast: %s of memory a frame, about %s on disk\n", memory, disk);
    (void)printf("verdict: %s\n", verdict_of(check));
}

static void add_calibration(struct json *array, const struct session_run *run, int index)
{
    struct depth_row rows[DEPTH_ROWS];
    struct rectification rectification;
    const struct calibration *calibration = &run->manifest->calibrations[index];
    int count = depth_table(run, index, rows, &rectification);
    bool squares = calibration->unit == RIG_SQUARES;
    struct json *object = json_append_object(array);
    json_add_string(object, "path", calibration->path);
    json_add_string(object, "format", calibration->format);
    json_add_string(object, "unit", squares ? "squares" : "mm");
    json_add_string(object, "unit_origin", calibration->unit_origin);
    json_add_string(object, "baseline_origin", calibration->baseline_origin);
    if (count > 0) {
        json_add_number(object, "focal_px", rectification.rig.focal_px);
        json_add_number(object, squares ? "baseline_squares" : "baseline_mm",
                        rectification.rig.baseline_mm);
    }
    struct json *table = json_add_array(object, "depth_per_disparity_pixel");
    for (int i = 0; i < count; i++) {
        struct json *row = json_append_object(table);
        json_add_number(row, "depth", rows[i].depth);
        json_add_number(row, "step", rows[i].step);
    }
    struct json *warnings = json_add_array(object, "warnings");
    for (int i = 0; i < calibration->warnings.length; i++)
        json_append_string(warnings, calibration->warnings.texts[i]);
}

static void add_finding(struct json *array, const struct session_run *run,
                        const struct check_finding *finding)
{
    struct json *object = json_append_object(array);
    json_add_string(object, "severity", severity_name(finding->severity));
    json_add_string(object, "topic", finding->topic);
    if (finding->frame >= 0)
        json_add_string(object, "frame", run->manifest->frames[finding->frame].id);
    json_add_string(object, "text", finding->text);
}

static enum po_status print_json(const struct session_run *run,
                                 const struct session_check *check,
                                 struct po_error *error)
{
    char *text = NULL;
    const struct manifest *manifest = run->manifest;
    struct json *root = json_new_object();
    json_add_number(root, "frames", manifest->frame_count);
    json_add_number(root, "frames_checked", check->frame_count);
    json_add_string(root, "layout", manifest->layout);
    json_add_number(root, "unmatched", manifest->unmatched_count);
    json_add_number(root, "worst_rows_px", check->worst_rows_px);
    json_add_string(root, "verdict", verdict_of(check));
    json_add_number(root, "frame_memory_bytes", (double)run->memory.frame_bytes);
    json_add_number(root, "disk_bytes", (double)disk_space_forecast(run));
    struct json *calibrations = json_add_array(root, "calibration");
    for (int i = 0; i < manifest->calibration_count; i++)
        add_calibration(calibrations, run, i);
    struct json *findings = json_add_array(root, "findings");
    for (int i = 0; i < check->finding_count; i++)
        add_finding(findings, run, &check->findings[i]);
    enum po_status status = json_print(root, &text, error);
    if (status == PO_OK)
        (void)fputs(text, stdout);
    free(text);
    json_free(root);
    return status;
}

enum po_status command_check(const struct settings_set *set, bool json, int *exit_status,
                             struct po_error *error)
{
    struct session_check *check = calloc(1, sizeof(*check));
    struct session_run *run = calloc(1, sizeof(*run));
    enum po_status status = PO_OK;
    if (check == NULL || run == NULL) {
        status = po_fail(error, PO_OUT_OF_MEMORY, "no memory to start");
        goto cleanup;
    }
    status = session_forecast_make(set, run, error);
    if (status == PO_OK)
        status = session_inspect(run, check, error);
    if (status == PO_OK && json)
        status = print_json(run, check, error);
    else if (status == PO_OK)
        print_text(run, check);
    if (status == PO_OK && session_check_worst(check) == CHECK_ERROR)
        *exit_status = PO_EXIT_CALIBRATION;

cleanup:
    if (run != NULL)
        session_run_release(run);
    free(run);
    free(check);
    return status;
}
