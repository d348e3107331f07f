/* SPDX-License-Identifier: Apache-2.0 */
#include "evaluate/plane_quality.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/number.h"
#include "evaluate/plane_fit.h"

/* Of the distances, left out at either end before the RMS: a choice of ours, so on heavy
 * tails the figures are below those of tools that take every point. */
static const double TRIMMED_SHARE = 0.01;
static const double OUTLIER_PX = 1.0;
static const double DEGREES = 57.295779513082320877;

#define MEASURE(member, worse_is)                                                        \
    {                                                                                    \
        .name = #member, .field = offsetof(struct plane_quality, member),                \
        .worse = (worse_is)                                                              \
    }

static const struct plane_measure measures[PLANE_MEASURES] = {
    MEASURE(fill_percent, -1),      MEASURE(distance_mm, 0),
    MEASURE(angle_degrees, 0),      MEASURE(plane_rms_mm, 1),
    MEASURE(plane_rms_percent, 1),  MEASURE(plane_rms_px, 1),
    MEASURE(subpixel_rms_px, 1),    MEASURE(outlier_percent, 1),
    MEASURE(z_accuracy_percent, 2),
};

const struct plane_measure *plane_measure(int index)
{
    return &measures[index];
}

double plane_measure_get(const struct plane_quality *quality, int index)
{
    return *(const double *)((const char *)quality + measures[index].field);
}

void plane_measure_set(struct plane_quality *quality, int index, double value)
{
    *(double *)((char *)quality + measures[index].field) = value;
}

void plane_totals_begin(struct plane_totals *totals, const struct pixel_region *region)
{
    totals->region = *region;
    totals->measured = 0;
    totals->step = 0;
    do {
        totals->step++;
        totals->columns = (region->width_px - 1) / totals->step + 1;
        totals->rows = (region->height_px - 1) / totals->step + 1;
    } while ((int64_t)totals->columns * totals->rows > PLANE_SAMPLES_MAX);
    for (int i = 0; i < totals->columns * totals->rows; i++)
        totals->values[i] = DISPARITY_INVALID;
}

static void add_row(struct plane_totals *totals, const int16_t *values,
                    const uint8_t *classes, int y)
{
    int16_t *samples = NULL;
    if (y % totals->step == 0)
        samples = totals->values + (ptrdiff_t)(y / totals->step) * totals->columns;
    for (int x = 0; x < totals->region.width_px; x++) {
        if (values[x] == DISPARITY_INVALID || classes[x] != PIXEL_MEASURED)
            continue;
        totals->measured++;
        if (samples != NULL && x % totals->step == 0)
            samples[x / totals->step] = values[x];
    }
}

void plane_totals_add(struct plane_totals *totals, const struct score_views *views,
                      const struct score_rows *rows)
{
    const struct pixel_region *region = &totals->region;
    int first = maximum(rows->first_y, region->y_px - rows->top_y);
    int end = minimum(rows->end_y, region->y_px + region->height_px - rows->top_y);
    for (int y = first; y < end; y++)
        add_row(totals, disparity_row(views->map, y) + region->x_px,
                image_row(views->classes, y) + region->x_px,
                y + rows->top_y - region->y_px);
}

/* The plane in space, from d + doffs = f B / Z: normal . P = focal_baseline. */
struct space_plane {
    double normal[3];
    double length; /* of the normal */
    double focal_baseline;
};

static struct space_plane plane_in_space(const struct disparity_plane *plane,
                                         const struct rectified_rig *rig)
{
    struct space_plane space = {
        .normal = {plane->a * rig->focal_px, plane->b * rig->focal_y_px,
                   disparity_plane_at(plane, rig->cx_px, rig->cy_px) + rig->doffs_px},
        .focal_baseline = rig->focal_px * rig->baseline_mm,
    };
    const double *n = space.normal;
    space.length = sqrt(n[0] * n[0] + n[1] * n[1] + n[2] * n[2]);
    return space;
}

static void ray_of(const struct rectified_rig *rig, double x_px, double y_px,
                   double ray[3])
{
    ray[0] = (x_px - rig->cx_px) / rig->focal_px;
    ray[1] = (y_px - rig->cy_px) / rig->focal_y_px;
    ray[2] = 1.0;
}

static double along_normal(const struct space_plane *space, const double ray[3])
{
    const double *n = space->normal;
    return (n[0] * ray[0] + n[1] * ray[1] + n[2] * ray[2]) / space->length;
}

/* The plane in pixels of the image, which was fitted in steps of the grid. */
static struct disparity_plane in_pixels(const struct disparity_plane *grid,
                                        const struct plane_totals *totals)
{
    struct disparity_plane plane = {grid->a / totals->step, grid->b / totals->step, 0.0};
    plane.c = grid->c - plane.a * totals->region.x_px - plane.b * totals->region.y_px;
    return plane;
}

