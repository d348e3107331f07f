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
#include "session/listing.h"
#include "session/manifest.h"

enum { SIDE_LEFT, SIDE_RIGHT };

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
    struct warning_list warnings;
};

/* A folder that may be a session. */
struct folder {
    const char *path;
    const struct listing *listing;
    const struct po_input_settings *input;
    bool want_ground_truth; /* "auto" */
};

struct layout {
    const char *name;
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
/* The first row that knows the folder; NULL: none. */
const struct layout *layout_recognise(const struct folder *folder);

/* Adds a pair of files of two folders; copies its strings. */
PO_MUST_CHECK enum po_status pair_list_add(struct pair_list *list, const char *key,
                                           const char *left_folder, const char *left_name,
                                           const char *right_folder,
                                           const char *right_name,
                                           struct po_error *error);
PO_MUST_CHECK enum po_status pair_list_add_unmatched(struct pair_list *list,
                                                     const char *folder, const char *name,
                                                     struct po_error *error);
void pair_list_release(struct pair_list *list);
/* A copy of "folder/name"; NULL when memory is short or the path too long. */
char *path_copy(const char *folder, const char *name);
/* The same into *path, where NULL would mean that there is no such file. */
PO_MUST_CHECK enum po_status path_keep(char **path, const char *folder, const char *name,
                                       struct po_error *error);

/* One image file and what it is paired by. Ownership: `key` is malloc'ed. */
struct keyed_name {
    char *key;
    const char *name;
};
struct keyed_list {
    int count;
    int capacity;
    struct keyed_name *names;
};
PO_MUST_CHECK enum po_status keyed_list_add(struct keyed_list *list, const char *key,
                                            const char *name, struct po_error *error);
void keyed_list_release(struct keyed_list *list);
/* Pairs equal keys; the rest is unmatched. Two files of one side with one key are an
 * error. */
PO_MUST_CHECK enum po_status pair_by_key(struct pair_list *pairs,
                                         const char *const folders[2],
                                         struct keyed_list sides[2],
                                         struct po_error *error);

/* Marks of a side in file names: left/right, cam0/cam1, l/r. */
enum { SIDE_MARK_FAMILIES = 3, SIDE_KEY_BYTES = 256 };
/* The name without extension and without the mark; false when it has no such mark. */
bool side_mark_strip(const char *name, int family, int side, char key[SIDE_KEY_BYTES]);

/* What two names of one pair share; empty when that is nothing. */
void pair_key(const char *left, const char *right, char key[SIDE_KEY_BYTES]);
/* The name without its extension. */
void stem_copy(const char *name, char key[SIDE_KEY_BYTES]);

/* Disparity maps that Middlebury scenes hold, for the pair with this left name. */
void ground_truth_of_scene(const char *folder, const struct listing *listing,
                           const char *left_name, struct pair *pair,
                           struct warning_list *warnings);

#endif
