/* SPDX-License-Identifier: Apache-2.0 */
/* EuRoC MAV: mav0/cam0/data, mav0/cam1/data, paired by time stamp. */
#include <stdio.h>
#include <string.h>

#include "session/time_stamps.h"

/* "mav0/", or nothing when the folder is mav0 itself; NULL: no such sequence. */
static const char *find_prefix(const struct folder *folder)
{
    static const char *const prefixes[] = {"", "mav0/"};
    for (int i = 0; i < 2; i++) {
        char name[32];
        (void)snprintf(name, sizeof(name), "%scam0/data", prefixes[i]);
        if (directory_exists(folder->path, name, folder->trouble))
            return prefixes[i];
    }
    return NULL;
}

static bool matches(const struct folder *folder)
{
    return find_prefix(folder) != NULL;
}

/* --cameras names the folders too. */
static void choose_cameras(const struct folder *folder, int cameras[2])
{
    cameras[0] = 0;
    cameras[1] = 1;
    int first;
    int second;
    if (folder->input->cameras != NULL &&
        sscanf(folder->input->cameras, "%3d,%3d", &first, &second) == 2 && first >= 0 &&
        second >= 0) {
        cameras[0] = first;
        cameras[1] = second;
    }
}

static enum po_status list(const struct folder *folder, struct pair_list *pairs,
                           struct po_error *error)
{
    char paths[2][SESSION_PATH_BYTES] = {"", ""};
    char csv[SESSION_PATH_BYTES];
    char name[64];
    int cameras[2];
    struct listing listings[2] = {{0}, {0}};
    struct stamped_list sides[2] = {{0}, {0}};
    enum po_status status = PO_OK;
    const char *prefix = find_prefix(folder);
    if (prefix == NULL)
        return po_fail(error, PO_BAD_SESSION, "%s: no mav0/cam0/data in it",
                       folder->path);
    choose_cameras(folder, cameras);
    for (int side = 0; side < 2 && status == PO_OK; side++) {
        (void)snprintf(paths[side], sizeof(paths[side]), "%.3800s/%scam%d/data",
                       folder->path, prefix, cameras[side]);
        (void)snprintf(csv, sizeof(csv), "%.3900s.csv", paths[side]);
        status = listing_read(paths[side], &listings[side], error);
        if (status == PO_OK)
            status = stamped_list_read(&listings[side], paths[side], csv, &sides[side],
                                       pairs, error);
    }
    const char *const folders[2] = {paths[0], paths[1]};
    if (status == PO_OK)
        status =
            pair_by_time(pairs, folders, sides, folder->input->pair_tolerance_s, error);
    if (status == PO_OK && pairs->count == 0)
        status = po_fail(error, PO_BAD_SESSION,
                         "%s: %d and %d images, but no two time stamps within %g s",
                         folder->path, sides[0].count, sides[1].count,
                         folder->input->pair_tolerance_s);
    (void)snprintf(name, sizeof(name), "%scam%d/sensor.yaml", prefix, cameras[0]);
    if (status == PO_OK && entry_exists(folder->path, name, folder->trouble))
        status = path_keep(&pairs->calibration, folder->path, name, error);
    for (int side = 0; side < 2; side++) {
        stamped_list_release(&sides[side]);
        listing_release(&listings[side]);
    }
    return status;
}

const struct layout layout_euroc = {"euroc", true, false, matches, list};
