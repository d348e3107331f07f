/* SPDX-License-Identifier: Apache-2.0 */
#include "frame/frame_pipeline.h"

#include <string.h>

#include "base/clock.h"
#include "frame/frame_views.h"

/* The pipeline: one step a line, in order. A step's time is added to its stage. */
struct pipeline_step {
    enum frame_stage stage;
    enum po_status (*run)(struct frame *frame, struct po_error *error);
    enum frame_stage timed_as; /* where it is no part of its stage; STAGE_QUEUED: it is */
};

static const struct pipeline_step pipeline_to_strips[] = {
    {.stage = STAGE_LOAD, .run = frame_views_take},
    {.stage = STAGE_LOAD, .run = frame_hash_inputs},
    {.stage = STAGE_NETWORK, .run = frame_prior_carry},
    {.stage = STAGE_LOAD, .run = frame_recall_pair},
    {.stage = STAGE_LOAD, .run = frame_load_left},
    {.stage = STAGE_RECTIFY, .run = frame_rectify_left},
    {.stage = STAGE_LOAD, .run = frame_load_right},
    {.stage = STAGE_RECTIFY, .run = frame_rectify_right},
    {.stage = STAGE_NETWORK, .run = frame_network_of_strips},
    {.stage = STAGE_NETWORK, .run = frame_prior_make},
    {.stage = STAGE_MATCH, .run = frame_correct_rows},
    {.stage = STAGE_MATCH, .run = frame_writers_take, .timed_as = STAGE_WRITE},
};

/* Once for each strip of rows; a frame that fits into its memory is one strip. */
static const struct pipeline_step pipeline_of_strip[] = {
    {.stage = STAGE_NETWORK, .run = frame_match_network},
    {.stage = STAGE_MATCH, .run = frame_match},
    {.stage = STAGE_MATCH, .run = frame_prior_wait},
    {.stage = STAGE_REFINE, .run = frame_refine},
    {.stage = STAGE_REFINE, .run = frame_full_size},
    {.stage = STAGE_CLOUD, .run = frame_triangulate},
    {.stage = STAGE_EVALUATE, .run = frame_evaluate},
    {.stage = STAGE_WRITE, .run = frame_begin_writing},
    {.stage = STAGE_WRITE, .run = frame_write_strip},
};

static const struct pipeline_step pipeline_from_strips[] = {
    {.stage = STAGE_REFINE, .run = frame_judge},
    {.stage = STAGE_CLOUD, .run = frame_note_points},
    {.stage = STAGE_WRITE, .run = frame_end_writing},
    {.stage = STAGE_WRITE, .run = frame_write_record},
};

enum {
    STEPS_TO_STRIPS = sizeof(pipeline_to_strips) / sizeof(pipeline_to_strips[0]),
    STEPS_OF_STRIP = sizeof(pipeline_of_strip) / sizeof(pipeline_of_strip[0]),
    STEPS_FROM_STRIPS = sizeof(pipeline_from_strips) / sizeof(pipeline_from_strips[0]),
};

static const char *const stage_names[STAGE_COUNT] = {
    "queued", "load",  "rectify",  "network", "match",
    "refine", "cloud", "evaluate", "write",   "commit",
};

const char *frame_stage_name(enum frame_stage stage)
{
    return stage_names[stage];
}

static enum po_status step_run(const struct pipeline_step *step, struct frame *frame,
                               struct po_error *error)
{
    if (cancel_requested(frame->cancel))
        return po_fail(error, PO_CANCELLED, "cancelled before %s",
                       frame_stage_name(step->stage));
    enum frame_stage timed =
        step->timed_as != STAGE_QUEUED ? step->timed_as : step->stage;
    int64_t start_ns = clock_monotonic_ns();
    enum po_status status = step->run(frame, error);
    frame->result->stage_us[timed] +=
        (uint32_t)((clock_monotonic_ns() - start_ns) / 1000);
    return status;
}

static enum po_status run_steps(const struct pipeline_step *steps, int count,
                                struct frame *frame, const struct frame_control *control,
                                struct po_error *error)
{
    enum po_status status = PO_OK;
    for (int i = 0; i < count && status == PO_OK; i++) {
        if (frame->context->measures_only && steps[i].stage > STAGE_CLOUD)
            continue;
        if (control->staged != NULL && steps[i].stage != frame->result->stage)
            control->staged(control->context, frame->job->frame, steps[i].stage);
        frame->result->stage = steps[i].stage;
        status = step_run(&steps[i], frame, error);
    }
    return status;
}

static enum po_status run_all_steps(struct frame *frame,
                                    const struct frame_control *control,
                                    struct po_error *error)
{
    enum po_status status =
        run_steps(pipeline_to_strips, STEPS_TO_STRIPS, frame, control, error);
    size_t mark = scratch_mark(frame->scratch);
    for (int i = 0; i < frame->job->plan.strip_count && status == PO_OK; i++) {
        frame_strip_make(frame, i);
        status = run_steps(pipeline_of_strip, STEPS_OF_STRIP, frame, control, error);
        scratch_rewind(frame->scratch, mark);
    }
    if (status == PO_OK)
        status =
            run_steps(pipeline_from_strips, STEPS_FROM_STRIPS, frame, control, error);
    return status;
}

enum po_status frame_pipeline_run(const struct frame_context *context,
                                  const struct frame_job *job, struct scratch *scratch,
                                  const struct frame_control *control,
                                  struct frame_result *result, struct po_error *error)
{
    struct frame frame = {
        .context = context,
        .job = job,
        .entry = &context->manifest->frames[job->frame],
        .scratch = scratch,
        .cancel = control->cancel,
        .result = result,
        .publication = control->publication,
    };
    *control->publication =
        (struct frame_publication){.context = context, .entry = frame.entry};
    memset(result, 0, sizeof(*result));
    result->predicted_bytes = job->plan.total_bytes;
    result->width_px = job->plan.width_px;
    result->height_px = job->plan.height_px;
    result->range = job->plan.range;

    size_t mark = scratch_mark(scratch);
    enum po_status status = run_all_steps(&frame, control, error);
    frame_prior_release(&frame);
    frame_writers_release(&frame);
    if (status != PO_OK)
        frame_publication_discard(frame.publication);
    scratch_rewind(scratch, mark);
    return status;
}
