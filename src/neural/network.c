/* SPDX-License-Identifier: Apache-2.0 */
#include "neural/network.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/input_file.h"
#include "neural/runtime.h"

struct network {
    struct runtime runtime;
    struct ort_session *session;
    struct network_tensors inputs;
    struct network_tensors outputs;
};

/* How inputs and outputs are asked for: the same questions, other entries. */
struct tensor_questions {
    const char *kind;
    struct ort_status *(*count)(const struct ort_session *session, size_t *count);
    struct ort_status *(*type)(const struct ort_session *session, size_t index,
                               struct ort_type **type);
    struct ort_status *(*name)(const struct ort_session *session, size_t index,
                               struct ort_allocator *allocator, char **name);
};

static enum po_status read_shape(const struct runtime *runtime,
                                 const struct ort_tensor *info,
                                 struct network_tensor *tensor, struct po_error *error)
{
    size_t rank = 0;
    int type = 0;
    const struct runtime_calls *calls = &runtime->calls;
    enum po_status status = runtime_check(runtime, calls->dimension_count(info, &rank),
                                          PO_BAD_FORMAT, tensor->name, error);
    if (status == PO_OK && rank > NETWORK_RANK_MAX)
        status = po_fail(error, PO_UNSUPPORTED,
                         "tensor '%s' has %zu dimensions, at most %d are understood",
                         tensor->name, rank, NETWORK_RANK_MAX);
    if (status == PO_OK)
        status = runtime_check(runtime, calls->dimensions(info, tensor->shape, rank),
                               PO_BAD_FORMAT, tensor->name, error);
    if (status == PO_OK)
        status = runtime_check(runtime, calls->element_type(info, &type), PO_BAD_FORMAT,
                               tensor->name, error);
    tensor->rank = (int)rank;
    tensor->is_float = type == ORT_ELEMENT_FLOAT;
    return status;
}

static enum po_status read_name(const struct network *network,
                                const struct tensor_questions *ask, size_t index,
                                struct network_tensor *tensor, struct po_error *error)
{
    char *name = NULL;
    struct ort_allocator *allocator = network->runtime.allocator;
    enum po_status status = runtime_check(
        &network->runtime, ask->name(network->session, index, allocator, &name),
        PO_BAD_FORMAT, ask->kind, error);
    if (status != PO_OK)
        return status;
    if (strlen(name) >= sizeof(tensor->name))
        status = po_fail(error, PO_UNSUPPORTED, "the name of %s %zu is too long",
                         ask->kind, index);
    else
        memcpy(tensor->name, name, strlen(name) + 1);
    allocator->free(allocator, name);
    return status;
}

static enum po_status read_tensor(const struct network *network,
                                  const struct tensor_questions *ask, size_t index,
                                  struct network_tensor *tensor, struct po_error *error)
{
    const struct runtime *runtime = &network->runtime;
    struct ort_type *type = NULL;
    const struct ort_tensor *info = NULL;
    enum po_status status = read_name(network, ask, index, tensor, error);
    if (status == PO_OK)
        status = runtime_check(runtime, ask->type(network->session, index, &type),
                               PO_BAD_FORMAT, tensor->name, error);
    if (status == PO_OK)
        status = runtime_check(runtime, runtime->calls.cast_to_tensor(type, &info),
                               PO_BAD_FORMAT, tensor->name, error);
    if (status == PO_OK && info != NULL) /* NULL: a sequence or a map, never used */
        status = read_shape(runtime, info, tensor, error);
    if (type != NULL)
        runtime->calls.release_type(type);
    return status;
}

static enum po_status read_tensors(const struct network *network,
                                   const struct tensor_questions *ask,
                                   struct network_tensors *tensors,
                                   struct po_error *error)
{
    size_t count = 0;
    enum po_status status =
        runtime_check(&network->runtime, ask->count(network->session, &count),
                      PO_BAD_FORMAT, ask->kind, error);
    if (status == PO_OK && count > NETWORK_TENSORS_MAX)
        return po_fail(error, PO_UNSUPPORTED,
                       "the model has %zu %ss, at most %d are understood", count,
                       ask->kind, NETWORK_TENSORS_MAX);
    for (size_t i = 0; i < count && status == PO_OK; i++)
        status = read_tensor(network, ask, i, &tensors->tensors[i], error);
    tensors->count = (int)count;
    return status;
}

