/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/run_reporting.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/option_error.h"
#include "base/path.h"
#include "pool/memory_available.h"
#include "process/processors.h"
#include "report/baseline.h"
#include "report/junit.h"
#include "report/report_html.h"
#include "report/run_summary.h"
#include "store/other_frames.h"
#include "supervise/exit_status.h"
#include "supervise/merged_shards.h"
#include "supervise/shard_reporting.h"

enum { SETTING_TEXT_BYTES = 512 };

static const struct frame_record *read_record(struct session_run *run, int frame)
{
    char folder[SESSION_PATH_BYTES];
    char path[SESSION_PATH_BYTES];
    if (record_shelf_get(&run->shelf, frame, run->record))
        return run->record;
    if (!path_join(folder, sizeof(folder), run->paths.frames,
                   run->manifest->frames[frame].id) ||
        !path_join(path, sizeof(path), folder, FRAME_RECORD_FILE) ||
        frame_record_read(path, run->record, NULL) != PO_OK)
        return NULL;
    record_shelf_put(&run->shelf, frame, run->record);
    return run->record;
}

/* Whether the frame's folder holds a result, of whichever run. */
static bool has_folder(const struct session_run *run, int frame)
{
    char folder[SESSION_PATH_BYTES];
    char path[SESSION_PATH_BYTES];
    return path_join(folder, sizeof(folder), run->paths.frames,
                     run->manifest->frames[frame].id) &&
           path_join(path, sizeof(path), folder, FRAME_RECORD_FILE) &&
           (access(path, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR));
}

static void fill_stages(const struct frame_state *row, struct report_frame *line)
{
    for (int stage = STAGE_LOAD; stage < STAGE_COUNT; stage++)
        line->stages[line->stage_count++] = (struct report_stage){
            frame_stage_name((enum frame_stage)stage), row->stage_us[stage] * 1e-3};
}

static void frame_line(void *context, int index, struct report_frame *line)
{
    struct session_run *run = context;
    const struct frame_state *row = &run->state.frames[index];
    bool has_result = row->status == PO_FRAME_DONE || row->status == PO_FRAME_REUSED;
    *line = (struct report_frame){.id = run->manifest->frames[index].id,
                                  .status = row->status,
                                  .message = row->message,
                                  .attempts = row->attempts};
    if (!has_result && row->status != PO_FRAME_PENDING)
        line->stage = frame_stage_name((enum frame_stage)row->stage);
    if (row->status != PO_FRAME_REUSED && row->attempts > 0)
        fill_stages(row, line);
    if (row->status == PO_FRAME_DONE)
        line->latency_ms = row->latency_ms;
    line->match_reused = row->status == PO_FRAME_DONE && row->match_reused;
    if (has_result)
        line->record = read_record(run, index);
    else
        line->earlier_result = has_folder(run, index);
}

/* What frames and their surveys took against what the run offered its workers; a frame on
 * its way to the disk takes none of them. */
static double idle_share(const struct session_run *run, double wall_s)
{
    double busy_s = run->survey_busy_s;
    for (int i = 0; i < run->state.frame_count; i++) {
        const struct frame_state *row = &run->state.frames[i];
        if (row->status == PO_FRAME_DONE)
            busy_s += row->latency_ms * 1e-3 - row->stage_us[STAGE_COMMIT] * 1e-6;
    }
    double offered_s = wall_s * run->result.workers;
    if (busy_s <= 0 || offered_s <= 0)
        return NAN;
    return busy_s < offered_s ? 1 - busy_s / offered_s : 0;
}

static void fill_memory(const struct session_run *run, struct report_memory *memory)
{
    uint64_t own = run->effective.values.run.in_process
                       ? 0
                       : memory_resident_peak_bytes((int)getpid());
    uint64_t admitted = atomic_load(run->probes.admitted_peak_bytes);
    uint64_t peak = run->result.peak_bytes > run->survey_peak_bytes
                        ? run->result.peak_bytes
                        : run->survey_peak_bytes;
    *memory = (struct report_memory){
        .limit_bytes = run->memory.limit.bytes,
        .baseline_bytes = own + run->result.baseline_bytes,
        .predicted_bytes =
            own + run->result.baseline_bytes + admitted + run->kept_pair_bytes,
        .measured_bytes = own + peak + run->kept_pair_bytes,
        .peak_rss_bytes = peak > own ? peak : own,
        .frame_bytes = run->memory.frame_bytes,
    };
    (void)snprintf(memory->limit_origin, sizeof(memory->limit_origin), "%s",
                   run->memory.limit.origin != NULL ? run->memory.limit.origin : "");
}

