/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Solo job: one piece of work in a child process, under the engine's watchdog. What it
 * finds it leaves in shared memory. It is run again when it died or could not read or
 * take memory: it must begin what it leaves anew.
 */
#ifndef CALIBRATE_SOLO_JOB_H
#define CALIBRATE_SOLO_JOB_H

#include "base/cancel.h"
#include "process/run_control.h"
#include "process/sandbox.h"
#include "process_offline/settings.h"

struct solo_job {
    const char *name;
    void *context;
    enum po_status (*run)(void *context, const struct cancel *cancel,
                          struct po_error *error);
    double forecast_s; /* it may take five times as long */
    const struct po_run_settings *settings;
    struct sandbox *sandbox; /* NULL: none */
    struct run_control *control;
};

/* The work's own error, or what became of its process. */
PO_MUST_CHECK enum po_status solo_job_run(const struct solo_job *job,
                                          struct po_error *error);

#endif
