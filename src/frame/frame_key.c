/* SPDX-License-Identifier: Apache-2.0 */
#include "frame/frame_key.h"

#include <string.h>

#include "base/version.h"

/* A map counts by its content, a network by what it is and the image it is carried from.
 */
static struct hash prior_key(const struct prior_use *prior,
                             const struct frame_entry *entry, const struct hash *inputs)
{
    struct hash key = hash_combine(hash_bytes("prior", 5), prior->network.key);
    return entry->prior_path != NULL ? hash_combine(key, inputs[2]) : key;
}

struct hash frame_key(const struct frame_context *context, int frame,
                      const struct hash *inputs, enum setting_effect up_to)
{
    return frame_key_with(context, frame, inputs, up_to,
                          settings_effect_hash(context->settings, up_to));
}

struct hash frame_key_with(const struct frame_context *context, int frame,
                           const struct hash *inputs, enum setting_effect up_to,
                           struct hash settings)
{
    const struct frame_entry *entry = &context->manifest->frames[frame];
    struct {
        int32_t range_min_px, range_count, white, downscale, side_by_side, halves_swapped,
            has_calibration;
        double depth_unit_mm;
        struct vertical_field rows;
    } session;
    memset(&session, 0, sizeof(session));            /* padding is hashed too */
    if (!context->settings->match.range_per_frame) { /* that follows from the images */
        struct disparity_range range = frame_range(context, frame);
        session.range_min_px = range.min_px;
        session.range_count = range.count;
    }
    if (context->vertical_fields != NULL)
        session.rows = context->vertical_fields[entry->calibration + 1];
    session.white = context->scale16[0].white;
    session.downscale = context->downscale;
    session.side_by_side = entry->side_by_side;
    session.halves_swapped = entry->halves_swapped;
    session.has_calibration = entry->calibration >= 0;
    session.depth_unit_mm = up_to == SETTING_MATCH ? 0.0 : context->depth_unit_mm;

    struct hash key =
        hash_bytes(PROCESS_OFFLINE_VERSION, strlen(PROCESS_OFFLINE_VERSION));
    key = hash_combine(key, hash_combine(inputs[0], inputs[1]));
    key = hash_combine(key, hash_bytes(&session, sizeof(session)));
    key = hash_combine(key, settings);
    if (entry->calibration >= 0)
        key = hash_combine(
            key, calibration_hash(&context->manifest->calibrations[entry->calibration]));
    if (context->network != NULL && context->network->wanted)
        key = hash_combine(key, context->network->key);
    if (up_to == SETTING_CLOUD && context->prior != NULL &&
        context->prior->source != PRIOR_NONE)
        key = hash_combine(key, prior_key(context->prior, entry, inputs));
    if (context->scale16[0].black > 0 || context->scale16[1].black > 0)
        key = hash_combine(key, hash_bytes(context->scale16, sizeof(context->scale16)));
    if (context->frame_budget_bytes > 0) {
        uint64_t budget_bytes =
            context->frame_budget_bytes; /* decides strips and tiles */
        key = hash_combine(key, hash_bytes(&budget_bytes, sizeof(budget_bytes)));
    }
    if (up_to == SETTING_CLOUD && entry->ground_truth_path != NULL)
        key = hash_combine(key, hash_bytes(&entry->ground_truth_scale,
                                           sizeof(entry->ground_truth_scale)));
    return key;
}
