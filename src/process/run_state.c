/* SPDX-License-Identifier: Apache-2.0 */
#include "process/run_state.h"

#include <stdlib.h>
#include <string.h>

enum po_status run_state_init(struct run_state *state, int frame_count,
                              struct po_error *error)
{
    *state = (struct run_state){0};
    if (frame_count == 0)
        return PO_OK;
    state->frames = calloc((size_t)frame_count, sizeof(*state->frames));
    if (state->frames == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for the state of %d frames",
                       frame_count);
    state->frame_count = frame_count;
    return PO_OK;
}

void run_state_release(struct run_state *state)
{
    for (int i = 0; i < state->frame_count; i++)
        free(state->frames[i].message);
    free(state->frames);
    *state = (struct run_state){0};
}

void run_state_note(struct run_state *state, int frame, const char *message)
{
    struct frame_state *row = &state->frames[frame];
    char *copy = message != NULL ? strdup(message) : NULL;
    free(row->message);
    row->message = copy;
}

void run_state_end(struct run_state *state, int frame, enum po_frame_status status,
                   enum po_status cause, const char *message)
{
    struct frame_state *row = &state->frames[frame];
    if (row->status != PO_FRAME_PENDING)
        return;
    row->status = status;
    row->cause = cause;
    run_state_note(state, frame, message);
    state->ended++;
    if (status != PO_FRAME_DONE && status != PO_FRAME_REUSED)
        state->not_ok++;
}

void run_state_summarize(const struct run_state *state, struct po_summary *summary)
{
    summary->found = state->frame_count;
    for (int i = 0; i < state->frame_count; i++) {
        const struct frame_state *row = &state->frames[i];
        int *const counts[] = {&summary->not_run,      &summary->done,
                               &summary->reused,       &summary->failed,
                               &summary->timed_out,    &summary->crashed,
                               &summary->out_of_memory};
        ++*counts[row->status];
        summary->points += row->points;
    }
}
