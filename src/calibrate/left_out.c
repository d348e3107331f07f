/* SPDX-License-Identifier: Apache-2.0 */
#include "calibrate/left_out.h"

#include "base/input_file.h"
#include "process/run_frames.h"

bool is_fault_of_picture_at(enum po_status status, const char *path)
{
    return is_fault_of_picture(status) ||
           (status == PO_IO && input_file_is_forbidden(path));
}

static bool may_pass(const struct frame_state *row, const struct frame_entry *frame)
{
    bool is_forbidden =
        row->status == PO_FRAME_FAILED && row->cause == PO_IO &&
        (input_file_is_forbidden(frame->left_path) ||
         (!frame->side_by_side && input_file_is_forbidden(frame->right_path)));
    return frame_may_pass(row) && !is_forbidden;
}

/* Pairs that are still pending, where nothing stopped the run, were not looked at either.
 */
static enum po_status refuse_passing(const struct manifest *manifest,
                                     const struct run_state *state,
                                     struct po_error *error)
{
    int first = -1;
    int count = 0;
    for (int i = 0; i < state->frame_count; i++) {
        const struct frame_state *row = &state->frames[i];
        if (row->status != PO_FRAME_PENDING && !may_pass(row, &manifest->frames[i]))
            continue;
        first = count++ == 0 ? i : first;
    }
    if (count == 0)
        return PO_OK;
    const struct frame_state *row = &state->frames[first];
    return po_fail(error,
                   row->status == PO_FRAME_OUT_OF_MEMORY ? PO_OUT_OF_MEMORY : PO_IO,
                   "%d of the pairs could not be looked at this time, and nothing was "
                   "written; run it again, or leave them out. The first is %s: %s",
                   count, manifest->frames[first].id,
                   row->message != NULL ? row->message : "its process ended");
}

enum po_status run_frames_whole(const struct manifest *manifest,
                                const struct engine_settings *settings,
                                const struct engine_job *job, struct run_control *control,
                                struct run_state *state, struct po_error *error)
{
    struct engine_result result;
    enum po_status status = run_frames(settings, job, control, state, &result, error);
    if (status == PO_OK)
        status = second_look_run(settings, job, control, state, &result, error);
    if (status != PO_OK)
        return status;
    if (control->reason != STOP_NONE)
        return po_fail(error, PO_CANCELLED, "stopped; nothing was written");
    return refuse_passing(manifest, state, error);
}
