/* SPDX-License-Identifier: Apache-2.0 */
/*
 * make_rig LEFT.pgm RIGHT.pgm --size WxH --left CAMERA --right CAMERA
 *          [--turn RX,RY,RZ] --move TX,TY,TZ [--depths WALL,BOARD] [--seed N]
 *
 * Photographs a textured wall and a board before it with any two cameras, so that a test
 * can make the folder of any rig and know what must come out. CAMERA is fx,fy,cx,cy,skew
 * and then none, or radtan or fisheye with its coefficients:
 * 300,300,160,120,0,radtan,-0.1. The pose is X_right = R X_left + T: a rotation vector in
 * degrees, and millimetres. The depths are those of the left camera's frame.
 *
 * It shares no camera arithmetic with the program it tests.
 */
#include "support/synthetic_lens.h"
#include <getopt.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COEFFICIENTS = 8, SUBPIXELS = 2, INVERSIONS = 30, OCTAVES = 4 };

static const double board_mm[4] = {-300, 300, -200, 250}; /* left, right, top, bottom */
static const double RADIANS = 3.14159265358979323846 / 180;

struct camera {
    double fx, fy, cx, cy, skew;
    bool is_fisheye;
    double k[COEFFICIENTS];
};

struct job {
    int width_px;
    int height_px;
    struct camera cameras[2];
    double rotation[9];
    double translation_mm[3];
    double depths_mm[2]; /* wall, board */
    uint32_t seed;
};

static uint32_t mix(uint32_t value)
{
    value = (value ^ (value >> 16)) * 0x7feb352dU;
    value = (value ^ (value >> 15)) * 0x846ca68bU;
    return value ^ (value >> 16);
}

static double lattice(int x, int y, uint32_t seed)
{
    return mix((uint32_t)x * 0x9e3779b1U ^ mix((uint32_t)y * 0x85ebca77U ^ seed)) /
           4294967295.0;
}

static double value_noise(double x, double y, uint32_t seed)
{
    int x0 = (int)floor(x);
    int y0 = (int)floor(y);
    double u = x - x0;
    double v = y - y0;
    double above = (1 - u) * lattice(x0, y0, seed) + u * lattice(x0 + 1, y0, seed);
    double below =
        (1 - u) * lattice(x0, y0 + 1, seed) + u * lattice(x0 + 1, y0 + 1, seed);
    return (1 - v) * above + v * below;
}

/* Grey 20..230 with grains from `grain_mm` up. */
static double texture(double x_mm, double y_mm, double grain_mm, uint32_t seed)
{
    double sum = 0;
    for (int octave = 0; octave < OCTAVES; octave++) {
        double size_mm = grain_mm * (1 << octave);
        sum += value_noise(x_mm / size_mm, y_mm / size_mm, seed + (uint32_t)octave);
    }
    double grey = 125 + 130 * (sum - 0.5 * OCTAVES);
    return fmin(fmax(grey, 20), 230);
}

/* Brown's model as OpenCV numbers it: k1 k2 p1 p2 k3 k4 k5 k6. */
static void distort(const struct camera *camera, const double in[2], double out[2])
{
    synthetic_lens_distort(camera->k, camera->is_fisheye, in, out);
}

/* The ray of a pixel, by fixed point: lenses of tests are mild. */
static void ray_of(const struct camera *camera, double x_px, double y_px, double ray[3])
{
    double y = (y_px - camera->cy) / camera->fy;
    double x = (x_px - camera->cx - camera->skew * y) / camera->fx;
    double at[2] = {x, y};
    for (int i = 0; i < INVERSIONS; i++) {
        double seen[2];
        distort(camera, at, seen);
        double error[2] = {x - seen[0], y - seen[1]};
        at[0] += error[0];
        at[1] += error[1];
        if (fabs(error[0]) + fabs(error[1]) < 1e-9)
            break;
    }
    ray[0] = at[0];
    ray[1] = at[1];
    ray[2] = 1;
}

/* R' v */
static void turn_back(const double rotation[9], const double v[3], double out[3])
{
    for (int i = 0; i < 3; i++)
        out[i] = rotation[i] * v[0] + rotation[3 + i] * v[1] + rotation[6 + i] * v[2];
}

/* What the camera sees along a ray of its own frame. */
static double grey_along(const struct job *job, int side, const double ray[3])
{
    double origin[3] = {0, 0, 0};
    double direction[3] = {ray[0], ray[1], ray[2]};
    if (side == 1) {
        turn_back(job->rotation, job->translation_mm, origin);
        for (int i = 0; i < 3; i++)
            origin[i] = -origin[i];
        turn_back(job->rotation, ray, direction);
    }
    double step = (job->depths_mm[1] - origin[2]) / direction[2];
    double x = origin[0] + step * direction[0];
    double y = origin[1] + step * direction[1];
    double grain_mm = 2.5 / job->cameras[0].fx;
    if (x >= board_mm[0] && x <= board_mm[1] && y >= board_mm[2] && y <= board_mm[3])
        return texture(x, y, grain_mm * job->depths_mm[1], job->seed + 1000);
    step = (job->depths_mm[0] - origin[2]) / direction[2];
    return texture(origin[0] + step * direction[0], origin[1] + step * direction[1],
                   grain_mm * job->depths_mm[0], job->seed);
}

