/* SPDX-License-Identifier: Apache-2.0 */
#include "survey/frame_surveys.h"

#include <sys/mman.h>

#include "base/checked.h"
#include "cv_shim/cv_shim.h"
#include "frame/frame_rectifiers.h"
#include "pool/memory_budget.h"
#include "supervise/session_run.h"

enum { LAST_DOWNSCALE = 4 };

/* What the child works with. */
struct survey_work {
    struct session_run *run;
    struct frame_context context;
    struct frame_rectifiers *rectifiers;
    struct memory_budget *budget;
};

enum po_status frame_surveys_init(struct frame_surveys *surveys, int frame_count,
                                  struct po_error *error)
{
    size_t bytes;
    if (surveys->rows != NULL)
        return PO_OK;
    if (!size_multiply((size_t)frame_count + 1, sizeof(struct frame_survey), &bytes))
        return po_fail(error, PO_INTERNAL, "%d frames are too many", frame_count);
    void *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (pages == MAP_FAILED)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory to look at %d frames",
                       frame_count);
    *surveys = (struct frame_surveys){bytes, pages};
    return PO_OK;
}

void frame_surveys_release(struct frame_surveys *surveys)
{
    if (surveys->rows != NULL)
        (void)munmap(surveys->rows, surveys->bytes);
    *surveys = (struct frame_surveys){0};
}

static enum po_status prepare(void *context, int workers, struct po_error *error)
{
    struct survey_work *work = context;
    (void)workers;
    cv_shim_init();
    enum po_status status =
        frame_rectifiers_create(work->run->manifest, &work->rectifiers, error);
    if (status == PO_OK)
        status =
            memory_budget_create(work->run->memory.budget_bytes, &work->budget, error);
    if (status != PO_OK)
        return status;
    work->context = work->run->setups[0].context;
    work->context.rectifications = work->rectifiers->rectifications;
    work->context.rectifiers = work->rectifiers->rectifiers;
    return PO_OK;
}

/* Smaller images where the matching resolution does not fit the budget: what is looked
 * for survives halving. */
static enum po_status plan_survey(const struct survey_work *work, int frame,
                                  struct frame_context *context, struct frame_job *job,
                                  size_t *bytes, struct po_error *error)
{
    *context = work->context;
    for (;; context->downscale *= 2) {
        enum po_status status = frame_pipeline_prepare(context, frame, job, error);
        if (status != PO_OK)
            return status;
        *bytes = frame_survey_bytes(&job->plan);
        if (*bytes <= work->run->memory.budget_bytes ||
            context->downscale >= LAST_DOWNSCALE)
            return PO_OK;
    }
}

static enum po_status survey(void *context, const struct frame_attempt *attempt,
                             struct run_event *end, struct po_error *error)
{
    struct survey_work *work = context;
    struct frame_context frame_context;
    struct frame_job job;
    struct scratch scratch = {0};
    size_t bytes = 0;
    end->stage = STAGE_LOAD;
    frame_attempt_started(attempt);
    enum po_status status =
        plan_survey(work, attempt->frame, &frame_context, &job, &bytes, error);
    if (status != PO_OK)
        return status;
    frame_attempt_waiting(attempt);
    status = memory_budget_acquire(work->budget, bytes, attempt->cancel, error);
    if (status != PO_OK)
        return status;
    frame_attempt_started(attempt);
    status = scratch_init(&scratch, bytes, error);
    if (status == PO_OK)
        status = frame_survey_run(&frame_context, &job, attempt->cancel, &scratch,
                                  &work->run->surveys.rows[attempt->frame], error);
    scratch_release(&scratch);
    memory_budget_release(work->budget, bytes);
    return status;
}

static const char *stage_name(int stage)
{
    return frame_stage_name((enum frame_stage)stage);
}

/* Frames about which nothing more is asked count as done from the start. */
static int skip_unwanted(const struct session_run *run, struct run_state *pass)
{
    int wanted = 0;
    for (int i = 0; i < pass->frame_count; i++) {
        const struct frame_survey *row = &run->surveys.rows[i];
        if (run->state.frames[i].status == PO_FRAME_PENDING && !row->failed &&
            (row->wanted & ~row->known) != 0)
            wanted++;
        else
            run_state_end(pass, i, PO_FRAME_REUSED, PO_OK, NULL);
    }
    return wanted;
}

static void take_ends(struct session_run *run, const struct run_state *pass)
{
    for (int i = 0; i < pass->frame_count; i++) {
        const struct frame_state *row = &pass->frames[i];
        if (row->status != PO_FRAME_REUSED && row->status != PO_FRAME_DONE)
            run->surveys.rows[i].failed = true;
        struct frame_state *own = &run->state.frames[i];
        bool ends = row->status == PO_FRAME_TIMED_OUT ||
                    row->status == PO_FRAME_CRASHED || row->status == PO_FRAME_FAILED ||
                    row->cause == PO_MEMORY_LIMIT;
        if (!ends || own->status != PO_FRAME_PENDING)
            continue;
        own->stage = row->stage;
        own->signal = row->signal;
        own->attempts = row->attempts;
        struct po_error refusal;
        bool refused = row->cause == PO_MEMORY_LIMIT &&
                       memory_plan_refuse(run, i, &refusal) != PO_OK;
        run_state_end(&run->state, i, row->status, row->cause,
                      refused ? refusal.message : row->message);
        session_run_report_frame(run, i);
    }
}

enum po_status frame_surveys_run(struct session_run *run, struct po_error *error)
{
    struct run_state pass;
    struct engine_result result;
    struct survey_work work = {.run = run};
    const struct engine_job job = {.name = "look",
                                   .context = &work,
                                   .prepare = prepare,
                                   .run = survey,
                                   .stage_name = stage_name};
    struct engine_settings settings = session_engine_settings(run);
    enum po_status status = run_state_init(&pass, run->manifest->frame_count, error);
    if (status != PO_OK)
        return status;
    settings.observer = (struct engine_observer){0};
    settings.max_failures = 0;
    memory_plan_budget(run);
    if (skip_unwanted(run, &pass) > 0)
        status = session_run_engine(run, &settings, &job, &pass, &result, error);
    if (status == PO_OK)
        take_ends(run, &pass);
    memory_budget_destroy(work.budget); /* there with --in-process */
    frame_rectifiers_destroy(work.rectifiers);
    run_state_release(&pass);
    return status;
}
