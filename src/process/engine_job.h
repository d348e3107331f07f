/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Engine job: what the engine does with the frames of a run, as a table of functions. The
 * engine knows processes, deadlines and retries; a job knows images. Tests put in jobs
 * that hang and crash.
 */
#ifndef PROCESS_ENGINE_JOB_H
#define PROCESS_ENGINE_JOB_H

#include "base/cancel.h"
#include "process/run_state.h"

/* Frames a worker may have at once: one that runs, the others being finished. */
enum { FRAME_PLACES = 3 };

/* One attempt at one frame, on a worker's thread. */
struct frame_attempt {
    int frame;
    int worker;
    int place;       /* below FRAME_PLACES: no other frame of the worker's has it */
    int number;      /* 1: the first attempt */
    int degradation; /* of the memory ladder */
    const struct cancel *cancel;
    const struct cancel *stop; /* the run stops: begin nothing more */
    int event_descriptor;      /* -1: nobody listens */
};

struct engine_job {
    const char *name; /* "frame", "probe" */
    void *context;
    /* Once, in the child, before its first frame. */
    enum po_status (*prepare)(void *context, int workers, struct po_error *error);
    /* Calls frame_attempt_started first, and again after frame_attempt_waiting;
     * frame_attempt_stage at each stage. Fills stage, stage_us, points and bytes of
     * `end`. */
    enum po_status (*run)(void *context, const struct frame_attempt *attempt,
                          struct run_event *end, struct po_error *error);
    /* On a worker's thread: the frame runs before long, on whichever worker, so that
     * reading its files can begin. NULL: nothing does. */
    void (*expect)(void *context, int frame);
    /* What is left of a frame that `run` was well with, and needs no worker: beside the
     * worker's next frame, on another thread, until which what `run` left for it lies
     * under (worker, place). On every such frame, once. NULL: nothing is left. */
    enum po_status (*finish)(void *context, const struct frame_attempt *attempt,
                             struct run_event *end, struct po_error *error);
    /* In the supervisor: how long the frame should take. NULL: no forecast. */
    double (*forecast_s)(void *context, int frame);
    /* In the supervisor: does the frame take clearly less time than others? Workers take
     * such frames last, so that at the end fewer of them wait, and not for long. NULL:
     * none does. */
    bool (*is_short)(void *context, int frame);
    /* In the supervisor, of a frame whose child died: was it finished all the same?
     * Fills points and stage_us of `end`. NULL: never. */
    bool (*committed)(void *context, int frame, struct run_event *end);
    /* In the supervisor: is there a degradation level below `degradation`? NULL: no. */
    bool (*can_degrade)(void *context, int frame, int degradation);
    const char *(*stage_name)(int stage);
};

/* All of a frame, one after the other. */
PO_MUST_CHECK enum po_status engine_job_run_whole(const struct engine_job *job,
                                                  const struct frame_attempt *attempt,
                                                  struct run_event *end,
                                                  struct po_error *error);

void frame_attempt_started(const struct frame_attempt *attempt);
void frame_attempt_waiting(const struct frame_attempt *attempt);
void frame_attempt_stage(const struct frame_attempt *attempt, int stage);

#endif
