/* SPDX-License-Identifier: Apache-2.0 */
/* The table of layouts. */
#include <string.h>

#include "session/layout.h"

/* In this order: the more particular first. */
static const struct layout *const all_layouts[] = {
    &layout_kitti,
    &layout_euroc,
    &layout_unlook_capture,
    &layout_unlook_dataset,
    &layout_middlebury_scene,
    &layout_left_right_folders,
    &layout_named_pairs,
    &layout_scene_folders,
    &layout_side_by_side,
};

enum { LAYOUT_COUNT = sizeof(all_layouts) / sizeof(all_layouts[0]) };
_Static_assert((int)LAYOUT_COUNT <= (int)LAYOUTS_MAX, "room for all layouts");

const struct layout *layout_find(const char *name)
{
    for (int i = 0; i < LAYOUT_COUNT; i++)
        if (strcmp(all_layouts[i]->name, name) == 0)
            return all_layouts[i];
    return NULL;
}

int layouts_matching(const struct folder *folder,
                     const struct layout *layouts[LAYOUTS_MAX])
{
    int count = 0;
    const struct po_input_settings *input = folder->input;
    if (input->left_glob != NULL || input->right_glob != NULL) {
        layouts[0] = &layout_globs;
        return 1;
    }
    for (int i = 0; i < LAYOUT_COUNT; i++)
        if ((input->layout == NULL || strcmp(input->layout, all_layouts[i]->name) == 0) &&
            all_layouts[i]->matches(folder))
            layouts[count++] = all_layouts[i];
    return count;
}

const char *const *layout_names(void)
{
    static const char *const names[] = {
        "kitti",
        "euroc",
        "unlook-capture",
        "unlook-dataset",
        "middlebury-scene",
        "left-right-folders",
        "named-pairs",
        "scene-folders",
        "side-by-side",
        NULL,
    };
    return names;
}
