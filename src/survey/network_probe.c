/* SPDX-License-Identifier: Apache-2.0 */
#include "survey/network_probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "neural/network_evaluate.h"
#include "pool/memory_available.h"
#include "process/child_call.h"

/* From here on the peak counts again. */
static void forget_peak(void)
{
    FILE *file = fopen("/proc/self/clear_refs", "we");
    if (file == NULL)
        return;
    (void)fputs("5", file);
    (void)fclose(file);
}

static double processor_s(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static size_t growth(uint64_t now, uint64_t before)
{
    return now > before ? (size_t)(now - before) : 0;
}

/* Grey noise: a network must not take a shortcut on an empty picture. */
static uint8_t *make_picture(const struct network_request *request)
{
    size_t bytes = (size_t)request->width_px * (size_t)request->height_px *
                   (size_t)request->channels;
    uint8_t *pixels = malloc(bytes);
    uint32_t state = 1;
    for (size_t i = 0; pixels != NULL && i < bytes; i++) {
        state = state * 1664525U + 1013904223U;
        pixels[i] = (uint8_t)(state >> 24);
    }
    return pixels;
}

static enum po_status run_once(const struct network *network,
                               const struct network_request *request,
                               const struct network_facts *probes, const uint8_t *pixels,
                               struct po_error *error)
{
    struct network_picture picture = {request->width_px,
                                      request->height_px,
                                      request->channels,
                                      (ptrdiff_t)request->width_px * request->channels,
                                      pixels,
                                      false};
    struct network_task task = {network, &probes->model, {picture, picture}, NULL};
    struct network_map map = {request->width_px, request->height_px, NULL};
    struct network_findings findings;
    struct scratch scratch = {0};
    size_t floats = (size_t)request->width_px * (size_t)request->height_px;
    size_t bytes =
        scratch_sum(scratch_array_size(floats, sizeof(float)),
                    network_evaluate_bytes(&probes->model, request->width_px,
                                           request->height_px, request->channels));
    enum po_status status = scratch_init(&scratch, bytes, error);
    if (status != PO_OK)
        return status;
    map.values = scratch_take_array(&scratch, floats, sizeof(float));
    status = map.values == NULL
                 ? scratch_exhausted(&scratch, "a network's map", error)
                 : network_evaluate(&task, &scratch, &map, &findings, error);
    scratch_release(&scratch);
    /* Noise may well be flat to it. */
    return status == PO_BAD_FORMAT ? PO_OK : status;
}

static enum po_status measure_run(const struct network *network,
                                  const struct network_request *request,
                                  struct network_facts *probes, struct po_error *error)
{
    struct network_fit fit;
    enum po_status status = network_fit_make(&probes->model, request->width_px,
                                             request->height_px, &fit, error);
    if (status != PO_OK)
        return status;
    probes->tensor_width_px = fit.tensor_width_px;
    probes->tensor_height_px = fit.tensor_height_px;
    uint8_t *pixels = make_picture(request);
    if (pixels == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory to try a network");
    size_t own = network_evaluate_bytes(&probes->model, request->width_px,
                                        request->height_px, request->channels);
    forget_peak();
    uint64_t before = memory_resident_bytes(getpid());
    status = run_once(network, request, probes, pixels, error);
    uint64_t peak = growth(memory_resident_peak_bytes(getpid()), before);
    probes->run_bytes = growth(peak, own);
    double start_s = processor_s();
    if (status == PO_OK)
        status = run_once(network, request, probes, pixels, error);
    probes->run_s = processor_s() - start_s;
    free(pixels);
    return status;
}

void network_probe(const struct network_request *request, struct network_facts *probes,
                   struct network **network)
{
    struct po_error error = {0};
    struct network *opened = NULL;
    memset(probes, 0, sizeof(*probes));
    uint64_t before = memory_resident_bytes(getpid());
    probes->status = network_open(&request->source, &opened, &error);
    probes->fixed_bytes = growth(memory_resident_bytes(getpid()), before);
    if (probes->status == PO_OK)
        (void)snprintf(probes->runtime, sizeof(probes->runtime), "%s",
                       network_runtime_version(opened));
    if (probes->status == PO_OK)
        probes->status =
            network_model_make(opened, request->source.model, request->config,
                               request->kind, &probes->model, &probes->guesses, &error);
    if (probes->status == PO_OK && request->width_px > 0)
        probes->status = measure_run(opened, request, probes, &error);
    (void)snprintf(probes->message, sizeof(probes->message), "%.500s", error.message);
    if (network != NULL && probes->status == PO_OK) {
        *network = opened;
        return;
    }
    network_close(opened);
    if (network != NULL)
        *network = NULL;
}

static void probe_in_child(const void *request, void *result)
{
    network_probe(request, result, NULL);
}

void network_probe_apart(const struct network_request *request, double timeout_s,
                         struct network_facts *probes)
{
    struct po_error error = {0};
    const struct child_call call = {
        .run = probe_in_child,
        .request = request,
        .result = probes,
        .result_bytes = sizeof(*probes),
        .timeout_s = timeout_s,
    };
    memset(probes, 0, sizeof(*probes));
    enum po_status status = child_call_run(&call, &error);
    if (status == PO_OK)
        return;
    probes->status = status;
    (void)snprintf(probes->message, sizeof(probes->message),
                   "%.200s: loading the network %.200s", request->source.model,
                   error.message);
}
