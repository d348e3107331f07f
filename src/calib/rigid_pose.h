/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rigid poses: a rotation and a translation that take a point from one frame to another,
 * X_to = R X_from + t. Any unit; plain values.
 */
#ifndef CALIB_RIGID_POSE_H
#define CALIB_RIGID_POSE_H

/* The other way round, in place: X_from = R' X_to - R' t. */
void rigid_pose_invert(double rotation[9], double translation[3]);

/* Where poses[i] take points of sensor i to one body: from sensor 0 to sensor 1, that is
 * R = R1' R0, t = R1' (t0 - t1). */
void rigid_pose_between(double rotations[2][9], double translations[2][3],
                        double rotation[9], double translation[3]);

#endif
