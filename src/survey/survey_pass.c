/* SPDX-License-Identifier: Apache-2.0 */
#include "survey/survey_pass.h"

#include <stdio.h>

#include "base/clock.h"
#include "frame/frame_pipeline.h"
#include "process/second_look.h"

static void count_peak(struct survey_run *run, const struct engine_result *result)
{
    if (result->peak_bytes > run->peak_bytes)
        run->peak_bytes = result->peak_bytes;
}

static enum po_status run_pass(struct survey_run *run,
                               const struct engine_settings *settings,
                               const struct engine_job *job, struct run_state *pass,
                               struct po_error *error)
{
    struct engine_result first = {0};
    struct engine_result second = {0};
    double start_s = clock_monotonic_s();
    enum po_status status = run_frames(settings, job, run->control, pass, &first, error);
    if (status == PO_OK)
        status = second_look_run(settings, job, run->control, pass, &second, error);
    count_peak(run, &first);
    count_peak(run, &second);
    for (int i = 0; i < pass->frame_count; i++)
        run->busy_s += pass->frames[i].latency_ms * 1e-3;
    run->wall_s += clock_monotonic_s() - start_s;
    return status;
}

static void note_unseen(struct survey_run *run, const struct run_state *pass)
{
    for (int i = 0; i < pass->frame_count; i++) {
        const struct frame_state *row = &pass->frames[i];
        if (!frame_may_pass(row) || run->is_incomplete)
            continue;
        run->is_incomplete = true;
        (void)snprintf(run->skipped, sizeof(run->skipped), "%s: %.300s",
                       run->manifest->frames[i].id,
                       row->message != NULL ? row->message : "could not be looked at");
    }
}

enum po_status survey_pass_run(struct survey_run *run, const struct engine_job *job,
                               bool (*is_wanted)(const void *context, int frame),
                               const void *context, struct run_state *pass,
                               struct po_error *error)
{
    int wanted = 0;
    struct engine_settings settings = *run->engine;
    enum po_status status = run_state_init(pass, run->manifest->frame_count, error);
    if (status != PO_OK)
        return status;
    settings.observer = (struct engine_observer){.context = run->engine->observer.context,
                                                 .pulse = run->engine->observer.pulse};
    settings.max_failures = 0;
    for (int i = 0; i < pass->frame_count; i++) {
        if (run->state->frames[i].status == PO_FRAME_PENDING && is_wanted(context, i))
            wanted++;
        else
            run_state_end(pass, i, PO_FRAME_REUSED, PO_OK, NULL);
    }
    if (wanted == 0)
        return PO_OK;
    status = run_pass(run, &settings, job, pass, error);
    if (status == PO_OK)
        note_unseen(run, pass);
    return status;
}

void survey_end_frame(struct survey_run *run, int frame, const struct frame_state *as,
                      const char *message)
{
    const struct engine_observer *observer = &run->engine->observer;
    struct frame_state *row = &run->state->frames[frame];
    row->stage = as->stage;
    row->signal = as->signal;
    row->attempts = as->attempts;
    run_state_end(run->state, frame, as->status, as->cause, message);
    if (observer->frame_ended != NULL)
        observer->frame_ended(observer->context, frame);
}

void survey_fail_frame(struct survey_run *run, int frame, enum po_status cause,
                       const char *message)
{
    struct frame_state as = run->state->frames[frame];
    as.status = PO_FRAME_FAILED;
    as.cause = cause;
    as.stage = STAGE_LOAD;
    survey_end_frame(run, frame, &as, message);
}

const char *survey_stage_name(int stage)
{
    return frame_stage_name((enum frame_stage)stage);
}
