/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of frames in a child: what a job has left of a frame once it has run is
 * finished beside the worker's next one, and the supervisor hears how the frame ended.
 *
 * How the threads work: a worker that has run a frame hands it over and takes the next;
 * a thread of its own finishes what was handed over. A worker has FRAME_PLACES - 1 frames
 * in that state at most: with the next one run, it waits for the oldest, and says that it
 * waits. One would do but for the disk, which now and then takes longer than a frame.
 * Ownership: create and destroy, which waits for all.
 */
#ifndef PROCESS_FRAME_END_H
#define PROCESS_FRAME_END_H

#include "process/engine_job.h"

struct frame_ends;

struct frame_ends_settings {
    const struct engine_job *job;
    int workers;
    int event_descriptor;
    int failures_allowed; /* so many, and `stop` is raised; 0: no limit */
    struct cancel *stop;
};

PO_MUST_CHECK enum po_status frame_ends_create(const struct frame_ends_settings *settings,
                                               struct frame_ends **ends,
                                               struct po_error *error);
void frame_ends_destroy(struct frame_ends *ends); /* NULL allowed */

/* The place that is free for the worker's next frame. */
int frame_ends_place(const struct frame_ends *ends, int worker);

/* The job has run `attempt` with `status`. */
void frame_ends_take(struct frame_ends *ends, const struct frame_attempt *attempt,
                     const struct run_event *end, enum po_status status,
                     const struct po_error *error);

#endif
