/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Watchdog: which of the running frames has been silent for too long.
 *
 * Pure arithmetic on times it is given. A frame may be silent for the larger of the
 * timeout and five times its forecast; then it is asked to cancel; if it stays silent
 * through the grace, its process must die, as a stuck thread cannot be ended alone.
 * Invariant: at most `capacity` frames run at once. Ownership: watchdog_release.
 */
#ifndef PROCESS_WATCHDOG_H
#define PROCESS_WATCHDOG_H

#include <stdbool.h>
#include <stdint.h>

#include "process_offline/status.h"

enum watchdog_verdict { WATCHDOG_QUIET, WATCHDOG_CANCEL, WATCHDOG_KILL };

struct watched_frame {
    int frame;
    int64_t heard_ns;
    int64_t allowed_ns;   /* of silence */
    int64_t cancelled_ns; /* 0: not asked to cancel */
};

struct watchdog {
    int capacity;
    int count;
    double timeout_s;
    double grace_s;
    struct watched_frame *running;
};

PO_MUST_CHECK enum po_status watchdog_init(struct watchdog *watchdog, int capacity,
                                           double timeout_s, struct po_error *error);
void watchdog_release(struct watchdog *watchdog);

void watchdog_started(struct watchdog *watchdog, int frame, double forecast_s,
                      int64_t now_ns);
/* An event came: the frame is alive. */
void watchdog_heard(struct watchdog *watchdog, int frame, int64_t now_ns);
/* True when the frame had been asked to cancel. */
bool watchdog_ended(struct watchdog *watchdog, int frame);
/* After the whole program slept: everyone gets its time again. */
void watchdog_restart(struct watchdog *watchdog, int64_t now_ns);

/* The most urgent thing to do now, and for which frame. A frame is named once for
 * WATCHDOG_CANCEL. */
enum watchdog_verdict watchdog_check(struct watchdog *watchdog, int64_t now_ns,
                                     int *frame);
/* When watchdog_check may next have something to say; INT64_MAX: never. */
int64_t watchdog_next_ns(const struct watchdog *watchdog);
/* How long a frame has been silent, and may be, in seconds; false when it is not
 * running. */
bool watchdog_silence(const struct watchdog *watchdog, int frame, int64_t now_ns,
                      double *silent_s, double *allowed_s);

#endif
