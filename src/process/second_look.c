/* SPDX-License-Identifier: Apache-2.0 */
#include "process/second_look.h"

#include "process/run_frames.h"

bool frame_may_pass(const struct frame_state *row)
{
    switch (row->status) {
    case PO_FRAME_TIMED_OUT:
    case PO_FRAME_CRASHED:
        return true;
    case PO_FRAME_OUT_OF_MEMORY:
        return row->cause != PO_MEMORY_LIMIT;
    case PO_FRAME_FAILED:
        return row->cause == PO_IO || row->cause == PO_CHANGED ||
               row->cause == PO_NOT_FOUND || row->cause == PO_OUT_OF_MEMORY ||
               row->cause == PO_INTERNAL;
    case PO_FRAME_PENDING:
    case PO_FRAME_DONE:
    case PO_FRAME_REUSED:
        break;
    }
    return false;
}

static bool deserves_another(const struct frame_state *row)
{
    return frame_may_pass(row) && row->attempts < 2;
}

/* Moves how a frame ended in the second run into the first. */
static void take_second(struct run_state *state, int frame, struct frame_state *second)
{
    struct frame_state *first = &state->frames[frame];
    char *message = first->message;
    int attempts = first->attempts;
    double latency_ms = first->latency_ms;
    state->not_ok -= second->status == PO_FRAME_DONE;
    *first = *second;
    first->attempts += attempts;
    first->latency_ms += latency_ms;
    second->message = message; /* released with its run */
}

/* Ends the frames that are not looked at again; returns how many are. */
static int choose_frames(const struct run_state *state, struct run_state *again)
{
    int wanted = 0;
    for (int i = 0; i < state->frame_count; i++)
        if (deserves_another(&state->frames[i]))
            wanted++;
        else
            run_state_end(again, i, PO_FRAME_REUSED, PO_OK, NULL);
    return wanted;
}

enum po_status second_look_run(const struct engine_settings *settings,
                               const struct engine_job *job, struct run_control *control,
                               struct run_state *state, struct engine_result *result,
                               struct po_error *error)
{
    struct run_state again = {0};
    struct engine_settings alone = *settings;
    *result = (struct engine_result){0};
    if (control->reason != STOP_NONE)
        return PO_OK;
    enum po_status status = run_state_init(&again, state->frame_count, error);
    if (status != PO_OK)
        return status;
    alone.parallel = false;
    if (choose_frames(state, &again) > 0)
        status = run_frames(&alone, job, control, &again, result, error);
    for (int i = 0; i < state->frame_count && status == PO_OK; i++)
        if (again.frames[i].status != PO_FRAME_REUSED &&
            again.frames[i].status != PO_FRAME_PENDING)
            take_second(state, i, &again.frames[i]);
    run_state_release(&again);
    return status;
}
