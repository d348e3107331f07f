/* SPDX-License-Identifier: Apache-2.0 */
/* Threads of ours take no signal that was sent to the process. */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "base/thread.h"

enum { STACK_BYTES = 128 << 10 };

static const int stoppers[] = {SIGINT, SIGTERM, SIGHUP, SIGCHLD, SIGALRM};
static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

/* What a thread found to be blocked. */
struct finding {
    sigset_t blocked;
    atomic_bool is_known;
};

static void look(void *context)
{
    struct finding *finding = context;
    (void)pthread_sigmask(SIG_SETMASK, NULL, &finding->blocked);
    atomic_store(&finding->is_known, true);
}

static void assert_deaf(const struct finding *finding)
{
    for (size_t i = 0; i < sizeof(stoppers) / sizeof(stoppers[0]); i++)
        assert_int_equal(sigismember(&finding->blocked, stoppers[i]), 1);
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
        assert_int_equal(sigismember(&finding->blocked, faults[i]), 0);
}

static void assert_hears(void)
{
    sigset_t now;
    assert_int_equal(pthread_sigmask(SIG_SETMASK, NULL, &now), 0);
    for (size_t i = 0; i < sizeof(stoppers) / sizeof(stoppers[0]); i++)
        assert_int_equal(sigismember(&now, stoppers[i]), 0);
}

static void a_thread_takes_no_signal(void **state)
{
    (void)state;
    struct finding finding = {0};
    struct thread *thread = NULL;
    assert_int_equal(thread_start(look, &finding, &thread, NULL), PO_OK);
    thread_join(thread);
    assert_deaf(&finding);
    assert_hears();
}

static void a_lasting_thread_takes_no_signal(void **state)
{
    (void)state;
    static struct finding finding;
    static struct lasting_thread thread = {.run = look, .context = &finding};
    const struct timespec pause = {0, 1000000L};
    assert_int_equal(thread_leave_running(&thread, STACK_BYTES, NULL), PO_OK);
    while (!atomic_load(&finding.is_known))
        (void)nanosleep(&pause, NULL);
    assert_deaf(&finding);
    assert_hears();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thread_takes_no_signal),
        cmocka_unit_test(a_lasting_thread_takes_no_signal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
