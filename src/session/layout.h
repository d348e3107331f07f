/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Layout: how a kind of capture lays its image pairs out in folders.
 *
 * A row of the table says whether it knows a folder and lists its pairs; it judges names
 * and small text files only. Ownership: a pair list owns its strings until
 * pair_list_release.
 */
#ifndef SESSION_LAYOUT_H
#define SESSION_LAYOUT_H

#include <stdbool.h>

#include "base/warning_list.h"
#include "process_offline/settings.h"
#include "session/capture_kind.h"
#include "session/listing.h"
#include "session/manifest.h"
#include "session/side_mark.h"

struct pair {
    char *key; /* what both names share; the id is made of it */
    char *left;
    char *right;
    bool side_by_side;
    char *calibration; /* of this pair alone; NULL: the session's */
    char *problem;     /* why it cannot be processed; NULL: nothing known */
    char *ground_truth;
    char *ground_truth_mask;
    double ground_truth_scale;
};

struct pair_list {
    int count;
    int capacity;
    struct pair *pairs;
    int unmatched_count;
    int unmatched_capacity;
    char **unmatched;
    char *calibration;       /* the layout's own file; NULL: look for one */
    const char *camera_hint; /* a literal such as "2,3", or NULL */
    enum capture_kind kind;  /* what the images are by their names */
    bool is_weak;            /* the sides are only 0 and 1, which may count frames */
    struct warning_list warnings;
};

/* A folder that may be a session. */
struct folder {
    const char *path;
    const struct listing *listing;
    const struct po_input_settings *input;
    bool want_ground_truth;    /* "auto" */
    struct po_error *trouble;  /* the first thing that a row could not look at, or had no
                                  memory for: what it says of the folder is not sure */
    struct po_error *unlisted; /* the first folder that may hold a scene; a matter only
                                  where nothing else is found */
};

struct layout {
    const char *name;
    bool is_particular;  /* what it knows is a format, which no other row's pairs outdo */
    bool is_last_resort; /* counts only where no other row has a pair */
    bool (*matches)(const struct folder *folder);
    enum po_status (*list)(const struct folder *folder, struct pair_list *pairs,
                           struct po_error *error);
};

extern const struct layout layout_kitti;
extern const struct layout layout_euroc;
extern const struct layout layout_unlook_capture;
extern const struct layout layout_unlook_dataset;
extern const struct layout layout_middlebury_scene;
extern const struct layout layout_scene_folders;
extern const struct layout layout_left_right_folders;
extern const struct layout layout_named_pairs;
extern const struct layout layout_side_by_side;
extern const struct layout layout_globs;

/* NULL when no row has this name. */
const struct layout *layout_find(const char *name);
/* The rows that know the folder, in the order of the table, which --layout and the globs
 * narrow to one. Returns how many. */
enum { LAYOUTS_MAX = 12 };
int layouts_matching(const struct folder *folder,
                     const struct layout *layouts[LAYOUTS_MAX]);

/* Two files, each by its folder and its name in there. */
struct pair_paths {
    const char *left_folder;
    const char *left_name;
    const char *right_folder;
    const char *right_name;
};

/* Adds a pair of files of two folders; copies its strings. */
PO_MUST_CHECK enum po_status pair_list_add(struct pair_list *list, const char *key,
                                           const struct pair_paths *files,
                                           struct po_error *error);
PO_MUST_CHECK enum po_status pair_list_add_unmatched(struct pair_list *list,
                                                     const char *folder, const char *name,
                                                     struct po_error *error);
void pair_list_release(struct pair_list *list);
/* Moves the pairs of `from` and its unmatched files to a list without pairs, whose own
 * warnings stay; `from` is then empty. */
void pair_list_take_over(struct pair_list *list, struct pair_list *from);
/* Room for one more element of `bytes`. */
bool array_grow(void **array, int count, int *capacity, size_t bytes);
/* A copy of "folder/name"; NULL when memory is short or the path too long. */
char *path_copy(const char *folder, const char *name);
/* The same into *path, where NULL would mean that there is no such file. */
PO_MUST_CHECK enum po_status path_keep(char **path, const char *folder, const char *name,
                                       struct po_error *error);

/* Disparity maps that Middlebury scenes hold, for the pair with this left name. */
PO_MUST_CHECK enum po_status
ground_truth_of_scene(const char *folder, const struct listing *listing,
                      const char *left_name, struct pair *pair,
                      struct warning_list *warnings, struct po_error *error);

#endif
