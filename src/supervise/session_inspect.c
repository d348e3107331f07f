/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/session_inspect.h"

#include <string.h>
#include <sys/mman.h>

#include "cv_shim/cv_shim.h"
#include "frame/frame_rectifiers.h"

/* The one job of the child; `check` is shared memory. */
struct inspection {
    struct session_run *run;
    struct session_check *check;
    struct frame_rectifiers *rectifiers;
    struct frame_context context;
};

static enum po_status prepare(void *context, int workers, struct po_error *error)
{
    struct inspection *inspection = context;
    (void)workers;
    cv_shim_init();
    enum po_status status = frame_rectifiers_create(inspection->run->manifest,
                                                    &inspection->rectifiers, error);
    if (status != PO_OK)
        return status;
    inspection->context = inspection->run->setups[0].context;
    inspection->context.rectifications = inspection->rectifiers->rectifications;
    inspection->context.rectifiers = inspection->rectifiers->rectifiers;
    return PO_OK;
}

static enum po_status inspect(void *context, const struct frame_attempt *attempt,
                              struct run_event *end, struct po_error *error)
{
    struct inspection *inspection = context;
    frame_attempt_started(attempt);
    end->stage = STAGE_LOAD;
    return session_check_run(&inspection->context, CHECK_FRAMES_MAX, attempt->cancel,
                             inspection->check, error);
}

static const char *stage_name(int stage)
{
    return frame_stage_name((enum frame_stage)stage);
}

static enum po_status run_inspection(struct inspection *inspection,
                                     struct po_error *error)
{
    struct run_state state;
    struct engine_result result;
    struct engine_settings settings = session_engine_settings(inspection->run);
    const struct engine_job job = {.name = "check",
                                   .context = inspection,
                                   .prepare = prepare,
                                   .run = inspect,
                                   .stage_name = stage_name};
    settings.observer = (struct engine_observer){0};
    settings.frame_timeout_s *= CHECK_FRAMES_MAX;
    settings.workers = 1;
    enum po_status status = run_state_init(&state, 1, error);
    if (status != PO_OK)
        return status;
    status = session_run_engine(inspection->run, &settings, &job, &state, &result, error);
    const struct frame_state *row = &state.frames[0];
    if (status == PO_OK && row->status != PO_FRAME_DONE)
        status =
            po_fail(error, row->cause != PO_OK ? row->cause : PO_INTERNAL,
                    "the check: %s", row->message != NULL ? row->message : "stopped");
    run_state_release(&state);
    return status;
}

enum po_status session_inspect(struct session_run *run, struct session_check *check,
                               struct po_error *error)
{
    struct inspection inspection = {.run = run};
    void *pages = mmap(NULL, sizeof(*check), PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for the check");
    inspection.check = pages;
    enum po_status status = run_inspection(&inspection, error);
    frame_rectifiers_destroy(inspection.rectifiers); /* there with --in-process */
    if (status == PO_OK)
        memcpy(check, pages, sizeof(*check));
    (void)munmap(pages, sizeof(*check));
    return status;
}
