/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Surface: kept pixels are vertices, and the squares of the pixel grid are split into
 * triangles whose three sides all stay on one surface. Streamed: first the triangles are
 * counted, then vertices are written, then faces; only the vertex numbers of two rows of
 * pixels are held.
 */
#include "cloud/mesh.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cloud/cloud_filters.h"
#include "cloud/mesh_formats.h"
#include "cloud/surface_step.h"

enum { SQUARE_CORNERS = 4, SQUARE_TRIANGLES = 2 };

/* A mesh being written. */
struct mesh_job {
    struct mesh_stream stream;
    struct point_row row;
    int doffs;       /* sixteenths */
    uint32_t *upper; /* vertex number of each kept pixel of a row, and of the next */
    uint32_t *lower;
};

/* Corners of a square of pixels: 0 1 above, 2 3 below. */
struct square {
    int disparity[SQUARE_CORNERS];
    bool kept[SQUARE_CORNERS];
};

size_t mesh_scratch_bytes(int width_px)
{
    size_t width = (size_t)width_px;
    size_t numbers = scratch_array_size(width, sizeof(uint32_t));
    size_t bytes = scratch_sum(point_row_bytes(width_px, true),
                               scratch_array_size(width, RECORD_MAX_BYTES));
    return scratch_sum(bytes, scratch_sum(numbers, numbers));
}

static bool joined(const struct square *square, int a, int b, int doffs)
{
    return square->kept[a] && square->kept[b] &&
           surface_step_is_small(square->disparity[a], square->disparity[b], doffs);
}

static bool is_triangle(const struct square *square, const int *corners, int doffs)
{
    return joined(square, corners[0], corners[1], doffs) &&
           joined(square, corners[1], corners[2], doffs) &&
           joined(square, corners[2], corners[0], doffs);
}

/*
 * The triangles of a square, corners ordered so that their normals face the camera. The
 * diagonal with the smaller step is taken; where one corner is missing or across a jump,
 * the other diagonal may still carry one triangle.
 */
static int split_square(const struct square *square, int doffs,
                        int triangles[SQUARE_TRIANGLES][TRIANGLE_CORNERS])
{
    static const int splits[2][SQUARE_TRIANGLES][TRIANGLE_CORNERS] = {
        {{0, 2, 3}, {0, 3, 1}}, /* diagonal 0-3 */
        {{0, 2, 1}, {1, 2, 3}}, /* diagonal 1-2 */
    };
    const int *d = square->disparity;
    int first = abs(d[0] - d[3]) <= abs(d[1] - d[2]) ? 0 : 1;
    int count = 0;
    for (int attempt = 0; attempt < 2 && count == 0; attempt++)
        for (int i = 0; i < SQUARE_TRIANGLES; i++) {
            const int *corners = splits[first ^ attempt][i];
            if (is_triangle(square, corners, doffs))
                memcpy(triangles[count++], corners, sizeof(triangles[0]));
        }
    return count;
}

static void load_square(const struct mesh_job *mesh, int x, int y, struct square *square)
{
    for (int i = 0; i < SQUARE_CORNERS; i++) {
        int row = y + i / 2;
        int column = x + i % 2;
        square->disparity[i] =
            disparity_row(&mesh->stream.vertices.input->map, row)[column];
        square->kept[i] = image_row(mesh->row.keep, row)[column] != 0;
    }
}

static void count_triangles(struct mesh_job *mesh)
{
    for (int y = 0; y + 1 < mesh->row.keep->height_px; y++)
        for (int x = 0; x + 1 < mesh->row.keep->width_px; x++) {
            struct square square;
            int triangles[SQUARE_TRIANGLES][TRIANGLE_CORNERS];
            load_square(mesh, x, y, &square);
            mesh->stream.triangles +=
                (uint64_t)split_square(&square, mesh->doffs, triangles);
        }
}

static enum po_status write_square(const struct mesh_job *mesh,
                                   const struct mesh_format *format, int x, int y,
                                   struct po_error *error)
{
    struct square square;
    int triangles[SQUARE_TRIANGLES][TRIANGLE_CORNERS];
    load_square(mesh, x, y, &square);
    int count = split_square(&square, mesh->doffs, triangles);
    enum po_status status = PO_OK;
    for (int i = 0; i < count && status == PO_OK; i++) {
        uint32_t vertices[TRIANGLE_CORNERS];
        for (int c = 0; c < TRIANGLE_CORNERS; c++) {
            int corner = triangles[i][c];
            const uint32_t *numbers = corner < 2 ? mesh->upper : mesh->lower;
            vertices[c] = numbers[x + corner % 2];
        }
        status = format->write_face(&mesh->stream, vertices, error);
    }
    return status;
}

