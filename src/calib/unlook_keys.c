/* SPDX-License-Identifier: Apache-2.0 */
#include "calib/unlook_keys.h"

#include <stddef.h>

#include "calib/matrix3.h"

bool unlook_recognise(const struct calibration_source *source)
{
    static const char *const sign_keys[] = {"camera_matrix_left",
                                            "camera_matrix_right",
                                            "dist_coeffs_left",
                                            "dist_coeffs_right",
                                            "distortion_coeffs_left",
                                            "projection_matrix_left",
                                            NULL};
    return document_get_any(source->root, sign_keys) != NULL;
}

static void read_size(const struct calibration_source *source,
                      struct parsed_calibration *parsed)
{
    const struct document_node *root = source->root;
    const struct document_node *size = document_get(root, "image_size");
    double values[2] = {0, 0};
    int count;
    if (size != NULL && size->kind == DOCUMENT_MAP) {
        values[0] = document_number(document_get(size, "width"), 0);
        values[1] = document_number(document_get(size, "height"), 0);
    } else if (!document_numbers(size, values, 2, &count) || count != 2) {
        values[0] = document_number(document_get(root, "image_width"), 0);
        values[1] = document_number(document_get(root, "image_height"), 0);
    }
    if (values[0] >= 1 && values[0] <= 1e6 && values[1] >= 1 && values[1] <= 1e6) {
        parsed->width_px = (int)values[0];
        parsed->height_px = (int)values[1];
    }
}

enum po_status unlook_read(const struct calibration_source *source,
                           const struct matrix_keys *keys,
                           struct parsed_calibration *parsed, struct po_error *error)
{
    enum po_status status = tree_stereo(source, source, keys, parsed, error);
    if (status != PO_OK)
        return status;
    read_size(source, parsed);
    parsed->baseline_mm = document_number(document_get(source->root, "baseline_mm"), 0);
    parsed->has_baseline = parsed->baseline_mm != 0;
    parsed->square_mm = document_number(document_get(source->root, "square_size_mm"), 0);
    /* The scanners write millimetres; a value no rig has is left to the other clues. */
    if (vector3_length(parsed->translation) >= 10)
        parsed->unit = PARSED_UNIT_MM;
    return PO_OK;
}
