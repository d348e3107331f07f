/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/check_text.h"

#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "base/outside_text.h"
#include "base/readable.h"
#include "cli/check_summary.h"
#include "supervise/session_forecast.h"

enum { CALIBRATIONS_SHOWN = 8, FRAMES_SHOWN = 100 };

static void print_images(const struct session_run *run)
{
    int width_px = 0;
    int height_px = 0;
    int others = 0;
    for (int i = 0; i < run->manifest->frame_count; i++) {
        const struct image_header *left = &run->probes.frames[i].left;
        if ((run->probes.frames[i].known & PROBE_HEADERS) == 0)
            continue;
        if (width_px == 0) {
            width_px = left->width_px;
            height_px = left->height_px;
            text_part(stdout, "images: %dx%d, %d bit, %s", width_px, height_px,
                      left->bits, left->channels == 1 ? "grey" : "colour");
        }
        others += left->width_px != width_px || left->height_px != height_px;
    }
    if (others > 0)
        text_part(stdout, "; %d frames of other sizes", others);
    if (width_px > 0)
        text_end(stdout);
}

static void print_rig(const struct calibration *calibration,
                      const struct rig_summary *summary)
{
    const char *unit = calibration->unit == RIG_SQUARES ? "squares" : "mm";
    if (calibration->unit == RIG_NONE) {
        text_line(stdout,
                  "  found from the images: disparities %d to %d, unscaled, no "
                  "depths",
                  summary->range.min_px,
                  summary->range.min_px + summary->range.count - 1);
        return;
    }
    text_line(stdout,
              "  rectified focal %.2f px, baseline %.3f %s (from %s), unit from %s",
              summary->rig.focal_px, summary->rig.baseline_mm, unit,
              calibration->baseline_origin, calibration->unit_origin);
    text_line(stdout, "  disparities searched: %d to %d", summary->range.min_px,
              summary->range.min_px + summary->range.count - 1);
    for (int i = 0; i < summary->row_count; i++)
        text_line(stdout, "  at %.5g %s, one pixel of disparity is %.3g %s",
                  summary->rows[i].depth, unit, summary->rows[i].step, unit);
}

static void print_calibration(const struct session_run *run, int index)
{
    struct rig_summary summary;
    const struct calibration *calibration = &run->manifest->calibrations[index];
    rig_summary_make(run, index, &summary);
    text_line(stdout, "calibration: %s (%s, %s), %d %s", calibration->path,
              calibration->format, calibration->rectified ? "rectified" : "raw",
              summary.frames, summary.frames == 1 ? "frame" : "frames");
    if (calibration->width_px > 0)
        text_line(stdout, "  for images of %dx%d", calibration->width_px,
                  calibration->height_px);
    if (summary.known)
        print_rig(calibration, &summary);
    for (int i = 0; i < calibration->warnings.length; i++)
        text_line(stdout, "  warning: %s", calibration->warnings.texts[i]);
}

static void print_calibrations(const struct session_run *run)
{
    const struct manifest *manifest = run->manifest;
    for (int i = 0; i < manifest->calibration_count && i < CALIBRATIONS_SHOWN; i++)
        print_calibration(run, i);
    if (manifest->calibration_count > CALIBRATIONS_SHOWN)
        text_line(stdout, "and %d calibrations more",
                  manifest->calibration_count - CALIBRATIONS_SHOWN);
    if (manifest->calibration_count == 0)
        text_line(stdout, "calibration: none; disparities %d to %d, no depths",
                  run->values.ranges[0].min_px,
                  run->values.ranges[0].min_px + run->values.ranges[0].count - 1);
    for (int i = 0; i < manifest->unused_count; i++)
        text_line(stdout, "not used: %s: %s", manifest->unused[i].path,
                  manifest->unused[i].difference);
}

static void print_frame(const char *id, const struct frame_survey *survey)
{
    const struct pair_statistics *images = &survey->images;
    text_part(stdout, "  %-24s", id);
    if (survey->rows.found)
        text_part(stdout, " %7.2f %7.2f %7d %6.0f..%-6.0f",
                  shown(survey->rows.median_px, 2), survey->rows.spread_px,
                  survey->rows.agreeing, shown(survey->rows.disparity_low_px, 0),
                  shown(survey->rows.disparity_high_px, 0));
    else
        text_part(stdout, " %7s %7s %7d %14s", "-", "-", survey->rows.matches, "-");
    text_line(stdout, " %5.0f %5.0f %6.2f %6.2f", images->left.mean, images->right.mean,
              images->left.sharpness, images->right.sharpness);
}

