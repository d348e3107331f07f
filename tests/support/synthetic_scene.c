/* SPDX-License-Identifier: Apache-2.0 */
#include "support/synthetic_scene.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "support/synthetic_texture.h"

static const double BASELINE_MM = 80.0;
static const double GRAIN_PX = 3.0;
static const double SPHERE_DEPTH_MM = 1250.0; /* where a grain has its size in pixels */

static double dot(const double a[3], const double b[3])
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

static void multiply(const double m[9], const double v[3], double out[3])
{
    for (int i = 0; i < 3; i++)
        out[i] = dot(m + 3 * i, v);
}

static void multiply_transposed(const double m[9], const double v[3], double out[3])
{
    for (int i = 0; i < 3; i++)
        out[i] = m[i] * v[0] + m[3 + i] * v[1] + m[6 + i] * v[2];
}

/* Rotation matrix of an axis times an angle (Rodrigues' formula). */
static void rotation_from_vector(const double vector[3], double m[9])
{
    double angle = sqrt(dot(vector, vector));
    double k[3] = {vector[0] / angle, vector[1] / angle, vector[2] / angle};
    double s = sin(angle);
    double c = cos(angle);
    double cross[9] = {0, -k[2], k[1], k[2], 0, -k[0], -k[1], k[0], 0};
    for (int i = 0; i < 9; i++)
        m[i] = (i % 4 == 0 ? c : 0.0) + s * cross[i] + (1 - c) * k[i / 3] * k[i % 3];
}

static struct camera_model ideal_camera(int width_px, int height_px)
{
    return (struct camera_model){
        .fx = 0.8 * width_px,
        .fy = 0.8 * width_px,
        .cx = 0.5 * (width_px - 1),
        .cy = 0.5 * (height_px - 1),
        .model = DISTORTION_NONE,
    };
}

static void distort_camera(struct camera_model *camera, int side)
{
    static const double coefficients[2][5] = {
        {-0.24, 0.07, 0.0008, -0.0005, 0.0},
        {-0.22, 0.06, -0.0006, 0.0007, 0.002},
    };
    camera->fx *= side == 0 ? 1.0 : 1.01;
    camera->fy *= side == 0 ? 1.002 : 1.009;
    camera->cx += side == 0 ? 3.3 : -2.1;
    camera->cy += side == 0 ? -2.7 : 1.6;
    camera->model = DISTORTION_RADTAN;
    camera->coefficient_count = 5;
    memcpy(camera->coefficients, coefficients[side], sizeof(coefficients[side]));
}

static void make_sphere(struct synthetic_scene *scene, int frame)
{
    static const double turn[3] = {0.012, -0.021, 0.016};
    static const double position[3] = {BASELINE_MM, -1.4, 0.9}; /* of the right camera */
    static const double normal[3] = {0.14, -0.10, 0.0};
    rotation_from_vector(turn, scene->rotation);
    multiply(scene->rotation, position, scene->translation_mm);
    for (int i = 0; i < 3; i++)
        scene->translation_mm[i] = -scene->translation_mm[i];
    for (int side = 0; side < 2; side++)
        distort_camera(&scene->cameras[side], side);
    memcpy(scene->plane_normal, normal, sizeof(normal));
    scene->plane_normal[2] = sqrt(1.0 - normal[0] * normal[0] - normal[1] * normal[1]);
    scene->plane_distance_mm = 1500.0 + 10.0 * (frame % 7);
    scene->sphere_centre_mm[0] = 40.0 + 15.0 * (frame % 5);
    scene->sphere_centre_mm[1] = -25.0;
    scene->sphere_centre_mm[2] = 1200.0;
    scene->sphere_radius_mm = 180.0;
}

struct synthetic_scene synthetic_scene_make(enum synthetic_kind kind, int width_px,
                                            int height_px, int frame)
{
    struct synthetic_scene scene = {
        .kind = kind,
        .width_px = width_px,
        .height_px = height_px,
        .seed = (uint32_t)frame + 1,
        .rotation = {1, 0, 0, 0, 1, 0, 0, 0, 1},
        .translation_mm = {-BASELINE_MM, 0, 0},
    };
    for (int side = 0; side < 2; side++)
        scene.cameras[side] = ideal_camera(width_px, height_px);
    scene.grain_mm = GRAIN_PX * SPHERE_DEPTH_MM / scene.cameras[0].fx;
    scene.offset_px = (double)(12 + frame % 8);
    if (kind == SYNTHETIC_PLANE) {
        scene.slope_x = 0.040 - 0.002 * (frame % 3);
        scene.slope_y = 0.025;
        scene.offset_px += 0.3;
    }
    if (kind == SYNTHETIC_SPHERE)
        make_sphere(&scene, frame);
    return scene;
}

