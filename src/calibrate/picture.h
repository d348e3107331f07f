/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Picture: one side of a pair as a grey image, whatever its file is. Only in a child.
 * Ownership: picture_release frees its arena.
 */
#ifndef CALIBRATE_PICTURE_H
#define CALIBRATE_PICTURE_H

#include "base/cancel.h"
#include "base/scratch.h"
#include "image/image_view.h"
#include "pool/memory_budget.h"
#include "process/engine_job.h"
#include "session/manifest.h"

struct picture {
    struct scratch scratch;
    struct image_view grey;
    struct memory_budget *budget; /* NULL: none was taken from */
    uint64_t bytes;
};

struct picture_request {
    const struct frame_entry *frame;
    int side;                     /* 0 left, 1 right */
    double extra_bytes_per_px;    /* for what is done with it */
    struct memory_budget *budget; /* NULL: none */
    const struct cancel *cancel;
    const struct frame_attempt *attempt; /* told when it waits for memory; NULL: nobody */
};

/* Takes its memory, and the extra bytes, from the budget before anything is allocated.
 * 16-bit samples are scaled by the largest of the picture. */
PO_MUST_CHECK enum po_status picture_load(const struct picture_request *request,
                                          struct picture *picture,
                                          struct po_error *error);
void picture_release(struct picture *picture); /* a zeroed picture is fine */

#endif
