/* SPDX-License-Identifier: Apache-2.0 */
#include "calib/npy_array.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/input_file.h"

enum po_status npy_cut_short(const char *name, const char *how, struct po_error *error)
{
    return errno != 0 ? input_read_failed(name, error)
                      : po_fail(error, PO_BAD_FORMAT, "%s: %s", name, how);
}

/* The value after 'key': in the header's dictionary; NULL: not there. */
static const char *value_of(const char *text, const char *key)
{
    const char *found = strstr(text, key);
    if (found == NULL)
        return NULL;
    found += strlen(key);
    found += strspn(found, " ");
    return *found == ':' ? found + 1 + strspn(found + 1, " ") : NULL;
}

/* '<f8', '>i4', '|u1', '|b1', '<U11', '|O'. */
static enum po_status read_type(const char *name, const char *text,
                                struct npy_header *header, struct po_error *error)
{
    const char *value = value_of(text, "'descr'");
    if (value == NULL || (*value != '\'' && *value != '['))
        return po_fail(error, PO_BAD_FORMAT, "%s: its header names no type", name);
    if (*value == '[')
        return po_fail(error, PO_UNSUPPORTED,
                       "%s: is an array of records; save each "
                       "field as an array of its own",
                       name);
    const char *type = value + 1;
    header->big_endian = *type == '>';
    type += strspn(type, "<>|=");
    header->kind = *type;
    long bytes = *type != '\0' ? strtol(type + 1, NULL, 10) : 0;
    header->element_bytes = bytes > 0 && bytes < 100000 ? (int)bytes : 0;
    bool number = (header->kind == 'f' && (bytes == 4 || bytes == 8)) ||
                  ((header->kind == 'i' || header->kind == 'u') &&
                   (bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8)) ||
                  (header->kind == 'b' && bytes == 1);
    if (!number && header->kind != 'O' && header->kind != 'U')
        return po_fail(error, PO_UNSUPPORTED,
                       "%s: arrays of type '%.8s' are not read; save it as float64", name,
                       value + 1);
    return PO_OK;
}

static enum po_status read_shape(const char *name, const char *text,
                                 struct npy_header *header, struct po_error *error)
{
    const char *value = value_of(text, "'shape'");
    if (value == NULL || *value != '(')
        return po_fail(error, PO_BAD_FORMAT, "%s: its header names no shape", name);
    header->count = 1;
    for (value++;;) {
        value += strspn(value, " ,");
        if (*value == ')')
            return PO_OK;
        char *end = NULL;
        unsigned long long side = strtoull(value, &end, 10);
        if (end == value || *value == '-' || header->dimensions == NPY_DIMENSIONS)
            return po_fail(error, PO_BAD_FORMAT,
                           "%s: its shape is none of at most %d sides", name,
                           NPY_DIMENSIONS);
        if (side > SIZE_MAX / 64 ||
            !size_multiply(header->count, (size_t)side, &header->count) ||
            header->count > SIZE_MAX / 64)
            return po_fail(error, PO_BAD_FORMAT, "%s: its shape is impossibly large",
                           name);
        header->shape[header->dimensions++] = (size_t)side;
        value = end;
    }
}

enum po_status npy_read_header(const char *name, const struct npy_stream *stream,
                               struct npy_header *header, struct po_error *error)
{
    uint8_t head[12];
    char text[NPY_HEADER_BYTES + 1];
    memset(header, 0, sizeof(*header));
    if (!stream->read(stream->context, head, 10))
        return npy_cut_short(name, "is no NumPy array", error);
    if (memcmp(head, "\x93NUMPY", 6) != 0)
        return po_fail(error, PO_BAD_FORMAT, "%s: is no NumPy array", name);
    size_t bytes = (size_t)head[8] | (size_t)head[9] << 8;
    if (head[6] > 1) {
        if (!stream->read(stream->context, head + 10, 2))
            return npy_cut_short(name, "ends within its header", error);
        bytes |= (size_t)head[10] << 16 | (size_t)head[11] << 24;
    }
    if (bytes > NPY_HEADER_BYTES)
        return po_fail(error, PO_BAD_FORMAT,
                       "%s: its header claims %zu bytes; at most %d are read", name,
                       bytes, NPY_HEADER_BYTES);
    if (!stream->read(stream->context, text, bytes))
        return npy_cut_short(name, "ends within its header", error);
    text[bytes] = '\0';
    const char *order = value_of(text, "'fortran_order'");
    header->fortran_order = order != NULL && strncmp(order, "True", 4) == 0;
    enum po_status status = read_type(name, text, header, error);
    return status == PO_OK ? read_shape(name, text, header, error) : status;
}

bool npy_holds_numbers(const struct npy_header *header)
{
    return header->kind != 'O' && header->kind != 'U';
}

double npy_value(const struct npy_header *header, const uint8_t *bytes)
{
    uint64_t bits = 0;
    int count = header->element_bytes;
    for (int i = 0; i < count; i++)
        bits |= (uint64_t)bytes[header->big_endian ? count - 1 - i : i] << (8 * i);
    if (header->kind == 'f' && count == 8) {
        double value;
        memcpy(&value, &bits, sizeof(value));
        return value;
    }
    if (header->kind == 'f') {
        uint32_t half = (uint32_t)bits;
        float value;
        memcpy(&value, &half, sizeof(value));
        return (double)value;
    }
    if (header->kind != 'i')
        return (double)bits;
    if (count < 8 && (bits >> (8 * count - 1)) != 0)
        bits |= ~(uint64_t)0 << (8 * count); /* the sign */
    return (double)(int64_t)bits;
}

/* Where the i-th value of the file stands in C order. */
static size_t place_of(const struct npy_header *header, size_t i)
{
    size_t place = 0;
    if (!header->fortran_order)
        return i;
    size_t stride[NPY_DIMENSIONS];
    size_t step = 1;
    for (int d = header->dimensions - 1; d >= 0; d--) {
        stride[d] = step;
        step *= header->shape[d];
    }
    for (int d = 0; d < header->dimensions; d++) {
        place += i % header->shape[d] * stride[d];
        i /= header->shape[d];
    }
    return place;
}

static enum po_status values_missing(const char *name, size_t wanted, size_t got,
                                     struct po_error *error)
{
    char how[96];
    (void)snprintf(how, sizeof(how),
                   "its shape asks for %zu values, and it ends after %zu", wanted, got);
    return npy_cut_short(name, how, error);
}

enum po_status npy_read_values(const char *name, const struct npy_stream *stream,
                               const struct npy_header *header, double *values,
                               struct po_error *error)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < header->count; i++) {
        if (!stream->read(stream->context, bytes, (size_t)header->element_bytes))
            return values_missing(name, header->count, i, error);
        values[place_of(header, i)] = npy_value(header, bytes);
    }
    return PO_OK;
}
