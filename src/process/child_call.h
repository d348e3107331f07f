/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Child call: one function run in a guarded child of its own, for work that may crash,
 * hang or eat memory and whose result is a plain struct. The result lies in memory shared
 * for the time of the call and is copied out at its end.
 */
#ifndef PROCESS_CHILD_CALL_H
#define PROCESS_CHILD_CALL_H

#include <stddef.h>

#include "process_offline/status.h"

struct child_call {
    void (*run)(const void *request, void *result); /* in the child */
    const void *request;                            /* inherited by fork */
    void *result;                                   /* plain, without pointers */
    size_t result_bytes;
    double timeout_s;
};

/*
 * PO_OK: `result` holds what the child wrote. PO_INTERNAL: it died, with the signal and
 * what that may mean; PO_CANCELLED: it took longer than the timeout and was killed;
 * PO_OUT_OF_MEMORY: it could not be started.
 */
PO_MUST_CHECK enum po_status child_call_run(const struct child_call *call,
                                            struct po_error *error);

#endif
