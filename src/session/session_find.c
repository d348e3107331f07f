/* SPDX-License-Identifier: Apache-2.0 */
/* Which folder is the session, and which layout it has. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/path.h"
#include "session/manifest_parts.h"

enum { MAX_VISITED_FOLDERS = 1000 };

static const struct layout *recognise(const struct folder *folder)
{
    const struct po_input_settings *input = folder->input;
    if (input->left_glob != NULL || input->right_glob != NULL)
        return layout_globs.matches(folder) ? &layout_globs : NULL;
    if (input->layout == NULL)
        return layout_recognise(folder);
    const struct layout *layout = layout_find(input->layout);
    return layout != NULL && layout->matches(folder) ? layout : NULL;
}

/* A folder of the session that cannot be listed: its frames cannot be counted. */
static enum po_status as_session_error(enum po_status status, struct po_error *error)
{
    if (status != PO_IO)
        return status;
    if (error != NULL)
        error->status = PO_BAD_SESSION;
    return PO_BAD_SESSION;
}

/* Lists one folder and keeps the pairs when its layout is known. */
static enum po_status try_folder(const char *path, const struct po_input_settings *input,
                                 bool want_ground_truth, struct found_session *found,
                                 struct po_error *error)
{
    struct listing listing;
    enum po_status status = listing_read(path, &listing, error);
    if (status != PO_OK)
        return as_session_error(status, error);
    const struct folder folder = {.path = path,
                                  .listing = &listing,
                                  .input = input,
                                  .want_ground_truth = want_ground_truth};
    found->layout = recognise(&folder);
    if (found->layout != NULL) {
        (void)snprintf(found->base, sizeof(found->base), "%s", path);
        status =
            as_session_error(found->layout->list(&folder, &found->pairs, error), error);
    }
    listing_release(&listing);
    return status;
}

/* Whether a folder below the input is a session by itself. */
static bool is_session(const char *path, const struct po_input_settings *input)
{
    struct listing listing;
    if (listing_read(path, &listing, NULL) != PO_OK)
        return false;
    const struct folder folder = {.path = path, .listing = &listing, .input = input};
    bool known = recognise(&folder) != NULL;
    listing_release(&listing);
    return known;
}

static enum po_status nothing_known(const char *path, const struct listing *listing,
                                    const struct po_input_settings *input,
                                    struct po_error *error)
{
    int images = listing_count_images(listing);
    int folders = 0;
    for (int i = 0; i < listing->count; i++)
        folders += listing->entries[i].is_directory;
    if (listing->count == 0)
        return po_fail(error, PO_BAD_SESSION, "%s: the directory is empty", path);
    if (input->layout != NULL)
        return po_fail(error, PO_BAD_SESSION,
                       "%s: is not of the layout %s (%d images and %d folders in it)",
                       path, input->layout, images, folders);
    static const char *const SIDES[][2] = {{"left", "right"},
                                           {"right", "left"},
                                           {"image_0", "image_1"},
                                           {"image_2", "image_3"},
                                           {"cam0", "cam1"}};
    for (int i = 0; i < 5; i++)
        if (directory_exists(path, SIDES[i][0]) && !directory_exists(path, SIDES[i][1]))
            return po_fail(error, PO_BAD_SESSION,
                           "%s: one side is missing: there is %s/ but no %s/", path,
                           SIDES[i][0], SIDES[i][1]);
    return po_fail(error, PO_BAD_SESSION,
                   "%s: no stereo pairs found in %d images and %d folders; known are "
                   "left/ and right/ folders, left*/right* names, im0/im1, image_0/ and "
                   "image_1/, mav0/; name others with --left-glob and --right-glob, or "
                   "halves of one image with --layout side-by-side",
                   path, images, folders);
}

/* Whether the folder is a session or holds exactly one, which is then `chosen`: what
 * --input takes. */
static bool leads_to_session(const char *path, const struct po_input_settings *input,
                             int *visited, char chosen[SESSION_PATH_BYTES])
{
    struct listing listing;
    int sessions = 0;
    (void)snprintf(chosen, SESSION_PATH_BYTES, "%s", path);
    if (is_session(path, input))
        return true;
    if (listing_read(path, &listing, NULL) != PO_OK)
        return false;
    for (int i = 0; i < listing.count && sessions < 2; i++) {
        char below[SESSION_PATH_BYTES];
        if (!listing.entries[i].is_directory || *visited >= MAX_VISITED_FOLDERS ||
            !path_join(below, sizeof(below), path, listing.entries[i].name))
            continue;
        ++*visited;
        if (is_session(below, input) && sessions++ == 0)
            (void)snprintf(chosen, SESSION_PATH_BYTES, "%s", below);
    }
    listing_release(&listing);
    return sessions == 1;
}

