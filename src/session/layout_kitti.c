/* SPDX-License-Identifier: Apache-2.0 */
/*
 * KITTI: image_0/ image_1/ (grey), image_2/ image_3/ (colour), colored_0/ colored_1/, or
 * raw drives with image_00/data. Calibration: calib/<frame>.txt, calib.txt or
 * calib_cam_to_cam.txt here or one folder up.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "session/pair_keys.h"

struct kitti_pair {
    const char *folders[2];
    const char *cameras;
};

static const struct kitti_pair camera_pairs[] = {
    {{"image_0", "image_1"}, "0,1"},
    {{"image_2", "image_3"}, "2,3"},
    {{"image_00/data", "image_01/data"}, "0,1"},
    {{"image_02/data", "image_03/data"}, "2,3"},
    {{"image_00", "image_01"}, "0,1"},
    {{"image_02", "image_03"}, "2,3"},
    {{"colored_0", "colored_1"}, "2,3"},
};

enum { PAIR_COUNT = sizeof(camera_pairs) / sizeof(camera_pairs[0]) };

/* --cameras chooses among the pairs where it names one. */
static const struct kitti_pair *find_pair(const struct folder *folder, int *others)
{
    const struct kitti_pair *found = NULL;
    const struct kitti_pair *named = NULL;
    *others = 0;
    for (int i = 0; i < PAIR_COUNT; i++) {
        const struct kitti_pair *pair = &camera_pairs[i];
        if (!directory_exists(folder->path, pair->folders[0], folder->trouble) ||
            !directory_exists(folder->path, pair->folders[1], folder->trouble))
            continue;
        *others += found != NULL;
        if (found == NULL)
            found = pair;
        if (named == NULL && folder->input->cameras != NULL &&
            strcmp(folder->input->cameras, pair->cameras) == 0)
            named = pair;
    }
    return named != NULL ? named : found;
}

static bool matches(const struct folder *folder)
{
    int others;
    return find_pair(folder, &others) != NULL;
}

static enum po_status add_side(const struct listing *listing, struct keyed_list *list,
                               struct po_error *error)
{
    enum po_status status = PO_OK;
    for (int i = 0; i < listing->count && status == PO_OK; i++) {
        char key[SIDE_KEY_BYTES];
        const char *name = listing->entries[i].name;
        if (!listing->entries[i].is_image)
            continue;
        stem_copy(name, key);
        status = keyed_list_add(list, key, name, error);
    }
    return status;
}

/* "000001_10" and "000001" share the calibration "000001.txt". */
static enum po_status frame_calibration(const struct folder *folder, const char *key,
                                        char **path, struct po_error *error)
{
    static const char *const places[] = {"calib", "calib_cam_to_cam"};
    char name[SIDE_KEY_BYTES + 32];
    for (int i = 0; i < 2; i++) {
        (void)snprintf(name, sizeof(name), "%s/%.*s.txt", places[i],
                       (int)strcspn(key, "_"), key);
        if (entry_exists(folder->path, name, folder->trouble))
            return path_keep(path, folder->path, name, error);
    }
    return PO_OK;
}

static enum po_status drive_calibration(const struct folder *folder, char **path,
                                        struct po_error *error)
{
    static const char *const names[] = {"calib.txt", "calib_cam_to_cam.txt",
                                        "../calib_cam_to_cam.txt",
                                        "../../calib_cam_to_cam.txt"};
    for (int i = 0; i < 4; i++)
        if (entry_exists(folder->path, names[i], folder->trouble))
            return path_keep(path, folder->path, names[i], error);
    return PO_OK;
}

/* uint16 / 256, 0 where unknown; "occ" holds the occluded pixels too. */
static enum po_status find_ground_truth(const struct folder *folder, struct pair *pair,
                                        struct po_error *error)
{
    static const char *const places[] = {"disp_occ", "disp_occ_0", "disp_noc",
                                         "disp_noc_0"};
    char name[SIDE_KEY_BYTES + 32];
    for (int i = 0; i < 4; i++) {
        (void)snprintf(name, sizeof(name), "%s/%.*s.png", places[i], SIDE_KEY_BYTES,
                       pair->key);
        if (!entry_exists(folder->path, name, folder->trouble))
            continue;
        pair->ground_truth_scale = 256;
        return path_keep(&pair->ground_truth, folder->path, name, error);
    }
    return PO_OK;
}

static enum po_status complete(const struct folder *folder,
                               const struct kitti_pair *kitti, int others,
                               struct pair_list *pairs, struct po_error *error)
{
    if (pairs->count == 0)
        return po_fail(error, PO_BAD_SESSION, "%s: no file is in both %s and %s",
                       folder->path, kitti->folders[0], kitti->folders[1]);
    pairs->camera_hint = kitti->cameras;
    enum po_status status = drive_calibration(folder, &pairs->calibration, error);
    bool one_a_frame =
        directory_exists(folder->path, "calib", folder->trouble) ||
        directory_exists(folder->path, "calib_cam_to_cam", folder->trouble);
    for (int i = 0; i < pairs->count && status == PO_OK; i++) {
        if (one_a_frame)
            status = frame_calibration(folder, pairs->pairs[i].key,
                                       &pairs->pairs[i].calibration, error);
        if (status == PO_OK && folder->want_ground_truth)
            status = find_ground_truth(folder, &pairs->pairs[i], error);
    }
    if (others > 0)
        warning_list_add(&pairs->warnings,
                         "%s holds more than one pair of image folders; %s and %s are "
                         "used (choose with --cameras 0,1 or 2,3)",
                         folder->path, kitti->folders[0], kitti->folders[1]);
    return status;
}

static enum po_status list(const struct folder *folder, struct pair_list *pairs,
                           struct po_error *error)
{
    char paths[2][SESSION_PATH_BYTES] = {"", ""};
    struct listing listings[2] = {{0}, {0}};
    struct keyed_list sides[2] = {{0}, {0}};
    int others = 0;
    enum po_status status = PO_OK;
    const struct kitti_pair *kitti = find_pair(folder, &others);
    if (kitti == NULL)
        return po_fail(error, PO_BAD_SESSION, "%s: no image_0/ and image_1/ in it",
                       folder->path);
    for (int side = 0; side < 2 && status == PO_OK; side++) {
        (void)snprintf(paths[side], sizeof(paths[side]), "%.3800s/%s", folder->path,
                       kitti->folders[side]);
        status = listing_read(paths[side], &listings[side], error);
        if (status == PO_OK)
            status = add_side(&listings[side], &sides[side], error);
    }
    const char *const folders[2] = {paths[0], paths[1]};
    if (status == PO_OK)
        status = pair_by_key(pairs, folders, sides, error);
    if (status == PO_OK)
        status = complete(folder, kitti, others, pairs, error);
    for (int side = 0; side < 2; side++) {
        keyed_list_release(&sides[side]);
        listing_release(&listings[side]);
    }
    return status;
}

const struct layout layout_kitti = {"kitti", true, false, matches, list};
