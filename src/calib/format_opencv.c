/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenCV's sample programs: M1 D1 M2 D2 in intrinsics.yml, R T R1 R2 P1 P2 Q in
 * extrinsics.yml, or all in one file. Old files lack "---". The unit is that of the
 * chessboard's squares, so it is not known.
 */
#include "calib/format.h"

#define KEYS(...) ((const char *const[]){__VA_ARGS__, NULL})

static bool recognise(const struct calibration_source *source)
{
    const struct document_node *root = source->root;
    static const char *const MATRIX[] = {
        "M1", "K1", "cameraMatrix1", "M2", "K2", "cameraMatrix2", "D1", "D2", NULL};
    return document_get_any(root, MATRIX) != NULL ||
           (document_get(root, "R") != NULL && document_get(root, "T") != NULL);
}

static void read_size(const struct calibration_source *source,
                      struct parsed_calibration *parsed)
{
    double width = document_number(document_get(source->root, "image_width"), 0);
    double height = document_number(document_get(source->root, "image_height"), 0);
    double size[2];
    int count;
    static const char *const SIZE[] = {"image_size", "imageSize", "size", NULL};
    const struct document_node *node = document_get_any(source->root, SIZE);
    if (document_numbers(node, size, 2, &count) && count == 2) {
        width = size[0];
        height = size[1];
    }
    if (width >= 1 && width <= 1e6 && height >= 1 && height <= 1e6) {
        parsed->width_px = (int)width;
        parsed->height_px = (int)height;
    }
}

static bool holds_intrinsics(const struct calibration_source *source)
{
    static const char *const MATRIX[] = {"M1", "K1", "cameraMatrix1", NULL};
    return document_get_any(source->root, MATRIX) != NULL;
}

static bool holds_pose(const struct calibration_source *source)
{
    return document_get(source->root, "R") != NULL ||
           document_get(source->root, "T") != NULL;
}

/* intrinsics.yml and extrinsics.yml know each other by name. */
static enum po_status load_partner(const struct calibration_source *source,
                                   struct calibration_source *partner,
                                   struct po_error *error)
{
    bool wants_pose = !holds_pose(source);
    const char *from = wants_pose ? "intrinsic" : "extrinsic";
    const char *to = wants_pose ? "extrinsic" : "intrinsic";
    struct po_error cause = {0};
    enum po_status status =
        calibration_source_load_partner(partner, source->path, from, to, &cause);
    if (status == PO_OK)
        return PO_OK;
    return po_fail(error, PO_BAD_CALIBRATION,
                   "%s: holds no %s, and its partner file with '%s' for '%s' in the name "
                   "cannot be read: %s",
                   source->path, wants_pose ? "R and T" : "M1 D1 M2 D2", to, from,
                   cause.message);
}

static enum po_status read(const struct calibration_source *source,
                           struct parsed_calibration *parsed, struct po_error *error)
{
    const struct matrix_keys keys = {
        .camera_matrix = {KEYS("M1", "K1", "cameraMatrix1"),
                          KEYS("M2", "K2", "cameraMatrix2")},
        .distortion = {KEYS("D1", "distCoeffs1"), KEYS("D2", "distCoeffs2")},
        .rectification = {KEYS("R1"), KEYS("R2")},
        .projection = {KEYS("P1"), KEYS("P2")},
        .rotation = KEYS("R"),
        .translation = KEYS("T"),
        .q = KEYS("Q"),
    };
    struct calibration_source partner = {0};
    const struct calibration_source *intrinsics = source;
    const struct calibration_source *extrinsics = source;
    enum po_status status = PO_OK;
    if (!holds_intrinsics(source) || !holds_pose(source)) {
        status = load_partner(source, &partner, error);
        if (holds_intrinsics(source))
            extrinsics = &partner;
        else
            intrinsics = &partner;
    }
    if (status == PO_OK)
        status = tree_stereo(intrinsics, extrinsics, &keys, parsed, error);
    read_size(source, parsed);
    if (partner.root != NULL)
        read_size(&partner, parsed);
    calibration_source_release(&partner);
    return status;
}

const struct calibration_format format_opencv = {"opencv", SYNTAX_TREE, recognise, read};
