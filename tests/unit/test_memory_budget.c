/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sched.h>
#include <string.h>

#include "pool/memory_budget.h"
#include "pool/worker_pool.h"

enum { FRAMES = 400, LIMIT = 1000 };

struct shared {
    struct memory_budget *budget;
    atomic_int in_use;
    atomic_int exceeded;
    atomic_int admitted;
};

/* Footprints from 1 to 1000: the largest ones need the budget to themselves. */
static void use_memory(void *context, int worker, int job)
{
    (void)worker;
    struct shared *shared = context;
    int bytes = 1 + job * 37 % LIMIT;
    if (memory_budget_acquire(shared->budget, (uint64_t)bytes, NULL, NULL) != PO_OK)
        return;
    atomic_fetch_add(&shared->admitted, 1);
    if (atomic_fetch_add(&shared->in_use, bytes) + bytes > LIMIT)
        atomic_store(&shared->exceeded, 1);
    (void)sched_yield();
    atomic_fetch_sub(&shared->in_use, bytes);
    memory_budget_release(shared->budget, (uint64_t)bytes);
}

static void the_limit_holds_and_nobody_starves(void **state)
{
    (void)state;
    struct shared shared = {.budget = NULL};
    assert_int_equal(memory_budget_create(LIMIT, &shared.budget, NULL), PO_OK);
    const struct worker_pool_settings settings = {.workers = 6, .batch_size = 1};
    assert_int_equal(worker_pool_run(&settings, FRAMES, use_memory, &shared, NULL),
                     PO_OK);
    assert_int_equal(atomic_load(&shared.admitted), FRAMES);
    assert_int_equal(atomic_load(&shared.exceeded), 0);
    assert_true(memory_budget_peak(shared.budget) <= LIMIT);
    memory_budget_destroy(shared.budget);
}

static void what_can_never_fit_is_refused_with_both_numbers(void **state)
{
    (void)state;
    struct memory_budget *budget;
    struct po_error error;
    assert_int_equal(memory_budget_create((uint64_t)100 << 20, &budget, NULL), PO_OK);
    assert_int_equal(memory_budget_acquire(budget, (uint64_t)250 << 20, NULL, &error),
                     PO_MEMORY_LIMIT);
    assert_non_null(strstr(error.message, "250 MB"));
    assert_non_null(strstr(error.message, "100 MB"));
    memory_budget_destroy(budget);
}

static void a_waiting_frame_can_be_cancelled(void **state)
{
    (void)state;
    struct memory_budget *budget;
    struct cancel cancel = {1};
    assert_int_equal(memory_budget_create(10, &budget, NULL), PO_OK);
    assert_int_equal(memory_budget_acquire(budget, 10, NULL, NULL), PO_OK);
    assert_int_equal(memory_budget_acquire(budget, 1, &cancel, NULL), PO_CANCELLED);
    memory_budget_release(budget, 10);
    assert_int_equal(memory_budget_acquire(budget, 10, NULL, NULL), PO_OK);
    assert_int_equal(memory_budget_peak(budget), 10);
    memory_budget_destroy(budget);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_limit_holds_and_nobody_starves),
        cmocka_unit_test(what_can_never_fit_is_refused_with_both_numbers),
        cmocka_unit_test(a_waiting_frame_can_be_cancelled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
