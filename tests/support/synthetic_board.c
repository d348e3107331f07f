/* SPDX-License-Identifier: Apache-2.0 */
#include "support/synthetic_board.h"
#include "support/synthetic_lens.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Samples along a side of a pixel: an edge moves by half a step of them, which must lie
 * well below what a corner detector resolves. */
enum { COARSE_SAMPLES = 3, FINE_SAMPLES = 16, INVERSIONS = 60, TRIES = 400 };

/* Grey levels between samples that tell an edge from the wall's texture, which spans 50.
 */
static const double EDGE_GREY = 60;

static const double PI = 3.14159265358979323846;

static uint32_t next_random(uint32_t *state)
{
    uint32_t value = *state += 0x9e3779b9U;
    value = (value ^ (value >> 16)) * 0x7feb352dU;
    value = (value ^ (value >> 15)) * 0x846ca68bU;
    return value ^ (value >> 16);
}

static double uniform(uint32_t *state, double low, double high)
{
    return low + (high - low) * (next_random(state) / 4294967296.0);
}

double synthetic_normal(uint32_t *state)
{
    double u = (next_random(state) + 1.0) / 4294967297.0;
    double v = next_random(state) / 4294967296.0;
    return sqrt(-2 * log(u)) * cos(2 * PI * v);
}

struct synthetic_rig synthetic_rig_make(bool is_fisheye)
{
    struct synthetic_rig rig = {.width_px = 640,
                                .height_px = 480,
                                .turn = {0.006, -0.011, 0.004},
                                .shift = {-80, 0.7, -1.1},
                                .cols = 9,
                                .rows = 6,
                                .square_mm = 25};
    struct synthetic_camera plain[2] = {
        {540, 538, 327, 236, false, {-0.26, 0.08, 0.0006, -0.0004, 0.02}},
        {536, 535, 315, 244, false, {-0.25, 0.07, -0.0005, 0.0003, 0.01}}};
    struct synthetic_camera wide[2] = {
        {190, 190.5, 322, 238, true, {-0.02, 0.004, -0.002, 0.0004}},
        {191, 190.8, 317, 241, true, {-0.018, 0.003, -0.001, 0.0003}}};
    memcpy(rig.cameras, is_fisheye ? wide : plain, sizeof(rig.cameras));
    return rig;
}

static void multiply(double out[9], const double a[9], const double b[9])
{
    for (int i = 0; i < 9; i++) {
        out[i] = 0;
        for (int k = 0; k < 3; k++)
            out[i] += a[i / 3 * 3 + k] * b[k * 3 + i % 3];
    }
}

static void apply(const double a[9], const double v[3], double out[3])
{
    double w[3];
    for (int i = 0; i < 3; i++)
        w[i] = a[3 * i] * v[0] + a[3 * i + 1] * v[1] + a[3 * i + 2] * v[2];
    memcpy(out, w, sizeof(w));
}

/* Rodrigues (1840). */
static void rotation_of(const double v[3], double r[9])
{
    double angle = sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
    double s = angle > 0 ? sin(angle) / angle : 1;
    double c = angle > 0 ? (1 - cos(angle)) / (angle * angle) : 0.5;
    const double cross[9] = {0, -v[2], v[1], v[2], 0, -v[0], -v[1], v[0], 0};
    double square[9];
    multiply(square, cross, cross);
    for (int i = 0; i < 9; i++)
        r[i] = (i % 4 == 0) + s * cross[i] + c * square[i];
}

static void distort(const struct synthetic_camera *camera, double x, double y,
                    double out[2])
{
    const double ideal[2] = {x, y};
    synthetic_lens_distort(camera->k, camera->is_fisheye, ideal, out);
}

static void project(const struct synthetic_camera *camera, const double p[3],
                    double pixel[2])
{
    distort(camera, p[0] / p[2], p[1] / p[2], pixel);
    pixel[0] = camera->fx * pixel[0] + camera->cx;
    pixel[1] = camera->fy * pixel[1] + camera->cy;
}

