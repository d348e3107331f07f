/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/session_progress.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"

/* Some file systems take seconds to let a killed process go. */
static const double kill_wait_s = 10;

/* An empty cloud of a calibrated frame is a failure in all but name: it says why, and
 * loudly, but not a thousand times. */
static void report_empty(struct session_run *run, int frame)
{
    enum { EMPTY_REPORTED_MAX = 20 };
    char path[SESSION_PATH_BYTES];
    const char *id = run->manifest->frames[frame].id;
    int length =
        snprintf(path, sizeof(path), "%s/%s/" FRAME_RECORD_FILE, run->paths.frames, id);
    if (run->empty_clouds++ == EMPTY_REPORTED_MAX)
        log_warning("more clouds are empty; their warnings are in the report");
    if (run->empty_clouds > EMPTY_REPORTED_MAX || length >= (int)sizeof(path) ||
        frame_record_read(path, run->record, NULL) != PO_OK)
        return;
    for (int i = 0; i < run->record->warnings.length; i++)
        if (strncmp(run->record->warnings.texts[i], "the cloud is empty", 18) == 0)
            log_warning("%s: %s", id, run->record->warnings.texts[i]);
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
                                         .message = row->message,
                                         .total_ms = total_ms,
                                         .points = row->points};
    if (row->status == PO_FRAME_DONE && run->first_frame_s <= 0)
        run->first_frame_s = now_s - run->start_s;
    progress_frame_ended(&run->progress, &ended, now_s);
    bool has_result = row->status == PO_FRAME_DONE || row->status == PO_FRAME_REUSED;
    if (has_result && row->points == 0 && run->manifest->frames[frame].calibration >= 0)
        report_empty(run, frame);
    if (row->status == PO_FRAME_DONE && row->degradation > 0)
        warning_list_add(
            &run->warnings,
            "%s: memory ran out under it; it was matched at 1/%d of its size",
            run->manifest->frames[frame].id,
            session_setup(run, row->degradation)->context.downscale);
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

static void on_tick(void *context, int running, uint64_t resident_bytes)
{
    struct session_run *run = context;
    progress_tick(&run->progress, running, resident_bytes, run->memory.limit.bytes,
                  clock_monotonic_s());
}

struct engine_settings session_engine_settings(struct session_run *run)
{
    const struct po_run_settings *settings = &run->effective.values.run;
    return (struct engine_settings){
        .in_process = settings->in_process,
        .workers = run->memory.workers,
        .batch_size = run->memory.batch_size,
        .parallel = settings->parallel,
        .frame_timeout_s = settings->frame_timeout_s,
        .pool_timeout_s = settings->pool_timeout_s,
        .grace_s = settings->grace_s,
        .kill_wait_s = kill_wait_s,
        .pool_restarts = settings->pool_restarts,
        .max_failures = settings->max_failures,
        .observer = {.context = run,
                     .frame_ended = on_ended,
                     .noted = on_noted,
                     .tick = on_tick},
    };
}
