/* SPDX-License-Identifier: Apache-2.0 */
/* What a child does first, and how it ends with its parent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "pool/lifeline.h"
#include "process/child_guard.h"

static int exit_status_of(pid_t child)
{
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static bool is_open(int descriptor)
{
    return fcntl(descriptor, F_GETFD) >= 0;
}

/* 0 when all is as child_guard promises, else the number of the broken promise. */
static int survey_images(int kept, int dropped)
{
    struct rlimit core;
    struct sigaction action;
    char score[16] = "";
    if (!is_open(kept) || !is_open(STDERR_FILENO))
        return 1;
    if (is_open(dropped))
        return 2;
    if (getrlimit(RLIMIT_CORE, &core) != 0 || core.rlim_cur != 0)
        return 3;
    const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGXFSZ};
    for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
        if (sigaction(ignored[i], NULL, &action) != 0 || action.sa_handler != SIG_IGN)
            return 4;
    char byte;
    if (read(STDIN_FILENO, &byte, 1) != 0)
        return 5;
    int fd = open("/proc/self/oom_score_adj", O_RDONLY);
    if (fd >= 0 && read(fd, score, sizeof(score) - 1) > 0 && strcmp(score, "800\n") != 0)
        return 6;
    return 0;
}

static void a_child_holds_and_hears_only_what_it_needs(void **state)
{
    (void)state;
    int ends[2];
    pid_t parent = getpid();
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        child_guard(parent, &ends[0], 1);
        _exit(survey_images(ends[0], ends[1]));
    }
    assert_int_equal(exit_status_of(child), 0);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

static void a_child_of_somebody_else_leaves(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        child_guard(1, NULL, 0);
        _exit(0);
    }
    assert_int_equal(exit_status_of(child), getpid() == 1 ? 0 : CHILD_EXIT_ORPHAN);
}

static void the_end_of_the_lifeline_ends_the_child(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        (void)close(ends[1]);
        if (lifeline_start(ends[0], 42, NULL) != PO_OK)
            _exit(1);
        for (;;)
            (void)pause();
    }
    (void)close(ends[0]);
    const struct timespec moment = {0, 50000000};
    (void)nanosleep(&moment, NULL);
    assert_int_equal(waitpid(child, NULL, WNOHANG), 0); /* alive while it is held */
    (void)close(ends[1]);
    assert_int_equal(exit_status_of(child), 42);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_child_holds_and_hears_only_what_it_needs),
        cmocka_unit_test(a_child_of_somebody_else_leaves),
        cmocka_unit_test(the_end_of_the_lifeline_ends_the_child),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
