/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Surface: a grid mesh over the selection, streamed to a file.
 *
 * Ownership: the caller's file; two rows of vertex numbers in scratch meanwhile.
 */
#ifndef CLOUD_MESH_H
#define CLOUD_MESH_H

#include "base/atomic_file.h"
#include "cloud/cloud.h"

/* Grid mesh over the selection's surface, no triangle across a depth jump. */
PO_MUST_CHECK enum po_status mesh_write(const struct cloud_input *input,
                                        const struct cloud_selection *selection,
                                        struct scratch *scratch, struct atomic_file *file,
                                        uint64_t *triangles, struct po_error *error);

size_t mesh_scratch_bytes(int width_px);

/* PO_UNSUPPORTED above what the index of a face can hold. */
PO_MUST_CHECK enum po_status mesh_vertices_check(uint64_t vertices,
                                                 struct po_error *error);

#endif
