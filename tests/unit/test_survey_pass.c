/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A survey's pass over frames: which ends are tried again, which leave the survey
 * incomplete, and which end the frame for the run. A table of how children end stands in
 * their place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/told_frames.h"
#include "survey/frame_surveys.h"
#include "survey/halves_survey.h"
#include "survey/probe_frames.h"

/* How a frame ends in the first pass and, where it is tried again, in the second. */
struct end {
    enum po_frame_status status;
    enum po_status cause;
    int attempts; /* 2: the engine tried again by itself */
};

static const struct {
    struct end first;
    struct end second;
    bool again;      /* it is tried once more */
    bool incomplete; /* nothing of the survey is kept */
    bool ends;       /* the frame ends for the run, by a survey of its images */
    bool ends_probe; /* likewise, by a probe of its headers */
} rows[] = {
    {{PO_FRAME_DONE, PO_OK, 1}, {0}, false, false, false, false},
    {{PO_FRAME_FAILED, PO_BAD_IMAGE, 1}, {0}, false, false, true, true},
    {{PO_FRAME_FAILED, PO_UNSUPPORTED, 1}, {0}, false, false, true, true},
    {{PO_FRAME_FAILED, PO_IO, 1}, {PO_FRAME_DONE, PO_OK, 1}, true, false, false, false},
    {{PO_FRAME_FAILED, PO_IO, 1}, {PO_FRAME_FAILED, PO_IO, 1}, true, true, true, true},
    {{PO_FRAME_FAILED, PO_CHANGED, 1},
     {PO_FRAME_FAILED, PO_BAD_IMAGE, 1},
     true,
     false,
     true,
     true},
    {{PO_FRAME_FAILED, PO_NOT_FOUND, 1},
     {PO_FRAME_FAILED, PO_NOT_FOUND, 1},
     true,
     true,
     true,
     true},
    {{PO_FRAME_FAILED, PO_OUT_OF_MEMORY, 1},
     {PO_FRAME_DONE, PO_OK, 1},
     true,
     false,
     false,
     false},
    {{PO_FRAME_FAILED, PO_INTERNAL, 1},
     {PO_FRAME_CRASHED, PO_INTERNAL, 1},
     true,
     true,
     true,
     true},
    {{PO_FRAME_TIMED_OUT, PO_CANCELLED, 1},
     {PO_FRAME_DONE, PO_OK, 1},
     true,
     false,
     false,
     false},
    {{PO_FRAME_TIMED_OUT, PO_CANCELLED, 2}, {0}, false, true, true, true},
    {{PO_FRAME_CRASHED, PO_INTERNAL, 2}, {0}, false, true, true, true},
    {{PO_FRAME_OUT_OF_MEMORY, PO_OUT_OF_MEMORY, 1},
     {PO_FRAME_DONE, PO_OK, 1},
     true,
     false,
     false,
     false},
    {{PO_FRAME_OUT_OF_MEMORY, PO_OUT_OF_MEMORY, 2}, {0}, false, true, false, true},
    {{PO_FRAME_OUT_OF_MEMORY, PO_MEMORY_LIMIT, 1}, {0}, false, false, true, true},
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static struct {
    int calls;
    int started[ROWS]; /* times */
    bool parallel[4];  /* by call */
    bool notifies;     /* an observer of frames was there */
    int max_failures;
    int stop_in; /* call in which a signal comes */
    int fail_in;
} engine;

/* Stands for the one of the library, which is linked behind this program. */
enum po_status run_frames(const struct engine_settings *settings,
                          const struct engine_job *job, struct run_control *control,
                          struct run_state *state, struct engine_result *result,
                          struct po_error *error)
{
    (void)job;
    engine.parallel[engine.calls++] = settings->parallel;
    engine.notifies |= settings->observer.frame_ended != NULL;
    engine.max_failures += settings->max_failures;
    *result = (struct engine_result){.peak_bytes = 100 * (uint64_t)engine.calls};
    if (engine.calls == engine.fail_in)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for children");
    for (int i = 0; i < state->frame_count; i++) {
        struct frame_state *row = &state->frames[i];
        if (row->status != PO_FRAME_PENDING)
            continue;
        const struct end *end =
            engine.started[i]++ == 0 ? &rows[i % ROWS].first : &rows[i % ROWS].second;
        row->attempts = end->attempts;
        row->latency_ms = 500;
        char message[32];
        (void)snprintf(message, sizeof(message), "end %d", engine.calls);
        run_state_end(state, i, end->status, end->cause,
                      end->status != PO_FRAME_CRASHED ? message : NULL);
    }
    if (engine.calls == engine.stop_in)
        control->reason = STOP_SIGNAL;
    return PO_OK;
}

/* A session with a frame for each row. */
static struct {
    struct frame_entry frames[ROWS];
    struct frame_probe probes[ROWS];
    struct frame_probes table;
    struct manifest manifest;
    struct po_settings settings;
    struct engine_settings engine;
    struct run_control control;
    struct run_state state;
    struct run_state pass;
    struct survey_run run;
    struct frame_surveys surveys;
    int only; /* the one frame that is wanted; -1: all */
} s;

static int set_up(void **state)
{
    (void)state;
    memset(&s, 0, sizeof(s));
    memset(told, 0, sizeof(told));
    memset(&engine, 0, sizeof(engine));
    po_settings_defaults(&s.settings);
    s.only = -1;
    s.manifest = (struct manifest){.frame_count = ROWS, .frames = s.frames};
    for (int i = 0; i < ROWS; i++) {
        (void)snprintf(s.frames[i].id, sizeof(s.frames[i].id), "f%d", i);
        s.frames[i].calibration = -1;
        s.probes[i].wanted = PROBE_HEADERS;
    }
    s.table = (struct frame_probes){.frame_count = ROWS, .frames = s.probes};
    s.engine = (struct engine_settings){
        .parallel = true, .max_failures = 3, .observer = {.frame_ended = hear}};
    s.run = (struct survey_run){.manifest = &s.manifest,
                                .engine = &s.engine,
                                .control = &s.control,
                                .state = &s.state};
    assert_int_equal(run_state_init(&s.state, ROWS, NULL), PO_OK);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    run_state_release(&s.state);
    run_state_release(&s.pass);
    frame_surveys_release(&s.surveys);
    return 0;
}

static bool is_wanted(const void *context, int frame)
{
    (void)context;
    return s.only < 0 || s.only == frame;
}

static enum po_status pass(void)
{
    static const struct engine_job job = {.name = "survey"};
    struct po_error error = {0};
    return survey_pass_run(&s.run, &job, is_wanted, NULL, &s.pass, &error);
}

/* Each end by itself: whether it is tried again, alone, and what is left of it. */
static void what_may_pass_is_tried_again(void **state)
{
    (void)state;
    for (int i = 0; i < ROWS; i++) {
        tear_down(NULL);
        set_up(NULL);
        s.only = i;
        assert_int_equal(pass(), PO_OK);
        const struct end *last = rows[i].again ? &rows[i].second : &rows[i].first;
        const struct frame_state *row = &s.pass.frames[i];
        assert_int_equal(engine.started[i], 1 + rows[i].again);
        assert_int_equal(engine.calls, 1 + rows[i].again);
        assert_true(engine.parallel[0] && !engine.parallel[1]);
        assert_int_equal(row->status, last->status);
        assert_int_equal(row->cause, last->cause);
        assert_int_equal(row->attempts,
                         rows[i].first.attempts +
                             (rows[i].again ? rows[i].second.attempts : 0));
        assert_int_equal(s.run.is_incomplete, rows[i].incomplete);
        char id[8];
        (void)snprintf(id, sizeof(id), "f%d: ", i);
        assert_int_equal(strncmp(s.run.skipped, id, strlen(id)) == 0, rows[i].incomplete);
        if (rows[i].incomplete)
            assert_non_null(strstr(s.run.skipped, last->status == PO_FRAME_CRASHED
                                                      ? "could not be looked at"
                                                      : "end "));
        for (int k = 0; k < ROWS; k++)
            if (k != i)
                assert_int_equal(s.pass.frames[k].status, PO_FRAME_REUSED);
        assert_int_equal(s.state.ended, 0); /* the run's frames are the caller's */
        assert_true(s.run.busy_s > 0.49 && s.run.peak_bytes >= 100);
    }
}

/* The pass is no run: nobody hears of its frames, no count of failures ends it. */
static void a_pass_is_quiet(void **state)
{
    (void)state;
    assert_int_equal(pass(), PO_OK);
    assert_false(engine.notifies);
    assert_int_equal(engine.max_failures, 0);
    assert_string_equal(strtok(s.run.skipped, ":"), "f4"); /* the first one */
}

static void nothing_wanted_starts_nobody(void **state)
{
    (void)state;
    for (int i = 0; i < ROWS; i++)
        run_state_end(&s.state, i, PO_FRAME_FAILED, PO_BAD_IMAGE, NULL);
    assert_int_equal(pass(), PO_OK);
    assert_int_equal(engine.calls, 0);
    assert_int_equal(s.pass.ended, ROWS);
}

static void a_stop_is_not_tried_again(void **state)
{
    (void)state;
    engine.stop_in = 1;
    assert_int_equal(pass(), PO_OK);
    assert_int_equal(engine.calls, 1);
}

static void failing_engines_are_passed_on(void **state)
{
    (void)state;
    for (int call = 1; call <= 2; call++) {
        tear_down(NULL);
        set_up(NULL);
        engine.fail_in = call;
        assert_int_equal(pass(), PO_OUT_OF_MEMORY);
        assert_int_equal(engine.calls, call);
        assert_false(s.run.is_incomplete);
        assert_int_equal(s.pass.frames[3].cause, call == 1 ? PO_OK : PO_IO);
    }
}

/* A frame that cannot be surveyed would not do better in the run, but for what is short
 * now. One that ended meanwhile keeps its own end. */
static void surveys_end_what_the_run_would(void **state)
{
    (void)state;
    struct frame_setup setup = {.settings = s.settings};
    const struct probed_session session = {.manifest = &s.manifest, .probes = s.probes};
    const struct memory_request memory = {
        .session = session, .asked = &setup, .state = &s.state};
    const struct memory_plan plan = {.budget_bytes = 1};
    const struct survey_request request = {&setup, &memory, &plan};
    struct po_error error = {0};
    assert_int_equal(frame_surveys_init(&s.surveys, ROWS, &error), PO_OK);
    assert_int_equal(frame_surveys_init(&s.surveys, ROWS, &error), PO_OK); /* once */
    for (int i = 0; i < ROWS; i++)
        s.surveys.rows[i].wanted = MEASURE_ROWS;
    s.surveys.rows[0].known = MEASURE_ROWS;
    assert_int_equal(frame_surveys_run(&s.run, &request, &s.surveys, &error), PO_OK);
    assert_int_equal(engine.started[0], 0);
    for (int i = 1; i < ROWS; i++) {
        const struct end *last = rows[i].again ? &rows[i].second : &rows[i].first;
        bool ends = s.state.frames[i].status != PO_FRAME_PENDING;
        if (ends != rows[i].ends)
            fail_msg("row %d", i);
        assert_int_equal(told[i], ends);
        assert_int_equal(s.surveys.rows[i].failed, last->status != PO_FRAME_DONE);
        if (ends)
            assert_int_equal(s.state.frames[i].cause, last->cause);
    }
    assert_non_null(strstr(s.state.frames[ROWS - 1].message, "fits no memory"));
    engine.fail_in = engine.calls + 1;
    memset(s.surveys.rows, 0, s.surveys.bytes);
    for (int i = 0; i < ROWS; i++)
        s.surveys.rows[i].wanted = MEASURE_RANGE;
    assert_int_equal(frame_surveys_run(&s.run, &request, &s.surveys, &error),
                     PO_OUT_OF_MEMORY);
    for (int i = 0; i < ROWS; i++)
        assert_false(s.surveys.rows[i].failed);
}

static void probes_end_what_cannot_be_opened(void **state)
{
    (void)state;
    enum { UNWANTED = 1 };
    struct po_error error = {0};
    s.probes[UNWANTED].wanted = 0;
    assert_int_equal(probe_frames(&s.run, &s.table, "/nowhere", &error), PO_OK);
    assert_int_equal(engine.started[UNWANTED], 0);
    for (int i = 0; i < ROWS; i++) {
        bool ends = s.state.frames[i].status != PO_FRAME_PENDING;
        if (ends != (rows[i].ends_probe && i != UNWANTED))
            fail_msg("row %d", i);
        assert_int_equal(told[i], ends);
    }
    tear_down(NULL);
    set_up(NULL);
    engine.fail_in = 1;
    assert_int_equal(probe_frames(&s.run, &s.table, "/nowhere", &error),
                     PO_OUT_OF_MEMORY);
    assert_int_equal(s.state.ended, 0);
}

static void halves_need_children(void **state)
{
    (void)state;
    static const char *const paths[] = {"a.png", "b.png"};
    struct halves_survey halves = {.known = 7};
    struct po_error error = {0};
    engine.fail_in = 1;
    assert_int_equal(halves_survey_run(&s.engine, paths, 2, &halves, &error),
                     PO_OUT_OF_MEMORY);
    assert_int_equal(halves.known, 0);
    assert_int_equal(halves_survey_run(&s.engine, paths, 2, &halves, &error), PO_OK);
    assert_int_equal(halves.known, 0); /* nobody looked */
}

#define PASS_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PASS_TEST(what_may_pass_is_tried_again),
        PASS_TEST(a_pass_is_quiet),
        PASS_TEST(nothing_wanted_starts_nobody),
        PASS_TEST(a_stop_is_not_tried_again),
        PASS_TEST(failing_engines_are_passed_on),
        PASS_TEST(surveys_end_what_the_run_would),
        PASS_TEST(probes_end_what_cannot_be_opened),
        PASS_TEST(halves_need_children),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
