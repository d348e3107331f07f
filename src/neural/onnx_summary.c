/* SPDX-License-Identifier: Apache-2.0 */
#include "neural/onnx_summary.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/input_file.h"

/* Numbers of fields in onnx.proto3. */
enum {
    MODEL_PRODUCER = 2,
    MODEL_GRAPH = 7,
    MODEL_OPSETS = 8,
    OPSET_DOMAIN = 1,
    OPSET_VERSION = 2,
    GRAPH_NODES = 1,
    GRAPH_INITIALIZERS = 5,
    NODE_OPERATOR = 4,
    NODE_ATTRIBUTES = 5,
    ATTRIBUTE_GRAPH = 6,
    TENSOR_EXTERNAL = 13,
    ENTRY_KEY = 1,
    ENTRY_VALUE = 2,
};

enum { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5 };
enum { GRAPH_DEPTH_MAX = 8 }; /* of graphs within loops and branches */
static const size_t MODEL_MAX_BYTES = (size_t)1 << 31; /* protobuf holds no more */

struct span {
    const uint8_t *at;
    const uint8_t *end;
};

struct field {
    uint32_t number;
    uint32_t wire;
    uint64_t value;    /* of a varint */
    struct span bytes; /* of a length-delimited field */
};

static bool read_varint(struct span *span, uint64_t *value)
{
    *value = 0;
    for (unsigned shift = 0; shift < 64 && span->at < span->end; shift += 7) {
        uint8_t byte = *span->at++;
        *value |= (uint64_t)(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0)
            return true;
    }
    return false;
}

static bool skip(struct span *span, uint64_t bytes)
{
    if (bytes > (uint64_t)(span->end - span->at))
        return false;
    span->at += bytes;
    return true;
}

/* False at a broken field; the caller stops at span->at == span->end. */
static bool read_field(struct span *span, struct field *field)
{
    uint64_t tag = 0;
    if (!read_varint(span, &tag) || tag >> 32 != 0)
        return false;
    *field = (struct field){.number = (uint32_t)(tag >> 3), .wire = (uint32_t)tag & 7};
    if (field->number == 0)
        return false;
    switch (field->wire) {
    case WIRE_VARINT:
        return read_varint(span, &field->value);
    case WIRE_64:
        return skip(span, 8);
    case WIRE_32:
        return skip(span, 4);
    case WIRE_BYTES:
        if (!read_varint(span, &field->value))
            return false;
        field->bytes.at = span->at;
        if (!skip(span, field->value))
            return false;
        field->bytes.end = span->at;
        return true;
    default:
        return false;
    }
}

static void copy_text(struct span bytes, char *text)
{
    size_t length = (size_t)(bytes.end - bytes.at);
    length = length < ONNX_TEXT_BYTES - 1 ? length : ONNX_TEXT_BYTES - 1;
    memcpy(text, bytes.at, length);
    text[length] = '\0';
}

static void count_operator(struct span name, struct onnx_summary *summary)
{
    char text[ONNX_TEXT_BYTES];
    copy_text(name, text);
    for (int i = 0; i < summary->operator_count; i++)
        if (strcmp(summary->operators[i].name, text) == 0) {
            summary->operators[i].count++;
            return;
        }
    if (summary->operator_count == ONNX_OPERATORS_MAX) {
        summary->more_operators++;
        return;
    }
    struct onnx_operator *added = &summary->operators[summary->operator_count++];
    memcpy(added->name, text, sizeof(text));
    added->count = 1;
}

/* What a message's fields do; false stops the walk. */
typedef bool field_function(const struct field *field, int depth,
                            struct onnx_summary *summary);

static bool walk(struct span span, int depth, field_function *take,
                 struct onnx_summary *summary)
{
    struct field field;
    while (span.at < span.end)
        if (!read_field(&span, &field) || !take(&field, depth, summary))
            return false;
    return true;
}

static bool take_graph(const struct field *field, int depth,
                       struct onnx_summary *summary);

