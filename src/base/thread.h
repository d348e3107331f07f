/* SPDX-License-Identifier: Apache-2.0 */
/* The thin wrappers that keep <pthread.h> out of everything but pool/ and base/. */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include <stddef.h>

#include "process_offline/status.h"

struct mutex; /* opaque, on the heap */

PO_MUST_CHECK enum po_status mutex_create(struct mutex **mutex, struct po_error *error);
void mutex_destroy(struct mutex *mutex); /* NULL allowed */
void mutex_lock(struct mutex *mutex);
void mutex_unlock(struct mutex *mutex);

struct thread; /* opaque, on the heap */

/* `context` must live until thread_join, which also frees the thread. */
PO_MUST_CHECK enum po_status thread_start(void (*run)(void *context), void *context,
                                          struct thread **thread, struct po_error *error);
void thread_join(struct thread *thread); /* NULL allowed */

/* A thread that nobody waits for and that ends with the process, where the caller keeps
 * this as long: children of a fork have the memory and not the thread. */
struct lasting_thread {
    void (*run)(void *context);
    void *context;
};

/* `stack_bytes`: at least PTHREAD_STACK_MIN. */
PO_MUST_CHECK enum po_status thread_leave_running(struct lasting_thread *thread,
                                                  size_t stack_bytes,
                                                  struct po_error *error);

#endif
