/* SPDX-License-Identifier: Apache-2.0 */
#include "cloud/filter_table.h"

/* What was asked for may drop what it likes: who gives a box or a depth knows what is in
 * it. Nobody knows how many points are as sure as P. */
enum { ASKED_FOR = 100, HARDLY_ANYTHING_LEFT = 95 };

static bool always(const struct po_cloud_settings *settings)
{
    (void)settings;
    return true;
}

static bool depth_error_wanted(const struct po_cloud_settings *settings)
{
    return settings->max_depth_error_percent > 0;
}

static bool confidence_wanted(const struct po_cloud_settings *settings)
{
    return settings->min_confidence > 0;
}

/* Where filled pixels are taken, holes have no rims. */
static bool edge_confidence_wanted(const struct po_cloud_settings *settings)
{
    return settings->edge_confidence > 0 && !settings->include_filled;
}

static bool edge_jump_wanted(const struct po_cloud_settings *settings)
{
    return settings->edge_jump_px > 0;
}

static bool outliers_wanted(const struct po_cloud_settings *settings)
{
    return settings->outlier_neighbours > 0;
}

static bool components_wanted(const struct po_cloud_settings *settings)
{
    return settings->min_component_points > 1;
}

static bool region_wanted(const struct po_cloud_settings *settings)
{
    return settings->roi_given;
}

static bool voxels_wanted(const struct po_cloud_settings *settings)
{
    return settings->voxel_mm > 0;
}

static bool decimation_wanted(const struct po_cloud_settings *settings)
{
    return settings->decimate > 1;
}

static const struct cloud_filter parallax = {
    "dropped_depth",
    "the lack of parallax (disparity + doffs not above 0)",
    "check the sign of doffs, and whether left and right are exchanged (--swap)",
    50,
    always,
    threshold_parallax,
    NULL,
};

/* Counted as one with the lack of parallax: both are depths that nobody wants. */
static const struct cloud_filter depth_limits = {
    "dropped_depth",
    "the depth limits",
    "check --min-depth, --max-depth and the unit of the calibration",
    ASKED_FOR,
    always,
    threshold_depth,
    NULL,
};

static const struct cloud_filter depth_error = {
    "dropped_depth_error",
    "the limit of depth errors",
    "raise --max-depth-error, or switch it off with 0",
    50,
    depth_error_wanted,
    threshold_depth_error,
    NULL,
};

static const struct cloud_filter confidence_limit = {
    "dropped_confidence",
    "the confidence limit",
    "lower --min-confidence",
    HARDLY_ANYTHING_LEFT,
    confidence_wanted,
    threshold_confidence,
    NULL,
};

static const struct cloud_filter edge_confidence = {
    "dropped_edge_confidence",
    "the confidence limit beside holes",
    "lower --edge-confidence, or switch it off with 0",
    20, /* nobody asked for it */
    edge_confidence_wanted,
    edge_confidence_filter,
    edge_confidence_scratch_bytes,
};

static const struct cloud_filter edge_jumps = {
    "dropped_edge_jump",
    "the filter of flying pixels",
    "raise --edge-jump, or switch it off with 0",
    50,
    edge_jump_wanted,
    edge_jump_filter,
    edge_jump_scratch_bytes,
};

static const struct cloud_filter outliers = {
    "dropped_outlier", "the outlier filter", "raise --outlier-sigma", 50,
    outliers_wanted,   outlier_filter,       outlier_scratch_bytes,
};

static const struct cloud_filter components = {
    "dropped_component",     "the filter of small components",
    "lower --min-component", 50,
    components_wanted,       component_filter,
    component_scratch_bytes,
};

static const struct cloud_filter region = {
    "dropped_region",
    "the region of interest",
    "check --roi, which is in millimetres",
    ASKED_FOR,
    region_wanted,
    threshold_region,
    NULL,
};

const struct cloud_filter filter_voxels = {
    "dropped_voxel", "voxel thinning", "lower --voxel",     ASKED_FOR,
    voxels_wanted,   voxel_filter,     voxel_scratch_bytes,
};

const struct cloud_filter filter_decimate = {
    "dropped_decimate", "decimation", "lower --decimate", ASKED_FOR, decimation_wanted,
    threshold_decimate, NULL,
};

/* In the order they run. */
const struct cloud_filter *const cloud_filters[FILTER_COUNT] = {
    &parallax, &depth_error, &confidence_limit, &edge_confidence, &edge_jumps,
    &outliers, &components,  &depth_limits,     &region,
};
