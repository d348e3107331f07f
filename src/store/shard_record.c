/* SPDX-License-Identifier: Apache-2.0 */
#include "store/shard_record.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "record/record_json.h"
#include "settings/setting_value.h"
#include "store/sealed_json.h"

enum {
    SHARD_SCHEMA = 1,
    SHARD_MAX_BYTES = 1 << 29,
    LINE_BYTES = 512,
    SHARDS_MAX = 1 << 24
};

enum po_status shard_path(const char *folder, const struct shard *shard,
                          const char *suffix, char *path, struct po_error *error)
{
    char name[64];
    (void)snprintf(name, sizeof(name), "%d-of-%d%s", shard->number, shard->count, suffix);
    return path_join(path, ATOMIC_FILE_PATH_BYTES, folder, name)
               ? PO_OK
               : po_fail(error, PO_IO, "%s: the path is too long", folder);
}

bool shard_name_parse(const char *name, const char *suffix, struct shard *shard)
{
    int used = 0;
    return sscanf(name, "%8d-of-%8d%n", &shard->number, &shard->count, &used) == 2 &&
           strcmp(name + used, suffix) == 0 && shard->number >= 1 &&
           shard->number <= shard->count && shard->count <= SHARDS_MAX;
}

enum line_flag { LINE_MATCH_REUSED = 1, LINE_INCOMPLETE = 2 };

/* Numbers that read_line takes back, and what the frame said. */
static void append_frame(struct json *frames, int frame, const struct frame_state *row)
{
    char line[LINE_BYTES];
    int flags = (row->match_reused ? LINE_MATCH_REUSED : 0) |
                (row->incomplete ? LINE_INCOMPLETE : 0);
    int length = snprintf(line, sizeof(line), "%d %d %d %d %d %d %d %d %.0f %" PRIu64,
                          frame, (int)row->status, -(int)row->cause, row->signal,
                          row->stage, row->attempts, row->degradation, flags,
                          row->latency_ms * 1e3, row->points);
    for (int i = 0; i < EVENT_STAGES; i++)
        length += snprintf(line + length, sizeof(line) - (size_t)length, " %" PRIu32,
                           row->stage_us[i]);
    if (row->message == NULL) {
        json_append_string(frames, line);
        return;
    }
    size_t bytes = (size_t)length + strlen(row->message) + 2;
    char *whole = malloc(bytes);
    if (whole != NULL)
        (void)snprintf(whole, bytes, "%s %s", line, row->message);
    json_append_string(frames, whole); /* NULL: the tree knows that it lacks it */
    free(whole);
}

int shard_session_frame(const struct shard *shard, int frame)
{
    if (shard->count == 0)
        return frame;
    int turn = frame / shard->unit * shard->count + shard->number - 1;
    return turn * shard->unit + frame % shard->unit;
}

int shard_of_frame(int frame, int count, int unit)
{
    return frame / unit % count + 1;
}

static void write_frames(struct json *root, const struct shard *shard,
                         const struct run_state *state)
{
    struct json *frames = json_add_array(root, "frames");
    for (int i = 0; state != NULL && i < state->frame_count; i++)
        if (state->frames[i].status != PO_FRAME_PENDING)
            append_frame(frames, shard_session_frame(shard, i), &state->frames[i]);
}

static void write_memory(struct json *root, const struct report_memory *memory)
{
    struct json *object = json_add_object(root, "memory");
    json_add_number(object, "limit_bytes", (double)memory->limit_bytes);
    json_add_string(object, "limit_origin", memory->limit_origin);
    json_add_number(object, "baseline_bytes", (double)memory->baseline_bytes);
    json_add_number(object, "predicted_bytes", (double)memory->predicted_bytes);
    json_add_number(object, "measured_bytes", (double)memory->measured_bytes);
    json_add_number(object, "peak_rss_bytes", (double)memory->peak_rss_bytes);
    json_add_number(object, "frame_bytes", (double)memory->frame_bytes);
}

