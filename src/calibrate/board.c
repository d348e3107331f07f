/* SPDX-License-Identifier: Apache-2.0 */
#include "calibrate/board.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

void board_points(const struct board *board, double *xy)
{
    bool asymmetric = board->pattern == PO_BOARD_ASYMMETRIC_CIRCLES;
    for (int i = 0; i < board_corner_count(board); i++) {
        int row = i / board->cols;
        int col = i % board->cols;
        xy[2 * (ptrdiff_t)i] = asymmetric ? 2 * col + row % 2 : col;
        xy[2 * (ptrdiff_t)i + 1] = row;
    }
}

/* Sum of squared misfits along one line of corners; *count of them is added up. */
static double line_misfit(const float *xy, int first, int step, int length, int *count)
{
    double sum = 0;
    const ptrdiff_t next = 2 * (ptrdiff_t)step;
    for (int i = 2; i + 2 < length; i++) {
        for (int axis = 0; axis < 2; axis++) {
            const float *p = xy + 2 * (first + (ptrdiff_t)i * step) + axis;
            double smooth =
                (-p[-2 * next] + 4.0 * p[-next] + 4.0 * p[next] - p[2 * next]) / 6;
            sum += (p[0] - smooth) * (p[0] - smooth);
            ++*count;
        }
    }
    return sum;
}

double board_noise(const struct board *board, const float *xy)
{
    /* Variance of p - (...) / 6 for independent corners: 1 + (1 + 16 + 16 + 1) / 36. */
    static const double VARIANCE = 1 + 34.0 / 36;
    double sum = 0;
    int count = 0;
    int row_step = board->cols;
    /* Rows of asymmetric circles are shifted against each other: along rows only. */
    for (int row = 0; row < board->rows; row++)
        sum += line_misfit(xy, row * row_step, 1, board->cols, &count);
    for (int col = 0; col < board->cols && board->pattern != PO_BOARD_ASYMMETRIC_CIRCLES;
         col++)
        sum += line_misfit(xy, col, row_step, board->rows, &count);
    return count > 0 ? sqrt(sum / count / VARIANCE) : 0;
}

static void swap_corners(float *xy, int a, int b)
{
    for (int axis = 0; axis < 2; axis++) {
        float kept = xy[2 * (ptrdiff_t)a + axis];
        xy[2 * (ptrdiff_t)a + axis] = xy[2 * (ptrdiff_t)b + axis];
        xy[2 * (ptrdiff_t)b + axis] = kept;
    }
}

static void half_turn(const struct board *board, float *xy)
{
    int count = board_corner_count(board);
    for (int i = 0; i < count / 2; i++)
        swap_corners(xy, i, count - 1 - i);
}

/* Columns become rows; square boards only. */
static void transpose(const struct board *board, float *xy)
{
    for (int row = 0; row < board->rows; row++)
        for (int col = 0; col < row; col++)
            swap_corners(xy, row * board->cols + col, col * board->cols + row);
}

void board_mirror(const struct board *board, float *xy)
{
    for (int row = 0; row < board->rows; row++)
        for (int col = 0; col < board->cols / 2; col++)
            swap_corners(xy, row * board->cols + col,
                         row * board->cols + board->cols - 1 - col);
}

/* From the first corner along the row, or down the column, in the image. */
static void direction(const float *xy, int to, double out[2])
{
    out[0] = xy[2 * (ptrdiff_t)to] - xy[0];
    out[1] = xy[2 * (ptrdiff_t)to + 1] - xy[1];
    double length = hypot(out[0], out[1]);
    for (int i = 0; i < 2 && length > 0; i++)
        out[i] /= length;
}

/* Seen from its front, the columns of a board lie clockwise of its rows. */
static void face_front(const struct board *board, float *xy)
{
    double along[2];
    double down[2];
    direction(xy, board->cols - 1, along);
    direction(xy, board->cols * (board->rows - 1), down);
    if (along[0] * down[1] - along[1] * down[0] < 0)
        board_mirror(board, xy);
}

/* By the smallest turn that leaves the board looking the same. */
static void turn_once(const struct board *board, float *xy)
{
    if (board->cols == board->rows) {
        transpose(board, xy);
        board_mirror(board, xy);
    } else {
        half_turn(board, xy);
    }
}

/* Turns until the rows run closest to `wanted`. */
static void turn_towards(const struct board *board, const double wanted[2], float *xy)
{
    int turns = board->cols == board->rows ? 4 : 2;
    int best = 0;
    double best_cosine = -2;
    for (int turn = 0; turn < turns; turn++) {
        double along[2];
        direction(xy, board->cols - 1, along);
        double cosine = along[0] * wanted[0] + along[1] * wanted[1];
        if (cosine > best_cosine + 1e-9) {
            best_cosine = cosine;
            best = turn;
        }
        turn_once(board, xy);
    }
    for (int turn = 0; turn < best; turn++)
        turn_once(board, xy);
}

void board_order_pair(const struct board *board, float *left, float *right)
{
    double wanted[2] = {1, 0};
    if (board->pattern == PO_BOARD_ASYMMETRIC_CIRCLES)
        return; /* looks different from each side */
    if (left != NULL) {
        face_front(board, left);
        turn_towards(board, wanted, left);
        direction(left, board->cols - 1, wanted);
    }
    if (right != NULL) {
        face_front(board, right);
        turn_towards(board, wanted, right);
    }
}
