/* SPDX-License-Identifier: Apache-2.0 */
#include "rectify/vertical_correction.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "rectify/corner_rows.h"
#include "rectify/corner_search.h"
#include "rectify/row_warp.h"

enum {
    BLOCKS = 2000, /* of the image, each giving its best corner */
    MIN_BLOCK_PX = 8,
    MIN_POINTS = 60,
    REACH_PX = CORNER_PATCH_PX + SEARCH_PX + 2,
    FIT_ROUNDS = 10,
};

static const float MIN_STRENGTH = 400.0F; /* squared grey steps in 5x5 pixels */
static const double MIN_SIMILARITY = 0.85;
static const double MIN_CURVATURE = 1e-4;
static const double ROBUST_WIDTH_PX = 0.2;
static const double MATTERS_PX = 0.1;

struct point {
    double x, y; /* -1..1 across the image */
    double dy_px;
};

static int block_side(int width_px, int height_px)
{
    int side = (int)sqrt((double)width_px * height_px / BLOCKS) / 2;
    return side > MIN_BLOCK_PX / 2 ? side : MIN_BLOCK_PX / 2;
}

static size_t blocks_along(int half_px, int side)
{
    return (size_t)half_px / (size_t)side + 1;
}

/* Room for a corner of each block of the half-size image. */
static size_t point_limit(int width_px, int height_px)
{
    int side = block_side(width_px, height_px);
    return blocks_along(half_side(width_px), side) *
           blocks_along(half_side(height_px), side);
}

/* The best corner so far of each block in a row of blocks; strength 0: none. */
struct corner {
    float strength;
    int x, y;
};

size_t vertical_disparity_measure_bytes(int width_px, int height_px)
{
    int half_px = half_side(width_px);
    size_t points =
        scratch_array_size(point_limit(width_px, height_px), sizeof(struct point));
    size_t corners = scratch_array_size(
        blocks_along(half_px, block_side(width_px, height_px)), sizeof(struct corner));
    return scratch_sum(points, scratch_sum(corners, corner_rows_bytes(half_px)));
}

/* The peak's height of a row of similarities: a parabola about the best inner one. */
static double row_peak(const double *row)
{
    int best = 1;
    for (int i = 2; i < SEARCH_SIDE - 1; i++)
        best = row[i] > row[best] ? i : best;
    double a = row[best - 1], b = row[best], c = row[best + 1];
    double curvature = a - 2 * b + c;
    return curvature < 0 ? b - (a - c) * (a - c) / (8 * curvature) : b;
}

/* How much lower the patch around (x, y) lies in the right image near (right_x, y);
 * false when there is no clear peak inside the search. */
static bool match_patch(const struct vertical_disparity_views *views, int x, int y,
                        int right_x, double *dy_px)
{
    double scores[SEARCH_SIDE][SEARCH_SIDE];
    int best_i = 0, best_j = 0;
    corner_search(&views->left, x, y, &views->right, right_x, scores);
    for (int j = 0; j < SEARCH_SIDE; j++) {
        for (int i = 0; i < SEARCH_SIDE; i++) {
            if (scores[j][i] > scores[best_j][best_i]) {
                best_i = i;
                best_j = j;
            }
        }
    }
    if (scores[best_j][best_i] < MIN_SIMILARITY || best_j == 0 ||
        best_j == SEARCH_SIDE - 1 || best_i == 0 || best_i == SEARCH_SIDE - 1)
        return false;
    double above = row_peak(scores[best_j - 1]);
    double here = row_peak(scores[best_j]);
    double below = row_peak(scores[best_j + 1]);
    double curvature = above - 2 * here + below;
    if (curvature > -MIN_CURVATURE)
        return false;
    double fraction = 0.5 * (above - below) / curvature;
    *dy_px = best_j - SEARCH_PX + fraction;
    return fabs(fraction) <= 1;
}

/* Measures at a corner of the half-size image; false when it cannot. */
static bool measure_point(const struct vertical_disparity_views *views,
                          const struct corner *corner, struct point *point)
{
    int width_px = views->left.width_px, height_px = views->left.height_px;
    int half_disparity = disparity_row(&views->half_map, corner->y)[corner->x];
    int x = 2 * corner->x, y = 2 * corner->y;
    int right_x = x - (2 * half_disparity + DISPARITY_SCALE / 2) / DISPARITY_SCALE;
    if (x < REACH_PX || x >= width_px - REACH_PX || y < REACH_PX ||
        y >= height_px - REACH_PX || right_x < REACH_PX || right_x >= width_px - REACH_PX)
        return false;
    point->x = 2.0 * x / width_px - 1;
    point->y = 2.0 * y / height_px - 1;
    return match_patch(views, x, y, right_x, &point->dy_px);
}

static int measure_corners(const struct vertical_disparity_views *views,
                           const struct corner *corners, size_t count,
                           struct point *points)
{
    int measured = 0;
    for (size_t i = 0; i < count; i++)
        if (corners[i].strength > MIN_STRENGTH &&
            measure_point(views, &corners[i], &points[measured]))
            measured++;
    return measured;
}

static void find_corners(struct corner_rows *rows, const struct disparity_map *half_map,
                         int y, int side, struct corner *corners)
{
    const float *strengths = corner_rows_at(rows, y);
    const int16_t *disparities = disparity_row(half_map, y);
    for (int x = CORNER_MARGIN_PX; x < half_map->width_px - CORNER_MARGIN_PX; x++) {
        struct corner *corner = &corners[x / side];
        if (strengths[x] > corner->strength && disparities[x] != DISPARITY_INVALID)
            *corner = (struct corner){strengths[x], x, y};
    }
}