/* Fills totals->work with the residuals in pixels; returns how many. */
static int take_residuals(struct plane_totals *totals,
                          const struct disparity_plane *plane)
{
    int used = 0;
    for (int y = 0; y < totals->rows; y++)
        for (int x = 0; x < totals->columns; x++) {
            int16_t value = totals->values[y * totals->columns + x];
            if (value == DISPARITY_INVALID)
                continue;
            double at = disparity_plane_at(plane, totals->region.x_px + x * totals->step,
                                           totals->region.y_px + y * totals->step);
            totals->work[used++] = (float)(value / (double)DISPARITY_SCALE - at);
        }
    return used;
}

/* The same in distances from the plane, behind it positive. */
static int take_distances(struct plane_totals *totals, const struct space_plane *space,
                          const struct rectified_rig *rig)
{
    int used = 0;
    for (int y = 0; y < totals->rows; y++)
        for (int x = 0; x < totals->columns; x++) {
            double ray[3];
            int16_t value = totals->values[y * totals->columns + x];
            double disparity_px = value / (double)DISPARITY_SCALE;
            if (value == DISPARITY_INVALID || disparity_px + rig->doffs_px <= 0)
                continue;
            ray_of(rig, totals->region.x_px + x * totals->step,
                   totals->region.y_px + y * totals->step, ray);
            double depth =
                depth_from_disparity(space->focal_baseline, disparity_px, rig->doffs_px);
            totals->work[used++] = (float)(depth * along_normal(space, ray) -
                                           space->focal_baseline / space->length);
        }
    return used;
}

/* Of sorted values, without the share at either end. */
static double rms(const float *values, int count, double left_out)
{
    double sum = 0.0;
    int cut = (int)(left_out * count);
    for (int i = cut; i < count - cut; i++)
        sum += (double)values[i] * values[i];
    return count > 0 ? sqrt(sum / (count - 2 * cut)) : NAN;
}

static void measure_pixels(struct plane_totals *totals,
                           const struct disparity_plane *plane,
                           struct plane_quality *quality)
{
    int count = take_residuals(totals, plane);
    int outliers = 0;
    plane_sort(totals->work, count);
    for (int i = 0; i < count; i++)
        outliers += fabs((double)totals->work[i]) > OUTLIER_PX;
    quality->plane_rms_px = rms(totals->work, count, 0.0);
    quality->subpixel_rms_px = rms(totals->work, count, TRIMMED_SHARE);
    quality->outlier_percent = 100.0 * outliers / count;
}

static void measure_lengths(struct plane_totals *totals,
                            const struct disparity_plane *plane,
                            const struct rectified_rig *rig, double true_distance_mm,
                            struct plane_quality *quality)
{
    const struct pixel_region *region = &totals->region;
    struct space_plane space = plane_in_space(plane, rig);
    double centre[3];
    double x_px = region->x_px + (region->width_px - 1) / 2.0;
    double y_px = region->y_px + (region->height_px - 1) / 2.0;
    ray_of(rig, x_px, y_px, centre);
    double disparity_px = disparity_plane_at(plane, x_px, y_px);
    if (disparity_px + rig->doffs_px <= 0)
        return;
    int count = take_distances(totals, &space, rig);
    plane_sort(totals->work, count);
    quality->distance_mm =
        depth_from_disparity(space.focal_baseline, disparity_px, rig->doffs_px);
    quality->angle_degrees = acos(fmin(1.0, space.normal[2] / space.length)) * DEGREES;
    quality->plane_rms_mm = rms(totals->work, count, TRIMMED_SHARE);
    quality->plane_rms_percent = 100.0 * quality->plane_rms_mm / quality->distance_mm;
    double truth = true_distance_mm > 0 ? true_distance_mm : quality->distance_mm;
    double offset = (quality->distance_mm - truth) * along_normal(&space, centre);
    double median = count > 0 ? totals->work[count / 2] : NAN;
    quality->z_accuracy_percent = 100.0 * (median + offset) / truth;
}

struct plane_quality plane_totals_end(struct plane_totals *totals,
                                      const struct rectified_rig *rig,
                                      double true_distance_mm)
{
    const struct plane_samples samples = {totals->columns, totals->rows, totals->values};
    struct plane_quality quality = {.present = true, .region = totals->region};
    struct disparity_plane grid;
    for (int i = 0; i < PLANE_MEASURES; i++)
        plane_measure_set(&quality, i, NAN);
    quality.pixels =
        (uint64_t)totals->region.width_px * (uint64_t)totals->region.height_px;
    quality.measured = totals->measured;
    quality.fill_percent = 100.0 * (double)totals->measured / (double)quality.pixels;
    if (!plane_fit(&samples, totals->work, &grid))
        return quality;
    struct disparity_plane plane = in_pixels(&grid, totals);
    measure_pixels(totals, &plane, &quality);
    if (rig->unit != RIG_NONE)
        measure_lengths(totals, &plane, rig, true_distance_mm, &quality);
    return quality;
}
