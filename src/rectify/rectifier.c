/* SPDX-License-Identifier: Apache-2.0 */
#include "rectify/rectifier.h"

#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "calib/remap_tables.h"
#include "cv_shim/cv_shim.h"

enum {
    REMAP_MAX_SIDE_PX = 32767,   /* OpenCV's tables are 16-bit */
    FRACTION_STEPS = 32,         /* of a pixel, in OpenCV's fixed-point tables */
    BYTES_A_PIXEL = 2 * (4 + 2), /* both cameras: two int16 and one uint16 */
};

/* Where each rectified pixel lies in the raw image: whole pixels in map_xy (x, y), and
 * 32 * (32nds of y) + (32nds of x) in map_fraction. */
struct remap_table {
    int16_t *map_xy;
    uint16_t *map_fraction;
};

struct rectifier {
    int width_px; /* of the rectified images */
    int height_px;
    int source_width_px;
    int source_height_px;
    struct remap_table tables[2];
};

size_t rectifier_bytes(const struct rectification *rectification)
{
    if (rectification->identity)
        return 0;
    return (size_t)rectification->rig.width_px * (size_t)rectification->rig.height_px *
               BYTES_A_PIXEL +
           sizeof(struct rectifier);
}

static enum po_status take_table(int width_px, int height_px, struct remap_table *table,
                                 struct po_error *error)
{
    size_t pixels;
    size_t bytes;
    if (!size_multiply((size_t)width_px, (size_t)height_px, &pixels) ||
        !size_multiply(pixels, 2 * sizeof(int16_t), &bytes))
        return po_fail(error, PO_MEMORY_LIMIT, "rectification tables of %dx%d pixels",
                       width_px, height_px);
    table->map_xy = malloc(bytes);
    table->map_fraction = malloc(pixels * sizeof(uint16_t));
    if (table->map_xy == NULL || table->map_fraction == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY,
                       "the system refused %zu MB for rectification tables", bytes >> 20);
    return PO_OK;
}

/* The file's own tables, or those of the cameras. */
static enum po_status make_table(const struct calibration *calibration,
                                 const struct rectification *rectification, int side,
                                 struct remap_table *table, struct po_error *error)
{
    const struct rectified_rig *rig = &rectification->rig;
    const struct camera_model *camera = &calibration->cameras[side];
    const double matrix[9] = {
        camera->fx, camera->skew, camera->cx, 0.0, camera->fy, camera->cy, 0.0, 0.0, 1.0,
    };
    enum po_status status = take_table(rig->width_px, rig->height_px, table, error);
    if (status != PO_OK)
        return status;
    if (calibration->maps.present)
        return remap_tables_read(calibration, side, table->map_xy, table->map_fraction,
                                 error);
    int count = camera->model == DISTORTION_NONE ? 0 : camera->coefficient_count;
    return cv_shim_rectify_maps(
        matrix, camera->coefficients, count, camera->model == DISTORTION_FISHEYE,
        rectification->rotation[side], rectification->projection[side], rig->width_px,
        rig->height_px, table->map_xy, table->map_fraction, error);
}

static enum po_status check_sizes(const struct rectifier *made, struct po_error *error)
{
    const int sides_px[4] = {made->width_px, made->height_px, made->source_width_px,
                             made->source_height_px};
    for (int i = 0; i < 4; i++)
        if (sides_px[i] < 1 || sides_px[i] > REMAP_MAX_SIDE_PX)
            return po_fail(error, PO_UNSUPPORTED,
                           "rectifying %dx%d pixels to %dx%d: sides of 1 to %d pixels "
                           "can be rectified",
                           made->source_width_px, made->source_height_px, made->width_px,
                           made->height_px, REMAP_MAX_SIDE_PX);
    return PO_OK;
}

enum po_status rectifier_create(const struct calibration *calibration,
                                const struct rectification *rectification,
                                struct rectifier **rectifier, struct po_error *error)
{
    *rectifier = NULL;
    if (rectification->identity)
        return PO_OK;
    const struct rectified_rig *rig = &rectification->rig;
    struct rectifier *made = calloc(1, sizeof(*made));
    if (made == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "the system refused memory");
    made->width_px = rig->width_px;
    made->height_px = rig->height_px;
    made->source_width_px =
        calibration->width_px > 0 ? calibration->width_px : rig->width_px;
    made->source_height_px =
        calibration->height_px > 0 ? calibration->height_px : rig->height_px;
    enum po_status status = check_sizes(made, error);
    for (int side = 0; side < 2 && status == PO_OK; side++)
        status = make_table(calibration, rectification, side, &made->tables[side], error);
    if (status != PO_OK) {
        rectifier_destroy(made);
        return status;
    }
    *rectifier = made;
    return PO_OK;
}

void rectifier_destroy(struct rectifier *rectifier)
{
    if (rectifier == NULL)
        return;
    for (int side = 0; side < 2; side++) {
        free(rectifier->tables[side].map_xy);
        free(rectifier->tables[side].map_fraction);
    }
    free(rectifier);
}

static struct cv_image cv_image_of(const struct image_view *view)
{
    return (struct cv_image){view->width_px, view->height_px, view->channels,
                             view->stride_bytes, view->pixels};
}

enum po_status rectifier_run(const struct rectifier *rectifier, int side,
                             const struct image_view *source, struct image_view *target,
                             struct po_error *error)
{
    if (source->width_px != rectifier->source_width_px ||
        source->height_px != rectifier->source_height_px)
        return po_fail(error, PO_BAD_CALIBRATION,
                       "the calibration is for images of %dx%d pixels, this one has "
                       "%dx%d",
                       rectifier->source_width_px, rectifier->source_height_px,
                       source->width_px, source->height_px);
    if (target->width_px != rectifier->width_px ||
        target->height_px != rectifier->height_px || target->channels != source->channels)
        return po_fail(error, PO_INTERNAL,
                       "a rectified image of %dx%dx%d, wanted %dx%dx%d", target->width_px,
                       target->height_px, target->channels, rectifier->width_px,
                       rectifier->height_px, source->channels);
    const struct remap_table *table = &rectifier->tables[side];
    struct cv_image from = cv_image_of(source);
    struct cv_image to = cv_image_of(target);
    return cv_shim_remap(&from, table->map_xy, table->map_fraction, &to, error);
}

/*
 * A pixel is seen when all neighbours its bilinear weights use lie inside the source. In
 * 32-bit lanes of alike steps, so that compilers make vectors of it; places before the
 * first pixel are large when taken without sign.
 */
static void mask_row(const int16_t *xy, const uint16_t *fraction, int count, int width_px,
                     int height_px, uint8_t *row)
{
    for (int i = 0; i < count; i++) {
        int x = (uint16_t)xy[2 * (ptrdiff_t)i];
        int y = (uint16_t)xy[2 * (ptrdiff_t)i + 1];
        int between = fraction[i];
        int across = x + ((between & (FRACTION_STEPS - 1)) != 0) < width_px;
        int down = y + (between >= FRACTION_STEPS) < height_px;
        row[i] = (uint8_t) - (across & down);
    }
}

void rectifier_mask(const struct rectifier *rectifier, int side, struct image_view *mask)
{
    const struct remap_table *table = &rectifier->tables[side];
    for (int y = 0; y < rectifier->height_px; y++) {
        size_t first = (size_t)y * (size_t)rectifier->width_px;
        mask_row(table->map_xy + 2 * first, table->map_fraction + first,
                 rectifier->width_px, rectifier->source_width_px,
                 rectifier->source_height_px, image_row(mask, y));
    }
}
