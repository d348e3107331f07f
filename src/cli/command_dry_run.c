/* SPDX-License-Identifier: Apache-2.0 */
/* What a run would do: frames, calibration, memory, settings with their origin. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/outside_text.h"
#include "base/readable.h"
#include "cli/check_summary.h"
#include "cli/command.h"
#include "process_offline/summary.h"
#include "settings/setting_value.h"
#include "supervise/session_forecast.h"

static void print_frame(const struct session_run *run, int index)
{
    char size[READABLE_BYTES];
    const struct frame_entry *frame = &run->manifest->frames[index];
    const struct frame_state *row = &run->state.frames[index];
    readable_size(session_forecast_frame_bytes(run, index), size, sizeof(size));
    text_line(stdout, "  %s: %s, %s %s", frame->id, size, frame->left_path,
              frame->right_path);
    if (row->status != PO_FRAME_PENDING)
        text_line(stdout, "    will fail: %s", row->message != NULL ? row->message : "");
}

/* All with --verbose and of a shard; else the first, and those that will fail. */
static void print_some_frames(const struct session_run *run)
{
    enum { FRAMES_SHOWN = 3, FAILURES_SHOWN = 10 };
    bool all = run->effective.values.output.verbose > 0 || run->shard.count > 0;
    int left_out = 0;
    int failures = 0;
    for (int i = 0; i < run->manifest->frame_count; i++) {
        bool fails = run->state.frames[i].status != PO_FRAME_PENDING;
        failures += fails;
        if (all || i < FRAMES_SHOWN || (fails && failures <= FAILURES_SHOWN))
            print_frame(run, i);
        else
            left_out++;
    }
    if (left_out > 0)
        text_line(stdout, "  and %d more (--verbose lists them)", left_out);
}

static void print_frames(const struct session_run *run)
{
    const struct manifest *manifest = run->manifest;
    text_line(stdout, "session: %s", manifest->root);
    text_line(stdout, "layout: %s", manifest->layout);
    text_part(stdout, "frames: %d", manifest->frame_count);
    if (manifest->skipped_count > 0)
        text_part(stdout, ", %d left out by --frames or --single-frame",
                  manifest->skipped_count);
    text_line(stdout, "; memory of each, left and right image");
    print_some_frames(run);
    for (int i = 0; i < manifest->warnings.length; i++)
        text_line(stdout, "warning: %s", manifest->warnings.texts[i]);
    if (manifest->unmatched_count > 0)
        text_line(stdout, "without a partner: %d", manifest->unmatched_count);
    for (int i = 0; i < manifest->unmatched_count; i++)
        text_line(stdout, "  %s", manifest->unmatched[i]);
}

static int frames_using(const struct manifest *manifest, int calibration)
{
    int count = 0;
    for (int i = 0; i < manifest->frame_count; i++)
        count += manifest->frames[i].calibration == calibration;
    return count;
}

static double baseline_of(const struct calibration *calibration)
{
    const double *t = calibration->translation_mm;
    if (calibration->rectified)
        return calibration->rig.baseline_mm;
    return sqrt(t[0] * t[0] + t[1] * t[1] + t[2] * t[2]);
}

static void print_calibration(const struct calibration *calibration, int frames)
{
    const char *unit = calibration->unit == RIG_SQUARES ? "squares" : "mm";
    double focal_px =
        calibration->rectified ? calibration->rig.focal_px : calibration->cameras[0].fx;
    text_line(stdout, "  %s: %s, %s, %d frame%s", calibration->path, calibration->format,
              calibration->rectified ? "rectified" : "raw", frames,
              frames == 1 ? "" : "s");
    if (calibration->unit == RIG_NONE)
        text_line(stdout, "    found from the images: disparities are unscaled");
    else
        text_line(stdout, "    focal %.6g px, baseline %.6g %s (from %s, unit from %s)",
                  focal_px, baseline_of(calibration), unit, calibration->baseline_origin,
                  calibration->unit_origin);
    for (int i = 0; i < calibration->warnings.length; i++)
        text_line(stdout, "    warning: %s", calibration->warnings.texts[i]);
}

