/* SPDX-License-Identifier: Apache-2.0 */
/* report.json read back, as far as runs are compared. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"
#include "base/number.h"
#include "record/member_table.h"
#include "record/record_json.h"
#include "record/run_report.h"
#include "settings/setting_value.h"

/* A frame takes a kilobyte here, and may take thirty bytes in a file that means harm. */
enum { REPORT_MAX_FILE_BYTES = 1 << 30, FRAMES_MAX = 1 << 20, REPORT_READ_SCHEMA = 1 };

/* The report on its way; `status` of what is no matter of form. */
struct reading {
    struct past_report *past;
    int capacity; /* of the frames */
    int broken;   /* the frame that has no id or status; -1: none */
    bool has_frames;
    enum po_status status;
};

#define FRAME(field) offsetof(struct past_frame, field)

static bool read_status(struct json_scan *scan, void *into)
{
    struct past_frame *frame = into;
    const char *name = json_scan_text(scan, "");
    for (int i = PO_FRAME_PENDING; i <= PO_FRAME_OUT_OF_MEMORY; i++) {
        frame->status = (enum po_frame_status)i;
        if (strcmp(name, frame_status_name(frame->status)) == 0)
            return true;
    }
    return false;
}

static bool read_stages(struct json_scan *scan, void *into)
{
    struct past_frame *frame = into;
    frame->total_ms = 0;
    if (json_scan_object(scan))
        while (json_scan_member(scan) != NULL)
            frame->total_ms += json_scan_number(scan, 0);
    return true;
}

static bool read_extent(struct json_scan *scan, void *into)
{
    record_read_extent(scan, &((struct past_frame *)into)->extent);
    return true;
}

static bool read_scores(struct json_scan *scan, void *into)
{
    record_read_scores(scan, &((struct past_frame *)into)->scores);
    return true;
}

static const struct member frame_members[] = {
    {"id", MEMBER_TEXT, true, FRAME(id), RECORD_ID_BYTES, NULL},
    {"status", MEMBER_OTHER, true, 0, 0, read_status},
    {"stages_ms", MEMBER_OTHER, false, 0, 0, read_stages},
    {"points", MEMBER_COUNT, false, FRAME(points), 0, NULL},
    {"extent", MEMBER_OTHER, false, 0, 0, read_extent},
    {"scores", MEMBER_OTHER, false, 0, 0, read_scores},
};

static bool grow(struct reading *reading)
{
    struct past_report *past = reading->past;
    if (past->frame_count < reading->capacity)
        return true;
    int capacity = minimum(2 * reading->capacity + 64, FRAMES_MAX);
    if (capacity == reading->capacity) {
        reading->status = PO_BAD_FORMAT;
        return false;
    }
    struct past_frame *grown =
        realloc(past->frames, (size_t)capacity * sizeof(*past->frames));
    if (grown == NULL) {
        reading->status = PO_OUT_OF_MEMORY;
        return false;
    }
    past->frames = grown;
    reading->capacity = capacity;
    return true;
}

static bool read_frames(struct json_scan *scan, void *into)
{
    struct reading *reading = into;
    struct past_report *past = reading->past;
    reading->has_frames = json_scan_array(scan);
    past->frame_count = 0;
    while (reading->has_frames && json_scan_element(scan)) {
        if (!grow(reading))
            return false;
        struct past_frame *frame = &past->frames[past->frame_count];
        memset(frame, 0, sizeof(*frame));
        record_extent_clear(&frame->extent);
        if (!members_read(scan, frame_members, MEMBER_COUNT_OF(frame_members), frame)) {
            reading->broken = past->frame_count;
            return false;
        }
        past->frame_count++;
    }
    return reading->has_frames;
}

#define PAST(field) offsetof(struct past_report, field)

