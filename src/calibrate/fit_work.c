/* SPDX-License-Identifier: Apache-2.0 */
#include "calibrate/fit_work.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/version.h"
#include "calib/matrix3.h"
#include "calibrate/fit_report.h"

/* Below, see view_set_spread, views tell nothing; tilts of 15 degrees give more. */
static const double LEAST_SPREAD = 0.03;

/* Everything of one fit; released as a whole. */
struct fit {
    struct view_set views;
    struct model_choice choice;
    struct verdict verdict;
    struct rig_to_write rig;
    struct preview preview;
};

/* How the pairs ended, reported beside them. */
static void note_fit(struct fit *fit)
{
    const struct bundle *bundle = &fit->choice.trials[fit->choice.chosen].bundle;
    for (int v = 0; v < fit->views.view_count; v++) {
        const struct bundle_view *view = &bundle->views[v];
        struct pair_note *note = &fit->views.notes[fit->views.pair_of_view[v]];
        for (int side = 0; side < 2; side++) {
            for (int i = 0; i < bundle->corner_count && view->sides[side]; i++)
                note->dropped[side] += !view->kept[side][i];
            note->rms_px[side] = bundle_view_rms(bundle, view, side);
        }
        if (!view->used) {
            note->use = PAIR_DROPPED;
            (void)snprintf(
                note->text, sizeof(note->text),
                "does not fit the others (%.1f px left, %.1f px right): was it "
                "blurred, or did the board move between the two exposures?",
                note->rms_px[0], note->rms_px[1]);
        } else if (note->dropped[0] + note->dropped[1] > 0 && note->text[0] == '\0') {
            (void)snprintf(note->text, sizeof(note->text),
                           "%d left and %d right corners left out", note->dropped[0],
                           note->dropped[1]);
        }
    }
}

static void add_figures(struct fit *fit)
{
    const struct model_trial *trial = &fit->choice.trials[fit->choice.chosen];
    const struct verdict *verdict = &fit->verdict;
    struct rig_to_write *rig = &fit->rig;
    double baseline = vector3_length(rig->calibration.translation_mm);
    rig_figure_add(rig, "views_used", verdict->views_both);
    rig_figure_add(rig, "reprojection_rms_px", trial->fit.rms_px);
    rig_figure_add(rig, "held_out_rms_px", trial->held.corners_px.rms);
    rig_figure_add(rig, "held_out_rows_rms_px", verdict->row_rms_px);
    rig_figure_add(rig, "left_fx_sigma_px", verdict->camera_sigma[0][0]);
    rig_figure_add(rig, "left_fy_sigma_px", verdict->camera_sigma[0][1]);
    rig_figure_add(rig, "left_cx_sigma_px", verdict->camera_sigma[0][2]);
    rig_figure_add(rig, "left_cy_sigma_px", verdict->camera_sigma[0][3]);
    rig_figure_add(rig, "right_fx_sigma_px", verdict->camera_sigma[1][0]);
    rig_figure_add(rig, "right_fy_sigma_px", verdict->camera_sigma[1][1]);
    rig_figure_add(rig, "right_cx_sigma_px", verdict->camera_sigma[1][2]);
    rig_figure_add(rig, "right_cy_sigma_px", verdict->camera_sigma[1][3]);
    rig_figure_add(rig, "baseline_sigma", baseline * verdict->baseline_share);
    rig_figure_add(rig, "turn_x_sigma_degrees", verdict->turn_sigma_degrees[0]);
    rig_figure_add(rig, "turn_y_sigma_degrees", verdict->turn_sigma_degrees[1]);
    rig_figure_add(rig, "turn_z_sigma_degrees", verdict->turn_sigma_degrees[2]);
}

/* The used pair whose rows are the median of all. */
static int pair_to_show(const struct fit *fit)
{
    const struct model_trial *trial = &fit->choice.trials[fit->choice.chosen];
    int best = -1;
    double closest = INFINITY;
    for (int v = 0; v < fit->views.view_count; v++) {
        double off = fabs(trial->held.view_rows_px[v] - trial->held.rows_px.rms);
        if (!trial->bundle.views[v].used || trial->held.view_rows_px[v] <= 0 ||
            off >= closest)
            continue;
        closest = off;
        best = fit->views.pair_of_view[v];
    }
    return best;
}

static enum po_status make_rig(const struct fit_work *work, const struct cancel *cancel,
                               struct fit *fit, struct po_error *error)
{
    const struct model_trial *trial = &fit->choice.trials[fit->choice.chosen];
    struct rig_to_write *rig = &fit->rig;
    rig->square_mm = fit->views.board.square_mm;
    bundle_calibration(&fit->views, &trial->bundle, rig->square_mm, &rig->calibration);
    enum po_status status =
        rectification_make(&rig->calibration, fit->views.width_px, fit->views.height_px,
                           &rig->rectification, error);
    if (status != PO_OK)
        return status;
    add_figures(fit);
    int pair = pair_to_show(fit);
    if (pair < 0)
        return PO_OK;
    return preview_make(&work->search->manifest->frames[pair], pair,
                        &(struct preview_rig){&rig->calibration, &rig->rectification},
                        cancel, &fit->preview, error);
}

static void print_summary(const void *context, FILE *stream)
{
    fit_report_print(context, stream);
}

static void print_html(const void *context, FILE *stream)
{
    fit_report_html(context, stream);
}

