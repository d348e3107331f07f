/* SPDX-License-Identifier: Apache-2.0 */
#include "support/bench_input.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cv_shim/cv_classic.h"
#include "image/image_file.h"
#include "image/image_writer.h"

enum { SOURCE_PATH_BYTES = 1024 };

static const struct mosaic mosaics[] = {
    {"mosaic",
     2,
     2,
     {{"middlebury2014/Motorcycle/im0.png", "middlebury2014/Motorcycle/im1.png"},
      {"middlebury2014/Piano/im0.png", "middlebury2014/Piano/im1.png"},
      {"middlebury2014/PlaytableP/im0.png", "middlebury2014/PlaytableP/im1.png"},
      {"middlebury2001/Venus/im2.png", "middlebury2001/Venus/im6.png"}}},
    {"aloe",
     1,
     1,
     {{"middlebury2006_full/Aloe/view1.jpg", "middlebury2006_full/Aloe/view5.jpg"}}},
};

const struct mosaic *mosaic_find(const char *name)
{
    for (size_t i = 0; i < sizeof(mosaics) / sizeof(*mosaics); i++)
        if (strcmp(name, mosaics[i].name) == 0)
            return &mosaics[i];
    return NULL;
}

enum po_status bench_image_read(const char *path, struct scratch *scratch,
                                struct image_view *image, struct po_error *error)
{
    struct image_header header;
    enum po_status status = image_file_probe(path, &header, error);
    if (status == PO_OK)
        status =
            image_file_read(path, &header, &(struct image_request){.scale = {65535, 0}},
                            scratch, image, error);
    return status;
}

static struct cv_image cv_image_of(const struct image_view *view)
{
    return (struct cv_image){view->width_px, view->height_px, view->channels,
                             view->stride_bytes, view->pixels};
}

/* The tile of column and row of an image: a view into the same pixels. */
static struct image_view tile_view(const struct image_view *whole,
                                   const struct mosaic *mosaic, int column, int row)
{
    struct image_view tile = *whole;
    tile.width_px = whole->width_px / mosaic->columns;
    tile.height_px = whole->height_px / mosaic->rows;
    tile.pixels += (ptrdiff_t)row * tile.height_px * whole->stride_bytes +
                   (ptrdiff_t)column * tile.width_px * whole->channels;
    return tile;
}

static enum po_status paint_mosaic(const struct bench_input_request *request, int side,
                                   struct image_view *whole, struct scratch *scratch,
                                   struct po_error *error)
{
    const struct mosaic *mosaic = request->mosaic;
    for (int i = 0; i < mosaic->columns * mosaic->rows; i++) {
        char path[SOURCE_PATH_BYTES];
        struct image_view image;
        struct image_view tile =
            tile_view(whole, mosaic, i % mosaic->columns, i / mosaic->columns);
        (void)snprintf(path, sizeof(path), "%s/%s", request->data_directory,
                       mosaic->tiles[i][side]);
        enum po_status status = bench_image_read(path, scratch, &image, error);
        if (status != PO_OK)
            return status;
        struct cv_image from = cv_image_of(&image);
        struct cv_image to = cv_image_of(&tile);
        status = cv_classic_resize(&from, &to, error);
        if (status != PO_OK)
            return status;
    }
    return PO_OK;
}

static enum po_status make_png(const struct bench_input_request *request, int side,
                               const char *path, struct scratch *scratch,
                               struct po_error *error)
{
    struct image_view whole;
    struct atomic_file *file = scratch_take(scratch, sizeof(*file));
    if (file == NULL)
        return scratch_exhausted(scratch, "the input", error);
    enum po_status status =
        image_view_take(scratch, request->width_px, request->height_px, 3, &whole, error);
    if (status == PO_OK)
        status = paint_mosaic(request, side, &whole, scratch, error);
    if (status == PO_OK)
        status = atomic_file_open_plain(file, path, false, error);
    if (status != PO_OK)
        return status;
    status = png_write(file, &whole, NULL, 0, error);
    if (status == PO_OK)
        status = atomic_file_publish(file, error);
    atomic_file_discard(file);
    return status;
}

/* A rig that leaves the images where they are: the remap does its work all the same. */
static enum po_status make_rectifier(const struct bench_input_request *request,
                                     struct bench_input *input, struct po_error *error)
{
    struct calibration *calibration = calloc(1, sizeof(*calibration));
    if (calibration == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for a calibration");
    double focal_px = 3.0 * request->width_px;
    double cx_px = request->width_px / 2.0;
    double cy_px = request->height_px / 2.0;
    const double identity[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    const double projection[9] = {focal_px, 0, cx_px, 0, focal_px, cy_px, 0, 0, 1};
    calibration->width_px = request->width_px;
    calibration->height_px = request->height_px;
    for (int side = 0; side < 2; side++) {
        calibration->cameras[side] =
            (struct camera_model){.fx = focal_px,
                                  .fy = focal_px,
                                  .cx = cx_px,
                                  .cy = cy_px,
                                  .model = DISTORTION_RADTAN,
                                  .coefficient_count = 5,
                                  .coefficients = {1e-4, 0, 0, 0, 0}};
        memcpy(input->rectification.rotation[side], identity, sizeof(identity));
        memcpy(input->rectification.projection[side], projection, sizeof(projection));
    }
    /* doffs keeps d + doffs above zero over the whole range. */
    input->rectification.rig = (struct rectified_rig){
        .width_px = request->width_px,
        .height_px = request->height_px,
        .focal_px = focal_px,
        .focal_y_px = focal_px,
        .cx_px = cx_px,
        .cy_px = cy_px,
        .doffs_px = 200.0,
        .baseline_mm = 160.0,
        .unit = RIG_MM,
    };
    enum po_status status =
        rectifier_create(calibration, &input->rectification, &input->rectifier, error);
    free(calibration);
    return status;
}

enum po_status bench_input_make(const struct bench_input_request *request,
                                struct scratch *scratch, struct bench_input *input,
                                struct po_error *error)
{
    const char *temporary = getenv("TMPDIR");
    (void)snprintf(input->directory, BENCH_PATH_BYTES, "%s/bench_frame_XXXXXX",
                   temporary != NULL ? temporary : "/tmp");
    if (mkdtemp(input->directory) == NULL)
        return po_fail(error, PO_IO, "cannot make %s", input->directory);
    (void)snprintf(input->left_path, BENCH_PATH_BYTES, "%.480s/left.png",
                   input->directory);
    (void)snprintf(input->right_path, BENCH_PATH_BYTES, "%.480s/right.png",
                   input->directory);
    (void)snprintf(input->cloud_path, BENCH_PATH_BYTES, "%.480s/cloud.ply",
                   input->directory);
    enum po_status status = make_png(request, 0, input->left_path, scratch, error);
    if (status == PO_OK)
        status = make_png(request, 1, input->right_path, scratch, error);
    if (status == PO_OK)
        status = make_rectifier(request, input, error);
    return status;
}

void bench_input_release(struct bench_input *input)
{
    if (input->directory[0] == '\0')
        return;
    rectifier_destroy(input->rectifier);
    (void)unlink(input->left_path);
    (void)unlink(input->right_path);
    (void)unlink(input->cloud_path);
    (void)rmdir(input->directory);
}
