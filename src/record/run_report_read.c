/* SPDX-License-Identifier: Apache-2.0 */
/* report.json read back, as far as runs are compared. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record/record_json.h"
#include "record/run_report.h"
#include "settings/setting_value.h"

enum { REPORT_MAX_FILE_BYTES = 1 << 28, REPORT_READ_SCHEMA = 1 };

static bool read_status(const struct json *node, enum po_frame_status *status)
{
    const char *name = json_string(node, "");
    for (int i = PO_FRAME_PENDING; i <= PO_FRAME_OUT_OF_MEMORY; i++) {
        *status = (enum po_frame_status)i;
        if (strcmp(name, frame_status_name(*status)) == 0)
            return true;
    }
    return false;
}

static bool read_frame(const struct json *node, struct past_frame *frame)
{
    if (!record_read_text(json_get(node, "id"), frame->id, sizeof(frame->id)) ||
        !read_status(json_get(node, "status"), &frame->status))
        return false;
    frame->points = record_read_integer(json_get(node, "points"));
    const struct json *stage = json_first(json_get(node, "stages_ms"));
    for (; stage != NULL; stage = json_next(stage))
        frame->total_ms += json_number(stage, 0.0);
    record_read_extent(json_get(node, "extent"), &frame->extent);
    record_read_scores(json_get(node, "scores"), &frame->scores);
    return true;
}

static void read_totals(const struct json *node, struct past_report *past)
{
    struct report_totals *totals = &past->totals;
    const struct json *latency = json_get(node, "latency_ms");
    totals->found = record_read_int(json_get(node, "found"));
    totals->done = record_read_int(json_get(node, "done"));
    totals->reused = record_read_int(json_get(node, "reused"));
    totals->failed = record_read_int(json_get(node, "failed"));
    totals->timed_out = record_read_int(json_get(node, "timed_out"));
    totals->crashed = record_read_int(json_get(node, "crashed"));
    totals->out_of_memory = record_read_int(json_get(node, "out_of_memory"));
    totals->not_run = record_read_int(json_get(node, "not_run"));
    totals->points = record_read_integer(json_get(node, "points"));
    totals->warnings = record_read_int(json_get(node, "warnings"));
    totals->latency_p50_ms = json_number(json_get(latency, "p50"), NAN);
    totals->latency_p95_ms = json_number(json_get(latency, "p95"), NAN);
    totals->latency_p99_ms = json_number(json_get(latency, "p99"), NAN);
    totals->scored_frames = record_read_int(json_get(node, "scored_frames"));
    record_read_scores(json_get(node, "scores"), &totals->scores);
    past->frames_per_second = json_number(json_get(node, "frames_per_second"), NAN);
    past->measured_bytes =
        record_read_integer(json_get(json_get(node, "memory"), "measured_bytes"));
    past->peak_rss_bytes = record_read_integer(json_get(node, "peak_rss_bytes"));
}

static void read_value(const struct json *value, char text[PAST_SETTING_BYTES])
{
    char number[40];
    const char *found = "none";
    if (json_type(value) == JSON_BOOL)
        found = json_bool(value, false) ? "true" : "false";
    else if (json_type(value) == JSON_STRING)
        found = json_string(value, "");
    else if (json_type(value) == JSON_NUMBER) {
        number_format(json_number(value, 0.0), number, sizeof(number));
        found = number;
    }
    (void)snprintf(text, PAST_SETTING_BYTES, "%.63s", found);
}

/* Where files are does not change results; how they are read does. */
static bool shapes_results(const struct setting_row *row)
{
    return row->kind != SETTING_TEXT &&
           (row->effect != SETTING_RUN || strcmp(row->name, "profile") == 0);
}

static void read_settings(const struct json *node, struct past_report *past)
{
    for (int i = 0; node != NULL && i < settings_row_count(); i++) {
        const struct setting_row *row = settings_row(i);
        const struct json *value = json_get(json_get(node, row->name), "value");
        if (value != NULL && shapes_results(row))
            read_value(value, past->settings[i]);
    }
}

static enum po_status read_frames(const struct json *array, struct past_report *past,
                                  const char *path, struct po_error *error)
{
    int count = json_length(array);
    past->frames = calloc((size_t)count + 1, sizeof(*past->frames));
    if (past->frames == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory for %d frames", path,
                       count);
    const struct json *node = json_first(array);
    for (; node != NULL; node = json_next(node))
        if (!read_frame(node, &past->frames[past->frame_count++]))
            return po_fail(error, PO_BAD_FORMAT,
                           "%s: frame %d of the report has no id or status", path,
                           past->frame_count - 1);
    return PO_OK;
}

enum po_status run_report_read(const char *path, struct past_report *past,
                               struct po_error *error)
{
    struct json *root = NULL;
    memset(past, 0, sizeof(*past));
    enum po_status status = json_read_file(path, REPORT_MAX_FILE_BYTES, &root, error);
    if (status != PO_OK)
        return status;
    const struct json *frames = json_get(root, "frames");
    if (record_read_int(json_get(root, "schema")) != REPORT_READ_SCHEMA ||
        frames == NULL || json_type(frames) != JSON_ARRAY)
        status = po_fail(error, PO_BAD_FORMAT,
                         "%s: not a report of this program; give a report.json", path);
    if (status == PO_OK)
        status = read_frames(frames, past, path, error);
    if (status == PO_OK) {
        (void)record_read_text(json_get(root, "version"), past->version,
                               sizeof(past->version));
        read_settings(json_get(root, "settings"), past);
        past->left_out = record_read_int(json_get(root, "frames_left_out"));
        past->exit_status = record_read_int(json_get(root, "exit_status"));
        read_totals(json_get(root, "totals"), past);
    } else {
        past_report_release(past);
    }
    json_free(root);
    return status;
}

void past_report_release(struct past_report *past)
{
    free(past->frames);
    past->frames = NULL;
    past->frame_count = 0;
}