double synthetic_scene_disparity(const struct synthetic_scene *scene, double x, double y)
{
    return scene->slope_x * x + scene->slope_y * y + scene->offset_px;
}

struct rectified_rig synthetic_scene_rig(const struct synthetic_scene *scene)
{
    return (struct rectified_rig){
        .width_px = scene->width_px,
        .height_px = scene->height_px,
        .focal_px = scene->cameras[0].fx,
        .focal_y_px = scene->cameras[0].fy,
        .cx_px = scene->cameras[0].cx,
        .cy_px = scene->cameras[0].cy,
        .baseline_mm = BASELINE_MM,
        .unit = RIG_MM,
    };
}

/* d = f B / Z with d = a x + b y + c and x = f X / Z + cx gives, times Z,
 * a f X + b f Y + d(cx, cy) Z = f B. */
void synthetic_scene_plane(const struct synthetic_scene *scene, double normal[3],
                           double *distance_mm)
{
    const struct camera_model *camera = &scene->cameras[0];
    normal[0] = scene->slope_x * camera->fx;
    normal[1] = scene->slope_y * camera->fy;
    normal[2] = synthetic_scene_disparity(scene, camera->cx, camera->cy);
    double length = sqrt(dot(normal, normal));
    for (int i = 0; i < 3; i++)
        normal[i] /= length;
    *distance_mm = camera->fx * BASELINE_MM / length;
}

/* Brown's radial and tangential distortion, k1 k2 p1 p2 k3 (OpenCV's order). */
static void distort(const struct camera_model *camera, double x, double y, double *dx,
                    double *dy)
{
    const double *k = camera->coefficients;
    double r2 = x * x + y * y;
    double radial = 1 + r2 * (k[0] + r2 * (k[1] + r2 * k[4]));
    *dx = x * radial + 2 * k[2] * x * y + k[3] * (r2 + 2 * x * x);
    *dy = y * radial + k[2] * (r2 + 2 * y * y) + 2 * k[3] * x * y;
}

/* The undistorted ray (x, y, 1) of a pixel, by fixed-point iteration. */
static void pixel_ray(const struct camera_model *camera, double x_px, double y_px,
                      double ray[3])
{
    double x = (x_px - camera->cx) / camera->fx;
    double y = (y_px - camera->cy) / camera->fy;
    ray[0] = x;
    ray[1] = y;
    ray[2] = 1.0;
    if (camera->model == DISTORTION_NONE)
        return;
    for (int i = 0; i < 100; i++) {
        double dx;
        double dy;
        distort(camera, ray[0], ray[1], &dx, &dy);
        ray[0] += x - dx;
        ray[1] += y - dy;
        if (fabs(x - dx) + fabs(y - dy) < 1e-12)
            break;
    }
}

/* Distance along the ray to the sphere's near side; negative: not met. */
static double sphere_distance(const struct synthetic_scene *scene, const double origin[3],
                              const double direction[3])
{
    double offset[3];
    for (int i = 0; i < 3; i++)
        offset[i] = origin[i] - scene->sphere_centre_mm[i];
    double a = dot(direction, direction);
    double b = dot(direction, offset);
    double c = dot(offset, offset) - scene->sphere_radius_mm * scene->sphere_radius_mm;
    double discriminant = b * b - a * c;
    return discriminant < 0 ? -1.0 : (-b - sqrt(discriminant)) / a;
}

enum synthetic_surface synthetic_scene_hit(const struct synthetic_scene *scene,
                                           const double origin_mm[3],
                                           const double direction[3], double point_mm[3])
{
    double slope = dot(scene->plane_normal, direction);
    double to_plane =
        (scene->plane_distance_mm - dot(scene->plane_normal, origin_mm)) / slope;
    double to_sphere = sphere_distance(scene, origin_mm, direction);
    bool plane_met = slope > 0 && to_plane > 0;
    bool sphere_first = to_sphere > 0 && (!plane_met || to_sphere < to_plane);
    if (!plane_met && !sphere_first)
        return SURFACE_NOTHING;
    double along = sphere_first ? to_sphere : to_plane;
    for (int i = 0; i < 3; i++)
        point_mm[i] = origin_mm[i] + along * direction[i];
    return sphere_first ? SURFACE_SPHERE : SURFACE_PLANE;
}

