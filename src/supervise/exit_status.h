/* SPDX-License-Identifier: Apache-2.0 */
/* The exit status of a run: where several hold, the first of 2, 1, 130/143, 7, 6, 5, 4,
 * 3, 8. */
#ifndef SUPERVISE_EXIT_STATUS_H
#define SUPERVISE_EXIT_STATUS_H

#include "process/run_control.h"
#include "process/run_state.h"
#include "session/manifest.h"

/* Of a run that could not take place. */
int exit_status_of_error(enum po_status status);

/* What is beside the frames' ends. */
struct run_outcome {
    bool clouds_missing;      /* asked for, and a finished frame has no calibration */
    bool incomplete;          /* a frame is done without a part of what was asked for */
    bool strict_unmatched;    /* files without a partner, with --strict */
    bool worse_than_baseline; /* by more than --tolerance */
};

/* Finished frames that lack any of the parts, bits of enum frame_lack; with `pending`
 * those of frames that a trial would finish. */
int run_incomplete_frames(const struct run_state *state, uint32_t parts, bool pending);

/* Whether clouds are asked for and a frame that finished, or with `pending` one that has
 * not ended yet, has no calibration to make one with. */
bool run_lacks_clouds(const struct run_state *state, const struct manifest *manifest,
                      const struct po_settings *settings, bool pending);

/* Of a run that took place. */
int exit_status_of_run(const struct run_state *state, const struct po_summary *summary,
                       const struct run_control *control,
                       const struct run_outcome *outcome);

/* Of a run whose pending frames would all be done: what --check foretells. */
int exit_status_foretold(const struct run_state *state, const struct manifest *manifest,
                         const struct po_settings *settings);

#endif
