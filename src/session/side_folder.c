/* SPDX-License-Identifier: Apache-2.0 */
#include "session/side_folder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/path.h"

/* A folder of folders may hold a hundred thousand left_*. */
enum { LEFTS_LOOKED_AT = 256 };

/* view_2 beside view_0 and view_1: a third camera or a third session, who knows. */
static bool goes_on_counting(const struct listing *listing, int family, const char *key)
{
    char other[SIDE_KEY_BYTES];
    for (int i = 0; i < listing->count; i++)
        if (listing->entries[i].is_directory &&
            side_mark_counts(listing->entries[i].name, family, other) &&
            strcmp(key, other) == 0)
            return true;
    return false;
}

static const char *find_right(const struct listing *listing, int family, const char *key)
{
    char other[SIDE_KEY_BYTES];
    for (int i = 0; i < listing->count; i++)
        if (listing->entries[i].is_directory &&
            side_mark_strip(listing->entries[i].name, family, SIDE_RIGHT, other) &&
            strcasecmp(key, other) == 0)
            return listing->entries[i].name;
    return NULL;
}

static bool is_known(const struct side_folders *found, int count, const char *left,
                     const char *right)
{
    for (int i = 0; i < count; i++)
        if (found[i].names[0] == left && found[i].names[1] == right)
            return true;
    return false;
}

int side_folders_find(const struct listing *listing, struct side_folders *found, int most)
{
    int count = 0;
    for (int family = 0; family < SIDE_MARK_FAMILIES; family++) {
        int lefts = 0;
        for (int i = 0; i < listing->count && count < most && lefts < LEFTS_LOOKED_AT;
             i++) {
            const char *left = listing->entries[i].name;
            char key[SIDE_KEY_BYTES];
            if (!listing->entries[i].is_directory ||
                !side_mark_strip(left, family, SIDE_LEFT, key))
                continue;
            lefts++;
            const char *right = find_right(listing, family, key);
            if (right == NULL || is_known(found, count, left, right) ||
                (side_mark_is_digit(family) && goes_on_counting(listing, family, key)))
                continue;
            found[count++] = (struct side_folders){{left, right}, family};
        }
    }
    return count;
}

/* The real path has the name also where "." was given. */
static bool split_path(const char *path, char above[SESSION_PATH_BYTES],
                       char name[SIDE_KEY_BYTES], struct po_error *trouble)
{
    char *resolved = realpath(path, NULL);
    if (resolved == NULL && errno != EACCES) /* folders above may be closed to us */
        trouble_note(trouble, errno == ENOMEM ? PO_OUT_OF_MEMORY : PO_IO,
                     "%s: cannot find its name: %s", path, strerror(errno));
    bool fits = resolved != NULL && strlen(path_name(resolved)) < SIDE_KEY_BYTES &&
                path_directory(above, SESSION_PATH_BYTES, resolved);
    if (fits)
        memcpy(name, path_name(resolved), strlen(path_name(resolved)) + 1);
    free(resolved);
    return fits;
}

bool side_folder_partner(const char *path, char session[SESSION_PATH_BYTES],
                         struct po_error *trouble)
{
    enum { FOLDERS_MOST = 16 };
    char name[SIDE_KEY_BYTES];
    struct listing listing;
    struct side_folders found[FOLDERS_MOST];
    bool is_side = false;
    struct po_error cause = {0};
    if (!split_path(path, session, name, trouble))
        return false;
    enum po_status status = listing_read_allowed(session, &listing, &cause);
    if (status != PO_OK) {
        trouble_note(trouble, status, "%s", cause.message);
        return false;
    }
    int count = side_folders_find(&listing, found, FOLDERS_MOST);
    for (int i = 0; i < count && !is_side; i++)
        is_side =
            strcmp(found[i].names[0], name) == 0 || strcmp(found[i].names[1], name) == 0;
    listing_release(&listing);
    return is_side;
}
