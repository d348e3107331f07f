/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The usual recipe in plain OpenCV calls: StereoSGBM MODE_SGBM block 5, bilateral
 * 5/10/10, inpainting NS radius 3, reprojectImageTo3D, PLY. What the others are measured
 * against.
 */
#ifndef SUPPORT_CLASSIC_RECIPE_H
#define SUPPORT_CLASSIC_RECIPE_H

#include "support/bench_road.h"

PO_MUST_CHECK enum po_status classic_recipe_run(const struct bench_input *input,
                                                struct bench_road *road,
                                                struct stopwatch *watch,
                                                struct scratch *scratch,
                                                struct po_error *error);

#endif
