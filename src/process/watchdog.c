/* SPDX-License-Identifier: Apache-2.0 */
#include "process/watchdog.h"

#include <stdlib.h>

static const double forecast_margin = 5.0;
static const double max_grace_s = 2.0;

enum po_status watchdog_init(struct watchdog *watchdog, int capacity, double timeout_s,
                             struct po_error *error)
{
    *watchdog = (struct watchdog){.capacity = capacity, .timeout_s = timeout_s};
    watchdog->grace_s = timeout_s < max_grace_s ? timeout_s : max_grace_s;
    watchdog->running = calloc((size_t)capacity, sizeof(*watchdog->running));
    if (watchdog->running == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory to watch %d frames", capacity);
    return PO_OK;
}

void watchdog_release(struct watchdog *watchdog)
{
    free(watchdog->running);
    *watchdog = (struct watchdog){0};
}

static struct watched_frame *find(const struct watchdog *watchdog, int frame)
{
    for (int i = 0; i < watchdog->count; i++)
        if (watchdog->running[i].frame == frame)
            return &watchdog->running[i];
    return NULL;
}

void watchdog_started(struct watchdog *watchdog, int frame, double forecast_s,
                      int64_t now_ns)
{
    if (watchdog->count == watchdog->capacity || find(watchdog, frame) != NULL)
        return;
    double allowed_s = forecast_margin * forecast_s;
    if (allowed_s < watchdog->timeout_s)
        allowed_s = watchdog->timeout_s;
    watchdog->running[watchdog->count++] = (struct watched_frame){
        .frame = frame, .heard_ns = now_ns, .allowed_ns = (int64_t)(allowed_s * 1e9)};
}

void watchdog_heard(struct watchdog *watchdog, int frame, int64_t now_ns)
{
    struct watched_frame *watched = find(watchdog, frame);
    if (watched != NULL)
        watched->heard_ns = now_ns;
}

bool watchdog_ended(struct watchdog *watchdog, int frame)
{
    struct watched_frame *watched = find(watchdog, frame);
    if (watched == NULL)
        return false;
    bool cancelled = watched->cancelled_ns != 0;
    *watched = watchdog->running[--watchdog->count];
    return cancelled;
}

void watchdog_restart(struct watchdog *watchdog, int64_t now_ns)
{
    for (int i = 0; i < watchdog->count; i++) {
        watchdog->running[i].heard_ns = now_ns;
        if (watchdog->running[i].cancelled_ns != 0)
            watchdog->running[i].cancelled_ns = now_ns;
    }
}

static int64_t due_ns(const struct watchdog *watchdog, const struct watched_frame *one)
{
    if (one->cancelled_ns != 0)
        return one->cancelled_ns + (int64_t)(watchdog->grace_s * 1e9);
    return one->heard_ns + one->allowed_ns;
}

enum watchdog_verdict watchdog_check(struct watchdog *watchdog, int64_t now_ns,
                                     int *frame)
{
    enum watchdog_verdict verdict = WATCHDOG_QUIET;
    struct watched_frame *worst = NULL;
    for (int i = 0; i < watchdog->count; i++) {
        struct watched_frame *one = &watchdog->running[i];
        if (now_ns < due_ns(watchdog, one))
            continue;
        enum watchdog_verdict its =
            one->cancelled_ns != 0 ? WATCHDOG_KILL : WATCHDOG_CANCEL;
        if (its > verdict) {
            verdict = its;
            worst = one;
        }
    }
    if (worst == NULL)
        return WATCHDOG_QUIET;
    *frame = worst->frame;
    if (verdict == WATCHDOG_CANCEL)
        worst->cancelled_ns = now_ns;
    return verdict;
}

int64_t watchdog_next_ns(const struct watchdog *watchdog)
{
    int64_t next = INT64_MAX;
    for (int i = 0; i < watchdog->count; i++) {
        int64_t due = due_ns(watchdog, &watchdog->running[i]);
        if (due < next)
            next = due;
    }
    return next;
}

bool watchdog_silence(const struct watchdog *watchdog, int frame, int64_t now_ns,
                      double *silent_s, double *allowed_s)
{
    const struct watched_frame *one = find(watchdog, frame);
    if (one == NULL)
        return false;
    *silent_s = (double)(now_ns - one->heard_ns) * 1e-9;
    *allowed_s = (double)one->allowed_ns * 1e-9;
    return true;
}
