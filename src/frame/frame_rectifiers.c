/* SPDX-License-Identifier: Apache-2.0 */
#include "frame/frame_rectifiers.h"

#include <stdlib.h>
#include <string.h>

/* Padding is part of it: where that differs they are made once more. */
static struct hash tables_key(const struct calibration *calibration,
                              const struct rectification *rectification)
{
    return hash_combine(hash_bytes(calibration, sizeof(*calibration)),
                        hash_bytes(rectification, sizeof(*rectification)));
}

/* Those that an earlier child made, or else new ones, kept where there is room. A file's
 * own are read again, so that each child hears of a file that changed. */
static enum po_status make_tables(const struct calibration *calibration,
                                  const struct rectification *rectification,
                                  const struct kept_tables *kept, int index,
                                  struct rectifier **rectifier, struct po_error *error)
{
    void *room = kept_tables_room(kept, index, rectifier_bytes(rectification));
    if (room == NULL || calibration->maps.present)
        return rectifier_create(calibration, rectification, rectifier, error);
    struct hash key = tables_key(calibration, rectification);
    bool is_made = kept_tables_hold(kept, index, key);
    if (is_made)
        kept_tables_map(kept, index, rectifier_bytes(rectification));
    else
        kept_tables_begin(kept, index);
    enum po_status status =
        rectifier_create_in(calibration, rectification, room, is_made, rectifier, error);
    if (status == PO_OK && !is_made)
        kept_tables_end(kept, index, key);
    return status;
}

/* Not being able to is no error here: frame_pipeline_prepare finds it again and says why.
 */
static enum po_status make_one(const struct manifest *manifest, int index,
                               const struct rectifier_stores *stores,
                               struct frame_rectifiers *rectifiers,
                               struct po_error *error)
{
    struct calibration calibration = manifest->calibrations[index];
    const struct image_extent *size = &rectifiers->sizes[index];
    struct rectification *rectification = &rectifiers->rectifications[index];
    if (calibration.rectified || size->width_px <= 0 ||
        calibration_fit_images(&calibration, size->width_px, size->height_px, NULL) !=
            PO_OK ||
        rectification_memo_make(stores->memo, &manifest->calibrations[index],
                                size->width_px, size->height_px, rectification,
                                NULL) != PO_OK ||
        rectification->identity)
        return PO_OK;
    rectifiers->bytes += rectifier_bytes(rectification);
    return make_tables(&calibration, rectification, stores->tables, index,
                       &rectifiers->rectifiers[index], error);
}

enum po_status frame_rectifiers_create(const struct manifest *manifest,
                                       const struct image_extent *sizes,
                                       const struct rectifier_stores *stores,
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
        status = make_one(manifest, i, stores, made, error);
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
