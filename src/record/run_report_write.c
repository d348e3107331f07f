/* SPDX-License-Identifier: Apache-2.0 */
/* report.json, streamed. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/version.h"
#include "record/record_json.h"
#include "record/run_report.h"
#include "settings/setting_value.h"

enum { REPORT_SCHEMA = 1 };

/* Times and shares to four decimals: the rest is noise, and hard to read. */
static void write_measure(struct json_writer *writer, const char *key, double value)
{
    json_writer_number(writer, key, isfinite(value) ? round(value * 1e4) / 1e4 : NAN);
}

static void write_stages(struct json_writer *writer, const struct report_stage *stages,
                         int count)
{
    json_writer_object(writer, "stages_ms");
    for (int i = 0; i < count; i++)
        write_measure(writer, stages[i].name, stages[i].ms);
    json_writer_close(writer);
}

static void write_network(struct json_writer *writer,
                          const struct report_network *network)
{
    if (!network->present)
        return;
    json_writer_object(writer, "network");
    json_writer_integer(writer, "frames", (uint64_t)network->frames);
    json_writer_object(writer, "ms");
    write_measure(writer, "p50", network->p50_ms);
    write_measure(writer, "p95", network->p95_ms);
    json_writer_close(writer);
    json_writer_integer(writer, "process_bytes", network->process_bytes);
    json_writer_integer(writer, "frame_bytes", network->frame_bytes);
    json_writer_bool(writer, "beside_the_match", network->beside);
    json_writer_close(writer);
}

static void write_memory(struct json_writer *writer, const struct report_memory *memory)
{
    json_writer_object(writer, "memory");
    json_writer_integer(writer, "limit_bytes", memory->limit_bytes);
    json_writer_text(writer, "limit_origin", memory->limit_origin);
    json_writer_integer(writer, "frame_bytes", memory->frame_bytes);
    json_writer_integer(writer, "baseline_bytes", memory->baseline_bytes);
    json_writer_integer(writer, "predicted_bytes", memory->predicted_bytes);
    json_writer_integer(writer, "measured_bytes", memory->measured_bytes);
    json_writer_close(writer);
    json_writer_integer(writer, "peak_rss_bytes", memory->peak_rss_bytes);
}

static void write_statuses(struct json_writer *writer, const struct report_totals *totals)
{
    json_writer_integer(writer, "found", (uint64_t)totals->found);
    json_writer_integer(writer, "done", (uint64_t)totals->done);
    json_writer_integer(writer, "reused", (uint64_t)totals->reused);
    json_writer_integer(writer, "failed", (uint64_t)totals->failed);
    json_writer_integer(writer, "timed_out", (uint64_t)totals->timed_out);
    json_writer_integer(writer, "crashed", (uint64_t)totals->crashed);
    json_writer_integer(writer, "out_of_memory", (uint64_t)totals->out_of_memory);
    json_writer_integer(writer, "not_run", (uint64_t)totals->not_run);
}

static void write_totals(struct json_writer *writer, const struct run_report *report)
{
    const struct report_totals *totals = &report->totals;
    json_writer_object(writer, "totals");
    write_statuses(writer, totals);
    json_writer_integer(writer, "matches_reused", (uint64_t)totals->matches_reused);
    json_writer_integer(writer, "earlier_results", (uint64_t)totals->earlier_results);
    json_writer_integer(writer, "incomplete", (uint64_t)totals->incomplete);
    json_writer_integer(writer, "points", totals->points);
    json_writer_integer(writer, "warnings", (uint64_t)totals->warnings);
    write_measure(writer, "wall_s", report->wall_s);
    write_measure(writer, "first_frame_s", report->first_frame_s);
    write_measure(writer, "survey_s", report->survey_s);
    write_measure(writer, "frames_per_second", report->frames_per_second);
    json_writer_object(writer, "latency_ms");
    write_measure(writer, "p50", totals->latency_p50_ms);
    write_measure(writer, "p95", totals->latency_p95_ms);
    write_measure(writer, "p99", totals->latency_p99_ms);
    json_writer_close(writer);
    write_stages(writer, totals->stages, totals->stage_count);
    write_measure(writer, "idle_share", report->idle_share);
    write_memory(writer, &report->memory);
    write_network(writer, &report->network);
    json_writer_integer(writer, "scored_frames", (uint64_t)totals->scored_frames);
    record_write_scores(writer, "scores", &totals->scores);
    record_write_plane_summary(writer, "quality_check", &totals->plane);
    json_writer_close(writer);
}

/* The value in JSON's own type where it has one. */
static void write_value(struct json_writer *writer, const struct setting_row *row,
                        const char *text)
{
    double number;
    bool numeric = row->kind == SETTING_INT || row->kind == SETTING_REAL ||
                   row->kind == SETTING_LENGTH;
    if (row->kind == SETTING_FLAG)
        json_writer_bool(writer, "value", strcmp(text, "true") == 0);
    else if (numeric && number_parse(text, &number))
        json_writer_number(writer, "value", number);
    else
        json_writer_text(writer, "value", text[0] != '\0' ? text : NULL);
}

