/* SPDX-License-Identifier: Apache-2.0 */
#include "cloud/extent.h"

#include <math.h>

#include "cloud/depth_sigma.h"
#include "cloud/length_histogram.h"

enum { SUM_LANES = 8 };

/* Depths of one row; by column: nearest and farthest disparity and the sum of depths. */
struct extent_work {
    float *depths;
    int16_t *lowest;
    int16_t *highest;
    double *depth_sums;
    float *aside;            /* x of each column at depth 1 */
    uint32_t *histograms[2]; /* of disparities in even and in odd columns */
};

size_t extent_scratch_bytes(int width_px, int height_px)
{
    (void)height_px;
    size_t width = (size_t)width_px;
    size_t columns = scratch_array_size(width, sizeof(int16_t));
    size_t bytes = scratch_size(sizeof(struct cloud_totals)); /* of extent_measure */
    bytes = scratch_sum(bytes,
                        2 * scratch_array_size(CLOUD_DISPARITY_VALUES, sizeof(uint32_t)));
    bytes = scratch_sum(bytes, 2 * scratch_array_size(width, sizeof(float)));
    bytes = scratch_sum(bytes, scratch_array_size(width, sizeof(double)));
    return scratch_sum(bytes, scratch_sum(columns, columns));
}

static enum po_status take_work(struct filter_job *job, struct extent_work *work,
                                struct po_error *error)
{
    struct scratch *scratch = job->scratch;
    const struct triangulation *triangulation = &job->triangulation;
    int width_px = job->keep.width_px;
    size_t width = (size_t)width_px;
    for (int i = 0; i < 2; i++)
        work->histograms[i] =
            scratch_take_zeroed(scratch, CLOUD_DISPARITY_VALUES * sizeof(uint32_t));
    work->depths = scratch_take_array(scratch, width, sizeof(float));
    work->aside = scratch_take_array(scratch, width, sizeof(float));
    work->depth_sums = scratch_take_array(scratch, width, sizeof(double));
    work->lowest = scratch_take_array(scratch, width, sizeof(int16_t));
    work->highest = scratch_take_array(scratch, width, sizeof(int16_t));
    if (work->histograms[0] == NULL || work->histograms[1] == NULL ||
        work->depths == NULL || work->aside == NULL || work->depth_sums == NULL ||
        work->lowest == NULL || work->highest == NULL)
        return scratch_exhausted(scratch, "the extent of a cloud", error);
    for (int x = 0; x < width_px; x++) {
        work->depth_sums[x] = 0.0;
        work->aside[x] = (float)((x - triangulation->cx_px) * triangulation->per_focal_x);
        work->lowest[x] = INT16_MAX;
        work->highest[x] = INT16_MIN;
    }
    return PO_OK;
}

static void widen(struct cloud_totals *sums, int axis, double value)
{
    sums->min_mm[axis] = fmin(sums->min_mm[axis], value);
    sums->max_mm[axis] = fmax(sums->max_mm[axis], value);
}

/* Widens the disparities of each column, and finds those of the row. */
static void widen_columns(const int16_t *values, const uint8_t *keep, int width,
                          int16_t *column_lowest, int16_t *column_highest,
                          int16_t bounds[2])
{
    int16_t lowest = INT16_MAX;
    int16_t highest = INT16_MIN;
    for (int x = 0; x < width; x++) {
        int16_t value = values[x];
        int16_t gone = (int16_t) - (keep[x] == 0);
        int16_t low = (int16_t)((value & ~gone) | (INT16_MAX & gone));
        int16_t high = (int16_t)((value & ~gone) | (INT16_MIN & gone));
        int16_t low_before = column_lowest[x];
        int16_t high_before = column_highest[x];
        column_lowest[x] = low < low_before ? low : low_before;
        column_highest[x] = high > high_before ? high : high_before;
        lowest = low < lowest ? low : lowest;
        highest = high > highest ? high : highest;
    }
    bounds[0] = lowest;
    bounds[1] = highest;
}

/* Adds the depths of a row to those of the columns; returns their sum, made in lanes of a
 * fixed number and order. */
