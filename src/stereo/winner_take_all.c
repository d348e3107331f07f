/* SPDX-License-Identifier: Apache-2.0 */
#include "stereo/winner_take_all.h"

#include <string.h>

/* What finding the right winners of a row reads, in a value of its own: byte stores then
 * cannot change the pointers, and they stay in registers. */
struct right_view {
    const struct lane_layout *layout;
    const uint8_t *sums;
    const uint16_t *winner_slots;
    const uint8_t *best; /* by position, like tag */
    const uint8_t *tag;
    ptrdiff_t slots;
    int width;
    int disparities;
    int min_px;
    int origin;
    int positions;
};

/* The kernels keep the winning left pixel modulo 256; of the candidates the first with
 * the winning sum is the one. */
static int resolve_winner(const struct right_view *view, int left_x, int d, uint8_t best)
{
    while (d + 256 < view->disparities && left_x + 256 < view->width &&
           (left_x < 0 ||
            view->sums[left_x * view->slots + layout_slot(view->layout, d)] != best)) {
        d += 256;
        left_x += 256;
    }
    return d;
}

/* Winner of the right pixel at `position`; the sums beside it on its diagonal are of the
 * left pixels beside. `first` is its left pixel of disparity index 0. */
static inline void find_right_winner(const struct right_view *view, int position,
                                     int first, int k, struct winner_chunk *chunk)
{
    const uint8_t best = view->best[position];
    int d = (view->tag[position] - first) & 255;
    if (view->disparities > 256 && best != SUM_SATURATED)
        d = resolve_winner(view, first + d, d, best);
    const int left_x = first + d;
    uint8_t before = best;
    uint8_t after = best;
    if (best != SUM_SATURATED && (unsigned)d - 1 < (unsigned)view->disparities - 2 &&
        (unsigned)left_x - 1 < (unsigned)view->width - 2) {
        const uint8_t *sums = view->sums + left_x * view->slots;
        const uint16_t *slots = view->winner_slots + 2 * (ptrdiff_t)d;
        before = *(sums - view->slots + slots[0]);
        after = *(sums + view->slots + slots[1]);
    }
    chunk->winner[k] = (uint16_t)d;
    chunk->best[k] = best;
    chunk->before[k] = before;
    chunk->after[k] = after;
}

/* Winners of right pixels x, x + 1, ...; those that no searched disparity reaches have
 * none. */
static void find_right_winners(const struct right_view *view, int x, int count,
                               struct winner_chunk *chunk)
{
    const struct right_view local = *view;
    int k = 0;
    memset(chunk->best, SUM_SATURATED, sizeof(chunk->best));
    if (local.origin - x >= local.positions)
        k = local.origin - x - local.positions + 1;
    const int end = local.origin - x + 1 < count ? local.origin - x + 1 : count;
    for (; k < end; k++)
        find_right_winner(&local, local.origin - x - k, x + k + local.min_px, k, chunk);
}

static int chunk_pixels(int width_px, int first)
{
    return width_px - first < WINNER_CHUNK ? width_px - first : WINNER_CHUNK;
}

static void right_row(const struct sgm_geometry *geometry,
                      const struct sgm_workspace *workspace, int16_t *values)
{
    const struct right_view view = {
        .layout = &geometry->layout,
        .sums = workspace->sum,
        .winner_slots = workspace->winner_slots,
        .best = workspace->right_best,
        .tag = workspace->right_tag,
        .slots = layout_slots(&geometry->layout),
        .width = geometry->width_px,
        .disparities = geometry->range.count,
        .min_px = geometry->range.min_px,
        .origin = geometry_origin(geometry),
        .positions = geometry->positions,
    };
    struct winner_chunk chunk;
    memset(&chunk, 0, sizeof(chunk));
    for (int x = 0; x < view.width; x += WINNER_CHUNK) {
        const int count = chunk_pixels(view.width, x);
        find_right_winners(&view, x, count, &chunk);
        geometry->kernels->disparities(&chunk, count, view.min_px, values + x);
    }
}

/* The sum of four paths is that of their two rounded means. */
static void write_costs(const uint8_t *best, int paths, int count, uint8_t *costs)
{
    if (paths == 3)
        for (int x = 0; x < count; x++)
            costs[x] = best[x] / 3;
    else
        for (int x = 0; x < count; x++)
            costs[x] = best[x] / 2;
}

void winners_row(const struct sgm_geometry *geometry, struct sgm_workspace *workspace,
                 int y, struct match_output *output)
{
    const struct winner_chunk *chunk = workspace->winners;
    for (int x = 0; x < geometry->width_px; x += WINNER_CHUNK, chunk++) {
        const int count = chunk_pixels(geometry->width_px, x);
        geometry->kernels->disparities(chunk, count, geometry->range.min_px,
                                       disparity_row(&output->left, y) + x);
        if (output->margin.pixels != NULL)
            geometry->kernels->margins(chunk, count, image_row(&output->margin, y) + x);
        if (output->cost.pixels != NULL)
            write_costs(chunk->best, geometry->paths, count,
                        image_row(&output->cost, y) + x);
    }
    if (output->right.values != NULL)
        right_row(geometry, workspace, disparity_row(&output->right, y));
}
