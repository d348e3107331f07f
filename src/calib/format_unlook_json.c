/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UnLook calibration.json: camera_matrix_left/right and dist_coeffs_left/right, or K1 D1
 * K2 D2; shared image_size R T R1 R2 P1 P2 Q baseline_mm. T is [3] or [3][1], D [5] or
 * [1][5].
 */
#include "calib/unlook_keys.h"

#define KEYS(...) ((const char *const[]){__VA_ARGS__, NULL})

static bool recognise(const struct calibration_source *source)
{
    static const char *const short_keys[] = {"K1", "K2", NULL};
    return document_is_json(source->document) &&
           (unlook_recognise(source) ||
            document_get_any(source->root, short_keys) != NULL);
}

static enum po_status read(const struct calibration_source *source,
                           struct parsed_calibration *parsed, struct po_error *error)
{
    const struct matrix_keys keys = {
        .camera_matrix = {KEYS("camera_matrix_left", "K1", "K_left"),
                          KEYS("camera_matrix_right", "K2", "K_right")},
        .distortion = {KEYS("dist_coeffs_left", "D1", "D_left", "distortion_coeffs_left"),
                       KEYS("dist_coeffs_right", "D2", "D_right",
                            "distortion_coeffs_right")},
        .rectification = {KEYS("R1"), KEYS("R2")},
        .projection = {KEYS("P1"), KEYS("P2")},
        .rotation = KEYS("R", "rotation_matrix"),
        .translation = KEYS("T", "translation_vector"),
        .q = KEYS("Q", "disparity_to_depth_matrix"),
    };
    return unlook_read(source, &keys, parsed, error);
}

const struct calibration_format format_unlook_json = {"unlook-json", SYNTAX_TREE,
                                                      recognise, read};
