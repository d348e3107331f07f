/* SPDX-License-Identifier: Apache-2.0 */
#include "survey/frame_surveys.h"

#include <sys/mman.h>

#include "base/checked.h"
#include "cv_shim/cv_shim.h"
#include "frame/frame_rectifiers.h"
#include "pool/memory_budget.h"

enum { LAST_DOWNSCALE = 4 };

/* What the child works with. */
struct survey_work {
    const struct manifest *manifest;
    const struct survey_request *request;
    struct frame_surveys *surveys;
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
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory to survey %d frames",
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
    if (work->budget != NULL) /* a second pass with --in-process */
        return PO_OK;
    enum po_status status = cv_shim_init(error);
    if (status == PO_OK)
        status = frame_planner_rectifiers(&work->request->memory->session,
                                          &work->rectifiers, error);
    if (status == PO_OK)
        status =
            memory_budget_create(work->request->plan->budget_bytes, &work->budget, error);
    if (status != PO_OK)
        return status;
    work->context = work->request->setup->context;
    work->context.rectifiers = work->rectifiers;
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
        if (*bytes <= work->request->plan->budget_bytes ||
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
                                  &work->surveys->rows[attempt->frame], error);
    scratch_release(&scratch);
    memory_budget_release(work->budget, bytes);
    return status;
}

static bool is_wanted(const void *context, int frame)
{
    const struct frame_surveys *surveys = context;
    const struct frame_survey *row = &surveys->rows[frame];
    return !row->failed && (row->wanted & ~row->known) != 0;
}

static void take_end(struct survey_run *run, const struct survey_request *request,
                     int frame, const struct frame_state *row)
{
    struct po_error refusal;
    bool ends = row->status == PO_FRAME_TIMED_OUT || row->status == PO_FRAME_CRASHED ||
                row->status == PO_FRAME_FAILED || row->cause == PO_MEMORY_LIMIT;
    if (!ends || run->state->frames[frame].status != PO_FRAME_PENDING)
        return;
    bool refused =
        row->cause == PO_MEMORY_LIMIT &&
        memory_plan_refuse(request->memory, request->plan, frame, &refusal) != PO_OK;
    survey_end_frame(run, frame, row, refused ? refusal.message : row->message);
}

enum po_status frame_surveys_run(struct survey_run *run,
                                 const struct survey_request *request,
                                 struct frame_surveys *surveys, struct po_error *error)
{
    struct run_state pass = {0};
    struct survey_work work = {
        .manifest = run->manifest, .request = request, .surveys = surveys};
    const struct engine_job job = {.name = "survey",
                                   .context = &work,
                                   .prepare = prepare,
                                   .run = survey,
                                   .stage_name = survey_stage_name};
    enum po_status status = survey_pass_run(run, &job, is_wanted, surveys, &pass, error);
    for (int i = 0; i < pass.frame_count && status == PO_OK; i++) {
        const struct frame_state *row = &pass.frames[i];
        if (row->status != PO_FRAME_REUSED && row->status != PO_FRAME_DONE)
            surveys->rows[i].failed = true;
        take_end(run, request, i, row);
    }
    memory_budget_destroy(work.budget); /* there with --in-process */
    frame_rectifiers_destroy(work.rectifiers);
    run_state_release(&pass);
    return status;
}
