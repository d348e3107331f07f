/* SPDX-License-Identifier: Apache-2.0 */
#include "rectify/corner_grid.h"

#include <math.h>
#include <stdbool.h>

enum { WINDOW_RADIUS = 2, MIN_BLOCK_PX = 8, SAMPLE_STEP = 2 };
static const double MIN_EIGENVALUE = 1500.0; /* flat blocks and single edges stay below */

/* The smaller eigenvalue of [sum gx^2, sum gx gy; sum gx gy, sum gy^2] over the window.
 */
static double corner_strength(const struct image_view *grey, int x, int y)
{
    int64_t xx = 0;
    int64_t xy = 0;
    int64_t yy = 0;
    for (int v = y - WINDOW_RADIUS; v <= y + WINDOW_RADIUS; v++) {
        const uint8_t *above = image_row(grey, v - 1);
        const uint8_t *row = image_row(grey, v);
        const uint8_t *below = image_row(grey, v + 1);
        for (int u = x - WINDOW_RADIUS; u <= x + WINDOW_RADIUS; u++) {
            int gx = row[u + 1] - row[u - 1];
            int gy = below[u] - above[u];
            xx += (int64_t)gx * gx;
            xy += (int64_t)gx * gy;
            yy += (int64_t)gy * gy;
        }
    }
    double half_trace = 0.5 * (double)(xx + yy);
    double difference = 0.5 * (double)(xx - yy);
    return half_trace - sqrt(difference * difference + (double)xy * (double)xy);
}

struct block {
    int x0, y0, x1, y1; /* the last ones are outside */
};

static bool best_of_block(const struct image_view *grey, const struct image_view *valid,
                          const struct block *block, struct corner *corner)
{
    double best = MIN_EIGENVALUE;
    bool found = false;
    for (int y = block->y0; y < block->y1; y += SAMPLE_STEP) {
        for (int x = block->x0; x < block->x1; x += SAMPLE_STEP) {
            if (valid->pixels != NULL && image_row(valid, y)[x] != 255)
                continue;
            double strength = corner_strength(grey, x, y);
            if (strength > best) {
                best = strength;
                *corner = (struct corner){x, y};
                found = true;
            }
        }
    }
    return found;
}

int corner_grid(const struct image_view *grey, const struct image_view *valid,
                int border_px, int max_corners, struct corner *corners)
{
    int border = border_px > WINDOW_RADIUS + 1 ? border_px : WINDOW_RADIUS + 1;
    int width = grey->width_px - 2 * border;
    int height = grey->height_px - 2 * border;
    if (width < MIN_BLOCK_PX || height < MIN_BLOCK_PX || max_corners < 1)
        return 0;
    int block = (int)ceil(sqrt((double)width * height / max_corners));
    block = block > MIN_BLOCK_PX ? block : MIN_BLOCK_PX;
    int count = 0;
    for (int y = border; y < border + height && count < max_corners; y += block) {
        int y1 = y + block < border + height ? y + block : border + height;
        for (int x = border; x < border + width && count < max_corners; x += block) {
            int x1 = x + block < border + width ? x + block : border + width;
            const struct block place = {x, y, x1, y1};
            count += best_of_block(grey, valid, &place, &corners[count]);
        }
    }
    return count;
}
