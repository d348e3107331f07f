/* SPDX-License-Identifier: Apache-2.0 */
#include "cloud/triangulation.h"

#include "base/number.h"
#include "stereo/disparity_map.h"

static const double MM_PER_M = 1000.0;

/* A parallax this small is within the noise of any match: its depth is as good as
 * infinite. */
static const double MIN_PARALLAX_PX = 0.5;

static inline double depth_of(double focal_baseline, double doffs_px, int sixteenths)
{
    return depth_from_disparity(focal_baseline, sixteenths * (1.0 / DISPARITY_SCALE),
                                doffs_px);
}

enum po_status triangulation_make(const struct rectified_rig *rig,
                                  enum po_length_unit unit,
                                  struct triangulation *triangulation,
                                  struct po_error *error)
{
    if (rig->unit == RIG_NONE || !(rig->focal_px > 0) || !(rig->focal_y_px > 0) ||
        !(rig->baseline_mm > 0))
        return po_fail(error, PO_BAD_CALIBRATION,
                       "points need a calibration with a focal length and a baseline "
                       "above 0; name one with --calibration");
    bool metres = unit == PO_UNIT_M && rig->unit == RIG_MM;
    double unit_mm = metres ? MM_PER_M : 1.0;
    *triangulation = (struct triangulation){
        .focal_baseline = rig->focal_px * rig->baseline_mm / unit_mm,
        .doffs_px = rig->doffs_px,
        .cx_px = rig->cx_px,
        .cy_px = rig->cy_px,
        .per_focal_x = 1.0 / rig->focal_px,
        .per_focal_y = 1.0 / rig->focal_y_px,
        .unit_mm = unit_mm,
    };
    return PO_OK;
}

double triangulation_depth(const struct triangulation *triangulation, int sixteenths)
{
    return depth_of(triangulation->focal_baseline, triangulation->doffs_px, sixteenths);
}

void triangulation_depth_row(const struct triangulation *triangulation,
                             const int16_t *sixteenths, int count, float *depths)
{
    double focal_baseline = triangulation->focal_baseline;
    double doffs_px = triangulation->doffs_px;
    for (int x = 0; x < count; x++)
        depths[x] = (float)depth_of(focal_baseline, doffs_px, sixteenths[x]);
}

void triangulation_point(const struct triangulation *triangulation, double x_px,
                         double y_px, int sixteenths, double point[3])
{
    double z = triangulation_depth(triangulation, sixteenths);
    point[0] = (x_px - triangulation->cx_px) * triangulation->per_focal_x * z;
    point[1] = (y_px - triangulation->cy_px) * triangulation->per_focal_y * z;
    point[2] = z;
}

/* Depth falls as disparity grows, so each limit is found by bisection: the smallest
 * disparity in front of the camera that is not farther than `farthest`. */
static int first_not_beyond(const struct triangulation *triangulation, double farthest)
{
    int low = INT16_MIN + 1;
    int high = INT16_MAX + 1;
    while (low < high) {
        int middle = low + (high - low) / 2;
        double depth = triangulation_depth(triangulation, middle);
        if (depth > 0 && depth <= farthest)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

struct depth_limits triangulation_depth_limits(const struct triangulation *triangulation,
                                               double min_depth_mm, double max_depth_mm)
{
    double unit_mm = triangulation->unit_mm;
    double farthest = max_depth_mm > 0 ? max_depth_mm / unit_mm
                                       : triangulation->focal_baseline / MIN_PARALLAX_PX;
    struct depth_limits depth_limits = {.highest = INT16_MAX};
    depth_limits.lowest = first_not_beyond(triangulation, farthest);
    if (min_depth_mm > 0) {
        double nearest = min_depth_mm / unit_mm;
        depth_limits.highest = first_not_beyond(triangulation, nearest);
        if (depth_limits.highest > INT16_MAX ||
            triangulation_depth(triangulation, depth_limits.highest) < nearest)
            depth_limits.highest--;
    }
    return depth_limits;
}

struct depth_span depth_limits_span(const struct depth_limits *limits)
{
    if (limits->lowest > INT16_MAX || limits->highest < INT16_MIN)
        return (struct depth_span){INT16_MAX, INT16_MIN};
    return (struct depth_span){(int16_t)maximum(limits->lowest, INT16_MIN),
                               (int16_t)minimum(limits->highest, INT16_MAX)};
}
