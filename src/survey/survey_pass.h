/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Survey pass: a job over those frames about which something is wanted, before the run.
 * A frame that cannot be processed ends here, as it would in the run.
 *
 * Ownership: everything in struct survey_run is the caller's.
 */
#ifndef SURVEY_SURVEY_PASS_H
#define SURVEY_SURVEY_PASS_H

#include "process/run_frames.h"
#include "session/manifest.h"

enum { SURVEY_SKIPPED_BYTES = 512 };

/* The run that surveys work for. */
struct survey_run {
    const struct manifest *manifest;
    const struct engine_settings *engine; /* its observer hears of frames that end */
    struct run_control *control;
    struct run_state *state;
    uint64_t peak_bytes; /* of a child, the largest so far */
    double busy_s;       /* of its workers, over all passes so far */
    double wall_s;       /* of these passes, from their first child's start on */
    bool is_incomplete;  /* a frame was not surveyed for a reason that may pass */
    char skipped[SURVEY_SKIPPED_BYTES]; /* the first such frame, and the reason */
};

/*
 * Runs `job` on the pending frames that `is_wanted` names; the others count as reused in
 * `pass`, which is filled and the caller's to release. What fails for another reason than
 * the frame's own content is tried once more, alone; where that fails too, the survey is
 * incomplete, and what it found holds for this run only.
 */
PO_MUST_CHECK enum po_status
survey_pass_run(struct survey_run *run, const struct engine_job *job,
                bool (*is_wanted)(const void *context, int frame), const void *context,
                struct run_state *pass, struct po_error *error);

/* Ends a frame of the run and notifies its observer. */
void survey_end_frame(struct survey_run *run, int frame, const struct frame_state *as,
                      const char *message);
/* The same, of a frame that failed before it was started. */
void survey_fail_frame(struct survey_run *run, int frame, enum po_status cause,
                       const char *message);

/* The stage a survey's job is at, by name. */
const char *survey_stage_name(int stage);

#endif
