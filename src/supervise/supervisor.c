/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The road of a run.
 *
 *   manifest     what frames there are; small text files only
 *   lock         one run at a time on an output directory
 *   scan         frames of an earlier run that are complete and unchanged
 *   examine      a child reads image headers, and hashes what stat cannot settle
 *   choose       what all frames share; kept for later runs
 *   survey       a child finds what only images tell: disparity range, aligned rows
 *   plan         memory: rung, budget, workers
 *   work         the engine brings every frame to its end
 *   report       and the exit status
 *
 * Processes: this one has one thread, waits in one poll() loop (child_watch.c) and
 * touches no image data and no OpenCV, which is what makes fork() safe and nothing in an
 * input able to harm it. Frames run in a pool process (child_process.c), suspects alone
 * in a child each (engine.c). Children tell what happens by events (event.h); facts found
 * before the run come back in shared memory (frame_probes.h).
 */
#include "supervise/supervisor.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "base/clock.h"
#include "base/log.h"
#include "match/match_cache.h"
#include "report/junit.h"
#include "store/disk_space.h"
#include "store/resume.h"
#include "supervise/cpu_level.h"
#include "supervise/exit_status.h"
#include "supervise/frame_work.h"
#include "supervise/run_reporting.h"
#include "supervise/session_choose.h"
#include "supervise/session_units.h"
#include "survey/session_survey.h"

static int64_t wall_clock_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME_COARSE, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void session_run_init(struct session_run *run, const struct settings_set *settings)
{
    run->asked = settings;
    run->effective = *settings;
    run->lock.descriptor = -1;
    run->control.signal_descriptor = -1;
    run->start_s = clock_monotonic_s();
    run->started_at_ns = wall_clock_ns();
    run->journal.start_s = run->start_s;
    memory_plan_workers(&settings->values.run, UINT64_MAX, &run->memory.workers,
                        &run->memory.batch_size);
}

/* Writes to a reader that left, or beyond a size limit, are errors, never signals. */
static void ignore_write_signals(void)
{
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN);
}

enum po_status session_run_load(struct session_run *run, struct po_error *error)
{
    const struct po_settings *settings = &run->effective.values;
    enum po_status status = cpu_level_check(settings->match.cpu, error);
    if (status == PO_OK)
        status =
            manifest_load(&settings->input, settings->output.ground_truth,
                          settings->output.ground_truth_scale, &run->manifest, error);
    if (status == PO_OK)
        status = session_units_check(settings, run->manifest, error);
    if (status != PO_OK)
        return status;
    run->record = calloc(1, sizeof(*run->record));
    if (run->record == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory to start");
    status = run_state_init(&run->state, run->manifest->frame_count, error);
    if (status == PO_OK)
        status = frame_probes_init(&run->probes, run->manifest->frame_count, error);
    if (status == PO_OK)
        status = session_values_init(&run->values, run->manifest, error);
    return status;
}

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

/* Removes what killed processes left half done. */
static enum po_status clean_output(const struct session_run *run, struct po_error *error)
{
    const char *directories[] = {run->paths.output, run->paths.frames, run->paths.state,
                                 run->paths.inputs, run->paths.matches};
    enum po_status status = PO_OK;
    for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++)
        if (status == PO_OK)
            status = atomic_directory_clean(directories[i], error);
    return status;
}

/* /proc and its like refuse new folders with an errno that says nothing. */
static bool takes_folders(const char *directory)
{
    char probe[SESSION_PATH_BYTES + 8];
    (void)snprintf(probe, sizeof(probe), "%s/.tmp-po", directory);
    if (mkdir(probe, 0777) == 0)
        return rmdir(probe) == 0;
    return errno != ENOENT && errno != EPERM && errno != EROFS && errno != EOPNOTSUPP;
}

/* Whether the place for the results can never be written as it is: a file in the way, no
 * right to write, a file system that is read-only or takes no folders. A full disk is
 * another matter. */
