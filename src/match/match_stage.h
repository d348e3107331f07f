/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Match stage: from two rectified views to the raw match that refinement finishes. It
 * holds what needs more than one matcher call: the vertical correction of the right image
 * (balanced, quality) and the two passes of `quality`.
 *
 * Invariant: everything it takes from scratch beside its result is given back; plan and
 * use agree to the byte. Ownership: the result's views lie in the caller's scratch.
 */
#ifndef MATCH_MATCH_STAGE_H
#define MATCH_MATCH_STAGE_H

#include <stdbool.h>

#include "base/cancel.h"
#include "base/count_list.h"
#include "image/image_view.h"
#include "process_offline/settings.h"
#include "rectify/vertical_correction.h"
#include "stereo/matcher.h"

struct confidence_probe;

struct match_stage_plan {
    const struct matcher *matcher;
    struct match_plan pass; /* of each full-size pass */
    struct match_plan half; /* of the half-size match behind the vertical correction */
    bool vertical_correction;
    bool second_pass;
    size_t scratch_bytes; /* taken while running; outputs not included */
    size_t library_bytes;
    size_t output_bytes; /* match_stage_take_output */
};

struct match_stage_input {
    struct image_view left;  /* grey */
    struct image_view right; /* grey; warped in place when rows are corrected */
    struct image_view guide; /* the left image, grey or RGB */
    struct disparity_range range;
    const struct po_settings *settings;
    const struct cancel *cancel;
    const struct confidence_probe
        *first_probe; /* of the first of two passes; NULL: none */
};

/* As matcher.plan: `budget_bytes` 0 is none; PO_MEMORY_LIMIT names both numbers. */
PO_MUST_CHECK enum po_status match_stage_make_plan(const struct po_settings *settings,
                                                   const struct match_size *size,
                                                   size_t budget_bytes,
                                                   struct match_stage_plan *plan,
                                                   struct po_error *error);

/*
 * The vertical correction alone, for an image whose match comes in strips: the strips'
 * plans are made without it. plan->vertical_correction is false where the settings do
 * without or `budget_bytes` is too small for it.
 */
void match_stage_plan_correction(const struct po_settings *settings,
                                 const struct match_size *size, size_t budget_bytes,
                                 struct match_stage_plan *plan);
PO_MUST_CHECK enum po_status
match_stage_correct(const struct match_stage_plan *plan,
                    const struct match_stage_input *input, struct scratch *scratch,
                    struct vertical_disparity *vertical_disparity,
                    struct po_error *error);

PO_MUST_CHECK enum po_status match_stage_take_output(const struct match_stage_plan *plan,
                                                     struct scratch *scratch,
                                                     int width_px, int height_px,
                                                     struct match_output *output,
                                                     struct po_error *error);

PO_MUST_CHECK enum po_status
match_stage_run(const struct match_stage_plan *plan,
                const struct match_stage_input *input, struct scratch *scratch,
                struct match_output *output,
                struct vertical_disparity *vertical_disparity, struct po_error *error);

/* Adds what the stage found out to the frame's counts; the same for a match from cache.
 */
void match_stage_count(const struct match_stage_plan *plan,
                       const struct vertical_disparity *vertical_disparity,
                       struct count_list *counts);

#endif
