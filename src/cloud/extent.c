/* SPDX-License-Identifier: Apache-2.0 */
#include "cloud/cloud_filters.h"

#include <math.h>
#include <string.h>

enum { DISPARITY_VALUES = 65536 };

struct sums {
    double min[3];
    double max[3];
    double total[3];
    uint64_t count;
};

size_t extent_scratch_bytes(void)
{
    return scratch_array_size(DISPARITY_VALUES, sizeof(uint32_t));
}

static void add_row(const struct filter_job *job, int y, struct sums *sums,
                    uint32_t *histogram)
{
    const int16_t *values = disparity_row(&job->input->map, y);
    const uint8_t *keep = image_row(&job->keep, y);
    for (int x = 0; x < job->keep.width_px; x++) {
        double point[3];
        if (!keep[x])
            continue;
        triangulation_point(&job->triangulation, x, y, values[x], point);
        for (int axis = 0; axis < 3; axis++) {
            double value = point[axis];
            sums->min[axis] = value < sums->min[axis] ? value : sums->min[axis];
            sums->max[axis] = value > sums->max[axis] ? value : sums->max[axis];
            sums->total[axis] += value;
        }
        sums->count++;
        histogram[values[x] - INT16_MIN]++;
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
    size_t bytes = DISPARITY_VALUES * sizeof(uint32_t);
    uint32_t *histogram = scratch_take_zeroed(job->scratch, bytes);
    if (histogram == NULL)
        return scratch_exhausted(job->scratch, "the extent of a cloud", error);
    struct sums sums = {.min = {INFINITY, INFINITY, INFINITY},
                        .max = {-INFINITY, -INFINITY, -INFINITY}};
    for (int y = 0; y < job->keep.height_px; y++)
        add_row(job, y, &sums, histogram);
    bool empty = sums.count == 0;
    for (int axis = 0; axis < 3; axis++) {
        extent->min_mm[axis] = empty ? NAN : sums.min[axis];
        extent->max_mm[axis] = empty ? NAN : sums.max[axis];
        extent->centroid_mm[axis] = empty ? NAN : sums.total[axis] / (double)sums.count;
    }
    extent->median_depth_mm = empty ? NAN : median_depth(job, histogram, sums.count);
    scratch_rewind(job->scratch, mark);
    return PO_OK;
}
