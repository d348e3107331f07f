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

/* The upright camera's axes from those of its images on their side. */
static const struct axes_turn upright_turns[] = {
    [RIG_UPRIGHT] = {{0, 1, 2}, {1, 1, 1}},
    [RIG_TURNED_LEFT] = {{1, 0, 2}, {-1, 1, 1}},
    [RIG_TURNED_RIGHT] = {{1, 0, 2}, {1, -1, 1}},
};

struct axes_turn cloud_axes_turn_from(enum rig_turn turned, enum po_axes axes)
{
    const struct axes_turn *upright = &upright_turns[turned];
    const struct axes_turn *wanted = &AXES[axes].turn;
    struct axes_turn turn;
    for (int axis = 0; axis < 3; axis++) {
        turn.from[axis] = upright->from[wanted->from[axis]];
        turn.sign[axis] = wanted->sign[axis] * upright->sign[wanted->from[axis]];
    }
    return turn;
}

void cloud_axes_apply(enum rig_turn turned, enum po_axes axes, float (*vectors)[3],
                      int count)
{
    const struct axes_turn made = cloud_axes_turn_from(turned, axes);
    const struct axes_turn *turn = &made;
    if (axes == PO_AXES_OPENCV && turned == RIG_UPRIGHT)
        return;
    for (int i = 0; i < count; i++) {
        const float camera[3] = {vectors[i][0], vectors[i][1], vectors[i][2]};
        for (int axis = 0; axis < 3; axis++)
            vectors[i][axis] = (float)turn->sign[axis] * camera[turn->from[axis]];
    }
}
