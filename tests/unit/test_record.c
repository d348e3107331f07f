/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/json_file.h"
#include "base/utf8.h"
#include "record/frame_record.h"
#include "record/input_state.h"
#include "record/record_shelf.h"
#include "record/run_report.h"
#include "support/test_folder.h"

static struct test_folder folder;
static struct atomic_file file; /* too large for a small stack */

static int make_folder(void **state)
{
    (void)state;
    test_folder_create(&folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    test_folder_remove(&folder);
    return 0;
}

static const char *in_folder(const char *name)
{
    return test_folder_path(&folder, name);
}

static void put_file(const char *name, const char *content)
{
    FILE *stream = fopen(in_folder(name), "wb");
    assert_non_null(stream);
    assert_int_equal(fwrite(content, 1, strlen(content), stream), strlen(content));
    assert_int_equal(fclose(stream), 0);
}

static void fill_record(struct frame_record *record)
{
    struct count_list counts = {0};
    frame_record_init(record);
    (void)snprintf(record->id, sizeof(record->id), "frame_000");
    (void)snprintf(record->key, sizeof(record->key), "0123456789abcdef");
    (void)snprintf(record->matcher, sizeof(record->matcher), "sgm balanced");
    (void)snprintf(record->cloud_unit, sizeof(record->cloud_unit), "mm");
    assert_true(
        frame_record_add_input(record, "left", "/some/where/l \"1\".png", 12345, "00ff"));
    record->has_rig = true;
    record->rig = (struct rectified_rig){.width_px = 640,
                                         .height_px = 480,
                                         .focal_px = 535.4 / 3,
                                         .focal_y_px = 535.4,
                                         .cx_px = 0.1,
                                         .baseline_mm = 193.001,
                                         .unit = RIG_MM};
    record->width_px = 640;
    record->downscale = 2;
    record->range_min_px = -16;
    record->range_count = 96;
    record->points = 123456789012ULL;
    record->depth_unit_mm = 2;
    record->extent = (struct record_extent){.min_mm = {-1.5, -2, 300},
                                            .max_mm = {1.5, 2, 1e4 / 3},
                                            .centroid_mm = {0, 0.25, 700},
                                            .median_depth_mm = 650.125};
    record->scores.present = true;
    record->scores.dense_all = (struct score){
        .present = true, .bad1 = 11.25, .bad2 = 100.0 / 3, .mae = 1.5, .pixels = 99};
    count_list_add(&counts, "speckle_dropped", 17);
    count_list_add(&counts, "left_right_dropped", 3);
    frame_record_set_counts(record, &counts);
    warning_list_add(&record->warnings, "rows are off by 0.7 px\tat left");
    assert_true(frame_record_add_artefact(record, "cloud.ply", 5, NULL));
}

static enum po_status write_record(const struct frame_record *record, const char *path)
{
    enum po_status status = atomic_file_open_plain(&file, path, false, NULL);
    if (status == PO_OK)
        status = frame_record_write(record, &file, NULL);
    if (status == PO_OK)
        status = atomic_file_publish(&file, NULL);
    atomic_file_discard(&file);
    return status;
}

static void frame_record_round_trips(void **state)
{
    (void)state;
    static struct frame_record written;
    static struct frame_record read;
    struct po_error error = {0};
    fill_record(&written);
    const char *path = in_folder(FRAME_RECORD_FILE);
    assert_int_equal(write_record(&written, path), PO_OK);
    assert_int_equal(frame_record_read(path, &read, &error), PO_OK);
    assert_string_equal(read.id, "frame_000");
    assert_string_equal(read.version, written.version);
    assert_string_equal(read.inputs[0].name, "l \"1\".png");
    assert_int_equal(read.inputs[0].size_bytes, 12345);
    assert_memory_equal(&read.rig, &written.rig, sizeof(read.rig));
    assert_int_equal(read.range_min_px, -16);
    assert_int_equal(read.points, 123456789012ULL);
    assert_memory_equal(&read.extent, &written.extent, sizeof(read.extent));
    assert_true(read.scores.dense_all.bad2 == 100.0 / 3);
    assert_int_equal(read.scores.dense_all.pixels, 99);
    assert_false(read.scores.dense_nonocc.present);
    assert_int_equal(frame_record_count(&read, "left_right_dropped"), 3);
    assert_int_equal(frame_record_count(&read, "unknown"), 0);
    assert_string_equal(read.warnings.texts[0], "rows are off by 0.7 px\tat left");
    assert_string_equal(read.artefacts[0].name, "cloud.ply");
}

/* All but the checksums, which no report shows, whatever differs between records. */
static void shelved_records_come_back(void **state)
{
    enum { RECORDS = 200 };
    (void)state;
    struct record_shelf shelf;
    struct frame_record *records = calloc(RECORDS, sizeof(*records));
    struct frame_record *back = calloc(1, sizeof(*back));
    assert_true(records != NULL && back != NULL);
    assert_int_equal(record_shelf_init(&shelf, RECORDS, NULL), PO_OK);
    unsigned seed = 7;
    for (int i = 0; i < RECORDS; i++) {
        unsigned char *bytes = (unsigned char *)&records[i];
        fill_record(&records[i]);
        memset(records[i].key, 0, sizeof(records[i].key));
        for (int k = 0; k < RECORD_INPUTS_MAX; k++)
            memset(records[i].inputs[k].hash, 0, sizeof(records[i].inputs[k].hash));
        for (int k = 0; k < RECORD_ARTEFACTS_MAX; k++)
            memset(records[i].artefacts[k].hash, 0, sizeof(records[i].artefacts[k].hash));
        for (int k = 0; k < i * i / 4; k++) {
            seed = seed * 1664525U + 1013904223U;
            size_t at = offsetof(struct frame_record, extent) +
                        (seed >> 8) % sizeof(records[i].extent);
            bytes[at] = (unsigned char)(seed >> 24);
        }
        bytes[sizeof(records[i]) - 1] = (unsigned char)i;
        record_shelf_put(&shelf, i, &records[i]);
    }
    for (int i = RECORDS - 1; i >= 0; i--) {
        assert_true(record_shelf_get(&shelf, i, back));
        assert_memory_equal(back, &records[i], sizeof(*back));
    }
    record_shelf_release(&shelf);
    assert_false(record_shelf_get(&shelf, 0, back));
    free(records);
    free(back);
}

static void empty_cloud_is_null(void **state)
{
    (void)state;
    static struct frame_record record;
    struct json *root = NULL;
    frame_record_init(&record);
    const char *path = in_folder("empty.json");
    assert_int_equal(write_record(&record, path), PO_OK);
    assert_int_equal(json_read_file(path, 1 << 20, &root, NULL), PO_OK);
    assert_int_equal(json_type(json_get(root, "extent")), JSON_NULL);
    assert_int_equal(json_type(json_get(root, "calibration")), JSON_NULL);
    assert_int_equal(json_type(json_get(root, "scores")), JSON_NULL);
    json_free(root);
    assert_int_equal(frame_record_read(path, &record, NULL), PO_OK);
    assert_true(isnan(record.extent.median_depth_mm));
    assert_false(record.has_rig);
}

/* Any file name is valid JSON text. */
static void foreign_bytes_are_escaped(void **state)
{
    (void)state;
    static struct frame_record record;
    struct json *root = NULL;
    frame_record_init(&record);
    assert_true(
        frame_record_add_input(&record, "left", "gr\xc3\xbc\xff\xc3.png\n\x7f", 1, ""));
    const char *path = in_folder("bytes.json");
    assert_int_equal(write_record(&record, path), PO_OK);
    assert_int_equal(json_read_file(path, 1 << 20, &root, NULL), PO_OK);
    const struct json *input = json_first(json_get(root, "inputs"));
    assert_string_equal(json_string(json_get(input, "name"), ""),
                        "gr\xc3\xbc%FF%C3.png\n\x7f");
    json_free(root);
    assert_int_equal(utf8_sequence_bytes("\xed\xa0\x80"), 0); /* a surrogate */
    assert_int_equal(utf8_sequence_bytes("\xc0\x80"), 0);     /* overlong */
    assert_int_equal(utf8_sequence_bytes("\xf0\x9f\x98\x80"), 4);
    assert_int_equal(utf8_sequence_bytes("\xf0\x9f\x98"), 0);
}

static void broken_records_are_refused(void **state)
{
    (void)state;
    static struct frame_record record;
    static const char *const broken[] = {
        "{}",
        "[]",
        "{\"schema\": 1, \"id\": \"a\"}",
        "{\"schema\": 2}",
        "{\"schema\": 1, \"id\": 7}",
        "not json",
        "{\"schema\": 1, \"id\": \"a\", \"version\": \"1\", \"key\": \"k\", \"profile\": "
        "\"\", \"matcher\": \"\", \"cloud_unit\": \"\", \"counts\": {}, \"inputs\": [], "
        "\"artefacts\": [{\"name\": \"../x\", \"hash\": \"\"}]}",
    };
    for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++) {
        struct po_error error = {0};
        put_file("broken.json", broken[i]);
        assert_int_equal(frame_record_read(in_folder("broken.json"), &record, &error),
                         PO_BAD_FORMAT);
        assert_non_null(strstr(error.message, "broken.json"));
    }
}

