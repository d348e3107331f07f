/* SPDX-License-Identifier: Apache-2.0 */
#include "stereo/winner_take_all.h"

#include "base/number.h"

static int chunk_pixels(int width_px, int first)
{
    return width_px - first < WINNER_CHUNK ? width_px - first : WINNER_CHUNK;
}

/* The kernels keep the winning left pixel of right pixel `x` modulo 256, so with more
 * disparities its own is one of several: the first whose sum is the winning one. */
static int16_t resolve_winner(const struct sgm_geometry *geometry,
                              const struct sgm_row *row, int x, int position)
{
    const struct lane_layout *layout = &geometry->layout;
    const uint8_t best = row->right_best[position];
    const int first = x + geometry->range.min_px; /* left pixel of disparity index 0 */
    int d = (row->right_tag[position] - first) & 255;
    for (; d + 256 < layout->disparities && first + d + 256 < geometry->width_px;
         d += 256) {
        const uint8_t *sums =
            row->states + (ptrdiff_t)(layout_states(row->paths) * (first + d) + 1) *
                              layout_slots(layout);
        if (first + d >= 0 && sums[layout_slot(layout, d)] == best)
            break;
    }
    return (int16_t)(DISPARITY_SCALE * (geometry->range.min_px + d));
}

/* Right pixels that no searched disparity reaches have no winner. */
static void right_row(const struct sgm_geometry *geometry, const struct sgm_row *row,
                      int16_t *values)
{
    const int width = geometry->width_px;
    const int origin = geometry_origin(geometry);
    int start = origin - geometry->positions + 1;
    start = clamp(start, 0, width);
    int end = origin + 1 < width ? origin + 1 : width;
    end = maximum(end, start);
    for (int x = 0; x < start; x++)
        values[x] = DISPARITY_INVALID;
    for (int x = end; x < width; x++)
        values[x] = DISPARITY_INVALID;
    if (start < end)
        geometry->kernels->right_disparities(
            row->right_best + (origin - end + 1), row->right_tag + (origin - end + 1),
            end - start, start, geometry->range.min_px, values + start);
    for (int x = start; geometry->range.count > 256 && x < end; x++)
        if (values[x] != DISPARITY_INVALID)
            values[x] = resolve_winner(geometry, row, x, origin - x);
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

void winners_row(const struct sgm_geometry *geometry, uint8_t steep_rise,
                 const struct sgm_row *row, int y, struct match_output *output)
{
    const struct winner_chunk *chunk = row->winners;
    for (int x = 0; x < geometry->width_px; x += WINNER_CHUNK, chunk++) {
        const int count = chunk_pixels(geometry->width_px, x);
        geometry->kernels->disparities(chunk, count, geometry->range.min_px, steep_rise,
                                       disparity_row(&output->left, y) + x);
        if (output->uniqueness_margin.pixels != NULL)
            geometry->kernels->uniqueness_margins(
                chunk, count, image_row(&output->uniqueness_margin, y) + x);
        if (output->cost.pixels != NULL)
            write_costs(chunk->best, geometry->paths, count,
                        image_row(&output->cost, y) + x);
    }
    if (output->right.values != NULL)
        right_row(geometry, row, disparity_row(&output->right, y));
}
