/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NumPy's array file (.npy, NEP 1): a header with type, order and shape, and then
 * the values. Reads from any stream of bytes, so that a file and a member of a zip are
 * one.
 *
 * Floats of 4 and 8 bytes, whole numbers of 1 to 8 and booleans, either byte order, C or
 * Fortran order. Invariant: a header that was read has a count that does not overflow; no
 * more than NPY_HEADER_BYTES are taken for it. Nothing is allocated.
 */
#ifndef CALIB_NPY_ARRAY_H
#define CALIB_NPY_ARRAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "process_offline/status.h"

enum { NPY_DIMENSIONS = 4, NPY_HEADER_BYTES = 8192 };

struct npy_stream {
    /* Exactly `bytes`; false when there are fewer (errno 0), or errno says why not. */
    bool (*read)(void *context, void *target, size_t bytes);
    void *context;
};

/* PO_BAD_FORMAT and the text where a stream has ended, input_read_failed where errno says
 * that it could not be read. */
PO_MUST_CHECK enum po_status npy_cut_short(const char *name, const char *how,
                                           struct po_error *error);

struct npy_header {
    char kind; /* 'f', 'i', 'u', 'b' (boolean), 'U' (text), 'O' (pickled objects) */
    int element_bytes;
    bool big_endian;
    bool fortran_order;
    int dimensions;
    size_t shape[NPY_DIMENSIONS];
    size_t count; /* product of the shape; 1 for a single value */
};

/* `name` begins the errors. */
PO_MUST_CHECK enum po_status npy_read_header(const char *name,
                                             const struct npy_stream *stream,
                                             struct npy_header *header,
                                             struct po_error *error);
/* All `header->count` values in C order. `header->kind` must be one of numbers. */
PO_MUST_CHECK enum po_status npy_read_values(const char *name,
                                             const struct npy_stream *stream,
                                             const struct npy_header *header,
                                             double *values, struct po_error *error);
bool npy_holds_numbers(const struct npy_header *header);
/* One value from its bytes. */
double npy_value(const struct npy_header *header, const uint8_t *bytes);

#endif
