/* SPDX-License-Identifier: Apache-2.0 */
/* Formats of mesh files, one row of a table each: vertices first, then faces. */
#ifndef CLOUD_MESH_FORMATS_H
#define CLOUD_MESH_FORMATS_H

#include "cloud/cloud_formats.h"
#include "cloud/mesh_split.h"

enum { FACE_MAX_BYTES = 96 };

struct mesh_stream {
    struct cloud_stream vertices;
    uint64_t triangles;
};

struct mesh_format {
    const char *file_name;
    bool bounds_in_header; /* so it is written again when they are known */
    enum po_status (*write_header)(const struct mesh_stream *mesh,
                                   struct po_error *error);
    enum po_status (*write_row)(const struct cloud_stream *vertices,
                                const struct point_row *row, struct po_error *error);
    /* Vertices count from 0; returns the bytes written, at most FACE_MAX_BYTES. */
    size_t (*pack_face)(const uint32_t vertices[TRIANGLE_CORNERS], unsigned char *out);
};

const struct mesh_format *mesh_format_find(enum po_mesh_format format);

/* "surface.ply", "surface.obj" or "surface.glb". */
const char *mesh_file_name(const struct po_cloud_settings *settings);

/* About the bytes of the file, for the disk forecast, as cloud_likely_bytes. */
uint64_t mesh_likely_bytes(const struct po_cloud_settings *settings, uint64_t vertices);

#endif
