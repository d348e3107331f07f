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
    case PO_UNMEASURED:
    case PO_CHANGED:
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

/* Of a run without a result: true when every frame that ended has this cause, and there
 * is one. */
static bool all_ended_for(const struct run_state *state, enum po_status cause)
{
    int count = 0;
    for (int i = 0; i < state->frame_count; i++) {
        const struct frame_state *row = &state->frames[i];
        if (row->status == PO_FRAME_PENDING)
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

static bool is_finished(enum po_frame_status status, bool pending)
{
    return status == PO_FRAME_DONE || status == PO_FRAME_REUSED ||
           (pending && status == PO_FRAME_PENDING);
}

int run_incomplete_frames(const struct run_state *state, uint32_t parts, bool pending)
{
    int count = 0;
    for (int i = 0; i < state->frame_count; i++)
        count += is_finished(state->frames[i].status, pending) &&
                 (state->frames[i].incomplete & parts) != 0;
    return count;
}

bool run_lacks_clouds(const struct run_state *state, const struct manifest *manifest,
                      const struct po_settings *settings, bool pending)
{
    bool asked = (settings->output.artefacts & (unsigned)PO_OUT_CLOUD) != 0 ||
                 settings->cloud.surface_reconstruction;
    for (int i = 0; i < state->frame_count && asked; i++) {
        if (is_finished(state->frames[i].status, pending) &&
            !manifest_frame_has_unit(manifest, i))
            return true;
    }
    return false;
}

/* Of a run without a single result. */
static int exit_status_of_nothing(const struct run_state *state)
{
    if (all_ended_for(state, PO_MEMORY_LIMIT))
        return PO_EXIT_MEMORY;
    if (all_ended_for(state, PO_BAD_CALIBRATION) || all_ended_for(state, PO_MISALIGNED))
        return PO_EXIT_CALIBRATION;
    return all_ended_writing(state) ? PO_EXIT_INTERNAL : PO_EXIT_NO_FRAME;
}

int exit_status_of_run(const struct run_state *state, const struct po_summary *summary,
                       const struct run_control *control,
                       const struct run_outcome *outcome)
{
    if (control->reason == STOP_SIGNAL)
        return 128 + control->signal;
    if (control->reason == STOP_DEADLINE && summary->not_run > 0)
        return PO_EXIT_DEADLINE;
    if (summary->done + summary->reused == 0)
        return exit_status_of_nothing(state);
    if (outcome->clouds_missing)
        return PO_EXIT_CALIBRATION;
    if (state->not_ok > 0 || summary->not_run > 0 || outcome->incomplete ||
        outcome->strict_unmatched)
        return PO_EXIT_SOME_FAILED;
    return outcome->worse_than_baseline ? PO_EXIT_WORSE : PO_EXIT_OK;
}

int exit_status_foretold(const struct run_state *state, const struct manifest *manifest,
                         const struct po_settings *settings)
{
    const struct run_control control = {.reason = STOP_NONE};
    const struct run_outcome outcome = {
        .clouds_missing = run_lacks_clouds(state, manifest, settings, true),
        .incomplete = run_incomplete_frames(state, UINT32_MAX, true) > 0,
        .strict_unmatched = settings->input.strict && manifest->unmatched_count > 0,
    };
    struct po_summary summary = {0};
    run_state_summarize(state, &summary);
    summary.done += summary.not_run;
    summary.not_run = 0;
    return exit_status_of_run(state, &summary, &control, &outcome);
}
