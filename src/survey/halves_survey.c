/* SPDX-License-Identifier: Apache-2.0 */
#include "survey/halves_survey.h"

#include <sys/mman.h>

#include "cv_shim/cv_shim.h"
#include "frame/frame_pipeline.h"
#include "process/run_frames.h"
#include "survey/survey_pass.h"

struct halves_work {
    const char *const *paths;
    struct halves_check *checks; /* shared memory */
};

static enum po_status prepare(void *context, int workers, struct po_error *error)
{
    (void)context;
    (void)workers;
    return cv_shim_init(error);
}

static enum po_status survey_image(void *context, const struct frame_attempt *attempt,
                                   struct run_event *end, struct po_error *error)
{
    const struct halves_work *work = context;
    end->stage = STAGE_LOAD;
    frame_attempt_started(attempt);
    return halves_check_file(work->paths[attempt->frame], attempt->cancel,
                             &work->checks[attempt->frame], error);
}

static enum po_status run(const struct engine_settings *settings,
                          struct halves_work *work, int count, struct po_error *error)
{
    struct run_state state = {0};
    struct run_control control = {.signal_descriptor = -1};
    struct engine_result result = {0};
    const struct engine_job job = {.name = "survey",
                                   .context = work,
                                   .prepare = prepare,
                                   .run = survey_image,
                                   .stage_name = survey_stage_name};
    enum po_status status = run_state_init(&state, count, error);
    if (status == PO_OK)
        status = run_control_open(&control, 0, false, error);
    if (status == PO_OK)
        status = run_frames(settings, &job, &control, &state, &result, error);
    run_control_close(&control);
    run_state_release(&state);
    return status;
}

enum po_status halves_survey_run(const struct engine_settings *settings,
                                 const char *const *paths, int count,
                                 struct halves_survey *survey, struct po_error *error)
{
    enum { BYTES = HALVES_SAMPLES * sizeof(struct halves_check) };
    struct halves_work work = {.paths = paths};
    *survey = (struct halves_survey){0};
    void *pages =
        mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory to survey %d images", count);
    work.checks = pages;
    enum po_status status = run(settings, &work, count, error);
    for (int i = 0; i < count && status == PO_OK; i++) {
        survey->known += work.checks[i].known;
        if (work.checks[i].is_pair && survey->pairs++ == 0)
            survey->first_pair = work.checks[i];
    }
    (void)munmap(pages, BYTES);
    return status;
}