static enum po_status read_interface(struct network *network, struct po_error *error)
{
    const struct runtime_calls *calls = &network->runtime.calls;
    const struct tensor_questions inputs = {"input", calls->input_count,
                                            calls->input_type, calls->input_name};
    const struct tensor_questions outputs = {"output", calls->output_count,
                                             calls->output_type, calls->output_name};
    enum po_status status = read_tensors(network, &inputs, &network->inputs, error);
    if (status == PO_OK)
        status = read_tensors(network, &outputs, &network->outputs, error);
    return status;
}

/* Libraries built with CUDA export this entry beside the table. */
static enum po_status use_cuda(const struct runtime *runtime, struct ort_options *options,
                               struct po_error *error)
{
    struct ort_status *(*append)(struct ort_options * options, int device);
    void *symbol =
        dlsym(runtime->library, "OrtSessionOptionsAppendExecutionProvider_CUDA");
    if (symbol == NULL)
        return po_fail(error, PO_UNSUPPORTED,
                       "ONNX Runtime %.32s was built without CUDA: use "
                       "--network-device cpu, or name a build that has it with "
                       "--onnxruntime",
                       runtime->version);
    memcpy(&append, &symbol, sizeof(append));
    return runtime_check(runtime, append(options, 0), PO_UNSUPPORTED,
                         "--network-device cuda", error);
}

static enum po_status make_options(const struct runtime *runtime, bool cuda,
                                   struct ort_options **options, struct po_error *error)
{
    const struct runtime_calls *calls = &runtime->calls;
    const char *what = "ONNX Runtime takes no options";
    enum po_status status = runtime_check(runtime, calls->create_options(options),
                                          PO_UNSUPPORTED, what, error);
    if (status == PO_OK)
        status = runtime_check(runtime, calls->disable_arena(*options), PO_UNSUPPORTED,
                               what, error);
    if (status == PO_OK)
        status = runtime_check(runtime, calls->disable_pattern(*options), PO_UNSUPPORTED,
                               what, error);
    if (status == PO_OK)
        status = runtime_check(runtime, calls->set_intra_threads(*options, 1),
                               PO_UNSUPPORTED, what, error);
    if (status == PO_OK)
        status = runtime_check(runtime, calls->set_inter_threads(*options, 1),
                               PO_UNSUPPORTED, what, error);
    if (status == PO_OK)
        status =
            runtime_check(runtime, calls->set_optimization(*options, ORT_OPTIMIZE_ALL),
                          PO_UNSUPPORTED, what, error);
    if (status == PO_OK && cuda)
        status = use_cuda(runtime, *options, error);
    return status;
}

static enum po_status load_model(struct network *network,
                                 const struct network_source *source,
                                 struct po_error *error)
{
    struct ort_options *options = NULL;
    const struct runtime *runtime = &network->runtime;
    struct input_stat info;
    enum po_status status = input_file_stat(source->model, &info, error);
    if (status == PO_OK)
        status = make_options(runtime, source->cuda, &options, error);
    if (status == PO_OK)
        status = runtime_check(runtime,
                               runtime->calls.create_session(runtime->env, source->model,
                                                             options, &network->session),
                               PO_BAD_FORMAT, source->model, error);
    if (options != NULL)
        runtime->calls.release_options(options);
    return status;
}

