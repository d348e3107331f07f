/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UnLook datasets, OpenCV YAML in two variants: camera_matrix_left dist_coeffs_left R T
 * R1 .. Q, or distortion_coeffs_left rotation_matrix translation_vector
 * rectification_transform_left projection_matrix_left disparity_to_depth_matrix.
 */
#include "calib/unlook_keys.h"

#define KEYS(...) ((const char *const[]){__VA_ARGS__, NULL})

static bool recognise(const struct calibration_source *source)
{
    return unlook_recognise(source);
}

static enum po_status read(const struct calibration_source *source,
                           struct parsed_calibration *parsed, struct po_error *error)
{
    const struct matrix_keys keys = {
        .camera_matrix = {KEYS("camera_matrix_left"), KEYS("camera_matrix_right")},
        .distortion = {KEYS("dist_coeffs_left", "distortion_coeffs_left"),
                       KEYS("dist_coeffs_right", "distortion_coeffs_right")},
        .rectification = {KEYS("R1", "rectification_transform_left"),
                          KEYS("R2", "rectification_transform_right")},
        .projection = {KEYS("P1", "projection_matrix_left"),
                       KEYS("P2", "projection_matrix_right")},
        .rotation = KEYS("R", "rotation_matrix"),
        .translation = KEYS("T", "translation_vector"),
        .q = KEYS("Q", "disparity_to_depth_matrix"),
    };
    return unlook_read(source, &keys, parsed, error);
}

const struct calibration_format format_unlook_yaml = {"unlook-yaml", SYNTAX_TREE,
                                                      recognise, read};
