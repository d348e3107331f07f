/* SPDX-License-Identifier: Apache-2.0 */
#include "process/in_process.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "pool/memory_available.h"
#include "process/load_guard.h"
#include "process/signal_listener.h"

static enum po_frame_status frame_status_of(enum po_status status)
{
    if (status == PO_OK)
        return PO_FRAME_DONE;
    return status == PO_OUT_OF_MEMORY || status == PO_MEMORY_LIMIT
               ? PO_FRAME_OUT_OF_MEMORY
               : PO_FRAME_FAILED;
}

/* Memory that was refused in passing is asked for once more. */
static enum po_status try_twice(const struct engine_job *job,
                                const struct frame_attempt *first, struct run_event *end,
                                struct po_error *error)
{
    struct frame_attempt attempt = *first;
    enum po_status status = engine_job_run_whole(job, &attempt, end, error);
    attempt.number++;
    return status == PO_OUT_OF_MEMORY ? engine_job_run_whole(job, &attempt, end, error)
                                      : status;
}

static void run_one(const struct engine_settings *settings, const struct engine_job *job,
                    struct run_control *control, struct run_state *state, int frame)
{
    const struct engine_observer *observer = &settings->observer;
    struct signal_listener listener;
    const struct frame_attempt attempt = {
        .frame = frame, .number = 1, .cancel = &listener.cancel, .event_descriptor = -1};
    struct frame_state *row = &state->frames[frame];
    struct run_event end = {.frame = frame};
    struct po_error error = {0};
    if (observer->pulse != NULL)
        observer->pulse(observer->context);
    if (observer->frame_started != NULL)
        observer->frame_started(observer->context, frame);
    int64_t start_ns = clock_monotonic_ns();
    row->attempts++;
    signal_listener_start(&listener, control, settings->grace_s);
    enum po_status status = try_twice(job, &attempt, &end, &error);
    signal_listener_stop(&listener);
    row->latency_ms = (double)(clock_monotonic_ns() - start_ns) * 1e-6;
    memcpy(row->stage_us, end.stage_us, sizeof(row->stage_us));
    row->stage = end.stage;
    row->points = end.points;
    row->predicted_bytes = end.bytes;
    row->match_reused = end.match_reused != 0;
    row->incomplete = end.incomplete;
    if (status == PO_CANCELLED && control->reason != STOP_NONE)
        return; /* the run stops: the frame waits for the next run */
    run_state_end(state, frame, frame_status_of(status), status,
                  status == PO_OK ? NULL : error.message);
    if (observer->frame_ended != NULL)
        observer->frame_ended(observer->context, frame);
}

/* Libraries are loaded here. Signals of a caller's process are its own. */
static enum po_status prepare(const struct engine_job *job,
                              const struct run_control *control, struct po_error *error)
{
    struct load_guard guard;
    bool is_ours = control->signal_descriptor >= 0;
    if (job->prepare == NULL)
        return PO_OK;
    if (is_ours)
        load_guard_begin(&guard);
    enum po_status status = job->prepare(job->context, 1, error);
    if (is_ours)
        load_guard_end(&guard);
    return status;
}

enum po_status in_process_run(const struct engine_settings *settings,
                              const struct engine_job *job, struct run_control *control,
                              struct run_state *state, struct engine_result *result,
                              struct po_error *error)
{
    *result = (struct engine_result){0};
    enum po_status status = prepare(job, control, error);
    result->baseline_bytes = memory_resident_bytes((int)getpid());
    for (int i = 0; i < state->frame_count && status == PO_OK; i++) {
        if (state->frames[i].status != PO_FRAME_PENDING)
            continue;
        int64_t now_ns = clock_monotonic_ns();
        run_control_update(control, now_ns);
        if (settings->max_failures > 0 && state->not_ok >= settings->max_failures)
            run_control_stop(control, STOP_FAILURES, now_ns);
        if (control->reason != STOP_NONE)
            break;
        result->workers = 1;
        run_one(settings, job, control, state, i);
    }
    result->peak_bytes = memory_resident_peak_bytes((int)getpid());
    return status;
}
