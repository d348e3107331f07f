/* SPDX-License-Identifier: Apache-2.0 */
#include "cloud/cloud_axes.h"

/* ROS: axes of a body as in REP 103. In the order of enum po_axes. */
static const struct {
    const char *text;
    struct axes_turn turn;
} AXES[] = {
    [PO_AXES_OPENCV] = {"rectified left camera, x right, y down, z forward",
                        {{0, 1, 2}, {1, 1, 1}}},
    [PO_AXES_OPENGL] = {"rectified left camera, x right, y up, z backward",
                        {{0, 1, 2}, {1, -1, -1}}},
    [PO_AXES_ROS] = {"rectified left camera, x forward, y left, z up",
                     {{2, 0, 1}, {1, -1, -1}}},
};

const char *cloud_axes_text(enum po_axes axes)
{
    return AXES[axes].text;
}

const struct axes_turn *cloud_axes_turn(enum po_axes axes)
{
    return &AXES[axes].turn;
}

void cloud_axes_apply(enum po_axes axes, float (*vectors)[3], int count)
{
    const struct axes_turn *turn = cloud_axes_turn(axes);
    if (axes == PO_AXES_OPENCV)
        return;
    for (int i = 0; i < count; i++) {
        const float camera[3] = {vectors[i][0], vectors[i][1], vectors[i][2]};
        for (int axis = 0; axis < 3; axis++)
            vectors[i][axis] = (float)turn->sign[axis] * camera[turn->from[axis]];
    }
}
