/* SPDX-License-Identifier: Apache-2.0 */
#include "survey/network_probe.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "neural/network_evaluate.h"
#include "neural/network_model_make.h"
#include "pool/memory_available.h"
#include "process/child_call.h"

/* From here on the peak counts again. */
static void forget_peak(void)
{
    int fd = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    if (write(fd, "5", 1) < 0) {
        /* Not allowed here: the peak then holds the loading, too. */
    }
    (void)close(fd);
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
                               const struct probed_network *probed, const uint8_t *pixels,
                               struct po_error *error)
{
    struct network_picture picture = {request->width_px,
                                      request->height_px,
                                      request->channels,
                                      (ptrdiff_t)request->width_px * request->channels,
                                      pixels,
                                      false};
    struct network_task task = {network, &probed->model, {picture, picture}, NULL};
    struct network_map map = {request->width_px, request->height_px, NULL};
    struct network_findings findings;
    struct scratch scratch = {0};
    size_t floats = (size_t)request->width_px * (size_t)request->height_px;
    size_t bytes =
        scratch_sum(scratch_array_size(floats, sizeof(float)),
                    network_evaluate_bytes(&probed->model, request->width_px,
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
                                  struct probed_network *probed, struct po_error *error)
{
    struct network_fit fit;
    enum po_status status = network_fit_make(&probed->model, request->width_px,
                                             request->height_px, &fit, error);
    if (status != PO_OK)
        return status;
    probed->tensor_width_px = fit.tensor_width_px;
    probed->tensor_height_px = fit.tensor_height_px;
    uint8_t *pixels = make_picture(request);
    if (pixels == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory to try a network");
    size_t own = network_evaluate_bytes(&probed->model, request->width_px,
                                        request->height_px, request->channels);
    forget_peak();
    uint64_t before = memory_resident_bytes(getpid());
    status = run_once(network, request, probed, pixels, error);
    uint64_t peak = growth(memory_resident_peak_bytes(getpid()), before);
    probed->run_bytes = growth(peak, own);
    double start_s = processor_s();
    if (status == PO_OK)
        status = run_once(network, request, probed, pixels, error);
    probed->run_s = processor_s() - start_s;
    free(pixels);
    return status;
}

/* By value: two descriptions that say the same are the same. */
static struct hash model_hash(const struct network_model *model)
{
    char text[512];
    int length = snprintf(
        text, sizeof(text),
        "%d %d %d %d %d %d %d %d %a %a %a %a %a %a %a %d %d %d %a %d %d",
        (int)model->kind, model->input[0], model->input[1], model->output,
        model->output_channel, model->channels, model->bgr, model->channels_last,
        (double)model->scale, (double)model->mean[0], (double)model->mean[1],
        (double)model->mean[2], (double)model->deviation[0], (double)model->deviation[1],
        (double)model->deviation[2], model->multiple, (int)model->place,
        (int)model->large, model->output_scale, model->max_disparity_px, model->side_px);
    return hash_bytes(text, (size_t)length);
}

static enum po_status make_key(const struct network_request *request,
                               struct probed_network *probed, struct po_error *error)
{
    struct hash content;
    enum po_status status = hash_file(request->source.model, &content, error);
    if (status != PO_OK)
        return status;
    content = hash_combine(content, model_hash(&probed->model));
    probed->key =
        hash_combine(content, hash_bytes(probed->runtime, strlen(probed->runtime)));
    return PO_OK;
}

void network_probe(const struct network_request *request, struct probed_network *probed,
                   struct network **network)
{
    struct po_error error = {0};
    struct network *opened = NULL;
    memset(probed, 0, sizeof(*probed));
    uint64_t before = memory_resident_bytes(getpid());
    probed->status = network_open(&request->source, &opened, &error);
    probed->fixed_bytes = growth(memory_resident_bytes(getpid()), before);
    if (probed->status == PO_OK)
        (void)snprintf(probed->runtime, sizeof(probed->runtime), "%s",
                       network_runtime_version(opened));
    if (probed->status == PO_OK)
        probed->status =
            network_model_make(opened,
                               &(struct network_origin){request->source.model,
                                                        request->config, request->kind},
                               &probed->model, &probed->guesses, &error);
    if (probed->status == PO_OK)
        probed->status = make_key(request, probed, &error);
    if (probed->status == PO_OK && request->width_px > 0)
        probed->status = measure_run(opened, request, probed, &error);
    (void)snprintf(probed->message, sizeof(probed->message), "%.500s", error.message);
    if (network != NULL && probed->status == PO_OK) {
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
                         struct probed_network *probed)
{
    struct po_error error = {0};
    const struct child_call call = {
        .run = probe_in_child,
        .request = request,
        .result = probed,
        .result_bytes = sizeof(*probed),
        .timeout_s = timeout_s,
    };
    memset(probed, 0, sizeof(*probed));
    enum po_status status = child_call_run(&call, &error);
    if (status == PO_OK)
        return;
    probed->status = status;
    (void)snprintf(probed->message, sizeof(probed->message),
                   "%.200s: loading the network %.200s", request->source.model,
                   error.message);
}
