/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Resume: which frames of an earlier run on this output are complete and unchanged.
 *
 * A frame is reused when its folder is whole, and its record's key is the one this run
 * would give it: same inputs, calibration, settings, session values, version. What the
 * inputs hold is known by stat from .state/inputs/<id>; where stat differs a child hashes
 * them.
 */
#ifndef STORE_RESUME_H
#define STORE_RESUME_H

#include "check/frame_probes.h"
#include "frame/frame_setup.h"
#include "record/frame_record.h"
#include "store/session_paths.h"
#include "store/session_values.h"

/* What this run is, to be compared with what is on disk; borrowed. */
struct resume {
    const struct manifest *manifest;
    const struct session_paths *paths;
    const struct session_values *values;
    const struct frame_setup *setups; /* those that frames may have been made with */
    int setup_count;
    struct frame_probe *probes;  /* by frame; `wanted` is set here */
    struct frame_record *record; /* room for one that is read back */
};

/* Whether a frame can be reused, by what stat says; then resume->record holds its record.
 * Where stat does not decide it, asks a child for probes. */
bool resume_scan(const struct resume *resume, int frame);
/* The same once the probes are there. */
bool resume_decide(const struct resume *resume, int frame);
/* Asks a child for what choosing and planning need of a frame. */
void resume_want_probes(const struct resume *resume, int frame);

/* Whether the folder on disk is this frame, as this run makes it, from the inputs its
 * own record names. Fills resume->record. */
bool resume_is_committed(const struct resume *resume, int frame);

/* Keeps what stat said of a frame's inputs before they were read. `is_new`: the frame was
 * made of them just now, so the checksum of its frame.json is kept beside; else the one
 * that is kept stays. */
void resume_keep_inputs(const struct resume *resume, int frame,
                        const struct input_state *inputs, bool is_new);

#endif
