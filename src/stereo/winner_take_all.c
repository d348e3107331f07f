/* SPDX-License-Identifier: Apache-2.0 */
#include "stereo/winner_take_all.h"

/* Sums of a row at and around each winner. */
struct winner_row {
    int count;
    int min_px;
    const uint16_t *winner;
    const uint8_t *best;
    const uint8_t *before;
    const uint8_t *after;
};

/*
 * Equiangular fit (Shimizu and Okutomi 2001): two lines of equal and opposite slope
 * through the winner and its neighbours meet at (before - after) / (2 max(before,
 * after)), both less the winner's sum. In sixteenths, rounded to nearest. The quotient of
 * such small integers in float is exact before it is cut, on every machine.
 */
static int fraction_sixteenths(int best, int before, int after)
{
    int rise = (before > after ? before : after) - best;
    int difference = before > after ? before - after : after - before;
    int divisor = rise > 0 ? 2 * rise : 1;
    int magnitude = (int)((float)(16 * difference + rise) / (float)divisor);
    return before > after ? magnitude : -magnitude;
}

static void write_disparities(const struct winner_row *row, int16_t *values)
{
    for (int x = 0; x < row->count; x++) {
        int fraction = fraction_sixteenths(row->best[x], row->before[x], row->after[x]);
        int value = DISPARITY_SCALE * (row->min_px + row->winner[x]) + fraction;
        values[x] = (int16_t)(row->best[x] < SUM_SATURATED ? value : DISPARITY_INVALID);
    }
}

static void write_margins(const uint8_t *best, const uint8_t *second, int count,
                          uint8_t *margins)
{
    for (int x = 0; x < count; x++) {
        int divisor = best[x] > 0 ? best[x] : 1;
        int difference = second[x] - best[x];
        int margin = (int)((float)(255 * difference) / (float)divisor);
        margins[x] = (uint8_t)(margin < 255 ? margin : 255);
    }
}

/* The sum of four paths is that of their two rounded means. */
static void write_costs(const uint8_t *best, int paths, int count, uint8_t *costs)
{
    int divisor = paths == 3 ? 3 : 2;
    for (int x = 0; x < count; x++)
        costs[x] = (uint8_t)(best[x] / divisor);
}

/* Which left pixel holds the smallest sum of right pixel `x`: the kernels keep it modulo
 * 256; of the candidates the first with that sum is the one. */
static int right_winner(const struct sgm_geometry *geometry,
                        const struct sgm_workspace *workspace, int x, int position)
{
    const struct lane_layout *layout = &geometry->layout;
    size_t slots = (size_t)layout_slots(layout);
    int first = x + geometry->range.min_px; /* left pixel of disparity index 0 */
    int d = (workspace->right_tag[position] - first) & 255;
    while (d + 256 < layout->disparities && first + d < geometry->width_px) {
        if (first + d >= 0 &&
            workspace
                    ->sum[(size_t)(first + d) * slots + (size_t)layout_slot(layout, d)] ==
                workspace->right_best[position])
            break;
        d += 256;
    }
    return d;
}

static uint8_t sum_at(const struct sgm_geometry *geometry,
                      const struct sgm_workspace *workspace, int x, int d)
{
    const struct lane_layout *layout = &geometry->layout;
    return workspace
        ->sum[(size_t)x * (size_t)layout_slots(layout) + (size_t)layout_slot(layout, d)];
}

static void find_right_winner(const struct sgm_geometry *geometry,
                              struct sgm_workspace *workspace, int x)
{
    int position = geometry_origin(geometry) - x;
    bool seen = position >= 0 && position < geometry->positions;
    uint8_t best = seen ? workspace->right_best[position] : SUM_SATURATED;
    workspace->right_sums[0][x] = best;
    workspace->right_sums[1][x] = best;
    workspace->right_sums[2][x] = best;
    workspace->right_winner[x] = 0;
    if (best == SUM_SATURATED)
        return;
    int d = right_winner(geometry, workspace, x, position);
    int left_x = x + geometry->range.min_px + d;
    workspace->right_winner[x] = (uint16_t)d;
    if (d == 0 || d + 1 >= geometry->range.count || left_x == 0 ||
        left_x + 1 >= geometry->width_px)
        return;
    workspace->right_sums[0][x] = sum_at(geometry, workspace, left_x - 1, d - 1);
    workspace->right_sums[2][x] = sum_at(geometry, workspace, left_x + 1, d + 1);
}

static void right_row(const struct sgm_geometry *geometry,
                      struct sgm_workspace *workspace, int16_t *values)
{
    for (int x = 0; x < geometry->width_px; x++)
        find_right_winner(geometry, workspace, x);
    struct winner_row right = {
        .count = geometry->width_px,
        .min_px = geometry->range.min_px,
        .winner = workspace->right_winner,
        .before = workspace->right_sums[0],
        .best = workspace->right_sums[1],
        .after = workspace->right_sums[2],
    };
    write_disparities(&right, values);
}

void winners_row(const struct sgm_geometry *geometry, struct sgm_workspace *workspace,
                 int y, struct match_output *output)
{
    struct winner_row left = {
        .count = geometry->width_px,
        .min_px = geometry->range.min_px,
        .winner = workspace->winner,
        .best = workspace->best,
        .before = workspace->before,
        .after = workspace->after,
    };
    write_disparities(&left, disparity_row(&output->left, y));
    if (output->right.values != NULL)
        right_row(geometry, workspace, disparity_row(&output->right, y));
    if (output->margin.pixels != NULL)
        write_margins(workspace->best, workspace->second, left.count,
                      image_row(&output->margin, y));
    if (output->cost.pixels != NULL)
        write_costs(workspace->best, geometry->paths, left.count,
                    image_row(&output->cost, y));
}
