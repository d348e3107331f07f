/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Network apart: an evaluation that may take its process with it, in a child of its own,
 * whose values come back in shared memory.
 */
#ifndef FRAME_NETWORK_APART_H
#define FRAME_NETWORK_APART_H

#include "neural/network_evaluate.h"

struct apart_evaluation {
    /* Runs in the child; fills `parts` blocks of `floats` values, one after another. */
    enum po_status (*run)(const void *context, float *values,
                          struct network_findings *findings, struct po_error *error);
    const void *context;
    size_t floats;
    int parts;
    float *targets[2]; /* where the parts go in this process */
    double timeout_s;
};

/* The status of `run`; PO_UNSUPPORTED where the child ended in another way. */
PO_MUST_CHECK enum po_status network_apart_run(const struct apart_evaluation *evaluation,
                                               struct network_findings *findings,
                                               struct po_error *error);

#endif