/* A folder that cannot be listed may be the session. */
static enum po_status check_listable(const char *path, struct po_error *error)
{
    struct listing listing;
    struct po_error cause = {0};
    enum po_status status = listing_read(path, &listing, &cause);
    if (status == PO_OK)
        listing_release(&listing);
    if (status == PO_OUT_OF_MEMORY)
        return po_fail(error, status, "%s", cause.message);
    if (status != PO_IO || strcmp(path_name(path), LOST_FOUND) == 0)
        return PO_OK;
    return po_fail(
        error, PO_BAD_SESSION,
        "%s; it may be a session: make it readable, or give the session itself "
        "as --input",
        cause.message);
}

/* Some levels down, when exactly one folder leads to a session. */
static enum po_status find_below(const char *path, const struct po_input_settings *input,
                                 char chosen[SESSION_PATH_BYTES], struct po_error *error)
{
    struct listing listing;
    enum po_status status = listing_read(path, &listing, error);
    if (status != PO_OK)
        return as_session_error(status, error);
    char names[200] = "";
    int sessions = 0;
    int visited = 0;
    for (int i = 0; i < listing.count && visited < MAX_VISITED_FOLDERS && status == PO_OK;
         i++) {
        char below[SESSION_PATH_BYTES];
        char session[SESSION_PATH_BYTES];
        if (!listing.entries[i].is_directory ||
            !path_join(below, sizeof(below), path, listing.entries[i].name))
            continue;
        visited++;
        status = check_listable(below, error);
        if (status != PO_OK || !leads_to_session(below, input, &visited, session))
            continue;
        size_t used = strlen(names);
        (void)snprintf(names + used, sizeof(names) - used, "%s%.60s",
                       sessions > 0 ? ", " : "", listing.entries[i].name);
        if (sessions++ == 0)
            (void)snprintf(chosen, SESSION_PATH_BYTES, "%s", session);
    }
    if (status == PO_OK && sessions == 0)
        status = nothing_known(path, &listing, input, error);
    else if (status == PO_OK && sessions > 1)
        status = po_fail(error, PO_BAD_SESSION,
                         "%s: %d sessions in it (%s); give one of them as --input", path,
                         sessions, names);
    listing_release(&listing);
    return status;
}

static enum po_status no_such_layout(const char *name, struct po_error *error)
{
    char list[512] = "";
    size_t used = 0;
    const char *const *names = layout_names();
    for (int i = 0; names[i] != NULL && used < sizeof(list); i++)
        used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s",
                                 i > 0 ? ", " : "", names[i]);
    return po_fail(error, PO_BAD_ARGUMENT, "--layout: '%.100s' is not one of %s", name,
                   list);
}

static bool is_file(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0 && !S_ISDIR(facts.st_mode);
}

enum po_status session_find(const struct po_input_settings *input, bool want_ground_truth,
                            struct found_session *found, struct po_error *error)
{
    char below[SESSION_PATH_BYTES] = "";
    if (strlen(input->input) > SESSION_PATH_BYTES / 2)
        return po_fail(error, PO_BAD_ARGUMENT, "--input: the path is too long");
    if (input->layout != NULL && layout_find(input->layout) == NULL)
        return no_such_layout(input->layout, error);
    if (is_file(input->input))
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--input %s: this is a file, and a directory is wanted; give one "
                       "pair of images with --left and --right",
                       input->input);
    enum po_status status =
        try_folder(input->input, input, want_ground_truth, found, error);
    if (status != PO_OK || found->layout != NULL)
        return status;
    status = find_below(input->input, input, below, error);
    if (status == PO_OK)
        status = try_folder(below, input, want_ground_truth, found, error);
    return status;
}

enum po_status session_find_pair(const struct po_input_settings *input,
                                 bool want_ground_truth, struct found_session *found,
                                 struct po_error *error)
{
    static const struct layout ONE_PAIR = {"one-pair", NULL, NULL};
    char key[SIDE_KEY_BYTES];
    if (input->left == NULL || input->right == NULL)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "%s needs %s: give both images of the pair",
                       input->left != NULL ? "--left" : "--right",
                       input->left != NULL ? "--right" : "--left");
    found->layout = &ONE_PAIR;
    if (!path_directory(found->base, sizeof(found->base), input->left))
        return po_fail(error, PO_BAD_ARGUMENT, "--left: the path is too long");
    if (!entry_exists("", input->left) || !entry_exists("", input->right))
        return po_fail(error, PO_NOT_FOUND, "%s: no such file",
                       entry_exists("", input->left) ? input->right : input->left);
    pair_key(path_name(input->left), path_name(input->right), key);
    enum po_status status =
        pair_list_add(&found->pairs, key, "", input->left, "", input->right, error);
    struct listing listing;
    if (status == PO_OK && want_ground_truth &&
        listing_read(found->base, &listing, NULL) == PO_OK) {
        ground_truth_of_scene(found->base, &listing, path_name(input->left),
                              &found->pairs.pairs[0], &found->pairs.warnings);
        listing_release(&listing);
    }
    return status;
}