static void write_sandbox(struct json *root, const struct report_sandbox *sandbox)
{
    struct json *object = json_add_object(root, "sandbox");
    json_add_bool(object, "known", sandbox->known);
    json_add_bool(object, "files", sandbox->files);
    json_add_bool(object, "calls", sandbox->calls);
}

static void write_said(struct json *root, const struct shard_content *content)
{
    struct json *settings = json_add_object(root, "settings");
    for (int i = 0; i < settings_row_count(); i++) {
        char text[SETTING_FORMAT_BYTES];
        settings_format(&content->settings->values, i, text, sizeof(text));
        json_add_string(settings, settings_row(i)->name, text);
    }
    struct json *warnings = json_add_array(root, "warnings");
    for (int i = 0; i < content->warnings->length; i++)
        json_append_string(warnings, content->warnings->texts[i]);
    struct json *events = json_add_array(root, "events");
    for (int i = 0; i < content->journal->length; i++) {
        struct json *event = json_append_object(events);
        json_add_number(event, "time_s", content->journal->events[i].time_s);
        json_add_string(event, "text", content->journal->events[i].text);
    }
}

static double microseconds_of(int64_t time_ns)
{
    const int64_t time_us = time_ns / 1000;
    return (double)time_us;
}

enum po_status shard_record_write(const struct shard_record *record,
                                  const struct shard_content *content, const char *path,
                                  struct po_error *error)
{
    struct json *root = json_new_object();
    json_add_number(root, "schema", SHARD_SCHEMA);
    json_add_number(root, "shard", record->shard.number);
    json_add_number(root, "of", record->shard.count);
    json_add_string(root, "plan", record->plan);
    json_add_string(root, "host", record->host);
    json_add_number(root, "process", record->process);
    json_add_bool(root, "ended", record->ended);
    json_add_number(root, "began_us", microseconds_of(record->began_ns));
    json_add_number(root, "touched_us", microseconds_of(record->touched_ns));
    json_add_number(root, "exit_status", record->exit_status);
    json_add_number(root, "workers", record->workers);
    json_add_number(root, "batch_size", record->batch_size);
    write_memory(root, &record->memory);
    write_sandbox(root, &record->sandbox);
    write_said(root, content);
    write_frames(root, &record->shard, content->state);
    enum po_status status = sealed_json_write(root, path, error);
    json_free(root);
    return status;
}

static void read_memory(const struct json *node, struct report_memory *memory)
{
    memory->limit_bytes = record_read_integer(json_get(node, "limit_bytes"));
    (void)record_read_text(json_get(node, "limit_origin"), memory->limit_origin,
                           sizeof(memory->limit_origin));
    memory->baseline_bytes = record_read_integer(json_get(node, "baseline_bytes"));
    memory->predicted_bytes = record_read_integer(json_get(node, "predicted_bytes"));
    memory->measured_bytes = record_read_integer(json_get(node, "measured_bytes"));
    memory->peak_rss_bytes = record_read_integer(json_get(node, "peak_rss_bytes"));
    memory->frame_bytes = record_read_integer(json_get(node, "frame_bytes"));
}

static int64_t read_time_ns(const struct json *node)
{
    return (int64_t)record_read_integer(node) * 1000;
}

