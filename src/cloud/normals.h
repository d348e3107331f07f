/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Normals from the pixel grid: a plane fitted to the disparities around a pixel that lie
 * on its surface. Unit vectors that face the camera.
 */
#ifndef CLOUD_NORMALS_H
#define CLOUD_NORMALS_H

#include "cloud/cloud.h"

/* The normal of kept pixel (x, y). */
void normal_at(const struct cloud_input *input, const struct image_view *keep, int x,
               int y, float normal[3]);

#endif
