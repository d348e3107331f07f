/* SPDX-License-Identifier: Apache-2.0 */
#include "image/pixel_kernels.h"
#include "image/pixel_loops.h"

const struct pixel_kernels pixel_kernels_avx2 = {grey_row, halve_row_1, halve_row_3};
