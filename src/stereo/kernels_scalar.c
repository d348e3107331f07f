/* SPDX-License-Identifier: Apache-2.0 */
/* The reference of every kernel: plain, slow, and right. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "stereo/sgm_kernels.h"

enum { SCALAR_LANES = 32 };

static void census_scalar(const uint8_t *centre,
                          const uint8_t *const neighbours[CENSUS_BITS], int count,
                          uint8_t *planes, size_t plane_stride)
{
    for (int k = 0; k < CENSUS_PLANES; k++)
        for (int i = 0; i < count; i++) {
            unsigned nibble = 0;
            for (int b = 0; b < 4; b++)
                nibble |= (unsigned)(neighbours[4 * k + b][i] < centre[i]) << b;
            planes[(size_t)k * plane_stride + (size_t)i] = (uint8_t)nibble;
        }
}

static void census_interleave_scalar(const uint8_t *planes, size_t plane_stride,
                                     int count, uint8_t *interleaved)
{
    for (int i = 0; i < count; i++)
        for (int k = 0; k < CENSUS_PLANES; k++)
            interleaved[CENSUS_PLANES * i + k] =
                (uint8_t)(planes[(size_t)k * plane_stride + (size_t)i] << 4);
}

static void gradient_scalar(const uint8_t *const sides[6], int count, uint8_t *gradient)
{
    for (int i = 0; i < count; i++) {
        int left = sides[0][i] + 2 * sides[1][i] + sides[2][i];
        int right = sides[3][i] + 2 * sides[4][i] + sides[5][i];
        int value = (512 + right - left) >> 2;
        gradient[i] = (uint8_t)maximum(GRADIENT_MIN, minimum(GRADIENT_MAX, value));
    }
}

static void penalty_scalar(const uint8_t *a, const uint8_t *b, int channels, int count,
                           uint8_t high, uint8_t low, uint8_t *penalties)
{
    for (int i = 0; i < count; i++) {
        int difference = 0;
        for (int c = 0; c < channels; c++)
            difference =
                maximum(difference, abs(a[i * channels + c] - b[i * channels + c]));
        penalties[i] = (uint8_t)maximum(low, high - 2 * difference);
    }
}

/*
 * Equiangular fit (Shimizu and Okutomi 2001): two lines of equal and opposite slope
 * through the winner and its neighbours meet at (before - after) / (2 max(before,
 * after)), both less the winner's sum. Where the surface before a pixel is sure of a
 * whole disparity, each path adds P1 to both neighbours: that leaves their difference,
 * steepens the lines and draws the fit to the whole number, so a share of what both have
 * is taken off. Flat sums are not like that and stay. In sixteenths, rounded to nearest.
 */
static int fraction_sixteenths(int best, int before, int after, int steep_rise)
{
    int rise = maximum(before, after) - best;
    int lower = minimum(before, after) - best;
    int slope =
        maximum(8 * minimum(rise, steep_rise), 8 * rise - FIT_SHARE_EIGHTHS * lower);
    if (slope == 0)
        return 0;
    int magnitude = (8 * DISPARITY_SCALE * (rise - lower) + slope) / (2 * slope);
    return before > after ? magnitude : -magnitude;
}

static void uniqueness_margins_scalar(const struct winner_chunk *chunk, int count,
                                      uint8_t *uniqueness_margins)
{
    for (int i = 0; i < count; i++) {
        int best = chunk->best[i];
        int difference = chunk->second[i] - best;
        int uniqueness_margin = best > 0 ? 255 * difference / best : 255 * difference;
        uniqueness_margins[i] = (uint8_t)minimum(255, uniqueness_margin);
    }
}

static void disparities_scalar(const struct winner_chunk *chunk, int count, int min_px,
                               uint8_t steep_rise, int16_t *values)
{
    for (int i = 0; i < count; i++) {
        int value = DISPARITY_SCALE * (min_px + chunk->winner[i]) +
                    fraction_sixteenths(chunk->best[i], chunk->before[i], chunk->after[i],
                                        steep_rise);
        values[i] =
            (int16_t)(chunk->best[i] == SUM_SATURATED ? DISPARITY_INVALID : value);
    }
}

static void right_disparities_scalar(const uint8_t *best, const uint8_t *tag, int count,
                                     int x, int min_px, int16_t *values)
{
    for (int i = 0; i < count; i++) {
        const int from = count - 1 - i;
        const int d = (tag[from] - (x + i + min_px)) & 255;
        values[i] =
            (int16_t)(best[from] == SUM_SATURATED ? DISPARITY_INVALID
                                                  : DISPARITY_SCALE * (min_px + d));
    }
}