static const struct member latency_members[] = {
    {"p50", MEMBER_NUMBER, false, PAST(totals.latency_p50_ms), 0, NULL},
    {"p95", MEMBER_NUMBER, false, PAST(totals.latency_p95_ms), 0, NULL},
    {"p99", MEMBER_NUMBER, false, PAST(totals.latency_p99_ms), 0, NULL},
};

static bool read_latency(struct json_scan *scan, void *into)
{
    (void)members_read(scan, latency_members, MEMBER_COUNT_OF(latency_members), into);
    return true;
}

static const struct member memory_members[] = {
    {"measured_bytes", MEMBER_COUNT, false, PAST(measured_bytes), 0, NULL},
};

static bool read_memory(struct json_scan *scan, void *into)
{
    (void)members_read(scan, memory_members, MEMBER_COUNT_OF(memory_members), into);
    return true;
}

static bool read_mean_scores(struct json_scan *scan, void *into)
{
    record_read_scores(scan, &((struct past_report *)into)->totals.scores);
    return true;
}

static const struct member totals_members[] = {
    {"found", MEMBER_INT, false, PAST(totals.found), 0, NULL},
    {"done", MEMBER_INT, false, PAST(totals.done), 0, NULL},
    {"reused", MEMBER_INT, false, PAST(totals.reused), 0, NULL},
    {"failed", MEMBER_INT, false, PAST(totals.failed), 0, NULL},
    {"timed_out", MEMBER_INT, false, PAST(totals.timed_out), 0, NULL},
    {"crashed", MEMBER_INT, false, PAST(totals.crashed), 0, NULL},
    {"out_of_memory", MEMBER_INT, false, PAST(totals.out_of_memory), 0, NULL},
    {"not_run", MEMBER_INT, false, PAST(totals.not_run), 0, NULL},
    {"points", MEMBER_COUNT, false, PAST(totals.points), 0, NULL},
    {"warnings", MEMBER_INT, false, PAST(totals.warnings), 0, NULL},
    {"latency_ms", MEMBER_OTHER, false, 0, 0, read_latency},
    {"scored_frames", MEMBER_INT, false, PAST(totals.scored_frames), 0, NULL},
    {"scores", MEMBER_OTHER, false, 0, 0, read_mean_scores},
    {"frames_per_second", MEMBER_NUMBER, false, PAST(frames_per_second), 0, NULL},
    {"memory", MEMBER_OTHER, false, 0, 0, read_memory},
    {"peak_rss_bytes", MEMBER_COUNT, false, PAST(peak_rss_bytes), 0, NULL},
};

static bool read_totals(struct json_scan *scan, void *into)
{
    struct past_report *past = ((struct reading *)into)->past;
    (void)members_read(scan, totals_members, MEMBER_COUNT_OF(totals_members), past);
    return true;
}

bool run_report_compares(const struct setting_row *row)
{
    return row->kind != SETTING_TEXT &&
           (row->effect != SETTING_RUN || strcmp(row->name, "profile") == 0);
}

static void read_value(struct json_scan *scan, char text[PAST_SETTING_BYTES])
{
    char number[DECIMAL_BYTES];
    const char *found = "none";
    switch (json_scan_peek(scan)) {
    case 't':
    case 'f':
        found = json_scan_bool(scan, false) ? "true" : "false";
        break;
    case '"':
        found = json_scan_text(scan, "");
        break;
    case '{':
    case '[':
    case 'n':
        json_scan_skip(scan);
        break;
    default:
        (void)decimal_print(json_scan_number(scan, 0), number);
        found = number;
    }
    (void)snprintf(text, PAST_SETTING_BYTES, "%.63s", found);
}

/* A setting's value; its origin is passed over. */
static void read_setting(struct json_scan *scan, char text[PAST_SETTING_BYTES])
{
    const char *key;
    if (!json_scan_object(scan))
        return;
    while ((key = json_scan_member(scan)) != NULL) {
        if (strcmp(key, "value") == 0)
            read_value(scan, text);
        else
            json_scan_skip(scan);
    }
}

