/* SPDX-License-Identifier: Apache-2.0 */
#include "base/number.h"
#include "refine/steps.h"

enum { RADIUS_PX = 2, SIDE = 5 };

void median_5x5(const struct disparity_map *source, const struct row_kernels *kernels,
                struct disparity_map *target)
{
    int last = source->height_px - 1;
    for (int y = 0; y <= last; y++) {
        const int16_t *rows[SIDE];
        for (int i = 0; i < SIDE; i++)
            rows[i] = disparity_row(source, clamp(y + i - RADIUS_PX, 0, last));
        kernels->median_5x5_row(rows, source->width_px, disparity_row(target, y));
    }
}
