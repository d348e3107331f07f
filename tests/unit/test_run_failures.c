/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each call that the supervisor makes fails in turn, for a row of command lines over a
 * small session: of each way to a call the first. Then it ends by itself with a status
 * and a word, nobody and nothing is left over, each finished frame has the bytes of an
 * undisturbed run, and a rerun ends like one.
 *
 * Of each command line some calls, spread over all; all with PO_LONG=1, and with
 * PO_RUN_FAILURES=N every Nth.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process_offline/process_offline.h"
#include "support/failing_calls.h"
#include "support/program_fixture.h"

enum { MOST_WAYS = 6000, LEAK_TRIES = 3, MOST_BROKEN = 20 };

/* What an undisturbed run leaves. */
enum result { ALL_FRAMES, NO_FRAMES, SOME_FRAMES };

static const struct command {
    const char *name;
    program_words words;
    const char *from; /* what lies in the output before */
    enum result leaves;
    int share; /* of the ways in the quick suite, one in so many */
} commands[] = {
    {"again", {"--workers", "1"}, "made", ALL_FRAMES, 5},
    {"fresh", {"--workers", "1"}, NULL, ALL_FRAMES, 10},
    {"plan", {"--plan"}, NULL, NO_FRAMES, 10},
    {"shard", {"--shard", "1/2", "--workers", "1"}, "planned", SOME_FRAMES, 10},
    {"merge", {"--merge"}, "sharded", ALL_FRAMES, 10},
    {"check", {"--check"}, NULL, NO_FRAMES, 10},
    {"dry run", {"--dry-run"}, "made", ALL_FRAMES, 5},
    {"compare",
     {"--baseline", "@/made/report.json", "--junit", "@/output/junit.xml"},
     "made",
     ALL_FRAMES,
     20},
    {"in process", {"--in-process", "--verify"}, "made", ALL_FRAMES, 10},
    {"forced", {"--force", "--no-parallel"}, "made", ALL_FRAMES, 15},
};

static const int causes[FAILING_CALLS] = {
    [CALL_OPEN] = EMFILE,   [CALL_OPENDIR] = EMFILE, [CALL_FDOPENDIR] = ENOMEM,
    [CALL_FDOPEN] = ENOMEM, [CALL_READDIR] = EIO,    [CALL_READ] = EIO,
    [CALL_PREAD] = EIO,     [CALL_WRITE] = ENOSPC,   [CALL_PWRITE] = ENOSPC,
    [CALL_FSYNC] = EIO,     [CALL_CLOSE] = EIO,      [CALL_LSEEK] = EIO,
    [CALL_TRUNCATE] = EIO,  [CALL_TOUCH] = EIO,      [CALL_LOCK] = EIO,
    [CALL_RENAME] = EIO,    [CALL_MKDIR] = ENOSPC,   [CALL_UNLINK] = EIO,
    [CALL_STAT] = EIO,      [CALL_ACCESS] = EIO,     [CALL_LINK] = EIO,
    [CALL_READLINK] = EIO,  [CALL_REALPATH] = EIO,   [CALL_RMDIR] = EIO,
    [CALL_STATVFS] = EIO,   [CALL_FCNTL] = EINVAL,   [CALL_RANDOM] = EAGAIN,
    [CALL_HOST] = EINVAL,   [CALL_PIPE] = EMFILE,    [CALL_FORK] = EAGAIN,
    [CALL_POLL] = EINTR,    [CALL_WAIT] = EINTR,     [CALL_THREAD] = EAGAIN,
    [CALL_MAP] = ENOMEM,    [CALL_SIGNALS] = EINVAL, [CALL_FENCE] = ENOMEM,
    [CALL_MEMORY] = ENOMEM,
};

static struct noted_call ways[MOST_WAYS];
static int broken;

static void note_ways(void)
{
    note_calls(ways, MOST_WAYS);
}

static struct noted_call chosen;

static void fail_chosen(void)
{
    fail_call(chosen.call, chosen.number, causes[chosen.call]);
}

static void is_not(const struct command *command, const char *what)
{
    print_error("%s: %s %d fails with %s: %s (status %d)\n%.1200s\n", command->name,
                failing_call_names[chosen.call], chosen.number,
                strerror(causes[chosen.call]), what, done.exit_status, done.text);
    if (++broken >= MOST_BROKEN)
        fail_msg("enough");
}

static void is_expected(bool holds, const struct command *command, const char *what)
{
    if (!holds)
        is_not(command, what);
}

static bool nobody_is_left(void)
{
    return waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD;
}

