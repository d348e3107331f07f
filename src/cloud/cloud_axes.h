/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The axes of written points and normals. All of them are turns of the rectified left
 * camera's, x right, y down, z forward: triangles keep their winding.
 */
#ifndef CLOUD_CLOUD_AXES_H
#define CLOUD_CLOUD_AXES_H

#include "calib/rectified_rig.h"
#include "process_offline/settings.h"

/* "rectified left camera, x right, y down, z forward" */
const char *cloud_axes_text(enum po_axes axes);

/* Axis i of the file is axis from[i] of the camera, times sign[i]. */
struct axes_turn {
    int from[3];
    int sign[3];
};

const struct axes_turn *cloud_axes_turn(enum po_axes axes);

/* The same from the axes of rectified images that lie on their side. */
struct axes_turn cloud_axes_turn_from(enum rig_turn turned, enum po_axes axes);

/* Turns points or normals from the axes of the rectified images, in place. */
void cloud_axes_apply(enum rig_turn turned, enum po_axes axes, float (*vectors)[3],
                      int count);

#endif
