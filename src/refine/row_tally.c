/* SPDX-License-Identifier: Apache-2.0 */
#include "refine/steps.h"

uint64_t row_tally_values(const struct disparity_map *map, const struct row_tally *rows)
{
    uint64_t values = 0;
    for (int y = rows->first_row; y < rows->end_row; y++) {
        const int16_t *row = disparity_row(map, y);
        uint32_t in_row = 0;
        for (int x = 0; x < map->width_px; x++)
            in_row += row[x] != DISPARITY_INVALID;
        values += in_row;
    }
    return values;
}
