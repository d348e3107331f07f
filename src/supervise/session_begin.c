/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/session_begin.h"

#include <stdio.h>

#include "base/log.h"
#include "report/junit.h"
#include "store/output_folder.h"
#include "store/shard_locks.h"
#include "supervise/session_load.h"

static void add_warnings(struct session_run *run, const struct warning_list *list)
{
    for (int i = 0; i < list->length; i++)
        warning_list_add(&run->warnings, "%s", list->texts[i]);
    run->warnings.dropped += list->dropped;
}

/* What the session and its calibrations said of themselves, once, before any work. */
static void report_warnings(struct session_run *run)
{
    add_warnings(run, &run->manifest->warnings);
    for (int i = 0; i < run->manifest->calibration_count; i++)
        add_warnings(run, &run->manifest->calibrations[i].warnings);
    for (int i = 0; i < run->warnings.length; i++)
        log_warning("%s", run->warnings.texts[i]);
    if (run->warnings.dropped > 0)
        log_warning("and %d more warnings, see --check", run->warnings.dropped);
}

/* A plan and a merge are for the session as a whole, on any file system. */
static enum po_status take_linked(struct session_run *run, struct po_error *error)
{
    enum po_status status = plan_lock_take(&run->link_lock, &run->paths, error);
    if (status == PO_OK)
        status = output_folder_take(&run->paths, &run->lock, OUTPUT_LINKED,
                                    &run->effective.values, run->manifest, error);
    return status;
}

static enum po_status take_part(struct session_run *run, struct po_error *error)
{
    char tag[SHARD_TAG_BYTES];
    (void)snprintf(tag, sizeof(tag), "%d-of-%d.", run->shard.number, run->shard.count);
    enum po_status status =
        shard_lock_take(&run->link_lock, &run->paths, &run->shard, error);
    if (status == PO_OK)
        status = output_folder_join(&run->paths, &run->lock, tag, &run->effective.values,
                                    run->manifest, error);
    return status;
}

static enum po_status take_output(struct session_run *run, struct po_error *error)
{
    const struct po_settings *settings = &run->effective.values;
    enum po_status status;
    if (run->role == RUN_SHARD)
        return take_part(run, error);
    if (run->role == RUN_PLAN)
        return take_linked(run, error);
    if (run->role == RUN_MERGE)
        status = take_linked(run, error);
    else
        status =
            output_folder_take(&run->paths, &run->lock,
                               settings->run.no_lock ? OUTPUT_ALONE_OR_GO : OUTPUT_ALONE,
                               settings, run->manifest, error);
    if (status == PO_OK && settings->output.junit != NULL)
        status = junit_check(settings->output.junit, run->paths.output, error);
    return status;
}

enum po_status session_begin(struct session_run *run, struct po_error *error)
{
    const struct po_settings *settings = &run->effective.values;
    enum po_status status = session_load(run, error);
    if (status == PO_OK)
        report_warnings(run);
    if (status == PO_OK)
        status = take_output(run, error);
    if (status == PO_OK)
        status = run_control_open(&run->control, settings->run.session_timeout_s,
                                  run->owns_process, error);
    if (status != PO_OK)
        return status;
    progress_begin(&run->progress, &settings->output, run->manifest->frame_count,
                   run->start_s);
    return PO_OK;
}
