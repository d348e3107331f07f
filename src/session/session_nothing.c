/* SPDX-License-Identifier: Apache-2.0 */
/* Why a folder is no session, in words that lead on. */
#include <stdio.h>
#include <string.h>

#include "session/session_below.h"
#include "session/side_folder.h"
#include "session/unread_files.h"

static enum po_status side_missing(const char *path, struct po_error *trouble,
                                   struct po_error *error)
{
    static const char *const sides[][2] = {{"left", "right"},
                                           {"right", "left"},
                                           {"image_0", "image_1"},
                                           {"image_2", "image_3"},
                                           {"cam0", "cam1"}};
    for (size_t i = 0; i < sizeof(sides) / sizeof(sides[0]); i++)
        if (directory_exists(path, sides[i][0], trouble) &&
            !directory_exists(path, sides[i][1], trouble))
            return po_fail(error, PO_BAD_SESSION,
                           "%s: one side is missing: there is %s/ but no %s/", path,
                           sides[i][0], sides[i][1]);
    return PO_OK;
}

/* The first two images, from which a pattern may be guessed. */
static void name_images(const struct listing *listing, char text[200])
{
    size_t used = 0;
    text[0] = '\0';
    for (int i = 0, named = 0; i < listing->count && named < 2; i++)
        if (listing->entries[i].is_image)
            used += (size_t)snprintf(text + used, 200 - used, "%s%.80s",
                                     named++ > 0 ? ", " : " such as ",
                                     listing->entries[i].name);
}

static enum po_status describe(const char *path, const struct listing *listing,
                               const struct po_input_settings *input,
                               struct po_error *error)
{
    struct warning_list unread = {0};
    struct po_error trouble = {0};
    char session[SESSION_PATH_BYTES];
    char names[200];
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
    if (side_folder_partner(path, session, &trouble))
        return po_fail(error, PO_BAD_SESSION,
                       "%s: holds the images of one camera; the session is the folder "
                       "above, so give --input %s",
                       path, session);
    enum po_status status = side_missing(path, &trouble, error);
    if (trouble.status != PO_OK)
        return trouble_status(&trouble, error);
    if (status != PO_OK)
        return status;
    unread_files_warn(&path, listing, 1, &unread);
    if (unread.length > 0 && images == 0)
        return po_fail(error, PO_BAD_SESSION, "no images in %s", unread.texts[0]);
    name_images(listing, names);
    return po_fail(error, PO_BAD_SESSION,
                   "%s: no stereo pairs found in %d images%s and %d folders; known are "
                   "left/ and right/ folders, left*/right* names, im0/im1, image_0/ and "
                   "image_1/, mav0/; name others with --left-glob and --right-glob, or "
                   "halves of one image with --layout side-by-side%s%s",
                   path, images, names, folders, unread.length > 0 ? "; " : "",
                   unread.length > 0 ? unread.texts[0] : "");
}

enum po_status session_nothing_known(const char *path,
                                     const struct po_input_settings *input,
                                     struct po_error *error)
{
    struct listing listing;
    enum po_status status = listing_read(path, &listing, error);
    if (status != PO_OK)
        return status;
    status = describe(path, &listing, input, error);
    listing_release(&listing);
    return status;
}
