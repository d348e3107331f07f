/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/session_prepare.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "supervise/sandbox_paths.h"
#include "supervise/session_choose.h"
#include "supervise/session_progress.h"
#include "survey/lens_choice.h"

static struct survey_run survey_run_of(struct session_run *run,
                                       const struct engine_settings *engine)
{
    return (struct survey_run){.manifest = run->manifest,
                               .engine = engine,
                               .control = &run->control,
                               .state = &run->state,
                               .peak_bytes = run->survey_peak_bytes,
                               .busy_s = run->survey_busy_s,
                               .wall_s = run->survey_s};
}

enum po_status session_sandbox(struct session_run *run, struct po_error *error)
{
    return run->sandbox.made ? PO_OK
                             : sandbox_make(&run->sandbox, &run->effective, run->manifest,
                                            run->paths.output, error);
}

static void take_survey(struct session_run *run, const struct survey_run *survey_run)
{
    run->survey_peak_bytes = survey_run->peak_bytes;
    run->survey_busy_s = survey_run->busy_s;
    run->survey_s = survey_run->wall_s;
    if (!survey_run->is_incomplete || run->is_survey_incomplete)
        return;
    run->is_survey_incomplete = true;
    memcpy(run->survey_gap, survey_run->skipped, sizeof(run->survey_gap));
    warning_list_tell(
        &run->warnings,
        "what all frames share is found on fewer of them and not kept, so the "
        "next run finds it again: %s",
        survey_run->skipped);
}

enum po_status session_probe(struct session_run *run, struct po_error *error)
{
    enum po_status made = session_sandbox(run, error);
    if (made != PO_OK)
        return made;
    const struct engine_settings engine = session_engine_settings(run);
    struct survey_run survey_run = survey_run_of(run, &engine);
    enum po_status status =
        probe_frames(&survey_run, &run->probes, run->paths.frames, error);
    take_survey(run, &survey_run);
    return status;
}

/* A survey of images: all of it, or only which lens models fit them. */
static enum po_status survey(struct session_run *run, enum survey_kind kind,
                             bool lenses_only, bool *changed, struct po_error *error)
{
    const struct engine_settings engine = session_engine_settings(run);
    const struct probed_session session = session_probed(run);
    const struct memory_request memory = session_memory_request(run);
    struct survey_run survey_run = survey_run_of(run, &engine);
    const struct session_survey survey = {
        .run = &survey_run,
        .request = {&run->setups[0], &memory, &run->memory},
        .settings = &run->effective.values,
        .session = &session,
        .groups = &run->groups,
        .values = &run->values,
        .frame_ranges = run->frame_ranges,
        .surveys = &run->surveys,
        .kept_pairs = run->role == RUN_WHOLE ? &run->kept_pairs : NULL,
        .check = &run->check,
        .warnings = &run->warnings,
        .journal = &run->journal,
    };
    memory_plan_budget(&memory, &run->memory);
    enum po_status status = lenses_only
                                ? lens_choose(&survey, run->manifest, changed, error)
                                : session_survey_run(&survey, kind, error);
    take_survey(run, &survey_run);
    return status;
}

static enum po_status load_values(struct session_run *run, struct po_error *error)
{
    return session_values_load(&run->values, run->manifest, &run->asked->values,
                               run->paths.values, error);
}

/* Ranges are kept by calibrations with their lenses: those of another lens are read
 * again.
 */
enum po_status session_values_take(struct session_run *run, struct po_error *error)
{
    int told = run->warnings.length;
    if (run->asked->values.run.force || session_run_is_planned(run))
        return PO_OK;
    enum po_status status = load_values(run, error);
    if (status == PO_OK && run->values.loaded &&
        lens_take_kept(&run->values, run->manifest, &run->warnings))
        status = load_values(run, error);
    for (int i = told; i < run->warnings.length; i++)
        log_warning("%s", run->warnings.texts[i]);
    return status;
}