static int measure_points(const struct vertical_disparity_views *views,
                          struct corner_rows *rows, struct corner *corners,
                          struct point *points)
{
    const struct disparity_map *map = &views->half_map;
    int side = block_side(views->left.width_px, views->left.height_px);
    size_t blocks = blocks_along(map->width_px, side);
    int count = 0;
    for (int top = 0; top < map->height_px; top += side) {
        memset(corners, 0, blocks * sizeof(*corners));
        for (int y = top; y < top + side; y++)
            if (y >= CORNER_MARGIN_PX && y < map->height_px - CORNER_MARGIN_PX)
                find_corners(rows, map, y, side, corners);
        count += measure_corners(views, corners, blocks, points + count);
    }
    return count;
}

static int compare_dy(const void *a, const void *b)
{
    double left = ((const struct point *)a)->dy_px;
    double right = ((const struct point *)b)->dy_px;
    return (left > right) - (left < right);
}

/* Cramer's rule on the symmetric 3x3 system m q = v; m is positive definite. */
static void solve(const double m[6], const double v[3], double q[3])
{
    double c00 = m[3] * m[5] - m[4] * m[4];
    double c01 = m[2] * m[4] - m[1] * m[5];
    double c02 = m[1] * m[4] - m[2] * m[3];
    double c11 = m[0] * m[5] - m[2] * m[2];
    double c12 = m[1] * m[2] - m[0] * m[4];
    double c22 = m[0] * m[3] - m[1] * m[1];
    double determinant = m[0] * c00 + m[1] * c01 + m[2] * c02;
    q[0] = (c00 * v[0] + c01 * v[1] + c02 * v[2]) / determinant;
    q[1] = (c01 * v[0] + c11 * v[1] + c12 * v[2]) / determinant;
    q[2] = (c02 * v[0] + c12 * v[1] + c22 * v[2]) / determinant;
}

/* Iteratively reweighted least squares with Geman-McClure weights, from the median; a
 * unit ridge keeps few or badly spread points from tilting the plane. */
static void fit_offset(struct point *points, int count, double q[3])
{
    qsort(points, (size_t)count, sizeof(*points), compare_dy);
    q[0] = points[count / 2].dy_px;
    q[1] = q[2] = 0;
    for (int round = 0; round < FIT_ROUNDS; round++) {
        double m[6] = {1, 0, 0, 1, 0, 1}, v[3] = {0};
        for (int i = 0; i < count; i++) {
            const struct point *point = &points[i];
            double residual = (point->dy_px - q[0] - q[1] * point->x - q[2] * point->y) /
                              ROBUST_WIDTH_PX;
            double weight = 1 / (1 + residual * residual);
            weight *= weight;
            m[0] += weight;
            m[1] += weight * point->x;
            m[2] += weight * point->y;
            m[3] += weight * point->x * point->x;
            m[4] += weight * point->x * point->y;
            m[5] += weight * point->y * point->y;
            v[0] += weight * point->dy_px;
            v[1] += weight * point->dy_px * point->x;
            v[2] += weight * point->dy_px * point->y;
        }
        solve(m, v, q);
    }
}

enum po_status vertical_disparity_measure(const struct vertical_disparity_views *views,
                                          struct scratch *scratch,
                                          struct vertical_disparity *offset,
                                          struct po_error *error)
{
    *offset = (struct vertical_disparity){0};
    int width_px = views->left.width_px, height_px = views->left.height_px;
    size_t mark = scratch_mark(scratch);
    size_t blocks =
        blocks_along(views->half_map.width_px, block_side(width_px, height_px));
    struct corner *corners = scratch_take_array(scratch, blocks, sizeof(*corners));
    struct point *points =
        scratch_take_array(scratch, point_limit(width_px, height_px), sizeof(*points));
    if (corners == NULL || points == NULL)
        return scratch_exhausted(scratch, "the vertical disparity", error);
    struct corner_rows rows;
    enum po_status status = corner_rows_take(scratch, &views->half_left, &rows, error);
    if (status != PO_OK)
        return status;
    int count = measure_points(views, &rows, corners, points);
    if (count >= MIN_POINTS) {
        double q[3];
        fit_offset(points, count, q);
        *offset = (struct vertical_disparity){q[0], q[1], q[2], .points = count};
    }
    scratch_rewind(scratch, mark);
    return PO_OK;
}

bool vertical_disparity_matters(const struct vertical_disparity *offset)
{
    return offset->points > 0 &&
           fabs(offset->a_px) + fabs(offset->b_px) + fabs(offset->c_px) > MATTERS_PX;
}

size_t vertical_disparity_warp_bytes(int width_px, int height_px)
{
    return image_view_bytes(width_px, height_px, 1);
}

enum po_status vertical_disparity_warp(const struct vertical_disparity *offset,
                                       struct scratch *scratch, struct image_view *image,
                                       struct po_error *error)
{
    size_t mark = scratch_mark(scratch);
    struct vertical_field field = {offset->a_px, offset->b_px, offset->c_px};
    struct image_view source;
    enum po_status status =
        image_view_take(scratch, image->width_px, image->height_px, 1, &source, error);
    if (status != PO_OK)
        return status;
    image_copy(image, &source);
    row_warp(&source, &field, image);
    scratch_rewind(scratch, mark);
    return PO_OK;
}
