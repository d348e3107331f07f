/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/exit_status.h"

#include "frame/frame_pipeline.h"

int exit_status_of_error(enum po_status status)
{
    switch (status) {
    case PO_OK:
        return PO_EXIT_OK;
    case PO_BAD_ARGUMENT:
    case PO_NOT_FOUND:
    case PO_UNSUPPORTED:
    case PO_BAD_FORMAT:
    case PO_LOCKED:
        return PO_EXIT_USAGE;
    case PO_BAD_CALIBRATION:
    case PO_MISALIGNED:
        return PO_EXIT_CALIBRATION;
    case PO_BAD_SESSION:
    case PO_BAD_IMAGE:
    case PO_NO_RANGE:
        return PO_EXIT_NO_FRAME;
    case PO_MEMORY_LIMIT:
        return PO_EXIT_MEMORY;
    case PO_INTERNAL:
    case PO_OUT_OF_MEMORY:
    case PO_IO:
    case PO_CANCELLED:
        return PO_EXIT_INTERNAL;
    }
    return PO_EXIT_INTERNAL;
}

/* True when every frame that did not finish has this cause, and there is one. */
static bool all_ended_for(const struct run_state *state, enum po_status cause)
{
    int count = 0;
    for (int i = 0; i < state->frame_count; i++) {
        const struct frame_state *row = &state->frames[i];
        if (row->status == PO_FRAME_DONE || row->status == PO_FRAME_REUSED ||
            row->status == PO_FRAME_PENDING)
            continue;
        if (row->cause != cause)
            return false;
        count++;
    }
    return count > 0;
}

/* True when no result could be written, and every frame ended for that: the disk failed
 * or is full. Inputs that cannot be read end earlier. */
static bool all_ended_writing(const struct run_state *state)
{
    for (int i = 0; i < state->frame_count; i++) {
        const struct frame_state *row = &state->frames[i];
        if (row->status != PO_FRAME_PENDING && row->stage < (int)STAGE_WRITE)
            return false;
    }
    return all_ended_for(state, PO_IO);
}

int exit_status_of_run(const struct run_state *state, const struct po_summary *summary,
                       const struct run_control *control, bool internal,
                       bool strict_unmatched, bool worse_than_baseline)
{
    bool nothing = summary->done + summary->reused == 0;
    bool interrupted = control->reason == STOP_SIGNAL;
    if (internal)
        return PO_EXIT_INTERNAL;
    if (interrupted)
        return 128 + control->signal;
    if (control->reason == STOP_DEADLINE && summary->not_run > 0)
        return PO_EXIT_DEADLINE;
    if (nothing && all_ended_for(state, PO_MEMORY_LIMIT))
        return PO_EXIT_MEMORY;
    if (nothing &&
        (all_ended_for(state, PO_BAD_CALIBRATION) || all_ended_for(state, PO_MISALIGNED)))
        return PO_EXIT_CALIBRATION;
    if (nothing && all_ended_writing(state))
        return PO_EXIT_INTERNAL;
    if (nothing)
        return PO_EXIT_NO_FRAME;
    if (state->not_ok > 0 || summary->not_run > 0 || strict_unmatched)
        return PO_EXIT_SOME_FAILED;
    return worse_than_baseline ? PO_EXIT_WORSE : PO_EXIT_OK;
}
