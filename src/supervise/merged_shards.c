/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/merged_shards.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/own_directory.h"
#include "base/path.h"
#include "record/record_json.h"
#include "store/shard_settings.h"

#define RECORD_SUFFIX ".json"

/* What is collected on the way. */
struct merge {
    struct session_run *run;
    struct merged_shards *merged;
    int capacity;
    int64_t first_ns;
    int64_t last_ns;
    struct frame_state *said; /* by frame: what a record says of it; PENDING: nothing */
    struct shard_settings settings; /* of the first shard, to compare with */
};

static int compare_shards(const void *a, const void *b)
{
    const struct report_shard *x = a;
    const struct report_shard *y = b;
    return x->count != y->count ? x->count - y->count : x->number - y->number;
}

static enum po_status add_shard(struct merge *merge, const struct report_shard *shard,
                                struct po_error *error)
{
    struct merged_shards *merged = merge->merged;
    if (merged->shard_count == merge->capacity) {
        int capacity = 2 * merge->capacity + 16;
        struct report_shard *grown =
            realloc(merged->shards, (size_t)capacity * sizeof(*grown));
        if (grown == NULL)
            return po_fail(error, PO_OUT_OF_MEMORY, "no memory for %d shards", capacity);
        merged->shards = grown;
        merge->capacity = capacity;
    }
    merged->shards[merged->shard_count++] = *shard;
    return PO_OK;
}

static void warn(struct session_run *run, const char *text)
{
    warning_list_add(&run->warnings, "%s", text);
    log_warning("%s", text);
}

static void grow(uint64_t *most, uint64_t value)
{
    if (value > *most)
        *most = value;
}

static void add_memory(struct report_memory *sum, const struct report_memory *memory)
{
    if (memory->limit_bytes > sum->limit_bytes)
        memcpy(sum->limit_origin, memory->limit_origin, sizeof(sum->limit_origin));
    grow(&sum->limit_bytes, memory->limit_bytes);
    grow(&sum->baseline_bytes, memory->baseline_bytes);
    grow(&sum->predicted_bytes, memory->predicted_bytes);
    grow(&sum->measured_bytes, memory->measured_bytes);
    grow(&sum->peak_rss_bytes, memory->peak_rss_bytes);
    grow(&sum->frame_bytes, memory->frame_bytes);
}

/* What holds in all of those that had children. */
static void add_sandbox(struct report_sandbox *sum, const struct report_sandbox *sandbox)
{
    if (!sandbox->known)
        return;
    sum->files = sandbox->files && (!sum->known || sum->files);
    sum->calls = sandbox->calls && (!sum->known || sum->calls);
    sum->known = true;
}

static void add_texts(struct merge *merge, const struct shard_record *record)
{
    struct session_run *run = merge->run;
    const struct json *node = json_first(json_get(record->tree, "warnings"));
    for (; node != NULL; node = json_next(node))
        warning_list_add(&run->warnings, "%s", json_string(node, ""));
    node = json_first(json_get(record->tree, "events"));
    for (; node != NULL; node = json_next(node)) {
        int before = run->journal.length;
        run_journal_add(&run->journal, "shard %d of %d: %s", record->shard.number,
                        record->shard.count, json_string(json_get(node, "text"), ""));
        if (run->journal.length > before)
            run->journal.events[before].time_s = json_number(json_get(node, "time_s"), 0);
    }
}

/* A result wins over a failure of the same frame in another division. */
static bool says_more(const struct frame_state *said, const struct frame_state *row)
{
    bool was_done = said->status == PO_FRAME_DONE || said->status == PO_FRAME_REUSED;
    return said->status == PO_FRAME_PENDING || row->status == PO_FRAME_DONE ||
           (row->status == PO_FRAME_REUSED && !was_done);
}

static int add_frames(struct merge *merge, const struct shard_record *record)
{
    int count = 0;
    const struct json *line = shard_record_frames(record);
    for (; line != NULL; line = json_next(line)) {
        int frame;
        struct frame_state row;
        if (!shard_record_frame(line, merge->run->state.frame_count, &frame, &row))
            continue;
        count++;
        if (says_more(&merge->said[frame], &row)) {
            char *before = merge->said[frame].message;
            merge->said[frame] = row;
            row.message = before;
        }
        free(row.message);
    }
    return count;
}

