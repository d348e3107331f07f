/* SPDX-License-Identifier: Apache-2.0 */
/* What a network is, takes and costs: asked before a run, and of a model alone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/option_error.h"
#include "base/outside_text.h"
#include "base/readable.h"
#include "cli/command.h"
#include "neural/onnx_summary.h"
#include "pool/memory_available.h"
#include "process/child_call.h"
#include "survey/network_probe.h"

enum { PATH_BYTES = 4096, SIDE_MAX_PX = 16384 };
static const double TRY_TIMEOUT_S = 600.0;

/* Both halves of what a child finds out about a model. */
struct network_info {
    enum po_status status;
    char message[512];
    struct onnx_summary summary;
    struct network_tensors inputs;
    struct network_tensors outputs;
    uint64_t fixed_bytes; /* of the library and the model, loaded for the first time */
    struct probed_network probed;
};

/* "model.onnx,1456x1088" taken apart; without a size it is 0 x 0. */
static enum po_status read_argument(const char *argument, char *path,
                                    struct network_request *request,
                                    struct po_error *error)
{
    char *end = NULL;
    const char *comma = strrchr(argument, ',');
    if (snprintf(path, PATH_BYTES, "%s", argument) >= PATH_BYTES)
        return po_fail(error, PO_BAD_ARGUMENT, "--network-info: the path is too long");
    request->source.model = path;
    if (comma == NULL)
        return PO_OK;
    long width = strtol(comma + 1, &end, 10);
    if (end == comma + 1 || *end != 'x') {
        if (access(argument, F_OK) == 0) /* a comma of the name */
            return PO_OK;
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--network-info %.200s: there is no such file, and '%.40s' is no "
                       "size; give FILE, or FILE,WxH such as %.*s,640x480",
                       argument, comma + 1, (int)(comma - argument), argument);
    }
    char *last = NULL;
    long height = strtol(end + 1, &last, 10);
    if (*last != '\0' || width < 16 || height < 16 || width > SIDE_MAX_PX ||
        height > SIDE_MAX_PX)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--network-info %.200s: want a size of 16x16 to %dx%d", argument,
                       SIDE_MAX_PX, SIDE_MAX_PX);
    path[comma - argument] = '\0';
    request->width_px = (int)width;
    request->height_px = (int)height;
    return PO_OK;
}

/* Two inputs, or one of 2 or 6 channels: a stereo network. */
static enum network_kind guess_kind(const struct network_tensors *inputs)
{
    const struct network_tensor *first = &inputs->tensors[0];
    bool pair = inputs->count == 2 ||
                (first->rank == 4 && (first->shape[1] == 2 || first->shape[1] == 6));
    return pair ? NETWORK_STEREO : NETWORK_DEPTH;
}

static void find_out(const void *context, void *result)
{
    struct network_request request = *(const struct network_request *)context;
    struct network_info *info = result;
    struct network *network = NULL;
    struct po_error error = {0};
    info->status = onnx_summary_load(request.source.model, &info->summary, &error);
    uint64_t before = memory_resident_bytes((int)getpid());
    if (info->status == PO_OK)
        info->status = network_open(&request.source, &network, &error);
    info->fixed_bytes = memory_resident_bytes((int)getpid()) - before;
    (void)snprintf(info->message, sizeof(info->message), "%.500s", error.message);
    if (info->status != PO_OK)
        return;
    info->inputs = *network_inputs(network);
    info->outputs = *network_outputs(network);
    request.kind = guess_kind(&info->inputs);
    network_close(network);
    network_probe(&request, &info->probed, NULL);
    if (info->probed.status != PO_OK || request.width_px > 0)
        return;
    /* Its own size, or a usual one. */
    const struct network_model *model = &info->probed.model;
    request.width_px = model->fixed_width_px > 0 ? model->fixed_width_px : 640;
    request.height_px = model->fixed_height_px > 0 ? model->fixed_height_px : 480;
    network_probe(&request, &info->probed, NULL);
}