static double add_depths(const uint8_t *keep, int width, float *depths,
                         double *column_sums)
{
    double lanes[SUM_LANES] = {0.0};
    double sum = 0.0;
    int whole = width - width % SUM_LANES;
    for (int x = 0; x < width; x++)
        depths[x] = keep[x] ? depths[x] : 0.0F;
    for (int x = 0; x < width; x++)
        column_sums[x] += (double)depths[x];
    for (int x = 0; x < whole; x += SUM_LANES)
        for (int lane = 0; lane < SUM_LANES; lane++)
            lanes[lane] += (double)depths[x + lane];
    for (int x = whole; x < width; x++)
        lanes[0] += (double)depths[x];
    for (int lane = 0; lane < SUM_LANES; lane++)
        sum += lanes[lane];
    return sum;
}

static void add_sigmas(const struct filter_job *job, int y, struct cloud_totals *sums)
{
    const struct cloud_input *input = job->input;
    const uint8_t *keep = image_row(&job->keep, y);
    const uint8_t *classes = image_row(&input->classes, y);
    if (input->sigma.pixels == NULL)
        return;
    const uint8_t *sigma = image_row(&input->sigma, y);
    for (int x = 0; x < job->keep.width_px; x++)
        sums->sigma_codes[sigma[x]] += keep[x] && classes[x] == PIXEL_MEASURED;
}

/* sigma_Z = Z^2 / (f B) sigma_d, of the median of sigma_d at the median depth. */
static double median_sigma(const struct triangulation *triangulation,
                           const struct cloud_totals *totals, double depth_mm)
{
    uint64_t all = 0;
    uint64_t before = 0;
    for (int code = 0; code < SIGMA_CODES; code++)
        all += totals->sigma_codes[code];
    for (int code = 0; code < SIGMA_CODES; code++) {
        before += totals->sigma_codes[code];
        if (all > 0 && 2 * before >= all)
            return depth_mm * depth_mm / triangulation->focal_baseline *
                   depth_sigma_px(code, true);
    }
    return NAN;
}

/* For 1 and 99 % a sample of the rows says as much as all of them. */
static void add_aside(const struct filter_job *job, int y, const struct extent_work *work,
                      struct cloud_totals *sums)
{
    enum { ALL_ROWS_BELOW = 512, SAMPLED_ROW = 4 };
    const struct triangulation *triangulation = &job->triangulation;
    const uint8_t *keep = image_row(&job->keep, y);
    float down = (float)((y - triangulation->cy_px) * triangulation->per_focal_y);
    if (job->keep.height_px >= ALL_ROWS_BELOW && y % SAMPLED_ROW != 0)
        return;
    add_sigmas(job, y, sums);
    length_histogram_add(sums->aside[0], work->aside, 1, work->depths, keep,
                         job->keep.width_px);
    length_histogram_add(sums->aside[1], &down, 0, work->depths, keep,
                         job->keep.width_px);
}

static void add_row(const struct filter_job *job, int y, struct extent_work *work,
                    struct cloud_totals *sums)
{
    int width = job->keep.width_px;
    const int16_t *values = disparity_row(&job->input->map, y);
    const uint8_t *keep = image_row(&job->keep, y);
    int16_t bounds[2];
    double point[3];
    triangulation_depth_row(&job->triangulation, values, width, work->depths);
    widen_columns(values, keep, width, work->lowest, work->highest, bounds);
    double depth_sum = add_depths(keep, width, work->depths, work->depth_sums);
    /* Neighbours are often equal: two tables, so that one need not wait for the other. */
    for (int x = 0; x < width; x++)
        work->histograms[x & 1][values[x] - INT16_MIN] += keep[x] & 1U;
    if (bounds[0] > bounds[1])
        return;
    add_aside(job, y, work, sums);
    for (int i = 0; i < 2; i++) {
        triangulation_point(&job->triangulation, 0, y, bounds[i], point);
        widen(sums, 1, point[1]);
    }
    sums->sum_mm[1] += point[1] / point[2] * depth_sum;
}

static void add_columns(const struct filter_job *job, const struct extent_work *work,
                        struct cloud_totals *sums)
{
    for (int x = 0; x < job->keep.width_px; x++) {
        double point[3];
        if (work->lowest[x] > work->highest[x])
            continue;
        triangulation_point(&job->triangulation, x, 0, work->lowest[x], point);
        widen(sums, 0, point[0]);
        widen(sums, 2, point[2]);
        sums->sum_mm[0] += point[0] / point[2] * work->depth_sums[x];
        sums->sum_mm[2] += work->depth_sums[x];
        triangulation_point(&job->triangulation, x, 0, work->highest[x], point);
        widen(sums, 0, point[0]);
        widen(sums, 2, point[2]);
    }
}