static void refuse_other_plan(struct merge *merge, const struct shard_record *record)
{
    char text[WARNING_BYTES];
    char differences[WARNING_BYTES / 2];
    shard_settings_differences(&merge->run->plan, record, differences,
                               sizeof(differences));
    (void)snprintf(
        text, sizeof(text),
        "shard %d of %d ran by another plan (%s): what it says does not count; "
        "run it again",
        record->shard.number, record->shard.count, differences);
    warn(merge->run, text);
}

static void add_record(struct merge *merge, const struct shard_record *record,
                       struct report_shard *shard)
{
    struct merged_shards *merged = merge->merged;
    (void)snprintf(shard->host, sizeof(shard->host), "%s", record->host);
    if (strcmp(record->plan, merge->run->plan.name) != 0) {
        shard->end = "other_plan";
        refuse_other_plan(merge, record);
        return;
    }
    shard->end = record->ended ? "ended" : "died";
    shard->exit_status = record->exit_status;
    shard_settings_compare(&merge->settings, record, &merge->run->journal);
    add_texts(merge, record);
    shard->frames = add_frames(merge, record);
    if (merge->first_ns == 0 || record->began_ns < merge->first_ns)
        merge->first_ns = record->began_ns;
    if (record->touched_ns > merge->last_ns)
        merge->last_ns = record->touched_ns;
    if (!record->ended)
        return;
    shard->wall_s = (double)(record->touched_ns - record->began_ns) * 1e-9;
    merged->workers += record->workers;
    if (record->batch_size > merged->batch_size)
        merged->batch_size = record->batch_size;
    add_memory(&merged->memory, &record->memory);
    add_sandbox(&merged->sandbox, &record->sandbox);
}

static enum po_status read_record(struct merge *merge, const struct shard *shard,
                                  struct po_error *error)
{
    char path[ATOMIC_FILE_PATH_BYTES];
    struct shard_record record;
    struct po_error cause = {0};
    struct report_shard line = {
        .number = shard->number, .count = shard->count, .end = "died", .wall_s = NAN};
    enum po_status status =
        shard_path(merge->run->paths.shards, shard, RECORD_SUFFIX, path, error);
    if (status != PO_OK)
        return status;
    status = shard_record_read(path, &record, &cause);
    if (status == PO_IO || status == PO_OUT_OF_MEMORY)
        return po_fail(error, status, "%s", cause.message);
    if (status != PO_OK)
        warn(merge->run, cause.message); /* a torn one is as good as none */
    else
        add_record(merge, &record, &line);
    shard_record_release(&record);
    return add_shard(merge, &line, error);
}

static bool grow_list(struct shard **list, int *capacity)
{
    int more = 2 * *capacity + 16;
    struct shard *grown = realloc(*list, (size_t)more * sizeof(*grown));
    if (grown == NULL)
        return false;
    *list = grown;
    *capacity = more;
    return true;
}

/* In the order of the shards, so that two merges say the same. */
static enum po_status list_records(const char *folder_path, struct shard **list,
                                   int *count, struct po_error *error)
{
    int capacity = 0;
    const struct dirent *entry;
    DIR *folder = opendir(folder_path);
    *list = NULL;
    *count = 0;
    if (folder == NULL)
        return errno == ENOENT ? PO_OK : directory_failed("open", folder_path, error);
    enum po_status status = PO_OK;
    errno = 0;
    while (status == PO_OK && (entry = readdir(folder)) != NULL) {
        struct shard shard;
        if (shard_name_parse(entry->d_name, RECORD_SUFFIX, &shard)) {
            if (*count == capacity && !grow_list(list, &capacity))
                status = po_fail(error, PO_OUT_OF_MEMORY,
                                 "no memory for more than %d shards", capacity);
            else
                (*list)[(*count)++] = shard;
        }
        errno = 0;
    }
    if (status == PO_OK && errno != 0)
        status = directory_failed("list", folder_path, error);
    (void)closedir(folder);
    return status;
}

static int compare_numbers(const void *a, const void *b)
{
    const struct shard *x = a;
    const struct shard *y = b;
    return x->count != y->count ? x->count - y->count : x->number - y->number;
}

