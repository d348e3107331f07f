/* SPDX-License-Identifier: Apache-2.0 */
/* What mesh_write (cloud.h) needs and what it refuses, for plans and tests. */
#ifndef CLOUD_MESH_H
#define CLOUD_MESH_H

#include <stddef.h>
#include <stdint.h>

#include "process_offline/status.h"

size_t mesh_scratch_bytes(int width_px);

/* PO_UNSUPPORTED above what the index of a face can hold. */
PO_MUST_CHECK enum po_status mesh_vertices_check(uint64_t vertices,
                                                 struct po_error *error);

#endif
