/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/session_progress.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"

/* Some file systems take seconds to let a killed process go. */

static const char *last_stage(const struct frame_state *row)
{
    bool bad = row->status != PO_FRAME_DONE && row->status != PO_FRAME_REUSED;
    return bad ? frame_stage_name((enum frame_stage)row->stage) : NULL;
}

static void report_degraded(struct session_run *run, int frame)
{
    static const char text[] =
        "%s: memory ran out under it; it was matched at 1/%d of its size";
    const char *id = run->manifest->frames[frame].id;
    int level = run->state.frames[frame].degradation;
    int downscale = session_setup(run, level)->context.downscale;
    warning_list_add(&run->warnings, text, id, downscale);
    log_warning(text, id, downscale);
}

void session_report_frame(struct session_run *run, int frame)
{
    const struct frame_state *row = &run->state.frames[frame];
    double now_s = clock_monotonic_s();
    double total_ms = 0;
    for (int i = 0; i < EVENT_STAGES; i++)
        total_ms += row->stage_us[i] * 1e-3;
    const struct progress_frame ended = {.id = run->manifest->frames[frame].id,
                                         .status = row->status,
                                         .stage = last_stage(row),
                                         .message = row->message,
                                         .total_ms = total_ms,
                                         .points = row->points};
    if (row->status == PO_FRAME_DONE && run->first_frame_s <= 0)
        run->first_frame_s = now_s - run->start_s;
    progress_frame_ended(&run->progress, &ended, now_s);
    if (row->status == PO_FRAME_DONE && row->degradation > 0)
        report_degraded(run, frame);
}

void session_end_problems(struct session_run *run)
{
    for (int i = 0; i < run->manifest->frame_count; i++) {
        const struct frame_entry *entry = &run->manifest->frames[i];
        if (entry->problem == NULL || run->state.frames[i].status != PO_FRAME_PENDING)
            continue;
        run->state.frames[i].stage = STAGE_LOAD;
        run_state_end(&run->state, i, PO_FRAME_FAILED, entry->problem_cause,
                      entry->problem);
        session_report_frame(run, i);
    }
}

static void on_ended(void *context, int frame)
{
    session_report_frame(context, frame);
}

static void on_noted(void *context, const char *text)
{
    struct session_run *run = context;
    run_journal_add(&run->journal, "%s", text);
}

/* The id of the first frame that was started and has not ended; NULL: none. */
static const char *frame_under_way(const struct session_run *run)
{
    for (int i = 0; i < run->state.frame_count; i++) {
        const struct frame_state *row = &run->state.frames[i];
        if (row->status == PO_FRAME_PENDING && row->attempts > 0)
            return run->manifest->frames[i].id;
    }
    return NULL;
}

static void on_tick(void *context, int running, uint64_t resident_bytes)
{
    struct session_run *run = context;
    progress_tick(&run->progress, running, frame_under_way(run), resident_bytes,
                  run->memory.limit.bytes, clock_monotonic_s());
}

static void on_pulse(void *context)
{
    struct session_run *run = context;
    link_lock_beat(&run->link_lock);
}

struct engine_settings session_engine_settings(struct session_run *run)
{
    const struct po_run_settings *settings = &run->effective.values.run;
    struct engine_settings engine = engine_settings_pool(settings);
    engine.sandbox = run->sandbox.made ? &run->sandbox : NULL;
    engine.workers = run->memory.workers;
    engine.batch_size = run->memory.batch_size;
    engine.max_failures = settings->max_failures;
    engine.observer = (struct engine_observer){.context = run,
                                               .frame_ended = on_ended,
                                               .noted = on_noted,
                                               .tick = on_tick,
                                               .pulse = on_pulse};
    return engine;
}