static void print_calibrations(const struct manifest *manifest)
{
    int without = frames_using(manifest, -1);
    text_line(stdout, "calibration:");
    for (int i = 0; i < manifest->calibration_count; i++)
        print_calibration(&manifest->calibrations[i], frames_using(manifest, i));
    if (without > 0)
        text_line(stdout, "  none for %d frame%s: disparity only", without,
                  without == 1 ? "" : "s");
    for (int i = 0; i < manifest->unused_count; i++)
        text_line(stdout, "  not used: %s: %s", manifest->unused[i].path,
                  manifest->unused[i].difference);
}

/* The disparities searched, by calibration as in session_values. */
static void print_ranges(const struct session_run *run)
{
    bool several = run->manifest->calibration_count > 1;
    for (int i = 0; i < run->values.range_count; i++) {
        const struct disparity_range *range = &run->values.ranges[i];
        int frames = frames_using(run->manifest, i - 1);
        if (frames > 0)
            text_line(stdout, "disparities: %d to %d for %d frame%s%s%s", range->min_px,
                      range->min_px + range->count - 1, frames, frames == 1 ? "" : "s",
                      i > 0 && several ? " of " : "",
                      i > 0 && several ? run->manifest->calibrations[i - 1].path : "");
    }
    if (run->values.downscale > 1)
        text_line(stdout, "downscale: matching at 1/%d of the size",
                  run->values.downscale);
}

static void print_memory(const struct session_run *run)
{
    char limit[READABLE_BYTES];
    char frame[READABLE_BYTES];
    char disk[READABLE_BYTES];
    if (run->memory.limit.bytes == 0) {
        text_line(stdout, "memory: not planned, as no frame can be processed");
        return;
    }
    readable_size(run->memory.limit.bytes, limit, sizeof(limit));
    readable_size(run->memory.frame_bytes, frame, sizeof(frame));
    readable_size(session_forecast_disk_bytes(run), disk, sizeof(disk));
    text_line(stdout, "memory: limit %s (%s), largest frame %s, %d at once", limit,
              run->memory.limit.origin != NULL ? run->memory.limit.origin : "none", frame,
              run->memory.workers);
    if (run->values.degradation != DEGRADATION_NONE)
        text_line(stdout, "memory ladder: frames are %s",
                  degradation_name((enum degradation)run->values.degradation));
    text_line(stdout, "disk: about %s", disk);
}

/* All with --verbose; else those somebody chose. */
static void print_settings(const struct settings_set *set)
{
    int defaults = 0;
    text_line(stdout, "settings:");
    for (int i = 0; i < settings_row_count(); i++) {
        char text[SETTING_FORMAT_BYTES];
        settings_format(&set->values, i, text, sizeof(text));
        bool chosen = set->origins[i] != ORIGIN_DEFAULT;
        defaults += !chosen;
        if (text[0] != '\0' && (chosen || set->values.output.verbose > 0))
            text_line(stdout, "  %s = %s (%s)", settings_row(i)->name, text,
                      setting_origin_name(set->origins[i]));
    }
    if (set->values.output.verbose == 0)
        text_line(stdout, "  and %d at their defaults (--verbose lists them)", defaults);
}

/* Where nothing can be done that is the answer; what only some frames will do is listed.
 */
static int exit_status_of(const struct session_run *run)
{
    const struct run_state *state = &run->state;
    bool nothing = state->frame_count > 0 && state->ended == state->frame_count;
    return nothing ? check_exit_status(run) : PO_EXIT_OK;
}

enum po_status command_dry_run(const struct settings_set *set, int *exit_status,
                               struct po_error *error)
{
    struct session_run *run = calloc(1, sizeof(*run));
    if (run == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory to start");
    enum po_status status = session_forecast_make(set, SURVEY_RANGES, run, error);
    if (status == PO_OK) {
        print_frames(run);
        print_calibrations(run->manifest);
        print_ranges(run);
        print_memory(run);
        print_settings(&run->effective);
        *exit_status = exit_status_of(run);
    }
    session_run_release(run);
    free(run);
    return status;
}