/* What was chosen for another lens is chosen again, or is that of an earlier run. */
static enum po_status settle_lenses(struct session_run *run, struct po_error *error)
{
    bool changed = false;
    enum po_status status = survey(run, SURVEY_RANGES, true, &changed, error);
    if (status != PO_OK || !changed)
        return status;
    for (int i = 0; i < run->values.range_count; i++)
        run->values.range_known[i] = run->values.rows_known[i] = false;
    if (run->values.loaded)
        status = load_values(run, error);
    if (status == PO_OK)
        status = session_choose(run, error);
    session_setups_make(run);
    return status;
}

enum po_status session_look(struct session_run *run, enum survey_kind kind,
                            struct po_error *error)
{
    enum po_status status = session_choose(run, error);
    if (status == PO_OK)
        status = session_frame_ranges_make(run, error);
    session_setups_make(run);
    const struct probed_session session = session_probed(run);
    frame_planner_keep_tables(&session, &run->kept_tables);
    if (status == PO_OK && lens_is_open(run->manifest))
        status = settle_lenses(run, error);
    return status == PO_OK ? survey(run, kind, false, NULL, error) : status;
}

/* Results of a lower level are not those that were asked for: the report says so. */
static void report_degradation(struct session_run *run)
{
    const struct memory_plan *memory = &run->memory;
    const char *name = degradation_name(memory->degradation);
    if (memory->degradation == DEGRADATION_NONE || memory->frame_bytes == 0)
        return;
    warning_list_tell(&run->warnings,
                      "a frame does not fit into the %llu MB that --memory-limit leaves: "
                      "frames are %s",
                      (unsigned long long)(memory->budget_bytes >> 20), name);
    run_journal_add(&run->journal, "memory ladder: frames are %s", name);
}

/* Frames that fit at no level end with both numbers. */
static void take_demands(struct session_run *run, const struct memory_request *request,
                         const struct frame_demand *demands)
{
    for (int i = 0; i < run->state.frame_count; i++) {
        struct po_error error = {0};
        if (run->state.frames[i].status != PO_FRAME_PENDING)
            continue;
        run->state.frames[i].predicted_bytes = demands[i].bytes;
        if (!demands[i].refused)
            continue;
        enum po_status status = memory_plan_refuse(request, &run->memory, i, &error);
        run_state_end(&run->state, i, PO_FRAME_OUT_OF_MEMORY, status, error.message);
        session_report_frame(run, i);
    }
}

static void report_workers(struct session_run *run)
{
    const struct memory_plan *memory = &run->memory;
    if (!memory->lowers_workers)
        return;
    log_info("memory allows %d at once (%llu MB each, %llu MB for frames)",
             memory->workers, (unsigned long long)(memory->frame_bytes >> 20),
             (unsigned long long)(memory->budget_bytes >> 20));
    run_journal_add(&run->journal, "memory allows %d at once", memory->workers);
}

/* They must not cost a worker. */
static void drop_kept_pairs(struct session_run *run)
{
    const struct memory_plan *memory = &run->memory;
    uint64_t frames_bytes = (uint64_t)memory->workers * memory->frame_bytes;
    if (memory->lowers_workers ||
        kept_pairs_bytes(&run->kept_pairs) + frames_bytes > memory->budget_bytes)
        kept_pairs_release(&run->kept_pairs);
}

enum po_status session_plan(struct session_run *run, struct po_error *error)
{
    const struct memory_request request = session_memory_request(run);
    struct frame_demand *demands =
        calloc((size_t)run->state.frame_count + 1, sizeof(*demands));
    if (demands == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory to plan %d frames",
                       run->state.frame_count);
    memory_plan_make(&request, &run->memory, demands);
    run->values.degradation = (int)run->memory.degradation;
    run->values.frame_budget_bytes = run->memory.frame_budget_bytes;
    session_setups_make(run);
    report_degradation(run);
    take_demands(run, &request, demands);
    report_workers(run);
    drop_kept_pairs(run);
    free(demands);
    return PO_OK;
}
