/* SPDX-License-Identifier: Apache-2.0 */
/*
 * uncalibrated_matches DIR: what --rectify-uncalibrated makes of a session without its
 * calibration, for comparison with others on the same points. Lines:
 *
 *     size WIDTH HEIGHT
 *     match XL YL XR YR ROW       raw pixels; the row is ours, afterwards
 *     place SIDE U V X Y          a raw pixel and where our rectified image shows it
 *
 * Places come in threes: a pixel of a grid, the next to the right, the next below.
 */
#include <stdio.h>
#include <stdlib.h>

#include "calib/distortion.h"
#include "calib/matrix3.h"
#include "calib/rectification.h"
#include "calibrate/rig_matches.h"
#include "calibrate/uncalibrated.h"
#include "session/manifest_load.h"

enum { GRID = 9 };

static void print_matches(const struct rig_matches *found,
                          const struct calibration *calibration,
                          const struct rig_guess *guess)
{
    for (int i = 0; i < found->count; i++) {
        struct pixel_match match = {.frame = 0};
        double row_px;
        const struct ray_match *ray = &found->matches[i];
        camera_project(&calibration->cameras[0], ray->left[0], ray->left[1],
                       &match.left[0], &match.left[1]);
        camera_project(&calibration->cameras[1], ray->right[0], ray->right[1],
                       &match.right[0], &match.right[1]);
        rig_guess_rows(guess, &match, 1, &row_px);
        (void)printf("match %.4f %.4f %.4f %.4f %.4f\n", match.left[0], match.left[1],
                     match.right[0], match.right[1], row_px);
    }
}

static void print_place(const struct calibration *calibration,
                        const struct rectification *rectification, int side, double u,
                        double v)
{
    double ray[3] = {0, 0, 1};
    const double *k = rectification->projection[side];
    if (!camera_unproject(&calibration->cameras[side], u, v, &ray[0], &ray[1]))
        return;
    matrix3_apply(ray, rectification->rotation[side], ray);
    (void)printf("place %d %.3f %.3f %.6f %.6f\n", side, u, v,
                 k[0] * ray[0] / ray[2] + k[2], k[4] * ray[1] / ray[2] + k[5]);
}

static void print_places(const struct calibration *calibration,
                         const struct rectification *rectification)
{
    for (int i = 0; i < 2 * GRID * GRID; i++) {
        const int column = i / 2 % GRID;
        const int row = i / 2 / GRID;
        double u = (calibration->width_px - 2) * (double)column / (GRID - 1);
        double v = (calibration->height_px - 2) * (double)row / (GRID - 1);
        print_place(calibration, rectification, i % 2, u, v);
        print_place(calibration, rectification, i % 2, u + 1, v);
        print_place(calibration, rectification, i % 2, u, v + 1);
    }
}

static enum po_status compare(const struct po_settings *settings,
                              struct manifest *manifest, struct run_control *control,
                              struct po_error *error)
{
    struct uncalibrated_rig rig;
    struct calibration calibration;
    struct rectification rectification;
    struct rig_matches found = {0};
    enum po_status status =
        uncalibrated_rig_find(&settings->run, manifest, control, NULL, &rig, error);
    if (status != PO_OK)
        return status;
    rig_guess_calibration(&rig.guess, &calibration);
    const struct rig_matches_request request = {.settings = &settings->run,
                                                .manifest = manifest,
                                                .index = -1,
                                                .most_frames = 100,
                                                .calibration = &calibration,
                                                .every = true,
                                                .corners = RIG_MATCHES_A_FRAME};
    status = rectification_make(&calibration, calibration.width_px, calibration.height_px,
                                &rectification, error);
    if (status == PO_OK)
        status = rig_matches_find(&request, control, &found, error);
    if (status == PO_OK) {
        (void)printf("size %d %d\n", calibration.width_px, calibration.height_px);
        print_matches(&found, &calibration, &rig.guess);
        print_places(&calibration, &rectification);
    }
    rig_matches_release(&found);
    return status;
}

int main(int argc, char **argv)
{
    struct po_settings settings;
    struct manifest *manifest = NULL;
    struct run_control control = {.signal_descriptor = -1};
    struct po_error error = {0};
    if (argc != 2)
        return 2;
    po_settings_defaults(&settings);
    settings.input.input = argv[1];
    enum po_status status = manifest_load_pairs(&settings.input, &manifest, &error);
    if (status == PO_OK)
        status = run_control_open(&control, 0, true, &error);
    if (status == PO_OK)
        status = compare(&settings, manifest, &control, &error);
    if (status != PO_OK)
        (void)fprintf(stderr, "%s\n", error.message);
    run_control_close(&control);
    manifest_destroy(manifest);
    return status == PO_OK ? 0 : 1;
}
