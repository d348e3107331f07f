/* SPDX-License-Identifier: Apache-2.0 */
#include "cloud/mesh_formats.h"

#include <string.h>

#include "cloud/cloud_unit.h"
#include "cloud/glb_file.h"
#include "cloud/little_endian.h"
#include "cloud/text_number.h"

enum {
    NORMAL_DECIMALS = 5,
    LENGTH_DECIMALS = 4,
    METRES_MORE_DECIMALS = 3,
    COLOUR_DECIMALS = 4,
};

static enum po_status write_ply_header(const struct mesh_stream *mesh,
                                       struct po_error *error)
{
    enum po_status status =
        ply_write_start(&mesh->vertices, "binary_little_endian", error);
    if (status == PO_OK)
        status = ply_write_vertex_element(&mesh->vertices, error);
    if (status == PO_OK)
        status = atomic_file_print(mesh->vertices.file, error,
                                   "element face %llu\n"
                                   "property list uchar int vertex_indices\nend_header\n",
                                   (unsigned long long)mesh->triangles);
    return status;
}

static size_t pack_ply_face(const uint32_t vertices[TRIANGLE_CORNERS], unsigned char *out)
{
    *out++ = TRIANGLE_CORNERS;
    for (int i = 0; i < TRIANGLE_CORNERS; i++, out += sizeof(uint32_t))
        store_u32(out, vertices[i]);
    return 1 + TRIANGLE_CORNERS * sizeof(uint32_t);
}

static enum po_status write_obj_header(const struct mesh_stream *mesh,
                                       struct po_error *error)
{
    return atomic_file_print(mesh->vertices.file, error,
                             "# process_offline, unit %s\n"
                             "# axes: %s\n"
                             "# %llu vertices with colours 0..1, %llu triangles\n",
                             cloud_unit_name(mesh->vertices.input),
                             cloud_axes_text(mesh->vertices.input->settings->axes),
                             (unsigned long long)mesh->vertices.points,
                             (unsigned long long)mesh->triangles);
}

static size_t text_triple(char *out, const float *values, int decimals)
{
    size_t length = 0;
    for (int i = 0; i < 3; i++) {
        out[length++] = ' ';
        length += text_number(out + length, values[i], decimals);
    }
    return length;
}

static enum po_status write_obj_row(const struct cloud_stream *cloud,
                                    const struct point_row *row, struct po_error *error)
{
    static const float FULL = 255.0F;
    bool metres = row->triangulation.unit_mm > 1.0;
    int decimals = LENGTH_DECIMALS + (metres ? METRES_MORE_DECIMALS : 0);
    const struct image_view *colour = &cloud->input->colour;
    enum po_status status = PO_OK;
    for (int i = 0; i < row->count && status == PO_OK; i++) {
        char line[12 * TEXT_NUMBER_MAX_BYTES];
        const uint8_t *pixel =
            image_row(colour, row->y) + (ptrdiff_t)row->columns[i] * colour->channels;
        float rgb[3];
        for (int c = 0; c < 3; c++)
            rgb[c] = pixel[colour->channels == 3 ? c : 0] / FULL;
        size_t length = 0;
        line[length++] = 'v';
        length += text_triple(line + length, row->xyz[i], decimals);
        length += text_triple(line + length, rgb, COLOUR_DECIMALS);
        line[length++] = '\n';
        line[length++] = 'v';
        line[length++] = 'n';
        length += text_triple(line + length, row->normals[i], NORMAL_DECIMALS);
        line[length++] = '\n';
        status = atomic_file_write(cloud->file, line, length, error);
    }
    return status;
}

/* OBJ counts from 1; vertex and normal have the same number. */
static size_t pack_obj_face(const uint32_t vertices[TRIANGLE_CORNERS], unsigned char *out)
{
    char *line = (char *)out;
    size_t length = 0;
    line[length++] = 'f';
    for (int i = 0; i < TRIANGLE_CORNERS; i++) {
        char number[TEXT_NUMBER_MAX_BYTES];
        size_t digits = text_integer(number, (uint64_t)vertices[i] + 1);
        line[length++] = ' ';
        memcpy(line + length, number, digits);
        length += digits;
        line[length++] = '/';
        line[length++] = '/';
        memcpy(line + length, number, digits);
        length += digits;
    }
    line[length++] = '\n';
    return length;
}

static enum po_status write_glb_header(const struct mesh_stream *mesh,
                                       struct po_error *error)
{
    return glb_write_header(&mesh->vertices, mesh->triangles, error);
}

static size_t pack_glb_face(const uint32_t vertices[TRIANGLE_CORNERS], unsigned char *out)
{
    for (int i = 0; i < TRIANGLE_CORNERS; i++)
        little_u32(out + (ptrdiff_t)4 * i, vertices[i]);
    return TRIANGLE_CORNERS * sizeof(uint32_t);
}

/* In the order of enum po_mesh_format. */
static const struct mesh_format formats[] = {
    [PO_MESH_PLY] = {"surface.ply", false, write_ply_header, ply_write_binary_row,
                     pack_ply_face},
    [PO_MESH_OBJ] = {"surface.obj", false, write_obj_header, write_obj_row,
                     pack_obj_face},
    [PO_MESH_GLB] = {"surface.glb", true, write_glb_header, glb_write_row, pack_glb_face},
};

const struct mesh_format *mesh_format_find(enum po_mesh_format format)
{
    return &formats[format];
}

uint64_t mesh_likely_bytes(const struct po_cloud_settings *settings, uint64_t vertices)
{
    enum {
        FACES_A_VERTEX = 2,
        PLY_FACE = 1 + TRIANGLE_CORNERS * sizeof(uint32_t),
        OBJ_VERTEX = sizeof("v -12345.6789 -12345.6789 12345.6789 0.1234 0.1234 0.1234"),
        OBJ_NORMAL = sizeof("vn -0.12345 -0.12345 -0.12345"),
        OBJ_FACE = sizeof("f 1234567//1234567 1234567//1234567 1234567//1234567"),
    };
    const struct cloud_field *fields[FIELD_MAX];
    struct po_cloud_settings with_normals = *settings;
    uint64_t vertex = OBJ_VERTEX + OBJ_NORMAL;
    uint64_t face = OBJ_FACE;
    with_normals.normals = true;
    int count = cloud_fields_list(&with_normals, fields);
    if (settings->mesh_format == PO_MESH_PLY) {
        vertex = cloud_record_bytes(fields, count);
        face = PLY_FACE;
    }
    if (settings->mesh_format == PO_MESH_GLB) {
        vertex = glb_record_bytes(fields, count);
        face = TRIANGLE_CORNERS * sizeof(uint32_t);
    }
    return vertices * (vertex + FACES_A_VERTEX * face) + CLOUD_HEADER_MAX_BYTES;
}

const char *mesh_file_name(const struct po_cloud_settings *settings)
{
    return formats[settings->mesh_format].file_name;
}
