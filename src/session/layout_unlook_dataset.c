/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UnLook datasets: dataset_info.json with image_pairs[].left_filename and right_filename,
 * in left/ and right/. A file that cannot be read, or names nothing that is there, is
 * ignored in favour of the folders.
 */
#include <stdio.h>
#include <string.h>

#include "base/json_file.h"
#include "base/path.h"
#include "session/layout.h"

enum { DATASET_MAX_BYTES = 4 << 20 };

static bool matches(const struct folder *folder)
{
    return listing_find(folder->listing, "dataset_info.json") != NULL &&
           layout_left_right_folders.matches(folder);
}

/* "frame_000.png" stands in left/, "left/frame_000.png" where it says. */
static bool place_of(const struct folder *folder, const char *side, const char *name,
                     char place[SESSION_PATH_BYTES])
{
    if (!folder->input->follow_outside && !path_stays_inside(name))
        return false;
    if (name[0] == '/' || strchr(name, '/') != NULL)
        return snprintf(place, SESSION_PATH_BYTES, "%s", name) < SESSION_PATH_BYTES;
    return path_join(place, SESSION_PATH_BYTES, side, name);
}

/* `taken` counts pairs whose two files are there. */
static enum po_status add_listed(const struct folder *folder, const struct json *entry,
                                 struct pair_list *pairs, int *refused,
                                 struct po_error *error)
{
    const char *names[2] = {json_string(json_get(entry, "left_filename"), NULL),
                            json_string(json_get(entry, "right_filename"), NULL)};
    char places[2][SESSION_PATH_BYTES];
    char key[SIDE_KEY_BYTES];
    if (names[0] == NULL || names[1] == NULL ||
        !place_of(folder, "left", names[0], places[0]) ||
        !place_of(folder, "right", names[1], places[1])) {
        ++*refused;
        return PO_OK;
    }
    bool there[2] = {entry_exists(folder->path, places[0], folder->trouble),
                     entry_exists(folder->path, places[1], folder->trouble)};
    if (there[0] && there[1]) {
        pair_key(path_name(places[0]), path_name(places[1]), key);
        return pair_list_add(
            pairs, key,
            &(struct pair_paths){folder->path, places[0], folder->path, places[1]},
            error);
    }
    *refused += !there[0] && !there[1];
    if (there[0] || there[1])
        return pair_list_add_unmatched(pairs, folder->path, places[there[0] ? 0 : 1],
                                       error);
    return PO_OK;
}

static enum po_status list_by_file(const struct folder *folder, struct pair_list *pairs,
                                   struct po_error *error)
{
    char path[SESSION_PATH_BYTES];
    struct json *root = NULL;
    struct po_error cause = {0};
    int refused = 0;
    if (!path_join(path, sizeof(path), folder->path, "dataset_info.json"))
        return PO_OK;
    enum po_status status = json_read_file(path, DATASET_MAX_BYTES, &root, &cause);
    if (status == PO_IO || status == PO_OUT_OF_MEMORY)
        return po_fail(error, status, "%s", cause.message);
    if (status != PO_OK) {
        warning_list_add(&pairs->warnings,
                         "%s; the pairs are taken from left/ and right/", cause.message);
        return PO_OK;
    }
    const struct json *listed = json_get(root, "image_pairs");
    const struct json *entry =
        json_type(listed) == JSON_ARRAY ? json_first(listed) : NULL;
    for (; entry != NULL && status == PO_OK; entry = json_next(entry))
        status = add_listed(folder, entry, pairs, &refused, error);
    if (refused > 0)
        warning_list_add(
            &pairs->warnings,
            "%s: %d image_pairs are left out: a name is missing, its file is "
            "not there, or it leaves the session",
            path, refused);
    json_free(root);
    return status;
}

static enum po_status list(const struct folder *folder, struct pair_list *pairs,
                           struct po_error *error)
{
    enum po_status status = list_by_file(folder, pairs, error);
    if (status == PO_OK && pairs->count == 0)
        status = layout_left_right_folders.list(folder, pairs, error);
    return status;
}

const struct layout layout_unlook_dataset = {"unlook-dataset", true, false, matches,
                                             list};
