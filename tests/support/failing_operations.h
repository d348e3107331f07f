/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operations that are played with each of their calls failing in turn: the first, the
 * second and so on, of each kind. Include after cmocka.h, in one program.
 *
 * Whatever fails, either all was well, and then it is done, or a status and a message
 * that names what it was about; nothing stays open and nothing leaks.
 */
#ifndef SUPPORT_FAILING_OPERATIONS_H
#define SUPPORT_FAILING_OPERATIONS_H

#include <errno.h>
#include <string.h>

#include "process_offline/status.h"
#include "support/failing_calls.h"

enum { OPERATION_CALLS = 400, OPERATION_LEAK_TRIES = 3 };

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))

struct operation {
    const char *name;
    void (*prepare)(void); /* NULL: nothing */
    enum po_status (*run)(struct po_error *error);
    /* After it said that it was done, or that it was not; NULL: nothing to look at. */
    void (*check)(bool done);
    const char *named;   /* in every message; NULL: any */
    enum po_status ends; /* so it ends when nothing fails */
};

/* The errno that a kind of call fails with: one that may pass. */
static inline int operation_cause(enum failing_call call)
{
    static const int others[FAILING_CALLS] = {
        [CALL_OPEN] = EMFILE,   [CALL_OPENDIR] = EMFILE, [CALL_MEMORY] = ENOMEM,
        [CALL_WRITE] = ENOSPC,  [CALL_PWRITE] = ENOSPC,  [CALL_MKDIR] = ENOSPC,
        [CALL_PIPE] = EMFILE,   [CALL_FORK] = EAGAIN,    [CALL_MAP] = ENOMEM,
        [CALL_THREAD] = EAGAIN, [CALL_POLL] = EINTR,     [CALL_FENCE] = ENOMEM,
    };
    return others[call] != 0 ? others[call] : EIO;
}

static inline enum po_status operation_play(const struct operation *operation,
                                            enum failing_call call, int number,
                                            struct po_error *error, bool *reached,
                                            long *kept)
{
    *error = (struct po_error){0};
    if (operation->prepare != NULL)
        operation->prepare();
    int before = lowest_free_descriptor();
    long live = live_allocations();
    fail_call(call, number, operation_cause(call));
    enum po_status status = operation->run(error);
    *reached = mend_calls();
    *kept = live_allocations() - live;
    if (lowest_free_descriptor() != before)
        fail_msg("%s: %s %d fails: a file stays open", operation->name,
                 failing_call_names[call], number);
    return status;
}

/* False: the call was not come to, all of them have failed once. */
static inline bool operation_fail_one(const struct operation *operation,
                                      enum failing_call call, int number)
{
    struct po_error error;
    bool reached;
    long kept;
    enum po_status status =
        operation_play(operation, call, number, &error, &reached, &kept);
    if (operation->check != NULL)
        operation->check(status == PO_OK);
    bool is_told =
        status == PO_OK ||
        (error.message[0] != '\0' &&
         (operation->named == NULL || strstr(error.message, operation->named)));
    if (!is_told || (!reached && status != operation->ends))
        fail_msg("%s: %s %d fails: status %d: '%s'", operation->name,
                 failing_call_names[call], number, (int)status, error.message);
    for (int i = 0; i < OPERATION_LEAK_TRIES && kept > 0; i++)
        (void)operation_play(operation, call, number, &error, &reached, &kept);
    if (kept > 0)
        fail_msg("%s: %s %d fails: %ld allocations leak", operation->name,
                 failing_call_names[call], number, kept);
    return reached;
}

/* The number of failures. */
static inline int operation_fail_each(const struct operation *operation)
{
    int failures = 0;
    for (int call = 0; call < FAILING_CALLS; call++)
        for (int number = 1; number < OPERATION_CALLS; number++) {
            if (!operation_fail_one(operation, (enum failing_call)call, number))
                break;
            failures++;
        }
    return failures;
}

#endif
