/* SPDX-License-Identifier: Apache-2.0 */
#include "frame/frame_rectifiers.h"

#include <stdlib.h>
#include <string.h>

/* Not being able to is no error here: frame_pipeline_prepare finds it again and says why.
 */
static enum po_status make_one(const struct manifest *manifest, int index,
                               struct rectification_memo *memo,
                               struct frame_rectifiers *rectifiers,
                               struct po_error *error)
{
    struct calibration calibration = manifest->calibrations[index];
    const struct image_extent *size = &rectifiers->sizes[index];
    struct rectification *rectification = &rectifiers->rectifications[index];
    if (calibration.rectified || size->width_px <= 0 ||
        calibration_fit_images(&calibration, size->width_px, size->height_px, NULL) !=
            PO_OK ||
        rectification_memo_make(memo, &manifest->calibrations[index], size->width_px,
                                size->height_px, rectification, NULL) != PO_OK ||
        rectification->identity)
        return PO_OK;
    rectifiers->bytes += rectifier_bytes(rectification);
    return rectifier_create(&calibration, rectification, &rectifiers->rectifiers[index],
                            error);
}

enum po_status frame_rectifiers_create(const struct manifest *manifest,
                                       const struct image_extent *sizes,
                                       struct rectification_memo *memo,
                                       struct frame_rectifiers **rectifiers,
                                       struct po_error *error)
{
    size_t count = (size_t)manifest->calibration_count;
    struct frame_rectifiers *made = calloc(1, sizeof(*made));
    *rectifiers = NULL;
    if (made == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for rectifications");
    made->count = manifest->calibration_count;
    made->rectifications = calloc(count + 1, sizeof(*made->rectifications));
    made->rectifiers = calloc(count + 1, sizeof(struct rectifier *));
    made->sizes = calloc(count + 1, sizeof(*made->sizes));
    if (made->rectifications == NULL || made->rectifiers == NULL || made->sizes == NULL) {
        frame_rectifiers_destroy(made);
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for %zu rectifications",
                       count);
    }
    enum po_status status = PO_OK;
    if (count > 0)
        memcpy(made->sizes, sizes, count * sizeof(*sizes));
    for (int i = 0; i < made->count && status == PO_OK; i++)
        status = make_one(manifest, i, memo, made, error);
    if (status != PO_OK) {
        frame_rectifiers_destroy(made);
        return status;
    }
    *rectifiers = made;
    return PO_OK;
}

void frame_rectifiers_destroy(struct frame_rectifiers *rectifiers)
{
    if (rectifiers == NULL)
        return;
    for (int i = 0; i < rectifiers->count && rectifiers->rectifiers != NULL; i++)
        rectifier_destroy(rectifiers->rectifiers[i]);
    free((void *)rectifiers->rectifiers);
    free(rectifiers->rectifications);
    free(rectifiers->sizes);
    free(rectifiers);
}