/* The depth that `share` of the points do not exceed: disparities are counted from the
 * nearest on. */
static double depth_quantile(const struct triangulation *triangulation,
                             const struct cloud_totals *totals, double share)
{
    uint64_t before = 0;
    uint64_t wanted = (uint64_t)ceil(share * (double)totals->points);
    int value = INT16_MAX;
    while (value > INT16_MIN) {
        before += totals->histogram[value - INT16_MIN];
        if (before >= wanted && before > 0)
            break;
        value--;
    }
    return triangulation_depth(triangulation, value);
}

/* A bin's middle may lie a little outside all points; a sample of rows may have none. */
static double inside(double value, double low, double high)
{
    return isnan(value) ? low : fmin(high, fmax(low, value));
}

static void finish_shares(const struct triangulation *triangulation,
                          const struct cloud_totals *totals, struct cloud_extent *extent)
{
    static const double shares[2] = {0.01, 0.99};
    double *ends[2] = {extent->p1_mm, extent->p99_mm};
    for (int end = 0; end < 2; end++) {
        for (int axis = 0; axis < 2; axis++)
            ends[end][axis] = length_histogram_quantile(totals->aside[axis], shares[end]);
        ends[end][2] = depth_quantile(triangulation, totals, shares[end]);
    }
    for (int axis = 0; axis < 3; axis++) {
        double low = extent->min_mm[axis];
        double high = extent->max_mm[axis];
        double last = isnan(extent->p99_mm[axis]) ? high : extent->p99_mm[axis];
        extent->p1_mm[axis] = inside(extent->p1_mm[axis], low, high);
        extent->p99_mm[axis] = inside(last, low, high);
    }
}

enum po_status extent_add(struct filter_job *job, struct cloud_totals *totals,
                          struct po_error *error)
{
    size_t mark = scratch_mark(job->scratch);
    struct extent_work work;
    enum po_status status = take_work(job, &work, error);
    if (status != PO_OK)
        return status;
    for (int y = 0; y < job->counted.height_px; y++)
        add_row(job, job->first_row + y, &work, totals);
    add_columns(job, &work, totals);
    for (int i = 0; i < CLOUD_DISPARITY_VALUES; i++)
        totals->histogram[i] += work.histograms[0][i] + work.histograms[1][i];
    scratch_rewind(job->scratch, mark);
    return PO_OK;
}

void extent_finish(const struct triangulation *triangulation,
                   const struct cloud_totals *totals, struct cloud_extent *extent)
{
    bool empty = totals->points == 0;
    for (int axis = 0; axis < 3; axis++) {
        extent->min_mm[axis] = empty ? NAN : totals->min_mm[axis];
        extent->max_mm[axis] = empty ? NAN : totals->max_mm[axis];
        extent->centroid_mm[axis] =
            empty ? NAN : totals->sum_mm[axis] / (double)totals->points;
    }
    extent->median_depth_mm = empty ? NAN : depth_quantile(triangulation, totals, 0.5);
    extent->median_sigma_mm =
        median_sigma(triangulation, totals, extent->median_depth_mm);
    for (int axis = 0; axis < 3; axis++)
        extent->p1_mm[axis] = extent->p99_mm[axis] = NAN;
    if (!empty)
        finish_shares(triangulation, totals, extent);
}

enum po_status extent_measure(struct filter_job *job, struct cloud_extent *extent,
                              struct po_error *error)
{
    size_t mark = scratch_mark(job->scratch);
    struct cloud_totals *totals = scratch_take(job->scratch, sizeof(*totals));
    if (totals == NULL)
        return scratch_exhausted(job->scratch, "the extent of a cloud", error);
    cloud_totals_init(totals);
    totals->points = keep_count(&job->counted);
    enum po_status status = extent_add(job, totals, error);
    if (status == PO_OK)
        extent_finish(&job->triangulation, totals, extent);
    scratch_rewind(job->scratch, mark);
    return status;
}
