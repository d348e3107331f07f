/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runtime: the library that evaluates networks, ONNX Runtime, loaded when a run asks for
 * a network and never before.
 *
 * Loaded into child processes only: whatever a model makes the library do then costs a
 * frame's network part, never the run. Ownership: open/close; a runtime outlives its
 * networks. A library once loaded stays in the process: its threads and its destructors
 * do not survive being unloaded.
 */
#ifndef NEURAL_RUNTIME_H
#define NEURAL_RUNTIME_H

#include "neural/runtime_api.h"
#include "process_offline/status.h"

struct runtime {
    struct runtime_calls calls;
    void *library;
    struct ort_env *env;
    struct ort_memory *memory; /* where tensors of ours lie: the CPU's */
    struct ort_allocator *allocator;
    const char *version; /* the library's own */
};

/*
 * `library`: a file, or NULL: the loader's own search, then where the install script puts
 * it. PO_NOT_FOUND when there is none, with the command that installs one;
 * PO_UNSUPPORTED for a library without the entries or too old.
 */
PO_MUST_CHECK enum po_status runtime_open(const char *library, struct runtime *runtime,
                                          struct po_error *error);
void runtime_close(struct runtime *runtime); /* safe on a zeroed struct */

/* PO_OK for a NULL status; else releases it and fails as `otherwise` with its message. */
PO_MUST_CHECK enum po_status runtime_check(const struct runtime *runtime,
                                           struct ort_status *status,
                                           enum po_status otherwise, const char *what,
                                           struct po_error *error);

#endif