static bool take_attribute(const struct field *field, int depth,
                           struct onnx_summary *summary)
{
    if (field->number != ATTRIBUTE_GRAPH || field->wire != WIRE_BYTES)
        return true;
    return depth < GRAPH_DEPTH_MAX && walk(field->bytes, depth + 1, take_graph, summary);
}

static bool take_node(const struct field *field, int depth, struct onnx_summary *summary)
{
    if (field->wire != WIRE_BYTES)
        return true;
    if (field->number == NODE_OPERATOR)
        count_operator(field->bytes, summary);
    return field->number != NODE_ATTRIBUTES ||
           walk(field->bytes, depth, take_attribute, summary);
}

/* A key and a value: the file that holds a tensor's data has the key "location". */
static void take_external(struct span entry, struct onnx_summary *summary)
{
    struct field field;
    bool is_location = false;
    while (entry.at < entry.end && read_field(&entry, &field)) {
        size_t length = (size_t)(field.bytes.end - field.bytes.at);
        if (field.wire != WIRE_BYTES)
            continue;
        if (field.number == ENTRY_KEY)
            is_location = length == 8 && memcmp(field.bytes.at, "location", 8) == 0;
        if (field.number == ENTRY_VALUE && is_location) {
            if (summary->external++ == 0)
                copy_text(field.bytes, summary->external_file);
        }
    }
}

static bool take_initializer(const struct field *field, int depth,
                             struct onnx_summary *summary)
{
    (void)depth;
    if (field->number == TENSOR_EXTERNAL && field->wire == WIRE_BYTES)
        take_external(field->bytes, summary);
    return true;
}

static bool take_graph(const struct field *field, int depth, struct onnx_summary *summary)
{
    if (field->wire != WIRE_BYTES)
        return true;
    if (field->number == GRAPH_NODES)
        return walk(field->bytes, depth, take_node, summary);
    if (field->number != GRAPH_INITIALIZERS)
        return true;
    summary->initializers++;
    return walk(field->bytes, depth, take_initializer, summary);
}

static bool take_opset(struct span opset, struct onnx_summary *summary)
{
    struct field field;
    uint64_t version = 0;
    bool is_default = true;
    while (opset.at < opset.end) {
        if (!read_field(&opset, &field))
            return false;
        if (field.number == OPSET_DOMAIN && field.wire == WIRE_BYTES)
            is_default = field.bytes.at == field.bytes.end;
        if (field.number == OPSET_VERSION && field.wire == WIRE_VARINT)
            version = field.value;
    }
    if (is_default && version < INT32_MAX)
        summary->opset = (int64_t)version;
    return true;
}

static bool take_model(const struct field *field, int depth, struct onnx_summary *summary)
{
    if (field->wire != WIRE_BYTES)
        return true;
    if (field->number == MODEL_PRODUCER)
        copy_text(field->bytes, summary->producer);
    if (field->number == MODEL_OPSETS)
        return take_opset(field->bytes, summary);
    return field->number != MODEL_GRAPH || walk(field->bytes, depth, take_graph, summary);
}

enum po_status onnx_summary_read(const uint8_t *data, size_t bytes,
                                 struct onnx_summary *summary, struct po_error *error)
{
    const struct span span = {data, data + bytes};
    memset(summary, 0, sizeof(*summary));
    if (!walk(span, 0, take_model, summary) || summary->operator_count == 0)
        return po_fail(error, PO_BAD_FORMAT, "this is no ONNX model, or a broken one");
    return PO_OK;
}

enum po_status onnx_summary_load(const char *path, struct onnx_summary *summary,
                                 struct po_error *error)
{
    char *content = NULL;
    size_t bytes = 0;
    struct po_error cause = {0};
    enum po_status status =
        input_file_read(path, MODEL_MAX_BYTES, &content, &bytes, error);
    if (status != PO_OK)
        return status;
    status = onnx_summary_read((const uint8_t *)content, bytes, summary, &cause);
    free(content);
    return status == PO_OK ? PO_OK
                           : po_fail(error, status, "%s: %.300s", path, cause.message);
}
