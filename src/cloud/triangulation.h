/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Triangulation: disparities in sixteenths of a pixel to points in the rectified left
 * camera's frame, x right, y down, z forward.
 *
 * Invariant: a disparity has a depth only inside the depth limits; test it before using
 * one. Lengths are in the unit asked for; a rig in chessboard squares stays in squares.
 */
#ifndef CLOUD_TRIANGULATION_H
#define CLOUD_TRIANGULATION_H

#include <stdbool.h>
#include <stdint.h>

#include "calib/rectified_rig.h"
#include "process_offline/settings.h"
#include "process_offline/status.h"

struct triangulation {
    double focal_baseline; /* f B, in pixels times the unit of the points */
    double doffs_px;
    double cx_px;
    double cy_px;
    double per_focal_x; /* 1 / f */
    double per_focal_y;
    double unit_mm; /* length of one unit of the points; 1 for squares */
};

/* The disparities, in sixteenths, whose depth is finite and within the limits. */
struct depth_limits {
    int lowest;
    int highest; /* below lowest: none */
};

/* The same, of the 16 bits that maps hold; INT16_MAX and INT16_MIN: none. */
struct depth_span {
    int16_t lowest;
    int16_t highest;
};

struct depth_span depth_limits_span(const struct depth_limits *limits);

/* PO_BAD_CALIBRATION for a rig without a unit: disparity only. */
PO_MUST_CHECK enum po_status triangulation_make(const struct rectified_rig *rig,
                                                enum po_length_unit unit,
                                                struct triangulation *triangulation,
                                                struct po_error *error);

/* Depth of one disparity; meaningless where disparity + doffs <= 0. */
double triangulation_depth(const struct triangulation *triangulation, int sixteenths);

/* Depths of a row; values outside the depth limits give numbers without meaning. */
void triangulation_depth_row(const struct triangulation *triangulation,
                             const int16_t *sixteenths, int count, float *depths);

/* The point of pixel (x, y). */
void triangulation_point(const struct triangulation *triangulation, double x_px,
                         double y_px, int sixteenths, double point[3]);

/* Limits in millimetres; 0: none. Without a farthest one, what is seen under a parallax
 * d + doffs of less than half a pixel is out: sky and the far horizon, which would lie
 * anywhere. */
struct depth_limits triangulation_depth_limits(const struct triangulation *triangulation,
                                               double min_depth_mm, double max_depth_mm);

#endif