/* The ray of a pixel. */
static void ray_of(const struct synthetic_camera *camera, double u, double v,
                   double ray[3])
{
    double xd = (u - camera->cx) / camera->fx;
    double yd = (v - camera->cy) / camera->fy;
    ray[0] = xd;
    ray[1] = yd;
    ray[2] = 1;
    if (camera->is_fisheye) {
        double bent = hypot(xd, yd);
        double t = bent;
        for (int i = 0; i < INVERSIONS && bent > 0; i++) {
            double t2 = t * t;
            const double *k = camera->k;
            t = bent / (1 + t2 * (k[0] + t2 * (k[1] + t2 * (k[2] + t2 * k[3]))));
        }
        double scale = bent > 1e-12 ? tan(fmin(t, 1.55)) / bent : 1;
        ray[0] = xd * scale;
        ray[1] = yd * scale;
        return;
    }
    for (int i = 0; i < INVERSIONS; i++) {
        double seen[2];
        distort(camera, ray[0], ray[1], seen);
        ray[0] += xd - seen[0];
        ray[1] += yd - seen[1];
    }
}

static void to_right(const struct synthetic_rig *rig, double p[3])
{
    double rotation[9];
    rotation_of(rig->turn, rotation);
    apply(rotation, p, p);
    for (int i = 0; i < 3; i++)
        p[i] += rig->shift[i];
}

static void board_point(const struct synthetic_rig *rig, int corner, double p[3])
{
    int row = corner / rig->cols;
    int col = corner % rig->cols;
    bool asymmetric = rig->pattern == SYNTHETIC_ASYMMETRIC;
    p[0] = rig->square_mm * (asymmetric ? 2 * col + row % 2 : col);
    p[1] = rig->square_mm * row;
    p[2] = 0;
}

bool synthetic_board_corners(const struct synthetic_rig *rig,
                             const struct synthetic_pose *pose, int side,
                             double margin_px, double *xy)
{
    for (int i = 0; i < rig->cols * rig->rows; i++) {
        double p[3];
        board_point(rig, i, p);
        apply(pose->rotation, p, p);
        for (int k = 0; k < 3; k++)
            p[k] += pose->shift[k];
        if (side == 1)
            to_right(rig, p);
        if (p[2] < 1)
            return false;
        project(&rig->cameras[side], p, xy + 2 * i);
        if (xy[2 * i] < margin_px || xy[2 * i + 1] < margin_px ||
            xy[2 * i] > rig->width_px - 1 - margin_px ||
            xy[2 * i + 1] > rig->height_px - 1 - margin_px)
            return false;
    }
    return true;
}

/* Boards fill a third to two thirds of the image. */
static struct synthetic_pose draw_pose(const struct synthetic_rig *rig, uint32_t *state,
                                       bool parallel)
{
    struct synthetic_pose pose;
    double far_mm = rig->cols * rig->square_mm * rig->cameras[0].fx / rig->width_px;
    double nearest = rig->cameras[0].is_fisheye ? 1.8 : 1.2;
    double z = parallel ? 2.0 * far_mm : uniform(state, nearest, nearest + 1.4) * far_mm;
    double tilt = parallel ? 0.01 : rig->cameras[0].is_fisheye ? 0.4 : 0.65;
    const double turn[3] = {uniform(state, -tilt, tilt), uniform(state, -tilt, tilt),
                            uniform(state, -0.3, 0.3)};
    double centre[3] = {(rig->cols - 1) * rig->square_mm / 2,
                        (rig->rows - 1) * rig->square_mm / 2, 0};
    double reach = rig->cameras[0].is_fisheye ? 0.28 : 0.45;
    const double at[3] = {
        uniform(state, -reach, reach) * z * rig->width_px / rig->cameras[0].fx,
        uniform(state, -reach, reach) * z * rig->height_px / rig->cameras[0].fy, z};
    rotation_of(turn, pose.rotation);
    apply(pose.rotation, centre, centre);
    for (int i = 0; i < 3; i++)
        pose.shift[i] = at[i] - centre[i];
    return pose;
}

