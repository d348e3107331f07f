/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pool/worker_pool.h"

enum { JOBS = 200 };

struct tally {
    atomic_int runs[JOBS];
    atomic_int max_worker;
    atomic_int order_broken;
    atomic_int last;
    struct cancel cancel;
    int cancel_at;
};

static void count_job(void *context, int worker, int job)
{
    struct tally *tally = context;
    atomic_fetch_add(&tally->runs[job], 1);
    if (worker > atomic_load(&tally->max_worker))
        atomic_store(&tally->max_worker, worker);
    if (job < atomic_exchange(&tally->last, job))
        atomic_store(&tally->order_broken, 1);
    if (tally->cancel_at != 0 && job == tally->cancel_at)
        atomic_store(&tally->cancel.requested, 1);
}

static void every_job_runs_once(void **state)
{
    (void)state;
    const int workers[] = {1, 2, 7};
    const int batches[] = {1, 3, 500};
    for (int w = 0; w < 3; w++)
        for (int b = 0; b < 3; b++) {
            struct tally tally = {.cancel_at = 0};
            const struct worker_pool_settings settings = {
                .workers = workers[w], .batch_size = batches[b], .stack_bytes = 65536};
            assert_int_equal(worker_pool_run(&settings, JOBS, count_job, &tally, NULL),
                             PO_OK);
            for (int i = 0; i < JOBS; i++)
                assert_int_equal(atomic_load(&tally.runs[i]), 1);
            assert_true(atomic_load(&tally.max_worker) < workers[w]);
            if (workers[w] == 1)
                assert_int_equal(atomic_load(&tally.order_broken), 0);
        }
}

static void a_cancel_starts_no_further_job(void **state)
{
    (void)state;
    struct tally tally = {.cancel_at = 10};
    const struct worker_pool_settings settings = {
        .workers = 1, .batch_size = 50, .cancel = &tally.cancel};
    assert_int_equal(worker_pool_run(&settings, JOBS, count_job, &tally, NULL), PO_OK);
    assert_int_equal(atomic_load(&tally.runs[10]), 1);
    assert_int_equal(atomic_load(&tally.runs[11]), 0);
}

static void no_jobs_and_no_workers(void **state)
{
    (void)state;
    struct tally tally = {.cancel_at = 0};
    struct worker_pool_settings settings = {.workers = 3, .batch_size = 1};
    assert_int_equal(worker_pool_run(&settings, 0, count_job, &tally, NULL), PO_OK);
    settings.workers = 0;
    assert_int_equal(worker_pool_run(&settings, 1, count_job, &tally, NULL),
                     PO_BAD_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_job_runs_once),
        cmocka_unit_test(a_cancel_starts_no_further_job),
        cmocka_unit_test(no_jobs_and_no_workers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