/* Cost of matching left pixel `x` at disparity index `d`. */
static int pixel_cost(const struct sgm_row *row, int x, int d)
{
    const struct lane_layout *layout = &row->layout;
    int b = row->width - 1 - x;
    int p = b % row->tile_pixels + d % layout->vectors;
    const uint8_t *right = row->right +
                           (size_t)(b / row->tile_pixels) * row->tile_stride +
                           row->right_offsets[p] + d / layout->vectors;
    int hamming = 0;
    for (int k = 0; k < CENSUS_PLANES; k++) {
        int left = row->left_census[CENSUS_PLANES * x + k] >> 4;
        hamming +=
            __builtin_popcount((unsigned)(left ^ right[(ptrdiff_t)k * PLANE_STRIDE]));
    }
    int gradient =
        abs(row->left_gradient[x] - right[(ptrdiff_t)CENSUS_PLANES * PLANE_STRIDE]);
    int cost =
        HAMMING_WEIGHT * hamming + GRADIENT_WEIGHT * minimum(gradient, GRADIENT_CAP);
    if (row->prior_penalty == NULL)
        return cost;
    int position = row->prior_penalty_starts[x] + d % layout->vectors;
    return cost +
           row->prior_penalty[row->prior_penalty_offsets[position] + d / layout->vectors];
}

static void pixel_costs(const struct sgm_row *row, int x, uint8_t *costs)
{
    memset(costs, 255, (size_t)layout_slots(&row->layout));
    for (int d = 0; d < row->layout.disparities; d++)
        costs[layout_slot(&row->layout, d)] = (uint8_t)pixel_cost(row, x, d);
}

/* One step of a path (Hirschmueller 2008, eq. 13); returns the smallest path cost. */
static uint8_t path_step(const struct lane_layout *layout, const uint8_t *costs,
                         const uint8_t *previous, int previous_min, int p1, int p2,
                         uint8_t *path)
{
    uint8_t result[MAX_SLOTS];
    int smallest = 255;
    memset(result, 255, (size_t)layout_slots(layout));
    for (int d = 0; d < layout->disparities; d++) {
        int best = minimum(previous[layout_slot(layout, d)], previous_min + p2);
        if (d > 0)
            best = minimum(best, previous[layout_slot(layout, d - 1)] + p1);
        if (d + 1 < layout->disparities)
            best = minimum(best, previous[layout_slot(layout, d + 1)] + p1);
        int slot = layout_slot(layout, d);
        int cost = costs[slot] + best - previous_min;
        result[slot] = (uint8_t)cost;
        smallest = minimum(smallest, cost);
    }
    memcpy(path, result, (size_t)layout_slots(layout));
    return (uint8_t)smallest;
}

enum state { STATE_COST, STATE_SUM, STATE_DOWN };

static uint8_t *pixel_state(const struct sgm_row *row, int x, enum state state)
{
    const size_t slots = (size_t)layout_slots(&row->layout);
    if (row->paths == 4 && state == STATE_DOWN)
        return row->down + (size_t)x * slots;
    return row->states + (size_t)(layout_states(row->paths) * x + (int)state) * slots;
}

static void backward_scalar(const struct sgm_row *row)
{
    size_t slots = (size_t)layout_slots(&row->layout);
    uint8_t path[MAX_SLOTS] = {0}; /* before the first pixel a path costs nothing */
    uint8_t smallest = 0;
    for (int x = row->width - 1; x >= 0; x--) {
        int p2 = x + 1 < row->width ? row->p2_horizontal[x + 1] : 0;
        uint8_t *costs = pixel_state(row, x, STATE_COST);
        pixel_costs(row, x, costs);
        smallest =
            path_step(&row->layout, costs, path, smallest, row->p1_horizontal, p2, path);
        memcpy(pixel_state(row, x, STATE_SUM), path, slots);
    }
}

static void vertical_scalar(const struct sgm_row *row)
{
    size_t slots = (size_t)layout_slots(&row->layout);
    for (int x = 0; x < row->width; x++) {
        uint8_t costs[MAX_SLOTS];
        pixel_costs(row, x, costs);
        row->vertical_min[x] = path_step(
            &row->layout, costs, row->previous + (size_t)x * slots, row->previous_min[x],
            row->p1_vertical, row->p2_vertical[x], row->vertical + (size_t)x * slots);
    }
}

static void upward_scalar(const struct sgm_row *row)
{
    size_t slots = (size_t)layout_slots(&row->layout);
    backward_scalar(row);
    vertical_scalar(row);
    for (int x = 0; x < row->width; x++)
        for (size_t slot = 0; slot < slots; slot++) {
            uint8_t *mean = pixel_state(row, x, STATE_SUM) + slot;
            *mean = (uint8_t)((*mean + row->vertical[(size_t)x * slots + slot] + 1) / 2);
        }
}

