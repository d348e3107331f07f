/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Statistical outliers (Rusu et al. 2008): the mean distance to a point's k nearest
 * neighbours, against its mean over the cloud plus a number of standard deviations.
 *
 * Neighbours are looked for in the 5x5 window of the pixel grid, and distances are
 * measured in footprints of a pixel at the point's depth, so that far points, which lie
 * wide apart by nature, are not outliers. A missing neighbour counts as DISTANCE_LIMIT.
 * Everything is integer: sums do not depend on their order.
 */
#include <math.h>

#include "cloud/cloud_filters.h"

enum {
    WINDOW_RADIUS = 2,
    WINDOW_NEIGHBOURS = 24,
    DISTANCE_SCALE = 4,  /* parts of a footprint */
    DISTANCE_LIMIT = 127 /* of one neighbour, in those parts */
};

struct outlier_statistics {
    uint64_t count;
    uint64_t sum;
    uint64_t squares;
};

size_t outlier_scratch_bytes(int width_px, int height_px)
{
    return scratch_array_size((size_t)width_px, (size_t)height_px * sizeof(uint16_t));
}

/* Distance of a neighbour, in parts of a footprint Z / f. Along the ray it is
 * f dZ / Z = f dd / (d + doffs). */
static int distance_to(int dx, int dy, int difference, double parts_per_sixteenth)
{
    static const double SCALE2 = DISTANCE_SCALE * DISTANCE_SCALE;
    double along = difference * parts_per_sixteenth;
    double squared = (dx * dx + dy * dy) * SCALE2 + along * along;
    return squared < DISTANCE_LIMIT * DISTANCE_LIMIT ? (int)sqrt(squared)
                                                     : DISTANCE_LIMIT;
}

/* Sum of the k smallest of the distances counted in the histogram. */
static int smallest_sum(const uint8_t *histogram, int k)
{
    int sum = 0;
    for (int distance = 0; distance < DISTANCE_LIMIT && k > 0; distance++) {
        int taken = histogram[distance] < k ? histogram[distance] : k;
        sum += taken * distance;
        k -= taken;
    }
    return sum + k * DISTANCE_LIMIT;
}

static int neighbour_distance(const struct filter_job *job, int x, int y, int k)
{
    uint8_t histogram[DISTANCE_LIMIT + 1] = {0};
    int value = disparity_row(&job->input->map, y)[x];
    double focal_px = job->input->rig.focal_px;
    double parts = DISTANCE_SCALE * focal_px / (value + job->doffs);
    for (int dy = -WINDOW_RADIUS; dy <= WINDOW_RADIUS; dy++) {
        if (y + dy < 0 || y + dy >= job->keep.height_px)
            continue;
        const int16_t *values = disparity_row(&job->input->map, y + dy);
        const uint8_t *keep = image_row(&job->keep, y + dy);
        for (int dx = -WINDOW_RADIUS; dx <= WINDOW_RADIUS; dx++) {
            int at = x + dx;
            if (at < 0 || at >= job->keep.width_px || !keep[at] || (dx == 0 && dy == 0))
                continue;
            histogram[distance_to(dx, dy, values[at] - value, parts)]++;
        }
    }
    return smallest_sum(histogram, k);
}

static void measure_row(const struct filter_job *job, int y, int k, uint16_t *sums,
                        struct outlier_statistics *statistics)
{
    const uint8_t *keep = image_row(&job->keep, y);
    for (int x = 0; x < job->keep.width_px; x++) {
        if (!keep[x])
            continue;
        unsigned sum = (unsigned)neighbour_distance(job, x, y, k);
        sums[x] = (uint16_t)sum;
        statistics->count++;
        statistics->sum += sum;
        statistics->squares += (uint64_t)sum * sum;
    }
}

static double outlier_bound(const struct outlier_statistics *statistics, double sigma)
{
    double count = (double)statistics->count;
    double mean = (double)statistics->sum / count;
    double variance = (double)statistics->squares / count - mean * mean;
    return mean + sigma * sqrt(fmax(0.0, variance));
}

enum po_status outlier_filter(struct filter_job *job, struct po_error *error)
{
    int width = job->keep.width_px;
    int asked = job->input->settings->outlier_neighbours;
    int k = asked < WINDOW_NEIGHBOURS ? asked : WINDOW_NEIGHBOURS;
    size_t mark = scratch_mark(job->scratch);
    uint16_t *sums = scratch_take_array(job->scratch, (size_t)width,
                                        (size_t)job->keep.height_px * sizeof(uint16_t));
    if (sums == NULL)
        return scratch_exhausted(job->scratch, "the outlier filter", error);
    struct outlier_statistics statistics = {0};
    for (int y = 0; y < job->keep.height_px; y++) {
        measure_row(job, y, k, sums + (size_t)y * (size_t)width, &statistics);
        if (cancel_requested(job->input->cancel))
            return po_fail(error, PO_CANCELLED, "cancelled while looking for outliers");
    }
    double bound = statistics.count == 0
                       ? 0.0
                       : outlier_bound(&statistics, job->input->settings->outlier_sigma);
    for (int y = 0; y < job->keep.height_px; y++) {
        uint8_t *keep = image_row(&job->keep, y);
        const uint16_t *row = sums + (size_t)y * (size_t)width;
        for (int x = 0; x < width; x++)
            if (keep[x] && row[x] > bound)
                keep[x] = 0;
    }
    scratch_rewind(job->scratch, mark);
    return PO_OK;
}