static void write_settings(struct json_writer *writer, const struct settings_set *set)
{
    json_writer_object(writer, "settings");
    for (int i = 0; set != NULL && i < settings_row_count(); i++) {
        char text[SETTING_FORMAT_BYTES];
        settings_format(&set->values, i, text, sizeof(text));
        json_writer_object(writer, settings_row(i)->name);
        write_value(writer, settings_row(i), text);
        json_writer_text(writer, "origin", setting_origin_name(set->origins[i]));
        json_writer_close(writer);
    }
    json_writer_close(writer);
}

static void write_camera(struct json_writer *writer, const struct camera_model *camera)
{
    static const char *const models[] = {"none", "radtan", "fisheye"};
    json_writer_object(writer, NULL);
    json_writer_number(writer, "fx_px", camera->fx);
    json_writer_number(writer, "fy_px", camera->fy);
    json_writer_number(writer, "cx_px", camera->cx);
    json_writer_number(writer, "cy_px", camera->cy);
    json_writer_number(writer, "skew_px", camera->skew);
    json_writer_text(writer, "distortion_model", models[camera->model]);
    json_writer_numbers(writer, "distortion", camera->coefficients,
                        camera->coefficient_count);
    json_writer_close(writer);
}

static void write_rig_pose(struct json_writer *writer,
                           const struct calibration *calibration)
{
    json_writer_array(writer, "cameras");
    write_camera(writer, &calibration->cameras[0]);
    write_camera(writer, &calibration->cameras[1]);
    json_writer_close(writer);
    json_writer_numbers(writer, "rotation", calibration->rotation, 9);
    static const char *const names[] = {[RIG_NONE] = "translation_unscaled",
                                        [RIG_MM] = "translation_mm",
                                        [RIG_SQUARES] = "translation_squares"};
    json_writer_numbers(writer, names[calibration->unit], calibration->translation_mm, 3);
}

static void write_calibration(struct json_writer *writer,
                              const struct calibration *calibration)
{
    static const char *const units[] = {"none", "mm", "squares"};
    json_writer_object(writer, NULL);
    json_writer_text(writer, "path", calibration->path);
    json_writer_text(writer, "format", calibration->format);
    json_writer_bool(writer, "rectified", calibration->rectified);
    json_writer_text(writer, "unit", units[calibration->unit]);
    json_writer_text(writer, "unit_origin", calibration->unit_origin);
    json_writer_text(writer, "baseline_origin", calibration->baseline_origin);
    json_writer_bool(writer, "swapped", calibration->swapped);
    json_writer_integer(writer, "width_px", (uint64_t)calibration->width_px);
    json_writer_integer(writer, "height_px", (uint64_t)calibration->height_px);
    if (calibration->rectified)
        record_write_rig(writer, "rig", &calibration->rig, NULL);
    else
        write_rig_pose(writer, calibration);
    record_write_warnings(writer, &calibration->warnings);
    json_writer_close(writer);
}

static void write_manifest(struct json_writer *writer, const struct manifest *manifest)
{
    json_writer_text(writer, "input", manifest->root);
    json_writer_text(writer, "layout", manifest->layout);
    json_writer_integer(writer, "frames_left_out", (uint64_t)manifest->skipped_count);
    json_writer_array(writer, "calibration");
    for (int i = 0; i < manifest->calibration_count; i++)
        write_calibration(writer, &manifest->calibrations[i]);
    json_writer_close(writer);
    json_writer_array(writer, "calibration_unused");
    for (int i = 0; i < manifest->unused_count; i++) {
        json_writer_object(writer, NULL);
        json_writer_text(writer, "path", manifest->unused[i].path);
        json_writer_text(writer, "difference", manifest->unused[i].difference);
        json_writer_close(writer);
    }
    json_writer_close(writer);
    json_writer_array(writer, "unmatched");
    for (int i = 0; i < manifest->unmatched_count; i++)
        json_writer_text(writer, NULL, manifest->unmatched[i]);
    json_writer_close(writer);
}

static void write_record(struct json_writer *writer, const struct frame_record *record)
{
    record_write_lacks(writer, record->lacks);
    json_writer_integer(writer, "points", record->points);
    json_writer_integer(writer, "width_px", (uint64_t)record->width_px);
    json_writer_integer(writer, "height_px", (uint64_t)record->height_px);
    record_write_scale(writer, record);
    record_write_search(writer, record);
    record_write_extent(writer, "extent", &record->extent, record->rig.unit);
    record_write_scores(writer, "scores", &record->scores);
    record_write_prior(writer, "prior", &record->prior);
    record_write_plane(writer, "quality_check", &record->plane, record->rig.unit);
    record_write_counts(writer, record);
    record_write_warnings(writer, &record->warnings);
}

static void write_no_record(struct json_writer *writer)
{
    record_write_lacks(writer, 0);
    json_writer_integer(writer, "points", 0);
    json_writer_null(writer, "scores");
    json_writer_object(writer, "counts");
    json_writer_close(writer);
    json_writer_array(writer, "warnings");
    json_writer_close(writer);
}