static void verify_sees_what_changed(void **state)
{
    (void)state;
    static struct frame_record record;
    struct po_error error = {0};
    struct hash hash = hash_bytes("hello", 5);
    char text[HASH_TEXT_BYTES];
    hash_text(hash, text);
    frame_record_init(&record);
    assert_true(frame_record_add_artefact(&record, "artefact", 5, text));
    assert_int_equal(frame_record_verify(&record, folder.path, false, &error),
                     PO_BAD_FORMAT);
    assert_non_null(strstr(error.message, "artefact: missing"));
    put_file("artefact", "hello");
    assert_int_equal(frame_record_verify(&record, folder.path, true, &error), PO_OK);
    put_file("artefact", "jello");
    assert_int_equal(frame_record_verify(&record, folder.path, false, &error), PO_OK);
    assert_int_equal(frame_record_verify(&record, folder.path, true, &error),
                     PO_BAD_FORMAT);
    put_file("artefact", "hell");
    assert_int_equal(frame_record_verify(&record, folder.path, false, &error),
                     PO_BAD_FORMAT);
    assert_non_null(strstr(error.message, "4 bytes, 5 when written"));
}

static void input_state_round_trips(void **state)
{
    (void)state;
    struct input_state written = {
        .count = 2,
        .entries = {{{123, -456, 789, 0}, {0x0123, 0xfedcba9876543210}},
                    {{UINT64_MAX, INT64_MAX, 0, 0}, {UINT64_MAX, 0}}}};
    struct input_state read;
    const char *path = in_folder("state");
    assert_int_equal(input_state_write(&written, path, NULL), PO_OK);
    assert_int_equal(input_state_read(path, &read, NULL), PO_OK);
    assert_int_equal(read.count, 2);
    for (int i = 0; i < 2; i++) {
        assert_true(input_stat_equal(&read.entries[i].stat, &written.entries[i].stat));
        assert_int_equal(read.entries[i].hash.low, written.entries[i].hash.low);
        assert_int_equal(read.entries[i].hash.high, written.entries[i].hash.high);
    }
    put_file("state", "process_offline input state 1\n1 2 3 zz\n");
    assert_int_equal(input_state_read(path, &read, NULL), PO_BAD_FORMAT);
    assert_int_equal(read.count, 0);
}

