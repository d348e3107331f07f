/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/session_merge.h"

#include "frame/prior_folder.h"
#include "supervise/exit_status.h"
#include "supervise/merged_shards.h"
#include "supervise/planned_session.h"
#include "supervise/run_reporting.h"
#include "supervise/session_begin.h"
#include "supervise/session_progress.h"
#include "supervise/session_scope.h"

/* What was said when it was planned has no time of this run. */
static void take_plan_texts(struct session_run *run)
{
    session_plan_said(&run->plan, &run->warnings, &run->journal);
    for (int i = 0; i < run->journal.length; i++)
        run->journal.events[i].time_s = 0;
}

static enum po_status merge(struct session_run *run, struct merged_shards *merged,
                            struct po_summary *summary, struct po_error *error)
{
    enum po_status status = session_begin(run, error);
    progress_end(&run->progress); /* frames end here in one go */
    if (status != PO_OK)
        return status;
    /* Nothing is made again here, so nothing is forced. */
    run->effective.values.run.force = false;
    run->network.use.wanted = hash_parse(run->plan.network_key, &run->network.use.key);
    session_setups_make(run);
    take_plan_texts(run);
    session_end_problems(run);
    planned_session_end_frames(run);
    status = merged_shards_make(run, merged, error);
    if (status != PO_OK)
        return status;
    run->merged = merged;
    prior_folder_empty(run->paths.priors);
    return run_reporting_write(run, summary, error);
}

static enum po_status merge_session(struct session_run *run, void *summary,
                                    struct po_error *error)
{
    struct merged_shards merged = {0};
    enum po_status status = merge(run, &merged, summary, error);
    run->merged = NULL;
    merged_shards_release(&merged);
    return status;
}

enum po_status session_merge_run(const struct settings_set *settings, bool owns_process,
                                 struct po_summary *summary, struct po_error *error)
{
    *summary = (struct po_summary){0};
    enum po_status status = session_scope_run(settings, RUN_MERGE, owns_process,
                                              merge_session, summary, error);
    if (status != PO_OK)
        summary->exit_status = exit_status_of_error(status);
    return status;
}
