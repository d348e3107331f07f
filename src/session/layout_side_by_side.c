/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One image a frame, the left camera's picture in its left half. Names cannot show this
 * from plain images, so it is recognised only beside a ZED calibration (SN<serial>.conf)
 * or in folders and files that say so.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/path.h"
#include "session/layout.h"

static bool says_side_by_side(const char *name)
{
    return strcasestr(name, "side_by_side") != NULL ||
           strcasestr(name, "side-by-side") != NULL || strcasestr(name, "sbs") != NULL;
}

static bool is_zed_calibration(const char *name)
{
    return strncasecmp(name, "SN", 2) == 0 && isdigit((unsigned char)name[2]) &&
           strcasecmp(path_extension(name), "conf") == 0;
}

static bool matches(const struct folder *folder)
{
    bool asked = folder->input->layout != NULL;
    bool is_named = says_side_by_side(path_name(folder->path));
    int images = 0;
    for (int i = 0; i < folder->listing->count; i++) {
        const struct listing_entry *entry = &folder->listing->entries[i];
        images += entry->is_image;
        is_named = is_named || is_zed_calibration(entry->name) ||
                   (entry->is_image && says_side_by_side(entry->name));
    }
    return images > 0 && (asked || is_named);
}

static enum po_status list(const struct folder *folder, struct pair_list *pairs,
                           struct po_error *error)
{
    enum po_status status = PO_OK;
    for (int i = 0; i < folder->listing->count && status == PO_OK; i++) {
        const struct listing_entry *entry = &folder->listing->entries[i];
        char key[SIDE_KEY_BYTES];
        if (!entry->is_image)
            continue;
        stem_copy(entry->name, key);
        status = pair_list_add(
            pairs, key,
            &(struct pair_paths){folder->path, entry->name, folder->path, entry->name},
            error);
        if (status == PO_OK)
            pairs->pairs[pairs->count - 1].side_by_side = true;
    }
    return status;
}

const struct layout layout_side_by_side = {"side-by-side", false, true, matches, list};
