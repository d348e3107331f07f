/* SPDX-License-Identifier: Apache-2.0 */
#include "pool/worker_pool.h"

#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

/* What the threads of one run share. */
struct shared_cursor {
    pthread_mutex_t lock;
    int next; /* first job nobody has taken */
    int job_count;
    int batch_size;
    const struct cancel *cancel;
    worker_job *job;
    void *context;
};

struct worker {
    struct shared_cursor *cursor;
    int number;
    pthread_t thread;
};

/* The next batch, [*first, *end); false when nothing is left or the pool is cancelled. */
static bool take_batch(struct shared_cursor *cursor, int *first, int *end)
{
    (void)pthread_mutex_lock(&cursor->lock);
    int left = cursor->job_count - cursor->next;
    int taken = left < cursor->batch_size ? left : cursor->batch_size;
    if (cancel_requested(cursor->cancel))
        taken = 0;
    *first = cursor->next;
    *end = cursor->next + taken;
    cursor->next = *end;
    (void)pthread_mutex_unlock(&cursor->lock);
    return taken > 0;
}

static void work(struct shared_cursor *cursor, int number)
{
    int first;
    int end;
    while (take_batch(cursor, &first, &end))
        for (int job = first; job < end && !cancel_requested(cursor->cancel); job++)
            cursor->job(cursor->context, number, job);
}

static void *worker_main(void *argument)
{
    struct worker *worker = argument;
    work(worker->cursor, worker->number);
    return NULL;
}

static size_t usable_stack_bytes(size_t asked)
{
    size_t least = (size_t)PTHREAD_STACK_MIN;
    return asked < least ? least : asked;
}

/* Starts up to `count` threads; returns how many there are. */
static int start_workers(struct worker *workers, int count, size_t stack_bytes,
                         struct shared_cursor *cursor)
{
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0)
        return 0;
    if (stack_bytes > 0)
        (void)pthread_attr_setstacksize(&attributes, usable_stack_bytes(stack_bytes));
    int started = 0;
    while (started < count) {
        struct worker *worker = &workers[started];
        *worker = (struct worker){.cursor = cursor, .number = started};
        if (pthread_create(&worker->thread, &attributes, worker_main, worker) != 0)
            break;
        started++;
    }
    (void)pthread_attr_destroy(&attributes);
    return started;
}

enum po_status worker_pool_run(const struct worker_pool_settings *settings, int job_count,
                               worker_job *job, void *context, struct po_error *error)
{
    if (settings->workers < 1 || settings->batch_size < 1)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "%d workers, batches of %d: want at least 1", settings->workers,
                       settings->batch_size);
    struct shared_cursor cursor = {.lock = PTHREAD_MUTEX_INITIALIZER,
                                   .job_count = job_count,
                                   .batch_size = settings->batch_size,
                                   .cancel = settings->cancel,
                                   .job = job,
                                   .context = context};
    if (settings->workers == 1) {
        work(&cursor, 0);
        return PO_OK;
    }
    struct worker *workers = calloc((size_t)settings->workers, sizeof(*workers));
    if (workers == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for %d workers",
                       settings->workers);
    int started =
        start_workers(workers, settings->workers, settings->stack_bytes, &cursor);
    for (int i = 0; i < started; i++)
        (void)pthread_join(workers[i].thread, NULL);
    free(workers);
    (void)pthread_mutex_destroy(&cursor.lock);
    if (started == 0)
        return po_fail(error, PO_OUT_OF_MEMORY,
                       "the system refused to start a thread; raise ulimit -u or use "
                       "--workers 1");
    return PO_OK;
}
