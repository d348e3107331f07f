/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every call of the system under records and reports fails in turn: what was there stays
 * whole or is replaced whole, the error names the file, and a record that cannot be read
 * is not taken for a broken one. And what lies at the bounds of their tables.
 */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/input_file.h"
#include "base/json_file.h"
#include "record/input_state.h"
#include "record/json_writer.h"
#include "record/member_table.h"
#include "record/record_shelf.h"
#include "record/run_report.h"
#include "support/record_fixture.h"

static struct frame_record back;

static enum po_status write_record(struct po_error *error)
{
    return write_to(at("frame.json"), error);
}

static char *whole;

static void judge_record(enum po_status status, const struct po_error *error)
{
    (void)error;
    assert_true(status == PO_OK || input_status_is_passing(status));
    if (status != PO_OK)
        return; /* the folder it is built in is given up */
    char *text = content_of("frame.json");
    assert_string_equal(text, whole);
    free(text);
}

static void a_full_record_comes_back(void **state)
{
    (void)state;
    struct po_error error = {0};
    fill(&record);
    assert_int_equal(write_record(&error), PO_OK);
    assert_int_equal(frame_record_read(at("frame.json"), &back, &error), PO_OK);
    assert_string_equal(back.id, record.id);
    assert_int_equal(back.input_count, RECORD_INPUTS_MAX);
    assert_int_equal(back.artefact_count, RECORD_ARTEFACTS_MAX);
    assert_string_equal(back.artefacts[RECORD_ARTEFACTS_MAX - 1].name, "artefact11");
    assert_int_equal(frame_record_count(&back, "count7"), 8);
    assert_int_equal(back.count_count, COUNT_LIST_MAX);
    assert_string_equal(back.warnings.texts[WARNING_LIST_MAX - 1],
                        record.warnings.texts[WARNING_LIST_MAX - 1]);
    assert_int_equal(back.warnings.dropped, 1); /* "3 more warnings" */
    whole = content_of("frame.json");
    assert_non_null(strstr(whole, "\"3 more warnings\""));
    assert_non_null(strstr(whole, "frame \\\"1\\\" of C:\\\\x\\u001f"));
    assert_true(fail_each(write_record, judge_record) > 5);
    free(whole);
}

static enum po_status read_record(struct po_error *error)
{
    return frame_record_read(at("frame.json"), &back, error);
}

static void judge_reading(enum po_status status, const struct po_error *error)
{
    (void)error;
    assert_true(status == PO_OK || input_status_is_passing(status));
    if (status == PO_OK)
        assert_memory_equal(back.artefacts, record.artefacts, sizeof(back.artefacts));
}

static void a_record_that_cannot_be_read_is_not_broken(void **state)
{
    (void)state;
    fill(&record);
    assert_int_equal(write_record(NULL), PO_OK);
    assert_true(fail_each(read_record, judge_reading) > 3);
}

/* Puts `member` in place of one of a good record's; whether it is still read. */
static bool reads_with(const char *old, const char *new)
{
    struct po_error error = {0};
    static char text[1 << 16];
    const char *place = strstr(whole, old);
    assert_non_null(place);
    (void)snprintf(text, sizeof(text), "%.*s%s%s", (int)(place - whole), whole, new,
                   place + strlen(old));
    test_folder_write(&folder, "changed.json", text);
    enum po_status status = frame_record_read(at("changed.json"), &back, &error);
    if (status != PO_OK) {
        assert_int_equal(status, PO_BAD_FORMAT);
        assert_non_null(strstr(error.message, "changed.json"));
    }
    return status == PO_OK;
}

