/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stages of a run.
 *
 *   manifest     what frames there are; small text files only
 *   lock         one run at a time on an output directory
 *   rectify      --rectify-uncalibrated: children find how the cameras stand
 *   scan         frames of an earlier run that are complete and unchanged
 *   examine      a child reads image headers, and hashes what stat cannot decide
 *   choose       what all frames share; kept for later runs
 *   survey       a child finds what only images show: disparity range, aligned rows
 *   plan         memory: degradation level, budget, workers
 *   work         the engine brings every frame to its end
 *   report       and the exit status
 *
 * Processes: this one has one thread (beside read_guard.h's, which takes no lock and asks
 * for no memory), waits in one poll() loop (child_watch.c) and
 * touches no image data and no OpenCV, which is what makes fork() safe and nothing in an
 * input able to harm it. Frames run in a pool process (child_process.c), suspects alone
 * in a child each (engine.c). Children report by events (event.h); probe results come
 * back in shared memory (frame_probes.h).
 */
#include "supervise/supervisor.h"

#include <stdlib.h>

#include "base/log.h"
#include "budget/disk_forecast.h"
#include "frame/prior_folder.h"
#include "match/match_cache.h"
#include "process/run_frames.h"
#include "store/disk_space.h"
#include "store/output_folder.h"
#include "supervise/exit_status.h"
#include "supervise/frame_claim.h"
#include "supervise/frame_work.h"
#include "supervise/planned_session.h"
#include "supervise/run_reporting.h"
#include "supervise/session_begin.h"
#include "supervise/session_growth.h"
#include "supervise/session_network.h"
#include "supervise/session_prepare.h"
#include "supervise/session_progress.h"
#include "supervise/session_scope.h"
#include "supervise/session_uncalibrated.h"
#include "supervise/shard_reporting.h"

static void reuse(struct session_run *run, int frame)
{
    struct frame_state *row = &run->state.frames[frame];
    row->points = run->record->points;
    row->incomplete = run->record->lacks;
    row->stage = STAGE_COMMIT;
    run_state_end(&run->state, frame, PO_FRAME_REUSED, PO_OK, NULL);
    session_report_frame(run, frame);
}

/* Ends the pending frames of which an earlier run's result still holds. */
static void reuse_frames(struct session_run *run,
                         bool (*holds)(const struct resume *resume, int frame))
{
    const struct resume resume = session_resume(run);
    for (int i = 0; i < run->state.frame_count; i++, link_lock_beat(&run->link_lock))
        if (run->state.frames[i].status == PO_FRAME_PENDING && holds(&resume, i))
            reuse(run, i);
}

static void check_disk_space(struct session_run *run)
{
    const struct probed_session session = session_probed(run);
    uint64_t wanted = disk_forecast(&session, &run->setups[0], &run->state);
    uint64_t left = disk_space_left(run->paths.output);
    if (wanted <= left)
        return;
    warning_list_tell(&run->warnings,
                      "%s: about %llu MB will be written, %llu MB are free; free space, "
                      "choose --output elsewhere or fewer --outputs",
                      run->paths.output, (unsigned long long)(wanted >> 20),
                      (unsigned long long)(left >> 20));
}

static enum po_status plan_and_keep(struct session_run *run, struct po_error *error)
{
    enum po_status status = session_plan(run, error);
    if (status == PO_OK && !run->is_survey_incomplete && run->role != RUN_SHARD)
        status = session_values_store(&run->values, run->manifest, &run->asked->values,
                                      run->paths.values, error);
    return status;
}

static enum po_status prepare_frames(struct session_run *run, struct po_error *error)
{
    enum po_status status = session_values_take(run, error);
    if (status != PO_OK)
        return status;
    session_setups_make(run);
    session_end_problems(run);
    planned_session_end_frames(run);
    reuse_frames(run, resume_scan);
    status = session_probe(run, error);
    if (status != PO_OK || run->control.reason != STOP_NONE)
        return status;
    status = session_look(run, SURVEY_QUIET, error);
    if (status != PO_OK || run->control.reason != STOP_NONE)
        return status;
    status = session_network_probe(run, error);
    if (status == PO_OK)
        status = planned_session_check_networks(run, error);
    if (status != PO_OK)
        return status;
    /* Where no values are kept, all frames have a say in the plan, done or not: so they
     * had when they were made. */
    bool is_kept = run->values.loaded;
    if (!is_kept && run->state.ended < run->state.frame_count)
        status = plan_and_keep(run, error);
    if (status != PO_OK)
        return status;
    reuse_frames(run, resume_decide);
    frame_claim_check(run);
    if (run->state.ended == run->state.frame_count)
        return PO_OK;
    if (is_kept)
        status = plan_and_keep(run, error);
    if (status == PO_OK)
        check_disk_space(run);
    return status;
}

/* Of frames that are left to be made. */
static void count_kept_pairs(struct session_run *run)
{
    const struct kept_pairs *pairs = &run->kept_pairs;
    for (int i = 0; i < pairs->count; i++)
        if (run->state.frames[pairs->frames[i]].status != PO_FRAME_PENDING)
            kept_pairs_forget(pairs, pairs->frames[i]);
    run->kept_pair_bytes = kept_pairs_bytes(pairs);
}

static enum po_status work(struct session_run *run, struct po_error *error)
{
    struct frame_work frame_work = {.run = run};
    const struct engine_job job = frame_work_job(&frame_work);
    const struct engine_settings settings = session_engine_settings(run);
    if (run->state.ended == run->state.frame_count || run->control.reason != STOP_NONE)
        return PO_OK;
    count_kept_pairs(run);
    enum po_status status =
        run_frames(&settings, &job, &run->control, &run->state, &run->result, error);
    kept_pairs_release(&run->kept_pairs);
    frame_work_release(&frame_work);
    kept_tables_release(&run->kept_tables);
    if (run->effective.values.run.cache_bytes > 0)
        match_cache_trim(run->paths.matches, run->effective.values.run.cache_bytes);
    if (run->role != RUN_SHARD) /* others may be using it: the merge empties it */
        prior_folder_empty(run->paths.priors);
    /* A process that could not be killed may still write there. */
    struct po_error cause;
    const char *tag = run->role == RUN_SHARD ? run->build_tag : NULL;
    if (run->result.unkillable_processes == 0 &&
        output_folder_clean(&run->paths, tag, &cause) != PO_OK)
        log_warning("%s", cause.message);
    return status;
}

static enum po_status run_session(struct session_run *run, void *summary,
                                  struct po_error *error)
{
    enum po_status status = session_begin(run, error);
    if (status == PO_OK && run->role == RUN_SHARD)
        status = shard_reporting_begin(run, error);
    if (status != PO_OK)
        return status;
    session_growth_begin(run);
    status = session_rectify_uncalibrated(run, true, error);
    if (status != PO_OK)
        return status;
    status = prepare_frames(run, error);
    if (status == PO_OK)
        status = work(run, error);
    progress_end(&run->progress);
    if (status != PO_OK)
        return status;
    session_growth_end(run);
    return run_reporting_write(run, summary, error);
}

enum po_status supervisor_run(const struct settings_set *settings, bool owns_process,
                              struct po_summary *summary, struct po_error *error)
{
    *summary = (struct po_summary){0};
    enum po_status status =
        session_scope_run(settings, RUN_WHOLE, owns_process, run_session, summary, error);
    if (status != PO_OK)
        summary->exit_status = exit_status_of_error(status);
    return status;
}
