/* SPDX-License-Identifier: Apache-2.0 */
#include "process/retry_policy.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/readable.h"

enum { RETRY_TEXT_BYTES = 512 };

static const char *stage_of(const struct engine *engine, int frame)
{
    const struct engine_job *job = engine->job;
    int stage = engine->state->frames[frame].stage;
    return job->stage_name != NULL ? job->stage_name(stage) : job->name;
}

static void suspect(struct engine *engine, int frame, const char *text)
{
    engine->state->frames[frame].suspect = true;
    run_state_note(engine->state, frame, text);
    log_debug("frame %d is tried again alone: %s", frame, text);
}

static void stalled(struct engine *engine, int frame, const char *text)
{
    if (engine->alone)
        run_state_end(engine->state, frame, PO_FRAME_TIMED_OUT, PO_CANCELLED, text);
    else
        suspect(engine, frame, text);
}

static void crashed(struct engine *engine, int frame, int signal_number, const char *text)
{
    engine->state->frames[frame].signal = signal_number;
    if (engine->alone)
        run_state_end(engine->state, frame, PO_FRAME_CRASHED, PO_INTERNAL, text);
    else
        suspect(engine, frame, text);
}

/* Memory ran out under the frame: once more, alone, then a degradation level lower, then
 * its end. A refusal may be a passing one, and must not cost the frame its resolution;
 * what the kernel ended with nothing beside it would be ended again. */
static void ran_out_of_memory(struct engine *engine, int frame, bool killed,
                              const char *text)
{
    const struct engine_job *job = engine->job;
    struct frame_state *row = &engine->state->frames[frame];
    if (engine->workers > 1 || (!killed && !row->memory_refused)) {
        row->memory_refused = true;
        suspect(engine, frame, text);
        return;
    }
    if (row->degradation == 0 && job->can_degrade != NULL &&
        job->can_degrade(job->context, frame, row->degradation)) {
        row->degradation++;
        suspect(engine, frame, text);
        return;
    }
    if (engine->alone)
        run_state_end(engine->state, frame, PO_FRAME_OUT_OF_MEMORY, PO_OUT_OF_MEMORY,
                      text);
    else
        suspect(engine, frame, text);
}

static void stall_text(const struct engine *engine, int frame, double silent_s,
                       double allowed_s, char *text)
{
    char silent[READABLE_BYTES];
    char allowed[READABLE_BYTES];
    readable_seconds(silent_s, silent, sizeof(silent));
    readable_seconds(allowed_s, allowed, sizeof(allowed));
    (void)snprintf(text, RETRY_TEXT_BYTES,
                   "timed out: nothing was heard for %s in stage %s (%s are allowed); "
                   "raise --frame-timeout if the machine is slow",
                   silent, stage_of(engine, frame), allowed);
}

void retry_policy_failed(struct engine *engine, const struct run_event *event,
                         bool was_cancelled)
{
    int frame = event->frame;
    enum po_status status = (enum po_status)event->status;
    char text[RETRY_TEXT_BYTES];
    if (status == PO_CANCELLED && was_cancelled) {
        char allowed[READABLE_BYTES];
        readable_seconds(engine->watchdog.timeout_s, allowed, sizeof(allowed));
        (void)snprintf(text, sizeof(text),
                       "timed out: cancelled in stage %s after more than %s of "
                       "silence; raise --frame-timeout if the machine is slow",
                       stage_of(engine, frame), allowed);
        stalled(engine, frame, text);
    } else if (status == PO_CANCELLED) {
        /* The run stops: the frame waits for the next run. */
    } else if (status == PO_OUT_OF_MEMORY) {
        ran_out_of_memory(engine, frame, false, event->text);
    } else if (status == PO_MEMORY_LIMIT) {
        run_state_end(engine->state, frame, PO_FRAME_OUT_OF_MEMORY, status, event->text);
    } else {
        run_state_end(engine->state, frame, PO_FRAME_FAILED, status, event->text);
    }
}

