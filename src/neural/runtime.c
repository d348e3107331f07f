/* SPDX-License-Identifier: Apache-2.0 */
#include "neural/runtime.h"

#include <dlfcn.h>
#include <string.h>

/* Names the loader looks for, then the places of scripts/install_packages.sh networks. */
static const char *const usual_libraries[] = {
    "libonnxruntime.so.1",
    "libonnxruntime.so.1.21",
    "libonnxruntime.so",
    "/usr/local/lib/process_offline/libonnxruntime.so.1",
    "/usr/lib/process_offline/libonnxruntime.so.1",
};

/* Each entry of runtime_calls and its place in the library's table. */
static const struct {
    size_t offset;
    enum runtime_place place;
} entries[] = {
    {offsetof(struct runtime_calls, error_message), ORT_GET_ERROR_MESSAGE},
    {offsetof(struct runtime_calls, create_env), ORT_CREATE_ENV},
    {offsetof(struct runtime_calls, create_session), ORT_CREATE_SESSION},
    {offsetof(struct runtime_calls, run), ORT_RUN},
    {offsetof(struct runtime_calls, create_options), ORT_CREATE_SESSION_OPTIONS},
    {offsetof(struct runtime_calls, disable_pattern), ORT_DISABLE_MEM_PATTERN},
    {offsetof(struct runtime_calls, disable_arena), ORT_DISABLE_CPU_MEM_ARENA},
    {offsetof(struct runtime_calls, set_optimization), ORT_SET_OPTIMIZATION_LEVEL},
    {offsetof(struct runtime_calls, set_intra_threads), ORT_SET_INTRA_OP_THREADS},
    {offsetof(struct runtime_calls, set_inter_threads), ORT_SET_INTER_OP_THREADS},
    {offsetof(struct runtime_calls, input_count), ORT_SESSION_INPUT_COUNT},
    {offsetof(struct runtime_calls, output_count), ORT_SESSION_OUTPUT_COUNT},
    {offsetof(struct runtime_calls, input_type), ORT_SESSION_INPUT_TYPE},
    {offsetof(struct runtime_calls, output_type), ORT_SESSION_OUTPUT_TYPE},
    {offsetof(struct runtime_calls, input_name), ORT_SESSION_INPUT_NAME},
    {offsetof(struct runtime_calls, output_name), ORT_SESSION_OUTPUT_NAME},
    {offsetof(struct runtime_calls, create_tensor), ORT_CREATE_TENSOR_WITH_DATA},
    {offsetof(struct runtime_calls, tensor_data), ORT_TENSOR_DATA},
    {offsetof(struct runtime_calls, cast_to_tensor), ORT_CAST_TO_TENSOR_INFO},
    {offsetof(struct runtime_calls, element_type), ORT_TENSOR_ELEMENT_TYPE},
    {offsetof(struct runtime_calls, dimension_count), ORT_TENSOR_DIMENSION_COUNT},
    {offsetof(struct runtime_calls, dimensions), ORT_TENSOR_DIMENSIONS},
    {offsetof(struct runtime_calls, value_tensor), ORT_VALUE_TENSOR_INFO},
    {offsetof(struct runtime_calls, create_memory), ORT_CREATE_CPU_MEMORY},
    {offsetof(struct runtime_calls, allocator), ORT_DEFAULT_ALLOCATOR},
    {offsetof(struct runtime_calls, release_env), ORT_RELEASE_ENV},
    {offsetof(struct runtime_calls, release_status), ORT_RELEASE_STATUS},
    {offsetof(struct runtime_calls, release_memory), ORT_RELEASE_MEMORY},
    {offsetof(struct runtime_calls, release_session), ORT_RELEASE_SESSION},
    {offsetof(struct runtime_calls, release_value), ORT_RELEASE_VALUE},
    {offsetof(struct runtime_calls, release_type), ORT_RELEASE_TYPE},
    {offsetof(struct runtime_calls, release_tensor), ORT_RELEASE_TENSOR_INFO},
    {offsetof(struct runtime_calls, release_options), ORT_RELEASE_SESSION_OPTIONS},
};

