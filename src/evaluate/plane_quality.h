/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Depth quality on a flat target: how much of a region is measured, and how far it is off
 * the plane fitted to it. The measures are named as in Intel's "RealSense Camera Depth
 * Testing Methodology" (2018): fill rate, Z accuracy, plane RMS error, sub-pixel RMS
 * error. The RMS errors in mm and in sub-pixels leave out 1 % of the distances at either
 * end, a choice of ours.
 *
 * Rows come in strips; the region is looked at through a grid of at most
 * PLANE_SAMPLES_MAX pixels, its fill rate through all of them. Plain values, no pointers.
 */
#ifndef EVALUATE_PLANE_QUALITY_H
#define EVALUATE_PLANE_QUALITY_H

#include "calib/rectified_rig.h"
#include "evaluate/score.h"

/* Pixels of the rectified left image. */
struct pixel_region {
    int x_px, y_px, width_px, height_px;
};

/* NaN where it is not known: no plane, no length without a calibration. Millimetres, or
 * squares where the rig's unit is that. */
struct plane_quality {
    bool present;
    struct pixel_region region;
    uint64_t pixels, measured; /* of the region */
    double fill_percent;
    double distance_mm;   /* depth of the plane at the region's centre */
    double angle_degrees; /* between the plane's normal and the optical axis */
    /* Of the pixels' distances from the plane, 1 % at either end left out. */
    double plane_rms_mm;
    double plane_rms_percent; /* of distance_mm */
    double plane_rms_px;      /* of disparities, of every measured pixel */
    double subpixel_rms_px;   /* of disparities, 1 % at either end left out */
    double outlier_percent;   /* of the measured, off the plane by more than 1 px */
    /* Median signed distance from the true plane (as the fitted one, true_distance_mm
     * away), or from the fitted one without a true distance; percent of its distance,
     * positive: measured too far. */
    double z_accuracy_percent;
};

enum { PLANE_SAMPLES_MAX = 1 << 16 };

/* A region on its way. Zeroed: nothing is asked for. */
struct plane_totals {
    struct pixel_region region;
    int step; /* of the grid, px */
    int columns, rows;
    uint64_t measured;
    int16_t values[PLANE_SAMPLES_MAX];
    float work[PLANE_SAMPLES_MAX];
};

/* `region` lies inside the image and is not empty. */
void plane_totals_begin(struct plane_totals *totals, const struct pixel_region *region);
/* As score_totals_add; measured pixels count. */
void plane_totals_add(struct plane_totals *totals, const struct score_views *views,
                      const struct score_rows *rows);
/* `rig` at full size; true_distance_mm 0: not known. */
struct plane_quality plane_totals_end(struct plane_totals *totals,
                                      const struct rectified_rig *rig,
                                      double true_distance_mm);

/* The measures by name, for all loops over them. */
struct plane_measure {
    const char *name; /* "fill_percent" */
    size_t field;     /* offsetof(struct plane_quality, ...), double */
    int worse;        /* 1: larger is worse, -1: smaller, 2: by magnitude, 0: neither */
};
enum { PLANE_MEASURES = 9 };
const struct plane_measure *plane_measure(int index);
double plane_measure_get(const struct plane_quality *quality, int index);
void plane_measure_set(struct plane_quality *quality, int index, double value);

#endif
