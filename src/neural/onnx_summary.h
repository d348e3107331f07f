/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ONNX summary: what a model file says of itself, read without the runtime: operators,
 * operator set, weights that lie in other files. Walks the few protobuf fields it needs
 * (onnx.proto3, IR version 3 on) and skips the rest; every length is checked against what
 * holds it, and nesting is bounded.
 */
#ifndef NEURAL_ONNX_SUMMARY_H
#define NEURAL_ONNX_SUMMARY_H

#include <stddef.h>
#include <stdint.h>

#include "process_offline/status.h"

enum { ONNX_OPERATORS_MAX = 128, ONNX_TEXT_BYTES = 64 };

struct onnx_operator {
    char name[ONNX_TEXT_BYTES];
    int count;
};

struct onnx_summary {
    int64_t opset; /* of the default domain; 0: none given */
    char producer[ONNX_TEXT_BYTES];
    int operator_count;
    struct onnx_operator operators[ONNX_OPERATORS_MAX]; /* in order of first use */
    int more_operators;                                 /* kinds beyond the list */
    int initializers;
    int external;                        /* initializers whose data lies in other files */
    char external_file[ONNX_TEXT_BYTES]; /* the first of them */
};

/* PO_BAD_FORMAT where `bytes` are no ONNX model. */
PO_MUST_CHECK enum po_status onnx_summary_read(const uint8_t *data, size_t bytes,
                                               struct onnx_summary *summary,
                                               struct po_error *error);
PO_MUST_CHECK enum po_status
onnx_summary_load(const char *path, struct onnx_summary *summary, struct po_error *error);

#endif
