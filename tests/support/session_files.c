/* SPDX-License-Identifier: Apache-2.0 */
#include "support/session_files.h"

#include <stdio.h>

#include "base/atomic_file.h"
#include "image/image_writer.h"

enum { PATH_BYTES = 4096 };

static void exact_row(void *context, int y, float *values)
{
    const struct synthetic_scene *scene = context;
    for (int x = 0; x < scene->width_px; x++)
        values[x] = (float)synthetic_scene_disparity(scene, x, y);
}

static enum po_status write_truth(struct synthetic_scene *scene, const char *path,
                                  struct po_error *error)
{
    struct atomic_file file = {0};
    enum po_status status = atomic_file_open(&file, path, error);
    if (status == PO_OK)
        status =
            pfm_write(&file, scene->width_px, scene->height_px, exact_row, scene, error);
    if (status == PO_OK)
        status = atomic_file_publish(&file, error);
    atomic_file_discard(&file);
    return status;
}

static enum po_status write_middlebury(const struct synthetic_scene *scene,
                                       const char *path, struct po_error *error)
{
    struct atomic_file file = {0};
    struct rectified_rig rig = synthetic_scene_rig(scene);
    enum po_status status = atomic_file_open(&file, path, error);
    if (status == PO_OK)
        status =
            atomic_file_print(&file, error,
                              "cam0=[%.9g 0 %.9g; 0 %.9g %.9g; 0 0 1]\n"
                              "cam1=[%.9g 0 %.9g; 0 %.9g %.9g; 0 0 1]\n"
                              "doffs=%g\nbaseline=%g\nwidth=%d\nheight=%d\nndisp=128\n",
                              rig.focal_px, rig.cx_px, rig.focal_y_px, rig.cy_px,
                              rig.focal_px, rig.cx_px, rig.focal_y_px, rig.cy_px,
                              rig.doffs_px, rig.baseline_mm, rig.width_px, rig.height_px);
    if (status == PO_OK)
        status = atomic_file_publish(&file, error);
    atomic_file_discard(&file);
    return status;
}

static enum po_status write_side(const struct synthetic_scene *scene, int side,
                                 const char *path, struct image_view *image,
                                 struct po_error *error)
{
    struct atomic_file file = {0};
    synthetic_scene_render(scene, side, image);
    enum po_status status = atomic_file_open(&file, path, error);
    if (status == PO_OK)
        status = png_write(&file, image, NULL, 0, error);
    if (status == PO_OK)
        status = atomic_file_publish(&file, error);
    atomic_file_discard(&file);
    return status;
}

static enum po_status write_folders_frame(const struct session_files *files,
                                          const char *directory, int frame,
                                          struct image_view *image,
                                          struct po_error *error)
{
    static const char *const sides[] = {"left", "right"};
    struct synthetic_scene scene =
        synthetic_scene_make(files->kind, files->width_px, files->height_px, frame);
    enum po_status status = PO_OK;
    for (int side = 0; side < 2 && status == PO_OK; side++) {
        char path[PATH_BYTES];
        (void)snprintf(path, sizeof(path), "%s/%s", directory, sides[side]);
        status = directory_make(path, error);
        (void)snprintf(path, sizeof(path), "%s/%s/%06d.png", directory, sides[side],
                       frame);
        if (status == PO_OK)
            status = write_side(&scene, side, path, image, error);
    }
    char path[PATH_BYTES];
    (void)snprintf(path, sizeof(path), "%s/calibration.yml", directory);
    if (status == PO_OK && frame == 0 && !synthetic_scene_write_yaml(&scene, path))
        status = po_fail(error, PO_IO, "%s: cannot write", path);
    return status;
}

static enum po_status write_scenes_frame(const struct session_files *files,
                                         const char *directory, int frame,
                                         struct image_view *image, struct po_error *error)
{
    struct synthetic_scene scene =
        synthetic_scene_make(files->kind, files->width_px, files->height_px, frame);
    char folder[PATH_BYTES / 2];
    char path[PATH_BYTES];
    (void)snprintf(folder, sizeof(folder), "%s/scene%04d", directory, frame);
    enum po_status status = directory_make(folder, error);
    for (int side = 0; side < 2 && status == PO_OK; side++) {
        (void)snprintf(path, sizeof(path), "%s/im%d.png", folder, side);
        status = write_side(&scene, side, path, image, error);
    }
    (void)snprintf(path, sizeof(path), "%s/calib.txt", folder);
    if (status == PO_OK)
        status = write_middlebury(&scene, path, error);
    (void)snprintf(path, sizeof(path), "%s/disp0GT.pfm", folder);
    if (status == PO_OK)
        status = write_truth(&scene, path, error);
    return status;
}

enum po_status session_files_write(const struct session_files *files,
                                   const char *directory, struct po_error *error)
{
    struct scratch scratch = {0};
    struct image_view image;
    enum po_status status = scratch_init(
        &scratch, image_view_bytes(files->width_px, files->height_px, files->channels),
        error);
    if (status == PO_OK)
        status = image_view_take(&scratch, files->width_px, files->height_px,
                                 files->channels, &image, error);
    for (int frame = 0; frame < files->frames && status == PO_OK; frame++)
        status = files->scenes
                     ? write_scenes_frame(files, directory, frame, &image, error)
                     : write_folders_frame(files, directory, frame, &image, error);
    scratch_release(&scratch);
    return status;
}
