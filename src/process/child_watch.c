/* SPDX-License-Identifier: Apache-2.0 */
#include "process/child_watch.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/log.h"
#include "pool/memory_available.h"
#include "process/child_guard.h"
#include "process/retry_policy.h"

static const int64_t tick_ns = 100LL * 1000 * 1000;
static const int64_t leaving_ns = 500LL * 1000;
static const int64_t oversleep_ns = 2000LL * 1000 * 1000;

struct watch {
    struct engine *engine;
    struct child_process *child;
    struct child_outcome *outcome;
    int64_t *phase_deadline_ns;
    int64_t heard_ns;  /* of anything from this child */
    int64_t killed_ns; /* 0: not killed by us */
    int64_t ticked_ns;
    bool pipe_ended;
};

static void kill_child(struct watch *watch, enum child_end end, int64_t now_ns)
{
    if (watch->killed_ns != 0)
        return;
    watch->killed_ns = now_ns;
    watch->outcome->end = end;
    watch->engine->result->killed_processes++;
    child_process_kill(watch->child);
}

static double forecast_of(const struct engine *engine, int frame)
{
    const struct engine_job *job = engine->job;
    return job->forecast_s != NULL ? job->forecast_s(job->context, frame) : 0.0;
}

static void take_started(struct engine *engine, const struct run_event *event,
                         int64_t now_ns)
{
    const struct engine_observer *observer = &engine->settings->observer;
    struct frame_state *row = &engine->state->frames[event->frame];
    bool goes_on = row->spoke;
    row->attempts += !goes_on;
    row->spoke = true;
    watchdog_started(&engine->watchdog, event->frame, forecast_of(engine, event->frame),
                     now_ns);
    if (goes_on)
        return;
    row->stage = 0;
    row->started_ns = now_ns;
    if (observer->frame_started != NULL)
        observer->frame_started(observer->context, event->frame);
}

static void take_stage(struct engine *engine, const struct run_event *event,
                       int64_t now_ns)
{
    const struct engine_observer *observer = &engine->settings->observer;
    engine->state->frames[event->frame].stage = event->stage;
    watchdog_heard(&engine->watchdog, event->frame, now_ns);
    if (observer->frame_staged != NULL)
        observer->frame_staged(observer->context, event->frame, event->stage);
}

static void take_figures(struct frame_state *row, const struct run_event *event)
{
    memcpy(row->stage_us, event->stage_us, sizeof(row->stage_us));
    row->stage = event->stage;
    row->points = event->points;
    row->predicted_bytes = event->bytes;
    row->match_reused = event->match_reused != 0;
    row->incomplete = event->incomplete;
}

static void take_end(struct engine *engine, const struct run_event *event, int64_t now_ns)
{
    const struct engine_observer *observer = &engine->settings->observer;
    struct frame_state *row = &engine->state->frames[event->frame];
    bool was_cancelled = watchdog_ended(&engine->watchdog, event->frame);
    if (row->status != PO_FRAME_PENDING)
        return;
    row->spoke = true;
    take_figures(row, event);
    row->latency_ms = (double)(now_ns - row->started_ns) * 1e-6;
    if (event->kind == EVENT_DONE)
        run_state_end(engine->state, event->frame, PO_FRAME_DONE, PO_OK, NULL);
    else
        retry_policy_failed(engine, event, was_cancelled);
    if (observer->frame_ended != NULL && row->status != PO_FRAME_PENDING)
        observer->frame_ended(observer->context, event->frame);
}

static void take_event(struct watch *watch, const struct run_event *event, int64_t now_ns)
{
    struct engine *engine = watch->engine;
    if (event->kind == EVENT_READY && engine->settings->sandbox != NULL)
        sandbox_note(engine->settings->sandbox, event->fences);
    if (event->kind == EVENT_READY && event->bytes > engine->result->baseline_bytes)
        engine->result->baseline_bytes = event->bytes;
    if (event->kind == EVENT_CHILD_FAILED) {
        watch->outcome->cause = (enum po_status)event->status;
        (void)snprintf(watch->outcome->text, sizeof(watch->outcome->text), "%s",
                       event->text);
    }
    /* A child whose memory is corrupted may say anything. */
    if (event->frame < 0 || event->frame >= engine->state->frame_count)
        return;
    if (event->kind == EVENT_STARTED)
        take_started(engine, event, now_ns);
    else if (event->kind == EVENT_WAITING)
        (void)watchdog_ended(&engine->watchdog, event->frame);
    else if (event->kind == EVENT_STAGE)
        take_stage(engine, event, now_ns);
    else if (event->kind == EVENT_DONE || event->kind == EVENT_FAILED)
        take_end(engine, event, now_ns);
}

