/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/session_planning.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/number.h"
#include "frame/prior_folder.h"
#include "process/run_frames.h"
#include "record/own_files.h"
#include "supervise/exit_status.h"
#include "supervise/frame_work.h"
#include "supervise/session_begin.h"
#include "supervise/session_forecast.h"
#include "supervise/session_network.h"
#include "supervise/session_prepare.h"
#include "supervise/session_progress.h"
#include "supervise/session_scope.h"
#include "supervise/session_uncalibrated.h"

/* Frames are tried until one can be made, at most so many. */
enum { TRIALS = 3 };

/* Every frame has a say, done or not: so it has in a run on an empty output. */
static enum po_status look(struct session_run *run, struct po_error *error)
{
    enum po_status status = session_values_take(run, error);
    if (status != PO_OK)
        return status;
    session_setups_make(run);
    session_end_problems(run);
    const struct resume resume = session_resume(run);
    for (int i = 0; i < run->state.frame_count; i++)
        resume_want_probes(&resume, i);
    status = session_probe(run, error);
    if (status == PO_OK && run->control.reason == STOP_NONE)
        status = session_look(run, SURVEY_QUIET, error);
    if (status == PO_OK && run->control.reason == STOP_NONE)
        status = session_network_probe(run, error);
    if (status == PO_OK && run->control.reason == STOP_NONE &&
        run->state.ended < run->state.frame_count)
        status = session_plan(run, error);
    if (status == PO_OK && run->control.reason != STOP_NONE)
        status = po_fail(error, PO_CANCELLED, "stopped before the plan was made");
    return status;
}

/* A fault that may pass must not become a value of all machines. */
static enum po_status check_look(const struct session_run *run, struct po_error *error)
{
    if (!run->is_survey_incomplete)
        return PO_OK;
    return po_fail(error, PO_IO,
                   "no plan is made, as what all frames share was found on fewer of them "
                   "(%.400s); run --plan again",
                   run->survey_gap);
}

/* What is left of a trial: at most one frame of ours. */
static void remove_trial(const char *directory, const char *id)
{
    char path[ATOMIC_FILE_PATH_BYTES];
    if (path_join(path, sizeof(path), directory, id) &&
        directory_remove_own(path, &own_frame_names, NULL) == PO_OK &&
        own_directory_clean(directory, &own_frames_leftovers, NULL) == PO_OK)
        (void)rmdir(directory);
}

/* Makes one frame as a shard would, on one core, in a folder beside the results, and
 * takes the time; NaN: it could not be made. */
static enum po_status try_frame(struct session_run *run, const char *directory, int frame,
                                double *seconds, struct po_error *error)
{
    struct run_state pass = {0};
    struct engine_result result = {0};
    struct frame_work frame_work = {.run = run, .trial_directory = directory};
    const struct engine_job job = frame_work_job(&frame_work);
    struct engine_settings settings = session_engine_settings(run);
    *seconds = NAN;
    settings.observer =
        (struct engine_observer){.context = run, .pulse = settings.observer.pulse};
    settings.workers = settings.batch_size = 1;
    settings.pool_restarts = settings.max_failures = 0;
    enum po_status status = run_state_init(&pass, run->state.frame_count, error);
    if (status == PO_OK)
        status = directory_make(directory, error);
    for (int i = 0; i < pass.frame_count; i++)
        if (i != frame)
            run_state_end(&pass, i, PO_FRAME_REUSED, PO_OK, NULL);
    if (status == PO_OK)
        status = run_frames(&settings, &job, &run->control, &pass, &result, error);
    if (status == PO_OK && pass.frames[frame].status == PO_FRAME_DONE)
        *seconds = pass.frames[frame].latency_ms * 1e-3;
    remove_trial(directory, run->manifest->frames[frame].id);
    frame_work_release(&frame_work);
    run_state_release(&pass);
    return status;
}

/* One from the middle of those that are to be made. */
static int frame_to_try(const struct session_run *run, int trial)
{
    int pending = run->state.frame_count - run->state.ended;
    int rank = (pending / 2 + trial) % maximum(pending, 1);
    for (int i = 0; i < run->state.frame_count; i++)
        if (run->state.frames[i].status == PO_FRAME_PENDING && rank-- == 0)
            return i;
    return 0;
}

