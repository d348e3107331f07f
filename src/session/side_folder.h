/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Side folders: two folders beside each other whose names differ in the side alone:
 * left/ and right/, stereoLeft/ and stereoRight/, links/ and rechts/, cam0/ and cam1/.
 */
#ifndef SESSION_SIDE_FOLDER_H
#define SESSION_SIDE_FOLDER_H

#include "session/listing.h"
#include "session/side_mark.h"

struct side_folders {
    const char *names[2]; /* of the listing */
    int family;           /* of side_mark.h */
};

/* All such pairs in a listing, those of the surer marks first; at most `most`. */
int side_folders_find(const struct listing *listing, struct side_folders *found,
                      int most);

/* Whether the folder is one side of a session: `session` is then the folder above. What
 * hides that is noted in `trouble`, but for a folder above that this user may not list.
 */
bool side_folder_partner(const char *path, char session[SESSION_PATH_BYTES],
                         struct po_error *trouble);

#endif