static void fill_network(const struct session_run *run, struct report_network *network)
{
    const struct session_network *found = &run->network;
    bool has_prior = found->prior.source == PRIOR_NETWORK;
    *network = (struct report_network){
        .present = found->use.wanted || has_prior,
        .beside = has_prior && run->result.workers < processor_count(),
        .process_bytes = found->process_bytes,
        .frame_bytes = found->use.run_bytes + found->prior.network.run_bytes,
    };
}

/* The values in force, and for those that the ladder lowered, that it did. */
static void fill_settings(struct session_run *run)
{
    const struct frame_setup *setup = &run->setups[0];
    struct settings_set *reported = &run->reported;
    *reported = run->effective;
    if (!setup->present || run->values.degradation == DEGRADATION_NONE)
        return;
    reported->values = setup->settings;
    reported->values.match.downscale = setup->context.downscale;
    for (int i = 0; i < settings_row_count(); i++) {
        char asked[SETTING_TEXT_BYTES];
        char used[SETTING_TEXT_BYTES];
        settings_format(&run->effective.values, i, asked, sizeof(asked));
        settings_format(&reported->values, i, used, sizeof(used));
        if (strcmp(asked, used) != 0)
            reported->origins[i] = ORIGIN_BUDGET;
    }
}

static void fill_report(struct session_run *run, const struct po_summary *summary,
                        struct run_report *report)
{
    fill_settings(run);
    *report = (struct run_report){
        .manifest = run->manifest,
        .settings = &run->reported,
        .output_directory = run->paths.output,
        .workers = run->result.workers,
        .batch_size = run->memory.batch_size,
        .wall_s = summary->wall_s,
        .first_frame_s = run->first_frame_s > 0 ? run->first_frame_s : NAN,
        .survey_s = run->survey_s,
        .idle_share = idle_share(run, summary->wall_s),
        .frames_per_second = summary->wall_s > 0 ? summary->done / summary->wall_s : 0,
        .warnings = run->warnings,
        .event_count = run->journal.length,
        .events = run->journal.events,
        .frame_count = run->manifest->frame_count,
        .frame = frame_line,
        .frame_context = run,
    };
    if (run->merged != NULL) {
        merged_shards_report(run->merged, report);
        return;
    }
    report->sandbox = (struct report_sandbox){
        .known = run->sandbox.made && run->sandbox.children > 0,
        .files = (run->sandbox.held & SANDBOX_FILES) != 0,
        .calls = (run->sandbox.held & SANDBOX_CALLS) != 0,
    };
    fill_memory(run, &report->memory);
    fill_network(run, &report->network);
}

/* Reads --baseline before anything is written: it may be the very report this run
 * replaces. */
static enum po_status read_baseline(const struct session_run *run,
                                    struct past_report *past, struct po_error *error)
{
    struct po_error cause = {0};
    const char *path = run->effective.values.output.baseline;
    if (path == NULL)
        return PO_OK;
    enum po_status status = run_report_read(path, past, &cause);
    return fail_of_option(status, "baseline", path, &cause, error);
}

/* Compares with the report as it will be written. */
static enum po_status compare(const struct session_run *run,
                              const struct run_report *report,
                              const struct past_report *past,
                              struct baseline_findings *findings, struct po_error *error)
{
    char draft[SESSION_PATH_BYTES];
    const struct po_output_settings *settings = &run->effective.values.output;
    struct past_report present = {0};
    struct baseline_tolerance tolerance;
    if (settings->baseline == NULL)
        return PO_OK;
    if (!path_join(draft, sizeof(draft), run->paths.state, RUN_REPORT_FILE))
        return po_fail(error, PO_IO, "%s: the path is too long", run->paths.state);
    enum po_status status =
        baseline_tolerance_parse(settings->tolerance, &tolerance, error);
    if (status == PO_OK)
        status = run_report_write(report, draft, error);
    if (status == PO_OK)
        status = run_report_read(draft, &present, error);
    (void)unlink(draft);
    if (status == PO_OK)
        status = baseline_compare(past, &present, &tolerance, stdout, findings, error);
    baseline_findings_sort(findings);
    past_report_release(&present);
    return status;
}

