/* SPDX-License-Identifier: Apache-2.0 */
#include "calib/rigid_pose.h"

#include <string.h>

#include "calib/matrix3.h"

void rigid_pose_invert(double rotation[9], double translation[3])
{
    double back[9];
    matrix3_transpose(back, rotation);
    memcpy(rotation, back, sizeof(back));
    matrix3_apply(translation, back, translation);
    for (int i = 0; i < 3; i++)
        translation[i] = -translation[i];
}

void rigid_pose_between(double rotations[2][9], double translations[2][3],
                        double rotation[9], double translation[3])
{
    double back[9];
    for (int i = 0; i < 3; i++)
        translation[i] = translations[0][i] - translations[1][i];
    matrix3_transpose(back, rotations[1]);
    matrix3_multiply(rotation, back, rotations[0]);
    matrix3_apply(translation, back, translation);
}
