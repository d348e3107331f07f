/* SPDX-License-Identifier: Apache-2.0 */
#include "refine/check_loops.h"
#include "refine/direction_loops.h"
#include "refine/feature_loops.h"
#include "refine/flat_loops.h"
#include "refine/free_space_loops.h"
#include "refine/median_5x5_loops.h"
#include "refine/median_loops.h"
#include "refine/plane_loops.h"
#include "refine/row_kernels.h"
#include "refine/subpixel_loops.h"
#include "refine/support_loops.h"

const struct row_kernels row_kernels_plain = {
    check_matches,     texture_age,     texture_drop,     claim_row,      class_row,
    direction_advance, direction_fills, measure_features, green_row,      median_load,
    median_marks,      median_row,      median_5x5_row,   subpixel_turn,  flat_load,
    flat_row,          support_step,    support_gather,   support_along,  support_across,
    support_finish,    plane_votes,     plane_sums,       free_space_row,
};
