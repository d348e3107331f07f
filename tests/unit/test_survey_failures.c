/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each call of the system fails in turn, once, while frames are probed: they are probed
 * again, and what is found is what a probe without failures finds. Only a result that
 * could not be read back counts as one that is to be made again.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/input_file.h"
#include "record/frame_record.h"
#include "support/failing_calls.h"
#include "support/folder_fixture.h"
#include "survey/probe_frames.h"

enum { FRAMES = 3, MOST_CALLS = 200 };

static const struct {
    enum failing_call call;
    int cause;
} causes[] = {
    {CALL_MEMORY, ENOMEM}, {CALL_OPEN, EMFILE},   {CALL_OPEN, EIO},
    {CALL_READ, EIO},      {CALL_PREAD, EIO},     {CALL_STAT, EIO},
    {CALL_LSEEK, EIO},     {CALL_THREAD, EAGAIN}, {CALL_CLOSE, EIO},
    {CALL_OPENDIR, EIO},   {CALL_READDIR, EIO},   {CALL_PIPE, EMFILE},
};

static struct {
    struct frame_entry frames[FRAMES];
    char paths[FRAMES][2][TEST_PATH_BYTES];
    char results[TEST_PATH_BYTES];
    struct manifest manifest;
    struct frame_probe probes[FRAMES];
    struct frame_probe undisturbed[FRAMES];
    struct frame_probes table;
    struct engine_settings engine;
    struct run_control control;
    struct run_state state;
    struct survey_run run;
} s;

static struct atomic_file file; /* too large for a small stack */
static struct frame_record record;

/* Two pixels of 16 bits, or of 8; the third frame's right image is cut off. */
static void write_images(void)
{
    static const char *const names[FRAMES][2] = {{"a_left.pgm", "a_right.pgm"},
                                                 {"b_left.pgm", "b_right.pgm"},
                                                 {"c_left.pgm", "c_right.pgm"}};
    static const char *const texts[FRAMES][2] = {
        {"P5\n2 1\n65535\n1234", "P5\n2 1\n65535\n4567"},
        {"P5\n2 1\n255\n12", "P5\n2 1\n255\n45"},
        {"P5\n2 1\n65535\n1234", "P5\n2 1\n65535\n4"}};
    for (int i = 0; i < FRAMES; i++) {
        (void)snprintf(s.frames[i].id, sizeof(s.frames[i].id), "%c", 'a' + i);
        for (int side = 0; side < 2; side++) {
            test_folder_write(&folder, names[i][side], texts[i][side]);
            (void)snprintf(s.paths[i][side], TEST_PATH_BYTES, "%s",
                           test_folder_path(&folder, names[i][side]));
        }
        s.frames[i].left_path = s.paths[i][0];
        s.frames[i].right_path = s.paths[i][1];
        s.frames[i].calibration = -1;
    }
}

/* A result of the first frame, whole. */
static void write_result(void)
{
    char hash[HASH_TEXT_BYTES];
    struct po_error error = {0};
    hash_text(hash_bytes("hello", 5), hash);
    frame_record_init(&record);
    assert_true(frame_record_add_artefact(&record, "cloud.ply", 5, hash));
    test_folder_write(&folder, "frames/a/cloud.ply", "hello");
    assert_int_equal(
        atomic_file_open_plain(&file, test_folder_path(&folder, "frames/a/frame.json"),
                               false, &error),
        PO_OK);
    assert_int_equal(frame_record_write(&record, &file, &error), PO_OK);
    assert_int_equal(atomic_file_publish(&file, &error), PO_OK);
    (void)snprintf(s.results, sizeof(s.results), "%s",
                   test_folder_path(&folder, "frames"));
}