static void print_frames(const struct session_run *run)
{
    int shown = 0;
    text_line(stdout, "  %-24s %7s %7s %7s %14s %11s %13s", "frame", "rows px", "up to",
              "matches", "disparities", "grey L   R", "sharp L    R");
    for (int i = 0; i < run->manifest->frame_count && shown < FRAMES_SHOWN; i++) {
        const struct frame_survey *survey = &run->surveys.rows[i];
        if ((survey->known & MEASURE_ROWS) == 0)
            continue;
        print_frame(run->manifest->frames[i].id, survey);
        shown++;
    }
    if (run->check.frames_surveyed > shown)
        text_line(stdout, "  and %d frames more", run->check.frames_surveyed - shown);
}

/* By a finding, for all frames of a rig. */
static bool is_told(const struct session_check *check, const char *message)
{
    for (int i = 0; i < check->finding_count && message != NULL; i++)
        if (strcmp(check->findings[i].text, message) == 0)
            return true;
    return false;
}

static const char *problem_of(const struct session_run *run, int frame)
{
    const struct frame_state *state = &run->state.frames[frame];
    if (state->status == PO_FRAME_PENDING || is_told(&run->check, state->message))
        return NULL;
    return state->message != NULL ? state->message : "cannot be processed";
}

/* One line for frames in a row that have the same problem. */
static void print_problems(const struct session_run *run)
{
    int count = run->manifest->frame_count;
    for (int i = 0, same = 0; i<count; i += same> 0 ? same : 1) {
        const char *problem = problem_of(run, i);
        same = 0;
        if (problem == NULL)
            continue;
        while (i + same < count && problem_of(run, i + same) != NULL &&
               strcmp(problem_of(run, i + same), problem) == 0)
            same++;
        text_part(stdout, "error: %s", run->manifest->frames[i].id);
        if (same > 1)
            text_part(stdout, " and %d %s more", same - 1,
                      same == 2 ? "frame" : "frames");
        text_line(stdout, ": %s", problem);
    }
}

static void print_findings(const struct session_run *run)
{
    const struct session_check *check = &run->check;
    const struct manifest *manifest = run->manifest;
    for (int i = 0; i < manifest->warnings.length; i++)
        text_line(stdout, "warning: %s", manifest->warnings.texts[i]);
    if (manifest->unmatched_count > 0)
        text_line(stdout, "warning: %d %s without a partner, such as %s",
                  manifest->unmatched_count,
                  manifest->unmatched_count == 1 ? "file" : "files",
                  manifest->unmatched[0]);
    print_problems(run);
    for (int i = 0; i < check->finding_count; i++) {
        const struct check_finding *finding = &check->findings[i];
        text_part(stdout, "%s: ", check_severity_name(finding->severity));
        if (finding->frame >= 0)
            text_part(stdout, "%s: ", manifest->frames[finding->frame].id);
        text_line(stdout, "%s", finding->text);
    }
    if (check->findings_dropped > 0)
        text_line(stdout, "and %d findings more", check->findings_dropped);
}

static void print_forecast(const struct session_run *run)
{
    char time[READABLE_BYTES];
    char memory[READABLE_BYTES];
    char disk[READABLE_BYTES];
    char left[READABLE_BYTES];
    uint64_t left_bytes = session_forecast_disk_left(run);
    readable_seconds(session_forecast_seconds(run), time, sizeof(time));
    readable_size(run->memory.frame_bytes, memory, sizeof(memory));
    readable_size(session_forecast_disk_bytes(run), disk, sizeof(disk));
    readable_size(left_bytes, left, sizeof(left));
    text_line(stdout,
              "forecast: about %s on %d workers, %s of memory a frame, about %s on "
              "disk of %s free",
              time, run->memory.workers, memory, disk,
              left_bytes == UINT64_MAX ? "unknown" : left);
}

void check_print_text(const struct session_run *run)
{
    int frames = run->manifest->frame_count;
    text_line(stdout, "session: %s", run->manifest->root);
    text_line(stdout, "%d %s, layout %s, %d looked at", frames,
              frames == 1 ? "frame" : "frames", run->manifest->layout,
              run->check.frames_surveyed);
    print_images(run);
    print_calibrations(run);
    print_frames(run);
    print_findings(run);
    print_forecast(run);
    text_line(stdout, "verdict: %s", check_verdict(run));
}

void check_print_failure_text(const struct po_error *cause)
{
    text_line(stdout, "error: %s", cause->message);
    text_line(stdout, "verdict: not usable");
}
