/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Accuracy over scenes with ground truth: one scene matched, refined and scored under any
 * settings, and the table and JSON of the groups that accuracy is quoted for.
 */
#ifndef SUPPORT_ACCURACY_H
#define SUPPORT_ACCURACY_H

#include "evaluate/score.h"
#include "settings/settings_table.h"
#include "support/scene_list.h"

struct scene_result {
    struct frame_scores scores;
    struct curve_sum curve; /* nothing: a map without confidence */
    double megapixels;
    double match_ms;
    double refine_ms;
    double scratch_bytes; /* of matching and refinement, outputs included */
    double library_bytes;
};

/* Times are of the thread's own clock, the fastest of `repeat` runs. */
PO_MUST_CHECK enum po_status accuracy_measure(const struct scene *scene,
                                              const struct po_settings *settings,
                                              int repeat, struct scene_result *result,
                                              struct po_error *error);

/* The same of the usual OpenCV recipe (classic_recipe.h); its time counts as matching. */
PO_MUST_CHECK enum po_status accuracy_measure_recipe(const struct scene *scene,
                                                     struct scene_result *result,
                                                     struct po_error *error);

/* Prints the table (each scene too when `per_scene`) and writes `json_path` unless NULL.
 */
PO_MUST_CHECK enum po_status accuracy_report(const struct scene_list *list,
                                             const struct scene_result *results,
                                             const struct settings_set *set,
                                             bool per_scene, const char *json_path,
                                             struct po_error *error);

#endif