static void crash_text(const struct engine *engine, const struct child_outcome *outcome,
                       int frame, char *text)
{
    const char *stage = stage_of(engine, frame);
    if (outcome->end == CHILD_OUT_OF_MEMORY)
        (void)snprintf(text, RETRY_TEXT_BYTES,
                       "killed by the kernel in stage %s because memory ran out; set "
                       "--memory-limit, use fewer --workers or --downscale 2",
                       stage);
    else if (outcome->signal == SIGKILL)
        (void)snprintf(text, RETRY_TEXT_BYTES,
                       "killed from outside in stage %s (SIGKILL): most often because "
                       "memory ran out; set --memory-limit or use fewer --workers",
                       stage);
    else if (outcome->signal != 0)
        (void)snprintf(text, RETRY_TEXT_BYTES, "crashed in stage %s: %s (SIG%s)", stage,
                       strsignal(outcome->signal), sigabbrev_np(outcome->signal));
    else
        (void)snprintf(text, RETRY_TEXT_BYTES,
                       "its process left in stage %s with status %d before the frame was "
                       "finished",
                       stage, outcome->exit_status);
}

/* The frame was running when its child ended as `outcome` says. */
static void decide_running(struct engine *engine, const struct child_outcome *outcome,
                           int frame)
{
    char text[RETRY_TEXT_BYTES];
    double silent_s = outcome->silent_s;
    double allowed_s = outcome->allowed_s;
    switch (outcome->end) {
    case CHILD_STALLED:
        if (frame != outcome->silent_frame && !engine->alone)
            return; /* it shared the process of a stuck frame */
        stall_text(engine, frame, silent_s, allowed_s, text);
        if (outcome->unkillable)
            (void)snprintf(text, sizeof(text),
                           "timed out in stage %s, and its process did not die within %g "
                           "s of SIGKILL: it is stuck in the kernel, often in a dead "
                           "network mount",
                           stage_of(engine, frame), engine->settings->kill_wait_s);
        stalled(engine, frame, text);
        return;
    case CHILD_OUT_OF_MEMORY:
        crash_text(engine, outcome, frame, text);
        ran_out_of_memory(engine, frame, true, text);
        return;
    case CHILD_FINISHED:
    case CHILD_CRASHED:
        crash_text(engine, outcome, frame, text);
        crashed(engine, frame, outcome->signal, text);
        return;
    case CHILD_NOT_READY:
        if (outcome->cause == PO_OUT_OF_MEMORY)
            ran_out_of_memory(engine, frame, false, outcome->text);
        else if (engine->alone)
            run_state_end(engine->state, frame, PO_FRAME_FAILED, outcome->cause,
                          outcome->text);
        return;
    case CHILD_STOPPED:
    case CHILD_PHASE_TIMEOUT:
        return;
    }
}

/* The child may have committed the frame and died before it could say so. */
static bool take_committed(struct engine *engine, int frame)
{
    const struct engine_job *job = engine->job;
    struct run_event end = {.kind = EVENT_DONE, .frame = frame};
    struct frame_state *row = &engine->state->frames[frame];
    if (job->committed == NULL || !job->committed(job->context, frame, &end))
        return false;
    memcpy(row->stage_us, end.stage_us, sizeof(row->stage_us));
    row->points = end.points;
    row->predicted_bytes = end.bytes;
    run_state_end(engine->state, frame, PO_FRAME_DONE, PO_OK, NULL);
    return true;
}

static void decide_one(struct engine *engine, const struct child_outcome *outcome,
                       int frame)
{
    const struct engine_observer *observer = &engine->settings->observer;
    const struct frame_state *row = &engine->state->frames[frame];
    if (row->status != PO_FRAME_PENDING)
        return;
    if (!take_committed(engine, frame))
        decide_running(engine, outcome, frame);
    if (observer->frame_ended != NULL && row->status != PO_FRAME_PENDING)
        observer->frame_ended(observer->context, frame);
}

void retry_policy_child_ended(struct engine *engine, const struct child_outcome *outcome,
                              int alone_frame)
{
    while (engine->watchdog.count > 0) {
        int frame = engine->watchdog.running[0].frame;
        (void)watchdog_ended(&engine->watchdog, frame);
        decide_one(engine, outcome, frame);
    }
    /* A child that fell before its frame began: there is nobody else to blame. A frame
     * that spoke and waits for another attempt is a suspect, and left as it is. */
    bool was_told_not_to =
        outcome->end == CHILD_FINISHED && engine->control->reason != STOP_NONE;
    if (alone_frame >= 0 && !engine->state->frames[alone_frame].spoke && !was_told_not_to)
        decide_one(engine, outcome, alone_frame);
}