static void take_events(struct watch *watch, int64_t now_ns)
{
    struct run_event event;
    enum event_read got = EVENT_READ_END;
    while (!watch->pipe_ended && (got = event_receive(watch->child->event_descriptor,
                                                      &event)) == EVENT_READ_ONE) {
        watch->heard_ns = now_ns;
        take_event(watch, &event, now_ns);
    }
    if (got == EVENT_READ_END)
        watch->pipe_ended = true;
}

bool engine_is_stopped(struct engine *engine, int64_t now_ns)
{
    struct run_control *control = engine->control;
    int most = engine->settings->max_failures;
    run_control_update(control, now_ns);
    if (most > 0 && engine->state->not_ok >= most && control->reason == STOP_NONE) {
        log_warning("%d frames have failed (--max-failures): no further frame is started",
                    engine->state->not_ok);
        run_control_stop(control, STOP_FAILURES, now_ns);
    }
    return control->reason != STOP_NONE;
}

/* Stops the start of frames, or the child itself, as far as the run's control says. */
static void follow_control(struct watch *watch, int64_t now_ns)
{
    struct engine *engine = watch->engine;
    struct run_control *control = engine->control;
    if (!engine_is_stopped(engine, now_ns))
        return;
    atomic_store(&engine->flags.stop->requested, 1);
    int64_t grace_ns = (int64_t)(engine->settings->grace_s * 1e9);
    if (control->stop_now || now_ns - control->stop_ns >= grace_ns)
        kill_child(watch, CHILD_STOPPED, now_ns);
}

static void stall(struct watch *watch, int frame, int64_t now_ns)
{
    struct child_outcome *outcome = watch->outcome;
    if (watch->killed_ns != 0)
        return;
    outcome->silent_frame = frame;
    if (!watchdog_silence(&watch->engine->watchdog, frame, now_ns, &outcome->silent_s,
                          &outcome->allowed_s)) {
        outcome->silent_s = (double)(now_ns - watch->heard_ns) * 1e-9;
        outcome->allowed_s = watch->engine->settings->frame_timeout_s;
    }
    kill_child(watch, CHILD_STALLED, now_ns);
}

static void follow_watchdog(struct watch *watch, int64_t now_ns)
{
    struct engine *engine = watch->engine;
    int frame = -1;
    enum watchdog_verdict verdict;
    while ((verdict = watchdog_check(&engine->watchdog, now_ns, &frame)) ==
           WATCHDOG_CANCEL) {
        engine->result->cancelled_frames++;
        atomic_store(&engine->flags.frames[frame].requested, 1);
    }
    if (verdict == WATCHDOG_KILL)
        stall(watch, frame, now_ns);
    /* Between frames and while it prepares itself the process answers as a whole. */
    int64_t timeout_ns = (int64_t)(engine->settings->frame_timeout_s * 1e9);
    if (engine->watchdog.count == 0 && now_ns - watch->heard_ns > timeout_ns &&
        !watch->pipe_ended)
        stall(watch, -1, now_ns);
    if (*watch->phase_deadline_ns != 0 && now_ns >= *watch->phase_deadline_ns)
        kill_child(watch, CHILD_PHASE_TIMEOUT, now_ns);
}

static void tick(struct watch *watch, int64_t now_ns)
{
    const struct engine_observer *observer = &watch->engine->settings->observer;
    if (now_ns - watch->ticked_ns < tick_ns)
        return;
    watch->ticked_ns = now_ns;
    if (observer->pulse != NULL)
        observer->pulse(observer->context);
    if (observer->tick != NULL)
        observer->tick(observer->context, watch->engine->watchdog.count,
                       memory_resident_bytes((int)watch->child->pid));
}

/* A process stuck in the kernel outlives SIGKILL: nobody may wait for it for ever. */
static bool is_unkillable(const struct watch *watch, int64_t now_ns)
{
    double wait_s = watch->engine->settings->kill_wait_s;
    return watch->killed_ns != 0 && now_ns - watch->killed_ns > (int64_t)(wait_s * 1e9);
}

static int64_t earlier(int64_t a, int64_t b)
{
    return b != 0 && b < a ? b : a;
}

