/* SPDX-License-Identifier: Apache-2.0 */
#include "survey/frame_surveys.h"

#include <stdlib.h>
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
    struct scratch *arenas; /* a worker's, kept from frame to frame */
    int worker_count;
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
    work->arenas = calloc((size_t)workers, sizeof(*work->arenas));
    if (work->arenas == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for %d workers", workers);
    work->worker_count = workers;
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

/* The worker's arena, large enough. */
static enum po_status fit_arena(struct scratch *arena, size_t bytes,
                                struct po_error *error)
{
    if (arena->capacity >= bytes)
        return PO_OK;
    scratch_release(arena);
    return scratch_init(arena, bytes, error);
}

/* What is kept while no frame is admitted for it must fit with that of all workers. */
static void leave_arena(const struct survey_work *work, struct scratch *arena)
{
    uint64_t budget_bytes = work->request->plan->budget_bytes;
    if (arena->capacity > budget_bytes / (uint64_t)work->worker_count)
        scratch_release(arena);
}

static enum po_status survey(void *context, const struct frame_attempt *attempt,
                             struct run_event *end, struct po_error *error)
{
    struct survey_work *work = context;
    struct frame_context frame_context;
    struct frame_job job;
    struct scratch *arena = &work->arenas[attempt->worker];
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
    status = fit_arena(arena, bytes, error);
    if (status == PO_OK)
        status = frame_survey_run(&frame_context, &job, attempt->cancel, arena,
                                  &work->surveys->rows[attempt->frame], error);
    leave_arena(work, arena);
    memory_budget_release(work->budget, bytes);
    return status;
}

static bool is_wanted(const void *context, int frame)
{
    const struct frame_surveys *surveys = context;
    const struct frame_survey *row = &surveys->rows[frame];
    return !row->failed && (row->wanted & ~row->known) != 0;
}

/* Rows take longest: begun last, they would be waited for by workers with nothing to do.
 */
static bool is_short(void *context, int frame)
{
    const struct survey_work *work = context;
    return (work->surveys->rows[frame].wanted & MEASURE_ROWS) == 0;
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
                                   .is_short = is_short,
                                   .stage_name = survey_stage_name};
    enum po_status status = survey_pass_run(run, &job, is_wanted, surveys, &pass, error);
    for (int i = 0; i < pass.frame_count && status == PO_OK; i++) {
        const struct frame_state *row = &pass.frames[i];
        if (row->status != PO_FRAME_REUSED && row->status != PO_FRAME_DONE)
            surveys->rows[i].failed = true;
        take_end(run, request, i, row);
    }
    /* There with --in-process. */
    for (int i = 0; i < work.worker_count; i++)
        scratch_release(&work.arenas[i]);
    free(work.arenas);
    memory_budget_destroy(work.budget);
    frame_rectifiers_destroy(work.rectifiers);
    run_state_release(&pass);
    return status;
}
