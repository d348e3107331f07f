/* SPDX-License-Identifier: Apache-2.0 */
#include "match/prior_trust.h"

#include <stdbool.h>
#include <string.h>

#include "base/number.h"
#include "stereo/disparity_map.h"

/* Each block is judged with its eight neighbours. Of noise hardly a pixel stays measured
 * once doubted ones are out. Over the 30 scenes with ground truth one in 30 costs 0.1
 * points of bad2 where walls have no texture. */
enum { BLOCK_PX = 16, MIN_ONE_IN = 150 };

/* Measured pixels of each block of a row of blocks, with a block beyond either end. */
struct block_counts {
    uint16_t of[IMAGE_MAX_SIDE_PX / BLOCK_PX + 3];
};

static int block_columns(const struct image_view *classes)
{
    return (classes->width_px + BLOCK_PX - 1) / BLOCK_PX;
}

/* Of the blocks whose first row is `y0`; none where that is outside. */
static void count_blocks(const struct image_view *classes, int y0,
                         struct block_counts *counts)
{
    const int columns = block_columns(classes);
    memset(counts->of, 0, (size_t)(columns + 2) * sizeof(counts->of[0]));
    const int end_y = minimum(y0 + BLOCK_PX, classes->height_px);
    for (int y = y0; y0 >= 0 && y < end_y; y++) {
        const uint8_t *row = image_row(classes, y);
        for (int i = 0; i < columns; i++, row += BLOCK_PX) {
            const int width_px = minimum(BLOCK_PX, classes->width_px - i * BLOCK_PX);
            uint8_t measured = 0;
            for (int x = 0; x < width_px; x++)
                measured = (uint8_t)(measured + (row[x] == PIXEL_MEASURED));
            counts->of[i + 1] = (uint16_t)(counts->of[i + 1] + measured);
        }
    }
}

/* How much of BLOCK_PX pixels from `first` on, and as many on either side, is inside. */
static int window_px(int first, int side_px)
{
    return minimum(first + 2 * BLOCK_PX, side_px) - maximum(first - BLOCK_PX, 0);
}

/* Block `column` with its eight neighbours. */
static bool is_measured(const struct block_counts rows[3], int column, int pixels)
{
    int measured = 0;
    for (int i = 0; i < 3; i++)
        measured += rows[i].of[column] + rows[i].of[column + 1] + rows[i].of[column + 2];
    return measured * MIN_ONE_IN >= pixels;
}

void prior_trust_make(const struct image_view *classes, struct image_view *trust)
{
    struct block_counts rows[3]; /* above, of the block, below */
    count_blocks(classes, -1, &rows[1]);
    count_blocks(classes, 0, &rows[2]);
    for (int y0 = 0; y0 < trust->height_px; y0 += BLOCK_PX) {
        uint8_t *row = image_row(trust, y0);
        rows[0] = rows[1];
        rows[1] = rows[2];
        count_blocks(classes, y0 + BLOCK_PX, &rows[2]);
        for (int x0 = 0, column = 0; x0 < trust->width_px; x0 += BLOCK_PX, column++) {
            const int pixels =
                window_px(x0, trust->width_px) * window_px(y0, trust->height_px);
            memset(row + x0, is_measured(rows, column, pixels) ? 255 : 0,
                   (size_t)minimum(BLOCK_PX, trust->width_px - x0));
        }
        for (int y = y0 + 1; y < minimum(y0 + BLOCK_PX, trust->height_px); y++)
            memcpy(image_row(trust, y), row, (size_t)trust->width_px);
    }
}
