/* SPDX-License-Identifier: Apache-2.0 */
#include "calibrate/recalibrate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/number.h"
#include "base/outside_text.h"
#include "calib/distortion.h"
#include "calib/matrix3.h"
#include "calibrate/drift_choice.h"
#include "calibrate/result_files.h"
#include "calibrate/rig_document.h"
#include "calibrate/rig_matches.h"
#include "check/size_apart.h"
#include "session/manifest_load.h"

/* The first pass brings rows together, the second finds more matches by it. */
enum { PASSES = 3 };
static const double MOST_AFTER_PX = 1;
static const double DEGREES = 57.29577951308232;

struct recalibration {
    const struct po_settings *settings;
    struct manifest *manifest;
    struct run_control control;
    int index; /* of the calibration that most frames have */
    struct calibration before;
    struct rig_to_write rig; /* after */
    double before_px;        /* median vertical disparity by the calibration as it was */
    struct drift_choice choice; /* of the last pass */
    int frames;
    int left_out; /* whose images cannot be read */
};

static int count_frames(const struct manifest *manifest, int index)
{
    int count = 0;
    for (int i = 0; i < manifest->frame_count; i++)
        count += manifest->frames[i].calibration == index;
    return count;
}

static enum po_status choose_calibration(struct recalibration *run,
                                         struct po_error *error)
{
    const struct manifest *manifest = run->manifest;
    int most = 0;
    run->index = -1;
    for (int i = 0; i < manifest->calibration_count; i++)
        if (count_frames(manifest, i) > most) {
            most = count_frames(manifest, i);
            run->index = i;
        }
    if (run->index < 0)
        return po_fail(error, PO_BAD_CALIBRATION,
                       "there is no calibration to refine; name one with --calibration, "
                       "or make one from pictures of a board with --calibrate");
    run->before = manifest->calibrations[run->index];
    const struct calibration *c = &run->before;
    if (c->rectified)
        return po_fail(
            error, PO_BAD_CALIBRATION,
            "%s describes images that are rectified already, and holds no "
            "lenses to refine; --rectify-refine removes a vertical disparity for one "
            "run",
            c->path);
    if (c->width_px == 0 || c->size_count > 0)
        return po_fail(error, PO_BAD_CALIBRATION,
                       "%s does not state one image size; write one calibration with its "
                       "size first",
                       c->path);
    return result_files_check(run->settings->output.output,
                              run->settings->calibrate.format, c->path, error);
}

/* The median |vertical disparity| as rows were measured. */
static int compare_rows(const void *a, const void *b)
{
    double x = fabs(((const struct ray_match *)a)->row_px);
    double y = fabs(((const struct ray_match *)b)->row_px);
    return (x > y) - (x < y);
}

static double median_row(struct rig_matches *matches)
{
    qsort(matches->matches, (size_t)matches->count, sizeof(*matches->matches),
          compare_rows);
    return matches->count > 0 ? fabs(matches->matches[matches->count / 2].row_px) : 0;
}

/* Rays of the right camera as it was before. */
static void rays_as_before(const struct recalibration *run, struct rig_matches *matches)
{
    const struct camera_model *now = &run->rig.calibration.cameras[1];
    const struct camera_model *before = &run->before.cameras[1];
    if (run->choice.model == DRIFT_POSE) /* of the pass before */
        return;
    for (int i = 0; i < matches->count; i++) {
        double pixel[2];
        double *ray = matches->matches[i].right;
        camera_project(now, ray[0], ray[1], &pixel[0], &pixel[1]);
        (void)camera_unproject(before, pixel[0], pixel[1], &ray[0], &ray[1]);
    }
}

/* Each pass starts from the calibration as it was, so that what was known before counts
 * once. */
static enum po_status refine_pass(struct recalibration *run, struct rig_matches *matches,
                                  struct po_error *error)
{
    struct epipolar_problem problem;
    struct calibration *calibration = &run->rig.calibration;
    rays_as_before(run, matches);
    epipolar_problem_make(&run->before, matches->matches, matches->count, matches->frames,
                          &problem);
    enum po_status status = drift_choice_make(&problem, &run->choice, error);
    if (status != PO_OK)
        return status;
    const struct epipolar_fit *fit = &run->choice.fit;
    memcpy(calibration->rotation, fit->rotation, sizeof(fit->rotation));
    memcpy(calibration->translation_mm, fit->translation, sizeof(fit->translation));
    calibration->cameras[1] = fit->right;
    calibration->has_file_rectification = false;
    return PO_OK;
}

