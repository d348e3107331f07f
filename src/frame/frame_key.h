/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys: what a frame's artefacts, or its raw match, were computed from. Equal keys mean
 * equal bytes on one set of library versions.
 */
#ifndef FRAME_FRAME_KEY_H
#define FRAME_FRAME_KEY_H

#include "base/hash.h"
#include "frame/frame_pipeline.h"
#include "settings/settings_table.h"

/*
 * `inputs`: content hashes of the left and right file. `up_to` SETTING_CLOUD: of the
 * whole frame; SETTING_MATCH: of the raw match.
 */
struct hash frame_key(const struct frame_context *context, int frame,
                      const struct hash *inputs, enum setting_effect up_to);

/* The same for many frames: `settings` is settings_effect_hash of the context's, which
 * takes longer than all the rest. */
struct hash frame_key_with(const struct frame_context *context, int frame,
                           const struct hash *inputs, enum setting_effect up_to,
                           struct hash settings);

#endif
