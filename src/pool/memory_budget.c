/* SPDX-License-Identifier: Apache-2.0 */
#include "pool/memory_budget.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

enum { CANCEL_POLL_NS = 20 * 1000 * 1000 };

/* One waiting frame; lives on the waiter's stack. */
struct waiter {
    struct waiter *next;
};

struct memory_budget {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint64_t limit_bytes;
    uint64_t used_bytes;
    uint64_t peak_bytes;
    struct waiter *first; /* in order of asking: only the first may be admitted */
    struct waiter *last;
};

enum po_status memory_budget_create(uint64_t limit_bytes, struct memory_budget **budget,
                                    struct po_error *error)
{
    pthread_condattr_t attributes;
    struct memory_budget *made = calloc(1, sizeof(*made));
    *budget = NULL;
    if (made == NULL || pthread_condattr_init(&attributes) != 0) {
        free(made);
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for the memory budget");
    }
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&made->changed, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    (void)pthread_mutex_init(&made->lock, NULL);
    made->limit_bytes = limit_bytes;
    *budget = made;
    return PO_OK;
}

void memory_budget_destroy(struct memory_budget *budget)
{
    if (budget == NULL)
        return;
    (void)pthread_cond_destroy(&budget->changed);
    (void)pthread_mutex_destroy(&budget->lock);
    free(budget);
}

static void queue_join(struct memory_budget *budget, struct waiter *waiter)
{
    waiter->next = NULL;
    if (budget->last != NULL)
        budget->last->next = waiter;
    else
        budget->first = waiter;
    budget->last = waiter;
}

static void queue_leave(struct memory_budget *budget, const struct waiter *waiter)
{
    struct waiter *before = NULL;
    for (struct waiter *at = budget->first; at != NULL; before = at, at = at->next) {
        if (at != waiter)
            continue;
        if (before != NULL)
            before->next = at->next;
        else
            budget->first = at->next;
        if (budget->last == at)
            budget->last = before;
        return;
    }
}

/* Waits for a change, or briefly: a cancel comes without a signal. */
static void wait_for_change(struct memory_budget *budget)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += CANCEL_POLL_NS;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    (void)pthread_cond_timedwait(&budget->changed, &budget->lock, &until);
}

static bool fits(const struct memory_budget *budget, uint64_t bytes)
{
    return bytes <= budget->limit_bytes - budget->used_bytes;
}

enum po_status memory_budget_acquire(struct memory_budget *budget, uint64_t bytes,
                                     const struct cancel *cancel, struct po_error *error)
{
    if (bytes > budget->limit_bytes)
        return po_fail(error, PO_MEMORY_LIMIT,
                       "the frame needs %llu MB, the memory budget is %llu MB; raise "
                       "--memory-limit or use --downscale",
                       (unsigned long long)(bytes >> 20),
                       (unsigned long long)(budget->limit_bytes >> 20));
    struct waiter self;
    bool cancelled = false;
    (void)pthread_mutex_lock(&budget->lock);
    queue_join(budget, &self);
    while (!cancelled && (budget->first != &self || !fits(budget, bytes))) {
        wait_for_change(budget);
        cancelled = cancel_requested(cancel);
    }
    queue_leave(budget, &self);
    if (!cancelled) {
        budget->used_bytes += bytes;
        if (budget->used_bytes > budget->peak_bytes)
            budget->peak_bytes = budget->used_bytes;
    }
    (void)pthread_cond_broadcast(&budget->changed);
    (void)pthread_mutex_unlock(&budget->lock);
    if (cancelled)
        return po_fail(error, PO_CANCELLED, "cancelled while waiting for memory");
    return PO_OK;
}

void memory_budget_release(struct memory_budget *budget, uint64_t bytes)
{
    (void)pthread_mutex_lock(&budget->lock);
    budget->used_bytes -= bytes;
    (void)pthread_cond_broadcast(&budget->changed);
    (void)pthread_mutex_unlock(&budget->lock);
}

uint64_t memory_budget_peak(const struct memory_budget *budget)
{
    struct memory_budget *locked = (struct memory_budget *)budget;
    (void)pthread_mutex_lock(&locked->lock);
    uint64_t peak = locked->peak_bytes;
    (void)pthread_mutex_unlock(&locked->lock);
    return peak;
}
