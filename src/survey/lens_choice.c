/* SPDX-License-Identifier: Apache-2.0 */
#include "survey/lens_choice.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "check/rows_summary.h"
#include "survey/survey_samples.h"

enum { TRIED_FRAMES = 5 };

/* One lens of a calibration, tried. */
struct lens_trial {
    bool measured;
    double rows_px; /* how far rows are apart */
    double tilt;    /* the same over the focal length: models rectify to different ones */
};

bool lens_is_open(const struct manifest *manifest)
{
    for (int i = 0; i < manifest->calibration_count; i++)
        if (manifest->calibrations[i].lens_in_doubt)
            return true;
    return false;
}

static enum po_status try_lenses(const struct session_survey *survey,
                                 struct lens_trial *trials, struct po_error *error)
{
    survey_want(survey, MEASURE_ROWS, TRIED_FRAMES, 1);
    enum po_status status =
        frame_surveys_run(survey->run, &survey->request, survey->surveys, error);
    for (int i = 0; i + 1 < survey->groups->count && status == PO_OK; i++) {
        struct rectification made = {0};
        struct rows_summary rows =
            rows_summarize(survey->groups, i + 1, survey->surveys->rows);
        trials[i].measured =
            rows.measured > 0 && frame_planner_rig(survey->session, i, &made);
        if (!trials[i].measured)
            continue;
        trials[i].rows_px = hypot(rows.offset_px, rows.spread_px);
        trials[i].tilt = trials[i].rows_px / made.rig.focal_px;
    }
    survey_want_nothing(survey);
    return status;
}

static void change_all(struct manifest *manifest)
{
    for (int i = 0; i < manifest->calibration_count; i++)
        if (manifest->calibrations[i].lens_in_doubt)
            calibration_change_lens(&manifest->calibrations[i]);
}

static void report(const struct session_survey *survey, const char *path, bool fisheye,
                   const struct lens_trial *taken, const struct lens_trial *other)
{
    char why[128];
    if (!taken->measured && !other->measured)
        (void)snprintf(why, sizeof(why), "the images do not say which");
    else if (!other->measured)
        (void)snprintf(why, sizeof(why), "the images match only so");
    else
        (void)snprintf(why, sizeof(why),
                       "rows are %.2f px apart so and %.2f px the other way",
                       taken->rows_px, other->rows_px);
    warning_list_tell(survey->warnings,
                      "%s: four coefficients and no lens model: read as %s (%s); "
                      "--distortion radtan or fisheye decides",
                      path, fisheye ? "fisheye" : "radial-tangential", why);
}

/* The fisheye model must be clearly better, as the other is the common one; where that
 * one is, nothing needs saying. Leaves the better in place. */
static bool decide(const struct session_survey *survey, struct calibration *calibration,
                   struct lens_kept *kept, const struct lens_trial *before,
                   const struct lens_trial *after)
{
    static const double CLEARLY = 0.8;
    bool better =
        after->measured && (!before->measured || after->tilt < CLEARLY * before->tilt);
    bool clear = better || (before->measured && after->measured &&
                            before->tilt < CLEARLY * after->tilt);
    calibration->lens_in_doubt = false;
    if (better)
        calibration_change_lens(calibration);
    kept->known = true;
    kept->changed = better;
    kept->told = better || !clear;
    if (kept->told)
        report(survey, calibration->path, better, better ? after : before,
               better ? before : after);
    return better;
}

bool lens_take_kept(const struct session_values *values, struct manifest *manifest,
                    struct warning_list *warnings)
{
    bool changed = false;
    for (int i = 0; i < manifest->calibration_count; i++) {
        struct calibration *calibration = &manifest->calibrations[i];
        const struct lens_kept *kept = &values->lenses[i];
        if (!calibration->lens_in_doubt || !kept->known)
            continue;
        calibration->lens_in_doubt = false;
        if (kept->changed)
            calibration_change_lens(calibration);
        changed |= kept->changed;
        if (kept->told)
            warning_list_add(warnings,
                             "%s: four coefficients and no lens model: read as %s, as "
                             "found before; --distortion radtan or fisheye decides",
                             calibration->path,
                             kept->changed ? "fisheye" : "radial-tangential");
    }
    return changed;
}

/* Leaves the lenses as they were read. */
static enum po_status try_both(const struct session_survey *survey,
                               struct manifest *manifest, struct lens_trial *as_read,
                               struct lens_trial *changed, struct po_error *error)
{
    enum po_status status = try_lenses(survey, as_read, error);
    if (status != PO_OK)
        return status;
    change_all(manifest);
    status = try_lenses(survey, changed, error);
    change_all(manifest);
    return status;
}

enum po_status lens_choose(const struct session_survey *survey, struct manifest *manifest,
                           bool *changed, struct po_error *error)
{
    size_t count = (size_t)manifest->calibration_count + 1;
    enum po_status status = PO_OK;
    *changed = false;
    struct lens_trial *trials = calloc(2 * count, sizeof(*trials));
    if (trials == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory to try lens models");
    if (survey->groups->count == 0)
        status = frame_groups_init(survey->groups, manifest, error);
    if (status == PO_OK)
        status = frame_surveys_init(survey->surveys, manifest->frame_count, error);
    if (status == PO_OK)
        status = try_both(survey, manifest, trials, trials + count, error);
    bool is_whole = status == PO_OK && survey->run->control->reason == STOP_NONE;
    for (int i = 0; i < manifest->calibration_count && is_whole; i++)
        if (manifest->calibrations[i].lens_in_doubt)
            *changed |=
                decide(survey, &manifest->calibrations[i], &survey->values->lenses[i],
                       &trials[i], &trials[count + (size_t)i]);
    free(trials);
    return status;
}