static void write_frame(struct json_writer *writer, const struct report_frame *frame)
{
    bool usable = frame->status == PO_FRAME_DONE || frame->status == PO_FRAME_REUSED;
    json_writer_object(writer, NULL);
    json_writer_text(writer, "id", frame->id);
    json_writer_text(writer, "status", frame_status_name(frame->status));
    json_writer_text(writer, "stage", frame->stage);
    json_writer_text(writer, "message", frame->message);
    json_writer_integer(writer, "attempts", (uint64_t)frame->attempts);
    json_writer_bool(writer, "match_reused", frame->match_reused);
    json_writer_bool(writer, "earlier_result", frame->earlier_result);
    write_measure(writer, "latency_ms", frame->latency_ms);
    write_stages(writer, frame->stages, frame->stage_count);
    if (usable && frame->record != NULL)
        write_record(writer, frame->record);
    else
        write_no_record(writer);
    json_writer_close(writer);
}

static void write_events(struct json_writer *writer, const struct run_report *report)
{
    json_writer_array(writer, "events");
    for (int i = 0; i < report->event_count; i++) {
        json_writer_object(writer, NULL);
        write_measure(writer, "time_s", report->events[i].time_s);
        json_writer_text(writer, "text", report->events[i].text);
        json_writer_close(writer);
    }
    json_writer_close(writer);
}

static void write_other_frames(struct json_writer *writer,
                               const struct report_other_frames *others)
{
    json_writer_object(writer, "other_frames");
    json_writer_integer(writer, "count", (uint64_t)others->count);
    json_writer_array(writer, "ids");
    for (int i = 0; i < others->listed; i++)
        json_writer_text(writer, NULL, others->ids[i]);
    json_writer_close(writer);
    json_writer_close(writer);
}

static void write_shards(struct json_writer *writer, const struct run_report *report)
{
    if (report->shard_count == 0)
        return;
    json_writer_array(writer, "shards");
    for (int i = 0; i < report->shard_count; i++) {
        const struct report_shard *shard = &report->shards[i];
        bool ended = strcmp(shard->end, "ended") == 0;
        json_writer_object(writer, NULL);
        json_writer_integer(writer, "shard", (uint64_t)shard->number);
        json_writer_integer(writer, "of", (uint64_t)shard->count);
        json_writer_text(writer, "end", shard->end);
        json_writer_text(writer, "host", shard->host[0] != '\0' ? shard->host : NULL);
        json_writer_number(writer, "exit_status",
                           ended ? (double)shard->exit_status : (double)NAN);
        json_writer_integer(writer, "frames", (uint64_t)shard->frames);
        write_measure(writer, "wall_s", shard->wall_s);
        json_writer_close(writer);
    }
    json_writer_close(writer);
}

static void write_sandbox(struct json_writer *writer,
                          const struct report_sandbox *sandbox)
{
    if (!sandbox->known) {
        json_writer_null(writer, "sandbox");
        return;
    }
    json_writer_object(writer, "sandbox");
    json_writer_bool(writer, "files", sandbox->files);
    json_writer_bool(writer, "calls", sandbox->calls);
    json_writer_close(writer);
}

static void write_report(struct json_writer *writer, const struct run_report *report)
{
    json_writer_integer(writer, "schema", REPORT_SCHEMA);
    json_writer_text(writer, "program", "process_offline");
    json_writer_text(writer, "version", PROCESS_OFFLINE_VERSION);
    json_writer_number(writer, "exit_status", report->exit_status);
    json_writer_text(writer, "output", report->output_directory);
    json_writer_number(writer, "workers", report->workers);
    json_writer_number(writer, "batch_size", report->batch_size);
    write_sandbox(writer, &report->sandbox);
    write_totals(writer, report);
    write_settings(writer, report->settings);
    if (report->manifest != NULL)
        write_manifest(writer, report->manifest);
    record_write_warnings(writer, &report->warnings);
    write_events(writer, report);
    write_other_frames(writer, &report->other_frames);
    write_shards(writer, report);
    json_writer_array(writer, "frames");
    for (int i = 0; i < report->frame_count; i++) {
        struct report_frame frame = {0};
        report->frame(report->frame_context, i, &frame);
        write_frame(writer, &frame);
    }
    json_writer_close(writer);
}

enum po_status run_report_write(const struct run_report *report, const char *path,
                                struct po_error *error)
{
    struct json_writer writer;
    struct atomic_file *file = calloc(1, sizeof(*file));
    if (file == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to write it", path);
    enum po_status status = atomic_file_open(file, path, error);
    if (status != PO_OK)
        goto cleanup;
    json_writer_begin(&writer, file, error);
    write_report(&writer, report);
    status = json_writer_end(&writer);
    if (status == PO_OK)
        status = atomic_file_publish(file, error);

cleanup:
    atomic_file_discard(file);
    free(file);
    return status;
}
