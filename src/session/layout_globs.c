/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --left-glob and --right-glob, for folders no other row knows: "a/?.png" and "b/?.png".
 * What the wildcards stand for pairs the files.
 */
#include <stdio.h>
#include <string.h>

#include "base/path.h"
#include "session/pair_keys.h"

/* The part of a name between the pattern's fixed beginning and end. */
static void key_of(const char *pattern, const char *name, char key[SIDE_KEY_BYTES])
{
    size_t head = strcspn(pattern, "*?[");
    size_t length = strlen(name);
    size_t tail = 0;
    size_t bytes = strlen(pattern);
    while (tail < bytes && strchr("*?]", pattern[bytes - 1 - tail]) == NULL)
        tail++;
    if (head + tail > length)
        head = tail = 0;
    (void)snprintf(key, SIDE_KEY_BYTES, "%.*s", (int)(length - head - tail), name + head);
}

/* Lists one side; `path` gets the folder its pattern names. */
static enum po_status list_side(const struct folder *folder, const char *glob,
                                char path[SESSION_PATH_BYTES], struct listing *listing,
                                struct keyed_list *side, struct po_error *error)
{
    char parent[SESSION_PATH_BYTES];
    const char *pattern = path_name(glob);
    if (!folder->input->follow_outside && !path_stays_inside(glob))
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--left-glob/--right-glob %s: leaves the session; say "
                       "--follow-outside if that is meant",
                       glob);
    if (!path_directory(parent, sizeof(parent), glob) ||
        !path_join(path, SESSION_PATH_BYTES, folder->path, parent))
        return po_fail(error, PO_BAD_ARGUMENT, "%.200s...: the path is too long", glob);
    if (strcmp(parent, ".") == 0)
        (void)snprintf(path, SESSION_PATH_BYTES, "%s", folder->path);
    enum po_status status = listing_read(path, listing, error);
    for (int i = 0; i < listing->count && status == PO_OK; i++) {
        char key[SIDE_KEY_BYTES];
        if (listing->entries[i].is_directory ||
            !path_glob_match(pattern, listing->entries[i].name))
            continue;
        key_of(pattern, listing->entries[i].name, key);
        status = keyed_list_add(side, key, listing->entries[i].name, error);
    }
    return status;
}

static enum po_status list(const struct folder *folder, struct pair_list *pairs,
                           struct po_error *error)
{
    const char *const globs[2] = {folder->input->left_glob, folder->input->right_glob};
    char paths[2][SESSION_PATH_BYTES] = {"", ""};
    struct listing listings[2] = {{0}, {0}};
    struct keyed_list sides[2] = {{0}, {0}};
    enum po_status status = PO_OK;
    if (globs[0] == NULL || globs[1] == NULL)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--left-glob and --right-glob go together");
    for (int side = 0; side < 2 && status == PO_OK; side++)
        status = list_side(folder, globs[side], paths[side], &listings[side],
                           &sides[side], error);
    const char *const folders[2] = {paths[0], paths[1]};
    if (status == PO_OK)
        status = pair_by_key_or_time(pairs, folders, sides,
                                     folder->input->pair_tolerance_s, error);
    if (status == PO_OK && pairs->count == 0 && pairs->warnings.length > 0)
        status = po_fail(error, PO_BAD_SESSION, "%s", pairs->warnings.texts[0]);
    else if (status == PO_OK && pairs->count == 0)
        status = po_fail(error, PO_BAD_SESSION,
                         "%s: --left-glob matches %d files and --right-glob %d, and no "
                         "two agree in what the wildcards stand for",
                         folder->path, sides[0].count, sides[1].count);
    for (int side = 0; side < 2; side++) {
        keyed_list_release(&sides[side]);
        listing_release(&listings[side]);
    }
    return status;
}

/* Taken where the globs are given: nobody asks whether it knows a folder. */
const struct layout layout_globs = {"globs", true, false, NULL, list};
