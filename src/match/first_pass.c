/* SPDX-License-Identifier: Apache-2.0 */
#include "match/first_pass.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { SAME_MAX_DIFFERENCE = DISPARITY_SCALE, SHADES = 96 };

enum po_status first_pass_take(struct scratch *scratch, int width_px, int height_px,
                               struct image_view *says, struct po_error *error)
{
    enum po_status status = image_view_take(scratch, width_px, height_px, 1, says, error);
    for (int y = 0; status == PO_OK && y < height_px; y++)
        memset(image_row(says, y), FIRST_PASS_FILLED, (size_t)width_px);
    return status;
}

static uint8_t compare(int first, uint8_t confidence, int second)
{
    if (confidence == 0)
        return FIRST_PASS_FILLED;
    bool same = abs(first - second) <= SAME_MAX_DIFFERENCE;
    return (uint8_t)(same ? FIRST_PASS_FILLED +
                                confidence * (255 - FIRST_PASS_FILLED) / 255
                          : FIRST_PASS_FILLED - confidence * SHADES / 255);
}

void first_pass_compare(const struct disparity_map *first,
                        const struct image_view *confidence,
                        const struct disparity_map *second, struct image_view *says)
{
    for (int y = 0; y < first->height_px; y++) {
        const int16_t *first_row = disparity_row(first, y);
        const int16_t *second_row = disparity_row(second, y);
        const uint8_t *sure = image_row(confidence, y);
        uint8_t *row = image_row(says, y);
        for (int x = 0; x < first->width_px; x++)
            row[x] = compare(first_row[x], sure[x], second_row[x]);
    }
}
