/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A library in place of ONNX Runtime, given with --onnxruntime: it offers the entries
 * this program calls, takes any file for a network of two views (PO_STUB_INPUTS=1: of
 * one), and does in Run what PO_STUB_NETWORK says: segv, kill, hang, error, nothing; else
 * it gives the left view's first channel. With PO_STUB_MARK=V only pictures that begin
 * with the value V are bad for it.
 */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "neural/runtime_api.h"

enum { TABLE = 128, RANK = 4 };

/* Also a status (its text), and everything else that is opaque. */
struct ort_value {
    int64_t shape[RANK];
    float *data;
};

static int64_t declared[RANK] = {1, 3, -1, -1};
static char thing;

static void *opaque(void)
{
    return &thing;
}

static const char *error_message(const struct ort_status *status)
{
    return (const char *)status;
}

static struct ort_status *well_opaque(void **made)
{
    *made = opaque();
    return NULL;
}

static struct ort_status *create_env(int level, const char *id, struct ort_env **env)
{
    (void)level;
    (void)id;
    return well_opaque((void **)env);
}

static struct ort_status *create_session(const struct ort_env *env, const char *path,
                                         const struct ort_options *options,
                                         struct ort_session **session)
{
    (void)env;
    (void)path;
    (void)options;
    return well_opaque((void **)session);
}

static void misbehave(const char *how)
{
    if (strcmp(how, "segv") == 0)
        (void)signal(SIGSEGV, SIG_DFL);
    if (strcmp(how, "segv") == 0 || strcmp(how, "kill") == 0)
        (void)raise(strcmp(how, "kill") == 0 ? SIGKILL : SIGSEGV);
    while (strcmp(how, "hang") == 0)
        (void)sleep(1);
}

static struct ort_status *run(struct ort_session *session, const void *run_options,
                              const char *const *input_names,
                              const struct ort_value *const *inputs, size_t input_count,
                              const char *const *output_names, size_t output_count,
                              struct ort_value **outputs)
{
    const char *how = getenv("PO_STUB_NETWORK");
    const char *mark = getenv("PO_STUB_MARK");
    bool bad = how != NULL && (mark == NULL || inputs[0]->data[0] == (float)atoi(mark));
    (void)session;
    (void)run_options;
    (void)input_names;
    (void)output_names;
    (void)input_count;
    (void)output_count;
    if (bad)
        misbehave(how);
    if (bad && strcmp(how, "error") == 0)
        return (struct ort_status *)strdup("the stub refuses to run");
    struct ort_value *value = calloc(1, sizeof(*value));
    size_t count = (size_t)(inputs[0]->shape[2] * inputs[0]->shape[3]);
    memcpy(value->shape, inputs[0]->shape, sizeof(value->shape));
    value->shape[1] = 1;
    value->data = calloc(count, sizeof(float));
    if (!bad || strcmp(how, "nothing") != 0)
        memcpy(value->data, inputs[0]->data, count * sizeof(float));
    outputs[0] = value;
    return NULL;
}

static struct ort_status *create_options(struct ort_options **options)
{
    return well_opaque((void **)options);
}

static struct ort_status *option_alone(struct ort_options *options)
{
    (void)options;
    return NULL;
}

static struct ort_status *option_with_number(struct ort_options *options, int number)
{
    (void)options;
    (void)number;
    return NULL;
}

static struct ort_status *views(const struct ort_session *session, size_t *count)
{
    const char *inputs = getenv("PO_STUB_INPUTS");
    (void)session;
    *count = inputs != NULL ? (size_t)atoi(inputs) : 2;
    return NULL;
}

static struct ort_status *one(const struct ort_session *session, size_t *count)
{
    (void)session;
    *count = 1;
    return NULL;
}

static struct ort_status *type_of(const struct ort_session *session, size_t index,
                                  struct ort_type **type)
{
    (void)session;
    (void)index;
    return well_opaque((void **)type);
}

static struct ort_status *input_name(const struct ort_session *session, size_t index,
                                     struct ort_allocator *allocator, char **name)
{
    (void)session;
    (void)allocator;
    *name = strdup(index == 0 ? "left" : "right");
    return NULL;
}

static struct ort_status *output_name(const struct ort_session *session, size_t index,
                                      struct ort_allocator *allocator, char **name)
{
    (void)session;
    (void)index;
    (void)allocator;
    *name = strdup("disparity");
    return NULL;
}

static struct ort_status *create_tensor(const struct ort_memory *memory, void *data,
                                        size_t bytes, const int64_t *shape, size_t rank,
                                        int element_type, struct ort_value **value)
{
    (void)memory;
    (void)bytes;
    (void)element_type;
    *value = calloc(1, sizeof(**value));
    memcpy((*value)->shape, shape, rank * sizeof(*shape));
    (*value)->data = data;
    return NULL;
}

static struct ort_status *tensor_data(struct ort_value *value, void **data)
{
    *data = value->data;
    return NULL;
}

static struct ort_status *cast_to_tensor(const struct ort_type *type,
                                         const struct ort_tensor **tensor)
{
    (void)type;
    *tensor = (const struct ort_tensor *)declared;
    return NULL;
}