static enum po_status write_html(const struct session_run *run,
                                 const struct run_report *report, struct po_error *error)
{
    char html[SESSION_PATH_BYTES];
    if (!path_join(html, sizeof(html), run->paths.output, REPORT_HTML_FILE))
        return po_fail(error, PO_IO, "%s: the path is too long", run->paths.output);
    return report_html_write(report, html, error);
}

static int exit_of(const struct session_run *run, const struct po_summary *summary,
                   bool worse)
{
    bool is_empty = run->role == RUN_SHARD && run->state.frame_count == 0;
    if (is_empty && run->control.reason == STOP_NONE)
        return PO_EXIT_OK; /* more parts than frames */
    const struct po_settings *settings = &run->effective.values;
    const struct run_outcome outcome = {
        .clouds_missing = run_lacks_clouds(&run->state, run->manifest, settings, false),
        .incomplete = run_incomplete_frames(&run->state, UINT32_MAX, false) > 0,
        .strict_unmatched = settings->input.strict && run->manifest->unmatched_count > 0,
        .worse_than_baseline = worse,
    };
    return exit_status_of_run(&run->state, summary, &run->control, &outcome);
}

/* The settings frames ran with: what the memory ladder changed says so. */
static struct settings_set settings_in_force(const struct session_run *run)
{
    struct settings_set set = run->effective;
    const struct frame_setup *setup = &run->setups[0];
    if (!setup->present)
        return set;
    struct po_settings values = setup->settings;
    if (setup->context.downscale != run->values.downscale)
        values.match.downscale = setup->context.downscale;
    settings_adopt(&set, &values, ORIGIN_BUDGET);
    return set;
}

/* All but report.json. */
static enum po_status compare_and_describe(struct session_run *run,
                                           struct po_summary *summary,
                                           struct run_report *report,
                                           const struct past_report *past,
                                           struct po_error *error)
{
    struct baseline_findings findings = {0};
    const struct po_output_settings *settings = &run->effective.values.output;
    enum po_status status = compare(run, report, past, &findings, error);
    if (status == PO_OK && findings.count > 0) {
        summary->exit_status = exit_of(run, summary, true);
        report->exit_status = summary->exit_status;
    }
    if (status == PO_OK)
        status = write_html(run, report, error);
    if (status == PO_OK && settings->junit != NULL)
        status = junit_write(report, settings->baseline != NULL ? &findings : NULL,
                             settings->junit, error);
    baseline_findings_release(&findings);
    return status;
}

/* report.json comes last, so that its exit status is the one the run ends with, whatever
 * else could not be written. */
static enum po_status write_and_compare(struct session_run *run,
                                        struct po_summary *summary,
                                        struct run_report *report,
                                        const struct past_report *past,
                                        struct po_error *error)
{
    char path[SESSION_PATH_BYTES];
    if (!path_join(path, sizeof(path), run->paths.output, RUN_REPORT_FILE))
        return po_fail(error, PO_IO, "%s: the path is too long", run->paths.output);
    enum po_status status = compare_and_describe(run, summary, report, past, error);
    if (status != PO_OK)
        report->exit_status = exit_status_of_error(status);
    enum po_status written =
        run_report_write(report, path, status == PO_OK ? error : NULL);
    return status != PO_OK ? status : written;
}

/* The one line of --quiet: why the exit status is what it is. */
static void report_quietly(const struct session_run *run, const struct run_report *report)
{
    const struct report_totals *totals = &report->totals;
    int bad = totals->found - totals->done - totals->reused - totals->not_run;
    if (bad > 0)
        log_error("%d of %d frames failed; see %s/" RUN_REPORT_FILE, bad, totals->found,
                  run->paths.output);
    else if (totals->not_run > 0)
        log_error("%d of %d frames were not run; see %s/" RUN_REPORT_FILE,
                  totals->not_run, totals->found, run->paths.output);
    else if (report->exit_status == PO_EXIT_CALIBRATION)
        log_error("no calibration with a unit: the clouds that were asked for are not "
                  "made; give "
                  "--calibration, or --outputs without cloud");
    else if (report->exit_status == PO_EXIT_SOME_FAILED && totals->incomplete > 0)
        log_error("%d of %d frames lack a part of what was asked for; see "
                  "%s/" RUN_REPORT_FILE,
                  totals->incomplete, totals->found, run->paths.output);
    else if (report->exit_status == PO_EXIT_SOME_FAILED)
        log_error("%d files have no partner (--strict); see %s/" RUN_REPORT_FILE,
                  run->manifest->unmatched_count, run->paths.output);
    else if (report->exit_status == PO_EXIT_WORSE)
        log_error("worse than the baseline; see %s/" RUN_REPORT_FILE, run->paths.output);
}

