/* SPDX-License-Identifier: Apache-2.0 */
#include "calibrate/uncalibrated.h"

#include <stdlib.h>

#include "base/log.h"
#include "calib/distortion.h"
#include "calibrate/picture_size.h"
#include "calibrate/rig_matches.h"

/* The first pass looks far for few points on images as they come, the later ones near
 * for many, on images that the pass before has rectified. */
enum { PASSES = 3, FRAMES = 100, FIRST_ROWS = 32 };
enum { FIRST_CORNERS = 300, FIRST_CORNERS_IN_ALL = 4000 }; /* a frame; at least */
enum { MOST_MATCHES = 4000 };

/* Back to the pixels of the raw images, at most MOST_MATCHES of them, spread evenly. */
static enum po_status to_pixels(const struct rig_matches *found,
                                const struct calibration *calibration,
                                struct pixel_match **pixels, int *count,
                                struct po_error *error)
{
    int step = (found->count + MOST_MATCHES - 1) / MOST_MATCHES;
    *count = 0;
    *pixels = calloc((size_t)found->count + 1, sizeof(**pixels));
    if (*pixels == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for %d matches", found->count);
    for (int i = 0; i < found->count; i += step) {
        const struct ray_match *ray = &found->matches[i];
        struct pixel_match *match = &(*pixels)[(*count)++];
        match->frame = ray->frame;
        camera_project(&calibration->cameras[0], ray->left[0], ray->left[1],
                       &match->left[0], &match->left[1]);
        camera_project(&calibration->cameras[1], ray->right[0], ray->right[1],
                       &match->right[0], &match->right[1]);
    }
    return PO_OK;
}

/* What the passes hand on. */
struct search {
    struct rig_matches_request request;
    struct run_control *control;
    struct rig_guess guess;
    struct guess_choice choice;
    struct guess_matches matches;
    int first_corners; /* a frame, in the first pass */
};

/* Few frames must give more each. */
static int first_corners(const struct manifest *manifest)
{
    int frames = 1;
    for (int i = 0; i < manifest->frame_count; i++)
        frames += manifest->frames[i].calibration < 0;
    int corners = FIRST_CORNERS_IN_ALL / frames;
    return corners < FIRST_CORNERS         ? FIRST_CORNERS
           : corners < RIG_MATCHES_A_FRAME ? corners
                                           : RIG_MATCHES_A_FRAME;
}

static enum po_status look(struct search *search, int pass, struct po_error *error)
{
    struct rig_matches_request request = search->request;
    struct guess_choice *choice = &search->choice;
    struct guess_matches *matches = &search->matches;

    struct calibration calibration;
    struct rig_matches found = {0};
    struct pixel_match *pixels = NULL;
    rig_guess_calibration(&search->guess, &calibration);
    request.calibration = &calibration;
    request.corners = pass == 0 ? search->first_corners : RIG_MATCHES_A_FRAME;
    request.rows_searched = pass == 0 ? FIRST_ROWS : 0;
    enum po_status status = rig_matches_find(&request, search->control, &found, error);
    if (status == PO_OK)
        status = to_pixels(&found, &calibration, &pixels, &matches->count, error);
    matches->matches = pixels;
    matches->frames = found.frames;
    if (status == PO_OK)
        status = guess_choice_make(matches, &search->guess, choice, error);
    if (status == PO_OK && pass == PASSES - 1)
        status = guess_choice_judge(matches, choice, error);
    if (status == PO_OK)
        search->guess = choice->guess;
    log_debug(
        "uncalibrated: pass %d, %d matches of %d frames: %s; rows %.3f, %.3f, %.3f, "
        "%.3f px held out",
        pass, matches->count, matches->frames, guess_model_name(choice->model),
        choice->held_out_px[0], choice->held_out_px[1], choice->held_out_px[2],
        choice->held_out_px[3]);
    rig_matches_release(&found);
    free(pixels);
    matches->matches = NULL;
    return status;
}

enum po_status uncalibrated_rig_find(const struct po_run_settings *settings,
                                     const struct manifest *manifest,
                                     struct run_control *control, struct sandbox *sandbox,
                                     struct uncalibrated_rig *rig, struct po_error *error)
{
    struct search search = {.request = {.settings = settings,
                                        .manifest = manifest,
                                        .index = -1,
                                        .most_frames = FRAMES,
                                        .every = true,
                                        .sandbox = sandbox},
                            .control = control,
                            .first_corners = first_corners(manifest)};
    const struct guess_choice *choice = &search.choice;
    struct po_error cause = {0};
    *rig = (struct uncalibrated_rig){.as_is = true};
    enum po_status status =
        picture_size_of_most(settings, manifest, control, sandbox, &search.guess.width_px,
                             &search.guess.height_px, &cause);
    for (int pass = 0; pass < PASSES && status == PO_OK; pass++)
        status = look(&search, pass, &cause);
    if (status != PO_OK)
        return po_fail(error, status, "%s%s",
                       status == PO_BAD_CALIBRATION ? "--rectify-uncalibrated: " : "",
                       cause.message);
    rig_guess_round(&search.guess);
    *rig = (struct uncalibrated_rig){
        .as_is = choice->model == GUESS_AS_IS,
        .guess = search.guess,
        .before_px = choice->before_px,
        .rows_px = choice->held_out_px[choice->model],
        .sigma_px = choice->sigma_px,
        .frames = search.matches.frames,
        .matches = search.matches.count,
        .agreeing = choice->agreeing,
    };
    return PO_OK;
}
