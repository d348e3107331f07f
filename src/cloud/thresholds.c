/* SPDX-License-Identifier: Apache-2.0 */
#include "cloud/cloud_filters.h"

#include <math.h>

#include "base/number.h"
#include "cloud/depth_sigma.h"

static const double CONFIDENCE_FULL = 255.0;

uint64_t keep_count(const struct image_view *keep)
{
    uint64_t kept = 0;
    for (int y = 0; y < keep->height_px; y++) {
        const uint8_t *row = image_row(keep, y);
        unsigned in_row = 0;
        for (int x = 0; x < keep->width_px; x++)
            in_row += row[x] & 1U;
        kept += in_row;
    }
    return kept;
}

/* Rows below: nothing they write is what they read, and they decide nothing, so that
 * compilers make vectors of them. */

static void keep_classes(const int16_t *restrict values, const uint8_t *restrict classes,
                         uint8_t last, int count, uint8_t *restrict keep)
{
    for (int x = 0; x < count; x++) {
        uint8_t below = (uint8_t)(classes[x] - 1);
        uint8_t wanted = (below < last) & (values[x] != DISPARITY_INVALID);
        keep[x] = wanted ? KEPT : 0;
    }
}

void threshold_classes(struct filter_job *job)
{
    const struct cloud_input *input = job->input;
    uint8_t last = input->settings->include_filled ? PIXEL_CLASSES - 1 : PIXEL_MEASURED;
    for (int y = 0; y < job->keep.height_px; y++)
        keep_classes(disparity_row(&input->map, y), image_row(&input->classes, y), last,
                     job->keep.width_px, image_row(&job->keep, y));
}

static void keep_within(const int16_t *restrict values, struct depth_span span, int count,
                        uint8_t *restrict keep)
{
    for (int x = 0; x < count; x++)
        keep[x] &= ((values[x] >= span.lowest) & (values[x] <= span.highest)) ? KEPT : 0;
}

static void keep_between(struct filter_job *job, const struct depth_limits *limits)
{
    const struct depth_span span = depth_limits_span(limits);
    for (int y = 0; y < job->keep.height_px; y++)
        keep_within(disparity_row(&job->input->map, y), span, job->keep.width_px,
                    image_row(&job->keep, y));
}

enum po_status threshold_parallax(struct filter_job *job, struct po_error *error)
{
    (void)error;
    keep_between(job, &job->parallax);
    return PO_OK;
}

enum po_status threshold_depth(struct filter_job *job, struct po_error *error)
{
    (void)error;
    keep_between(job, &job->depth_limits);
    return PO_OK;
}

/* The limits of measured pixels by their sigma; the last is that of filled ones. */
static void fill_limits(const struct cloud_input *input, int limits[SIGMA_CODES + 1])
{
    double percent = input->settings->max_depth_error_percent;
    for (int code = 0; code <= SIGMA_CODES; code++)
        limits[code] = depth_sigma_least(depth_sigma_px(code, code < SIGMA_CODES),
                                         percent, input->rig.doffs_px);
}

struct sure_row {
    const int16_t *values;
    const uint8_t *classes;
    const uint8_t *sigma;
};

enum { SURE_BLOCK = 32 };

/* Whether even the least sure of these measured pixels at the least disparity stays. */
static bool block_is_sure(const struct sure_row *row, int x, const int most[SIGMA_CODES])
{
    const int16_t *restrict values = row->values + x;
    const uint8_t *restrict classes = row->classes + x;
    const uint8_t *restrict sigma = row->sigma + x;
    int16_t least = INT16_MAX;
    uint8_t code = 0;
    uint8_t filled = 0;
    for (int i = 0; i < SURE_BLOCK; i++)
        least = values[i] < least ? values[i] : least;
    for (int i = 0; i < SURE_BLOCK; i++) {
        code = sigma[i] > code ? sigma[i] : code;
        filled |= (uint8_t)(classes[i] ^ PIXEL_MEASURED);
    }
    return filled == 0 && least >= most[code];
}

