/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rectified pairs with ground truth that benchmarks and golden tests run on, read
 * from the scenes.tsv (or train.tsv) of a test data directory.
 *
 * Ownership: scene_list_read allocates, scene_list_release frees; a loaded pair's views
 * lie in the caller's scratch.
 */
#ifndef SUPPORT_SCENE_LIST_H
#define SUPPORT_SCENE_LIST_H

#include "base/scratch.h"
#include "image/image_view.h"
#include "process_offline/status.h"
#include "stereo/disparity_map.h"

enum { SCENE_PATH_BYTES = 1024, SCENE_NAME_BYTES = 128 };

struct scene {
    char name[SCENE_NAME_BYTES]; /* "middlebury2014/Piano" */
    char left[SCENE_PATH_BYTES];
    char right[SCENE_PATH_BYTES];
    char truth[SCENE_PATH_BYTES];
    char mask[SCENE_PATH_BYTES]; /* visible in both; empty: none */
    double truth_scale;
    int width_px;
    int height_px;
    double max_disparity_px;
};

struct scene_list {
    struct scene *scenes;
    int count;
};

struct scene_pair {
    struct image_view colour; /* left, as in the file: grey or RGB */
    struct image_view left;   /* grey */
    struct image_view right;
};

/* Only scenes whose name contains `substring` (NULL: all). */
PO_MUST_CHECK enum po_status scene_list_read(const char *directory, const char *substring,
                                             struct scene_list *list,
                                             struct po_error *error);
void scene_list_release(struct scene_list *list);

/* 0 .. roundup16(largest disparity), the range all accuracy figures use. */
struct disparity_range scene_range(const struct scene *scene);

PO_MUST_CHECK enum po_status scene_load(const struct scene *scene,
                                        struct scratch *scratch, struct scene_pair *pair,
                                        struct po_error *error);

#endif
