/* SPDX-License-Identifier: Apache-2.0 */
/* left/ and right/, or two folders of another known pair of names. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "session/time_stamps.h"

static const char *const FOLDERS[][2] = {
    {"left", "right"},
    {"image_left", "image_right"},
    {"left_images", "right_images"},
    {"images_left", "images_right"},
    {"cam_left", "cam_right"},
    {"camera_left", "camera_right"},
    {"left_cam", "right_cam"},
    {"leftImg8bit", "rightImg8bit"},
    {"cam0", "cam1"},
    {"camera0", "camera1"},
    {"l", "r"},
};

enum { FOLDER_PAIRS = sizeof(FOLDERS) / sizeof(FOLDERS[0]) };

static const char *find_folder(const struct listing *listing, const char *name)
{
    for (int i = 0; i < listing->count; i++)
        if (listing->entries[i].is_directory &&
            strcasecmp(listing->entries[i].name, name) == 0)
            return listing->entries[i].name;
    return NULL;
}

static bool find_pair(const struct folder *folder, const char *names[2])
{
    for (int i = 0; i < FOLDER_PAIRS; i++) {
        names[0] = find_folder(folder->listing, FOLDERS[i][0]);
        names[1] = find_folder(folder->listing, FOLDERS[i][1]);
        if (names[0] != NULL && names[1] != NULL)
            return true;
    }
    return false;
}

static bool matches(const struct folder *folder)
{
    const char *names[2];
    return find_pair(folder, names);
}

/* Whether any name is in both folders; then names pair as they are. */
static bool names_are_shared(const struct listing listings[2])
{
    for (int i = 0; i < listings[0].count; i++)
        if (listings[0].entries[i].is_image &&
            listing_find(&listings[1], listings[0].entries[i].name) != NULL)
            return true;
    return false;
}

/* The stem, without the side's mark where files repeat it (left/left_7.png). */
static void key_of(const char *name, int side, bool strip, char key[SIDE_KEY_BYTES])
{
    for (int family = 0; family < SIDE_MARK_FAMILIES && strip; family++)
        if (side_mark_strip(name, family, side, key))
            return;
    stem_copy(name, key);
}

static enum po_status add_side(const struct listing *listing, int side, bool strip,
                               struct keyed_list *list, struct po_error *error)
{
    enum po_status status = PO_OK;
    for (int i = 0; i < listing->count && status == PO_OK; i++) {
        char key[SIDE_KEY_BYTES];
        if (!listing->entries[i].is_image)
            continue;
        key_of(listing->entries[i].name, side, strip, key);
        status = keyed_list_add(list, key, listing->entries[i].name, error);
    }
    return status;
}

/* Nineteen digits on both sides: nanoseconds of two clocks or shutters. */
static bool names_are_stamps(const struct listing listings[2])
{
    for (int side = 0; side < 2; side++) {
        bool seen = false;
        for (int i = 0; i < listings[side].count; i++) {
            const struct listing_entry *entry = &listings[side].entries[i];
            if (entry->is_image &&
                (strspn(entry->name, "0123456789") != 19 || entry->name[19] != '.'))
                return false;
            seen |= entry->is_image;
        }
        if (!seen)
            return false;
    }
    return true;
}

static enum po_status list_by_time(const char *const folders[2],
                                   const struct listing listings[2], double tolerance_s,
                                   struct pair_list *pairs, struct po_error *error)
{
    struct stamped_list stamps[2] = {{0}, {0}};
    enum po_status status = PO_OK;
    for (int side = 0; side < 2 && status == PO_OK; side++)
        status = stamped_list_read(&listings[side], folders[side], "", &stamps[side],
                                   pairs, error);
    if (status == PO_OK)
        status = pair_by_time(pairs, folders, stamps, tolerance_s, error);
    stamped_list_release(&stamps[0]);
    stamped_list_release(&stamps[1]);
    return status;
}

static enum po_status list(const struct folder *folder, struct pair_list *pairs,
                           struct po_error *error)
{
    const char *names[2] = {NULL, NULL};
    char paths[2][SESSION_PATH_BYTES] = {"", ""};
    struct listing listings[2] = {{0}, {0}};
    struct keyed_list sides[2] = {{0}, {0}};
    enum po_status status = PO_OK;
    if (!find_pair(folder, names))
        return po_fail(error, PO_BAD_SESSION, "%s: no folders left and right in it",
                       folder->path);
    for (int side = 0; side < 2 && status == PO_OK; side++) {
        (void)snprintf(paths[side], sizeof(paths[side]), "%.3800s/%.255s", folder->path,
                       names[side]);
        status = listing_read(paths[side], &listings[side], error);
    }
    bool strip = status == PO_OK && !names_are_shared(listings);
    for (int side = 0; side < 2 && status == PO_OK; side++)
        status = add_side(&listings[side], side, strip, &sides[side], error);
    const char *const folders[2] = {paths[0], paths[1]};
    if (status == PO_OK && strip && names_are_stamps(listings))
        status = list_by_time(folders, listings, folder->input->pair_tolerance_s, pairs,
                              error);
    else if (status == PO_OK)
        status = pair_by_key(pairs, folders, sides, error);
    if (status == PO_OK && pairs->count == 0)
        status =
            po_fail(error, PO_BAD_SESSION,
                    "%s: no pair: %s holds %d images and %s %d, and no two names "
                    "are equal",
                    folder->path, names[0], sides[0].count, names[1], sides[1].count);
    for (int side = 0; side < 2; side++) {
        keyed_list_release(&sides[side]);
        listing_release(&listings[side]);
    }
    return status;
}

const struct layout layout_left_right_folders = {"left-right-folders", matches, list};
