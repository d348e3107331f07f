/* SPDX-License-Identifier: Apache-2.0 */
#include "stereo/winner_take_all.h"

#include <string.h>

enum { RECIPROCAL_BITS = 24 };

/* floor(255 (second - best) / best), by reciprocals that are exact for such numerators.
 */
static void write_margins(const uint8_t *best, const uint8_t *second,
                          const uint32_t *reciprocals, int count, uint8_t *margins)
{
    for (int x = 0; x < count; x++) {
        uint64_t difference = (uint64_t)second[x] - best[x];
        uint64_t margin = (255 * difference * reciprocals[best[x]]) >> RECIPROCAL_BITS;
        margins[x] = (uint8_t)(margin < 255 ? margin : 255);
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

/* What finding the right winners of a row reads and writes, in a value of its own: byte
 * stores then cannot change the pointers, and they stay in registers. */
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
    uint16_t *winner;
    uint8_t *before;
    uint8_t *at;
    uint8_t *after;
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

static void find_right_winner(const struct right_view *view, int x)
{
    const uint8_t best = view->best[view->origin - x];
    const int first = x + view->min_px; /* left pixel of disparity index 0 */
    int d = (view->tag[view->origin - x] - first) & 255;
    if (view->disparities > 256 && best != SUM_SATURATED)
        d = resolve_winner(view, first + d, d, best);
    const int left_x = first + d;
    uint8_t before = best;
    uint8_t after = best;
    if (best != SUM_SATURATED && d > 0 && d + 1 < view->disparities && left_x > 0 &&
        left_x + 1 < view->width) {
        const uint8_t *sums = view->sums + left_x * view->slots;
        const uint16_t *slots = view->winner_slots + 2 * (ptrdiff_t)d;
        before = *(sums - view->slots + slots[0]);
        after = *(sums + view->slots + slots[1]);
    }
    view->winner[x] = (uint16_t)d;
    view->before[x] = before;
    view->at[x] = best;
    view->after[x] = after;
}

/* Right pixels no searched disparity reaches have no winner. */
static void right_row(const struct sgm_geometry *geometry,
                      const struct sgm_workspace *workspace, int16_t *values)
{
    const int origin = geometry_origin(geometry);
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
        .origin = origin,
        .winner = workspace->right_winner,
        .before = workspace->right_sums[0],
        .at = workspace->right_sums[1],
        .after = workspace->right_sums[2],
    };
    int start =
        origin - geometry->positions + 1; /* positions 0 .. positions - 1 are seen */
    start = start < 0 ? 0 : start < view.width ? start : view.width;
    int end = origin + 1 < 0 ? 0 : origin + 1 < view.width ? origin + 1 : view.width;
    end = end > start ? end : start;
    memset(view.at, SUM_SATURATED, (size_t)view.width);
    for (int x = start; x < end; x++)
        find_right_winner(&view, x);
    const struct winner_span right = {.winner = view.winner,
                                      .before = view.before,
                                      .best = view.at,
                                      .after = view.after};
    geometry->kernels->disparities(&right, view.width, geometry->range.min_px, values);
}

void winners_begin(struct sgm_workspace *workspace)
{
    workspace->reciprocals[0] =
        (1U << RECIPROCAL_BITS) - 1; /* any margin over 0 is full */
    for (uint32_t best = 1; best < 256; best++)
        workspace->reciprocals[best] = ((1U << RECIPROCAL_BITS) + best - 1) / best;
}

void winners_row(const struct sgm_geometry *geometry, struct sgm_workspace *workspace,
                 int y, struct match_output *output)
{
    int width = geometry->width_px;
    struct winner_span left = {
        .winner = workspace->winner,
        .best = workspace->best,
        .before = workspace->before,
        .after = workspace->after,
    };
    geometry->kernels->disparities(&left, width, geometry->range.min_px,
                                   disparity_row(&output->left, y));
    if (output->right.values != NULL)
        right_row(geometry, workspace, disparity_row(&output->right, y));
    if (output->margin.pixels != NULL)
        write_margins(workspace->best, workspace->second, workspace->reciprocals, width,
                      image_row(&output->margin, y));
    if (output->cost.pixels != NULL)
        write_costs(workspace->best, geometry->paths, width, image_row(&output->cost, y));
}