static uint8_t photograph_pixel(const struct job *job, int side, int x, int y)
{
    double sum = 0;
    for (int i = 0; i < SUBPIXELS * SUBPIXELS; i++) {
        double ray[3];
        int row = i / SUBPIXELS;
        double u = x + (i % SUBPIXELS + 0.5) / SUBPIXELS - 0.5;
        double v = y + (row + 0.5) / SUBPIXELS - 0.5;
        ray_of(&job->cameras[side], u, v, ray);
        sum += grey_along(job, side, ray);
    }
    return (uint8_t)(sum / (SUBPIXELS * SUBPIXELS) + 0.5);
}

static bool photograph(const struct job *job, int side, const char *path)
{
    size_t count = (size_t)job->width_px * (size_t)job->height_px;
    uint8_t *pixels = malloc(count);
    FILE *file = fopen(path, "wb");
    bool done = pixels != NULL && file != NULL;
    for (size_t i = 0; i < count && done; i++)
        pixels[i] = photograph_pixel(job, side, (int)(i % (size_t)job->width_px),
                                     (int)(i / (size_t)job->width_px));
    if (done)
        done = fprintf(file, "P5\n%d %d\n255\n", job->width_px, job->height_px) > 0 &&
               fwrite(pixels, 1, count, file) == count;
    if (file != NULL)
        done = fclose(file) == 0 && done;
    free(pixels);
    return done;
}

/* Rodrigues (1840). */
static void rotation_of(const double vector[3], double rotation[9])
{
    double angle =
        sqrt(vector[0] * vector[0] + vector[1] * vector[1] + vector[2] * vector[2]);
    double s = angle > 0 ? sin(angle) / angle : 1;
    double c = angle > 0 ? (1 - cos(angle)) / (angle * angle) : 0.5;
    const double cross[9] = {0,          -vector[2], vector[1], vector[2], 0,
                             -vector[0], -vector[1], vector[0], 0};
    for (int i = 0; i < 9; i++) {
        int row = i / 3;
        int column = i % 3;
        double outer = vector[row] * vector[column];
        double square = outer - (row == column ? angle * angle : 0);
        rotation[i] = (row == column) + s * cross[i] + c * square;
    }
}

static bool parse_camera(const char *text, struct camera *camera)
{
    int used = 0;
    char lens[16] = "";
    *camera = (struct camera){0};
    if (sscanf(text, "%lf,%lf,%lf,%lf,%lf,%15[a-z]%n", &camera->fx, &camera->fy,
               &camera->cx, &camera->cy, &camera->skew, lens, &used) != 6)
        return false;
    camera->is_fisheye = strcmp(lens, "fisheye") == 0;
    text += used;
    for (int i = 0; i < COEFFICIENTS && *text == ','; i++) {
        char *end;
        camera->k[i] = strtod(text + 1, &end);
        text = end;
    }
    return *text == '\0' && camera->fx > 0 && camera->fy > 0;
}

static bool parse_three(const char *text, double values[3])
{
    return sscanf(text, "%lf,%lf,%lf", &values[0], &values[1], &values[2]) == 3;
}

static bool parse_option(int option, const char *value, struct job *job)
{
    double vector[3];
    switch (option) {
    case 's':
        return sscanf(value, "%dx%d", &job->width_px, &job->height_px) == 2 &&
               job->width_px > 0 && job->height_px > 0;
    case 'l':
        return parse_camera(value, &job->cameras[0]);
    case 'r':
        return parse_camera(value, &job->cameras[1]);
    case 't':
        if (!parse_three(value, vector))
            return false;
        for (int i = 0; i < 3; i++)
            vector[i] *= RADIANS;
        rotation_of(vector, job->rotation);
        return true;
    case 'm':
        return parse_three(value, job->translation_mm);
    case 'd':
        return sscanf(value, "%lf,%lf", &job->depths_mm[0], &job->depths_mm[1]) == 2;
    case 'n':
        job->seed = (uint32_t)strtoul(value, NULL, 10);
        return true;
    default:
        return false;
    }
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"size", required_argument, NULL, 's'},  {"left", required_argument, NULL, 'l'},
        {"right", required_argument, NULL, 'r'}, {"turn", required_argument, NULL, 't'},
        {"move", required_argument, NULL, 'm'},  {"depths", required_argument, NULL, 'd'},
        {"seed", required_argument, NULL, 'n'},  {NULL, 0, NULL, 0},
    };
    struct job job = {.width_px = 320,
                      .height_px = 240,
                      .rotation = {1, 0, 0, 0, 1, 0, 0, 0, 1},
                      .depths_mm = {2000, 1400},
                      .seed = 1};
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
        if (!parse_option(option, optarg, &job))
            return 2;
    if (optind != argc - 2 || job.cameras[0].fx <= 0 || job.cameras[1].fx <= 0) {
        (void)fputs("usage: see the head of make_rig.c\n", stderr);
        return 2;
    }
    return photograph(&job, 0, argv[optind]) && photograph(&job, 1, argv[optind + 1]) ? 0
                                                                                      : 1;
}
