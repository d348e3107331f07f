/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Left out: pairs that a calibration is made without. A picture's own fault, such as a
 * broken file, costs that picture. What may pass (frame_may_pass) must not: the next run
 * would see that pair, and another calibration would come of it.
 */
#ifndef CALIBRATE_LEFT_OUT_H
#define CALIBRATE_LEFT_OUT_H

#include "process/run_control.h"
#include "process/second_look.h"
#include "session/manifest.h"

/* Whether the content of the picture is why it could not be read. */
static inline bool is_fault_of_picture(enum po_status status)
{
    return status == PO_BAD_IMAGE || status == PO_UNSUPPORTED;
}

/* The same for one at `path`: what its own permissions forbid is no passing fault either,
 * as long as nobody changes them. */
bool is_fault_of_picture_at(enum po_status status, const char *path);

/*
 * run_frames, and a second look at what may pass. Errors: of the engine; PO_CANCELLED
 * when the run was stopped; PO_IO or PO_OUT_OF_MEMORY with the first pair that could not
 * be looked at in either and the cause.
 */
PO_MUST_CHECK enum po_status
run_frames_whole(const struct manifest *manifest, const struct engine_settings *settings,
                 const struct engine_job *job, struct run_control *control,
                 struct run_state *state, struct po_error *error);

#endif