void synthetic_scene_project(const struct synthetic_scene *scene, int side,
                             const double point_mm[3], double *x_px, double *y_px)
{
    const struct camera_model *camera = &scene->cameras[side];
    double seen[3] = {point_mm[0], point_mm[1], point_mm[2]};
    if (side == 1) {
        multiply(scene->rotation, point_mm, seen);
        for (int i = 0; i < 3; i++)
            seen[i] += scene->translation_mm[i];
    }
    double x;
    double y;
    distort(camera, seen[0] / seen[2], seen[1] / seen[2], &x, &y);
    *x_px = camera->fx * x + camera->cx;
    *y_px = camera->fy * y + camera->cy;
}

/* Where a raw pixel's ray meets the scene, in the raw left frame. */
static enum synthetic_surface cast_ray(const struct synthetic_scene *scene, int side,
                                       int x, int y, double point[3])
{
    double ray[3];
    double origin[3] = {0, 0, 0};
    double direction[3];
    pixel_ray(&scene->cameras[side], x, y, ray);
    if (side == 0)
        return synthetic_scene_hit(scene, origin, ray, point);
    multiply_transposed(scene->rotation, scene->translation_mm, origin);
    for (int i = 0; i < 3; i++)
        origin[i] = -origin[i];
    multiply_transposed(scene->rotation, ray, direction);
    return synthetic_scene_hit(scene, origin, direction, point);
}

/* The left pixel a pixel of `side` sees: x_right = x - d(x, y) solved for x. */
static double left_column(const struct synthetic_scene *scene, int side, int x, int y)
{
    if (side == 0)
        return x;
    return (x + scene->slope_y * y + scene->offset_px) / (1.0 - scene->slope_x);
}

void synthetic_scene_render(const struct synthetic_scene *scene, int side,
                            struct image_view *image)
{
    bool solid = scene->kind == SYNTHETIC_SPHERE;
    double grain = solid ? scene->grain_mm : GRAIN_PX;
    for (int y = 0; y < image->height_px; y++) {
        uint8_t *row = image_row(image, y);
        for (int x = 0; x < image->width_px; x++) {
            double point[3] = {0, y, 0};
            bool seen = true;
            if (solid)
                seen = cast_ray(scene, side, x, y, point) != SURFACE_NOTHING;
            else
                point[0] = left_column(scene, side, x, y);
            for (int c = 0; c < image->channels; c++) {
                double value =
                    seen ? synthetic_texture(point, grain, scene->seed, c) : 0.0;
                *row++ = (uint8_t)(value + 0.5);
            }
        }
    }
}

void synthetic_scene_calibration(const struct synthetic_scene *scene,
                                 struct calibration *calibration)
{
    memset(calibration, 0, sizeof(*calibration));
    (void)snprintf(calibration->format, sizeof(calibration->format), "synthetic");
    calibration->width_px = scene->width_px;
    calibration->height_px = scene->height_px;
    calibration->unit = RIG_MM;
    memcpy(calibration->cameras, scene->cameras, sizeof(scene->cameras));
    memcpy(calibration->rotation, scene->rotation, sizeof(scene->rotation));
    memcpy(calibration->translation_mm, scene->translation_mm,
           sizeof(scene->translation_mm));
    calibration->rectified = scene->kind != SYNTHETIC_SPHERE;
    if (calibration->rectified)
        calibration->rig = synthetic_scene_rig(scene);
}

static void print_matrix(FILE *file, const char *name, int rows, int columns,
                         const double *values)
{
    fprintf(file, "%s: !!opencv-matrix\n   rows: %d\n   cols: %d\n   dt: d\n   data: [ ",
            name, rows, columns);
    for (int i = 0; i < rows * columns; i++)
        fprintf(file, "%s%.17g", i > 0 ? ", " : "", values[i]);
    fprintf(file, " ]\n");
}

bool synthetic_scene_write_yaml(const struct synthetic_scene *scene, const char *path)
{
    FILE *file = fopen(path, "w");
    if (file == NULL)
        return false;
    fprintf(file, "%%YAML:1.0\n---\nimage_width: %d\nimage_height: %d\n", scene->width_px,
            scene->height_px);
    for (int side = 0; side < 2; side++) {
        const struct camera_model *camera = &scene->cameras[side];
        double k[9] = {camera->fx, 0, camera->cx, 0, camera->fy, camera->cy, 0, 0, 1};
        print_matrix(file, side == 0 ? "M1" : "M2", 3, 3, k);
        print_matrix(file, side == 0 ? "D1" : "D2", 1, 5, camera->coefficients);
    }
    print_matrix(file, "R", 3, 3, scene->rotation);
    print_matrix(file, "T", 3, 1, scene->translation_mm);
    bool written = ferror(file) == 0;
    return fclose(file) == 0 && written;
}
