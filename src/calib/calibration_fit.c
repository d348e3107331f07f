/* SPDX-License-Identifier: Apache-2.0 */
/* A calibration and the size of the images it is used for. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "calib/calibration.h"
#include "calib/matrix3.h"

/* Pixel centres are at integers: x' = (x + 1/2) s - 1/2. */
static double scaled_centre(double centre_px, double scale)
{
    return (centre_px + 0.5) * scale - 0.5;
}

static void scale_camera(struct camera_model *camera, double scale_x, double scale_y)
{
    camera->fx *= scale_x;
    camera->fy *= scale_y;
    camera->skew *= scale_x;
    camera->cx = scaled_centre(camera->cx, scale_x);
    camera->cy = scaled_centre(camera->cy, scale_y);
}

static void scale_model(struct calibration *calibration, double scale_x, double scale_y)
{
    for (int side = 0; side < 2; side++) {
        double *p = calibration->file_projection[side];
        scale_camera(&calibration->cameras[side], scale_x, scale_y);
        p[0] *= scale_x;
        p[5] *= scale_y;
        p[2] = scaled_centre(p[2], scale_x);
        p[6] = scaled_centre(p[6], scale_y);
        p[3] *= scale_x;
    }
    struct rectified_rig *rig = &calibration->rig;
    rig->focal_px *= scale_x;
    rig->focal_y_px *= scale_y;
    rig->doffs_px *= scale_x;
    rig->cx_px = scaled_centre(rig->cx_px, scale_x);
    rig->cy_px = scaled_centre(rig->cy_px, scale_y);
    rig->disparity_count_hint = (int)ceil(rig->disparity_count_hint * scale_x);
}

/* Columns and rows before (x, y) are cut off: centres move, lengths stay. */
static void crop_model(struct calibration *calibration, int x_px, int y_px)
{
    for (int side = 0; side < 2; side++) {
        calibration->cameras[side].cx -= x_px;
        calibration->cameras[side].cy -= y_px;
        calibration->file_projection[side][2] -= x_px;
        calibration->file_projection[side][6] -= y_px;
    }
    calibration->rig.cx_px -= x_px;
    calibration->rig.cy_px -= y_px;
}

/* The window that the file states (ROS: roi and binning) gives images of this size. */
static bool apply_window(struct calibration *calibration, int width_px, int height_px)
{
    struct calibration_window w = calibration->window;
    if (w.binning_x == 0)
        return false;
    if (w.width_px == 0 || w.height_px == 0) {
        w.width_px = calibration->width_px;
        w.height_px = calibration->height_px;
    }
    if (w.width_px / w.binning_x != width_px || w.height_px / w.binning_y != height_px)
        return false;
    crop_model(calibration, w.x_px, w.y_px);
    scale_model(calibration, 1.0 / w.binning_x, 1.0 / w.binning_y);
    warning_list_add(&calibration->warnings,
                     "%s: the images are the window of %dx%d pixels at (%d, %d) of the "
                     "sensor, binned %dx%d, as the file says",
                     calibration->path, w.width_px, w.height_px, w.x_px, w.y_px,
                     w.binning_x, w.binning_y);
    return true;
}

/* A file without a size: a centre outside the images gives another size away. */
static enum po_status check_unstated_size(struct calibration *calibration, int width_px,
                                          int height_px, struct po_error *error)
{
    double cx = calibration->cameras[0].cx;
    double cy = calibration->cameras[0].cy;
    if (cx < 0 || cy < 0 || cx >= width_px || cy >= height_px)
        return po_fail(error, PO_BAD_CALIBRATION,
                       "%s: its principal point (%.1f, %.1f) lies outside the images of "
                       "%dx%d, so it was made for another size",
                       calibration->path, cx, cy, width_px, height_px);
    if (cx < 0.2 * width_px || cx > 0.8 * width_px || cy < 0.2 * height_px ||
        cy > 0.8 * height_px)
        warning_list_add(&calibration->warnings,
                         "%s states no image size, and its principal point (%.1f, %.1f) "
                         "is far from the middle of %dx%d: made for another size?",
                         calibration->path, cx, cy, width_px, height_px);
    return PO_OK;
}

static bool choose_stated_size(struct calibration *calibration, int width_px,
                               int height_px)
{
    for (int i = 0; i < calibration->size_count; i++) {
        const struct calibration_size *size = &calibration->sizes[i];
        if (size->width_px != width_px || size->height_px != height_px)
            continue;
        memcpy(calibration->cameras, size->cameras, sizeof(size->cameras));
        memcpy(calibration->rotation, size->rotation, sizeof(size->rotation));
        return true;
    }
    return false;
}

/* A whole factor up or down and the same aspect: binning, not cropping. */
static bool is_pure_scaling(const struct calibration *calibration, int width_px,
                            int height_px)
{
    long w = calibration->width_px;
    long h = calibration->height_px;
    bool down = w % width_px == 0 && h % height_px == 0 && w / width_px == h / height_px;
    bool up = width_px % w == 0 && height_px % h == 0 && width_px / w == height_px / h;
    return down || up;
}

