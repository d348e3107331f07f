/* SPDX-License-Identifier: Apache-2.0 */
#include "rectify/rectifier.h"

#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/thread.h"
#include "calib/remap_tables.h"
#include "cv_shim/cv_shim.h"
#include "rectify/remap.h"

enum {
    REMAP_MAX_SIDE_PX = 32767, /* OpenCV's tables are 16-bit */
    FRACTION_STEPS = 32,       /* of a pixel, in OpenCV's fixed-point tables */
    CAMERAS = 2,
    PLACE_BYTES = 4 + 2, /* two int16 and one uint16 */
    MASK_BYTES = 1,
    BYTES_A_PIXEL = CAMERAS * (PLACE_BYTES + MASK_BYTES),
};

/* Where each rectified pixel lies in the raw image: whole pixels in map_xy (x, y), and
 * 32 * (32nds of y) + (32nds of x) in map_fraction. What follows from it, once for all
 * frames: whether the pixel is seen there. */
struct remap_table {
    int16_t *map_xy;
    uint16_t *map_fraction;
    uint8_t *mask;
};

struct rectifier {
    int width_px; /* of the rectified images */
    int height_px;
    int source_width_px;
    int source_height_px;
    struct remap_table tables[CAMERAS];
    void *own_tables; /* NULL: they lie in the caller's room */
};

size_t rectifier_bytes(const struct rectification *rectification)
{
    if (rectification->identity)
        return 0;
    return (size_t)rectification->rig.width_px * (size_t)rectification->rig.height_px *
               BYTES_A_PIXEL +
           sizeof(struct rectifier);
}

/* Tables in `room`, or on the heap where it is NULL. */
static enum po_status take_tables(struct rectifier *made, void *room,
                                  struct po_error *error)
{
    size_t pixels;
    size_t bytes;
    if (!size_multiply((size_t)made->width_px, (size_t)made->height_px, &pixels) ||
        !size_multiply(pixels, BYTES_A_PIXEL, &bytes))
        return po_fail(error, PO_MEMORY_LIMIT, "rectification tables of %dx%d pixels",
                       made->width_px, made->height_px);
    if (room == NULL)
        room = made->own_tables = malloc(bytes);
    if (room == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY,
                       "the system refused %zu MB for rectification tables", bytes >> 20);
    uint8_t *masks = (uint8_t *)room + pixels * CAMERAS * PLACE_BYTES;
    for (int side = 0; side < CAMERAS; side++) {
        int16_t *first = (int16_t *)room + (size_t)side * pixels * (PLACE_BYTES / 2);
        made->tables[side] =
            (struct remap_table){.map_xy = first,
                                 .map_fraction = (uint16_t *)(first + 2 * pixels),
                                 .mask = masks + (size_t)side * pixels};
    }
    return PO_OK;
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

static void make_mask(const struct rectifier *rectifier, int side)
{
    const struct remap_table *table = &rectifier->tables[side];
    for (int y = 0; y < rectifier->height_px; y++) {
        size_t first = (size_t)y * (size_t)rectifier->width_px;
        mask_row(table->map_xy + 2 * first, table->map_fraction + first,
                 rectifier->width_px, rectifier->source_width_px,
                 rectifier->source_height_px, table->mask + first);
    }
}

/* One side's tables to be made, beside the other's. */
struct table_job {
    const struct calibration *calibration;
    const struct rectification *rectification;
    const struct rectifier *rectifier;
    int side;
    enum po_status status;
    struct po_error error;
};

/* The file's own tables, or those of the cameras. */
static void make_table(void *context)
{
    struct table_job *job = context;
    const struct rectified_rig *rig = &job->rectification->rig;
    const struct remap_table *table = &job->rectifier->tables[job->side];
    const struct camera_model *camera = &job->calibration->cameras[job->side];
    const double matrix[9] = {
        camera->fx, camera->skew, camera->cx, 0.0, camera->fy, camera->cy, 0.0, 0.0, 1.0,
    };
    int count = camera->model == DISTORTION_NONE ? 0 : camera->coefficient_count;
    if (job->calibration->maps.present)
        job->status = remap_tables_read(job->calibration, job->side, table->map_xy,
                                        table->map_fraction, &job->error);
    else
        job->status = cv_shim_rectify_maps(
            matrix, camera->coefficients, count, camera->model == DISTORTION_FISHEYE,
            job->rectification->rotation[job->side],
            job->rectification->projection[job->side], rig->width_px, rig->height_px,
            table->map_xy, table->map_fraction, &job->error);
    if (job->status == PO_OK)
        make_mask(job->rectifier, job->side);
}

/* Side by side: nothing else can be done before they are there. One after the other where
 * no thread is to be had, and where a file is read, as that takes memory. */
static enum po_status make_tables(const struct rectifier *made,
                                  const struct calibration *calibration,
                                  const struct rectification *rectification,
                                  struct po_error *error)
{
    struct thread *beside = NULL;
    struct table_job jobs[CAMERAS];
    for (int side = 0; side < CAMERAS; side++)
        jobs[side] = (struct table_job){.calibration = calibration,
                                        .rectification = rectification,
                                        .rectifier = made,
                                        .side = side};
    bool started = !calibration->maps.present &&
                   thread_start(make_table, &jobs[1], &beside, NULL) == PO_OK;
    make_table(&jobs[0]);
    if (started)
        thread_join(beside);
    else if (jobs[0].status == PO_OK)
        make_table(&jobs[1]);
    for (int side = 0; side < CAMERAS; side++)
        if (jobs[side].status != PO_OK)
            return po_fail(error, jobs[side].status, "%s", jobs[side].error.message);
    return PO_OK;
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

enum po_status rectifier_create_in(const struct calibration *calibration,
                                   const struct rectification *rectification, void *room,
                                   bool is_made, struct rectifier **rectifier,
                                   struct po_error *error)
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
    if (status == PO_OK)
        status = take_tables(made, room, error);
    if (status == PO_OK && !is_made)
        status = make_tables(made, calibration, rectification, error);
    if (status != PO_OK) {
        rectifier_destroy(made);
        return status;
    }
    *rectifier = made;
    return PO_OK;
}

enum po_status rectifier_create(const struct calibration *calibration,
                                const struct rectification *rectification,
                                struct rectifier **rectifier, struct po_error *error)
{
    return rectifier_create_in(calibration, rectification, NULL, false, rectifier, error);
}

void rectifier_destroy(struct rectifier *rectifier)
{
    if (rectifier == NULL)
        return;
    free(rectifier->own_tables);
    free(rectifier);
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
    const struct remap_places places = {table->map_xy, table->map_fraction};
    remap_image(source, &places, target);
    return PO_OK;
}

void rectifier_mask(const struct rectifier *rectifier, int side, struct image_view *mask)
{
    size_t width = (size_t)rectifier->width_px;
    for (int y = 0; y < rectifier->height_px; y++)
        memcpy(image_row(mask, y), rectifier->tables[side].mask + (size_t)y * width,
               width);
}
