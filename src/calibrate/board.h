/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Board: a flat calibration target, and what two cameras saw of it.
 *
 * Invariant: corners go row by row; both cameras of a pair count from the same corner
 * (board_order_pair). Lengths on the board are squares. Ownership: plain values; a
 * sighting holds no pointers, so that a child can leave it in shared memory.
 */
#ifndef CALIBRATE_BOARD_H
#define CALIBRATE_BOARD_H

#include <stdbool.h>

#include "process_offline/settings.h"

enum { BOARD_MIN_SIDE = 3, BOARD_MAX_CORNERS = 1024, SIGHTING_TEXT_BYTES = 320 };

struct board {
    enum po_board_pattern pattern;
    int cols; /* inner corners along a row, or circles; 0: to be found */
    int rows;
    double square_mm; /* 0: not known */
};

/* What a child saw in the two pictures of a pair. */
struct board_sighting {
    bool looked;
    int width_px[2];
    int height_px[2];
    int measured_cols[2]; /* while the size is sought; 0: no board */
    int measured_rows[2];
    bool found[2];
    float noise_px[2]; /* of the corners, by board_noise */
    float blur_px[2];  /* width of edges, by board_blur; 0: not judged */
    float xy[2][2 * BOARD_MAX_CORNERS];
    char problem[2][SIGHTING_TEXT_BYTES]; /* why a picture could not be read */
};

static inline int board_corner_count(const struct board *board)
{
    return board->cols * board->rows;
}

/* x y of each corner in squares; rows of asymmetric circles are half a spacing apart, and
 * a "square" is the distance of neighbouring rows (OpenCV's convention). */
void board_points(const struct board *board, double *xy);

/*
 * How far corners leave the smooth surface through their neighbours in row and column:
 * the root mean square of p - (-p[-2] + 4 p[-1] + 4 p[1] - p[2]) / 6, scaled to the noise
 * of a corner. Perspective and lenses are smooth, so this is the detector's error. Boards
 * below five corners on both sides give 0.
 */
double board_noise(const struct board *board, const float *xy);

/* A chessboard looks the same after half a turn, a square one after a quarter: renumbers
 * the corners so that left counts from its upper left corner and right from the same one.
 * `right` or `left` may be NULL. */
void board_order_pair(const struct board *board, float *left, float *right);

/* As if the picture had been taken in a mirror. */
void board_mirror(const struct board *board, float *xy);

/*
 * The size most pictures agree on, from measured_cols and measured_rows. PO_BAD_SESSION
 * when there is no board or no clear majority, with the sizes seen.
 */
PO_MUST_CHECK enum po_status board_size_vote(const struct board_sighting *sightings,
                                             int count, struct board *board,
                                             struct po_error *error);

#endif
