/* SPDX-License-Identifier: Apache-2.0 */
/* What a run would do: frames, calibration, settings with their origin. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "settings/setting_value.h"

static void print_frames(const struct manifest *manifest)
{
    (void)printf("session: %s\nlayout: %s\nframes: %d", manifest->root, manifest->layout,
                 manifest->frame_count);
    if (manifest->skipped_count > 0)
        (void)printf(", %d left out by --frames or --single-frame",
                     manifest->skipped_count);
    (void)printf("\n");
    for (int i = 0; i < manifest->frame_count; i++)
        (void)printf("  %s: %s %s\n", manifest->frames[i].id,
                     manifest->frames[i].left_path, manifest->frames[i].right_path);
    if (manifest->unmatched_count > 0)
        (void)printf("without a partner: %d\n", manifest->unmatched_count);
    for (int i = 0; i < manifest->unmatched_count; i++)
        (void)printf("  %s\n", manifest->unmatched[i]);
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
    (void)printf("  %s: %s, %s, %d frames\n", calibration->path, calibration->format,
                 calibration->rectified ? "rectified" : "raw", frames);
    (void)printf("    focal %.6g px, baseline %.6g %s (from %s, unit from %s)\n",
                 focal_px, baseline_of(calibration), unit, calibration->baseline_origin,
                 calibration->unit_origin);
    for (int i = 0; i < calibration->warnings.length; i++)
        (void)printf("    warning: %s\n", calibration->warnings.texts[i]);
}

static void print_calibrations(const struct manifest *manifest)
{
    int without = frames_using(manifest, -1);
    (void)printf("calibration:\n");
    for (int i = 0; i < manifest->calibration_count; i++)
        print_calibration(&manifest->calibrations[i], frames_using(manifest, i));
    if (without > 0)
        (void)printf("  none for %d frames: disparity only\n", without);
    for (int i = 0; i < manifest->unused_count; i++)
        (void)printf("  not used: %s: %s\n", manifest->unused[i].path,
                     manifest->unused[i].difference);
}

static void print_settings(const struct settings_set *set)
{
    (void)printf("settings:\n");
    for (int i = 0; i < settings_row_count(); i++) {
        char text[SETTING_FORMAT_BYTES];
        settings_format(&set->values, i, text, sizeof(text));
        if (text[0] != '\0')
            (void)printf("  %s = %s (%s)\n", settings_row(i)->name, text,
                         setting_origin_name(set->origins[i]));
    }
}

enum po_status command_dry_run(const struct settings_set *set, struct po_error *error)
{
    const struct po_settings *settings = &set->values;
    struct manifest *manifest = NULL;
    enum po_status status =
        manifest_load(&settings->input, settings->output.ground_truth,
                      settings->output.ground_truth_scale, &manifest, error);
    if (status != PO_OK)
        return status;
    print_frames(manifest);
    print_calibrations(manifest);
    for (int i = 0; i < manifest->warnings.length; i++)
        (void)printf("warning: %s\n", manifest->warnings.texts[i]);
    print_settings(set);
    manifest_destroy(manifest);
    return PO_OK;
}