static void keep_sure(const struct sure_row *row, const int *restrict limits, int first,
                      int end, uint8_t *restrict keep)
{
    for (int x = first; x < end; x++) {
        int code = row->classes[x] == PIXEL_MEASURED ? row->sigma[x] : SIGMA_CODES;
        keep[x] &= row->values[x] >= limits[code] ? KEPT : 0;
    }
}

/* The greatest limit up to each code. */
static void fill_most(const int limits[SIGMA_CODES + 1], int most[SIGMA_CODES])
{
    int greatest = INT16_MIN;
    for (int code = 0; code < SIGMA_CODES; code++) {
        greatest = maximum(greatest, limits[code]);
        most[code] = greatest;
    }
}

enum po_status threshold_depth_error(struct filter_job *job, struct po_error *error)
{
    const struct cloud_input *input = job->input;
    int limits[SIGMA_CODES + 1];
    int most[SIGMA_CODES];
    int width = job->keep.width_px;
    (void)error;
    if (input->sigma.pixels == NULL)
        return PO_OK;
    fill_limits(input, limits);
    fill_most(limits, most);
    for (int y = 0; y < job->keep.height_px; y++) {
        const struct sure_row row = {disparity_row(&input->map, y),
                                     image_row(&input->classes, y),
                                     image_row(&input->sigma, y)};
        uint8_t *keep = image_row(&job->keep, y);
        for (int x = 0; x < width; x += SURE_BLOCK)
            if (x + SURE_BLOCK > width || !block_is_sure(&row, x, most))
                keep_sure(&row, limits, x, minimum(x + SURE_BLOCK, width), keep);
    }
    return PO_OK;
}

enum po_status threshold_confidence(struct filter_job *job, struct po_error *error)
{
    (void)error;
    if (job->input->confidence.pixels == NULL)
        return PO_OK;
    double least = ceil(job->input->settings->min_confidence * CONFIDENCE_FULL);
    int min_code = (int)fmin(CONFIDENCE_FULL, fmax(0.0, least));
    for (int y = 0; y < job->keep.height_px; y++) {
        const uint8_t *confidence = image_row(&job->input->confidence, y);
        uint8_t *keep = image_row(&job->keep, y);
        for (int x = 0; x < job->keep.width_px; x++)
            keep[x] &= confidence[x] >= min_code ? KEPT : 0;
    }
    return PO_OK;
}

enum po_status threshold_region(struct filter_job *job, struct po_error *error)
{
    (void)error;
    const double(*roi)[2] = (const double(*)[2])job->input->settings->roi_mm;
    for (int y = 0; y < job->keep.height_px; y++) {
        const int16_t *values = disparity_row(&job->input->map, y);
        uint8_t *keep = image_row(&job->keep, y);
        for (int x = 0; x < job->keep.width_px; x++) {
            double point[3];
            if (!keep[x])
                continue;
            triangulation_point(&job->triangulation, x, y, values[x], point);
            for (int axis = 0; axis < 3; axis++)
                if (!(point[axis] >= roi[axis][0] && point[axis] <= roi[axis][1]))
                    keep[x] = 0;
        }
    }
    return PO_OK;
}

/* Mixes its input over 32 bits (finalizer of Appleby's MurmurHash3). */
static uint32_t mixed(uint32_t value)
{
    value = (value ^ (value >> 16)) * UINT32_C(0x85ebca6b);
    value = (value ^ (value >> 13)) * UINT32_C(0xc2b2ae35);
    return value ^ (value >> 16);
}

/* A pixel's place decides alone: no pattern, and the same points in strips. */
enum po_status threshold_decimate(struct filter_job *job, struct po_error *error)
{
    uint32_t one_in = (uint32_t)job->input->settings->decimate;
    uint32_t limit = UINT32_MAX / one_in;
    (void)error;
    for (int y = 0; y < job->keep.height_px; y++) {
        uint8_t *keep = image_row(&job->keep, y);
        uint32_t seed = mixed((uint32_t)(y + job->input->top_row) + 1U);
        for (int x = 0; x < job->keep.width_px; x++)
            keep[x] &= mixed(seed ^ (uint32_t)x) <= limit ? KEPT : 0;
    }
    return PO_OK;
}