_Static_assert(sizeof(entries) / sizeof(entries[0]) ==
                   sizeof(struct runtime_calls) / sizeof(runtime_entry),
               "every call has its place");

static void fill_calls(const runtime_entry *table, struct runtime_calls *calls)
{
    for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++)
        memcpy((char *)calls + entries[i].offset, &table[entries[i].place],
               sizeof(runtime_entry));
}

static enum po_status load_library(const char *library, void **handle,
                                   struct po_error *error)
{
    if (library != NULL) {
        *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
        if (*handle == NULL)
            return po_fail(error, PO_NOT_FOUND, "--onnxruntime %s: %s", library,
                           dlerror());
        return PO_OK;
    }
    for (size_t i = 0; i < sizeof(usual_libraries) / sizeof(usual_libraries[0]); i++) {
        *handle = dlopen(usual_libraries[i], RTLD_NOW | RTLD_LOCAL);
        if (*handle != NULL)
            return PO_OK;
    }
    return po_fail(error, PO_NOT_FOUND,
                   "no ONNX Runtime on this machine: networks need it. "
                   "scripts/install_packages.sh networks installs one; or name the file "
                   "with --onnxruntime");
}

static enum po_status find_table(struct runtime *runtime, struct po_error *error)
{
    const struct ort_api_base *(*get_base)(void);
    void *symbol = dlsym(runtime->library, "OrtGetApiBase");
    if (symbol == NULL)
        return po_fail(error, PO_UNSUPPORTED,
                       "the library given as ONNX Runtime has no OrtGetApiBase: it is "
                       "another library");
    memcpy(&get_base, &symbol, sizeof(get_base));
    const struct ort_api_base *base = get_base();
    runtime->version = base->get_version();
    const runtime_entry *table = base->get_api(RUNTIME_API_VERSION);
    if (table == NULL)
        return po_fail(error, PO_UNSUPPORTED,
                       "ONNX Runtime %.32s is too old: its API is below version %d "
                       "(release 1.%d)",
                       runtime->version, RUNTIME_API_VERSION, RUNTIME_API_VERSION);
    fill_calls(table, &runtime->calls);
    return PO_OK;
}

enum po_status runtime_check(const struct runtime *runtime, struct ort_status *status,
                             enum po_status otherwise, const char *what,
                             struct po_error *error)
{
    if (status == NULL)
        return PO_OK;
    otherwise = po_fail(error, otherwise, "%s: %.600s", what,
                        runtime->calls.error_message(status));
    runtime->calls.release_status(status);
    return otherwise;
}

static enum po_status start(struct runtime *runtime, struct po_error *error)
{
    const struct runtime_calls *calls = &runtime->calls;
    const char *what = "ONNX Runtime does not start";
    enum po_status status = runtime_check(
        runtime, calls->create_env(ORT_LOGGING_FATAL, "process_offline", &runtime->env),
        PO_UNSUPPORTED, what, error);
    if (status == PO_OK)
        status = runtime_check(
            runtime,
            calls->create_memory(ORT_ARENA_DEVICE, ORT_MEMORY_DEFAULT, &runtime->memory),
            PO_UNSUPPORTED, what, error);
    if (status == PO_OK)
        status = runtime_check(runtime, calls->allocator(&runtime->allocator),
                               PO_UNSUPPORTED, what, error);
    return status;
}

enum po_status runtime_open(const char *library, struct runtime *runtime,
                            struct po_error *error)
{
    *runtime = (struct runtime){0};
    enum po_status status = load_library(library, &runtime->library, error);
    if (status == PO_OK)
        status = find_table(runtime, error);
    if (status == PO_OK)
        status = start(runtime, error);
    if (status != PO_OK)
        runtime_close(runtime);
    return status;
}

void runtime_close(struct runtime *runtime)
{
    if (runtime->memory != NULL)
        runtime->calls.release_memory(runtime->memory);
    if (runtime->env != NULL)
        runtime->calls.release_env(runtime->env);
    *runtime = (struct runtime){0};
}
