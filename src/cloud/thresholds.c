/* SPDX-License-Identifier: Apache-2.0 */
#include "cloud/cloud_filters.h"

#include <math.h>

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

void threshold_classes(struct filter_job *job)
{
    const struct cloud_input *input = job->input;
    unsigned last = input->settings->include_filled ? PIXEL_CLASSES - 1 : PIXEL_MEASURED;
    for (int y = 0; y < job->keep.height_px; y++) {
        const int16_t *values = disparity_row(&input->map, y);
        const uint8_t *classes = image_row(&input->classes, y);
        uint8_t *keep = image_row(&job->keep, y);
        for (int x = 0; x < job->keep.width_px; x++) {
            bool wanted = classes[x] - 1U < last && values[x] != DISPARITY_INVALID;
            keep[x] = wanted ? KEPT : 0;
        }
    }
}

static void keep_between(struct filter_job *job, const struct depth_limits *limits)
{
    int lowest = limits->lowest;
    int highest = limits->highest;
    for (int y = 0; y < job->keep.height_px; y++) {
        const int16_t *values = disparity_row(&job->input->map, y);
        uint8_t *keep = image_row(&job->keep, y);
        for (int x = 0; x < job->keep.width_px; x++)
            keep[x] &= ((values[x] >= lowest) & (values[x] <= highest)) ? KEPT : 0;
    }
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

enum po_status threshold_depth_error(struct filter_job *job, struct po_error *error)
{
    const struct cloud_input *input = job->input;
    int limits[SIGMA_CODES + 1];
    (void)error;
    if (input->sigma.pixels == NULL)
        return PO_OK;
    fill_limits(input, limits);
    for (int y = 0; y < job->keep.height_px; y++) {
        const int16_t *values = disparity_row(&input->map, y);
        const uint8_t *classes = image_row(&input->classes, y);
        const uint8_t *sigma = image_row(&input->sigma, y);
        uint8_t *keep = image_row(&job->keep, y);
        for (int x = 0; x < job->keep.width_px; x++) {
            bool measured = classes[x] == PIXEL_MEASURED;
            keep[x] &= values[x] >= limits[measured ? sigma[x] : SIGMA_CODES] ? KEPT : 0;
        }
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
