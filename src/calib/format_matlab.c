/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MATLAB's matrices (.mat): cameraMatrix1 RadialDistortion1 TangentialDistortion1 R T in
 * MATLAB's order, the fields of toStruct(stereoParams), or K1 D1 K2 D2 R T in OpenCV's. A
 * stereoParameters object is read by MATLAB alone.
 */
#include <string.h>

#include "calib/mat_print.h"
#include "calib/matrices.h"

static bool holds_objects(const struct document_node *root)
{
    const struct document_node *node = root != NULL ? root->first : NULL;
    for (; node != NULL; node = node->next)
        if (node->kind == DOCUMENT_SCALAR && strcmp(node->text, MAT_OBJECT_TEXT) == 0)
            return true;
    return false;
}

static bool recognise(const struct calibration_source *source)
{
    return source->container == CONTAINER_MATLAB &&
           (matrices_recognise(source->root) || holds_objects(source->root));
}

static enum po_status read(const struct calibration_source *source,
                           struct parsed_calibration *parsed, struct po_error *error)
{
    if (!matrices_recognise(source->root))
        return po_fail(error, PO_UNSUPPORTED,
                       "%s: holds a MATLAB object, which MATLAB alone reads; export it "
                       "there: s = toStruct(stereoParams); save('stereo_matrices.mat', "
                       "'-struct', 's', '-v7')",
                       source->path);
    return matrices_read_spread(source, parsed, error);
}

const struct calibration_format format_matlab = {"matlab", SYNTAX_TREE, recognise, read};