/* Frames 0 and 1 are done with 10 and 30 % bad2, 2 failed, 3 was not run. */
static void sample_frame(void *context, int index, struct report_frame *frame)
{
    static const char *const ids[] = {"a", "b", "c", "d"};
    static const enum po_frame_status statuses[] = {PO_FRAME_DONE, PO_FRAME_REUSED,
                                                    PO_FRAME_FAILED, PO_FRAME_PENDING};
    struct frame_record *record = context;
    frame->id = ids[index];
    frame->status = statuses[index];
    if (index > 1) {
        frame->stage = index == 2 ? "match" : NULL;
        frame->message = index == 2 ? "no \"range\" found" : NULL;
        return;
    }
    frame_record_init(record);
    record->points = 1000;
    record->scores.present = true;
    record->scores.dense_all.present = true;
    record->scores.dense_all.bad2 = index == 0 ? 10 : 30;
    frame->record = record;
    frame->attempts = 1;
    frame->latency_ms = index == 0 ? 80 : 0;
    frame->stage_count = index == 0 ? 2 : 0;
    frame->stages[0] = (struct report_stage){"load", 20.5};
    frame->stages[1] = (struct report_stage){"match", 59.5};
}

static void report_round_trips(void **state)
{
    (void)state;
    static struct frame_record record;
    struct settings_set settings;
    struct past_report past;
    struct po_error error = {0};
    settings_set_init(&settings);
    struct run_report report = {.settings = &settings,
                                .wall_s = 2.0,
                                .survey_s = 0.25,
                                .frames_per_second = 0.5,
                                .idle_share = NAN,
                                .memory = {.measured_bytes = 1 << 20},
                                .exit_status = 3,
                                .frame_count = 4,
                                .frame = sample_frame,
                                .frame_context = &record};
    assert_int_equal(run_report_count(&report, &error), PO_OK);
    assert_int_equal(report.totals.found, 4);
    assert_int_equal(report.totals.done, 1);
    assert_int_equal(report.totals.reused, 1);
    assert_int_equal(report.totals.failed, 1);
    assert_int_equal(report.totals.not_run, 1);
    assert_int_equal(report.totals.points, 2000);
    assert_true(report.totals.scores.dense_all.bad2 == 20.0);
    assert_true(report.totals.latency_p99_ms == 80.0);
    assert_int_equal(report.totals.stage_count, 2);
    assert_true(report.totals.stages[1].ms == 59.5);
    const char *path = in_folder(RUN_REPORT_FILE);
    assert_int_equal(run_report_write(&report, path, &error), PO_OK);
    assert_int_equal(run_report_read(path, &past, &error), PO_OK);
    assert_int_equal(past.frame_count, 4);
    assert_int_equal(past.exit_status, 3);
    assert_string_equal(past.frames[2].id, "c");
    assert_int_equal(past.frames[2].status, PO_FRAME_FAILED);
    assert_int_equal(past.frames[3].status, PO_FRAME_PENDING);
    assert_true(past.frames[0].total_ms == 80.0);
    assert_true(past.totals.scores.dense_all.bad2 == 20.0);
    assert_int_equal(past.totals.not_run, 1);
    assert_int_equal(past.measured_bytes, 1 << 20);
    past_report_release(&past);
}

