/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frame setup: how frames are made at one level of degradation: settings, and the context
 * that refers to them. Plain values; what the context points to is borrowed.
 *
 * Invariant: the context points into its own setup, so a setup is made in place and never
 * copied.
 */
#ifndef FRAME_FRAME_SETUP_H
#define FRAME_FRAME_SETUP_H

#include "frame/degradation.h"
#include "frame/frame_pipeline.h"

struct frame_setup {
    bool present;
    struct po_settings settings;
    struct hash settings_hash;    /* settings_effect_hash up to SETTING_CLOUD */
    struct frame_context context; /* without rectifiers: those live in the child */
};

/* Makes `setup` from `asked` at a lower level; a frame must fit into `frame_budget_bytes`
 * (0: whole images, whatever they take). */
void frame_setup_degrade(const struct frame_setup *asked, enum degradation degradation,
                         uint64_t frame_budget_bytes, struct frame_setup *setup);

/* Whether frames are made with OpenCV, beside tables of their calibration. */
bool frame_setup_uses_opencv(const struct frame_setup *setup);

#endif
