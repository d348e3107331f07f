/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Worker pool: a fixed number of pthreads that take job numbers, `batch` at a time, in
 * order.
 *
 * How the threads work: the caller's thread starts `workers` threads, which share one
 * cursor under a mutex; each takes the next `batch` numbers and calls `job` for each of
 * them. Nothing but numbers reaches a worker. With one worker the jobs run on the
 * caller's thread, so a single-worker run needs no threads at all.
 */
#ifndef POOL_WORKER_POOL_H
#define POOL_WORKER_POOL_H

#include <stddef.h>

#include "base/cancel.h"
#include "process_offline/status.h"

struct worker_pool_settings {
    int workers;
    int batch_size;
    size_t stack_bytes;
    const struct cancel *cancel; /* no further job is started once raised */
};

/* Called on worker `worker` (0-based) with the job's number. */
typedef void worker_job(void *context, int worker, int job);

/* Runs jobs 0..job_count-1 and returns when all started ones have ended. Fewer threads
 * than asked is not an error, none is. */
PO_MUST_CHECK enum po_status worker_pool_run(const struct worker_pool_settings *settings,
                                             int job_count, worker_job *job,
                                             void *context, struct po_error *error);

#endif
