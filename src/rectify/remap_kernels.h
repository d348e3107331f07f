/* SPDX-License-Identifier: Apache-2.0 */
/* A row of rectify/remap_row.h by one instruction set: blocks of pixels at a time. */
#ifndef RECTIFY_REMAP_KERNELS_H
#define RECTIFY_REMAP_KERNELS_H

#include "rectify/remap_row.h"

/* The row from its first pixel on; returns where it stops, at most count. The source is
 * at least three pixels wide and two high, and its bytes are fewer than UINT32_MAX. */
typedef int remap_row_begin(const struct remap_row *row);

remap_row_begin remap_grey_avx2;
remap_row_begin remap_colour_avx2;

#endif
