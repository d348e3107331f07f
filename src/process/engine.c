/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the phases work.
 *
 *   parallel     one pool process for all pending frames that are not suspects. When it
 *                ends early its running frames are settled (retry_policy.h) and, at most
 *                pool_restarts times, a new one goes on without the suspects.
 *   sequential   every frame that is still pending, each alone in a child of one worker.
 *                A frame whose memory ran out may come back here once, a degradation
 * level lower.
 *
 * Both use the same child (child_process.h) and the same loop (child_watch.h).
 */
#include "process/engine.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/number.h"
#include "process/child_watch.h"
#include "process/retry_policy.h"

static bool is_stopped(struct engine *engine)
{
    return engine_is_stopped(engine, clock_monotonic_ns());
}

/* The pending frames, without suspects in the parallel phase. */
static int list_pending(const struct run_state *state, bool with_suspects, int *frames)
{
    int count = 0;
    for (int i = 0; i < state->frame_count; i++)
        if (state->frames[i].status == PO_FRAME_PENDING &&
            (with_suspects || !state->frames[i].suspect))
            frames[count++] = i;
    return count;
}

/* The first frame stays where it is: something is to be seen soon. One worker waits for
 * nobody. */
static void put_short_last(const struct engine *engine, int *frames, int count)
{
    const struct engine_job *job = engine->job;
    int kept = 1;
    int *last = job->is_short != NULL && engine->settings->workers > 1
                    ? malloc((size_t)count * sizeof(*last))
                    : NULL;
    int last_count = 0;
    if (last == NULL)
        return;
    for (int i = 1; i < count; i++) {
        if (job->is_short(job->context, frames[i]))
            last[last_count++] = frames[i];
        else
            frames[kept++] = frames[i];
    }
    for (int i = 0; i < last_count; i++)
        frames[kept++] = last[i];
    free(last);
}

static void note(const struct engine *engine, const char *format, ...) PO_PRINTF(2, 3);

