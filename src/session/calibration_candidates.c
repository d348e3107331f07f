/* SPDX-License-Identifier: Apache-2.0 */
#include "session/calibration_candidates.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/path.h"

/* Ranks below say that a file means to be a calibration. */
enum { NAMED_BELOW = 140, OTHER_NAMES = 200 };

/*
 * How much a name promises; -1: no calibration by name. A file of everything goes before
 * intrinsics.yml, which leaves the size of the images unsaid.
 */
static int rank_of_name(const char *name)
{
    static const char *const WELL_KNOWN[] = {
        "calib.txt",  "calibration.json",     "calibration.yaml", "calibration.yml",
        "calib.json", "calib.yaml",           "calib.yml",        "camchain.yaml",
        "left.yaml",  "calib_cam_to_cam.txt",
    };
    static const char *const PARTS[] = {"calib",  "camchain", "intrinsic",  "extrinsic",
                                        "stereo", "camera",   "sensor.yaml"};
    static const char *const EXTENSIONS[] = {"yml", "yaml", "json", "txt", "conf"};
    for (int i = 0; i < (int)(sizeof(WELL_KNOWN) / sizeof(WELL_KNOWN[0])); i++)
        if (strcasecmp(name, WELL_KNOWN[i]) == 0)
            return i;
    for (int i = 0; i < (int)(sizeof(EXTENSIONS) / sizeof(EXTENSIONS[0])); i++) {
        if (strcasecmp(path_extension(name), EXTENSIONS[i]) != 0)
            continue;
        for (int part = 0; part < (int)(sizeof(PARTS) / sizeof(PARTS[0])); part++)
            if (strcasestr(name, PARTS[part]) != NULL)
                return 100 + 10 * part;
        return OTHER_NAMES + i;
    }
    return -1;
}

/* A fault in such a file is told. Other JSON and text is mostly of other programs. */
static bool is_likely(const char *name, int rank)
{
    static const char *const EXTENSIONS[] = {"yml", "yaml", "conf"};
    for (int i = 0; i < (int)(sizeof(EXTENSIONS) / sizeof(EXTENSIONS[0])); i++)
        if (strcasecmp(path_extension(name), EXTENSIONS[i]) == 0)
            return true;
    return rank < OTHER_NAMES;
}

static void note_trouble(struct candidate_list *list, enum po_status status,
                         const char *message)
{
    if (list->trouble.status == PO_OK)
        (void)po_fail(&list->trouble, status, "%s", message);
}

static void add_candidate(struct candidate_list *list, const char *folder,
                          const char *name, int penalty)
{
    int rank = rank_of_name(name);
    char path[SESSION_PATH_BYTES];
    if (rank < 0 || !path_join(path, sizeof(path), folder, name))
        return;
    for (int i = 0; i < list->count; i++)
        if (strcmp(list->candidates[i].path, path) == 0)
            return;
    if (list->count == MAX_CANDIDATES) {
        list->dropped++;
        return;
    }
    char *copy = strdup(path);
    if (copy == NULL)
        note_trouble(list, PO_OUT_OF_MEMORY, "no memory to look for calibrations");
    else
        list->candidates[list->count++] =
            (struct calibration_candidate){.path = copy,
                                           .rank = rank + penalty,
                                           .named = rank < NAMED_BELOW,
                                           .likely = is_likely(name, rank)};
}

static void add_folder(struct candidate_list *list, const char *folder, int penalty)
{
    struct listing listing;
    struct po_error cause = {0};
    enum po_status status = listing_read(folder, &listing, &cause);
    if (status != PO_OK && status != PO_NOT_FOUND)
        note_trouble(list, status, cause.message);
    if (status != PO_OK)
        return;
    for (int i = 0; i < listing.count; i++)
        if (!listing.entries[i].is_image && !listing.entries[i].is_directory)
            add_candidate(list, folder, listing.entries[i].name, penalty);
    listing_release(&listing);
}

static int compare_candidates(const void *a, const void *b)
{
    const struct calibration_candidate *x = a;
    const struct calibration_candidate *y = b;
    return x->rank != y->rank ? x->rank - y->rank
                              : path_compare_natural(x->path, y->path);
}

void candidate_list_find(struct candidate_list *list, const char *root,
                         const struct found_session *found, struct warning_list *warnings)
{
    static const char *const BELOW[] = {"calib", "calibration"};
    char folder[SESSION_PATH_BYTES];
    add_folder(list, found->base, 0);
    if (strcmp(found->base, root) != 0)
        add_folder(list, root, 1000);
    for (int i = 0; i < 2; i++)
        if (strcmp(found->layout->name, "kitti") != 0 &&
            directory_exists(root, BELOW[i]) &&
            path_join(folder, sizeof(folder), root, BELOW[i]) &&
            strcmp(folder, found->base) != 0)
            add_folder(list, folder, 2000);
    if (list->count > 1)
        qsort(list->candidates, (size_t)list->count, sizeof(list->candidates[0]),
              compare_candidates);
    if (list->dropped > 0)
        warning_list_add(warnings,
                         "%d files beyond the first %d may be calibrations and are not "
                         "looked at; name one with --calibration",
                         list->dropped, MAX_CANDIDATES);
}

void candidate_list_release(struct candidate_list *list)
{
    for (int i = 0; i < list->count; i++)
        free(list->candidates[i].path);
    list->count = 0;
}
