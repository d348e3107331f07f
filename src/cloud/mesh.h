/* SPDX-License-Identifier: Apache-2.0 */
/* The scratch of mesh_write (cloud.h), for the plan. */
#ifndef CLOUD_MESH_H
#define CLOUD_MESH_H

#include <stddef.h>

size_t mesh_scratch_bytes(int width_px);

#endif