/* A shard's frames are told of by the merge, from their records. */
static void tell_lacks(struct session_run *run)
{
    for (int i = 0; i < FRAME_LACKS; i++) {
        const struct frame_lack_row *lack = frame_lack_row(i);
        char text[WARNING_BYTES];
        int count = run_incomplete_frames(&run->state, lack->bit, false);
        (void)snprintf(text, sizeof(text), "%d frame%s done %s: %s why%s", count,
                       count == 1 ? " is" : "s are", lack->words,
                       count == 1 ? "it says" : "each says",
                       lack->may_pass ? "; the next run tries again" : "");
        if (count > 0 && run->role == RUN_SHARD)
            log_warning("%s", text);
        else if (count > 0)
            warning_list_tell(&run->warnings, "%s", text);
    }
}

/* What a report is made of; too much for a small stack. */
struct reporting {
    struct run_report report;
    struct past_report past;
    struct settings_set in_force;
};

/* The last of the JSON lines: how the run ended. */
static void log_end(const struct po_summary *summary, const struct run_report *report)
{
    char status[16];
    (void)snprintf(status, sizeof(status), "%d", summary->exit_status);
    const struct log_event event = {.event = "end",
                                    .status = status,
                                    .points = (double)report->totals.points,
                                    .ms = 1e3 * summary->wall_s};
    log_event(LOG_INFO, &event, "%d of %d frames done, exit status %s",
              report->totals.done + report->totals.reused, report->totals.found, status);
}

/* Results that cannot be listed cost their mention, not the report. */
static void find_other_frames(const struct session_run *run, struct run_report *report)
{
    struct po_error cause = {0};
    if (other_frames_find(run->paths.frames, run->manifest, &report->other_frames,
                          &cause) == PO_OK)
        return;
    report->other_frames = (struct report_other_frames){.count = 0};
    warning_list_add(&report->warnings, "%s", cause.message);
    log_warning("%s", cause.message);
}

/* Of a run that has the session for itself. */
static enum po_status write_reports(struct session_run *run, struct po_summary *summary,
                                    struct reporting *reporting, struct po_error *error)
{
    struct run_report *report = &reporting->report;
    find_other_frames(run, report);
    enum po_status status = read_baseline(run, &reporting->past, error);
    if (status == PO_OK)
        status = write_and_compare(run, summary, report, &reporting->past, error);
    return status;
}

static enum po_status report_with(struct session_run *run, struct po_summary *summary,
                                  struct reporting *reporting, struct po_error *error)
{
    struct run_report *report = &reporting->report;
    reporting->in_force = settings_in_force(run);
    fill_report(run, summary, report);
    report->settings = &reporting->in_force;
    report->exit_status = summary->exit_status;
    enum po_status status = PO_OK;
    if (run->shelf.packed == NULL) /* a merge has filled it */
        status = record_shelf_init(&run->shelf, run->state.frame_count, error);
    if (status == PO_OK)
        status = run_report_count(report, error);
    if (status == PO_OK && run->role == RUN_SHARD)
        status = shard_reporting_end(run, report, error);
    else if (status == PO_OK)
        status = write_reports(run, summary, reporting, error);
    if (run->effective.values.output.quiet)
        report_quietly(run, report);
    else
        run_summary_print(report, stdout);
    if (run->effective.values.output.log_format == PO_LOG_JSONL)
        log_end(summary, report);
    past_report_release(&reporting->past);
    return status;
}

enum po_status run_reporting_write(struct session_run *run, struct po_summary *summary,
                                   struct po_error *error)
{
    summary->wall_s = run->merged != NULL ? merged_shards_wall_s(run->merged)
                                          : clock_monotonic_s() - run->start_s;
    run_state_summarize(&run->state, summary);
    summary->exit_status = exit_of(run, summary, false);
    tell_lacks(run);
    struct reporting *reporting = calloc(1, sizeof(*reporting));
    if (reporting == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for the report");
    enum po_status status = report_with(run, summary, reporting, error);
    free(reporting);
    return status;
}
