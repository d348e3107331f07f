/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The few entries of ONNX Runtime's C API that this program calls, by their place in the
 * table that OrtGetApiBase()->GetApi(version) returns. The table only ever grows at its
 * end (onnxruntime_c_api.h, "ABI compatibility"), so the places below hold for every
 * library that offers RUNTIME_API_VERSION. Private to neural/.
 */
#ifndef NEURAL_RUNTIME_API_H
#define NEURAL_RUNTIME_API_H

#include <stddef.h>
#include <stdint.h>

enum { RUNTIME_API_VERSION = 16 };

/* Opaque to this program, owned by the library. */
struct ort_status;
struct ort_env;
struct ort_options;
struct ort_session;
struct ort_value;
struct ort_memory;
struct ort_type;
struct ort_tensor;

struct ort_allocator {
    uint32_t version;
    void *(*allocate)(struct ort_allocator *self, size_t bytes);
    void (*free)(struct ort_allocator *self, void *block);
    const struct ort_memory *(*info)(const struct ort_allocator *self);
};

typedef void (*runtime_entry)(void);

struct ort_api_base {
    const runtime_entry *(*get_api)(uint32_t version);
    const char *(*get_version)(void);
};

/* Places in the table. */
enum runtime_place {
    ORT_GET_ERROR_MESSAGE = 2,
    ORT_CREATE_ENV = 3,
    ORT_CREATE_SESSION = 7,
    ORT_RUN = 9,
    ORT_CREATE_SESSION_OPTIONS = 10,
    ORT_DISABLE_MEM_PATTERN = 17,
    ORT_DISABLE_CPU_MEM_ARENA = 19,
    ORT_SET_OPTIMIZATION_LEVEL = 23,
    ORT_SET_INTRA_OP_THREADS = 24,
    ORT_SET_INTER_OP_THREADS = 25,
    ORT_SESSION_INPUT_COUNT = 30,
    ORT_SESSION_OUTPUT_COUNT = 31,
    ORT_SESSION_INPUT_TYPE = 33,
    ORT_SESSION_OUTPUT_TYPE = 34,
    ORT_SESSION_INPUT_NAME = 36,
    ORT_SESSION_OUTPUT_NAME = 37,
    ORT_CREATE_TENSOR_WITH_DATA = 49,
    ORT_TENSOR_DATA = 51,
    ORT_CAST_TO_TENSOR_INFO = 55,
    ORT_TENSOR_ELEMENT_TYPE = 60,
    ORT_TENSOR_DIMENSION_COUNT = 61,
    ORT_TENSOR_DIMENSIONS = 62,
    ORT_VALUE_TENSOR_INFO = 65,
    ORT_CREATE_CPU_MEMORY = 69,
    ORT_DEFAULT_ALLOCATOR = 78,
    ORT_RELEASE_ENV = 92,
    ORT_RELEASE_STATUS = 93,
    ORT_RELEASE_MEMORY = 94,
    ORT_RELEASE_SESSION = 95,
    ORT_RELEASE_VALUE = 96,
    ORT_RELEASE_TYPE = 98,
    ORT_RELEASE_TENSOR_INFO = 99,
    ORT_RELEASE_SESSION_OPTIONS = 100,
};

/* Constants of the API. */
enum {
    ORT_LOGGING_FATAL = 4,
    ORT_ELEMENT_FLOAT = 1,
    ORT_ARENA_DEVICE = 0, /* OrtDeviceAllocator */
    ORT_MEMORY_DEFAULT = 0,
    ORT_OPTIMIZE_ALL = 99,
};

/* The entries, filled in from the table: a name each instead of a place. */
struct runtime_calls {
    const char *(*error_message)(const struct ort_status *status);
    struct ort_status *(*create_env)(int level, const char *id, struct ort_env **env);
    struct ort_status *(*create_session)(const struct ort_env *env, const char *path,
                                         const struct ort_options *options,
                                         struct ort_session **session);
    struct ort_status *(*run)(struct ort_session *session, const void *run_options,
                              const char *const *input_names,
                              const struct ort_value *const *inputs, size_t input_count,
                              const char *const *output_names, size_t output_count,
                              struct ort_value **outputs);
    struct ort_status *(*create_options)(struct ort_options **options);
    struct ort_status *(*disable_pattern)(struct ort_options *options);
    struct ort_status *(*disable_arena)(struct ort_options *options);
    struct ort_status *(*set_optimization)(struct ort_options *options, int level);
    struct ort_status *(*set_intra_threads)(struct ort_options *options, int threads);
    struct ort_status *(*set_inter_threads)(struct ort_options *options, int threads);
    struct ort_status *(*input_count)(const struct ort_session *session, size_t *count);
    struct ort_status *(*output_count)(const struct ort_session *session, size_t *count);
    struct ort_status *(*input_type)(const struct ort_session *session, size_t index,
                                     struct ort_type **type);
    struct ort_status *(*output_type)(const struct ort_session *session, size_t index,
                                      struct ort_type **type);
    struct ort_status *(*input_name)(const struct ort_session *session, size_t index,
                                     struct ort_allocator *allocator, char **name);
    struct ort_status *(*output_name)(const struct ort_session *session, size_t index,
                                      struct ort_allocator *allocator, char **name);
    struct ort_status *(*create_tensor)(const struct ort_memory *memory, void *data,
                                        size_t bytes, const int64_t *shape, size_t rank,
                                        int element_type, struct ort_value **value);
    struct ort_status *(*tensor_data)(struct ort_value *value, void **data);
    struct ort_status *(*cast_to_tensor)(const struct ort_type *type,
                                         const struct ort_tensor **tensor);
    struct ort_status *(*element_type)(const struct ort_tensor *tensor, int *type);
    struct ort_status *(*dimension_count)(const struct ort_tensor *tensor, size_t *count);
    struct ort_status *(*dimensions)(const struct ort_tensor *tensor, int64_t *values,
                                     size_t count);
    struct ort_status *(*value_tensor)(const struct ort_value *value,
                                       struct ort_tensor **tensor);
    struct ort_status *(*create_memory)(int allocator, int type,
                                        struct ort_memory **memory);
    struct ort_status *(*allocator)(struct ort_allocator **allocator);
    void (*release_env)(struct ort_env *env);
    void (*release_status)(struct ort_status *status);
    void (*release_memory)(struct ort_memory *memory);
    void (*release_session)(struct ort_session *session);
    void (*release_value)(struct ort_value *value);
    void (*release_type)(struct ort_type *type);
    void (*release_tensor)(struct ort_tensor *tensor);
    void (*release_options)(struct ort_options *options);
};

#endif
