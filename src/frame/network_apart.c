/* SPDX-License-Identifier: Apache-2.0 */
#include "frame/network_apart.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "process/child_call.h"

struct apart_request {
    const struct apart_evaluation *evaluation;
    float *values;
};

struct apart_end {
    enum po_status status;
    struct network_findings findings;
    char message[256];
};

static void run_in_child(const void *request, void *result)
{
    const struct apart_request *apart = request;
    struct apart_end *end = result;
    struct po_error error = {0};
    end->status = apart->evaluation->run(apart->evaluation->context, apart->values,
                                         &end->findings, &error);
    (void)snprintf(end->message, sizeof(end->message), "%.255s", error.message);
}

static enum po_status call_child(const struct apart_request *request,
                                 struct network_findings *findings,
                                 struct po_error *error)
{
    struct apart_end end = {0};
    const struct child_call call = {
        .run = run_in_child,
        .request = request,
        .result = &end,
        .result_bytes = sizeof(end),
        .timeout_s = request->evaluation->timeout_s,
    };
    struct po_error cause = {0};
    /* However the child ends, the frame goes on without what it was to give. */
    if (child_call_run(&call, &cause) != PO_OK)
        return po_fail(error, PO_UNSUPPORTED, "alone in a process, it %.200s",
                       cause.message);
    *findings = end.findings;
    return end.status == PO_OK ? PO_OK : po_fail(error, end.status, "%s", end.message);
}

enum po_status network_apart_run(const struct apart_evaluation *evaluation,
                                 struct network_findings *findings,
                                 struct po_error *error)
{
    size_t part_bytes = evaluation->floats * sizeof(float);
    size_t bytes = part_bytes * (size_t)evaluation->parts;
    float *shared =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory to run a network apart");
    const struct apart_request request = {evaluation, shared};
    enum po_status status = call_child(&request, findings, error);
    for (int i = 0; i < evaluation->parts && status == PO_OK; i++)
        memcpy(evaluation->targets[i], shared + (size_t)i * evaluation->floats,
               part_bytes);
    (void)munmap(shared, bytes);
    return status;
}