struct synthetic_pose synthetic_pose_make(const struct synthetic_rig *rig, uint32_t seed,
                                          int index, bool parallel)
{
    uint32_t state = seed * 1000003U + (uint32_t)index * 7919U;
    size_t count = 2 * (size_t)(rig->cols * rig->rows);
    double *xy = calloc(count, sizeof(*xy));
    double uniqueness_margin =
        1.5 * rig->square_mm * rig->cameras[0].fx /
        (rig->cols * rig->square_mm * 2.0 * rig->cameras[0].fx / rig->width_px);
    struct synthetic_pose pose = {0};
    for (int i = 0; i < TRIES && xy != NULL; i++) {
        pose = draw_pose(rig, &state, parallel);
        if (synthetic_board_corners(rig, &pose, 0, uniqueness_margin / 2, xy) &&
            synthetic_board_corners(rig, &pose, 1, uniqueness_margin / 2, xy))
            break;
    }
    free(xy);
    return pose;
}

static double dots(const struct synthetic_rig *rig, double x, double y)
{
    bool asymmetric = rig->pattern == SYNTHETIC_ASYMMETRIC;
    double radius = asymmetric ? 0.45 : 0.3;
    int row = (int)lround(y);
    if (row < 0 || row >= rig->rows)
        return 230;
    double shift = asymmetric ? row % 2 : 0;
    double pitch = asymmetric ? 2 : 1;
    int col = (int)lround((x - shift) / pitch);
    if (col < 0 || col >= rig->cols)
        return 230;
    return hypot(x - shift - col * pitch, y - row) < radius ? 30 : 230;
}

/* Grey of the board at a point in squares; a white rim around it, then the wall. */
static double board_grey(const struct synthetic_rig *rig, double x, double y)
{
    double wide = rig->pattern == SYNTHETIC_ASYMMETRIC ? 2 * rig->cols : rig->cols;
    if (x < -2 || y < -2 || x > wide + 1 || y > rig->rows + 1)
        return 110 + 25 * sin(2.1 * x) * cos(1.7 * y);
    if (rig->pattern != SYNTHETIC_CHESS)
        return dots(rig, x, y);
    if (x < -1 || y < -1 || x > rig->cols || y > rig->rows)
        return 230;
    return ((int)floor(x) + (int)floor(y)) % 2 == 0 ? 30 : 230;
}

struct plane {
    double origin[3];    /* of the camera, in squares of the board's frame */
    double direction[9]; /* camera to board */
};

/* The board's frame as the camera sees it. */
static struct plane plane_of(const struct synthetic_rig *rig,
                             const struct synthetic_pose *pose, int side)
{
    struct plane plane;
    double turn[9];
    double to_camera[9];
    double shift[3] = {pose->shift[0], pose->shift[1], pose->shift[2]};
    memcpy(to_camera, pose->rotation, sizeof(to_camera));
    if (side == 1) {
        rotation_of(rig->turn, turn);
        multiply(to_camera, turn, pose->rotation);
        to_right(rig, shift);
    }
    for (int i = 0; i < 9; i++)
        plane.direction[i] = to_camera[i % 3 * 3 + i / 3];
    apply(plane.direction, shift, plane.origin);
    for (int i = 0; i < 3; i++)
        plane.origin[i] /= -rig->square_mm;
    return plane;
}

double *synthetic_rays_make(const struct synthetic_rig *rig, int side)
{
    int w = rig->width_px + 1;
    int h = rig->height_px + 1;
    double *rays = malloc((size_t)w * (size_t)h * 2 * sizeof(*rays));
    for (int i = 0; rays != NULL && i < w * h; i++) {
        double ray[3];
        ray_of(&rig->cameras[side], i % w - 0.5, (double)(i / w) - 0.5, ray);
        rays[2 * i] = ray[0];
        rays[2 * i + 1] = ray[1];
    }
    return rays;
}

/* Between the rays of a pixel's corners; s and t in 0..1. */
static double pixel_grey(const struct synthetic_rig *rig, const struct plane *plane,
                         const double *corner, double s, double t)
{
    const double *below = corner + 2 * ((ptrdiff_t)rig->width_px + 1);
    double ray[3] = {0, 0, 1};
    for (int i = 0; i < 2; i++)
        ray[i] = (1 - t) * ((1 - s) * corner[i] + s * corner[2 + i]) +
                 t * ((1 - s) * below[i] + s * below[2 + i]);
    apply(plane->direction, ray, ray);
    double along = -plane->origin[2] / ray[2];
    if (!(along > 0))
        return 100;
    return board_grey(rig, plane->origin[0] + along * ray[0],
                      plane->origin[1] + along * ray[1]);
}

