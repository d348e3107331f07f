/* SPDX-License-Identifier: Apache-2.0 */
#include "calibrate/choose_model.h"

#include <math.h>
#include <stdlib.h>

/* A richer model must lower the held-out error by this share, and may not leave the
 * focal length so much less certain. */
static const double GAIN = 0.9;
static const double MOST_UNCERTAINTY_RATIO = 4;
static const double HARMLESS_UNCERTAINTY = 0.002;

double focal_uncertainty(const struct bundle *bundle, const struct bundle_fit *fit)
{
    return sqrt(fit->covariance[0]) / bundle->cameras[0].fx;
}

/* Left on the left. Cameras above each other may stand either way. */
static enum po_status check_rig(const struct bundle *bundle, struct po_error *error)
{
    const double *t = bundle->translation;
    if (t[0] > 0 && fabs(t[1]) <= fabs(t[0]))
        return po_fail(
            error, PO_BAD_CALIBRATION,
            "what is named left stands on the right; exchange the cameras with "
            "--swap, or, if the pictures of both cameras are mirrored, turn "
            "that off in the cameras");
    return PO_OK;
}

/* A model that does not fit is no error; one that got no memory is. */
static enum po_status pass_memory(const struct model_trial *trial, struct po_error *error)
{
    return trial->status == PO_OUT_OF_MEMORY
               ? po_fail(error, trial->status, "%s", trial->error.message)
               : PO_OK;
}

static enum po_status try_model(const struct view_set *views,
                                const struct lens_model *model, struct model_trial *trial,
                                struct po_error *error)
{
    trial->model = model;
    trial->status = view_set_bundle(views, &trial->bundle, &trial->error);
    if (trial->status == PO_OK)
        trial->status =
            lens_model_fit(model, views, &trial->bundle, &trial->fit, &trial->error);
    if (trial->status == PO_OK)
        trial->status = check_rig(&trial->bundle, &trial->error);
    return pass_memory(trial, error);
}

/* Corners that any of the models kept. */
static unsigned char *join_kept(const struct view_set *views,
                                const struct model_choice *choice)
{
    size_t corners = (size_t)views->corner_count;
    unsigned char *counts = calloc((size_t)views->view_count + 1, 2 * corners);
    for (int m = 0; m < LENS_MODELS && counts != NULL; m++) {
        const struct model_trial *trial = &choice->trials[m];
        if (trial->model == NULL || trial->status != PO_OK)
            continue;
        for (int v = 0; v < views->view_count; v++)
            for (int side = 0; side < 2; side++)
                for (size_t i = 0; i < corners; i++)
                    counts[((size_t)v * 2 + (size_t)side) * corners + i] |=
                        trial->bundle.views[v].kept[side][i];
    }
    return counts;
}

static bool is_better(const struct model_trial *simple, const struct model_trial *rich)
{
    double had = focal_uncertainty(&simple->bundle, &simple->fit);
    double has = focal_uncertainty(&rich->bundle, &rich->fit);
    return rich->held.corners_px.rms < GAIN * simple->held.corners_px.rms &&
           (has < HARMLESS_UNCERTAINTY || has < MOST_UNCERTAINTY_RATIO * had);
}

static enum po_status compare_models(const struct view_set *views,
                                     struct model_choice *choice, struct po_error *error)
{
    unsigned char *counts = join_kept(views, choice);
    choice->chosen = -1;
    if (counts == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory to compare lens models");
    enum po_status status = PO_OK;
    for (int m = 0; m < LENS_MODELS && status == PO_OK; m++) {
        struct model_trial *trial = &choice->trials[m];
        if (trial->model == NULL || trial->status != PO_OK)
            continue;
        trial->status =
            held_out_make(views, &trial->bundle, counts, &trial->held, &trial->error);
        if (trial->status == PO_OK &&
            (choice->chosen < 0 || is_better(&choice->trials[choice->chosen], trial)))
            choice->chosen = m;
        status = pass_memory(trial, error);
    }
    free(counts);
    return status;
}

enum po_status model_choice_make(const struct view_set *views,
                                 const struct lens_model *models,
                                 enum po_distortion wanted, struct model_choice *choice,
                                 struct po_error *error)
{
    const struct model_trial *first = NULL;
    *choice = (struct model_choice){0};
    enum po_status status = PO_OK;
    for (int m = 0; m < LENS_MODELS && status == PO_OK; m++)
        if (models[m].title != NULL &&
            (wanted == PO_DISTORTION_AUTO || (int)wanted == m + 1)) {
            status = try_model(views, &models[m], &choice->trials[m], error);
            first = first == NULL ? &choice->trials[m] : first;
        }
    if (status == PO_OK)
        status = compare_models(views, choice, error);
    if (status == PO_OK && choice->chosen < 0)
        status = po_fail(error, PO_BAD_CALIBRATION, "%s",
                         first != NULL ? first->error.message
                                       : "--distortion rational cannot be written as "
                                         "kalibr; use another --calibration-format");
    if (status != PO_OK)
        return status;
    /* The figures reported are of the corners that the calibration was made from. */
    struct model_trial *trial = &choice->trials[choice->chosen];
    held_out_release(&trial->held);
    return held_out_make(views, &trial->bundle, NULL, &trial->held, error);
}

void model_choice_release(struct model_choice *choice)
{
    for (int m = 0; m < LENS_MODELS; m++) {
        bundle_release(&choice->trials[m].bundle);
        held_out_release(&choice->trials[m].held);
    }
}
