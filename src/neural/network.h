/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Network: one loaded model, ready to run.
 *
 * One a process, shared by its workers: the runtime lets several threads run one session.
 * It computes on the calling thread alone, without an arena and with the default order of
 * operators, so that a result depends on the inputs and the machine only. Ownership:
 * open/close; results are released before their network.
 */
#ifndef NEURAL_NETWORK_H
#define NEURAL_NETWORK_H

#include <stdbool.h>
#include <stdint.h>

#include "process_offline/status.h"

enum {
    NETWORK_TENSORS_MAX = 16,
    NETWORK_RANK_MAX = 6,
    NETWORK_NAME_BYTES = 128,
};

/* An input or output, as the model declares it. */
struct network_tensor {
    char name[NETWORK_NAME_BYTES];
    bool is_float; /* 32-bit floats */
    int rank;
    int64_t shape[NETWORK_RANK_MAX]; /* below 1: any size */
};

struct network_tensors {
    int count;
    struct network_tensor tensors[NETWORK_TENSORS_MAX];
};

struct network;

struct network_source {
    const char *library; /* NULL: where runtime_open looks */
    const char *model;   /* the .onnx file */
    bool cuda;           /* on the first CUDA device instead of the CPU */
};

/*
 * Reads and prepares the model. PO_NOT_FOUND: no runtime, no file; PO_BAD_FORMAT: not an
 * ONNX model, or broken, with what the runtime says (operators it does not know, weights
 * that lie elsewhere); PO_UNSUPPORTED: a runtime too old, no CUDA in it, tensors of more
 * than NETWORK_RANK_MAX dimensions.
 */
PO_MUST_CHECK enum po_status network_open(const struct network_source *source,
                                          struct network **network,
                                          struct po_error *error);
void network_close(struct network *network); /* NULL allowed */

const struct network_tensors *network_inputs(const struct network *network);
const struct network_tensors *network_outputs(const struct network *network);
const char *network_runtime_version(const struct network *network);

/* What an input is fed with: row-major floats, the caller's. */
struct network_feed {
    int rank;
    int64_t shape[NETWORK_RANK_MAX];
    float *data;
};

/* The output asked for: the library's memory until network_result_release. */
struct network_result {
    int rank;
    int64_t shape[NETWORK_RANK_MAX];
    const float *data;
    void *held;
};

/* One evaluation: a feed for each input, in their order. Safe from several threads. */
PO_MUST_CHECK enum po_status network_run(const struct network *network,
                                         const struct network_feed *feeds, int output,
                                         struct network_result *result,
                                         struct po_error *error);
void network_result_release(const struct network *network, struct network_result *result);

#endif
