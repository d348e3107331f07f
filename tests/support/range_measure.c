/* SPDX-License-Identifier: Apache-2.0 */
#include "support/range_measure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "image/image_file.h"

enum { LOAD_BYTES_A_PIXEL = 32, LOAD_BYTES_MIN = 16 << 20 };

/* Moves every row right; the border repeats. */
static void shift_right(struct image_view *image, int shift_px)
{
    size_t shift = (size_t)shift_px;
    size_t width = (size_t)image->width_px;
    for (int y = 0; y < image->height_px && shift > 0 && shift < width; y++) {
        uint8_t *row = image_row(image, y);
        uint8_t border = row[0];
        memmove(row + shift, row, width - shift);
        memset(row, border, shift);
    }
}

static void compare(const float *truth, size_t count, int shift_px,
                    struct range_measure *measure)
{
    double known = 0, inside = 0, below_high = 0, above_low = 0;
    measure->truth_low_px = INFINITY;
    measure->truth_high_px = -INFINITY;
    for (size_t i = 0; i < count; i++) {
        double value = (double)truth[i] - shift_px;
        if (isnan(value))
            continue;
        bool is_below = value <= measure->estimate.high_px;
        bool is_above = value >= measure->estimate.low_px;
        known++;
        below_high += is_below;
        above_low += is_above;
        inside += is_below && is_above;
        measure->truth_low_px = fmin(measure->truth_low_px, value);
        measure->truth_high_px = fmax(measure->truth_high_px, value);
    }
    measure->inside = 100.0 * inside / known;
    measure->below_high = 100.0 * below_high / known;
    measure->above_low = 100.0 * above_low / known;
    measure->span_ratio = (measure->estimate.high_px - measure->estimate.low_px) /
                          (measure->truth_high_px - measure->truth_low_px);
}

static enum po_status estimate(const struct scene *scene, double floor_px, int shift_px,
                               struct scratch *scratch, struct range_measure *measure,
                               struct po_error *error)
{
    struct scene_pair pair;
    enum po_status status = scene_load(scene, scratch, &pair, error);
    if (status != PO_OK)
        return status;
    shift_right(&pair.right, shift_px);
    struct range_estimate_request request = {
        .left = pair.left, .right = pair.right, .floor_px = floor_px};
    double start_s = clock_monotonic_s();
    status = range_estimate(&request, scratch, &measure->estimate, error);
    measure->ms = (clock_monotonic_s() - start_s) * 1e3;
    return status;
}

enum po_status range_measure(const struct scene *scene, double floor_px, int shift_px,
                             struct range_measure *measure, struct po_error *error)
{
    struct scratch scratch;
    float *truth = NULL;
    int width_px;
    int height_px;
    size_t pixels = (size_t)scene->width_px * (size_t)scene->height_px;
    size_t bytes = range_estimate_bytes(scene->width_px, scene->height_px);
    *measure = (struct range_measure){.bytes_planned = (double)bytes};
    enum po_status status = scratch_init(
        &scratch,
        scratch_sum(bytes, scratch_sum(LOAD_BYTES_MIN, pixels * LOAD_BYTES_A_PIXEL)),
        error);
    if (status != PO_OK)
        return status;
    status = estimate(scene, floor_px, shift_px, &scratch, measure, error);
    scratch_release(&scratch);
    if (status == PO_OK)
        status = image_file_read_float(scene->truth, scene->truth_scale, &width_px,
                                       &height_px, &truth, error);
    if (status == PO_OK)
        compare(truth, (size_t)width_px * (size_t)height_px, shift_px, measure);
    free(truth);
    return status;
}

static int compare_doubles(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

double range_measure_median_ratio(const struct range_measure *measures, int count)
{
    double *ratios = calloc((size_t)count + 1, sizeof(*ratios));
    if (ratios == NULL || count == 0) {
        free(ratios);
        return NAN;
    }
    for (int i = 0; i < count; i++)
        ratios[i] = measures[i].span_ratio;
    qsort(ratios, (size_t)count, sizeof(*ratios), compare_doubles);
    double median = ratios[count / 2];
    free(ratios);
    return median;
}
