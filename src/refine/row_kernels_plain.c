/* SPDX-License-Identifier: Apache-2.0 */
#include "refine/feature_loops.h"
#include "refine/median_loops.h"
#include "refine/row_kernels.h"
#include "refine/subpixel_loops.h"

const struct row_kernels row_kernels_plain = {
    measure_features, median_load,   median_row,
    subpixel_load,    subpixel_drop, subpixel_move,
};
