/* SPDX-License-Identifier: Apache-2.0 */
#include "frame/map_kernels.h"
#include "frame/map_loops.h"

const struct map_kernels map_kernels_avx2 = {
    widen_span, to_pixels, choose_places, add_rows, keep_measured, count_ends, all_set};
