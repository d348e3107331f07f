/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The automatic disparity range of a scene against its ground truth: how much of the
 * truth it holds, and how much wider than the truth it is.
 */
#ifndef SUPPORT_RANGE_MEASURE_H
#define SUPPORT_RANGE_MEASURE_H

#include "check/range_estimate.h"
#include "support/scene_list.h"

struct range_measure {
    struct range_estimate estimate;
    double truth_low_px;
    double truth_high_px;
    double inside;        /* percent of the pixels with ground truth */
    double below_high;    /* percent that do not exceed the high end */
    double above_low;     /* percent not under the low end */
    double span_ratio;    /* span over the true span */
    double ms;            /* of the estimate, images in memory */
    double bytes_planned; /* range_estimate_bytes */
};

/*
 * `floor_px` as in range_estimate_request. `shift_px` moves the right image's content to
 * the right, which lowers every disparity by as much.
 */
PO_MUST_CHECK enum po_status range_measure(const struct scene *scene, double floor_px,
                                           int shift_px, struct range_measure *measure,
                                           struct po_error *error);

/* Median of span_ratio. */
double range_measure_median_ratio(const struct range_measure *measures, int count);

#endif
