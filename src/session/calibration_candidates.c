/* SPDX-License-Identifier: Apache-2.0 */
#include "session/calibration_candidates.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/path.h"

/* Ranks below say that a file means to be a calibration. */
enum { NAMED_BELOW = 200, OTHER_NAMES = NAMED_BELOW };

/*
 * How much a name promises; -1: no calibration by name. A file of everything goes before
 * intrinsics.yml, which leaves the size of the images unsaid.
 */
static int rank_of_name(const char *name)
{
    static const char *const well_known[] = {
        "calib.txt",  "calibration.json",     "calibration.yaml", "calibration.yml",
        "calib.json", "calib.yaml",           "calib.yml",        "camchain.yaml",
        "left.yaml",  "calib_cam_to_cam.txt",
    };
    static const char *const parts[] = {"calib",  "camchain", "intrinsic",   "extrinsic",
                                        "stereo", "camera",   "sensor.yaml", "param"};
    static const char *const extensions[] = {"yml", "yaml", "json", "txt", "conf", "npz",
                                             "xml", "mat",  "npy",  "dat", "pkl"};
    for (int i = 0; i < (int)(sizeof(well_known) / sizeof(well_known[0])); i++)
        if (strcasecmp(name, well_known[i]) == 0)
            return i;
    for (int i = 0; i < (int)(sizeof(extensions) / sizeof(extensions[0])); i++) {
        if (strcasecmp(path_extension(name), extensions[i]) != 0)
            continue;
        for (int part = 0; part < (int)(sizeof(parts) / sizeof(parts[0])); part++)
            if (strcasestr(name, parts[part]) != NULL)
                return WELL_KNOWN_BELOW + 10 * part;
        return OTHER_NAMES + i;
    }
    return -1;
}

/* A fault in such a file is reported. Other JSON and text is mostly of other programs. */
static bool is_likely(const char *name, int rank)
{
    static const char *const extensions[] = {"yml", "yaml", "conf"};
    for (int i = 0; i < (int)(sizeof(extensions) / sizeof(extensions[0])); i++)
        if (strcasecmp(path_extension(name), extensions[i]) == 0)
            return true;
    return rank < OTHER_NAMES;
}

static void add_candidate(struct candidate_list *list, const char *folder,
                          const char *name, int distance, bool named_only)
{
    int rank = rank_of_name(name);
    char path[SESSION_PATH_BYTES];
    if (rank < 0 || (named_only && rank >= NAMED_BELOW) ||
        !path_join(path, sizeof(path), folder, name))
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
        trouble_note(&list->trouble, PO_OUT_OF_MEMORY,
                     "no memory to look for calibrations");
    else
        list->candidates[list->count++] =
            (struct calibration_candidate){.path = copy,
                                           .distance = distance,
                                           .rank = rank,
                                           .named = rank < NAMED_BELOW,
                                           .likely = is_likely(name, rank)};
}

static void add_folder(struct candidate_list *list, const char *folder, int distance,
                       bool named_only)
{
    struct listing listing;
    struct po_error cause = {0};
    /* What lies above the session may be closed to us. */
    enum po_status status = named_only ? listing_read_allowed(folder, &listing, &cause)
                                       : listing_read(folder, &listing, &cause);
    if (status != PO_OK && status != PO_NOT_FOUND)
        trouble_note(&list->trouble, status, "%s", cause.message);
    for (int i = 0; i < listing.count; i++)
        if (!listing.entries[i].is_image && !listing.entries[i].is_directory)
            add_candidate(list, folder, listing.entries[i].name, distance, named_only);
    listing_release(&listing);
}

/* The folders that people keep calibrations in; `skip` is one of them already seen. */
static void add_usual_folders(struct candidate_list *list, const char *folder,
                              const char *skip, int distance, bool named_only)
{
    static const char *const subfolders[] = {
        "calib",        "calibration", "params",          "results", "camera_parameters",
        "calib_result", "parameters",  "calibration_data"};
    char below[SESSION_PATH_BYTES];
    for (size_t i = 0; i < sizeof(subfolders) / sizeof(subfolders[0]); i++)
        if (directory_exists(folder, subfolders[i], NULL) &&
            path_join(below, sizeof(below), folder, subfolders[i]) &&
            strcmp(below, skip) != 0)
            add_folder(list, below, distance, named_only);
}

static bool stat_allowed(const char *path, struct stat *facts, struct po_error *trouble)
{
    if (stat(path, facts) == 0)
        return true;
    if (errno != ENOENT && errno != ENOTDIR && errno != EACCES)
        trouble_note(trouble, PO_IO, "%s: cannot look at it: %s", path, strerror(errno));
    return false;
}

/* Not the root of all files, and not a folder of everybody's (/tmp). */
static bool may_look_into(const char *folder, struct po_error *trouble)
{
    struct stat facts;
    struct stat above;
    char parent[SESSION_PATH_BYTES];
    return stat_allowed(folder, &facts, trouble) && S_ISDIR(facts.st_mode) &&
           (facts.st_mode & S_IWOTH) == 0 &&
           path_join(parent, sizeof(parent), folder, "..") &&
           stat_allowed(parent, &above, trouble) &&
           (facts.st_ino != above.st_ino || facts.st_dev != above.st_dev);
}

static int compare_candidates(const void *a, const void *b)
{
    const struct calibration_candidate *x = a;
    const struct calibration_candidate *y = b;
    if (x->distance != y->distance)
        return x->distance - y->distance;
    return x->rank != y->rank ? x->rank - y->rank
                              : path_compare_natural(x->path, y->path);
}

/* As the user would write it: "captures" for "captures/one", ".." for ".". */
static bool folder_above(char above[SESSION_PATH_BYTES], const char *folder)
{
    char plain[SESSION_PATH_BYTES];
    (void)snprintf(plain, sizeof(plain), "%s", folder);
    size_t length = strlen(plain);
    while (length > 1 && plain[length - 1] == '/')
        plain[--length] = '\0';
    const char *name = path_name(plain);
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || *name == '\0')
        return path_join(above, SESSION_PATH_BYTES, plain, "..");
    if (name == plain + 1 && plain[0] == '/')
        return false; /* the root is above */
    return path_directory(above, SESSION_PATH_BYTES, plain);
}

void candidate_list_find(struct candidate_list *list, const char *root,
                         const struct found_session *found, struct warning_list *warnings)
{
    char above[SESSION_PATH_BYTES];
    char folder[SESSION_PATH_BYTES];
    add_folder(list, found->base, 0, false);
    if (strcmp(found->base, root) != 0) {
        add_folder(list, root, 1, false);
        add_usual_folders(list, found->base, found->base, 1, false);
    }
    if (strcmp(found->layout->name, "kitti") != 0)
        add_usual_folders(list, root, found->base, 2, false);
    (void)snprintf(folder, sizeof(folder), "%s", root);
    for (int i = 0; i < 2; i++) {
        if (!folder_above(above, folder) || !may_look_into(above, &list->trouble))
            break;
        (void)snprintf(folder, sizeof(folder), "%s", above);
        add_folder(list, folder, 3 + 2 * i, true);
        add_usual_folders(list, folder, found->base, 4 + 2 * i, true);
    }
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