static enum po_status refine(struct recalibration *run, struct po_error *error)
{
    struct calibration *calibration = &run->rig.calibration;
    enum po_status status = PO_OK;
    const struct rig_matches_request request = {.settings = &run->settings->run,
                                                .manifest = run->manifest,
                                                .index = run->index,
                                                .calibration = calibration,
                                                .corners = RIG_MATCHES_A_FRAME};
    *calibration = run->before;
    for (int pass = 0; pass < PASSES && status == PO_OK; pass++) {
        struct rig_matches matches;
        status = rig_matches_find(&request, &run->control, &matches, error);
        double row_px = status == PO_OK ? median_row(&matches) : 0;
        run->left_out = matches.left_out;
        if (pass == 0)
            run->before_px = row_px;
        run->frames = matches.frames;
        if (status == PO_OK)
            status = refine_pass(run, &matches, error);
        rig_matches_release(&matches);
    }
    return status;
}

/* What became of the lenses, and why. */
static void print_lenses(const struct recalibration *run)
{
    const struct drift_choice *choice = &run->choice;
    const double *held = choice->held_out_px;
    const double *change = choice->fit.change;
    const double *sigma = choice->sigma;
    const char *unit = run->before.unit == RIG_SQUARES ? "squares" : "mm";
    double length = vector3_length(run->before.translation_mm);
    if (choice->model == DRIFT_FOCAL || choice->model == DRIFT_BOTH)
        text_line(stdout,
                  "focal length of the right camera over the left one changes by %.3f +- "
                  "%.3f %% (taken as the right one's: rows tell the ratio alone)",
                  100 * expm1(change[EPIPOLAR_FOCAL]), 100 * sigma[EPIPOLAR_FOCAL]);
    if (choice->model == DRIFT_RISE || choice->model == DRIFT_BOTH)
        text_line(stdout,
                  "principal point of the right camera moves down by %.2f +- %.2f px",
                  change[EPIPOLAR_RISE] * run->before.cameras[1].fy,
                  sigma[EPIPOLAR_RISE] * run->before.cameras[1].fy);
    if (choice->model != DRIFT_POSE)
        text_line(stdout,
                  "rows held out: %.2f px with that, %.2f px with lenses as they were",
                  held[choice->model], held[DRIFT_POSE]);
    else if (isfinite(held[DRIFT_BOTH]))
        text_line(stdout,
                  "rows held out: %.2f px with lenses as they were, %.2f px with others: "
                  "not enough to change them",
                  held[DRIFT_POSE], held[DRIFT_BOTH]);
    text_line(stdout, "%s and the length of the baseline (%.6g %s) stay",
              choice->model == DRIFT_POSE ? "lenses" : "the left lens, distortion",
              length, unit);
}

static void print_result(const struct recalibration *run)
{
    const struct epipolar_fit *fit = &run->choice.fit;
    const double *sigma = fit->sigma;
    double back[9];
    double between[9];
    double turn[3];
    matrix3_transpose(back, run->before.rotation);
    matrix3_multiply(between, run->rig.calibration.rotation, back);
    rotation_to_vector(turn, between);
    text_line(stdout, "calibration: %s", run->before.path);
    text_line(stdout, "matches: %d points of %d frames, %d agree", fit->matches,
              run->frames, fit->used);
    text_line(stdout, "rows: %.2f px apart before, %.2f px after (medians)",
              run->before_px, fit->after_px);
    text_line(stdout,
              "turn of the right camera changes by %.4f +- %.4f, %.4f +- %.4f, %.4f +- "
              "%.4f degrees",
              shown(turn[0] * DEGREES, 4), sigma[0] * DEGREES,
              shown(turn[1] * DEGREES, 4), sigma[1] * DEGREES,
              shown(turn[2] * DEGREES, 4), sigma[2] * DEGREES);
    text_line(stdout,
              "direction of the baseline changes by %.4f +- %.4f (up or down), %.4f +- "
              "%.4f degrees (forward)",
              shown(fit->change[EPIPOLAR_UP] * DEGREES, 4), sigma[EPIPOLAR_UP] * DEGREES,
              shown(fit->change[EPIPOLAR_FORWARD] * DEGREES, 4),
              sigma[EPIPOLAR_FORWARD] * DEGREES);
    print_lenses(run);
}