static void make_ready(void)
{
    memset(s.probes, 0, sizeof(s.probes));
    for (int i = 0; i < FRAMES; i++)
        s.probes[i].wanted = PROBE_HEADERS | PROBE_SAMPLE | PROBE_HASH | PROBE_VERIFY;
    s.table = (struct frame_probes){.frame_count = FRAMES, .frames = s.probes};
    s.engine = (struct engine_settings){.in_process = true, .workers = 1};
    s.control = (struct run_control){.signal_descriptor = -1};
    s.run = (struct survey_run){.manifest = &s.manifest,
                                .engine = &s.engine,
                                .control = &s.control,
                                .state = &s.state};
    run_state_release(&s.state);
    assert_int_equal(run_state_init(&s.state, FRAMES, NULL), PO_OK);
}

static enum po_status probe(struct po_error *error)
{
    *error = (struct po_error){0};
    return probe_frames(&s.run, &s.table, s.results, error);
}

/* All but the proof that a result reads back. */
static bool is_undisturbed(int frame)
{
    const struct frame_probe *a = &s.probes[frame];
    const struct frame_probe *b = &s.undisturbed[frame];
    bool same = ((a->known ^ b->known) & ~(unsigned)PROBE_VERIFY) == 0 &&
                (a->known & ~b->known) == 0 && a->left.width_px == b->left.width_px &&
                a->left.bits == b->left.bits &&
                memcmp(a->samples, b->samples, sizeof(a->samples)) == 0 &&
                a->inputs.count == b->inputs.count;
    for (int i = 0; i < a->inputs.count && same; i++)
        same = input_stat_equal(&a->inputs.entries[i].stat, &b->inputs.entries[i].stat) &&
               a->inputs.entries[i].hash.low == b->inputs.entries[i].hash.low;
    return same;
}

/* False: the call was not reached. */
static bool fail_one(size_t c, int number)
{
    struct po_error error;
    int before = lowest_free_descriptor();
    make_ready();
    fail_call(causes[c].call, number, causes[c].cause);
    enum po_status status = probe(&error);
    if (!mend_calls())
        return false;
    assert_int_equal(lowest_free_descriptor(), before);
    if (status != PO_OK) { /* no memory for the pass itself */
        assert_int_equal(status, PO_OUT_OF_MEMORY);
        return true;
    }
    for (int i = 0; i < 2; i++) {
        const struct frame_state *row = &s.state.frames[i];
        if (row->status == PO_FRAME_PENDING && is_undisturbed(i))
            continue;
        fail_msg("%s %d failed with %s: frame %d: %s: %s",
                 failing_call_names[causes[c].call], number, strerror(causes[c].cause), i,
                 po_status_name(row->cause), row->message != NULL ? row->message : "");
    }
    assert_int_equal(s.state.frames[2].status, PO_FRAME_FAILED); /* its own fault */
    assert_false(s.run.is_incomplete);
    return true;
}

static void probes_are_tried_again(void **state)
{
    (void)state;
    int failures = 0;
    struct po_error error;
    write_images();
    write_result();
    s.manifest = (struct manifest){.frame_count = FRAMES, .frames = s.frames};
    make_ready();
    assert_int_equal(probe(&error), PO_OK);
    assert_int_equal(s.state.ended, 1);
    assert_int_equal(s.state.frames[2].status, PO_FRAME_FAILED);
    assert_false(input_status_is_passing(s.state.frames[2].cause));
    assert_int_equal(s.probes[0].known,
                     PROBE_HEADERS | PROBE_SAMPLE | PROBE_HASH | PROBE_VERIFY);
    assert_int_equal(s.probes[1].known, PROBE_HEADERS | PROBE_SAMPLE | PROBE_HASH);
    assert_int_equal(s.probes[0].samples[0].high, '3' << 8 | '4');
    memcpy(s.undisturbed, s.probes, sizeof(s.probes));
    for (size_t c = 0; c < sizeof(causes) / sizeof(causes[0]); c++)
        for (int number = 1; number < MOST_CALLS && fail_one(c, number); number++)
            failures++;
    print_message("%d failures\n", failures);
    assert_true(failures > 60);
    run_state_release(&s.state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(probes_are_tried_again),
    };
    if (access("/dev/shm", W_OK) == 0)
        (void)setenv("TMPDIR", "/dev/shm", 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
