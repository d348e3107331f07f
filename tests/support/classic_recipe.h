/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The usual recipe in plain OpenCV calls: StereoSGBM MODE_SGBM block 5, bilateral
 * 5/10/10, inpainting NS radius 3, reprojectImageTo3D, PLY. What the others are measured
 * against.
 */
#ifndef SUPPORT_CLASSIC_RECIPE_H
#define SUPPORT_CLASSIC_RECIPE_H

#include "cv_shim/cv_classic.h"
#include "support/bench_pipeline.h"

/* The raw match, as cv::StereoSGBM leaves it: sixteenths, invalid (min_px - 1) * 16. */
PO_MUST_CHECK enum po_status classic_recipe_match(const struct bench_views *views,
                                                  struct disparity_range range,
                                                  struct scratch *scratch,
                                                  struct disparity_map *map,
                                                  struct po_error *error);

/* Bilateral filter and inpainting of it; `dense` is taken from scratch. */
PO_MUST_CHECK enum po_status
classic_recipe_fill(const struct disparity_map *map, struct disparity_range range,
                    struct scratch *scratch, struct stopwatch *watch,
                    struct cv_plane *dense, struct po_error *error);

PO_MUST_CHECK enum po_status classic_recipe_run(const struct bench_input *input,
                                                struct bench_pipeline *pipeline,
                                                struct stopwatch *watch,
                                                struct scratch *scratch,
                                                struct po_error *error);

#endif
