/* SPDX-License-Identifier: Apache-2.0 */
#include "process/engine_job.h"

#include <unistd.h>

#include "base/leave.h"
#include "process/child_guard.h"

static void send_event(const struct frame_attempt *attempt, enum event_kind kind,
                       int stage)
{
    if (attempt->event_descriptor < 0)
        return;
    const struct run_event event = {
        .kind = kind, .frame = attempt->frame, .stage = stage};
    if (!event_send(attempt->event_descriptor, &event))
        process_leave(CHILD_EXIT_ORPHAN);
}

enum po_status engine_job_run_whole(const struct engine_job *job,
                                    const struct frame_attempt *attempt,
                                    struct run_event *end, struct po_error *error)
{
    enum po_status status = job->run(job->context, attempt, end, error);
    return status == PO_OK && job->finish != NULL
               ? job->finish(job->context, attempt, end, error)
               : status;
}

void frame_attempt_started(const struct frame_attempt *attempt)
{
    send_event(attempt, EVENT_STARTED, 0);
}

void frame_attempt_waiting(const struct frame_attempt *attempt)
{
    send_event(attempt, EVENT_WAITING, 0);
}

void frame_attempt_stage(const struct frame_attempt *attempt, int stage)
{
    send_event(attempt, EVENT_STAGE, stage);
}