static enum po_status make_pages(const struct fit_work *work, const struct fit *fit,
                                 struct po_error *error)
{
    const struct fit_report report = {.manifest = work->search->manifest,
                                      .views = &fit->views,
                                      .choice = &fit->choice,
                                      .verdict = &fit->verdict,
                                      .rig = &fit->rig,
                                      .preview = &fit->preview,
                                      .size_was_found = work->search->size_was_found,
                                      .program_version = PROCESS_OFFLINE_VERSION};
    struct rig_document document = {0};
    *work->grade = fit->verdict.grade;
    pages_clear(work->pages); /* of an attempt that failed half-way */
    enum po_status status = pages_add_print(work->pages, print_summary, &report, error);
    if (status == PO_OK)
        status = pages_add_print(work->pages, print_html, &report, error);
    if (status == PO_OK && fit->verdict.grade != VERDICT_REFUSED)
        status = rig_document_make(&fit->rig, work->settings->calibrate.format, &document,
                                   error);
    for (int i = 0; i < document.file_count && status == PO_OK; i++)
        status = pages_add(work->pages, document.suffixes[i], document.texts[i],
                           strlen(document.texts[i]), error);
    rig_document_release(&document);
    return status;
}

/* Do the right pictures fit when they are flipped? The corners of a flipped board count
 * from the other end of each row. */
static enum po_status fits_mirrored(const struct view_set *views, bool *fits,
                                    struct po_error *error)
{
    struct bundle bundle = {0};
    struct bundle_fit fit;
    struct po_error cause = {0};
    int used = 0;
    int both = 0;
    size_t count = 2 * (size_t)views->corner_count;
    double *flipped = calloc((size_t)views->view_count + 1, count * sizeof(*flipped));
    *fits = false;
    if (flipped == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for %d views",
                       views->view_count);
    enum po_status status = view_set_bundle(views, &bundle, &cause);
    for (int v = 0; v < bundle.view_count && status == PO_OK; v++) {
        double *pixels = flipped + (size_t)v * count;
        int cols = views->board.cols;
        for (int i = 0; i < views->corner_count; i++) {
            const double *from = bundle.views[v].pixels[1] +
                                 2 * (ptrdiff_t)(i / cols * cols + cols - 1 - i % cols);
            pixels[2 * (ptrdiff_t)i] = views->width_px - 1 - from[0];
            pixels[2 * (ptrdiff_t)i + 1] = from[1];
        }
        both += bundle.views[v].sides[0] && bundle.views[v].sides[1];
        bundle.views[v].pixels[1] = pixels;
    }
    if (status == PO_OK)
        status = lens_model_fit(&lens_models[0], views, &bundle, &fit, &cause);
    for (int v = 0; v < bundle.view_count && status == PO_OK; v++)
        used +=
            bundle.views[v].used && bundle.views[v].sides[0] && bundle.views[v].sides[1];
    bundle_release(&bundle);
    free(flipped);
    *fits = used >= LEAST_VIEWS && 3 * used > 2 * both;
    return status == PO_OUT_OF_MEMORY ? po_fail(error, status, "%s", cause.message)
                                      : PO_OK;
}

/* Views that do not fit: are they too alike to tell anything, or one side's mirrored? */
static enum po_status look_for_cause(const struct view_set *views, enum po_status status,
                                     struct po_error *error)
{
    double spread = view_set_spread(views);
    if (spread < LEAST_SPREAD)
        return po_fail(error, PO_BAD_CALIBRATION,
                       "all %d views show the board from nearly the same side (their "
                       "shapes differ by %.1f %% at most), from which no camera can be "
                       "told; photograph it at other places in the image and tilted by "
                       "20 to 40 degrees to the left, right, up and down",
                       views->view_count, 100 * spread);
    bool mirrored;
    enum po_status looked = fits_mirrored(views, &mirrored, error);
    if (looked != PO_OK || !mirrored)
        return looked != PO_OK ? looked : status;
    return po_fail(error, PO_BAD_CALIBRATION,
                   "the pictures of one camera are mirrored: left and right fit each "
                   "other only when one side is flipped; turn mirroring off in that "
                   "camera");
}

/* The mathematics of it. */
static enum po_status fit_views(const struct fit_work *work, struct fit *fit,
                                struct po_error *error)
{
    enum po_status status =
        view_set_make(&work->search->board, work->search->sightings,
                      work->search->manifest->frame_count, &fit->views, error);
    if (status == PO_OK)
        status = verdict_check_views(&fit->views, error);
    if (status != PO_OK)
        return status;
    const struct po_calibrate_settings *wanted = &work->settings->calibrate;
    status = model_choice_make(
        &fit->views,
        wanted->format == PO_CALIBRATION_KALIBR ? lens_models_of_kalibr : lens_models,
        work->settings->input.distortion, &fit->choice, error);
    if (status == PO_BAD_CALIBRATION)
        return look_for_cause(&fit->views, status, error);
    if (status != PO_OK)
        return status;
    verdict_make(&fit->views, &fit->choice.trials[fit->choice.chosen], &fit->verdict);
    note_fit(fit);
    if (fit->verdict.views_dropped > fit->verdict.views_both)
        status = look_for_cause(&fit->views, PO_OK, error);
    return status;
}

enum po_status fit_work_run(const struct fit_work *work, const struct cancel *cancel,
                            struct po_error *error)
{
    struct fit *fit = calloc(1, sizeof(*fit));
    if (fit == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory to calibrate");
    fit->preview.pair = -1;
    enum po_status status = fit_views(work, fit, error);
    if (status == PO_OK)
        status = make_rig(work, cancel, fit, error);
    if (status == PO_OK)
        status = make_pages(work, fit, error);
    preview_release(&fit->preview);
    model_choice_release(&fit->choice);
    view_set_release(&fit->views);
    free(fit);
    return status;
}