static enum po_status read_records(struct merge *merge, struct po_error *error)
{
    struct shard *list;
    int count;
    enum po_status status = list_records(merge->run->paths.shards, &list, &count, error);
    if (count > 1)
        qsort(list, (size_t)count, sizeof(*list), compare_numbers);
    for (int i = 0; i < count && status == PO_OK; i++)
        status = read_record(merge, &list[i], error);
    free(list);
    return status;
}

/* Two shards of this plan whose divisions differ; false: they share the first one, or 0
 * when there are none. */
static bool find_mixed(const struct merged_shards *merged, int counts[2])
{
    counts[0] = 0;
    for (int i = 0; i < merged->shard_count; i++) {
        counts[1] = merged->shards[i].count;
        if (strcmp(merged->shards[i].end, "other_plan") == 0)
            continue;
        if (counts[0] != 0 && counts[1] != counts[0])
            return true;
        counts[0] = counts[1];
    }
    return false;
}

static bool has_shard(const struct merged_shards *merged, int known, int number)
{
    for (int i = 0; i < known; i++)
        if (merged->shards[i].count == merged->parts &&
            merged->shards[i].number == number)
            return true;
    return false;
}

/* Of each N there may be at most one record, so a division is small. */
static enum po_status add_never_begun(struct merge *merge, struct po_error *error)
{
    struct merged_shards *merged = merge->merged;
    int known = merged->shard_count;
    int frames = merge->run->state.frame_count;
    int counts[2];
    enum po_status status = PO_OK;
    merged->parts = find_mixed(merged, counts) ? 0 : counts[0];
    for (int number = 1; number <= merged->parts && status == PO_OK; number++) {
        const struct report_shard line = {.number = number,
                                          .count = merged->parts,
                                          .end = "never_began",
                                          .wall_s = NAN};
        const struct shard shard = {number, merged->parts, merged->unit};
        if (!has_shard(merged, known, number) && shard_session_frame(&shard, 0) < frames)
            status = add_shard(merge, &line, error);
    }
    if (merged->shard_count > 1)
        qsort(merged->shards, (size_t)merged->shard_count, sizeof(*merged->shards),
              compare_shards);
    return status;
}

/* Why nothing is known of a frame. */
static const char *why_pending(const struct merged_shards *merged, int frame, char *text,
                               size_t text_bytes)
{
    int number =
        merged->parts > 0 ? shard_of_frame(frame, merged->parts, merged->unit) : 0;
    if (merged->parts == 0)
        return merged->shard_count == 0 ? "no shard has begun" : "no shard says anything";
    for (int i = 0; i < merged->shard_count; i++) {
        const struct report_shard *shard = &merged->shards[i];
        if (shard->number != number || shard->count != merged->parts)
            continue;
        if (strcmp(shard->end, "died") == 0)
            (void)snprintf(text, text_bytes, "shard %d of %d died on %s", number,
                           merged->parts, shard->host);
        else if (strcmp(shard->end, "never_began") == 0)
            (void)snprintf(text, text_bytes, "shard %d of %d never began", number,
                           merged->parts);
        else
            (void)snprintf(text, text_bytes, "shard %d of %d ended before it (status %d)",
                           number, merged->parts, shard->exit_status);
        return text;
    }
    return "no shard says anything";
}

/* What is on disk is done, whatever is said; a failure holds as it was said. */
static void end_frame(struct merge *merge, const struct resume *resume, int frame)
{
    char why[WARNING_BYTES];
    struct session_run *run = merge->run;
    struct frame_state *said = &merge->said[frame];
    struct frame_state *row = &run->state.frames[frame];
    bool says_done = said->status == PO_FRAME_DONE || said->status == PO_FRAME_REUSED;
    if (resume_is_committed(resume, frame)) {
        enum po_frame_status status = says_done ? said->status : PO_FRAME_REUSED;
        if (says_done)
            *row = *said;
        row->status = PO_FRAME_PENDING;
        row->message = NULL;
        row->points = run->record->points;
        row->incomplete = run->record->lacks;
        record_shelf_put(&run->shelf, frame, run->record);
        run_state_end(&run->state, frame, status, PO_OK, NULL);
    } else if (says_done) {
        run_state_note(&run->state, frame,
                       "its result was there and is gone; run its "
                       "shard again");
    } else if (said->status != PO_FRAME_PENDING) {
        *row = *said;
        row->status = PO_FRAME_PENDING;
        row->message = NULL;
        run_state_end(&run->state, frame, said->status, said->cause, said->message);
    } else {
        run_state_note(&run->state, frame,
                       why_pending(merge->merged, frame, why, sizeof(why)));
    }
}

