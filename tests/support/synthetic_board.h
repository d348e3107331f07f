/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Synthetic boards: what two known cameras see of a calibration board in a known pose, as
 * corners or as pictures. It shares no camera arithmetic with the program it tests.
 *
 * Poses, noise and pixels follow from seeds alone. Ownership: plain values; images are
 * the caller's.
 */
#ifndef SUPPORT_SYNTHETIC_BOARD_H
#define SUPPORT_SYNTHETIC_BOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "image/image_view.h"

enum { SYNTHETIC_COEFFICIENTS = 8 };

struct synthetic_camera {
    double fx, fy, cx, cy;
    bool is_fisheye;
    double k[SYNTHETIC_COEFFICIENTS]; /* k1 k2 p1 p2 k3 k4 k5 k6, or k1 .. k4 */
};

enum synthetic_pattern { SYNTHETIC_CHESS, SYNTHETIC_DOTS, SYNTHETIC_ASYMMETRIC };

struct synthetic_rig {
    int width_px, height_px;
    struct synthetic_camera cameras[2];
    double turn[3];  /* rotation vector, radians: X_right = R X_left + T */
    double shift[3]; /* mm */
    enum synthetic_pattern pattern;
    int cols, rows; /* inner corners */
    double square_mm;
};

/* Board to left camera. */
struct synthetic_pose {
    double rotation[9];
    double shift[3];
};

/* Two cameras 80 mm apart, 640x480, f 540 px; fisheye: f 190 px. */
struct synthetic_rig synthetic_rig_make(bool is_fisheye);

/* Pose `index` of a session: tilted, at several distances, all of the board in both
 * images. `parallel`: facing the camera, at one distance. */
struct synthetic_pose synthetic_pose_make(const struct synthetic_rig *rig, uint32_t seed,
                                          int index, bool parallel);

/* Exact corners; false when one is outside the image by less than `margin_px` inside. */
bool synthetic_board_corners(const struct synthetic_rig *rig,
                             const struct synthetic_pose *pose, int side,
                             double margin_px, double *xy);

struct synthetic_exposure {
    double noise; /* grey levels, standard deviation */
    double blur_px;
    int smear_px; /* along rows: motion */
    uint32_t seed;
};

/* x/z and y/z of the ray through each corner of each pixel, malloc'ed; NULL when memory
 * is short. Inverting a lens takes longest, so it is done once a camera. */
double *synthetic_rays_make(const struct synthetic_rig *rig, int side);

/* Grey, of the rig's size; false when memory is short. */
bool synthetic_board_render(const struct synthetic_rig *rig,
                            const struct synthetic_pose *pose, int side,
                            const double *rays, const struct synthetic_exposure *exposure,
                            struct image_view *image);

/* Standard normal number of a seed. */
double synthetic_normal(uint32_t *state);

#endif
