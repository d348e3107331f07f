/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Filters of the cloud: each clears pixels of the keep mask, never sets one.
 *
 * Invariant: a kept pixel has a valid disparity in front of infinity; what a filter does
 * depends on the mask before it, not on the order in which it visits pixels. The depth
 * limits come last of the judgements, so that a point inside them is judged beside all of
 * its neighbours, as without limits.
 */
#ifndef CLOUD_CLOUD_FILTERS_H
#define CLOUD_CLOUD_FILTERS_H

#include "cloud/cloud.h"
#include "cloud/triangulation.h"

struct filter_job {
    const struct cloud_input *input;
    struct triangulation triangulation; /* in millimetres */
    struct depth_limits parallax;       /* what a depth can be made of */
    struct depth_limits depth_limits;
    int doffs; /* sixteenths */
    struct scratch *scratch;
    struct image_view keep;
    int first_row; /* the rows that count */
    struct image_view counted;
};

enum { KEPT = 255 };

/* Starts the mask: valid pixels of the classes asked for. */
void threshold_classes(struct filter_job *job);

/* Thresholds: of the pixel alone. */
enum po_status threshold_parallax(struct filter_job *job, struct po_error *error);
enum po_status threshold_depth(struct filter_job *job, struct po_error *error);
enum po_status threshold_depth_error(struct filter_job *job, struct po_error *error);
enum po_status threshold_confidence(struct filter_job *job, struct po_error *error);
/* Thinning: one point in so many. */
enum po_status threshold_decimate(struct filter_job *job, struct po_error *error);
enum po_status threshold_region(struct filter_job *job, struct po_error *error);

/* Flying pixels: alone at a depth jump, or between its two sides. */
enum po_status edge_jump_filter(struct filter_job *job, struct po_error *error);
size_t edge_jump_scratch_bytes(int width_px, int height_px);

/* Points beside holes that are less sure than points elsewhere need to be. */
enum po_status edge_confidence_filter(struct filter_job *job, struct po_error *error);
size_t edge_confidence_scratch_bytes(int width_px, int height_px);

/* Statistical outliers: farther from their neighbours than most points are. */
enum po_status outlier_filter(struct filter_job *job, struct po_error *error);
size_t outlier_scratch_bytes(int width_px, int height_px);

/* Connected pieces of surface with few points. */
enum po_status component_filter(struct filter_job *job, struct po_error *error);
size_t component_scratch_bytes(int width_px, int height_px);

/* One point a cube: the surest, the first among equals. */
enum po_status voxel_filter(struct filter_job *job, struct po_error *error);
size_t voxel_scratch_bytes(int width_px, int height_px);

uint64_t keep_count(const struct image_view *keep);

#endif
