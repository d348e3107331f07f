/* SPDX-License-Identifier: Apache-2.0 */
#include "calibrate/first_lens.h"

#include <math.h>

#include "calibrate/board_turned.h"
#include "calibrate/models.h"
#include "calibrate/verdict.h"

static bool is_wanted(const struct lens_model *model, enum po_distortion wanted)
{
    if (model->coefficients == 8)
        return false; /* where it is needed, five are near enough */
    return wanted == PO_DISTORTION_AUTO ||
           (wanted == PO_DISTORTION_FISHEYE) == (model->model == DISTORTION_FISHEYE);
}

/* The lens model that fits better; views that do not fit count for none. */
static enum po_status fit_models(const struct view_set *views, enum po_distortion wanted,
                                 struct first_lens *lens, struct po_error *error)
{
    double best = INFINITY;
    for (int m = 0; m < LENS_MODELS; m++) {
        struct bundle bundle;
        struct bundle_fit fit;
        if (!is_wanted(&lens_models[m], wanted))
            continue;
        enum po_status status = view_set_bundle(views, &bundle, error);
        if (status != PO_OK)
            return status;
        struct po_error cause = {0};
        status = lens_model_fit(&lens_models[m], views, &bundle, &fit, &cause);
        if (status == PO_OK && fit.rms_px < best) {
            best = fit.rms_px;
            for (int side = 0; side < 2; side++)
                lens->cameras[side] = bundle.cameras[side];
        }
        bundle_release(&bundle);
        if (status == PO_OUT_OF_MEMORY)
            return po_fail(error, status, "%s", cause.message);
    }
    for (int side = 0; side < 2 && isfinite(best); side++)
        lens->known[side] =
            board_turned_helps(&lens->cameras[side], views->width_px, views->height_px);
    return PO_OK;
}

enum po_status first_lens_make(const struct board_search *search,
                               const struct po_settings *settings,
                               struct first_lens *lens, struct po_error *error)
{
    struct view_set views = {0};
    *lens = (struct first_lens){0};
    enum po_status status = view_set_make(&search->board, search->sightings,
                                          search->manifest->frame_count, &views, error);
    if (status == PO_OUT_OF_MEMORY)
        return status;
    if (status == PO_OK && verdict_check_views(&views, NULL) == PO_OK)
        status = fit_models(&views, settings->input.distortion, lens, error);
    else
        status = PO_OK; /* the fit itself will say what is wrong */
    view_set_release(&views);
    return status;
}