static void end_frames(struct merge *merge)
{
    const struct resume resume = session_resume(merge->run);
    for (int i = 0; i < merge->run->state.frame_count; i++) {
        if (merge->run->state.frames[i].status == PO_FRAME_PENDING)
            end_frame(merge, &resume, i);
        if (i % 64 == 0)
            link_lock_beat(&merge->run->link_lock);
    }
}

/* Shards that left frames behind, each in one sentence. */
static void report_missing(struct merge *merge)
{
    const struct merged_shards *merged = merge->merged;
    const struct run_state *state = &merge->run->state;
    for (int i = 0; i < merged->shard_count; i++) {
        const struct report_shard *shard = &merged->shards[i];
        char text[WARNING_BYTES];
        int missing = 0;
        bool died = strcmp(shard->end, "died") == 0;
        if (!died && strcmp(shard->end, "never_began") != 0)
            continue;
        const struct shard part = {shard->number, shard->count, merged->unit};
        int own = 0;
        for (int frame; (frame = shard_session_frame(&part, own)) < state->frame_count;
             own++)
            missing += state->frames[frame].status == PO_FRAME_PENDING;
        if (missing == 0)
            continue;
        (void)snprintf(text, sizeof(text),
                       "shard %d of %d %s%s: %d of its frames were not run; run it again",
                       shard->number, shard->count, died ? "died on " : "never began",
                       died ? shard->host : "", missing);
        warn(merge->run, text);
    }
}

/* Which shards are missing cannot be said when they share no division. */
static void report_mixed(struct merge *merge)
{
    const struct run_state *state = &merge->run->state;
    char text[WARNING_BYTES];
    int counts[2];
    int missing = 0;
    for (int i = 0; i < state->frame_count; i++)
        missing += state->frames[i].status == PO_FRAME_PENDING;
    if (missing == 0 || !find_mixed(merge->merged, counts))
        return;
    (void)snprintf(
        text, sizeof(text),
        "shards of different divisions ran (of %d, of %d), and %d frames are of "
        "none of them: run all shards of one division",
        counts[0], counts[1], missing);
    warn(merge->run, text);
}

enum po_status merged_shards_make(struct session_run *run, struct merged_shards *merged,
                                  struct po_error *error)
{
    *merged = (struct merged_shards){.unit = run->shard.unit};
    struct merge *merge = calloc(1, sizeof(*merge));
    struct frame_state *said =
        calloc((size_t)run->state.frame_count + 1, sizeof(*merge->said));
    if (merge == NULL || said == NULL) {
        free(said);
        free(merge);
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory to merge %d frames",
                       run->state.frame_count);
    }
    merge->run = run; /* one by one: as a literal it would be 40 KB of stack */
    merge->merged = merged;
    merge->said = said;
    enum po_status status = record_shelf_init(&run->shelf, run->state.frame_count, error);
    if (status == PO_OK)
        status = read_records(merge, error);
    if (status == PO_OK)
        status = add_never_begun(merge, error);
    if (status == PO_OK) {
        end_frames(merge);
        report_missing(merge);
        report_mixed(merge);
        merged->wall_s = (double)(merge->last_ns - merge->first_ns) * 1e-9;
    }
    for (int i = 0; i < run->state.frame_count; i++)
        free(said[i].message);
    free(said);
    free(merge);
    return status;
}

void merged_shards_release(struct merged_shards *merged)
{
    free(merged->shards);
    *merged = (struct merged_shards){0};
}

double merged_shards_wall_s(const struct merged_shards *merged)
{
    return merged->wall_s;
}

void merged_shards_report(const struct merged_shards *merged, struct run_report *report)
{
    report->workers = merged->workers;
    report->batch_size = merged->batch_size;
    report->memory = merged->memory;
    report->sandbox = merged->sandbox;
    report->shard_count = merged->shard_count;
    report->shards = merged->shards;
    report->idle_share = NAN;
    report->first_frame_s = NAN;
    report->survey_s = NAN;
}