static void report_holds_the_contract(void **state)
{
    (void)state;
    struct json *root = NULL;
    assert_int_equal(json_read_file(in_folder(RUN_REPORT_FILE), 1 << 20, &root, NULL),
                     PO_OK);
    const struct json *totals = json_get(root, "totals");
    assert_true(json_number(json_get(totals, "found"), -1) == 4);
    assert_true(json_number(json_get(totals, "frames_per_second"), -1) == 0.5);
    assert_true(json_number(json_get(json_get(totals, "latency_ms"), "p95"), -1) == 80);
    assert_true(json_number(json_get(totals, "survey_s"), -1) == 0.25);
    assert_int_equal(json_type(json_get(totals, "idle_share")), JSON_NULL);
    const struct json *workers = json_get(json_get(root, "settings"), "workers");
    assert_string_equal(json_string(json_get(workers, "value"), ""), "auto");
    assert_string_equal(json_string(json_get(workers, "origin"), ""), "default");
    const struct json *frame = json_first(json_get(root, "frames"));
    assert_true(json_number(json_get(json_get(frame, "stages_ms"), "load"), -1) == 20.5);
    frame = json_next(json_next(frame));
    assert_string_equal(json_string(json_get(frame, "message"), ""),
                        "no \"range\" found");
    assert_string_equal(json_string(json_get(frame, "stage"), ""), "match");
    json_free(root);
}

static void broken_reports_are_refused(void **state)
{
    (void)state;
    struct past_report past;
    struct po_error error = {0};
    put_file("r.json", "{\"schema\": 1, \"frames\": [{\"id\": \"a\"}]}");
    assert_int_equal(run_report_read(in_folder("r.json"), &past, &error), PO_BAD_FORMAT);
    assert_non_null(strstr(error.message, "frame 0 of the report has no id or status"));
    put_file("r.json", "{\"frames\": []}");
    assert_int_equal(run_report_read(in_folder("r.json"), &past, &error), PO_BAD_FORMAT);
    assert_int_equal(run_report_read(in_folder("none.json"), &past, &error),
                     PO_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frame_record_round_trips),
        cmocka_unit_test(shelved_records_come_back),
        cmocka_unit_test(empty_cloud_is_null),
        cmocka_unit_test(foreign_bytes_are_escaped),
        cmocka_unit_test(broken_records_are_refused),
        cmocka_unit_test(verify_sees_what_changed),
        cmocka_unit_test(input_state_round_trips),
        cmocka_unit_test(report_round_trips),
        cmocka_unit_test(report_holds_the_contract),
        cmocka_unit_test(broken_reports_are_refused),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
