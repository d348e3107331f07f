/* SPDX-License-Identifier: Apache-2.0 */
#include "match/prior_trust.h"

#include <stdbool.h>
#include <string.h>

#include "base/number.h"
#include "stereo/disparity_map.h"

/* Of noise hardly a pixel stays measured once doubted ones are out. Over the 30 scenes
 * with ground truth one in 30 costs 0.1 points of bad2 where walls have no texture. */
enum { BLOCK_PX = 16, MIN_ONE_IN = 150 };

struct window {
    int left, right, top, bottom; /* the ends are beyond */
};

static struct window window_of(const struct image_view *image, int x0, int y0, int margin)
{
    return (struct window){clamp(x0 - margin, 0, image->width_px),
                           clamp(x0 + BLOCK_PX + margin, 0, image->width_px),
                           clamp(y0 - margin, 0, image->height_px),
                           clamp(y0 + BLOCK_PX + margin, 0, image->height_px)};
}

static bool is_measured(const struct image_view *classes, struct window window)
{
    int measured = 0;
    int pixels = (window.right - window.left) * (window.bottom - window.top);
    for (int y = window.top; y < window.bottom; y++) {
        const uint8_t *row = image_row(classes, y);
        for (int x = window.left; x < window.right; x++)
            measured += row[x] == PIXEL_MEASURED;
    }
    return measured * MIN_ONE_IN >= pixels;
}

/* By blocks, each judged with its eight neighbours. */
void prior_trust_make(const struct image_view *classes, struct image_view *trust)
{
    for (int y0 = 0; y0 < trust->height_px; y0 += BLOCK_PX) {
        for (int x0 = 0; x0 < trust->width_px; x0 += BLOCK_PX) {
            struct window block = window_of(trust, x0, y0, 0);
            bool trusted = is_measured(classes, window_of(trust, x0, y0, BLOCK_PX));
            for (int y = block.top; y < block.bottom; y++)
                memset(image_row(trust, y) + block.left, trusted ? 255 : 0,
                       (size_t)(block.right - block.left));
        }
    }
}
