/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/session_trial.h"

#include "process/run_frames.h"
#include "supervise/frame_work.h"
#include "supervise/session_progress.h"

/* Where more is asked than any survey of rows can promise, every frame is tried. */
static bool is_doubtful(const struct session_run *run, int frame)
{
    static const double promised_percent = 30.0;
    if (run->state.frames[frame].status != PO_FRAME_PENDING)
        return false;
    return run->effective.values.run.min_measured_percent > promised_percent ||
           session_check_doubts(&run->surveys.rows[frame],
                                frame_range(&run->setups[0].context, frame));
}

static void take_end(struct session_run *run, int frame, const struct frame_state *as)
{
    struct frame_state *row = &run->state.frames[frame];
    row->incomplete = as->incomplete;
    for (int i = 0; i < FRAME_LACKS; i++)
        if ((row->incomplete & frame_lack_row(i)->bit) != 0)
            session_check_add(&run->check, CHECK_WARNING, frame, "frame",
                              "a run would finish it %s, and end with status 3",
                              frame_lack_row(i)->words);
    if (as->status == PO_FRAME_PENDING || as->status == PO_FRAME_DONE ||
        as->status == PO_FRAME_REUSED)
        return;
    row->stage = as->stage;
    row->signal = as->signal;
    run_state_end(&run->state, frame, as->status, as->cause, as->message);
    session_report_frame(run, frame);
}

enum po_status session_trial(struct session_run *run, struct po_error *error)
{
    struct run_state pass = {0};
    struct engine_result result = {0};
    struct frame_work frame_work = {.run = run, .measures_only = true};
    const struct engine_job job = frame_work_job(&frame_work);
    struct engine_settings settings = session_engine_settings(run);
    int doubtful = 0;
    if (run->surveys.rows == NULL)
        return PO_OK;
    enum po_status status = run_state_init(&pass, run->state.frame_count, error);
    if (status != PO_OK)
        return status;
    settings.observer = (struct engine_observer){0};
    settings.max_failures = 0;
    for (int i = 0; i < pass.frame_count; i++) {
        if (is_doubtful(run, i))
            doubtful++;
        else
            run_state_end(&pass, i, PO_FRAME_REUSED, PO_OK, NULL);
    }
    if (doubtful > 0)
        status = run_frames(&settings, &job, &run->control, &pass, &result, error);
    for (int i = 0; i < pass.frame_count && status == PO_OK; i++)
        take_end(run, i, &pass.frames[i]);
    frame_work_release(&frame_work);
    run_state_release(&pass);
    return status;
}
