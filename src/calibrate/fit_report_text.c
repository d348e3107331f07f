/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "base/number.h"
#include "base/outside_text.h"
#include "calib/matrix3.h"
#include "calibrate/fit_report.h"

enum { PAIRS_LISTED = 60 };

const char *fit_report_unit(const struct fit_report *report)
{
    return report->rig->calibration.unit == RIG_SQUARES ? "squares" : "mm";
}

static const struct model_trial *chosen(const struct fit_report *report)
{
    return &report->choice->trials[report->choice->chosen];
}

static void print_pairs(const struct fit_report *report, FILE *stream)
{
    const struct view_set *views = report->views;
    int listed = 0;
    int used = 0;
    for (int i = 0; i < views->pair_count; i++)
        used += views->notes[i].use == PAIR_USED;
    text_line(stream, "board: %dx%d %s%s, %s", views->board.cols, views->board.rows,
              views->board.pattern == PO_BOARD_CHESSBOARD ? "inner corners" : "circles",
              report->size_was_found ? " (what most pictures show)" : "",
              views->board.square_mm > 0 ? "square size given"
                                         : "size of its squares not given");
    text_line(stream, "pairs: %d, %d used in both cameras", views->pair_count, used);
    for (int i = 0; i < views->pair_count; i++) {
        const struct pair_note *note = &views->notes[i];
        if (note->use == PAIR_USED)
            continue;
        if (listed++ < PAIRS_LISTED)
            text_line(stream, "  %s: %s%s", report->manifest->frames[i].id,
                      note->use == PAIR_ONE_CAMERA ? "for one lens only: " : "left out: ",
                      note->text);
    }
    if (listed > PAIRS_LISTED)
        text_line(stream, "  and %d more", listed - PAIRS_LISTED);
}

static void print_models(const struct fit_report *report, FILE *stream)
{
    text_line(stream, "lens: %s", chosen(report)->model->title);
    for (int m = 0; m < LENS_MODELS; m++) {
        const struct model_trial *trial = &report->choice->trials[m];
        if (trial->model == NULL || m == report->choice->chosen)
            continue;
        if (trial->status != PO_OK)
            text_line(stream, "  not %s: it does not fit", trial->model->name);
        else
            text_line(stream, "  not %s: %.3f px on views held out", trial->model->name,
                      trial->held.corners_px.rms);
    }
}

static void print_cameras(const struct fit_report *report, FILE *stream)
{
    static const char *const names[] = {"left", "right"};
    const struct model_trial *trial = chosen(report);
    for (int side = 0; side < 2; side++) {
        const struct camera_model *camera = &trial->bundle.cameras[side];
        const double *sigma = report->verdict->camera_sigma[side];
        text_line(stream,
                  "%s: f %.2f +- %.2f, %.2f +- %.2f px; centre %.2f +- %.2f, %.2f +- "
                  "%.2f px",
                  names[side], camera->fx, sigma[0], camera->fy, sigma[1], camera->cx,
                  sigma[2], camera->cy, sigma[3]);
    }
}

static void print_rig(const struct fit_report *report, FILE *stream)
{
    double turn[3];
    const struct calibration *calibration = &report->rig->calibration;
    const struct verdict *verdict = report->verdict;
    const double *sigma = verdict->turn_sigma_degrees;
    const double degrees = 57.29577951308232;
    double baseline = vector3_length(calibration->translation_mm);
    rotation_to_vector(turn, calibration->rotation);
    text_line(stream, "baseline: %.4g +- %.2g %s", baseline,
              baseline * verdict->baseline_share, fit_report_unit(report));
    text_line(stream,
              "angles between the cameras: %.3f +- %.3f, %.3f +- %.3f, %.3f +- %.3f "
              "degrees",
              shown(turn[0] * degrees, 3), sigma[0], shown(turn[1] * degrees, 3),
              sigma[1], shown(turn[2] * degrees, 3), sigma[2]);
}

static void print_errors(const struct fit_report *report, FILE *stream)
{
    const struct model_trial *trial = chosen(report);
    const struct verdict *verdict = report->verdict;
    text_line(stream, "reprojection error: %.3f px, %.3f px on views held out",
              trial->fit.rms_px, trial->held.corners_px.rms);
    text_line(
        stream,
        "rows after rectification, views held out: %.3f px apart (95 %% below %.3f)",
        verdict->row_rms_px, verdict->row_q95_px);
    text_line(stream,
              "seen by corners: %.0f %% of the left image, %.0f %% of the right; tilts "
              "differ by %.0f degrees, distances by a factor of %.2f",
              100 * verdict->coverage[0], 100 * verdict->coverage[1],
              verdict->tilt_degrees, verdict->distance_ratio);
}

void fit_report_print(const struct fit_report *report, FILE *stream)
{
    const struct verdict *verdict = report->verdict;
    print_pairs(report, stream);
    print_models(report, stream);
    print_cameras(report, stream);
    print_rig(report, stream);
    print_errors(report, stream);
    text_line(stream, "verdict: %s", verdict_grade_name(verdict->grade));
    for (int i = 0; i < verdict->finding_count; i++)
        text_line(stream, "  %s: %s",
                  verdict->findings[i].grade == VERDICT_REFUSED ? "error" : "warning",
                  verdict->findings[i].text);
}
