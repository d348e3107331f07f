/* SPDX-License-Identifier: Apache-2.0 */
/* Middlebury and ETH3D scenes: one pair a folder, and a folder of such folders. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "session/layout.h"

static const char *const scene_names[][2] = {
    {"im0", "im1"}, {"view1", "view5"}, {"im2", "im6"}};

enum { NAME_PAIRS = sizeof(scene_names) / sizeof(scene_names[0]) };

/* `half`: one side is there and the other missing. */
static bool find_scene(const struct listing *listing, const char *names[2],
                       const char **half)
{
    *half = NULL;
    for (int i = 0; i < NAME_PAIRS; i++) {
        names[0] = listing_find_image(listing, scene_names[i][0]);
        names[1] = listing_find_image(listing, scene_names[i][1]);
        if (names[0] != NULL && names[1] != NULL)
            return true;
        if (i != 1 && *half == NULL)
            *half = names[0] != NULL ? names[0] : names[1];
    }
    return false;
}

static bool scene_matches(const struct folder *folder)
{
    const char *names[2];
    const char *half;
    return find_scene(folder->listing, names, &half);
}

/* A folder with the two views of a scene. */
struct scene_folder {
    const char *path;
    const struct listing *listing;
    const char *key;
    bool want_ground_truth;
};

static enum po_status add_scene(const struct scene_folder *scene,
                                const char *const names[2], struct pair_list *pairs,
                                struct po_error *error)
{
    const char *path = scene->path;
    enum po_status status = pair_list_add(
        pairs, scene->key, &(struct pair_paths){path, names[0], path, names[1]}, error);
    if (status != PO_OK)
        return status;
    struct pair *pair = &pairs->pairs[pairs->count - 1];
    if (listing_find(scene->listing, "calib.txt") != NULL)
        status = path_keep(&pair->calibration, path, "calib.txt", error);
    if (status == PO_OK && scene->want_ground_truth)
        status = ground_truth_of_scene(path, scene->listing, names[0], pair,
                                       &pairs->warnings, error);
    return status;
}

/* The name of the folder, also where it was given as "." or "scene/". */
static enum po_status folder_key(const char *path, char key[SESSION_PATH_BYTES],
                                 struct po_error *error)
{
    char *resolved = realpath(path, NULL);
    if (resolved == NULL && errno != EACCES) /* folders above may be closed to us */
        return po_fail(error, errno == ENOMEM ? PO_OUT_OF_MEMORY : PO_IO,
                       "%s: cannot find its name: %s", path, strerror(errno));
    const char *name = path_name(resolved != NULL ? resolved : path);
    size_t length = strlen(name) < 255 ? strlen(name) : 255;
    memcpy(key, name, length);
    key[length] = '\0';
    free(resolved);
    return PO_OK;
}

static enum po_status list_scene(const struct folder *folder, struct pair_list *pairs,
                                 struct po_error *error)
{
    const char *names[2];
    const char *half;
    char key[SESSION_PATH_BYTES];
    if (!find_scene(folder->listing, names, &half))
        return po_fail(error, PO_BAD_SESSION,
                       "%s: no im0/im1, view1/view5 or im2/im6 in it", folder->path);
    enum po_status status = folder_key(folder->path, key, error);
    const struct scene_folder scene = {folder->path, folder->listing, key,
                                       folder->want_ground_truth};
    return status == PO_OK ? add_scene(&scene, names, pairs, error) : status;
}

/* A folder that cannot be listed may be a scene: it counts as one that fails. */
static enum po_status add_unlisted(const struct folder *parent, const char *name,
                                   const char *why, struct pair_list *pairs,
                                   struct po_error *error)
{
    if (strcmp(name, LOST_FOUND) == 0)
        return PO_OK;
    enum po_status status = pair_list_add(
        pairs, name, &(struct pair_paths){parent->path, name, parent->path, name}, error);
    if (status != PO_OK)
        return status;
    struct pair *pair = &pairs->pairs[pairs->count - 1];
    pair->problem = strdup(why);
    return pair->problem != NULL
               ? PO_OK
               : po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to list it", name);
}

/* Looks into one folder of a folder of scenes. */
static enum po_status visit(const struct folder *parent, const char *name,
                            struct pair_list *pairs, struct po_error *error)
{
    char path[SESSION_PATH_BYTES];
    struct listing listing;
    const char *names[2];
    const char *half = NULL;
    struct po_error cause = {0};
    if (!path_join(path, sizeof(path), parent->path, name))
        return po_fail(error, PO_BAD_SESSION, "%s/%.200s: the path is too long",
                       parent->path, name);
    enum po_status status = listing_read(path, &listing, &cause);
    if (status == PO_IO)
        return add_unlisted(parent, name, cause.message, pairs, error);
    if (status != PO_OK)
        return status == PO_NOT_FOUND ? PO_OK
                                      : po_fail(error, status, "%s", cause.message);
    const struct scene_folder scene = {path, &listing, name, parent->want_ground_truth};
    if (find_scene(&listing, names, &half))
        status = add_scene(&scene, names, pairs, error);
    else if (half != NULL)
        status = pair_list_add_unmatched(pairs, path, half, error);
    listing_release(&listing);
    return status;
}

static void note_unlisted(const struct folder *folder, const char *name,
                          enum po_status status, const struct po_error *cause)
{
    if (status == PO_OUT_OF_MEMORY)
        trouble_note(folder->trouble, status, "%s", cause->message);
    else if (status != PO_NOT_FOUND && strcmp(name, LOST_FOUND) != 0)
        trouble_note(folder->unlisted, status, "%s", cause->message);
}

static bool scenes_match(const struct folder *folder)
{
    bool found = false;
    for (int i = 0; i < folder->listing->count && !found; i++) {
        struct listing listing;
        char path[SESSION_PATH_BYTES];
        const char *names[2];
        const char *half;
        const struct listing_entry *entry = &folder->listing->entries[i];
        struct po_error cause = {0};
        if (!entry->is_directory ||
            !path_join(path, sizeof(path), folder->path, entry->name))
            continue;
        enum po_status status = listing_read(path, &listing, &cause);
        if (status != PO_OK) {
            note_unlisted(folder, entry->name, status, &cause);
            continue;
        }
        found = find_scene(&listing, names, &half);
        listing_release(&listing);
    }
    return found;
}

static enum po_status list_scenes(const struct folder *folder, struct pair_list *pairs,
                                  struct po_error *error)
{
    enum po_status status = PO_OK;
    for (int i = 0; i < folder->listing->count && status == PO_OK; i++)
        if (folder->listing->entries[i].is_directory)
            status = visit(folder, folder->listing->entries[i].name, pairs, error);
    if (status == PO_OK && pairs->count == 0)
        status = po_fail(error, PO_BAD_SESSION,
                         "%s: no folder in it holds im0/im1, view1/view5 or im2/im6",
                         folder->path);
    return status;
}

const struct layout layout_middlebury_scene = {"middlebury-scene", false, false,
                                               scene_matches, list_scene};
const struct layout layout_scene_folders = {"scene-folders", false, true, scenes_match,
                                            list_scenes};
