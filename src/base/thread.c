/* SPDX-License-Identifier: Apache-2.0 */
#include "base/thread.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

struct mutex {
    pthread_mutex_t handle;
};

enum po_status mutex_create(struct mutex **mutex, struct po_error *error)
{
    *mutex = calloc(1, sizeof(**mutex));
    if (*mutex == NULL || pthread_mutex_init(&(*mutex)->handle, NULL) != 0) {
        free(*mutex);
        *mutex = NULL;
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for a mutex");
    }
    return PO_OK;
}

void mutex_destroy(struct mutex *mutex)
{
    if (mutex != NULL)
        (void)pthread_mutex_destroy(&mutex->handle);
    free(mutex);
}

void mutex_lock(struct mutex *mutex)
{
    (void)pthread_mutex_lock(&mutex->handle);
}

void mutex_unlock(struct mutex *mutex)
{
    (void)pthread_mutex_unlock(&mutex->handle);
}

struct thread {
    pthread_t handle;
    void (*run)(void *context);
    void *context;
};

/* A signal to the process goes to any thread that does not block it. Ours leave them to
 * whoever started us, who may have blocked them for a signalfd; faults stay a thread's
 * own. */
static int create_deaf(pthread_t *handle, const pthread_attr_t *attributes,
                       void *(*run)(void *), void *argument)
{
    static const int faults[] = {SIGSEGV, SIGBUS,  SIGFPE, SIGILL,
                                 SIGABRT, SIGTRAP, SIGSYS};
    sigset_t deaf;
    sigset_t before;
    (void)sigfillset(&deaf);
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
        (void)sigdelset(&deaf, faults[i]);
    (void)pthread_sigmask(SIG_BLOCK, &deaf, &before);
    int failed = pthread_create(handle, attributes, run, argument);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed;
}

static void *thread_main(void *argument)
{
    const struct thread *thread = argument;
    thread->run(thread->context);
    return NULL;
}

enum po_status thread_start(void (*run)(void *context), void *context,
                            struct thread **thread, struct po_error *error)
{
    struct thread *made = malloc(sizeof(*made));
    *thread = NULL;
    if (made == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for a thread");
    *made = (struct thread){.run = run, .context = context};
    if (create_deaf(&made->handle, NULL, thread_main, made) != 0) {
        free(made);
        return po_fail(error, PO_OUT_OF_MEMORY, "cannot start a thread; raise ulimit -u");
    }
    *thread = made;
    return PO_OK;
}

void thread_join(struct thread *thread)
{
    if (thread != NULL)
        (void)pthread_join(thread->handle, NULL);
    free(thread);
}

static void *lasting_main(void *argument)
{
    const struct lasting_thread *thread = argument;
    thread->run(thread->context);
    return NULL;
}

enum po_status thread_leave_running(struct lasting_thread *thread, size_t stack_bytes,
                                    struct po_error *error)
{
    pthread_attr_t attributes;
    pthread_t handle;
    if (pthread_attr_init(&attributes) != 0)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for a thread");
    bool started =
        pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED) == 0 &&
        pthread_attr_setstacksize(&attributes, stack_bytes) == 0 &&
        create_deaf(&handle, &attributes, lasting_main, thread) == 0;
    (void)pthread_attr_destroy(&attributes);
    return started ? PO_OK
                   : po_fail(error, PO_OUT_OF_MEMORY,
                             "cannot start a thread; raise ulimit -u");
}