static int sum_of_paths(const struct sgm_row *row, int x, size_t slot, int rightward)
{
    int others = pixel_state(row, x, STATE_SUM)[slot];
    int down = pixel_state(row, x, STATE_DOWN)[slot];
    return minimum(SUM_SATURATED, row->paths == 3 ? rightward + down + others
                                                  : (rightward + down + 1) / 2 + others);
}

static void find_winner(const struct sgm_row *row, int x)
{
    const struct lane_layout *layout = &row->layout;
    const uint8_t *sums = pixel_state(row, x, STATE_SUM);
    int winner = 0;
    for (int d = 1; d < layout->disparities; d++)
        if (sums[layout_slot(layout, d)] < sums[layout_slot(layout, winner)])
            winner = d;
    bool inside = winner > 0 && winner + 1 < layout->disparities;
    struct winner_chunk *chunk = row->winners + x / WINNER_CHUNK;
    int k = x % WINNER_CHUNK;
    chunk->winner[k] = (uint16_t)winner;
    chunk->best[k] = sums[layout_slot(layout, winner)];
    chunk->before[k] = sums[layout_slot(layout, inside ? winner - 1 : winner)];
    chunk->after[k] = sums[layout_slot(layout, inside ? winner + 1 : winner)];
    if (!row->wants_second)
        return;
    int second = 255;
    for (int d = 0; d < layout->disparities; d++)
        if (abs(d - winner) > 1)
            second = minimum(second, sums[layout_slot(layout, d)]);
    chunk->second[k] = (uint8_t)second;
}

static void update_right(const struct sgm_row *row, int x)
{
    const struct lane_layout *layout = &row->layout;
    const uint8_t *sums = pixel_state(row, x, STATE_SUM);
    for (int d = 0; d < layout->disparities; d++) {
        int p = row->width - 1 - x + d;
        if (sums[layout_slot(layout, d)] < row->right_best[p]) {
            row->right_best[p] = sums[layout_slot(layout, d)];
            row->right_tag[p] = (uint8_t)x;
        }
    }
}

static void forward_scalar(const struct sgm_row *row)
{
    size_t slots = (size_t)layout_slots(&row->layout);
    uint8_t path[MAX_SLOTS] = {0};
    uint8_t smallest = 0;
    memset(row->right_best, SUM_SATURATED, (size_t)row->width + slots - 1);
    memset(row->right_tag, 255, (size_t)row->width + slots - 1);
    for (int x = 0; x < row->width; x++) {
        const uint8_t *costs = pixel_state(row, x, STATE_COST);
        uint8_t *down = pixel_state(row, x, STATE_DOWN);
        uint8_t *sums = pixel_state(row, x, STATE_SUM);
        smallest = path_step(&row->layout, costs, path, smallest, row->p1_horizontal,
                             x > 0 ? row->p2_horizontal[x] : 0, path);
        row->down_min[x] = path_step(&row->layout, costs, down, row->down_min[x],
                                     row->p1_vertical, row->p2_vertical[x], down);
        for (size_t slot = 0; slot < slots; slot++)
            sums[slot] = (uint8_t)sum_of_paths(row, x, slot, path[slot]);
        find_winner(row, x);
        update_right(row, x);
    }
}

static int tree_leaf(const struct forest_tree *tree, const uint8_t *const *features,
                     int x)
{
    int leaf = 0;
    for (int i = 0; i < FOREST_DEPTH; i++)
        leaf |= (features[tree->features[i]][x] > tree->thresholds[i]) << i;
    return tree->leaves[leaf] - FOREST_LEAF_ZERO;
}

static void forest_scalar(const struct byte_forest *forest,
                          const uint8_t *const *features, int count, uint8_t *scores)
{
    for (int x = 0; x < count; x++) {
        int sum = forest->base;
        for (int i = 0; i < forest->count; i++)
            sum += tree_leaf(&forest->trees[i], features, x);
        scores[x] = (uint8_t)maximum(0, minimum(255, FOREST_SCORE_ZERO + (sum >> 2)));
    }
}

static const struct sgm_sweeps sweeps_scalar = {
    .lanes = SCALAR_LANES,
    .backward = backward_scalar,
    .forward = forward_scalar,
    .vertical = vertical_scalar,
    .upward = upward_scalar,
};

const struct sgm_kernels sgm_kernels_scalar = {
    .name = "scalar",
    .sweeps = &sweeps_scalar,
    .census = census_scalar,
    .census_interleave = census_interleave_scalar,
    .gradient = gradient_scalar,
    .penalty = penalty_scalar,
    .disparities = disparities_scalar,
    .right_disparities = right_disparities_scalar,
    .uniqueness_margins = uniqueness_margins_scalar,
    .forest = forest_scalar,
};