static void print_tensors(const char *kind, const struct network_tensors *tensors)
{
    for (int i = 0; i < tensors->count; i++) {
        const struct network_tensor *tensor = &tensors->tensors[i];
        text_part(stdout, "%s: %s,", kind, tensor->name);
        for (int d = 0; d < tensor->rank; d++) {
            text_part(stdout, d == 0 ? " " : " x ");
            if (tensor->shape[d] > 0)
                text_part(stdout, "%lld", (long long)tensor->shape[d]);
            else
                text_part(stdout, "any");
        }
        text_line(stdout, "%s", tensor->is_float ? "" : ", not of 32-bit floats");
    }
}

static void print_operators(const struct onnx_summary *summary)
{
    text_line(stdout, "operator set: %lld, made by %s", (long long)summary->opset,
              summary->producer[0] != '\0' ? summary->producer : "an unnamed tool");
    text_part(stdout, "operators:");
    for (int i = 0; i < summary->operator_count; i++)
        text_part(stdout, " %s (%d)", summary->operators[i].name,
                  summary->operators[i].count);
    text_end(stdout);
    if (summary->external > 0)
        text_line(stdout, "weights in other files: %d, the first in %s",
                  summary->external, summary->external_file);
}

static void print_model(const struct network_model *model)
{
    const char *views = model->bgr ? "BGR" : "RGB";
    text_line(stdout,
              "taken as: a %s network, %s views, value = (pixel x %.6g - mean %.3f %.3f "
              "%.3f) / deviation %.3f %.3f %.3f",
              model->kind == NETWORK_STEREO ? "stereo" : "depth",
              model->channels == 1 ? "grey" : views, (double)model->scale,
              (double)model->mean[0], (double)model->mean[1], (double)model->mean[2],
              (double)model->deviation[0], (double)model->deviation[1],
              (double)model->deviation[2]);
}

static void print_cost(const struct network_info *info)
{
    char fixed[READABLE_BYTES], running[READABLE_BYTES];
    const struct probed_network *probed = &info->probed;
    readable_size(info->fixed_bytes, fixed, sizeof(fixed));
    readable_size(probed->run_bytes, running, sizeof(running));
    text_line(stdout, "memory: %s once a process, %s a running frame", fixed, running);
    text_line(stdout, "time: %.0f ms of one core at an input of %dx%d",
              probed->run_s * 1e3, probed->tensor_width_px, probed->tensor_height_px);
    text_line(stdout, "runtime: ONNX Runtime %s", probed->runtime);
}

static enum po_status print_info(const struct network_request *request,
                                 const struct network_info *info, struct po_error *error)
{
    text_line(stdout, "model: %s", request->source.model);
    print_tensors("input", &info->inputs);
    print_tensors("output", &info->outputs);
    print_operators(&info->summary);
    if (info->probed.status != PO_OK)
        return po_fail(error, info->probed.status, "%.500s", info->probed.message);
    print_model(&info->probed.model);
    print_cost(info);
    for (int i = 0; i < info->probed.guesses.length; i++)
        text_line(stdout, "guessed: %s", info->probed.guesses.texts[i]);
    return PO_OK;
}

enum po_status command_network_info(const struct settings_set *set, const char *argument,
                                    struct po_error *error)
{
    char path[PATH_BYTES];
    struct po_error cause = {0};
    const struct po_network_settings *settings = &set->values.network;
    struct network_request request = {
        .source = {.library = settings->onnxruntime,
                   .cuda = settings->device == PO_NETWORK_CUDA},
        .config = settings->network_config != NULL ? settings->network_config
                                                   : settings->prior_config,
        .channels = 3,
    };
    struct network_info *info = calloc(1, sizeof(*info));
    if (info == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for a model's probed");
    const struct child_call call = {find_out, &request, info, sizeof(*info),
                                    TRY_TIMEOUT_S};
    enum po_status status = read_argument(argument, path, &request, error);
    if (status == PO_OK) {
        status = child_call_run(&call, &cause);
        if (status != PO_OK)
            status = po_fail(error, status, "%.300s: trying the network %.300s", path,
                             cause.message);
    }
    if (status == PO_OK) {
        (void)snprintf(cause.message, sizeof(cause.message), "%s", info->message);
        status = fail_of_option(info->status, "network-info", path, &cause, error);
    }
    if (status == PO_OK)
        status = print_info(&request, info, error);
    free(info);
    return status;
}
