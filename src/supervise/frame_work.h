/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frame work: the engine job that brings a frame through its pipeline. The one place
 * where the engine of processes and the frame pipeline meet.
 *
 * Invariant: a worker holds a frame's whole footprint, as its plan says, before anything
 * of it is allocated. Ownership: what the child makes in prepare ends with the child, or
 * with frame_work_release when there is none.
 */
#ifndef SUPERVISE_FRAME_WORK_H
#define SUPERVISE_FRAME_WORK_H

#include "frame/frame_publication.h"
#include "frame/frame_rectifiers.h"
#include "pool/memory_budget.h"
#include "record/input_state.h"
#include "supervise/session_network.h"

/* A frame that is written and waits for the disk: all of it that is kept of the frame. */
struct written_frame {
    struct frame_publication publication;
    struct input_state inputs;
    bool has_stat; /* of the inputs, before they were read */
};

struct frame_work {
    struct session_run *run;
    bool measures_only; /* nothing is written or read back: only whether frames would be
                           done */
    const char
        *trial_directory; /* frames are written here and not kept; NULL: no trial */
    struct po_settings trial_settings[SESSION_SETUPS]; /* then without a cache */
    struct frame_context contexts[SESSION_SETUPS];     /* with rectifiers */
    struct frame_rectifiers *rectifiers;
    struct session_networks networks;
    struct memory_budget *budget;
    int worker_count;
    struct scratch *arenas;        /* one a worker */
    struct written_frame *written; /* FRAME_PLACES a worker */
};

struct engine_job frame_work_job(struct frame_work *work);
void frame_work_release(struct frame_work *work);

#endif
