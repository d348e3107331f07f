/* SPDX-License-Identifier: Apache-2.0 */
#include "calibrate/board_blur.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>

enum { SAMPLES = 41, ENDS = 8 };

static const double MOST_REACH_PX = 14; /* across an edge, to each side */
static const double REACH = 0.42;       /* of the edge's length: into half a square */
static const double LEAST_CONTRAST = 20;
static const double LEAST_LENGTH_PX = 6;

/* Bilinear; the place lies inside. */
static double sample(const struct image_view *grey, double x, double y)
{
    int u = (int)x;
    int v = (int)y;
    double a = x - u;
    double b = y - v;
    const uint8_t *row = image_row(grey, v) + u;
    const uint8_t *next = image_row(grey, v + 1) + u;
    return (row[0] * (1 - a) + row[1] * a) * (1 - b) +
           (next[0] * (1 - a) + next[1] * a) * b;
}

static bool is_inside(const struct image_view *grey, double x, double y)
{
    return x >= 0 && y >= 0 && x < grey->width_px - 1 && y < grey->height_px - 1;
}

/* The width of the edge between two corners; 0 where it cannot be told. */
static double edge_width(const struct image_view *grey, const float *from,
                         const float *to)
{
    double profile[SAMPLES];
    double dx = to[0] - from[0];
    double dy = to[1] - from[1];
    double length = hypot(dx, dy);
    if (length < LEAST_LENGTH_PX)
        return 0;
    double reach = fmin(MOST_REACH_PX, REACH * length);
    double step = 2 * reach / (SAMPLES - 1);
    for (int i = 0; i < SAMPLES; i++) {
        double t = (i - (SAMPLES - 1) / 2.0) * step;
        double x = (from[0] + to[0]) / 2 - t * dy / length;
        double y = (from[1] + to[1]) / 2 + t * dx / length;
        if (!is_inside(grey, x, y))
            return 0;
        profile[i] = sample(grey, x, y);
    }
    double slope = 0;
    double low = 0;
    double high = 0;
    int lag = (int)fmax(1, round(1 / step));
    for (int i = lag; i < SAMPLES - lag; i++)
        slope = fmax(slope, fabs(profile[i + lag] - profile[i - lag]) / (2 * lag * step));
    for (int i = 0; i < ENDS; i++) {
        low += profile[i] / ENDS;
        high += profile[SAMPLES - 1 - i] / ENDS;
    }
    return fabs(high - low) < LEAST_CONTRAST ? 0 : fabs(high - low) / slope;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The median over the edges that run along rows (step 1) or columns of corners. */
static double width_along(const struct board *board, const struct image_view *grey,
                          const float *xy, bool rows)
{
    double widths[BOARD_MAX_CORNERS];
    int count = 0;
    for (int row = 0; row + !rows < board->rows; row++)
        for (int col = 0; col + rows < board->cols; col++) {
            const float *from = xy + 2 * ((ptrdiff_t)row * board->cols + col);
            const float *to = from + 2 * (ptrdiff_t)(rows ? 1 : board->cols);
            double width = edge_width(grey, from, to);
            if (width > 0)
                widths[count++] = width;
        }
    if (count == 0)
        return 0;
    qsort(widths, (size_t)count, sizeof(*widths), compare_doubles);
    return widths[count / 2];
}

double board_blur(const struct board *board, const struct image_view *grey,
                  const float *xy)
{
    if (board->pattern != PO_BOARD_CHESSBOARD)
        return 0;
    return fmax(width_along(board, grey, xy, true), width_along(board, grey, xy, false));
}