static void records_beyond_their_bounds_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *old, *new;
        bool is_read;
    } changes[] = {
        {"\"artefact3\"", "\"\"", false},
        {"\"artefact3\"", "\".\"", false},
        {"\"artefact3\"", "\"..\"", false},
        {"\"artefact3\"", "\"a/b\"", false},
        {"\"artefact3\"", "\"..a\"", true},
        {"\"artefacts\": [", "\"artefacts\": [{\"name\": \"more\", \"hash\": \"\"},",
         false},
        {"\"inputs\": [",
         "\"inputs\": [{\"role\": \"left\", \"name\": \"n\", \"hash\": \"\"},", false},
        {"\"count0\": 1", "\"count0\": 1, \"one more\": 2", false},
        {"\"count0\"",
         "\"a name of a count that is longer than any that this program writes\"", false},
        /* A member twice counts once, a member of another kind as absent. */
        {"\"profile\": \"\"", "\"profile\": \"\", \"profile\": \"\"", true},
        {"\"profile\": \"\"", "\"profile\": 7", false},
        {"\"profile\": \"\"", "\"something\": 7", false},
        {"\"points\": 0", "\"points\": \"none\"", true},
        {"\"points\": 0", "\"points\": -3", true},
        {"\"points\": 0", "\"points\": 1e300", true},
        {"\"points\": 0", "\"points\": 0.5", true},
        {"\"counts\": {", "\"counts\": 7, \"x\": {", true},
    };
    struct po_error error = {0};
    fill(&record);
    assert_int_equal(write_record(&error), PO_OK);
    whole = content_of("frame.json");
    for (int i = 0; i < COUNT(changes); i++) {
        if (reads_with(changes[i].old, changes[i].new) != changes[i].is_read)
            fail_msg("%s", changes[i].new);
        if (changes[i].is_read)
            assert_int_equal(back.points, 0);
    }
    free(whole);
}

