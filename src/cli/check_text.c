/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/readable.h"
#include "cli/check_facts.h"
#include "store/disk_space.h"
#include "supervise/session_forecast.h"

enum { CALIBRATIONS_SHOWN = 8, FRAMES_SHOWN = 100 };

static void print_images(const struct session_run *run)
{
    int width_px = 0;
    int height_px = 0;
    int others = 0;
    for (int i = 0; i < run->manifest->frame_count; i++) {
        const struct image_header *left = &run->facts.frames[i].left;
        if ((run->facts.frames[i].known & FACT_PROBE) == 0)
            continue;
        if (width_px == 0) {
            width_px = left->width_px;
            height_px = left->height_px;
            (void)printf("images: %dx%d, %d bit, %s", width_px, height_px, left->bits,
                         left->channels == 1 ? "grey" : "colour");
        }
        others += left->width_px != width_px || left->height_px != height_px;
    }
    if (others > 0)
        (void)printf("; %d frames of other sizes", others);
    if (width_px > 0)
        (void)printf("\n");
}

static void print_rig(const struct calibration *calibration,
                      const struct rig_facts *facts)
{
    const char *unit = calibration->unit == RIG_SQUARES ? "squares" : "mm";
    (void)printf("  rectified focal %.2f px, baseline %.3f %s (from %s), unit from %s\n",
                 facts->rig.focal_px, facts->rig.baseline_mm, unit,
                 calibration->baseline_origin, calibration->unit_origin);
    (void)printf("  disparities searched: %d to %d\n", facts->range.min_px,
                 facts->range.min_px + facts->range.count - 1);
    for (int i = 0; i < facts->row_count; i++)
        (void)printf("  at %.5g %s, one pixel of disparity is %.3g %s\n",
                     facts->rows[i].depth, unit, facts->rows[i].step, unit);
}

static void print_calibration(const struct session_run *run, int index)
{
    struct rig_facts facts;
    const struct calibration *calibration = &run->manifest->calibrations[index];
    rig_facts_make(run, index, &facts);
    (void)printf("calibration: %s (%s, %s), %d %s\n", calibration->path,
                 calibration->format, calibration->rectified ? "rectified" : "raw",
                 facts.frames, facts.frames == 1 ? "frame" : "frames");
    if (calibration->width_px > 0)
        (void)printf("  for images of %dx%d\n", calibration->width_px,
                     calibration->height_px);
    if (facts.known)
        print_rig(calibration, &facts);
    for (int i = 0; i < calibration->warnings.length; i++)
        (void)printf("  warning: %s\n", calibration->warnings.texts[i]);
}

static void print_calibrations(const struct session_run *run)
{
    const struct manifest *manifest = run->manifest;
    for (int i = 0; i < manifest->calibration_count && i < CALIBRATIONS_SHOWN; i++)
        print_calibration(run, i);
    if (manifest->calibration_count > CALIBRATIONS_SHOWN)
        (void)printf("and %d calibrations more\n",
                     manifest->calibration_count - CALIBRATIONS_SHOWN);
    if (manifest->calibration_count == 0)
        (void)printf("calibration: none; disparities %d to %d, no depths\n",
                     run->values.ranges[0].min_px,
                     run->values.ranges[0].min_px + run->values.ranges[0].count - 1);
    for (int i = 0; i < manifest->unused_count; i++)
        (void)printf("not used: %s: %s\n", manifest->unused[i].path,
                     manifest->unused[i].difference);
}

static void print_frame(const char *id, const struct frame_look *look)
{
    const struct pair_statistics *images = &look->images;
    (void)printf("  %-24s", id);
    if (look->rows.found)
        (void)printf(" %7.2f %7.2f %7d %6.0f..%-6.0f", look->rows.median_px,
                     look->rows.spread_px, look->rows.agreeing,
                     look->rows.disparity_low_px, look->rows.disparity_high_px);
    else
        (void)printf(" %7s %7s %7d %14s", "-", "-", look->rows.matches, "-");
    (void)printf(" %5.0f %5.0f %6.2f %6.2f\n", images->left.mean, images->right.mean,
                 images->left.sharpness, images->right.sharpness);
}

