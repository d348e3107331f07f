/* SPDX-License-Identifier: Apache-2.0 */
#include "cloud/glb_file.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cloud/cloud_unit.h"
#include "cloud/linear_light.h"
#include "cloud/little_endian.h"

enum {
    ALIGNMENT = 4,
    COLOUR_BYTES = 8, /* red, green, blue, alpha of 16 bit */
    OPAQUE = 65535,
    CHUNK_HEADER_BYTES = 8,
    FILE_HEADER_BYTES = 12,
    INDEX_BYTES = 4,
    TYPE_UINT8 = 5121,
    TYPE_UINT16 = 5123,
    TYPE_UINT32 = 5125,
    TYPE_FLOAT32 = 5126,
    MAGIC_GLTF = 0x46546c67, /* "glTF" */
    CHUNK_JSON = 0x4e4f534a, /* "JSON" */
    CHUNK_BIN = 0x004e4942,  /* "BIN" */
};

/* Fields that stand for three numbers; the two after them are part of them. */
static int parts_of(const struct cloud_field *field)
{
    bool triple = strcmp(field->name, "x") == 0 || strcmp(field->name, "red") == 0 ||
                  strcmp(field->name, "nx") == 0;
    return triple ? 3 : 1;
}

static bool is_colour(const struct cloud_field *field)
{
    return field->pcd_name == NULL;
}

/* Bytes of a field that is packed, with those it stands for. */
static size_t attribute_bytes(const struct cloud_field *field)
{
    if (is_colour(field))
        return COLOUR_BYTES;
    size_t bytes = (size_t)parts_of(field) * cloud_field_bytes(field);
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

size_t glb_record_bytes(const struct cloud_field *const *fields, int count)
{
    size_t bytes = 0;
    for (int i = 0; i < count; i++)
        if (fields[i]->pack != NULL)
            bytes += attribute_bytes(fields[i]);
    return bytes;
}

/* JSON being made in a chunk of fixed size. */
struct json_chunk {
    char text[GLB_JSON_BYTES + CHUNK_HEADER_BYTES];
    size_t used;
};

static void say(struct json_chunk *json, const char *format, ...) PO_PRINTF(2, 3);
static void say(struct json_chunk *json, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(json->text + json->used, sizeof(json->text) - json->used,
                           format, arguments);
    va_end(arguments);
    if (length > 0)
        json->used += (size_t)length;
}

/* Column by column; glTF has x right, y up, z towards the viewer. */
static void say_matrix(struct json_chunk *json, const struct cloud_input *input)
{
    const struct axes_turn *turn = cloud_axes_turn(input->settings->axes);
    const struct axes_turn *upright = cloud_axes_turn(PO_AXES_OPENGL);
    bool millimetres = strcmp(cloud_unit_name(input), "mm") == 0;
    say(json, "\"matrix\":[");
    for (int column = 0; column < 3; column++) {
        for (int row = 0; row < 3; row++) {
            bool same = turn->from[column] == upright->from[row];
            int sign = turn->sign[column] * upright->sign[row];
            const char *size = millimetres ? "0.001" : "1";
            say(json, "%s%s,", same && sign < 0 ? "-" : "", same ? size : "0");
        }
        say(json, "0,");
    }
    say(json, "0,0,0,1]");
}

static const char *attribute_name(const struct cloud_field *field)
{
    static const char *const names[][2] = {
        {"x", "POSITION"},          {"red", "COLOR_0"},  {"nx", "NORMAL"},
        {"sigma", "_SIGMA"},        {"class", "_CLASS"}, {"confidence", "_CONFIDENCE"},
        {"disparity", "_DISPARITY"}};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(names[i][0], field->name) == 0)
            return names[i][1];
    return "_OTHER";
}

static void say_attributes(struct json_chunk *json, const struct cloud_stream *stream)
{
    int number = 0;
    for (int i = 0; i < stream->field_count; i++)
        if (stream->fields[i]->pack != NULL) {
            say(json, "%s\"%s\":%d", number > 0 ? "," : "",
                attribute_name(stream->fields[i]), number);
            number++;
        }
}

