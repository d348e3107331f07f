/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/session_uncalibrated.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "calibrate/uncalibrated.h"
#include "store/kept_rectification.h"
#include "supervise/session_prepare.h"

_Static_assert((int)GUESS_UNKNOWNS <= (int)KEPT_UNKNOWNS_MAX, "the file holds a guess");

static int frames_without(const struct manifest *manifest)
{
    int count = 0;
    for (int i = 0; i < manifest->frame_count; i++)
        count +=
            manifest->frames[i].calibration < 0 && manifest->frames[i].problem == NULL;
    return count;
}

static void to_kept(const struct uncalibrated_rig *rig, struct kept_rectification *kept)
{
    *kept = (struct kept_rectification){
        .as_is = rig->as_is,
        .width_px = rig->guess.width_px,
        .height_px = rig->guess.height_px,
        .unknown_count = GUESS_UNKNOWNS,
        .figures = {rig->before_px, rig->rows_px, rig->sigma_px},
        .counts = {rig->frames, rig->matches, rig->agreeing},
    };
    memcpy(kept->unknowns, rig->guess.values, sizeof(rig->guess.values));
}

static void from_kept(const struct kept_rectification *kept, struct uncalibrated_rig *rig)
{
    *rig = (struct uncalibrated_rig){
        .as_is = kept->as_is,
        .guess = {.width_px = kept->width_px, .height_px = kept->height_px},
        .before_px = kept->figures[0],
        .rows_px = kept->figures[1],
        .sigma_px = kept->figures[2],
        .frames = kept->counts[0],
        .matches = kept->counts[1],
        .agreeing = kept->counts[2],
    };
    memcpy(rig->guess.values, kept->unknowns, sizeof(rig->guess.values));
}

/* What an earlier run kept, else found anew. */
static enum po_status find_or_load(struct session_run *run, bool keeps,
                                   struct uncalibrated_rig *rig, bool *was_kept,
                                   struct po_error *error)
{
    struct kept_rectification kept;
    const struct po_settings *asked = &run->asked->values;
    enum po_status status = PO_OK;
    *was_kept = false;
    if (!asked->run.force)
        status = kept_rectification_read(&run->paths, run->manifest, asked, &kept,
                                         was_kept, error);
    if (status != PO_OK)
        return status;
    if (*was_kept && kept.unknown_count == GUESS_UNKNOWNS) {
        from_kept(&kept, rig);
        return PO_OK;
    }
    *was_kept = false;
    status = session_sandbox(run, error);
    if (status == PO_OK)
        status = uncalibrated_rig_find(&run->effective.values.run, run->manifest,
                                       &run->control, &run->sandbox, rig, error);
    if (status != PO_OK || !keeps)
        return status;
    to_kept(rig, &kept);
    return kept_rectification_write(&run->paths, run->manifest, asked, &kept, error);
}

/* The frames without a calibration get this one. */
static enum po_status add_calibration(struct session_run *run,
                                      const struct rig_guess *guess,
                                      struct po_error *error)
{
    struct manifest *manifest = run->manifest;
    int index = manifest->calibration_count;
    struct calibration *grown =
        realloc(manifest->calibrations, ((size_t)index + 1) * sizeof(*grown));
    if (grown == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for another calibration");
    manifest->calibrations = grown;
    rig_guess_calibration(guess, &grown[index]);
    grown[index].rectified_focal = run->effective.values.input.rectified_focal;
    manifest->calibration_count++;
    for (int i = 0; i < manifest->frame_count; i++)
        if (manifest->frames[i].calibration < 0)
            manifest->frames[i].calibration = index;
    session_values_release(&run->values);
    return session_values_init(&run->values, manifest, error);
}

static void tell(struct session_run *run, const struct uncalibrated_rig *rig,
                 bool was_kept)
{
    struct warning_list said = {0};
    const char *origin =
        was_kept ? ", kept from an earlier run; --force finds it anew" : "";
    if (rig->as_is)
        warning_list_add(&said,
                         "--rectify-uncalibrated: rows align as the images come, within "
                         "%.2f px (median of %d points of %d frames%s): they stay; "
                         "disparities are unscaled, no clouds and no depth",
                         rig->rows_px, rig->matches, rig->frames, origin);
    else
        warning_list_add(
            &said,
            "--rectify-uncalibrated: rows were %.2f px apart and are %.2f "
            "px, held out, sure within %.2f px (one sigma, in nine tenths of "
            "the image; %d of %d points of %d frames agree%s); disparities are unscaled, "
            "no clouds and "
            "no depth",
            rig->before_px, rig->rows_px, rig->sigma_px, rig->agreeing, rig->matches,
            rig->frames, origin);
    warning_list_tell(&run->warnings, "%s", said.texts[0]);
    run_journal_add(&run->journal, "%s", said.texts[0]);
}

enum po_status session_rectify_uncalibrated(struct session_run *run, bool keeps,
                                            struct po_error *error)
{
    struct uncalibrated_rig rig;
    bool was_kept;
    if (!run->effective.values.input.rectify_uncalibrated || session_run_is_planned(run))
        return PO_OK;
    if (frames_without(run->manifest) == 0) {
        log_info("--rectify-uncalibrated: every frame has a calibration, which counts");
        return PO_OK;
    }
    enum po_status status = find_or_load(run, keeps, &rig, &was_kept, error);
    if (status != PO_OK)
        return status;
    tell(run, &rig, was_kept);
    to_kept(&rig, &run->rectification);
    run->has_rectification = true;
    return rig.as_is ? PO_OK : add_calibration(run, &rig.guess, error);
}

enum po_status session_rectification_take(struct session_run *run,
                                          const struct kept_rectification *kept,
                                          struct po_error *error)
{
    struct uncalibrated_rig rig;
    if (kept->unknown_count != GUESS_UNKNOWNS)
        return po_fail(error, PO_BAD_FORMAT,
                       "%s: its rectification is broken; run --plan again",
                       run->paths.plan);
    from_kept(kept, &rig);
    return rig.as_is ? PO_OK : add_calibration(run, &rig.guess, error);
}

enum po_status session_offer_rectification(struct session_run *run,
                                           struct po_error *error)
{
    struct uncalibrated_rig rig;
    struct po_error cause = {0};
    if (frames_without(run->manifest) == 0 || run->check.shows_boards ||
        run->effective.values.input.rectify_uncalibrated)
        return PO_OK;
    enum po_status status =
        uncalibrated_rig_find(&run->effective.values.run, run->manifest, &run->control,
                              &run->sandbox, &rig, &cause);
    if (status == PO_OUT_OF_MEMORY || status == PO_INTERNAL || status == PO_CANCELLED ||
        status == PO_IO)
        return po_fail(error, status, "%s", cause.message);
    if (status != PO_OK)
        session_check_add(&run->check, CHECK_NOTE, -1, "calibration",
                          "there is no calibration, no frame shows a board, and it would "
                          "be refused: %s",
                          cause.message);
    else if (rig.as_is)
        session_check_add(
            &run->check, CHECK_NOTE, -1, "calibration",
            "there is no calibration and no frame shows a board; rows align "
            "as the images come, within %.2f px, so that disparities "
            "without scale need nothing more",
            rig.rows_px);
    else
        session_check_add(&run->check, CHECK_NOTE, -1, "calibration",
                          "there is no calibration and no frame shows a board; "
                          "--rectify-uncalibrated would bring rows from %.2f px to %.2f "
                          "px (held out), for disparities without scale",
                          rig.before_px, rig.rows_px);
    return PO_OK;
}
