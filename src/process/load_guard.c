/* SPDX-License-Identifier: Apache-2.0 */
#include "process/load_guard.h"

#include "base/leave.h"
#include "base/log.h"
#include "process_offline/summary.h"

static const int guarded[2] = {SIGABRT, SIGSEGV};

/* Nothing goes on after it, so a line of the log does no harm here. */
static void tell_end(int number)
{
    log_error("the libraries that images are computed with ended the process while they "
              "were loaded (signal %d), most likely for want of memory: no frame was "
              "begun; free memory, or leave out --in-process",
              number);
    process_leave(PO_EXIT_INTERNAL);
}

void load_guard_begin(struct load_guard *guard)
{
    const stack_t stack = {.ss_sp = guard->stack, .ss_size = sizeof(guard->stack)};
    struct sigaction action = {.sa_handler = tell_end};
    (void)sigaltstack(&stack, &guard->stack_before);
    (void)sigemptyset(&action.sa_mask);
    action.sa_flags = (int)(SA_RESETHAND | SA_ONSTACK);
    for (int i = 0; i < 2; i++)
        (void)sigaction(guarded[i], &action, &guard->actions_before[i]);
}

void load_guard_end(struct load_guard *guard)
{
    for (int i = 0; i < 2; i++)
        (void)sigaction(guarded[i], &guard->actions_before[i], NULL);
    (void)sigaltstack(&guard->stack_before, NULL);
}