static void print_frames(const struct session_run *run)
{
    int shown = 0;
    (void)printf("  %-24s %7s %7s %7s %14s %11s %13s\n", "frame", "rows px", "up to",
                 "matches", "disparities", "grey L   R", "sharp L    R");
    for (int i = 0; i < run->manifest->frame_count && shown < FRAMES_SHOWN; i++) {
        const struct frame_look *look = &run->looks.rows[i];
        if ((look->known & LOOK_ROWS) == 0)
            continue;
        print_frame(run->manifest->frames[i].id, look);
        shown++;
    }
    if (run->check.frames_seen > shown)
        (void)printf("  and %d frames more\n", run->check.frames_seen - shown);
}

static const char *problem_of(const struct session_run *run, int frame)
{
    const struct frame_state *state = &run->state.frames[frame];
    if (state->status == PO_FRAME_PENDING || state->cause == PO_NO_RANGE ||
        state->cause == PO_MISALIGNED)
        return NULL; /* a finding tells it */
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
        (void)printf("error: %s", run->manifest->frames[i].id);
        if (same > 1)
            (void)printf(" and %d %s more", same - 1, same == 2 ? "frame" : "frames");
        (void)printf(": %s\n", problem);
    }
}

static void print_findings(const struct session_run *run)
{
    const struct session_check *check = &run->check;
    const struct manifest *manifest = run->manifest;
    for (int i = 0; i < manifest->warnings.length; i++)
        (void)printf("warning: %s\n", manifest->warnings.texts[i]);
    if (manifest->unmatched_count > 0)
        (void)printf(
            "warning: %d %s without a partner, such as %s\n", manifest->unmatched_count,
            manifest->unmatched_count == 1 ? "file" : "files", manifest->unmatched[0]);
    print_problems(run);
    for (int i = 0; i < check->finding_count; i++) {
        const struct check_finding *finding = &check->findings[i];
        (void)printf("%s: ", check_severity_name(finding->severity));
        if (finding->frame >= 0)
            (void)printf("%s: ", manifest->frames[finding->frame].id);
        (void)printf("%s\n", finding->text);
    }
    if (check->findings_dropped > 0)
        (void)printf("and %d findings more\n", check->findings_dropped);
}

static void print_forecast(const struct session_run *run)
{
    char time[READABLE_BYTES];
    char memory[READABLE_BYTES];
    char disk[READABLE_BYTES];
    char left[READABLE_BYTES];
    uint64_t left_bytes = disk_space_left(disk_space_place(run));
    readable_seconds(session_forecast_seconds(run), time, sizeof(time));
    readable_size(run->memory.frame_bytes, memory, sizeof(memory));
    readable_size(disk_space_forecast(run), disk, sizeof(disk));
    readable_size(left_bytes, left, sizeof(left));
    (void)printf("forecast: about %s on %d workers, %s of memory a frame, about %s on "
                 "disk of %s free\n",
                 time, run->memory.workers, memory, disk,
                 left_bytes == UINT64_MAX ? "unknown" : left);
}

void check_print_text(const struct session_run *run)
{
    int frames = run->manifest->frame_count;
    (void)printf("session: %s\n%d %s, layout %s, %d looked at\n", run->manifest->root,
                 frames, frames == 1 ? "frame" : "frames", run->manifest->layout,
                 run->check.frames_seen);
    print_images(run);
    print_calibrations(run);
    print_frames(run);
    print_findings(run);
    print_forecast(run);
    (void)printf("verdict: %s\n", check_verdict(run));
}

void check_print_failure_text(const struct po_error *cause)
{
    (void)printf("error: %s\nverdict: not usable\n", cause->message);
}
