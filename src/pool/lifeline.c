/* SPDX-License-Identifier: Apache-2.0 */
#include "pool/lifeline.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/leave.h"

enum { LIFELINE_STACK_BYTES = 64 * 1024 };

struct lifeline {
    int descriptor;
    int exit_status;
};

static void *lifeline_main(void *argument)
{
    struct lifeline lifeline = *(struct lifeline *)argument;
    free(argument);
    char byte;
    ssize_t got;
    do
        got = read(lifeline.descriptor, &byte, 1);
    while (got > 0 || (got < 0 && errno == EINTR));
    process_leave(lifeline.exit_status);
}

enum po_status lifeline_start(int descriptor, int exit_status, struct po_error *error)
{
    pthread_attr_t attributes;
    pthread_t thread;
    struct lifeline *lifeline = malloc(sizeof(*lifeline));
    if (lifeline == NULL || pthread_attr_init(&attributes) != 0) {
        free(lifeline);
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for a thread");
    }
    *lifeline = (struct lifeline){descriptor, exit_status};
    (void)pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    (void)pthread_attr_setstacksize(&attributes, LIFELINE_STACK_BYTES);
    int failed = pthread_create(&thread, &attributes, lifeline_main, lifeline);
    (void)pthread_attr_destroy(&attributes);
    if (failed != 0) {
        free(lifeline);
        return po_fail(error, PO_OUT_OF_MEMORY,
                       "the system refused to start a thread; raise ulimit -u");
    }
    return PO_OK;
}