enum po_status shard_record_read(const char *path, struct shard_record *record,
                                 struct po_error *error)
{
    *record = (struct shard_record){0};
    enum po_status status = sealed_json_read(path, SHARD_MAX_BYTES, &record->tree, error);
    if (status != PO_OK)
        return status;
    const struct json *tree = record->tree;
    const struct json *sandbox = json_get(tree, "sandbox");
    record->shard.number = record_read_int(json_get(tree, "shard"));
    record->shard.count = record_read_int(json_get(tree, "of"));
    (void)record_read_text(json_get(tree, "plan"), record->plan, sizeof(record->plan));
    (void)record_read_text(json_get(tree, "host"), record->host, sizeof(record->host));
    record->process = record_read_int(json_get(tree, "process"));
    record->ended = json_bool(json_get(tree, "ended"), false);
    record->began_ns = read_time_ns(json_get(tree, "began_us"));
    record->touched_ns = read_time_ns(json_get(tree, "touched_us"));
    record->exit_status = record_read_int(json_get(tree, "exit_status"));
    record->workers = record_read_int(json_get(tree, "workers"));
    record->batch_size = record_read_int(json_get(tree, "batch_size"));
    read_memory(json_get(tree, "memory"), &record->memory);
    record->sandbox =
        (struct report_sandbox){.known = json_bool(json_get(sandbox, "known"), false),
                                .files = json_bool(json_get(sandbox, "files"), false),
                                .calls = json_bool(json_get(sandbox, "calls"), false)};
    if (record_read_int(json_get(tree, "schema")) == SHARD_SCHEMA &&
        record->shard.number >= 1 && record->shard.number <= record->shard.count)
        return PO_OK;
    shard_record_release(record);
    return po_fail(error, PO_BAD_FORMAT, "%s: not a shard's record", path);
}

void shard_record_release(struct shard_record *record)
{
    json_free(record->tree);
    *record = (struct shard_record){0};
}

const struct json *shard_record_frames(const struct shard_record *record)
{
    return json_first(json_get(record->tree, "frames"));
}

/* The next whole number of a line, from 0 to `limit`. */
static bool take_number(const char **text, uint64_t limit, uint64_t *number)
{
    char *end;
    while (**text == ' ')
        ++*text;
    if (**text < '0' || **text > '9')
        return false;
    *number = strtoull(*text, &end, 10);
    *text = end;
    return *number <= limit && (*end == ' ' || *end == '\0');
}

bool shard_record_frame(const struct json *line, int frame_count, int *frame,
                        struct frame_state *row)
{
    enum { INDEX, STATUS, CAUSE, SIGNAL, STAGE, ATTEMPTS, LEVEL, FLAGS, LATENCY, POINTS };
    static const uint64_t limits[] = {[INDEX] = INT32_MAX,
                                      [STATUS] = PO_FRAME_OUT_OF_MEMORY,
                                      [CAUSE] = -(int)PO_CHANGED,
                                      [SIGNAL] = 128,
                                      [STAGE] = EVENT_STAGES - 1,
                                      [ATTEMPTS] = INT32_MAX,
                                      [LEVEL] = 16,
                                      [FLAGS] = 3,
                                      [LATENCY] = UINT64_MAX,
                                      [POINTS] = UINT64_MAX};
    uint64_t numbers[sizeof(limits) / sizeof(limits[0])];
    const char *text = json_string(line, "");
    *row = (struct frame_state){0};
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
        if (!take_number(&text, limits[i], &numbers[i]))
            return false;
    for (int i = 0; i < EVENT_STAGES; i++) {
        uint64_t stage_us;
        if (!take_number(&text, UINT32_MAX, &stage_us))
            return false;
        row->stage_us[i] = (uint32_t)stage_us;
    }
    if (numbers[INDEX] >= (uint64_t)frame_count)
        return false;
    *frame = (int)numbers[INDEX];
    row->status = (enum po_frame_status)numbers[STATUS];
    row->cause = (enum po_status)(-(int)numbers[CAUSE]);
    row->signal = (int)numbers[SIGNAL];
    row->stage = (int)numbers[STAGE];
    row->attempts = (int)numbers[ATTEMPTS];
    row->degradation = (int)numbers[LEVEL];
    row->match_reused = (numbers[FLAGS] & LINE_MATCH_REUSED) != 0;
    row->incomplete = (numbers[FLAGS] & LINE_INCOMPLETE) != 0;
    row->latency_ms = (double)numbers[LATENCY] * 1e-3;
    row->points = numbers[POINTS];
    row->message = text[0] == ' ' ? strdup(text + 1) : NULL;
    return true;
}
