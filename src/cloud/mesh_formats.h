/* SPDX-License-Identifier: Apache-2.0 */
/* Formats of mesh files, one row of a table each: vertices first, then faces. */
#ifndef CLOUD_MESH_FORMATS_H
#define CLOUD_MESH_FORMATS_H

#include "cloud/cloud_formats.h"

enum { TRIANGLE_CORNERS = 3 };

struct mesh_stream {
    struct cloud_stream vertices;
    uint64_t triangles;
};

struct mesh_format {
    const char *file_name;
    enum po_status (*write_header)(const struct mesh_stream *mesh,
                                   struct po_error *error);
    enum po_status (*write_row)(const struct cloud_stream *vertices,
                                const struct point_row *row, struct po_error *error);
    /* Vertices count from 0. */
    enum po_status (*write_face)(const struct mesh_stream *mesh,
                                 const uint32_t vertices[TRIANGLE_CORNERS],
                                 struct po_error *error);
};

const struct mesh_format *mesh_format_find(enum po_mesh_format format);

#endif