/* Numbers the kept pixels of row y from `next` on. */
static uint32_t number_row(const struct image_view *keep, int y, uint32_t next,
                           uint32_t *numbers)
{
    const uint8_t *kept = image_row(keep, y);
    for (int x = 0; x < keep->width_px; x++) {
        numbers[x] = next;
        next += kept[x] & 1U;
    }
    return next;
}

static enum po_status write_vertices(struct mesh_job *mesh,
                                     const struct mesh_format *format,
                                     struct po_error *error)
{
    enum po_status status = PO_OK;
    for (int y = 0; y < mesh->row.keep->height_px && status == PO_OK; y++) {
        point_row_load(&mesh->row, y);
        status = format->write_row(&mesh->stream.vertices, &mesh->row, error);
        if (status == PO_OK && cancel_requested(mesh->stream.vertices.input->cancel))
            status = po_fail(error, PO_CANCELLED, "cancelled while writing a surface");
    }
    return status;
}

static enum po_status write_faces(struct mesh_job *mesh, const struct mesh_format *format,
                                  struct po_error *error)
{
    const struct image_view *keep = mesh->row.keep;
    enum po_status status = PO_OK;
    uint32_t next = number_row(keep, 0, 0, mesh->upper);
    for (int y = 0; y + 1 < keep->height_px && status == PO_OK; y++) {
        next = number_row(keep, y + 1, next, mesh->lower);
        for (int x = 0; x + 1 < keep->width_px && status == PO_OK; x++)
            status = write_square(mesh, format, x, y, error);
        uint32_t *done = mesh->upper;
        mesh->upper = mesh->lower;
        mesh->lower = done;
        if (status == PO_OK && cancel_requested(mesh->stream.vertices.input->cancel))
            status = po_fail(error, PO_CANCELLED, "cancelled while writing a surface");
    }
    return status;
}

static enum po_status take_buffers(struct mesh_job *mesh,
                                   const struct cloud_selection *selection,
                                   struct scratch *scratch, struct po_error *error)
{
    size_t width = (size_t)selection->surface.width_px;
    enum po_status status =
        point_row_take(mesh->stream.vertices.input, &selection->surface, true, scratch,
                       &mesh->row, error);
    if (status != PO_OK)
        return status;
    mesh->stream.vertices.records = scratch_take_array(scratch, width, RECORD_MAX_BYTES);
    mesh->upper = scratch_take_array(scratch, width, sizeof(uint32_t));
    mesh->lower = scratch_take_array(scratch, width, sizeof(uint32_t));
    if (mesh->stream.vertices.records == NULL || mesh->upper == NULL ||
        mesh->lower == NULL)
        return scratch_exhausted(scratch, "a surface", error);
    return PO_OK;
}

enum po_status mesh_write(const struct cloud_input *input,
                          const struct cloud_selection *selection,
                          struct scratch *scratch, struct atomic_file *file,
                          uint64_t *triangles, struct po_error *error)
{
    const struct mesh_format *format = mesh_format_find(input->settings->mesh_format);
    struct po_cloud_settings with_normals = *input->settings;
    struct mesh_job mesh = {.stream.vertices = {.input = input, .file = file}};
    uint64_t vertices = keep_count(&selection->surface);
    size_t mark = scratch_mark(scratch);
    if (vertices > INT32_MAX)
        return po_fail(error, PO_UNSUPPORTED,
                       "a surface has at most 2^31 - 1 vertices, not %llu; thin the "
                       "cloud with --voxel",
                       (unsigned long long)vertices);
    mesh.stream.vertices.points = vertices;
    with_normals.normals = true;
    mesh.stream.vertices.field_count =
        cloud_fields_list(&with_normals, mesh.stream.vertices.fields);
    mesh.doffs = (int)lround(input->rig.doffs_px * DISPARITY_SCALE);
    enum po_status status = take_buffers(&mesh, selection, scratch, error);
    if (status == PO_OK) {
        count_triangles(&mesh);
        status = format->write_header(&mesh.stream, error);
    }
    if (status == PO_OK)
        status = write_vertices(&mesh, format, error);
    if (status == PO_OK)
        status = write_faces(&mesh, format, error);
    *triangles = mesh.stream.triangles;
    scratch_rewind(scratch, mark);
    return status;
}
