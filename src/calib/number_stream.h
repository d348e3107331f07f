/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers of a large array, one after the other: of a .npy, of a member of an .npz, or of
 * a run of text in a file. Row by row, as the array is written in C order.
 * Ownership: number_stream_close releases; safe on a zeroed stream.
 */
#ifndef CALIB_NUMBER_STREAM_H
#define CALIB_NUMBER_STREAM_H

#include <stdio.h>

#include "calib/calibration.h"
#include "calib/npy_array.h"

struct number_stream {
    char name[PO_ERROR_MESSAGE_BYTES / 2]; /* for errors */
    FILE *file;                            /* text, .npy */
    void *archive;                         /* .npz */
    void *member;
    bool is_text;
    uint64_t left; /* bytes of the text */
    struct npy_header header;
};

/* `folder` holds array->file. */
PO_MUST_CHECK enum po_status number_stream_open(struct number_stream *stream,
                                                const char *folder,
                                                const struct remap_array *array,
                                                struct po_error *error);
PO_MUST_CHECK enum po_status number_stream_next(struct number_stream *stream,
                                                double *value, struct po_error *error);
/* After the last number: PO_BAD_FORMAT where the member of an .npz has another checksum.
 */
PO_MUST_CHECK enum po_status number_stream_finish(struct number_stream *stream,
                                                  struct po_error *error);
void number_stream_close(struct number_stream *stream);

/* npz_tree.c, which alone knows libzip: a member opened for reading. */
PO_MUST_CHECK enum po_status npz_member_open(const char *path, const char *member,
                                             void **archive, void **file,
                                             struct po_error *error);
bool npz_member_read(void *file, void *target, size_t bytes);
/* libzip compares the checksum where it meets the end. */
PO_MUST_CHECK enum po_status npz_member_finish(void *file, const char *name,
                                               struct po_error *error);
void npz_member_close(void *archive, void *file);

#endif