static void say_accessors(struct json_chunk *json, const struct cloud_stream *stream)
{
    size_t offset = 0;
    for (int i = 0; i < stream->field_count; i++) {
        const struct cloud_field *field = stream->fields[i];
        if (field->pack == NULL)
            continue;
        int type = is_colour(field)               ? TYPE_UINT16
                   : field->type == FIELD_FLOAT32 ? TYPE_FLOAT32
                                                  : TYPE_UINT8;
        say(json,
            "%s{\"bufferView\":0,\"byteOffset\":%zu,\"componentType\":%d,\"count\":%llu,"
            "\"type\":\"%s\"%s",
            offset > 0 ? "," : "", offset, type, (unsigned long long)stream->points,
            is_colour(field)       ? "VEC4"
            : parts_of(field) == 3 ? "VEC3"
                                   : "SCALAR",
            is_colour(field) ? ",\"normalized\":true" : "");
        const double *low = stream->bounds->min;
        const double *high = stream->bounds->max;
        if (offset == 0)
            say(json, ",\"min\":[%.17g,%.17g,%.17g],\"max\":[%.17g,%.17g,%.17g]", low[0],
                low[1], low[2], high[0], high[1], high[2]);
        say(json, "}");
        offset += attribute_bytes(field);
    }
}

static int attribute_count(const struct cloud_stream *stream)
{
    int count = 0;
    for (int i = 0; i < stream->field_count; i++)
        count += stream->fields[i]->pack != NULL;
    return count;
}

static void say_mesh(struct json_chunk *json, const struct cloud_stream *stream,
                     uint64_t triangles)
{
    size_t stride = glb_record_bytes(stream->fields, stream->field_count);
    unsigned long long vertex_bytes = stream->points * stride;
    unsigned long long index_bytes = triangles * 3 * INDEX_BYTES;
    int attributes = attribute_count(stream);
    say(json, "\"nodes\":[{\"mesh\":0,");
    say_matrix(json, stream->input);
    say(json,
        "}],\"materials\":[{\"doubleSided\":true,\"extensions\":"
        "{\"KHR_materials_unlit\":{}}}],\"extensionsUsed\":[\"KHR_materials_unlit\"],"
        "\"meshes\":[{\"primitives\":[{\"material\":0,\"mode\":%d,",
        triangles > 0 ? 4 : 0);
    if (triangles > 0)
        say(json, "\"indices\":%d,", attributes);
    say(json, "\"attributes\":{");
    say_attributes(json, stream);
    say(json,
        "}}]}],\"buffers\":[{\"byteLength\":%llu}],\"bufferViews\":[{\"buffer\":0,"
        "\"byteLength\":%llu,\"byteStride\":%zu,\"target\":34962}",
        vertex_bytes + index_bytes, vertex_bytes, stride);
    if (triangles > 0)
        say(json,
            ",{\"buffer\":0,\"byteOffset\":%llu,\"byteLength\":%llu,\"target\":34963}",
            vertex_bytes, index_bytes);
    say(json, "],\"accessors\":[");
    say_accessors(json, stream);
    if (triangles > 0)
        say(json,
            ",{\"bufferView\":1,\"componentType\":%d,\"count\":%llu,\"type\":\"SCALAR\"}",
            TYPE_UINT32, 3 * (unsigned long long)triangles);
    say(json, "],");
}

static void say_all(struct json_chunk *json, const struct cloud_stream *stream,
                    uint64_t triangles)
{
    bool any = stream->points > 0;
    say(json, "{");
    if (any)
        say_mesh(json, stream, triangles);
    say(json,
        "\"scene\":0,\"scenes\":[{%s}],\"asset\":{\"version\":\"2.0\",\"generator\":"
        "\"process_offline\",\"extras\":{\"unit\":\"%s\",\"axes\":\"%s\"}}}",
        any ? "\"nodes\":[0]" : "", cloud_unit_name(stream->input),
        cloud_axes_text(stream->input->settings->axes));
}

