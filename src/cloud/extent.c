/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Extent of the kept points. Along a column of pixels x grows with depth alone, and along
 * a row y does: so integers by column and by row say all, and points are only made of the
 * extremes.
 */
#include <math.h>
#include <string.h>

#include "cloud/cloud_filters.h"

enum { DISPARITY_VALUES = 65536 };

/* Depths of one row; by column: nearest and farthest disparity and the sum of depths. */
struct extent_work {
    float *depths;
    int16_t *lowest;
    int16_t *highest;
    double *depth_sums;
    uint32_t *histogram; /* of disparities */
};

struct extent_sums {
    double min[3];
    double max[3];
    double total[3];
    uint64_t count;
};

size_t extent_scratch_bytes(int width_px, int height_px)
{
    (void)height_px;
    size_t width = (size_t)width_px;
    size_t columns = scratch_array_size(width, sizeof(int16_t));
    size_t bytes = scratch_array_size(DISPARITY_VALUES, sizeof(uint32_t));
    bytes = scratch_sum(bytes, scratch_array_size(width, sizeof(float)));
    bytes = scratch_sum(bytes, scratch_array_size(width, sizeof(double)));
    return scratch_sum(bytes, scratch_sum(columns, columns));
}

static enum po_status take_work(struct scratch *scratch, int width_px,
                                struct extent_work *work, struct po_error *error)
{
    size_t width = (size_t)width_px;
    work->histogram = scratch_take_zeroed(scratch, DISPARITY_VALUES * sizeof(uint32_t));
    work->depths = scratch_take_array(scratch, width, sizeof(float));
    work->depth_sums = scratch_take_array(scratch, width, sizeof(double));
    work->lowest = scratch_take_array(scratch, width, sizeof(int16_t));
    work->highest = scratch_take_array(scratch, width, sizeof(int16_t));
    if (work->histogram == NULL || work->depths == NULL || work->depth_sums == NULL ||
        work->lowest == NULL || work->highest == NULL)
        return scratch_exhausted(scratch, "the extent of a cloud", error);
    for (int x = 0; x < width_px; x++) {
        work->depth_sums[x] = 0.0;
        work->lowest[x] = INT16_MAX;
        work->highest[x] = INT16_MIN;
    }
    return PO_OK;
}

static void widen(struct extent_sums *sums, int axis, double value)
{
    sums->min[axis] = fmin(sums->min[axis], value);
    sums->max[axis] = fmax(sums->max[axis], value);
}

/* What the row adds to its columns; returns the sum of its depths. */
static double add_to_columns(const int16_t *values, const uint8_t *keep, int width,
                             struct extent_work *work)
{
    double sum = 0.0;
    for (int x = 0; x < width; x++) {
        int16_t low = keep[x] ? values[x] : INT16_MAX;
        int16_t high = keep[x] ? values[x] : INT16_MIN;
        work->lowest[x] = low < work->lowest[x] ? low : work->lowest[x];
        work->highest[x] = high > work->highest[x] ? high : work->highest[x];
    }
    for (int x = 0; x < width; x++)
        work->depths[x] = keep[x] ? work->depths[x] : 0.0F;
    for (int x = 0; x < width; x++)
        work->depth_sums[x] += (double)work->depths[x];
    for (int x = 0; x < width; x++)
        sum += (double)work->depths[x];
    return sum;
}

static void add_row(const struct filter_job *job, int y, struct extent_work *work,
                    struct extent_sums *sums)
{
    int width = job->keep.width_px;
    const int16_t *values = disparity_row(&job->input->map, y);
    const uint8_t *keep = image_row(&job->keep, y);
    int lowest = INT16_MAX;
    int highest = INT16_MIN;
    double point[3];
    triangulation_depth_row(&job->triangulation, values, width, work->depths);
    double depth_sum = add_to_columns(values, keep, width, work);
    for (int x = 0; x < width; x++) {
        int value = values[x];
        lowest = keep[x] && value < lowest ? value : lowest;
        highest = keep[x] && value > highest ? value : highest;
    }
    for (int x = 0; x < width; x++)
        work->histogram[values[x] - INT16_MIN] += keep[x] & 1U;
    if (lowest > highest)
        return;
    triangulation_point(&job->triangulation, 0, y, lowest, point);
    widen(sums, 1, point[1]);
    sums->total[1] += point[1] / point[2] * depth_sum;
    triangulation_point(&job->triangulation, 0, y, highest, point);
    widen(sums, 1, point[1]);
}

static void add_columns(const struct filter_job *job, const struct extent_work *work,
                        struct extent_sums *sums)
{
    for (int x = 0; x < job->keep.width_px; x++) {
        double point[3];
        if (work->lowest[x] > work->highest[x])
            continue;
        triangulation_point(&job->triangulation, x, 0, work->lowest[x], point);
        widen(sums, 0, point[0]);
        widen(sums, 2, point[2]);
        sums->total[0] += point[0] / point[2] * work->depth_sums[x];
        sums->total[2] += work->depth_sums[x];
        triangulation_point(&job->triangulation, x, 0, work->highest[x], point);
        widen(sums, 0, point[0]);
        widen(sums, 2, point[2]);
    }
}

/* Depth of the lower median: disparities are counted from the nearest on. */
static double median_depth(const struct filter_job *job, const uint32_t *histogram,
                           uint64_t count)
{
    uint64_t before = 0;
    int value = INT16_MAX;
    while (value > INT16_MIN) {
        before += histogram[value - INT16_MIN];
        if (2 * before >= count)
            break;
        value--;
    }
    return triangulation_depth(&job->triangulation, value);
}

enum po_status extent_measure(struct filter_job *job, struct cloud_extent *extent,
                              struct po_error *error)
{
    size_t mark = scratch_mark(job->scratch);
    struct extent_work work;
    struct extent_sums sums = {.min = {INFINITY, INFINITY, INFINITY},
                               .max = {-INFINITY, -INFINITY, -INFINITY}};
    enum po_status status = take_work(job->scratch, job->keep.width_px, &work, error);
    if (status != PO_OK)
        return status;
    for (int y = 0; y < job->keep.height_px; y++)
        add_row(job, y, &work, &sums);
    add_columns(job, &work, &sums);
    sums.count = keep_count(&job->keep);
    bool empty = sums.count == 0;
    for (int axis = 0; axis < 3; axis++) {
        extent->min_mm[axis] = empty ? NAN : sums.min[axis];
        extent->max_mm[axis] = empty ? NAN : sums.max[axis];
        extent->centroid_mm[axis] = empty ? NAN : sums.total[axis] / (double)sums.count;
    }
    extent->median_depth_mm = empty ? NAN : median_depth(job, work.histogram, sums.count);
    scratch_rewind(job->scratch, mark);
    return PO_OK;
}
