/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/frame_work.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cv_shim/cv_shim.h"
#include "frame/kept_pairs.h"
#include "pool/fault.h"
#include "process/processors.h"
#include "supervise/exit_status.h"

/* Disparities a second, below what any matcher reaches on one slow core: a forecast that
 * is too long only delays a deadline. */
static const double slow_rate_hz = 5e7;

_Static_assert((int)STAGE_COUNT <= (int)EVENT_STAGES, "an event holds all stages");

static bool is_trial(const struct frame_work *work)
{
    return work->measures_only || work->trial_directory != NULL;
}

/* Most frames do without OpenCV, and workers would wait for it. */
static enum po_status load_opencv(const struct session_run *run, struct po_error *error)
{
    bool used = false;
    for (int i = 0; i < SESSION_SETUPS; i++)
        used |= frame_setup_uses_opencv(&run->setups[i]);
    return used ? cv_shim_init(error) : PO_OK;
}

static enum po_status prepare(void *context, int workers, struct po_error *error)
{
    struct frame_work *work = context;
    const struct session_run *run = work->run;
    const struct probed_session session = session_probed(run);
    enum po_status status = load_opencv(run, error);
    if (status == PO_OK)
        status = frame_planner_rectifiers(&session, &work->rectifiers, error);
    if (status == PO_OK)
        status = memory_budget_create(run->memory.budget_bytes, &work->budget, error);
    if (status != PO_OK)
        return status;
    work->arenas = calloc((size_t)workers, sizeof(*work->arenas));
    work->written = calloc(FRAME_PLACES * (size_t)workers, sizeof(*work->written));
    if (work->arenas == NULL || work->written == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for %d workers", workers);
    work->worker_count = workers;
    session_networks_open(run, &work->networks);
    for (int i = 0; i < SESSION_SETUPS; i++) {
        work->contexts[i] = run->setups[i].context;
        if (is_trial(work)) {
            work->trial_settings[i] = run->setups[i].settings;
            work->trial_settings[i].run.cache_bytes = 0;
            work->contexts[i].settings = &work->trial_settings[i];
            work->contexts[i].measures_only = work->measures_only;
            if (work->trial_directory != NULL)
                work->contexts[i].frames_directory = work->trial_directory;
        }
        work->contexts[i].network = &work->networks.use;
        work->contexts[i].prior = &work->networks.prior_use;
        work->contexts[i].prior_beside = workers < processor_count();
        work->contexts[i].rectifiers = work->rectifiers;
    }
    return PO_OK;
}

void frame_work_release(struct frame_work *work)
{
    for (int i = 0; i < work->worker_count; i++)
        scratch_release(&work->arenas[i]);
    free(work->arenas);
    free(work->written);
    memory_budget_destroy(work->budget);
    frame_rectifiers_destroy(work->rectifiers);
    session_networks_close(&work->networks);
    *work = (struct frame_work){.run = work->run};
}

/* A worker's arena, large enough for the frame. */
static enum po_status fit_arena(const struct frame_work *work, struct scratch *arena,
                                size_t bytes, struct po_error *error)
{
    size_t usual = work->run->memory.scratch_bytes;
    if (arena->capacity >= bytes)
        return PO_OK;
    scratch_release(arena);
    return scratch_init(arena, bytes > usual ? bytes : usual, error);
}

static void note_admitted(const struct frame_work *work)
{
    _Atomic uint64_t *shared = work->run->probes.admitted_peak_bytes;
    uint64_t peak = memory_budget_peak(work->budget);
    uint64_t seen = atomic_load(shared);
    while (seen < peak && !atomic_compare_exchange_weak(shared, &seen, peak)) {
    }
}

static void observe_stage(void *context, int frame, enum frame_stage stage)
{
    const struct frame_attempt *attempt = context;
    frame_attempt_stage(attempt, (int)stage);
    fault_point(frame, frame_stage_name(stage), attempt->number);
}

/* What stat says before the frame reads its inputs: a file that changes meanwhile is
 * hashed again in the next run. */
static bool stat_inputs(const struct frame_entry *entry, struct input_state *inputs)
{
    const char *paths[FRAME_INPUTS_MAX];
    bool has_stat = true;
    inputs->count = frame_entry_inputs(entry, paths);
    for (int i = 0; i < inputs->count && has_stat; i++)
        has_stat = input_file_stat(paths[i], &inputs->entries[i].stat, NULL) == PO_OK;
    return has_stat;
}

static struct written_frame *written_frame_of(const struct frame_work *work,
                                              const struct frame_attempt *attempt)
{
    return &work->written[FRAME_PLACES * attempt->worker + attempt->place];
}

static enum po_status run_admitted(struct frame_work *work,
                                   const struct frame_attempt *attempt,
                                   const struct frame_context *context,
                                   const struct frame_job *job, struct run_event *end,
                                   struct po_error *error)
{
    struct frame_result result;
    struct written_frame *written = written_frame_of(work, attempt);
    struct input_state *inputs = &written->inputs;
    struct scratch *arena = &work->arenas[attempt->worker];
    const struct frame_entry *entry = &work->run->manifest->frames[attempt->frame];
    *inputs = (struct input_state){.count = 0};
    written->has_stat = stat_inputs(entry, inputs);
    enum po_status status = fit_arena(work, arena, job->plan.scratch_bytes, error);
    if (status != PO_OK)
        return status;
    status = frame_pipeline_run(context, job, arena,
                                &(struct frame_control){attempt->cancel, observe_stage,
                                                        (void *)attempt,
                                                        &written->publication},
                                &result, error);
    end->stage = (int32_t)result.stage;
    memcpy(end->stage_us, result.stage_us, sizeof(result.stage_us));
    end->points = result.points;
    end->match_reused = result.match_reused;
    end->incomplete = result.lacks;
    for (int i = 0; i < inputs->count; i++)
        inputs->entries[i].hash = result.input_hashes[i];
    return status;
}

/* Its time is from the last byte written to the folder in its place. */
static enum po_status finish_frame(void *context, const struct frame_attempt *attempt,
                                   struct run_event *end, struct po_error *error)
{
    struct frame_work *work = context;
    struct written_frame *written = written_frame_of(work, attempt);
    int64_t written_ns = written->publication.written_ns;
    if (work->measures_only)
        return PO_OK;
    end->stage = STAGE_COMMIT;
    observe_stage((void *)attempt, attempt->frame, STAGE_COMMIT);
    enum po_status status =
        frame_publication_publish(&written->publication, attempt->cancel, error);
    end->stage_us[STAGE_COMMIT] = (uint32_t)((clock_monotonic_ns() - written_ns) / 1000);
    if (status == PO_OK && written->has_stat && !is_trial(work)) {
        const struct resume resume = session_resume(work->run);
        resume_keep_inputs(&resume, attempt->frame, &written->inputs, true);
    }
    return status;
}

static enum po_status run_frame(void *context, const struct frame_attempt *attempt,
                                struct run_event *end, struct po_error *error)
{
    struct frame_work *work = context;
    struct frame_job job;
    int degradation =
        attempt->degradation < SESSION_SETUPS ? attempt->degradation : SESSION_SETUPS - 1;
    const struct frame_context *frame_context = &work->contexts[degradation];
    end->stage = STAGE_LOAD;
    frame_attempt_started(attempt);
    enum po_status status =
        frame_pipeline_prepare(frame_context, attempt->frame, &job, error);
    if (status != PO_OK)
        return status;
    /* Whatever ended the first attempt: a runtime may crash long after its own fault. */
    job.network_apart = attempt->number > 1;
    end->stage = STAGE_QUEUED;
    end->bytes = job.plan.total_bytes;
    frame_attempt_waiting(attempt);
    status =
        memory_budget_acquire(work->budget, job.plan.total_bytes, attempt->cancel, error);
    if (status != PO_OK)
        return status;
    note_admitted(work);
    frame_attempt_started(attempt);
    if (cancel_requested(attempt->stop))
        status = po_fail(error, PO_CANCELLED, "the run stops");
    else
        status = run_admitted(work, attempt, frame_context, &job, end, error);
    memory_budget_release(work->budget, job.plan.total_bytes);
    return status;
}

static double forecast_s(void *context, int frame)
{
    const struct frame_work *work = context;
    const struct session_run *run = work->run;
    const struct frame_probe *probed = &run->probes.frames[frame];
    if ((probed->known & PROBE_HEADERS) == 0)
        return 0;
    return (double)probed->left.width_px * probed->left.height_px *
               frame_range(&run->setups[0].context, frame).count / slow_rate_hz +
           run->network.run_s;
}

/* Its images are loaded and rectified already. */
static bool is_short(void *context, int frame)
{
    const struct frame_work *work = context;
    return kept_pairs_holds(&work->run->kept_pairs, frame);
}

static void expect_frame(void *context, int frame)
{
    const struct frame_work *work = context;
    const char *paths[FRAME_INPUTS_MAX];
    int count = frame_entry_inputs(&work->run->manifest->frames[frame], paths);
    for (int i = 0; i < count && !is_short(context, frame); i++)
        input_file_expect(paths[i]);
}

static bool committed(void *context, int frame, struct run_event *end)
{
    const struct frame_work *work = context;
    const struct resume resume = session_resume(work->run);
    if (is_trial(work) || !resume_is_committed(&resume, frame))
        return false;
    end->stage = STAGE_COMMIT;
    end->points = work->run->record->points;
    end->incomplete = work->run->record->lacks;
    end->bytes = work->run->state.frames[frame].predicted_bytes;
    return true;
}

static bool can_degrade(void *context, int frame, int degradation)
{
    const struct frame_work *work = context;
    (void)frame;
    return degradation + 1 < SESSION_SETUPS && work->run->setups[degradation + 1].present;
}

static const char *stage_name(int stage)
{
    bool known = stage >= 0 && stage < (int)STAGE_COUNT;
    return known ? frame_stage_name((enum frame_stage)stage) : "unknown";
}

struct engine_job frame_work_job(struct frame_work *work)
{
    return (struct engine_job){.name = "frame",
                               .context = work,
                               .prepare = prepare,
                               .run = run_frame,
                               .expect = expect_frame,
                               .finish = finish_frame,
                               .forecast_s = forecast_s,
                               .is_short = is_short,
                               .committed = committed,
                               .can_degrade = can_degrade,
                               .stage_name = stage_name};
}