static struct ort_status *element_type(const struct ort_tensor *tensor, int *type)
{
    (void)tensor;
    *type = ORT_ELEMENT_FLOAT;
    return NULL;
}

static struct ort_status *dimension_count(const struct ort_tensor *tensor, size_t *count)
{
    (void)tensor;
    *count = RANK;
    return NULL;
}

static struct ort_status *dimensions(const struct ort_tensor *tensor, int64_t *values,
                                     size_t count)
{
    memcpy(values, tensor, count * sizeof(*values));
    return NULL;
}

static struct ort_status *value_tensor(const struct ort_value *value,
                                       struct ort_tensor **tensor)
{
    *tensor = (struct ort_tensor *)(void *)(uintptr_t)value->shape;
    return NULL;
}

static struct ort_status *create_memory(int allocator, int type,
                                        struct ort_memory **memory)
{
    (void)allocator;
    (void)type;
    return well_opaque((void **)memory);
}

static void free_block(struct ort_allocator *self, void *block)
{
    (void)self;
    free(block);
}

static struct ort_status *default_allocator(struct ort_allocator **allocator)
{
    static struct ort_allocator heap = {.free = free_block};
    *allocator = &heap;
    return NULL;
}

static void release_nothing(void *what)
{
    (void)what;
}

static void release_status(struct ort_status *status)
{
    free(status);
}

/* Outputs own their data, inputs do not; a few leaked floats of a test do no harm. */
static void release_value(struct ort_value *value)
{
    free(value);
}

static const runtime_entry *get_api(uint32_t version)
{
    static runtime_entry table[TABLE];
    if (version != RUNTIME_API_VERSION || getenv("PO_STUB_OLD") != NULL)
        return NULL;
    table[ORT_GET_ERROR_MESSAGE] = (runtime_entry)error_message;
    table[ORT_CREATE_ENV] = (runtime_entry)create_env;
    table[ORT_CREATE_SESSION] = (runtime_entry)create_session;
    table[ORT_RUN] = (runtime_entry)run;
    table[ORT_CREATE_SESSION_OPTIONS] = (runtime_entry)create_options;
    table[ORT_DISABLE_MEM_PATTERN] = (runtime_entry)option_alone;
    table[ORT_DISABLE_CPU_MEM_ARENA] = (runtime_entry)option_alone;
    table[ORT_SET_OPTIMIZATION_LEVEL] = (runtime_entry)option_with_number;
    table[ORT_SET_INTRA_OP_THREADS] = (runtime_entry)option_with_number;
    table[ORT_SET_INTER_OP_THREADS] = (runtime_entry)option_with_number;
    table[ORT_SESSION_INPUT_COUNT] = (runtime_entry)views;
    table[ORT_SESSION_OUTPUT_COUNT] = (runtime_entry)one;
    table[ORT_SESSION_INPUT_TYPE] = (runtime_entry)type_of;
    table[ORT_SESSION_OUTPUT_TYPE] = (runtime_entry)type_of;
    table[ORT_SESSION_INPUT_NAME] = (runtime_entry)input_name;
    table[ORT_SESSION_OUTPUT_NAME] = (runtime_entry)output_name;
    table[ORT_CREATE_TENSOR_WITH_DATA] = (runtime_entry)create_tensor;
    table[ORT_TENSOR_DATA] = (runtime_entry)tensor_data;
    table[ORT_CAST_TO_TENSOR_INFO] = (runtime_entry)cast_to_tensor;
    table[ORT_TENSOR_ELEMENT_TYPE] = (runtime_entry)element_type;
    table[ORT_TENSOR_DIMENSION_COUNT] = (runtime_entry)dimension_count;
    table[ORT_TENSOR_DIMENSIONS] = (runtime_entry)dimensions;
    table[ORT_VALUE_TENSOR_INFO] = (runtime_entry)value_tensor;
    table[ORT_CREATE_CPU_MEMORY] = (runtime_entry)create_memory;
    table[ORT_DEFAULT_ALLOCATOR] = (runtime_entry)default_allocator;
    table[ORT_RELEASE_ENV] = (runtime_entry)release_nothing;
    table[ORT_RELEASE_STATUS] = (runtime_entry)release_status;
    table[ORT_RELEASE_MEMORY] = (runtime_entry)release_nothing;
    table[ORT_RELEASE_SESSION] = (runtime_entry)release_nothing;
    table[ORT_RELEASE_VALUE] = (runtime_entry)release_value;
    table[ORT_RELEASE_TYPE] = (runtime_entry)release_nothing;
    table[ORT_RELEASE_TENSOR_INFO] = (runtime_entry)release_nothing;
    table[ORT_RELEASE_SESSION_OPTIONS] = (runtime_entry)release_nothing;
    return table;
}

static const char *get_version(void)
{
    return "0.0.stub";
}

const struct ort_api_base *OrtGetApiBase(void);
const struct ort_api_base *OrtGetApiBase(void)
{
    static const struct ort_api_base base = {get_api, get_version};
    return &base;
}
