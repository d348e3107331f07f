/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/session_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/atomic_file.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/path.h"
#include "match/match_cache.h"
#include "process/in_process.h"

/* Some file systems take seconds to let a killed process go. */
static const double kill_wait_s = 10;
static const char default_output[] = "reconstruction";

static enum po_status choose_output(struct session_paths *paths,
                                    const struct po_settings *settings,
                                    const struct manifest *manifest,
                                    struct po_error *error)
{
    bool fits;
    if (settings->output.output != NULL)
        fits =
            path_join(paths->output, sizeof(paths->output), "", settings->output.output);
    else
        fits = path_join(paths->output, sizeof(paths->output), manifest->root,
                         default_output);
    /* Room for a frame's id and file names below it. */
    if (!fits || strlen(paths->output) > SESSION_PATH_BYTES - 512)
        return po_fail(error, PO_BAD_ARGUMENT, "the path of --output is too long");
    return PO_OK;
}

/* Results stay below the output directory, also where a session that came with one has
 * a link in its place. The output directory itself may well be a link of its owner. */
static enum po_status refuse_link(const char *path, struct po_error *error)
{
    struct stat status;
    if (lstat(path, &status) == 0 && S_ISLNK(status.st_mode))
        return po_fail(error, PO_BAD_ARGUMENT,
                       "%s: is a symbolic link, and results stay inside the output "
                       "directory; remove the link or choose another --output",
                       path);
    return PO_OK;
}

static enum po_status make_own_folders(const struct session_paths *paths,
                                       struct po_error *error)
{
    const char *const own[] = {paths->frames, paths->state, paths->inputs,
                               paths->matches};
    enum po_status status = PO_OK;
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]) && status == PO_OK; i++)
        status = refuse_link(own[i], error);
    if (status == PO_OK)
        status = directory_make(paths->frames, error);
    if (status == PO_OK)
        status = directory_make(paths->inputs, error);
    return status;
}

enum po_status session_paths_name(struct session_paths *paths,
                                  const struct po_settings *settings,
                                  const struct manifest *manifest, struct po_error *error)
{
    enum po_status status = choose_output(paths, settings, manifest, error);
    if (status != PO_OK)
        return status;
    bool fits =
        path_join(paths->frames, SESSION_PATH_BYTES, paths->output, "frames") &&
        path_join(paths->state, SESSION_PATH_BYTES, paths->output, ".state") &&
        path_join(paths->inputs, SESSION_PATH_BYTES, paths->state, "inputs") &&
        path_join(paths->values, SESSION_PATH_BYTES, paths->state, "session.json") &&
        path_join(paths->matches, SESSION_PATH_BYTES, paths->state, MATCH_CACHE_FOLDER);
    if (!fits)
        return po_fail(error, PO_BAD_ARGUMENT, "the path of --output is too long");
    return PO_OK;
}

enum po_status session_paths_make(struct session_paths *paths,
                                  const struct po_settings *settings,
                                  const struct manifest *manifest, struct po_error *error)
{
    enum po_status status = session_paths_name(paths, settings, manifest, error);
    return status == PO_OK ? make_own_folders(paths, error) : status;
}

void session_run_release(struct session_run *run)
{
    output_lock_release(&run->lock);
    run_control_close(&run->control);
    run_state_release(&run->state);
    session_values_release(&run->values);
    frame_probes_release(&run->probes);
    frame_surveys_release(&run->surveys);
    frame_groups_release(&run->groups);
    free(run->frame_ranges);
    run->frame_ranges = NULL;
    manifest_destroy(run->manifest);
    free(run->record);
    run->record = NULL;
    run->manifest = NULL;
}

static void setup_fill(struct session_run *run, int index, enum degradation degradation)
{
    struct frame_setup *setup = &run->setups[index];
    int downscale = run->values.downscale;
    setup->present = true;
    setup->settings = run->effective.values;
    degradation_apply(degradation, &setup->settings, &downscale);
    setup->context = (struct frame_context){
        .settings = &setup->settings,
        .manifest = run->manifest,
        .ranges = run->values.ranges,
        .frame_ranges = run->frame_ranges,
        .vertical_fields =
            setup->settings.input.rectify_refine ? run->values.vertical_fields : NULL,
        .scale16 = run->values.scale16,
        .downscale = downscale,
        .depth_unit_mm = run->values.depth_unit_mm,
        .frames_directory = run->paths.frames,
        .state_directory = run->paths.state,
        .frame_budget_bytes = (size_t)run->values.frame_budget_bytes,
    };
}