/* When something is next due, at most a tick away. */
static int64_t next_due_ns(const struct watch *watch, int64_t now_ns)
{
    const struct engine *engine = watch->engine;
    const struct run_control *control = engine->control;
    int64_t due_ns = earlier(now_ns + tick_ns, watchdog_next_ns(&engine->watchdog));
    due_ns = earlier(due_ns, *watch->phase_deadline_ns);
    if (control->reason == STOP_NONE)
        due_ns = earlier(due_ns, control->deadline_ns);
    else
        due_ns = earlier(due_ns,
                         control->stop_ns + (int64_t)(engine->settings->grace_s * 1e9));
    if (watch->killed_ns != 0)
        due_ns = now_ns + tick_ns / 10; /* its end is near */
    else if (watch->pipe_ended && watch->child->exit_descriptor < 0)
        due_ns = now_ns + leaving_ns; /* and the next stage waits for it */
    return due_ns;
}

/* Sleeps until something arrives or is due. Restarts deadlines when the whole program
 * was stopped meanwhile: silence was nobody's fault. */
static int64_t wait_for_news(struct watch *watch)
{
    struct engine *engine = watch->engine;
    int64_t before = clock_monotonic_ns();
    int64_t wait_ns = next_due_ns(watch, before) - before;
    if (wait_ns < 0)
        wait_ns = 0;
    struct pollfd polled[] = {
        {.fd = watch->pipe_ended ? -1 : watch->child->event_descriptor, .events = POLLIN},
        {.fd = engine->control->signal_descriptor, .events = POLLIN},
        {.fd = watch->child->exit_descriptor, .events = POLLIN},
    };
    (void)poll(polled, 3, (int)(wait_ns / 1000000) + 1);
    int64_t now_ns = clock_monotonic_ns();
    run_control_update(engine->control, now_ns);
    bool overslept = now_ns - before > wait_ns + oversleep_ns;
    if (run_control_take_continued(engine->control) || overslept) {
        log_debug("the program was stopped for a while: deadlines start again");
        watchdog_restart(&engine->watchdog, now_ns);
        watch->heard_ns = now_ns;
        if (*watch->phase_deadline_ns != 0)
            *watch->phase_deadline_ns += now_ns - before;
    }
    return now_ns;
}

/* Reads how a child that was not killed by us came to its end. */
static void read_end(struct watch *watch, uint64_t oom_kills_before)
{
    struct child_outcome *outcome = watch->outcome;
    const struct memory_sources sources = memory_sources_here();
    int wait_status = watch->child->wait_status;
    if (watch->killed_ns != 0 || outcome->unkillable)
        return;
    if (WIFSIGNALED(wait_status)) {
        outcome->signal = WTERMSIG(wait_status);
        outcome->end = CHILD_CRASHED;
        if (outcome->signal == SIGKILL && memory_oom_kills(&sources) > oom_kills_before)
            outcome->end = CHILD_OUT_OF_MEMORY;
        return;
    }
    outcome->exit_status = WEXITSTATUS(wait_status);
    if (outcome->exit_status == CHILD_EXIT_NOT_READY)
        outcome->end = CHILD_NOT_READY;
    else
        outcome->end = outcome->exit_status == 0 ? CHILD_FINISHED : CHILD_CRASHED;
}

void child_watch(struct engine *engine, struct child_process *child,
                 int64_t *phase_deadline_ns, struct child_outcome *outcome)
{
    const struct memory_sources sources = memory_sources_here();
    uint64_t oom_kills = memory_oom_kills(&sources);
    struct watch watch = {.engine = engine,
                          .child = child,
                          .outcome = outcome,
                          .phase_deadline_ns = phase_deadline_ns,
                          .heard_ns = clock_monotonic_ns()};
    *outcome = (struct child_outcome){.silent_frame = -1};
    while (!child_process_reap(child)) {
        int64_t now_ns = wait_for_news(&watch);
        take_events(&watch, now_ns);
        follow_control(&watch, now_ns);
        follow_watchdog(&watch, now_ns);
        tick(&watch, now_ns);
        outcome->unkillable = is_unkillable(&watch, now_ns);
        if (outcome->unkillable)
            break;
    }
    take_events(&watch, clock_monotonic_ns());
    read_end(&watch, oom_kills);
    if (child->peak_bytes > engine->result->peak_bytes)
        engine->result->peak_bytes = child->peak_bytes;
    child_process_release(child);
}
