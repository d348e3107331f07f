/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each call under the engine, the sandbox and a call in a child fails in turn: every
 * frame still comes to an end with a word, or the run says why it could not take place;
 * no process is left, and a fence that does not close is an error or is said to be open.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/leave.h"
#include "base/log.h"
#include "process/child_call.h"
#include "process/child_process.h"
#include "process/event.h"
#include "process/in_process.h"
#include "process/processors.h"
#include "process/sandbox.h"
#include "support/engine_scene.h"
#include "support/failing_operations.h"

/* The engine. */
static struct played played;

static enum po_status play_once(struct po_error *error, bool parallel)
{
    struct run_control control;
    struct engine_settings settings = usual();
    settings.parallel = parallel;
    settings.workers = 2;
    played = (struct played){.summary = {0}};
    enum po_status status = run_control_open(&control, 0, true, error);
    if (status == PO_OK)
        status = run_state_init(&played.state, 2, error);
    if (status == PO_OK)
        status = engine_run(&settings, &engine_scene_job, &control, &played.state,
                            &played.result, error);
    run_state_summarize(&played.state, &played.summary);
    run_control_close(&control);
    run_state_release(&played.state);
    return status;
}

static enum po_status play_pool(struct po_error *error)
{
    return play_once(error, true);
}

static enum po_status play_alone(struct po_error *error)
{
    return play_once(error, false);
}