/* For the log and for the report. */
static void note(const struct engine *engine, const char *format, ...)
{
    const struct engine_observer *observer = &engine->settings->observer;
    char text[EVENT_MAX_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    log_warning("%s", text);
    if (observer->noted != NULL)
        observer->noted(observer->context, text);
}

static void note_unkillable(struct engine *engine, int pid)
{
    engine->result->unkillable_processes++;
    note(
        engine,
        "process %d did not die within %g s of SIGKILL: it is stuck in the kernel, often "
        "in a dead network mount; it is left behind",
        pid, engine->settings->kill_wait_s);
}

/* Until --max-failures; 0: no limit. The run has stopped where none is left. */
static int failures_allowed(const struct engine *engine)
{
    int left = engine->settings->max_failures - engine->state->not_ok;
    return left > 0 ? left : 0;
}

static enum po_status run_child(struct engine *engine, const int *frames, int count,
                                int64_t *phase_deadline_ns, struct child_outcome *outcome,
                                struct po_error *error)
{
    const struct engine_settings *settings = engine->settings;
    struct child_process child;
    int workers = engine->alone || settings->workers < 1 ? 1 : settings->workers;
    engine->workers = minimum(workers, count);
    if (engine->workers > engine->result->workers)
        engine->result->workers = engine->workers;
    const struct child_request request = {.job = engine->job,
                                          .state = engine->state,
                                          .flags = &engine->flags,
                                          .control = engine->control,
                                          .sandbox = settings->sandbox,
                                          .frames = frames,
                                          .frame_count = count,
                                          .workers = engine->workers,
                                          .batch_size = settings->batch_size,
                                          .failures_allowed = failures_allowed(engine)};
    for (int i = 0; i < count; i++) {
        atomic_store(&engine->flags.frames[frames[i]].requested, 0);
        engine->state->frames[frames[i]].spoke = false;
    }
    enum po_status status = child_process_start(&request, &child, error);
    if (status != PO_OK)
        return status;
    child_watch(engine, &child, phase_deadline_ns, outcome);
    if (outcome->unkillable)
        note_unkillable(engine, (int)child.pid);
    retry_policy_child_ended(engine, outcome, engine->alone ? frames[0] : -1);
    return PO_OK;
}

static void note_pool_end(const struct engine *engine,
                          const struct child_outcome *outcome, int left)
{
    switch (outcome->end) {
    case CHILD_STALLED:
        note(engine,
             "a frame did not answer for %.1f s: its process was %s, %d frames "
             "go on without it",
             outcome->silent_s, outcome->unkillable ? "given up" : "ended", left);
        break;
    case CHILD_OUT_OF_MEMORY:
        note(engine, "memory ran out and the kernel ended the pool; %d frames go on",
             left);
        break;
    case CHILD_CRASHED:
        note(engine,
             "the pool crashed (signal %d, status %d); %d frames go on; those "
             "that were running are tried again by themselves",
             outcome->signal, outcome->exit_status, left);
        break;
    case CHILD_NOT_READY:
        note(engine, "the pool could not start: %s", outcome->text);
        break;
    case CHILD_PHASE_TIMEOUT:
        note(engine,
             "the parallel phase took longer than --pool-timeout; %d frames go on "
             "one by one",
             left);
        break;
    case CHILD_FINISHED:
    case CHILD_STOPPED:
        break;
    }
}

static enum po_status run_parallel(struct engine *engine, int *frames,
                                   struct po_error *error)
{
    const struct engine_settings *settings = engine->settings;
    int64_t deadline_ns =
        settings->pool_timeout_s > 0
            ? clock_monotonic_ns() + (int64_t)(settings->pool_timeout_s * 1e9)
            : 0;
    engine->alone = false;
    for (int starts = 0; starts <= settings->pool_restarts; starts++) {
        struct child_outcome outcome;
        int count = list_pending(engine->state, false, frames);
        if (count == 0 || is_stopped(engine))
            return PO_OK;
        engine->result->pool_restarts = starts;
        put_short_last(engine, frames, count);
        enum po_status status =
            run_child(engine, frames, count, &deadline_ns, &outcome, error);
        if (status != PO_OK)
            return status;
        note_pool_end(engine, &outcome, list_pending(engine->state, false, frames));
        if (outcome.end == CHILD_PHASE_TIMEOUT || outcome.end == CHILD_STOPPED)
            return PO_OK;
    }
    return PO_OK;
}

static enum po_status run_alone(struct engine *engine, int frame, struct po_error *error)
{
    struct child_outcome outcome;
    int64_t no_deadline = 0;
    const struct frame_state *row = &engine->state->frames[frame];
    /* A frame that memory was refused to comes back as it is, then a level lower. */
    for (int i = 0; i < 3 && row->status == PO_FRAME_PENDING; i++) {
        if (is_stopped(engine))
            return PO_OK;
        enum po_status status =
            run_child(engine, &frame, 1, &no_deadline, &outcome, error);
        if (status != PO_OK)
            return status;
        engine->result->memory_kills += outcome.end == CHILD_OUT_OF_MEMORY;
    }
    engine->result->sequential_frames++;
    return PO_OK;
}

static enum po_status run_sequential(struct engine *engine, int *frames,
                                     struct po_error *error)
{
    int count = list_pending(engine->state, true, frames);
    engine->alone = true;
    for (int i = 0; i < count && !is_stopped(engine); i++) {
        enum po_status status = run_alone(engine, frames[i], error);
        if (status != PO_OK)
            return status;
    }
    return PO_OK;
}

enum po_status engine_run(const struct engine_settings *settings,
                          const struct engine_job *job, struct run_control *control,
                          struct run_state *state, struct engine_result *result,
                          struct po_error *error)
{
    struct engine engine = {.settings = settings,
                            .job = job,
                            .control = control,
                            .state = state,
                            .result = result};
    int *frames = NULL;
    int capacity = FRAME_PLACES * (settings->workers > 1 ? settings->workers : 1);
    *result = (struct engine_result){0};
    if (state->frame_count == 0)
        return PO_OK;
    enum po_status status = shared_flags_init(&engine.flags, state->frame_count, error);
    if (status == PO_OK)
        status =
            watchdog_init(&engine.watchdog, capacity, settings->frame_timeout_s, error);
    if (status != PO_OK)
        goto cleanup;
    frames = malloc((size_t)state->frame_count * sizeof(*frames));
    if (frames == NULL) {
        status = po_fail(error, PO_OUT_OF_MEMORY, "no memory for a list of %d frames",
                         state->frame_count);
        goto cleanup;
    }
    if (settings->parallel)
        status = run_parallel(&engine, frames, error);
    if (status == PO_OK)
        status = run_sequential(&engine, frames, error);

cleanup:
    free(frames);
    watchdog_release(&engine.watchdog);
    shared_flags_release(&engine.flags);
    return status;
}
