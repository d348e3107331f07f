/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Range histogram: the trusted disparities of a small match, and the quantiles that bound
 * the scene.
 *
 * Invariant: a few values far from the rest, or below zero, are taken for false matches.
 * Ownership: the bins lie in scratch.
 */
#ifndef CHECK_RANGE_HISTOGRAM_H
#define CHECK_RANGE_HISTOGRAM_H

#include <stdbool.h>

#include "base/scratch.h"
#include "check/range_bounds.h"

struct range_histogram {
    uint32_t *bins;    /* by sixteenths of a pixel, counted from INT16_MIN */
    uint64_t pixels;   /* of the map */
    uint64_t trusted;  /* those with a value */
    uint64_t negative; /* of them half a pixel or more below zero */
    uint64_t at_end;   /* of them at the far end of what was searched */
};

size_t range_histogram_bytes(void);

PO_MUST_CHECK enum po_status range_histogram_take(struct scratch *scratch,
                                                  const struct disparity_map *map,
                                                  struct disparity_range searched,
                                                  struct range_histogram *histogram,
                                                  struct po_error *error);

/* Much of the scene lies at the end of the search, so it may go on behind it. */
bool range_histogram_goes_on(const struct range_histogram *histogram);

/* The widened quantiles, at `factor` times the size of the map and not below `floor_px`.
 * PO_NO_RANGE where too little is trusted. */
PO_MUST_CHECK enum po_status range_histogram_bounds(struct range_histogram *histogram,
                                                    double floor_px, int factor,
                                                    struct range_estimate *estimate,
                                                    struct po_error *error);

#endif
