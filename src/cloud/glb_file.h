/* SPDX-License-Identifier: Apache-2.0 */
/*
 * glTF 2.0 in its binary form (Khronos, section 4.4), for clouds and surfaces: one JSON
 * chunk of fixed size, then vertices of interleaved fields, then the triangles' indices.
 *
 * Positions stay in the unit and axes asked for; the one node holds the matrix to glTF's
 * own, metres with y up, so viewers show them upright and at their true size.
 */
#ifndef CLOUD_GLB_FILE_H
#define CLOUD_GLB_FILE_H

#include "cloud/cloud_formats.h"

enum { GLB_JSON_BYTES = 4096 };

size_t glb_record_bytes(const struct cloud_field *const *fields, int count);

/* `triangles` 0: a cloud. */
PO_MUST_CHECK enum po_status glb_write_header(const struct cloud_stream *stream,
                                              uint64_t triangles, struct po_error *error);
PO_MUST_CHECK enum po_status glb_write_row(const struct cloud_stream *stream,
                                           const struct point_row *row,
                                           struct po_error *error);

#endif
