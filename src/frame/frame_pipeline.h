/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one pipeline of a frame: load, downscale, rectify, match, refine, triangulate,
 * filter, write. One call a line in frame_pipeline.c; each begins by reporting its stage.
 * The commit is what frame_publication.h then does, with or beside the worker.
 */
#ifndef FRAME_FRAME_PIPELINE_H
#define FRAME_FRAME_PIPELINE_H

#include "frame/frame_context.h"
#include "frame/frame_publication.h"

/*
 * Reads the two image headers and plans the bytes: what the caller asks of the budget and
 * gives to run as scratch (capacity >= job->plan.scratch_bytes).
 */
PO_MUST_CHECK enum po_status frame_pipeline_prepare(const struct frame_context *context,
                                                    int frame, struct frame_job *job,
                                                    struct po_error *error);

/* How the caller follows a frame, and ends it early. */
struct frame_control {
    const struct cancel *cancel; /* NULL: never */
    /* Before each stage, on the worker's thread; NULL: nobody listens. */
    void (*staged)(void *context, int frame, enum frame_stage stage);
    void *context;
    struct frame_publication *publication; /* what is written, to be published */
};

/* Runs the frame until all of it is written; nothing of it is visible until it is
 * published. result->stage says where a failure ended it. Rewinds `scratch`. */
PO_MUST_CHECK enum po_status
frame_pipeline_run(const struct frame_context *context, const struct frame_job *job,
                   struct scratch *scratch, const struct frame_control *control,
                   struct frame_result *result, struct po_error *error);

#endif
