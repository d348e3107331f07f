/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rectified rig: what turns a disparity into a point, after rectification.
 *
 * Z = focal_px * baseline / (d + doffs_px), X = (x - cx_px) Z / focal_px, Y likewise
 * (Middlebury 2014 conventions: doffs = cx_right - cx_left), in the frame of the
 * rectified left camera: x right, y down, z forward. Lengths are millimetres when `unit`
 * is RIG_MM. Pixel centres are at integers.
 */
#ifndef CALIB_RECTIFIED_RIG_H
#define CALIB_RECTIFIED_RIG_H

/* Cameras above each other are rectified on their side, so that rows correspond; points
 * are turned back where they are written. */
enum rig_turn {
    RIG_UPRIGHT,
    RIG_TURNED_LEFT,  /* the second camera below: x' = y, y' = -x */
    RIG_TURNED_RIGHT, /* the second camera above: x' = -y, y' = x */
};

enum rig_unit { RIG_NONE, RIG_MM, RIG_SQUARES }; /* RIG_NONE: disparity only */

struct rectified_rig {
    int width_px;
    int height_px;
    double focal_px; /* horizontal */
    double focal_y_px;
    double cx_px;
    double cy_px;
    double doffs_px;
    double baseline_mm; /* > 0; squares when unit is RIG_SQUARES */
    enum rig_unit unit;
    int disparity_count_hint; /* the format's ndisp; 0: none */
    enum rig_turn turn;
};

/* The rig of images downscaled by `factor` (2x2 means: centres move by half a pixel). */
struct rectified_rig rectified_rig_scaled(const struct rectified_rig *rig, int factor);

/* Z = f B / (d + doffs): similar triangles of the two viewing rays (Hartley and Zisserman
 * 2004, section 11.12; doffs as in Scharstein et al. 2014). In the unit of B. */
static inline double depth_from_disparity(double focal_baseline, double disparity_px,
                                          double doffs_px)
{
    return focal_baseline / (disparity_px + doffs_px);
}

/* Disparity of a depth, and back; both in the rig's unit. Infinity for d + doffs <= 0. */
double rectified_rig_depth(const struct rectified_rig *rig, double disparity_px);
double rectified_rig_disparity(const struct rectified_rig *rig, double depth);

#endif
