/* SPDX-License-Identifier: Apache-2.0 */
#include "refine/feature_loops.h"
#include "refine/median_loops.h"
#include "refine/row_kernels.h"

const struct row_kernels row_kernels_avx2 = {measure_features, median_row};