/* Done, whatever one call did; or nothing was begun. */
static void all_frames_ended(bool done)
{
    assert_true(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
    if (done)
        assert_int_equal(played.summary.not_run, 0);
}

static const struct operation engines[] = {
    {"pool", NULL, play_pool, all_frames_ended, NULL, PO_OK},
    {"alone", NULL, play_alone, all_frames_ended, NULL, PO_OK},
};

static void each_call_of_the_engine_fails(void **state)
{
    (void)state;
    log_set_level(LOG_ERROR);
    for (int i = 0; i < COUNT(engines); i++)
        assert_true(operation_fail_each(&engines[i]) > 10);
    log_set_level(LOG_INFO);
}

/* What a child says. */
static int heard[2]; /* frames that began, frames that ended */

static void count_begun(void *context, int frame)
{
    (void)context;
    (void)frame;
    heard[0]++;
}

static void count_ended(void *context, int frame)
{
    (void)context;
    (void)frame;
    heard[1]++;
}

/* A child whose memory is corrupted may say anything. */
static enum po_status say_anything(void *context, const struct frame_attempt *attempt,
                                   struct run_event *end, struct po_error *error)
{
    static const struct run_event nonsense[] = {{.kind = EVENT_STARTED, .frame = -7},
                                                {.kind = EVENT_STAGE, .frame = 1 << 20},
                                                {.kind = EVENT_DONE, .frame = 99},
                                                {.kind = EVENT_WAITING, .frame = FRAMES},
                                                {.kind = 77, .frame = 0},
                                                {.kind = EVENT_STAGE, .frame = 0}};
    for (int i = 0; i < COUNT(nonsense); i++)
        (void)event_send(attempt->event_descriptor, &nonsense[i]);
    enum po_status status = engine_scene_job.run(context, attempt, end, error);
    const struct run_event twice = {.kind = EVENT_DONE, .frame = attempt->frame};
    (void)event_send(attempt->event_descriptor, &twice);
    return status;
}

static void nonsense_of_a_child_ends_no_other_frame(void **state)
{
    (void)state;
    for (int watched = 0; watched < 2; watched++) {
        struct engine_job job = engine_scene_job;
        struct run_control control;
        struct engine_settings settings = usual();
        job.run = say_anything;
        heard[0] = heard[1] = 0;
        if (watched == 1)
            settings.observer = (struct engine_observer){.frame_started = count_begun,
                                                         .frame_ended = count_ended};
        played = (struct played){.summary = {0}};
        assert_int_equal(run_control_open(&control, 0, false, NULL), PO_OK);
        assert_int_equal(run_state_init(&played.state, FRAMES, NULL), PO_OK);
        assert_int_equal(
            engine_run(&settings, &job, &control, &played.state, &played.result, NULL),
            PO_OK);
        run_state_summarize(&played.state, &played.summary);
        assert_int_equal(played.summary.done, FRAMES);
        assert_int_equal(heard[0], watched * FRAMES);
        assert_int_equal(heard[1], watched * FRAMES);
        run_state_release(&played.state);
        run_control_close(&control);
    }
}

static void no_frames_are_no_work(void **state)
{
    (void)state;
    struct run_control control;
    struct run_state none;
    const struct engine_settings settings = usual();
    assert_int_equal(run_control_open(&control, 0, false, NULL), PO_OK);
    assert_int_equal(run_state_init(&none, 0, NULL), PO_OK);
    assert_int_equal(
        engine_run(&settings, &engine_scene_job, &control, &none, &played.result, NULL),
        PO_OK);
    assert_int_equal(atomic_load(&scene->prepared), 0);
}

/* In process. */
static void play_here(const struct engine_settings *settings, struct run_control *control)
{
    static struct engine_job job;
    job = engine_scene_job;
    job.prepare = NULL;
    played = (struct played){.summary = {0}};
    assert_int_equal(run_state_init(&played.state, FRAMES, NULL), PO_OK);
    assert_int_equal(
        in_process_run(settings, &job, control, &played.state, &played.result, NULL),
        PO_OK);
    run_state_summarize(&played.state, &played.summary);
    run_state_release(&played.state);
}

static void frames_in_process_end_as_they_do_in_children(void **state)
{
    (void)state;
    struct run_control control;
    struct engine_settings settings = usual();
    scene->deeds[1] = DEED_FAIL;
    scene->deeds[2] = DEED_NO_MEMORY;
    scene->deeds[3] = DEED_REFUSE_MEMORY_ONCE;
    scene->deeds[4] = DEED_REFUSE_MEMORY;
    assert_int_equal(run_control_open(&control, 0, false, NULL), PO_OK);
    play_here(&settings, &control);
    assert_int_equal(played.summary.done, FRAMES - 3);
    assert_int_equal(played.summary.failed, 1);
    assert_int_equal(played.summary.out_of_memory, 2);
    settings.max_failures = 1;
    play_here(&settings, &control);
    assert_int_equal(control.reason, STOP_FAILURES);
    assert_int_equal(played.summary.not_run, FRAMES - 2);
    run_control_close(&control);
}

/* A frame that the stop of the run ends is left for the next run. */
static void a_signal_stops_the_frame_that_listens(void **state)
{
    (void)state;
    struct run_control control;
    struct engine_settings settings = usual();
    settings.grace_s = 0;
    scene->deeds[1] = DEED_HANG_POLITELY;
    assert_int_equal(run_control_open(&control, 0, true, NULL), PO_OK);
    pid_t sender = fork();
    if (sender == 0) {
        while (atomic_load(&scene->runs[1]) == 0)
            nap(5);
        (void)kill(getppid(), SIGTERM);
        process_leave(0);
    }
    play_here(&settings, &control);
    assert_int_equal(waitpid(sender, NULL, 0), sender);
    run_control_close(&control);
    assert_int_equal(control.signal, SIGTERM);
    assert_int_equal(played.summary.done, 1);
    assert_int_equal(played.summary.not_run, FRAMES - 1);
}

/* Signals. */
static void ignored_signals_stay_ignored(void **state)
{
    (void)state;
    struct run_control control;
    (void)signal(SIGHUP, SIG_IGN); /* as nohup does */
    assert_int_equal(run_control_open(&control, 0, true, NULL), PO_OK);
    assert_int_equal(raise(SIGHUP), 0);
    run_control_update(&control, 1);
    assert_int_equal(control.reason, STOP_NONE);
    assert_int_equal(raise(SIGCONT), 0);
    run_control_update(&control, 2);
    assert_true(run_control_take_continued(&control));
    assert_int_equal(raise(SIGINT), 0);
    run_control_update(&control, 3);
    assert_int_equal(control.reason, STOP_SIGNAL);
    assert_int_equal(control.signal, SIGINT);
    run_control_stop(&control, STOP_DEADLINE, 4); /* the first reason stands */
    assert_int_equal(control.reason, STOP_SIGNAL);
    assert_false(control.stop_now);
    assert_int_equal(raise(SIGTERM), 0);
    run_control_update(&control, 5);
    assert_true(control.stop_now);
    run_control_close(&control);
    (void)signal(SIGHUP, SIG_DFL);
}

/* A call in a child. */
enum child_deed { CHILD_ANSWERS, CHILD_LEAVES, CHILD_DIES, CHILD_HANGS };

static void behave(const void *request, void *result)
{
    enum child_deed deed = *(const enum child_deed *)request;
    if (deed == CHILD_LEAVES)
        process_leave(0);
    if (deed == CHILD_DIES) {
        (void)signal(SIGABRT, SIG_DFL);
        (void)raise(SIGABRT);
    }
    if (deed == CHILD_HANGS)
        nap(60000);
    *(int *)result = 7;
}

static int answer;

static enum po_status call_child(enum child_deed deed, struct po_error *error)
{
    const struct child_call call = {.run = behave,
                                    .request = &deed,
                                    .result = &answer,
                                    .result_bytes = sizeof(answer),
                                    .timeout_s = deed == CHILD_HANGS ? 0.05 : 60};
    answer = 0;
    return child_call_run(&call, error);
}

static enum po_status ask_child(struct po_error *error)
{
    return call_child(CHILD_ANSWERS, error);
}

/* No answer is ever taken for one. */
static void answer_is_whole(bool done)
{
    assert_int_equal(answer, done ? 7 : 0);
    while (waitpid(-1, NULL, 0) > 0) {
    }
}

static void each_end_of_a_call_is_told(void **state)
{
    (void)state;
    static const struct {
        enum child_deed deed;
        enum po_status status;
        const char *told;
    } ends[] = {{CHILD_ANSWERS, PO_OK, ""},
                {CHILD_LEAVES, PO_INTERNAL, "before it was done"},
                {CHILD_DIES, PO_INTERNAL, "died of signal 6"},
                {CHILD_HANGS, PO_CANCELLED, "no answer within"}};
    /* The second time the kernel keeps no status of children. */
    for (int kept = 1; kept >= 0; kept--) {
        (void)signal(SIGCHLD, kept == 1 ? SIG_DFL : SIG_IGN);
        for (int i = 0; i < COUNT(ends); i++) {
            struct po_error error = {0};
            enum po_status status = call_child(ends[i].deed, &error);
            assert_int_equal(status, ends[i].status);
            assert_int_equal(answer, status == PO_OK ? 7 : 0);
            if (kept == 1)
                assert_non_null(strstr(error.message, ends[i].told));
        }
    }
    (void)signal(SIGCHLD, SIG_DFL);
    const struct operation ask = {"call", NULL, ask_child, answer_is_whole, NULL, PO_OK};
    assert_true(operation_fail_each(&ask) >= 3); /* mmap, fork, wait */
}

/* The sandbox. */
static enum po_status make_sandbox(struct po_error *error)
{
    struct sandbox sandbox;
    enum po_status status = sandbox_init(&sandbox, error);
    if (status == PO_OK)
        status = sandbox_allow(&sandbox, "/usr", SANDBOX_READ, error);
    if (status == PO_OK)
        status = sandbox_allow(&sandbox, "/dev/null", SANDBOX_WRITE, error);
    if (status == PO_OK) /* who needs it will say so */
        status = sandbox_allow(&sandbox, "/nowhere", SANDBOX_READ, error);
    if (status == PO_OK)
        status = sandbox_allow(&sandbox, "/dev/null/nothing", SANDBOX_READ, error);
    sandbox_release(&sandbox);
    return status;
}

static void each_call_of_a_sandbox_fails(void **state)
{
    (void)state;
    const struct operation make = {"sandbox", NULL, make_sandbox, NULL, NULL, PO_OK};
    assert_true(operation_fail_each(&make) > 5);
}

/* How a child ends that enters a sandbox with a call failing: its status, and 32 for each
 * fence that it says is closed. -1: there was no such call. */
static int enter_in_child(enum failing_call call, int number, int cause)
{
    int end = 0;
    pid_t child = fork();
    if (child == 0) {
        struct sandbox sandbox;
        struct po_error error = {0};
        unsigned held = 0;
        enum po_status status = sandbox_init(&sandbox, &error);
        if (status == PO_OK) /* counters of coverage are written there at the end */
            status = sandbox_allow(&sandbox, PO_BINARY_DIR, SANDBOX_WRITE, &error);
        fail_call(call, number, cause);
        if (status == PO_OK)
            status = sandbox_enter(&sandbox, &held, &error);
        bool reached = mend_calls();
        process_leave(reached ? -(int)status + 32 * (int)held : 255);
    }
    assert_int_equal(waitpid(child, &end, 0), child);
    assert_true(WIFEXITED(end));
    return WEXITSTATUS(end) == 255 ? -1 : WEXITSTATUS(end);
}

/* Containers refuse what their kernel has: such a fence is said to be open. All else is
 * an error. */
static void a_fence_that_does_not_close_is_said(void **state)
{
    (void)state;
    static const int absent[] = {ENOSYS, EOPNOTSUPP, EINVAL, EPERM};
    static const struct {
        int cause;
        enum po_status status;
    } errors[] = {{ENOMEM, PO_OUT_OF_MEMORY}, {EIO, PO_IO}};
    for (int i = 0; i < COUNT(absent); i++) {
        /* 1: no new privileges, without which there is neither; then Landlock's. */
        assert_int_equal(enter_in_child(CALL_FENCE, 1, absent[i]), 0);
        for (int number = 2; number < 9; number++) {
            int end = enter_in_child(CALL_FENCE, number, absent[i]);
            assert_true(end == -1 || end % 32 == 0 || end % 32 == -(int)PO_IO);
            if (end >= 0 && end % 32 == 0)
                assert_true(end / 32 == SANDBOX_CALLS || end / 32 == SANDBOX_FILES);
        }
    }
    for (int i = 0; i < COUNT(errors); i++)
        for (int number = 2; number < 4; number++) {
            int end = enter_in_child(CALL_FENCE, number, errors[i].cause);
            assert_true(end == -1 || end == -(int)errors[i].status);
        }
}

/* What it cannot find out costs workers at most. */
static void processors_are_counted_without_the_system(void **state)
{
    (void)state;
    int all = processor_count();
    assert_true(all >= 1);
    for (int number = 1; number < 4; number++) {
        fail_call(CALL_FDOPEN, number, EMFILE);
        assert_true(processor_count() >= all);
        (void)mend_calls();
    }
}

static void too_many_flags_are_refused(void **state)
{
    (void)state;
    struct shared_flags flags;
    struct po_error error;
    fail_call(CALL_MAP, 1, ENOMEM);
    assert_int_equal(shared_flags_init(&flags, 3, &error), PO_OUT_OF_MEMORY);
    (void)mend_calls();
    assert_null(flags.stop);
    shared_flags_release(&flags);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLAY(each_call_of_the_engine_fails),
        PLAY(nonsense_of_a_child_ends_no_other_frame),
        PLAY(no_frames_are_no_work),
        PLAY(frames_in_process_end_as_they_do_in_children),
        PLAY(a_signal_stops_the_frame_that_listens),
        cmocka_unit_test(ignored_signals_stay_ignored),
        cmocka_unit_test(each_end_of_a_call_is_told),
        cmocka_unit_test(each_call_of_a_sandbox_fails),
        cmocka_unit_test(a_fence_that_does_not_close_is_said),
        cmocka_unit_test(processors_are_counted_without_the_system),
        cmocka_unit_test(too_many_flags_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
