/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A frame's pipeline in memory, for tests that look at its result: a synthetic scene is
 * rendered, rectified, matched, refined and turned into a selection of points. With
 * cmocka assertions on everything that can fail. Ownership: release ends it.
 */
#ifndef SUPPORT_RECONSTRUCTION_H
#define SUPPORT_RECONSTRUCTION_H

#include "calib/rectification.h"
#include "cloud/cloud_plan.h"
#include "cloud/selection.h"
#include "process_offline/settings.h"
#include "refine/refine.h"
#include "support/synthetic_scene.h"

struct reconstruction {
    struct scratch scratch;
    struct synthetic_scene scene;
    struct rectification rectification;
    struct po_settings settings;
    struct disparity_range range;
    struct refine_output refined;
    struct cloud_input cloud;
    struct cloud_selection selection;
    struct count_list counts;
    struct warning_list warnings;
};

/* Runs the scene with these settings over `range`. */
void reconstruction_make(struct reconstruction *reconstruction,
                         const struct synthetic_scene *scene,
                         const struct po_settings *settings,
                         struct disparity_range range);
void reconstruction_release(struct reconstruction *reconstruction);

/* The kept point of a pixel, in millimetres of the rectified left camera; false when the
 * pixel has none. */
bool reconstruction_point(const struct reconstruction *reconstruction, int x, int y,
                          double point_mm[3]);

/* Standard deviation of that point's depth, from the map's sigma, or from `sigma_px`
 * where there is none. */
double reconstruction_sigma_mm(const struct reconstruction *reconstruction, int x, int y,
                               double sigma_px);

/* From the rectified to the raw left camera's frame. */
void reconstruction_to_raw(const struct reconstruction *reconstruction,
                           const double rectified_mm[3], double raw_mm[3]);

#endif
