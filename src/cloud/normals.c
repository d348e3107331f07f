/* SPDX-License-Identifier: Apache-2.0 */
#include "cloud/normals.h"

#include <math.h>

#include "cloud/surface_step.h"

enum { REACH_PX = 4, STEP_PX = 2, LEAST_SAMPLES = 5 };

/* Sums of a least-squares plane through differences to the centre pixel. */
struct plane_sums {
    int n, x, y, xx, xy, yy, d, xd, yd;
};

/* Samples of one row of the window. */
static void add_samples(const int16_t *values, const uint8_t *kept, int dy, int first,
                        int last, int centre, int step, struct plane_sums *sums)
{
    for (int dx = first; dx <= last; dx += STEP_PX) {
        int d = values[dx] - centre;
        int use = (kept[dx] != 0) & (d <= step) & (d >= -step);
        int x = use ? dx : 0;
        int y = use ? dy : 0;
        d = use ? d : 0;
        sums->n += use;
        sums->x += x;
        sums->y += y;
        sums->xx += x * x;
        sums->xy += x * y;
        sums->yy += y * y;
        sums->d += d;
        sums->xd += x * d;
        sums->yd += y * d;
    }
}

static void gather(const struct cloud_input *input, const struct image_view *keep, int x,
                   int y, struct plane_sums *sums)
{
    int centre = disparity_row(&input->map, y)[x];
    int doffs = (int)lround(input->rig.doffs_px * DISPARITY_SCALE);
    int step = surface_step_limit(centre, centre, doffs);
    int first = x >= REACH_PX ? -REACH_PX : -(x / STEP_PX) * STEP_PX;
    int right = keep->width_px - 1 - x;
    int last = right >= REACH_PX ? REACH_PX : right / STEP_PX * STEP_PX;
    for (int dy = -REACH_PX; dy <= REACH_PX; dy += STEP_PX)
        if (y + dy >= 0 && y + dy < keep->height_px)
            add_samples(disparity_row(&input->map, y + dy) + x,
                        image_row(keep, y + dy) + x, dy, first, last, centre, step, sums);
}

/* Slopes of d over x and y, sixteenths a pixel; false when the samples are too few or on
 * one line. */
static bool fit_slopes(const struct plane_sums *s, double *slope_x, double *slope_y)
{
    double n = s->n;
    double xx = n * s->xx - (double)s->x * s->x;
    double yy = n * s->yy - (double)s->y * s->y;
    double xy = n * s->xy - (double)s->x * s->y;
    double xd = n * s->xd - (double)s->x * s->d;
    double yd = n * s->yd - (double)s->y * s->d;
    double determinant = xx * yy - xy * xy;
    if (s->n < LEAST_SAMPLES || determinant <= 0)
        return false;
    *slope_x = (xd * yy - yd * xy) / determinant;
    *slope_y = (yd * xx - xd * xy) / determinant;
    return true;
}

/*
 * The plane d + doffs = a x + b y + c of disparities is, with d + doffs = f B / Z and
 * x = f X / Z + cx, the plane a f X + b f Y + e Z = f B in space, where e is d + doffs at
 * the principal point: so (a f, b f, e) is its normal.
 */
void normal_at(const struct cloud_input *input, const struct image_view *keep, int x,
               int y, float normal[3])
{
    const struct rectified_rig *rig = &input->rig;
    struct plane_sums sums = {0};
    double a;
    double b;
    double vector[3];
    double ray_x = x - rig->cx_px;
    double ray_y = y - rig->cy_px;
    gather(input, keep, x, y, &sums);
    if (fit_slopes(&sums, &a, &b)) {
        double here = disparity_row(&input->map, y)[x] + rig->doffs_px * DISPARITY_SCALE;
        vector[0] = -a * rig->focal_px;
        vector[1] = -b * rig->focal_y_px;
        vector[2] = a * ray_x + b * ray_y - here;
    } else {
        vector[0] = -ray_x / rig->focal_px;
        vector[1] = -ray_y / rig->focal_y_px;
        vector[2] = -1.0;
    }
    double length =
        sqrt(vector[0] * vector[0] + vector[1] * vector[1] + vector[2] * vector[2]);
    for (int axis = 0; axis < 3; axis++)
        normal[axis] = (float)(vector[axis] / length);
}