/* Over count x count samples; *range is that of their greys. */
static double pixel_mean(const struct synthetic_rig *rig, const struct plane *plane,
                         const double *corner, int count, double *range)
{
    double sum = 0;
    double least = 255;
    double most = 0;
    for (int k = 0; k < count * count; k++) {
        double value = pixel_grey(rig, plane, corner, (k % count + 0.5) / count,
                                  ((double)(k / count) + 0.5) / count);
        sum += value;
        least = fmin(least, value);
        most = fmax(most, value);
    }
    *range = most - least;
    return sum / (count * count);
}

static void blur_line(double *line, double *copy, int count, int step,
                      const double *weights, int radius)
{
    for (int i = 0; i < count; i++)
        copy[i] = line[(ptrdiff_t)i * step];
    for (int i = 0; i < count; i++) {
        double sum = 0;
        for (int k = -radius; k <= radius; k++) {
            int at = i + k < 0 ? 0 : i + k >= count ? count - 1 : i + k;
            sum += weights[k + radius] * copy[at];
        }
        line[(ptrdiff_t)i * step] = sum;
    }
}

static void make_weights(double *weights, int radius, double sigma)
{
    double sum = 0;
    for (int k = -radius; k <= radius; k++)
        sum += weights[k + radius] = sigma > 0 ? exp(-0.5 * k * k / (sigma * sigma)) : 1;
    for (int k = 0; k <= 2 * radius; k++)
        weights[k] /= sum;
}

static void expose(const struct synthetic_rig *rig, double *grey, double *copy,
                   const struct synthetic_exposure *exposure)
{
    enum { MOST = 20 };
    double weights[2 * MOST + 1];
    int w = rig->width_px;
    int h = rig->height_px;
    int radius = (int)ceil(3 * exposure->blur_px);
    if (radius > 0 && radius <= MOST) {
        make_weights(weights, radius, exposure->blur_px);
        for (int y = 0; y < h; y++)
            blur_line(grey + (ptrdiff_t)y * w, copy, w, 1, weights, radius);
        for (int x = 0; x < w; x++)
            blur_line(grey + x, copy, h, w, weights, radius);
    }
    radius = exposure->smear_px / 2;
    if (radius > 0 && radius <= MOST) {
        make_weights(weights, radius, 0);
        for (int y = 0; y < h; y++)
            blur_line(grey + (ptrdiff_t)y * w, copy, w, 1, weights, radius);
    }
}

bool synthetic_board_render(const struct synthetic_rig *rig,
                            const struct synthetic_pose *pose, int side,
                            const double *rays, const struct synthetic_exposure *exposure,
                            struct image_view *image)
{
    int w = rig->width_px;
    int h = rig->height_px;
    size_t count = (size_t)w * (size_t)h;
    double *grey = malloc((count + (size_t)(w + h)) * sizeof(*grey));
    struct plane plane = plane_of(rig, pose, side);
    uint32_t state = exposure->seed * 2654435761U + (uint32_t)side;
    if (grey == NULL)
        return false;
    for (int i = 0; i < w * h; i++) {
        const double *corner = rays + 2 * ((ptrdiff_t)(i / w) * (w + 1) + i % w);
        double range = 0;
        grey[i] = pixel_mean(rig, &plane, corner, COARSE_SAMPLES, &range);
        if (range > EDGE_GREY)
            grey[i] = pixel_mean(rig, &plane, corner, FINE_SAMPLES, &range);
    }
    expose(rig, grey, grey + count, exposure);
    for (int i = 0; i < w * h; i++) {
        double value = grey[i] + exposure->noise * synthetic_normal(&state);
        image_row(image, i / w)[i % w] = (uint8_t)fmin(fmax(value + 0.5, 0), 255);
    }
    free(grey);
    return true;
}
