/* SPDX-License-Identifier: Apache-2.0 */
#include "refine/feature_loops.h"
#include "refine/median_5x5_loops.h"
#include "refine/median_loops.h"
#include "refine/row_kernels.h"
#include "refine/subpixel_loops.h"
#include "refine/support_loops.h"

const struct row_kernels row_kernels_plain = {
    measure_features, median_load,   median_row,     median_5x5_row,
    subpixel_load,    subpixel_drop, subpixel_move,  support_step,
    support_gather,   support_along, support_across, support_finish,
};