static enum po_status measure(struct session_run *run, struct plan_cost *cost,
                              struct po_error *error)
{
    char directory[SESSION_PATH_BYTES];
    enum po_status status = PO_OK;
    *cost = (struct plan_cost){.frame_s = NAN,
                               .frame_bytes = run->memory.frame_bytes,
                               .program_bytes = run->memory.baseline_bytes,
                               .disk_bytes = session_forecast_disk_bytes(run)};
    if (!path_join(directory, sizeof(directory), run->paths.state, "trial"))
        return po_fail(error, PO_IO, "%s: the path is too long", run->paths.state);
    for (int i = 0; i < TRIALS && isnan(cost->frame_s) && status == PO_OK; i++)
        status = try_frame(run, directory, frame_to_try(run, i), &cost->frame_s, error);
    prior_folder_empty(run->paths.priors);
    return status;
}

static enum po_status keep(struct session_run *run, const struct plan_cost *cost,
                           struct po_error *error)
{
    char network[HASH_TEXT_BYTES] = "";
    char prior[HASH_TEXT_BYTES] = "";
    if (run->network.use.wanted)
        hash_text(run->network.use.key, network);
    if (run->network.prior.source == PRIOR_NETWORK)
        hash_text(run->network.prior.network.key, prior);
    const struct plan_content content = {
        .manifest = run->manifest,
        .session = run->session_digest,
        .settings = &run->effective,
        .values = &run->values,
        .state = &run->state,
        .warnings = &run->warnings,
        .journal = &run->journal,
        .network_key = network,
        .prior_key = prior,
        .rectification = run->has_rectification ? &run->rectification : NULL,
        .cost = *cost,
    };
    enum po_status status = session_values_store(
        &run->values, run->manifest, &run->asked->values, run->paths.values, error);
    return status == PO_OK ? session_plan_write(&content, run->paths.plan, error)
                           : status;
}

/* With the status that a run would end with. */
static enum po_status nothing_to_plan(const struct session_run *run,
                                      struct po_error *error)
{
    const char *message = run->state.frames[0].message;
    enum po_status status = PO_BAD_SESSION;
    int foretold =
        exit_status_foretold(&run->state, run->manifest, &run->effective.values);
    if (foretold == PO_EXIT_CALIBRATION)
        status = PO_BAD_CALIBRATION;
    if (foretold == PO_EXIT_MEMORY)
        status = PO_MEMORY_LIMIT;
    return po_fail(error, status, "no frame can be processed; the first: %.600s",
                   message != NULL ? message : "unknown");
}

static enum po_status make_plan(struct session_run *run, struct planning_summary *summary,
                                struct po_error *error)
{
    enum po_status status = session_begin(run, error);
    if (status == PO_OK)
        status = session_rectify_uncalibrated(run, true, error);
    if (status == PO_OK)
        status = look(run, error);
    if (status == PO_OK)
        status = check_look(run, error);
    if (status == PO_OK && run->state.ended == run->state.frame_count)
        status = nothing_to_plan(run, error);
    if (status == PO_OK)
        status = measure(run, &summary->cost, error);
    if (status == PO_OK && run->control.reason != STOP_NONE)
        status = po_fail(error, PO_CANCELLED, "stopped before the plan was kept");
    if (status == PO_OK)
        status = keep(run, &summary->cost, error);
    progress_end(&run->progress);
    if (status != PO_OK)
        return status;
    summary->frames = run->state.frame_count;
    summary->unusable = run->state.ended;
    summary->workers = run->memory.workers;
    (void)snprintf(summary->path, sizeof(summary->path), "%s", run->paths.plan);
    return PO_OK;
}

/* What a signal ends is said, and is no error. */
static enum po_status plan_session(struct session_run *run, void *context,
                                   struct po_error *error)
{
    struct planning_summary *summary = context;
    enum po_status status = make_plan(run, summary, error);
    if (status != PO_CANCELLED || run->control.reason != STOP_SIGNAL)
        return status;
    log_error("%s", error->message);
    summary->exit_status = 128 + run->control.signal;
    return PO_OK;
}

enum po_status session_planning_run(const struct settings_set *settings,
                                    bool owns_process, struct planning_summary *summary,
                                    struct po_error *error)
{
    *summary = (struct planning_summary){0};
    if (settings->values.run.shard_count > 0)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--plan is of the whole session; leave out --shard");
    return session_scope_run(settings, RUN_PLAN, owns_process, plan_session, summary,
                             error);
}