static void add_figures(struct recalibration *run)
{
    struct rig_to_write *rig = &run->rig;
    const struct drift_choice *choice = &run->choice;
    rig_figure_add(rig, "matches", choice->fit.used);
    rig_figure_add(rig, "rows_before_px", run->before_px);
    rig_figure_add(rig, "rows_after_px", choice->fit.after_px);
    rig_figure_add(rig, "turn_x_sigma_degrees", choice->fit.sigma[0] * DEGREES);
    rig_figure_add(rig, "turn_y_sigma_degrees", choice->fit.sigma[1] * DEGREES);
    rig_figure_add(rig, "turn_z_sigma_degrees", choice->fit.sigma[2] * DEGREES);
    if (choice->fit.change[EPIPOLAR_FOCAL] != 0)
        rig_figure_add(rig, "right_focal_sigma_share", choice->sigma[EPIPOLAR_FOCAL]);
    if (choice->fit.change[EPIPOLAR_RISE] != 0)
        rig_figure_add(rig, "right_cy_sigma_px",
                       choice->sigma[EPIPOLAR_RISE] * run->before.cameras[1].fy);
}

static enum po_status write_rig(struct recalibration *run, struct po_error *error)
{
    struct rig_to_write *rig = &run->rig;
    struct rig_document document = {0};
    char path[RESULT_PATH_BYTES];
    enum po_status status =
        rectification_make(&rig->calibration, rig->calibration.width_px,
                           rig->calibration.height_px, &rig->rectification, error);
    add_figures(run);
    if (status == PO_OK)
        status =
            rig_document_make(rig, run->settings->calibrate.format, &document, error);
    for (int i = 0; i < document.file_count && status == PO_OK; i++) {
        status = result_file_name(run->settings->output.output, document.suffixes[i],
                                  NULL, path, error);
        if (status == PO_OK)
            status = result_file_write(path, document.texts[i], strlen(document.texts[i]),
                                       error);
        if (status == PO_OK)
            text_line(stdout, "wrote %s", path);
    }
    rig_document_release(&document);
    return status;
}

static enum po_status run_all(struct recalibration *run, struct po_error *error)
{
    enum po_status status = choose_calibration(run, error);
    if (status != PO_OK)
        return status;
    if (run->manifest->calibration_count > 1)
        log_warning("the session has %d calibrations; %s is refined, from its %d frames",
                    run->manifest->calibration_count, run->before.path,
                    count_frames(run->manifest, run->index));
    status = refine(run, error);
    if (status != PO_OK)
        return status;
    print_result(run);
    if (run->choice.fit.after_px > MOST_AFTER_PX)
        return po_fail(
            error, PO_BAD_CALIBRATION,
            "rows are still %.2f px apart: the lenses have changed too, or the "
            "calibration is of another rig; calibrate again with --calibrate. "
            "Nothing was written",
            run->choice.fit.after_px);
    return write_rig(run, error);
}

enum po_status recalibrate_run(const struct po_settings *settings, int *left_out,
                               struct po_error *error)
{
    struct recalibration *run = calloc(1, sizeof(*run));
    if (run == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory to recalibrate");
    *left_out = 0;
    run->settings = settings;
    run->control.signal_descriptor = -1;
    const struct size_peek peek = size_apart(settings->run.frame_timeout_s);
    const struct manifest_request request = {.input = &settings->input, .peek = &peek};
    enum po_status status = manifest_load_as(&request, &run->manifest, error);
    if (status == PO_OK)
        status =
            run_control_open(&run->control, settings->run.session_timeout_s, true, error);
    if (status == PO_OK)
        status = run_all(run, error);
    *left_out = run->left_out;
    run_control_close(&run->control);
    manifest_destroy(run->manifest);
    free(run);
    return status;
}
