/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Formats of cloud files: one row of a table each, streamed row of pixels by row of
 * pixels.
 */
#ifndef CLOUD_CLOUD_FORMATS_H
#define CLOUD_CLOUD_FORMATS_H

#include "base/atomic_file.h"
#include "cloud/cloud_axes.h"
#include "cloud/cloud_bounds.h"
#include "cloud/cloud_fields.h"

enum { CLOUD_HEADER_MAX_BYTES = 4608, TEXT_NUMBER_MAX_BYTES = 32 };

/* One file being written. */
struct cloud_stream {
    const struct cloud_input *input;
    const struct cloud_field *fields[FIELD_MAX];
    int field_count;
    uint64_t points;
    int spare_digits; /* a count may yet grow by as many: comments are padded for them */
    unsigned char *records;      /* RECORD_MAX_BYTES a pixel of a row, or more */
    size_t room_bytes;           /* of `records` */
    struct cloud_bounds *bounds; /* of what was written */
    struct atomic_file *file;
};

struct cloud_format {
    const char *file_name;
    bool text;
    bool bounds_in_header; /* so it is written again when they are known */
    bool packed_records;   /* a row is its points' packed fields: see plain_points.h */
    size_t (*record_bytes)(const struct cloud_field *const *fields, int count);
    enum po_status (*write_header)(const struct cloud_stream *stream,
                                   struct po_error *error);
    enum po_status (*write_row)(const struct cloud_stream *stream,
                                const struct point_row *row, struct po_error *error);
};

extern const struct cloud_format ply_format;
extern const struct cloud_format ply_ascii_format;
extern const struct cloud_format pcd_format;
extern const struct cloud_format xyz_format;
extern const struct cloud_format las_format;
extern const struct cloud_format glb_format;

/* The element "vertex" and its properties. */
PO_MUST_CHECK enum po_status ply_write_vertex_element(const struct cloud_stream *stream,
                                                      struct po_error *error);
/* "ply", the format line and the comments. */
PO_MUST_CHECK enum po_status ply_write_start(const struct cloud_stream *stream,
                                             const char *format, struct po_error *error);
/* The packed points of the row. */
PO_MUST_CHECK enum po_status ply_write_binary_row(const struct cloud_stream *stream,
                                                  const struct point_row *row,
                                                  struct po_error *error);
/* The points of the row as text, a line each, fields apart by a space. */
PO_MUST_CHECK enum po_status cloud_write_text_row(const struct cloud_stream *stream,
                                                  const struct point_row *row,
                                                  struct po_error *error);

#endif