static void note_unknown(struct past_report *past, const char *name)
{
    if (past->unknown_count < PAST_UNKNOWN_LISTED)
        (void)snprintf(past->unknown[past->unknown_count], PAST_SETTING_BYTES, "%.63s",
                       name);
    past->unknown_count++;
}

static bool read_settings(struct json_scan *scan, void *into)
{
    struct past_report *past = ((struct reading *)into)->past;
    const char *name;
    if (!json_scan_object(scan))
        return true;
    while ((name = json_scan_member(scan)) != NULL) {
        int index;
        const struct setting_row *row = settings_find(name, &index);
        past->has_settings |= row != NULL;
        if (row == NULL)
            note_unknown(past, name);
        if (row != NULL && run_report_compares(row))
            read_setting(scan, past->settings[index]);
        else
            json_scan_skip(scan);
    }
    return true;
}

static bool read_schema(struct json_scan *scan, void *into)
{
    (void)into;
    return json_scan_number(scan, 0) == REPORT_READ_SCHEMA;
}

static bool read_version(struct json_scan *scan, void *into)
{
    struct past_report *past = ((struct reading *)into)->past;
    (void)snprintf(past->version, sizeof(past->version), "%s", json_scan_text(scan, ""));
    return true;
}

static bool read_left_out(struct json_scan *scan, void *into)
{
    ((struct reading *)into)->past->left_out = small_number(json_scan_number(scan, 0));
    return true;
}

static bool read_exit_status(struct json_scan *scan, void *into)
{
    ((struct reading *)into)->past->exit_status = small_number(json_scan_number(scan, 0));
    return true;
}

static const struct member report_members[] = {
    {"schema", MEMBER_OTHER, true, 0, 0, read_schema},
    {"version", MEMBER_OTHER, false, 0, 0, read_version},
    {"exit_status", MEMBER_OTHER, false, 0, 0, read_exit_status},
    {"totals", MEMBER_OTHER, false, 0, 0, read_totals},
    {"settings", MEMBER_OTHER, false, 0, 0, read_settings},
    {"frames_left_out", MEMBER_OTHER, false, 0, 0, read_left_out},
    {"frames", MEMBER_OTHER, true, 0, 0, read_frames},
};

static enum po_status refuse(const struct reading *reading, const char *path,
                             struct po_error *error)
{
    if (reading->status == PO_OUT_OF_MEMORY)
        return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory for %d frames", path,
                       reading->past->frame_count);
    if (reading->status != PO_OK)
        return po_fail(error, PO_BAD_FORMAT, "%s: a report of more than %d frames", path,
                       FRAMES_MAX);
    if (reading->broken >= 0)
        return po_fail(error, PO_BAD_FORMAT,
                       "%s: frame %d of the report has no id or status", path,
                       reading->broken);
    return po_fail(error, PO_BAD_FORMAT,
                   "%s: not a report of this program; give a report.json", path);
}

static void clear(struct past_report *past)
{
    memset(past, 0, sizeof(*past));
    past->totals.latency_p50_ms = past->totals.latency_p95_ms = NAN;
    past->totals.latency_p99_ms = past->frames_per_second = NAN;
}

enum po_status run_report_read(const char *path, struct past_report *past,
                               struct po_error *error)
{
    struct json_scan scan;
    struct reading reading = {.past = past, .broken = -1};
    clear(past);
    enum po_status status = json_scan_open(&scan, path, REPORT_MAX_FILE_BYTES, error);
    if (status != PO_OK)
        return status;
    bool fits =
        members_read(&scan, report_members, MEMBER_COUNT_OF(report_members), &reading);
    bool is_json = scan.status == PO_OK;
    status = json_scan_close(&scan, error);
    if (is_json && !fits)
        status = refuse(&reading, path, error);
    if (status != PO_OK)
        past_report_release(past);
    return status;
}

void past_report_release(struct past_report *past)
{
    free(past->frames);
    past->frames = NULL;
    past->frame_count = 0;
}
