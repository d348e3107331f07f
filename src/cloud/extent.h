/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Extent: where the kept points lie. Along a column of pixels x grows with depth alone,
 * and along a row y does: so integers by column and by row say all, and points are only
 * made of the extremes.
 *
 * Invariant: adding strips one by one gives what one pass over all rows gives, but for
 * the rounding of sums. Ownership: the work lies in scratch meanwhile.
 */
#ifndef CLOUD_EXTENT_H
#define CLOUD_EXTENT_H

#include "cloud/cloud_filters.h"
#include "cloud/cloud_totals.h"

/* Extent, centroid and median depth of what is kept in the rows that count; NaN when
 * nothing is. In parts: `add` for each strip, then `finish`. */
enum po_status extent_measure(struct filter_job *job, struct cloud_extent *extent,
                              struct po_error *error);
enum po_status extent_add(struct filter_job *job, struct cloud_totals *totals,
                          struct po_error *error);
void extent_finish(const struct triangulation *triangulation,
                   const struct cloud_totals *totals, struct cloud_extent *extent);
size_t extent_scratch_bytes(int width_px, int height_px);

#endif
