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

/* Square roots, rounded down, of squared distances below the limit. */
struct root_table {
    uint8_t roots[DISTANCE_LIMIT * DISTANCE_LIMIT];
};

size_t outlier_scratch_bytes(int width_px, int height_px)
{
    return scratch_sum(
        scratch_array_size((size_t)width_px, (size_t)height_px * sizeof(uint16_t)),
        scratch_size(sizeof(struct root_table)));
}

static void make_roots(struct root_table *table)
{
    int root = 0;
    for (int squared = 0; squared < DISTANCE_LIMIT * DISTANCE_LIMIT; squared++) {
        if (squared >= (root + 1) * (root + 1))
            root++;
        table->roots[squared] = (uint8_t)root;
    }
}

/* Distance of a neighbour, in parts of a footprint Z / f. Along the ray it is
 * f dZ / Z = f dd / (d + doffs). */
static inline int distance_to(const struct root_table *table, int dx, int dy,
                              int difference, float parts_per_sixteenth)
{
    float along = (float)difference * parts_per_sixteenth;
    float capped = along < DISTANCE_LIMIT ? along : DISTANCE_LIMIT;
    int whole = capped > -DISTANCE_LIMIT ? (int)capped : -DISTANCE_LIMIT;
    int squared = (dx * dx + dy * dy) * (DISTANCE_SCALE * DISTANCE_SCALE) + whole * whole;
    return squared < DISTANCE_LIMIT * DISTANCE_LIMIT ? table->roots[squared]
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

static int neighbour_distance(const struct filter_job *job,
                              const struct root_table *table, int x, int y, int k)
{
    uint8_t histogram[DISTANCE_LIMIT + 1] = {0};
    int value = disparity_row(&job->input->map, y)[x];
    float focal_px = (float)job->input->rig.focal_px;
    float parts = DISTANCE_SCALE * focal_px / (float)(value + job->doffs);
    for (int dy = -WINDOW_RADIUS; dy <= WINDOW_RADIUS; dy++) {
        if (y + dy < 0 || y + dy >= job->keep.height_px)
            continue;
        const int16_t *values = disparity_row(&job->input->map, y + dy);
        const uint8_t *keep = image_row(&job->keep, y + dy);
        for (int dx = -WINDOW_RADIUS; dx <= WINDOW_RADIUS; dx++) {
            int at = x + dx;
            if (at < 0 || at >= job->keep.width_px || !keep[at] || (dx == 0 && dy == 0))
                continue;
            histogram[distance_to(table, dx, dy, values[at] - value, parts)]++;
        }
    }
    return smallest_sum(histogram, k);
}

static void measure_row(const struct filter_job *job, const struct root_table *table,
                        int y, int k, uint16_t *sums,
                        struct outlier_statistics *statistics)
{
    const uint8_t *keep = image_row(&job->keep, y);
    for (int x = 0; x < job->keep.width_px; x++) {
        if (!keep[x])
            continue;
        unsigned sum = (unsigned)neighbour_distance(job, table, x, y, k);
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
    struct root_table *table = scratch_take(job->scratch, sizeof(*table));
    if (sums == NULL || table == NULL)
        return scratch_exhausted(job->scratch, "the outlier filter", error);
    struct outlier_statistics statistics = {0};
    make_roots(table);
    for (int y = 0; y < job->keep.height_px; y++) {
        measure_row(job, table, y, k, sums + (size_t)y * (size_t)width, &statistics);
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