/* Without points there is no buffer: the JSON takes the room of its header. */
enum po_status glb_write_header(const struct cloud_stream *stream, uint64_t triangles,
                                struct po_error *error)
{
    unsigned char file_header[FILE_HEADER_BYTES + CHUNK_HEADER_BYTES];
    unsigned char chunk_header[CHUNK_HEADER_BYTES];
    struct json_chunk json = {.used = 0};
    bool any = stream->points > 0;
    uint64_t data =
        stream->points * glb_record_bytes(stream->fields, stream->field_count) +
        triangles * 3 * INDEX_BYTES;
    uint64_t total = FILE_HEADER_BYTES + 2 * CHUNK_HEADER_BYTES + GLB_JSON_BYTES + data;
    if (total > UINT32_MAX)
        return po_fail(error, PO_UNSUPPORTED,
                       "a GLB file holds at most 4 GB; use --cloud-format ply, or "
                       "--decimate");
    say_all(&json, stream, triangles);
    size_t json_bytes = GLB_JSON_BYTES + (any ? 0 : CHUNK_HEADER_BYTES);
    if (json.used > GLB_JSON_BYTES)
        return po_fail(error, PO_INTERNAL, "the header of a GLB file is too long");
    memset(json.text + json.used, ' ', sizeof(json.text) - json.used);
    little_u32(file_header, MAGIC_GLTF);
    little_u32(file_header + 4, 2);
    little_u32(file_header + 8, (uint32_t)total);
    little_u32(file_header + 12, (uint32_t)json_bytes);
    little_u32(file_header + 16, CHUNK_JSON);
    little_u32(chunk_header, (uint32_t)data);
    little_u32(chunk_header + 4, CHUNK_BIN);
    enum po_status status =
        atomic_file_write(stream->file, file_header, sizeof(file_header), error);
    if (status == PO_OK)
        status = atomic_file_write(stream->file, json.text, json_bytes, error);
    if (status == PO_OK && any)
        status =
            atomic_file_write(stream->file, chunk_header, sizeof(chunk_header), error);
    return status;
}

static void pack_colours(const struct point_row *row, unsigned char *out, size_t stride)
{
    const struct image_view *colour = &row->input->colour;
    const uint8_t *pixels = image_row(colour, row->y);
    for (int i = 0; i < row->count; i++, out += stride) {
        const uint8_t *pixel = pixels + (ptrdiff_t)row->columns[i] * colour->channels;
        for (int c = 0; c < 3; c++)
            little_u16(out + (ptrdiff_t)2 * c,
                       linear_light[pixel[colour->channels == 3 ? c : 0]]);
        little_u16(out + 6, OPAQUE);
    }
}

enum po_status glb_write_row(const struct cloud_stream *stream,
                             const struct point_row *row, struct po_error *error)
{
    size_t stride = glb_record_bytes(stream->fields, stream->field_count);
    size_t bytes = (size_t)row->count * stride;
    unsigned char *at = stream->records;
    memset(stream->records, 0, bytes);
    cloud_bounds_add(stream->bounds, (const float(*)[3])row->xyz, row->count);
    for (int i = 0; i < stream->field_count; i++) {
        const struct cloud_field *field = stream->fields[i];
        if (field->pack == NULL)
            continue;
        if (is_colour(field))
            pack_colours(row, at, stride);
        else
            field->pack(row, at, stride);
        at += attribute_bytes(field);
    }
    return atomic_file_write(stream->file, stream->records, bytes, error);
}

static enum po_status write_cloud_header(const struct cloud_stream *stream,
                                         struct po_error *error)
{
    return glb_write_header(stream, 0, error);
}

const struct cloud_format glb_format = {
    .file_name = "cloud.glb",
    .bounds_in_header = true,
    .record_bytes = glb_record_bytes,
    .write_header = write_cloud_header,
    .write_row = glb_write_row,
};