/* Eight frames of all ends; more stages than a report lists. */
static void some_frame(void *context, int index, struct report_frame *frame)
{
    static const char *const ids[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    static const char *const stages[] = {"s0", "s1", "s2", "s3",  "s4",      "s5", "s6",
                                         "s7", "s8", "s9", "s10", "network", "s12"};
    static const enum po_frame_status ends[] = {
        PO_FRAME_DONE,      PO_FRAME_DONE,    PO_FRAME_REUSED,        PO_FRAME_FAILED,
        PO_FRAME_TIMED_OUT, PO_FRAME_CRASHED, PO_FRAME_OUT_OF_MEMORY, PO_FRAME_PENDING};
    (void)context;
    frame->id = ids[index];
    frame->status = ends[index];
    frame->record = index == 0 ? &record : NULL; /* one was lost */
    if (frame->status != PO_FRAME_DONE)
        return;
    frame->latency_ms = index == 0 ? 10 : 30;
    frame->stage_count = index == 0 ? REPORT_STAGES_MAX : 1;
    for (int i = 0; i < frame->stage_count; i++)
        frame->stages[i] = (struct report_stage){stages[index == 0 ? i : 12], 2.0 + i};
}

static struct settings_set settings;
static struct run_report report;

static void make_report(void)
{
    static const struct report_shard shards[] = {
        {.number = 1, .count = 2, .end = "ended", .host = "one", .wall_s = 1},
        {.number = 2, .count = 2, .end = "died", .wall_s = NAN}};
    settings_set_init(&settings);
    report = (struct run_report){.settings = &settings,
                                 .output_directory = "/out",
                                 .wall_s = 2,
                                 .first_frame_s = NAN,
                                 .idle_share = NAN,
                                 .frames_per_second = 1,
                                 .shard_count = 2,
                                 .shards = shards,
                                 .frame_count = 8,
                                 .frame = some_frame};
    fill(&record);
}

static void all_ends_are_counted(void **state)
{
    (void)state;
    struct po_error error = {0};
    make_report();
    assert_int_equal(run_report_count(&report, &error), PO_OK);
    const struct report_totals *totals = &report.totals;
    assert_int_equal(totals->found, 8);
    assert_int_equal(totals->done, 2);
    assert_int_equal(totals->reused, 1);
    assert_int_equal(totals->failed, 1);
    assert_int_equal(totals->timed_out, 1);
    assert_int_equal(totals->crashed, 1);
    assert_int_equal(totals->out_of_memory, 1);
    assert_int_equal(totals->not_run, 1);
    assert_int_equal(totals->stage_count, REPORT_STAGES_MAX);
    assert_true(totals->latency_p50_ms == 10 && totals->latency_p99_ms == 30);
    assert_int_equal(totals->warnings, WARNING_LIST_MAX + 3);
    assert_int_equal(report.network.frames, 1);
    for (int i = 0; i < totals->stage_count; i++)
        assert_true(totals->stages[i].ms == 2.0 + i); /* the 13th is nobody's */
    for (int number = 1; number <= 2; number++) {
        fail_call(CALL_MEMORY, number, ENOMEM);
        enum po_status status = run_report_count(&report, &error);
        assert_int_equal(status, mend_calls() ? PO_OUT_OF_MEMORY : PO_OK);
    }
}

static enum po_status write_report(struct po_error *error)
{
    return run_report_write(&report, at(RUN_REPORT_FILE), error);
}

static const char old_report[] = "{\"program\": \"process_offline\"}";

static void judge_report(enum po_status status, const struct po_error *error)
{
    (void)error;
    assert_true(status == PO_OK || input_status_is_passing(status));
    char *text = content_of(RUN_REPORT_FILE);
    assert_non_null(text);
    /* A close or a sync of the folder may fail behind the rename. */
    if (strcmp(text, whole) != 0) {
        assert_string_equal(text, old_report);
        assert_int_not_equal(status, PO_OK);
    }
    free(text);
    test_folder_write(&folder, RUN_REPORT_FILE, old_report);
}

static void a_report_is_old_or_new(void **state)
{
    (void)state;
    struct po_error error = {0};
    make_report();
    assert_int_equal(run_report_count(&report, &error), PO_OK);
    assert_int_equal(write_report(&error), PO_OK);
    whole = content_of(RUN_REPORT_FILE);
    test_folder_write(&folder, RUN_REPORT_FILE, old_report);
    assert_true(fail_each(write_report, judge_report) > 5);
    free(whole);
    struct json *root = NULL;
    assert_int_equal(write_report(&error), PO_OK);
    assert_int_equal(json_read_file(at(RUN_REPORT_FILE), 1 << 20, &root, &error), PO_OK);
    const struct json *shard = json_first(json_get(root, "shards"));
    assert_string_equal(json_string(json_get(shard, "host"), ""), "one");
    assert_true(json_number(json_get(shard, "exit_status"), -1) == 0);
    shard = json_next(shard);
    assert_int_equal(json_type(json_get(shard, "host")), JSON_NULL);
    assert_int_equal(json_type(json_get(shard, "exit_status")), JSON_NULL);
    const struct json *lost = json_next(json_first(json_get(root, "frames")));
    assert_string_equal(json_string(json_get(lost, "status"), ""), "done");
    assert_int_equal(json_type(json_get(lost, "scores")), JSON_NULL);
    json_free(root);
}

static struct past_report past;

static enum po_status read_report(struct po_error *error)
{
    past_report_release(&past); /* what no call failed in is not judged */
    return run_report_read(at(RUN_REPORT_FILE), &past, error);
}

static void judge_past(enum po_status status, const struct po_error *error)
{
    (void)error;
    assert_true(status == PO_OK || input_status_is_passing(status));
    assert_int_equal(past.frame_count, status == PO_OK ? 8 : 0);
    past_report_release(&past);
}

static void a_report_that_cannot_be_read_is_not_broken(void **state)
{
    (void)state;
    struct po_error error = {0};
    make_report();
    assert_int_equal(run_report_count(&report, &error), PO_OK);
    assert_int_equal(write_report(&error), PO_OK);
    assert_true(fail_each(read_report, judge_past) > 3);
    past_report_release(&past);
}

static struct input_state inputs;
static struct input_state read_inputs;

static enum po_status write_inputs(struct po_error *error)
{
    return input_state_write(&inputs, at("inputs"), error);
}

static enum po_status read_back_inputs(struct po_error *error)
{
    return input_state_read(at("inputs"), &read_inputs, error);
}

static void judge_inputs(enum po_status status, const struct po_error *error)
{
    (void)error;
    struct po_error cause = {0};
    assert_true(status == PO_OK || input_status_is_passing(status));
    assert_int_equal(input_state_read(at("inputs"), &read_inputs, &cause), PO_OK);
    assert_true(read_inputs.count == inputs.count ||
                (status != PO_OK && read_inputs.count == 1));
    inputs.count = 1;
    assert_int_equal(input_state_write(&inputs, at("inputs"), &cause), PO_OK);
    inputs.count = INPUT_STATE_MAX;
}

static void judge_inputs_read(enum po_status status, const struct po_error *error)
{
    (void)error;
    assert_true(status == PO_OK || input_status_is_passing(status));
    assert_int_equal(read_inputs.count, status == PO_OK ? INPUT_STATE_MAX : 0);
}

static void inputs_are_old_or_new(void **state)
{
    (void)state;
    struct po_error error = {0};
    inputs = (struct input_state){.count = INPUT_STATE_MAX, .has_record = true};
    assert_int_equal(write_inputs(&error), PO_OK);
    assert_true(fail_each(read_back_inputs, judge_inputs_read) > 2);
    char *text = content_of("inputs");
    const char *line = strchr(text, '\n') + 1;
    char more[8192];
    (void)snprintf(more, sizeof(more), "%s%.*s\n", text, (int)strcspn(line, "\n"), line);
    test_folder_write(&folder, "inputs", more); /* one more than there can be */
    assert_int_equal(read_back_inputs(&error), PO_BAD_FORMAT);
    assert_int_equal(read_inputs.count, 0);
    free(text);
    inputs.count = 1;
    assert_int_equal(write_inputs(&error), PO_OK);
    inputs.count = INPUT_STATE_MAX;
    assert_true(fail_each(write_inputs, judge_inputs) > 5);
}

/* A shelf without room, or without memory, leaves records to their files. */
static void a_shelf_without_room_keeps_nothing(void **state)
{
    (void)state;
    struct record_shelf shelf;
    struct po_error error = {0};
    fill(&record);
    for (int number = 1; number <= 4; number++) {
        fail_call(CALL_MEMORY, number, ENOMEM);
        enum po_status status = record_shelf_init(&shelf, 3, &error);
        assert_int_equal(status, mend_calls() ? PO_OUT_OF_MEMORY : PO_OK);
        record_shelf_release(&shelf);
        record_shelf_put(&shelf, 0, &record); /* a released one takes nothing */
        assert_false(record_shelf_get(&shelf, 0, &back));
    }
    assert_int_equal(record_shelf_init(&shelf, 3, &error), PO_OK);
    fail_call(CALL_MEMORY, 1, ENOMEM);
    record_shelf_put(&shelf, 0, &record);
    assert_int_equal(record_shelf_get(&shelf, 0, &back), !mend_calls());
    record_shelf_put(&shelf, 1, &record);
    assert_true(record_shelf_get(&shelf, 1, &back));
    assert_string_equal(back.id, record.id);
    record.points = 7;
    record_shelf_put(&shelf, 1, &record); /* the first one stays */
    assert_true(record_shelf_get(&shelf, 1, &back));
    assert_int_equal(back.points, 0);
    size_t bytes = shelf.bytes;
    shelf.bytes = (size_t)1 << 40;
    record_shelf_put(&shelf, 2, &record);
    assert_false(record_shelf_get(&shelf, 2, &back));
    shelf.bytes = bytes;
    record_shelf_put(&shelf, 2, &record);
    assert_true(record_shelf_get(&shelf, 2, &back));
    assert_int_equal(back.points, 7);
    record_shelf_release(&shelf);
}

/* An error sticks; deeper than there is room for is one. */
static void nesting_has_an_end(void **state)
{
    (void)state;
    struct json_writer writer;
    struct po_error error = {0};
    assert_int_equal(atomic_file_open(&file, at("deep.json"), &error), PO_OK);
    json_writer_begin(&writer, &file, &error);
    for (int i = 1; i < JSON_WRITER_DEPTH; i++)
        json_writer_array(&writer, i == 1 ? "a" : NULL);
    assert_int_equal(writer.status, PO_OK);
    json_writer_array(&writer, NULL);
    assert_int_equal(writer.status, PO_INTERNAL);
    json_writer_object(&writer, NULL);
    assert_int_equal(json_writer_end(&writer), PO_INTERNAL);
    assert_non_null(strstr(error.message, "nested too deep"));
    atomic_file_discard(&file);
    assert_int_not_equal(access(at("deep.json"), F_OK), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(a_full_record_comes_back),
        FOLDER_TEST(a_record_that_cannot_be_read_is_not_broken),
        FOLDER_TEST(records_beyond_their_bounds_are_refused),
        FOLDER_TEST(all_ends_are_counted),
        FOLDER_TEST(a_report_is_old_or_new),
        FOLDER_TEST(a_report_that_cannot_be_read_is_not_broken),
        FOLDER_TEST(inputs_are_old_or_new),
        FOLDER_TEST(a_shelf_without_room_keeps_nothing),
        FOLDER_TEST(nesting_has_an_end),
    };
    if (access("/dev/shm", W_OK) == 0)
        (void)setenv("TMPDIR", "/dev/shm", 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
