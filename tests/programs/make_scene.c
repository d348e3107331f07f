/* SPDX-License-Identifier: Apache-2.0 */
/*
 * make_scene DIR [--frames N] [--size WxH] [--kind shift|plane|sphere]
 *                [--layout folders|scenes] [--grey]
 *
 * Writes a session of synthetic scenes. `folders`: left/000000.png right/000000.png and
 * calibration.yml. `scenes` (not for sphere): scene0000/ with im0.png im1.png calib.txt
 * disp0GT.pfm, the exact ground truth.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/atomic_file.h"
#include "image/image_writer.h"
#include "support/synthetic_scene.h"

enum { PATH_BYTES = 4096 };

struct job {
    const char *directory;
    int frames;
    int width_px;
    int height_px;
    enum synthetic_kind kind;
    bool scenes; /* layout */
    int channels;
};

static const char USAGE[] =
    "usage: make_scene DIR [--frames N] [--size WxH] [--kind shift|plane|sphere] "
    "[--layout folders|scenes] [--grey]\n";

static bool parse_kind(const char *text, enum synthetic_kind *kind)
{
    static const char *const names[] = {"shift", "plane", "sphere"};
    for (int i = 0; i < 3; i++)
        if (strcmp(text, names[i]) == 0) {
            *kind = (enum synthetic_kind)i;
            return true;
        }
    return false;
}

static bool parse_option(int option, const char *value, struct job *job)
{
    switch (option) {
    case 'f':
        job->frames = atoi(value);
        return job->frames > 0;
    case 's':
        return sscanf(value, "%dx%d", &job->width_px, &job->height_px) == 2 &&
               job->width_px > 0 && job->height_px > 0;
    case 'k':
        return parse_kind(value, &job->kind);
    case 'l':
        job->scenes = strcmp(value, "scenes") == 0;
        return job->scenes || strcmp(value, "folders") == 0;
    case 'g':
        job->channels = 1;
        return true;
    default:
        return false;
    }
}

static bool parse(int argc, char **argv, struct job *job)
{
    static const struct option options[] = {
        {"frames", required_argument, NULL, 'f'},
        {"size", required_argument, NULL, 's'},
        {"kind", required_argument, NULL, 'k'},
        {"layout", required_argument, NULL, 'l'},
        {"grey", no_argument, NULL, 'g'},
        {NULL, 0, NULL, 0},
    };
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
        if (!parse_option(option, optarg, job))
            return false;
    if (optind != argc - 1 || (job->scenes && job->kind == SYNTHETIC_SPHERE))
        return false;
    job->directory = argv[optind];
    return true;
}

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

static enum po_status write_folders_frame(const struct job *job, int frame,
                                          struct image_view *image,
                                          struct po_error *error)
{
    static const char *const sides[] = {"left", "right"};
    struct synthetic_scene scene =
        synthetic_scene_make(job->kind, job->width_px, job->height_px, frame);
    enum po_status status = PO_OK;
    for (int side = 0; side < 2 && status == PO_OK; side++) {
        char path[PATH_BYTES];
        (void)snprintf(path, sizeof(path), "%s/%s", job->directory, sides[side]);
        status = directory_make(path, error);
        (void)snprintf(path, sizeof(path), "%s/%s/%06d.png", job->directory, sides[side],
                       frame);
        if (status == PO_OK)
            status = write_side(&scene, side, path, image, error);
    }
    char path[PATH_BYTES];
    (void)snprintf(path, sizeof(path), "%s/calibration.yml", job->directory);
    if (status == PO_OK && frame == 0 && !synthetic_scene_write_yaml(&scene, path))
        status = po_fail(error, PO_IO, "%s: cannot write", path);
    return status;
}

static enum po_status write_scenes_frame(const struct job *job, int frame,
                                         struct image_view *image, struct po_error *error)
{
    struct synthetic_scene scene =
        synthetic_scene_make(job->kind, job->width_px, job->height_px, frame);
    char folder[PATH_BYTES / 2];
    char path[PATH_BYTES];
    (void)snprintf(folder, sizeof(folder), "%s/scene%04d", job->directory, frame);
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

int main(int argc, char **argv)
{
    struct job job = {.frames = 1,
                      .width_px = 640,
                      .height_px = 480,
                      .kind = SYNTHETIC_PLANE,
                      .channels = 3};
    if (!parse(argc, argv, &job)) {
        (void)fputs(USAGE, stderr);
        return 2;
    }
    struct po_error error = {0};
    struct scratch scratch = {0};
    struct image_view image;
    enum po_status status = scratch_init(
        &scratch, image_view_bytes(job.width_px, job.height_px, job.channels), &error);
    if (status == PO_OK)
        status = image_view_take(&scratch, job.width_px, job.height_px, job.channels,
                                 &image, &error);
    for (int frame = 0; frame < job.frames && status == PO_OK; frame++)
        status = job.scenes ? write_scenes_frame(&job, frame, &image, &error)
                            : write_folders_frame(&job, frame, &image, &error);
    if (status != PO_OK)
        (void)fprintf(stderr, "make_scene: %s\n", error.message);
    scratch_release(&scratch);
    return status == PO_OK ? 0 : 1;
}
