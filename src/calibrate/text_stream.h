/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text stream: what is printed becomes one text in memory, whole or not at all. (That of
 * open_memstream loses what it gets no memory for, and does not say so.)
 *
 * Ownership: text_stream_close gives the text to its caller.
 */
#ifndef CALIBRATE_TEXT_STREAM_H
#define CALIBRATE_TEXT_STREAM_H

#include <stdbool.h>
#include <stdio.h>

#include "process_offline/status.h"

struct text_stream {
    FILE *stream; /* to print to */
    char *text;
    size_t bytes;
    size_t capacity;
    bool lost; /* some of it */
};

/* `to` must stay where it is until it is closed. Errors: PO_OUT_OF_MEMORY. */
PO_MUST_CHECK enum po_status text_stream_open(struct text_stream *to,
                                              struct po_error *error);
/* Ends the stream in any case; *text ends with a NUL, and the caller frees it; NULL after
 * an error. */
PO_MUST_CHECK enum po_status text_stream_close(struct text_stream *to, char **text,
                                               size_t *bytes, struct po_error *error);

#endif