/* One failure; whether it was come to. *kept: allocations that are still there. */
static bool play(const struct command *command, long *kept)
{
    program_lay_output(command->from);
    int descriptors = lowest_free_descriptor();
    long before = live_allocations();
    program_run(&command->words, fail_chosen, &done);
    bool reached = mend_calls();
    *kept = live_allocations() - before;
    is_expected(nobody_is_left(), command, "a process is left");
    is_expected(lowest_free_descriptor() == descriptors, command, "a file stays open");
    return reached;
}

/* Of a failed run: the cause, as the system says it or in words that help more. */
static bool names_cause(void)
{
    static const char *const words[] = {"memory", "ulimit", "the disk is full"};
    if (strstr(done.text, strerror(causes[chosen.call])) != NULL)
        return true;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strstr(done.text, words[i]) != NULL)
            return true;
    return false;
}

static void check_end(const struct command *command)
{
    int count = 0;
    is_expected(done.exit_status == 0 || names_cause() || chosen.call == CALL_WRITE,
                command, "the cause is not named");
    is_expected(done.exit_status >= 0 && done.exit_status <= 8, command, "which status?");
    is_expected(done.exit_status == 0 || done.text[0] != '\0' ||
                    chosen.call == CALL_WRITE,
                command, "not a word");
    is_expected(program_frames_are("made", &count), command, "a frame has other bytes");
    if (command->leaves == ALL_FRAMES && done.exit_status == 0)
        is_expected(count == FRAMES, command, "status 0, and a frame is missing");
}

/* A rerun on what is there; without a failure, so not for each. */
static void check_rerun(const struct command *command)
{
    static const program_words merge = {"--merge"};
    int count = 0;
    program_run(&command->words, nothing, &done);
    is_expected(done.exit_status == 0, command, "the rerun fails");
    is_expected(program_frames_are("made", &count), command, "the rerun has other bytes");
    if (command->leaves == ALL_FRAMES)
        is_expected(count == FRAMES, command, "the rerun has not all frames");
    if (command->leaves == SOME_FRAMES) /* others may be at work: the merge clears up */
        program_run(&merge, nothing, &done);
    const char *leftover = program_leftover();
    is_expected(leftover == NULL, command, leftover != NULL ? leftover : "");
}

/* A library may keep something at its first use; a leak comes again. */
static void check_leak(const struct command *command, long kept)
{
    for (int i = 0; i < LEAK_TRIES && kept > 0; i++)
        (void)play(command, &kept);
    is_expected(kept <= 0, command, "allocations leak");
}

static int step_of(const struct command *command)
{
    const char *step = getenv("PO_RUN_FAILURES");
    if (step != NULL)
        return atoi(step) > 0 ? atoi(step) : 1;
    return getenv("PO_LONG") != NULL ? 1 : command->share;
}

static void fail_each(const struct command *command)
{
    long kept = 0;
    int reached = 0;
    int played = 0;
    program_lay_output(command->from);
    run_well(&command->words); /* what is kept from a first use is there now */
    program_lay_output(command->from);
    program_run(&command->words, note_ways, &done);
    (void)mend_calls();
    assert_int_equal(done.exit_status, 0);
    int count = noted_call_count();
    assert_in_range(count, 1, MOST_WAYS - 1);
    for (int i = 0; i < count; i += step_of(command)) {
        chosen = ways[i];
        played++;
        if (!play(command, &kept))
            continue;
        reached++;
        check_leak(command, kept);
        check_end(command);
        check_rerun(command);
    }
    print_message("%s: %d ways, %d played, %d of them reached\n", command->name, count,
                  played, reached);
    assert_true(reached * 2 > played);
}

static void each_call_fails(void **state)
{
    (void)state;
    const char *only = getenv("PO_RUN_COMMAND");
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        if (only == NULL || strcmp(only, commands[i].name) == 0)
            fail_each(&commands[i]);
    assert_int_equal(broken, 0);
}

/* The library, asked for what cannot be. */
static void callers_are_told(void **state)
{
    (void)state;
    struct po_settings settings;
    struct po_summary summary;
    struct po_error error = {0};
    po_settings_defaults(&settings);
    settings.match.num_disparities = 7;
    assert_int_equal(po_process_session(&settings, &summary, &error), PO_BAD_ARGUMENT);
    assert_int_equal(summary.exit_status, PO_EXIT_USAGE);
    assert_true(error.message[0] != '\0');
    fail_call(CALL_MEMORY, 1, ENOMEM);
    enum po_status status = po_process_session(&settings, &summary, &error);
    assert_int_equal(status, mend_calls() ? PO_OUT_OF_MEMORY : PO_BAD_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_call_fails),
                                       cmocka_unit_test(callers_are_told)};
    if (access("/dev/shm", W_OK) == 0)
        (void)setenv("TMPDIR", "/dev/shm", 0); /* thousands of small files */
    return cmocka_run_group_tests(tests, begin, end);
}