enum po_status network_open(const struct network_source *source, struct network **network,
                            struct po_error *error)
{
    struct po_error cause = {0};
    *network = calloc(1, sizeof(**network));
    if (*network == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for a network");
    enum po_status status = runtime_open(source->library, &(*network)->runtime, error);
    if (status == PO_OK)
        status = load_model(*network, source, error);
    if (status == PO_OK) {
        status = read_interface(*network, &cause);
        if (status != PO_OK)
            status = po_fail(error, status, "%s: %.600s", source->model, cause.message);
    }
    if (status != PO_OK) {
        network_close(*network);
        *network = NULL;
    }
    return status;
}

void network_close(struct network *network)
{
    if (network == NULL)
        return;
    if (network->session != NULL)
        network->runtime.calls.release_session(network->session);
    runtime_close(&network->runtime);
    free(network);
}

const struct network_tensors *network_inputs(const struct network *network)
{
    return &network->inputs;
}

const struct network_tensors *network_outputs(const struct network *network)
{
    return &network->outputs;
}

const char *network_runtime_version(const struct network *network)
{
    return network->runtime.version;
}

/* False when a side is below 1 or the product does not fit. */
static bool count_elements(const int64_t *shape, int rank, size_t *count)
{
    *count = 1;
    for (int i = 0; i < rank; i++)
        if (shape[i] < 1 || !size_multiply(*count, (size_t)shape[i], count))
            return false;
    return true;
}

static enum po_status make_value(const struct network *network,
                                 const struct network_feed *feed, const char *name,
                                 struct ort_value **value, struct po_error *error)
{
    const struct runtime *runtime = &network->runtime;
    size_t count, bytes;
    if (!count_elements(feed->shape, feed->rank, &count) ||
        !size_multiply(count, sizeof(float), &bytes))
        return po_fail(error, PO_INTERNAL, "input '%s' has no size", name);
    return runtime_check(runtime,
                         runtime->calls.create_tensor(runtime->memory, feed->data, bytes,
                                                      feed->shape, (size_t)feed->rank,
                                                      ORT_ELEMENT_FLOAT, value),
                         PO_INTERNAL, name, error);
}

/* What came out may have another shape than the model declared. */
static enum po_status read_result(const struct network *network, const char *name,
                                  struct network_result *result, struct po_error *error)
{
    const struct runtime *runtime = &network->runtime;
    struct ort_tensor *info = NULL;
    struct network_tensor tensor = {.rank = 0};
    void *data = NULL;
    (void)snprintf(tensor.name, sizeof(tensor.name), "%s", name);
    enum po_status status =
        runtime_check(runtime, runtime->calls.value_tensor(result->held, &info),
                      PO_BAD_FORMAT, name, error);
    if (status == PO_OK)
        status = read_shape(runtime, info, &tensor, error);
    if (status == PO_OK && !tensor.is_float)
        status =
            po_fail(error, PO_UNSUPPORTED, "output '%s' is not of 32-bit floats", name);
    if (status == PO_OK)
        status = runtime_check(runtime, runtime->calls.tensor_data(result->held, &data),
                               PO_BAD_FORMAT, name, error);
    if (info != NULL)
        runtime->calls.release_tensor(info);
    result->rank = tensor.rank;
    memcpy(result->shape, tensor.shape, sizeof(result->shape));
    result->data = data;
    return status;
}

static void release_values(const struct network *network, struct ort_value **values)
{
    for (int i = 0; i < network->inputs.count; i++)
        if (values[i] != NULL)
            network->runtime.calls.release_value(values[i]);
}

enum po_status network_run(const struct network *network,
                           const struct network_feed *feeds, int output,
                           struct network_result *result, struct po_error *error)
{
    struct ort_value *values[NETWORK_TENSORS_MAX] = {NULL};
    const char *names[NETWORK_TENSORS_MAX] = {NULL};
    const char *wanted = network->outputs.tensors[output].name;
    struct ort_value *made = NULL;
    enum po_status status = PO_OK;
    *result = (struct network_result){0};
    for (int i = 0; i < network->inputs.count && status == PO_OK; i++) {
        names[i] = network->inputs.tensors[i].name;
        status = make_value(network, &feeds[i], names[i], &values[i], error);
    }
    if (status == PO_OK)
        status = runtime_check(
            &network->runtime,
            network->runtime.calls.run(network->session, NULL, names,
                                       (const struct ort_value *const *)values,
                                       (size_t)network->inputs.count, &wanted, 1, &made),
            PO_UNSUPPORTED, "the network does not run", error);
    release_values(network, values);
    result->held = made;
    if (status == PO_OK)
        status = read_result(network, wanted, result, error);
    if (status != PO_OK)
        network_result_release(network, result);
    return status;
}

void network_result_release(const struct network *network, struct network_result *result)
{
    if (result->held != NULL)
        network->runtime.calls.release_value(result->held);
    *result = (struct network_result){0};
}