/* R1 .. P2 may have been made for output of another size; then ours are better. */
static void drop_foreign_rectification(struct calibration *calibration, int width_px,
                                       int height_px)
{
    const double *p = calibration->file_projection[0];
    double zoom = p[0] / calibration->cameras[0].fx;
    if (!calibration->has_file_rectification ||
        (p[2] > 0 && p[2] < width_px && p[6] > 0 && p[6] < height_px && zoom > 0.25 &&
         zoom < 4))
        return;
    calibration->has_file_rectification = false;
    warning_list_add(&calibration->warnings,
                     "P1 (focal length %.6g px, centre %.6g, %.6g) was made for other "
                     "output than %dx%d: computed again from K D R T",
                     p[0], p[2], p[6], width_px, height_px);
}

/* The principal point of a lens lies near the middle of what it was measured on. */
static bool is_middle(const struct camera_model *camera, int width_px, int height_px)
{
    static const double NEAR = 0.12;
    return fabs(camera->cx / width_px - 0.5) < NEAR &&
           fabs(camera->cy / height_px - 0.5) < NEAR;
}

/* Equal aspect is no proof of scaling: files state the sensor's size beside the K of
 * binned or cropped images. The middle of these images is not that of twice the size. */
static bool is_made_for_images(const struct calibration *calibration, int width_px,
                               int height_px)
{
    for (int side = 0; side < 2; side++)
        if (!is_middle(&calibration->cameras[side], width_px, height_px))
            return false;
    return true;
}

static enum po_status keep_unscaled(struct calibration *calibration, int width_px,
                                    int height_px)
{
    warning_list_add(
        &calibration->warnings,
        "%s states %dx%d, but its principal point (%.1f, %.1f) is the middle "
        "of these images of %dx%d: not scaled",
        calibration->path, calibration->width_px, calibration->height_px,
        calibration->cameras[0].cx, calibration->cameras[0].cy, width_px, height_px);
    calibration->width_px = calibration->rig.width_px = width_px;
    calibration->height_px = calibration->rig.height_px = height_px;
    return PO_OK;
}

static void warn_of_scaling(struct calibration *calibration, int width_px, int height_px,
                            double scale)
{
    double focal_px = calibration->cameras[0].fx;
    warning_list_add(&calibration->warnings,
                     "%s is for images of %dx%d; scaled by %g to %dx%d, as binned images "
                     "want it: focal length %.1f px. Were these cut out, it would be "
                     "%.1f px and depths %g times as large",
                     calibration->path, calibration->width_px, calibration->height_px,
                     scale, width_px, height_px, focal_px * scale, focal_px, 1 / scale);
}

/* Tables hold places of raw images of one size and cannot be scaled. */
static enum po_status fit_maps(struct calibration *calibration, int width_px,
                               int height_px, struct po_error *error)
{
    const struct calibration_maps *maps = &calibration->maps;
    int w = calibration->width_px > 0 ? calibration->width_px : width_px;
    int h = calibration->height_px > 0 ? calibration->height_px : height_px;
    bool one_scale = maps->width_px <= 4 * width_px && width_px <= 4 * maps->width_px &&
                     maps->height_px <= 4 * height_px && height_px <= 4 * maps->height_px;
    if (w != width_px || h != height_px || !one_scale)
        return po_fail(error, PO_BAD_CALIBRATION,
                       "%s: its remap tables (%dx%d) are for images of %dx%d, but these "
                       "are %dx%d; use the calibration of this size",
                       calibration->path, maps->width_px, maps->height_px, w, h, width_px,
                       height_px);
    calibration->width_px = width_px;
    calibration->height_px = height_px;
    return PO_OK;
}

enum po_status calibration_fit_images(struct calibration *calibration, int width_px,
                                      int height_px, struct po_error *error)
{
    enum po_status status = PO_OK;
    if (width_px <= 0 || height_px <= 0)
        return po_fail(error, PO_BAD_IMAGE, "images of %dx%d", width_px, height_px);
    if (calibration->maps.present)
        return fit_maps(calibration, width_px, height_px, error);
    if (choose_stated_size(calibration, width_px, height_px) ||
        apply_window(calibration, width_px, height_px)) {
        /* nothing to scale */
    } else if (calibration->width_px == 0 || calibration->height_px == 0) {
        status = check_unstated_size(calibration, width_px, height_px, error);
    } else if (calibration->width_px != width_px || calibration->height_px != height_px) {
        if (!is_pure_scaling(calibration, width_px, height_px))
            return po_fail(error, PO_BAD_CALIBRATION,
                           "%s is for images of %dx%d, but these are %dx%d, which is no "
                           "pure scaling (a crop moves the centre by an unknown offset); "
                           "use the calibration of this size",
                           calibration->path, calibration->width_px,
                           calibration->height_px, width_px, height_px);
        if (is_made_for_images(calibration, width_px, height_px))
            return keep_unscaled(calibration, width_px, height_px);
        double scale = (double)width_px / calibration->width_px;
        warn_of_scaling(calibration, width_px, height_px, scale);
        scale_model(calibration, scale, scale);
    }
    drop_foreign_rectification(calibration, width_px, height_px);
    calibration->width_px = calibration->rig.width_px = width_px;
    calibration->height_px = calibration->rig.height_px = height_px;
    return status;
}