void session_setups_make(struct session_run *run)
{
    int degradation = run->values.degradation;
    setup_fill(run, 0, (enum degradation)degradation);
    run->setups[1].present = false;
    /* A starved frame gets the next rung that saves memory for certain. */
    int next = degradation < DEGRADATION_HALF ? DEGRADATION_HALF : degradation + 1;
    if (run->setups[0].context.downscale == 2)
        next = DEGRADATION_QUARTER;
    if (next < DEGRADATION_COUNT && run->setups[0].context.downscale < 4)
        setup_fill(run, 1, (enum degradation)next);
}

const struct frame_setup *session_setup(const struct session_run *run, int degradation)
{
    return &run->setups[degradation < SESSION_SETUPS ? degradation : SESSION_SETUPS - 1];
}

/* An empty cloud of a calibrated frame is a failure in all but name: it says why, and
 * loudly, but not a thousand times. */
static void report_empty(struct session_run *run, int frame)
{
    enum { EMPTY_REPORTED_MAX = 20 };
    char path[SESSION_PATH_BYTES];
    const char *id = run->manifest->frames[frame].id;
    int length =
        snprintf(path, sizeof(path), "%s/%s/" FRAME_RECORD_FILE, run->paths.frames, id);
    if (run->empty_clouds++ == EMPTY_REPORTED_MAX)
        log_warning("more clouds are empty; their warnings are in the report");
    if (run->empty_clouds > EMPTY_REPORTED_MAX || length >= (int)sizeof(path) ||
        frame_record_read(path, run->record, NULL) != PO_OK)
        return;
    for (int i = 0; i < run->record->warnings.length; i++)
        if (strncmp(run->record->warnings.texts[i], "the cloud is empty", 18) == 0)
            log_warning("%s: %s", id, run->record->warnings.texts[i]);
}

void session_run_report_frame(struct session_run *run, int frame)
{
    const struct frame_state *row = &run->state.frames[frame];
    double now_s = clock_monotonic_s();
    double total_ms = 0;
    for (int i = 0; i < EVENT_STAGES; i++)
        total_ms += row->stage_us[i] * 1e-3;
    const struct progress_frame ended = {.id = run->manifest->frames[frame].id,
                                         .status = row->status,
                                         .message = row->message,
                                         .total_ms = total_ms,
                                         .points = row->points};
    if (row->status == PO_FRAME_DONE && run->first_frame_s <= 0)
        run->first_frame_s = now_s - run->start_s;
    progress_frame_ended(&run->progress, &ended, now_s);
    bool has_result = row->status == PO_FRAME_DONE || row->status == PO_FRAME_REUSED;
    if (has_result && row->points == 0 && run->manifest->frames[frame].calibration >= 0)
        report_empty(run, frame);
    if (row->status == PO_FRAME_DONE && row->degradation > 0)
        warning_list_add(
            &run->warnings,
            "%s: memory ran out under it; it was matched at 1/%d of its size",
            run->manifest->frames[frame].id,
            session_setup(run, row->degradation)->context.downscale);
}

static void on_ended(void *context, int frame)
{
    session_run_report_frame(context, frame);
}

static void on_noted(void *context, const char *text)
{
    struct session_run *run = context;
    run_journal_add(&run->journal, "%s", text);
}

static void on_tick(void *context, int running, uint64_t resident_bytes)
{
    struct session_run *run = context;
    progress_tick(&run->progress, running, resident_bytes, run->memory.limit.bytes,
                  clock_monotonic_s());
}

struct engine_settings session_engine_settings(const struct session_run *run)
{
    const struct po_run_settings *settings = &run->effective.values.run;
    return (struct engine_settings){
        .workers = run->memory.workers,
        .batch_size = run->memory.batch_size,
        .parallel = settings->parallel,
        .frame_timeout_s = settings->frame_timeout_s,
        .pool_timeout_s = settings->pool_timeout_s,
        .grace_s = settings->grace_s,
        .kill_wait_s = kill_wait_s,
        .pool_restarts = settings->pool_restarts,
        .max_failures = settings->max_failures,
        .observer = {.context = (void *)run,
                     .frame_ended = on_ended,
                     .noted = on_noted,
                     .tick = on_tick},
    };
}

enum po_status session_run_engine(struct session_run *run,
                                  const struct engine_settings *settings,
                                  const struct engine_job *job, struct run_state *state,
                                  struct engine_result *result, struct po_error *error)
{
    enum po_status status =
        run->effective.values.run.in_process
            ? in_process_run(settings, job, &run->control, state, result, error)
            : engine_run(settings, job, &run->control, state, result, error);
    if (result != &run->result && result->peak_bytes > run->survey_peak_bytes)
        run->survey_peak_bytes = result->peak_bytes;
    return status;
}
