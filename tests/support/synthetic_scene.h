/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Synthetic scenes: stereo pairs whose ground truth is known exactly because code made
 * them.
 *
 * The texture is a continuous function, evaluated where each pixel looks, so disparities
 * of any fraction are exact. SHIFT and PLANE are rectified pairs with a disparity linear
 * in the left pixel; SPHERE is a plane and a sphere in millimetres, seen by ray casting
 * through two distorted, rotated cameras. The same arguments give the same pixels
 * everywhere. Ownership: plain values.
 */
#ifndef SUPPORT_SYNTHETIC_SCENE_H
#define SUPPORT_SYNTHETIC_SCENE_H

#include <stdbool.h>
#include <stdint.h>

#include "calib/calibration.h"
#include "image/image_view.h"

enum synthetic_kind { SYNTHETIC_SHIFT, SYNTHETIC_PLANE, SYNTHETIC_SPHERE };
enum synthetic_surface { SURFACE_NOTHING, SURFACE_PLANE, SURFACE_SPHERE };

struct synthetic_scene {
    enum synthetic_kind kind;
    int width_px;
    int height_px;
    uint32_t seed;
    /* SHIFT and PLANE: the left pixel (x, y) has disparity slope_x x + slope_y y +
     * offset.
     */
    double slope_x;
    double slope_y;
    double offset_px;
    /* The rig. X_right = R X_left + T; raw cameras for SPHERE, ideal ones otherwise. */
    struct camera_model cameras[2];
    double rotation[9];
    double translation_mm[3];
    /* SPHERE, in the frame of the raw left camera: normal . X = distance, unit normal. */
    double plane_normal[3];
    double plane_distance_mm;
    double sphere_centre_mm[3];
    double sphere_radius_mm;
    double grain_mm; /* size of the finest texture grain */
};

/* Scene number `frame` of its kind: texture and geometry vary a little with it.
 * Disparities 0 to 127 px of disparity suffice up to 1456 px of width. */
struct synthetic_scene synthetic_scene_make(enum synthetic_kind kind, int width_px,
                                            int height_px, int frame);

/* Renders side 0 (left) or 1 into `image`, grey or RGB, of the scene's size. */
void synthetic_scene_render(const struct synthetic_scene *scene, int side,
                            struct image_view *image);

/* Exact disparity at a left pixel; SHIFT and PLANE only. */
double synthetic_scene_disparity(const struct synthetic_scene *scene, double x, double y);

/* The rectified rig of SHIFT and PLANE. */
struct rectified_rig synthetic_scene_rig(const struct synthetic_scene *scene);

/* The plane of SHIFT and PLANE in that rig's frame: normal . X = distance, in mm. */
void synthetic_scene_plane(const struct synthetic_scene *scene, double normal[3],
                           double *distance_mm);

/* First surface a ray of the raw left camera's frame meets; SPHERE only. */
enum synthetic_surface synthetic_scene_hit(const struct synthetic_scene *scene,
                                           const double origin_mm[3],
                                           const double direction[3], double point_mm[3]);

/* Pixel of a raw camera where a point of the raw left camera's frame appears. */
void synthetic_scene_project(const struct synthetic_scene *scene, int side,
                             const double point_mm[3], double *x_px, double *y_px);

/* The calibration as a reader would return it. */
void synthetic_scene_calibration(const struct synthetic_scene *scene,
                                 struct calibration *calibration);

/* An OpenCV YAML file with M1 D1 M2 D2 R T, in millimetres; false when it cannot be
 * written. */
bool synthetic_scene_write_yaml(const struct synthetic_scene *scene, const char *path);

#endif
