/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Surface: kept pixels are vertices, squares of pixels are split into triangles.
 * Streamed: first the triangles are counted, then vertices are written, then faces; only
 * the vertex numbers of two rows of pixels are held.
 */
#include "cloud/mesh.h"

#include <math.h>

#include "cloud/cloud_filters.h"
#include "cloud/mesh_formats.h"

enum { FACES_BLOCK_BYTES = 8192 };

/* A mesh being written. */
struct mesh_job {
    struct mesh_stream stream;
    struct cloud_bounds bounds;
    struct point_row row;
    int doffs;       /* sixteenths */
    uint8_t *codes;  /* of the squares below a row of pixels */
    uint32_t *upper; /* vertex number of each kept pixel of a row, and of the next */
    uint32_t *lower;
};

/* Faces on their way to the file. */
struct face_block {
    size_t used;
    unsigned char bytes[FACES_BLOCK_BYTES];
};

size_t mesh_scratch_bytes(int width_px)
{
    size_t width = (size_t)width_px;
    size_t numbers = scratch_array_size(width, sizeof(uint32_t));
    size_t bytes = scratch_sum(point_row_bytes(width_px, true),
                               scratch_array_size(width, RECORD_MAX_BYTES));
    bytes = scratch_sum(bytes, scratch_size(width));
    return scratch_sum(bytes, scratch_sum(numbers, numbers));
}

static unsigned split_row(struct mesh_job *mesh, int y)
{
    const struct disparity_map *map = &mesh->stream.vertices.input->map;
    const struct image_view *keep = mesh->row.keep;
    struct pixel_row above = {disparity_row(map, y), image_row(keep, y)};
    struct pixel_row below = {disparity_row(map, y + 1), image_row(keep, y + 1)};
    return mesh_split_row(&above, &below, map->width_px - 1, mesh->doffs, mesh->codes);
}

static void count_triangles(struct mesh_job *mesh)
{
    for (int y = 0; y + 1 < mesh->row.keep->height_px; y++)
        mesh->stream.triangles += split_row(mesh, y);
}

static enum po_status flush_faces(const struct mesh_job *mesh, struct face_block *block,
                                  struct po_error *error)
{
    size_t bytes = block->used;
    block->used = 0;
    return atomic_file_write(mesh->stream.vertices.file, block->bytes, bytes, error);
}

/* The triangles of the square to the right of column x. */
static void pack_square(const struct mesh_job *mesh, const struct mesh_format *format,
                        int x, struct face_block *block)
{
    const uint32_t corners[4] = {mesh->upper[x], mesh->upper[x + 1], mesh->lower[x],
                                 mesh->lower[x + 1]};
    for (int i = 0; i < SQUARE_TRIANGLES; i++) {
        const int *triangle = mesh_triangles[i];
        if (!(mesh->codes[x] >> i & 1))
            continue;
        const uint32_t vertices[TRIANGLE_CORNERS] = {
            corners[triangle[0]], corners[triangle[1]], corners[triangle[2]]};
        block->used += format->pack_face(vertices, block->bytes + block->used);
    }
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

static enum po_status write_face_row(const struct mesh_job *mesh,
                                     const struct mesh_format *format,
                                     struct face_block *block, struct po_error *error)
{
    enum po_status status = PO_OK;
    for (int x = 0; x + 1 < mesh->row.keep->width_px && status == PO_OK; x++) {
        if (mesh->codes[x] == 0)
            continue;
        pack_square(mesh, format, x, block);
        if (block->used > FACES_BLOCK_BYTES - 2 * FACE_MAX_BYTES)
            status = flush_faces(mesh, block, error);
    }
    return status;
}

static enum po_status write_faces(struct mesh_job *mesh, const struct mesh_format *format,
                                  struct po_error *error)
{
    const struct image_view *keep = mesh->row.keep;
    struct face_block block = {.used = 0};
    enum po_status status = PO_OK;
    uint32_t next = number_row(keep, 0, 0, mesh->upper);
    for (int y = 0; y + 1 < keep->height_px && status == PO_OK; y++) {
        next = number_row(keep, y + 1, next, mesh->lower);
        (void)split_row(mesh, y);
        status = write_face_row(mesh, format, &block, error);
        uint32_t *done = mesh->upper;
        mesh->upper = mesh->lower;
        mesh->lower = done;
        if (status == PO_OK && cancel_requested(mesh->stream.vertices.input->cancel))
            status = po_fail(error, PO_CANCELLED, "cancelled while writing a surface");
    }
    return status == PO_OK ? flush_faces(mesh, &block, error) : status;
}

static enum po_status rewrite_header(const struct mesh_job *mesh,
                                     const struct mesh_format *format,
                                     struct po_error *error)
{
    struct atomic_file *file = mesh->stream.vertices.file;
    unsigned long long written = file->written;
    enum po_status status = atomic_file_move_to(file, 0, error);
    if (status == PO_OK)
        status = format->write_header(&mesh->stream, error);
    file->written = written;
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
    mesh->codes = scratch_take(scratch, width);
    mesh->upper = scratch_take_array(scratch, width, sizeof(uint32_t));
    mesh->lower = scratch_take_array(scratch, width, sizeof(uint32_t));
    if (mesh->stream.vertices.records == NULL || mesh->codes == NULL ||
        mesh->upper == NULL || mesh->lower == NULL)
        return scratch_exhausted(scratch, "a surface", error);
    return PO_OK;
}

enum po_status mesh_vertices_check(uint64_t vertices, struct po_error *error)
{
    if (vertices <= INT32_MAX)
        return PO_OK;
    return po_fail(error, PO_UNSUPPORTED,
                   "a surface has at most 2^31 - 1 vertices, not %llu; use --downscale 2",
                   (unsigned long long)vertices);
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
    enum po_status status = mesh_vertices_check(vertices, error);
    if (status != PO_OK)
        return status;
    mesh.stream.vertices.points = vertices;
    mesh.stream.vertices.bounds = &mesh.bounds;
    with_normals.normals = true;
    mesh.stream.vertices.field_count =
        cloud_fields_list(&with_normals, mesh.stream.vertices.fields);
    mesh.doffs = (int)lround(input->rig.doffs_px * DISPARITY_SCALE);
    status = take_buffers(&mesh, selection, scratch, error);
    if (status == PO_OK) {
        count_triangles(&mesh);
        status = format->write_header(&mesh.stream, error);
    }
    if (status == PO_OK)
        status = write_vertices(&mesh, format, error);
    if (status == PO_OK)
        status = write_faces(&mesh, format, error);
    if (status == PO_OK && format->bounds_in_header)
        status = rewrite_header(&mesh, format, error);
    *triangles = mesh.stream.triangles;
    scratch_rewind(scratch, mark);
    return status;
}