static bool is_unusable(const char *path)
{
    char existing[SESSION_PATH_BYTES];
    struct stat entry;
    (void)snprintf(existing, sizeof(existing), "%s", path);
    while (stat(existing, &entry) != 0) {
        char *slash = strrchr(existing, '/');
        if (errno == EACCES || errno == ENOTDIR)
            return true;
        if (slash == NULL || slash == existing)
            (void)snprintf(existing, sizeof(existing), "%s", slash == NULL ? "." : "/");
        else
            *slash = '\0';
    }
    return !S_ISDIR(entry.st_mode) || access(existing, W_OK | X_OK) != 0 ||
           !takes_folders(existing);
}

static enum po_status blame_output(const struct session_paths *paths,
                                   enum po_status status, struct po_error *error)
{
    if (status != PO_IO || (!is_unusable(paths->output) && !is_unusable(paths->frames) &&
                            !is_unusable(paths->inputs)))
        return status;
    if (error != NULL)
        error->status = PO_BAD_ARGUMENT;
    return PO_BAD_ARGUMENT;
}

static enum po_status take_output(struct session_run *run, struct po_error *error)
{
    const struct po_settings *settings = &run->effective.values;
    enum po_status status =
        session_paths_make(&run->paths, settings, run->manifest, error);
    if (status == PO_OK)
        status =
            output_lock_take(&run->lock, run->paths.state, settings->run.no_lock, error);
    if (status == PO_OK)
        status = clean_output(run, error);
    status = blame_output(&run->paths, status, error);
    if (status == PO_OK && settings->output.junit != NULL)
        status = junit_check(settings->output.junit, run->paths.output, error);
    return status;
}

static enum po_status prepare_frames(struct session_run *run, struct po_error *error)
{
    const struct po_settings *asked = &run->asked->values;
    if (!asked->run.force)
        session_values_load(&run->values, run->manifest, asked, run->paths.values);
    session_setups_make(run);
    resume_scan(run);
    enum po_status status = frame_probes_run(run, error);
    if (status != PO_OK || run->control.reason != STOP_NONE)
        return status;
    session_choose(run);
    session_setups_make(run);
    status = session_survey(run, SURVEY_QUIET, error);
    if (status != PO_OK || run->control.reason != STOP_NONE)
        return status;
    resume_decide(run);
    if (run->state.ended == run->state.frame_count)
        return PO_OK;
    status = memory_plan_make(run, error);
    if (status == PO_OK)
        status = session_values_store(&run->values, run->manifest, asked,
                                      run->paths.values, error);
    if (status == PO_OK)
        disk_space_check(run);
    return status;
}

static enum po_status work(struct session_run *run, struct po_error *error)
{
    struct frame_work frame_work = {.run = run};
    const struct engine_job job = frame_work_job(&frame_work);
    const struct engine_settings settings = session_engine_settings(run);
    if (run->state.ended == run->state.frame_count || run->control.reason != STOP_NONE)
        return PO_OK;
    enum po_status status =
        session_run_engine(run, &settings, &job, &run->state, &run->result, error);
    frame_work_release(&frame_work);
    if (run->effective.values.run.cache_bytes > 0)
        match_cache_trim(run->paths.matches, run->effective.values.run.cache_bytes);
    /* A process that could not be killed may still write there. */
    struct po_error cause;
    if (run->result.unkillable_processes == 0 && clean_output(run, &cause) != PO_OK)
        log_warning("%s", cause.message);
    return status;
}

static enum po_status run_session(struct session_run *run, struct po_summary *summary,
                                  struct po_error *error)
{
    const struct po_settings *settings = &run->effective.values;
    enum po_status status = session_run_load(run, error);
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
    status = prepare_frames(run, error);
    if (status == PO_OK)
        status = work(run, error);
    progress_end(&run->progress);
    if (status != PO_OK)
        return status;
    return run_reporting_write(run, summary, error);
}

enum po_status supervisor_run(const struct settings_set *settings, bool owns_process,
                              struct po_summary *summary, struct po_error *error)
{
    *summary = (struct po_summary){0};
    struct session_run *run = calloc(1, sizeof(*run));
    if (run == NULL) {
        summary->exit_status = PO_EXIT_INTERNAL;
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory to start");
    }
    if (owns_process)
        ignore_write_signals();
    session_run_init(run, settings);
    run->owns_process = owns_process;
    enum po_status status = run_session(run, summary, error);
    if (status != PO_OK)
        summary->exit_status = exit_status_of_error(status);
    session_run_release(run);
    free(run);
    return status;
}
