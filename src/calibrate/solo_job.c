/* SPDX-License-Identifier: Apache-2.0 */
#include "calibrate/solo_job.h"

#include "cv_shim/cv_shim.h"
#include "process/run_frames.h"
#include "process/second_look.h"

static enum po_status prepare(void *context, int workers, struct po_error *error)
{
    (void)context;
    (void)workers;
    return cv_shim_init(error);
}

static enum po_status run(void *context, const struct frame_attempt *attempt,
                          struct run_event *end, struct po_error *error)
{
    const struct solo_job *job = context;
    end->stage = 0;
    frame_attempt_started(attempt);
    return job->run(job->context, attempt->cancel, error);
}

static double forecast(void *context, int frame)
{
    const struct solo_job *job = context;
    (void)frame;
    return job->forecast_s;
}

static const char *stage_name(int stage)
{
    (void)stage;
    return "fit";
}

/* How the one piece of work ended. */
static enum po_status outcome(const struct solo_job *job, const struct run_state *state,
                              struct po_error *error)
{
    const struct frame_state *row = &state->frames[0];
    if (row->status == PO_FRAME_DONE)
        return PO_OK;
    if (job->control->reason != STOP_NONE)
        return po_fail(error, PO_CANCELLED, "stopped; nothing was written");
    enum po_status cause = row->cause != PO_OK ? row->cause : PO_INTERNAL;
    return po_fail(error, cause, "%s",
                   row->message != NULL ? row->message : "the process of the fit ended");
}

enum po_status solo_job_run(const struct solo_job *job, struct po_error *error)
{
    struct run_state state;
    struct engine_result result;
    const struct engine_job engine = {.name = job->name,
                                      .context = (void *)job,
                                      .prepare = prepare,
                                      .run = run,
                                      .forecast_s = forecast,
                                      .stage_name = stage_name};
    struct engine_settings settings = engine_settings_alone(job->settings);
    settings.sandbox = job->sandbox;
    enum po_status status = run_state_init(&state, 1, error);
    if (status != PO_OK)
        return status;
    status = run_frames(&settings, &engine, job->control, &state, &result, error);
    if (status == PO_OK)
        status =
            second_look_run(&settings, &engine, job->control, &state, &result, error);
    if (status == PO_OK)
        status = outcome(job, &state, error);
    run_state_release(&state);
    return status;
}
