/* SPDX-License-Identifier: Apache-2.0 */
#include "settings/settings_table.h"

/* Values no profile changes, and those of `balanced`. */
static const struct po_settings defaults = {
    .profile = PO_PROFILE_BALANCED,
    .input =
        {
            .calibration_unit = PO_CALIB_UNIT_AUTO,
            .pair_tolerance_s = 0.005,
        },
    .match =
        {
            .matcher = PO_MATCHER_SGM,
            .level = PO_SGM_BALANCED,
            .opencv_mode = PO_OPENCV_3WAY,
            .min_disparity_px = PO_AUTO,
            .num_disparities = PO_AUTO,
            .block_size_px = 3,
            .p1 = PO_AUTO,
            .p2 = PO_AUTO,
            .uniqueness_ratio_percent = 0,
            .left_right_max_diff_px = 1.5,
            .speckle_size_px = PO_AUTO,
            .speckle_range_px = 1.0,
            .cpu = PO_CPU_AUTO,
            .downscale = PO_AUTO,
        },
    .refine =
        {
            .refine = PO_REFINE_FULL,
            .fill = PO_FILL_AUTO,
            .bilateral_diameter_px = 5,
            .bilateral_sigma_color = 1.0,
            .bilateral_sigma_space_px = 10.0,
            .inpaint_radius_px = 3.0,
            .vertical_correction = true,
        },
    .network = {.prior_every = 1},
    .cloud =
        {
            .format = PO_CLOUD_PLY,
            .unit = PO_UNIT_MM,
            .edge_confidence = 0.75,
            .edge_jump_px = 1.5,
            .min_component_points = 200,
            .outlier_sigma = 2.0,
            .decimate = 1,
            .max_depth_error_percent = 10.0,
            .mesh_format = PO_MESH_PLY,
        },
    .run =
        {
            .workers = PO_AUTO,
            .batch_size = PO_AUTO,
            .parallel = true,
            .sandbox = true,
            .memory_profile = PO_MEMORY_AUTO,
            .frame_timeout_s = 60.0,
            .pool_restarts = 1,
            .min_measured_percent = 5.0,
            .grace_s = 20.0,
        },
    .output =
        {
            .artefacts = PO_OUT_ALL,
            .progress = PO_PROGRESS_AUTO,
            .log_format = PO_LOG_TEXT,
        },
};

void po_settings_defaults(struct po_settings *settings)
{
    *settings = defaults;
}
