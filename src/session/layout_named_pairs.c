/* SPDX-License-Identifier: Apache-2.0 */
/* One folder with both sides, told apart by name: left01 right01, 7_left, 7_L, cam0_7. */
#include "session/layout.h"

/* Files of each side under a family of marks. */
static enum po_status split(const struct folder *folder, int family,
                            struct keyed_list sides[2], struct po_error *error)
{
    enum po_status status = PO_OK;
    for (int i = 0; i < folder->listing->count && status == PO_OK; i++) {
        const struct listing_entry *entry = &folder->listing->entries[i];
        char key[SIDE_KEY_BYTES];
        if (!entry->is_image)
            continue;
        if (side_mark_strip(entry->name, family, SIDE_LEFT, key))
            status = keyed_list_add(&sides[SIDE_LEFT], key, entry->name, error);
        else if (side_mark_strip(entry->name, family, SIDE_RIGHT, key))
            status = keyed_list_add(&sides[SIDE_RIGHT], key, entry->name, error);
    }
    return status;
}

/* The first family of marks under which both sides have files; -1: none. */
static int find_family(const struct folder *folder)
{
    for (int family = 0; family < SIDE_MARK_FAMILIES; family++) {
        bool seen[2] = {false, false};
        for (int i = 0; i < folder->listing->count; i++) {
            const struct listing_entry *entry = &folder->listing->entries[i];
            char key[SIDE_KEY_BYTES];
            if (!entry->is_image)
                continue;
            if (side_mark_strip(entry->name, family, SIDE_LEFT, key))
                seen[SIDE_LEFT] = true;
            else if (side_mark_strip(entry->name, family, SIDE_RIGHT, key))
                seen[SIDE_RIGHT] = true;
            if (seen[SIDE_LEFT] && seen[SIDE_RIGHT])
                return family;
        }
    }
    return -1;
}

static bool matches(const struct folder *folder)
{
    return find_family(folder) >= 0;
}

static enum po_status list(const struct folder *folder, struct pair_list *pairs,
                           struct po_error *error)
{
    const char *const folders[2] = {folder->path, folder->path};
    struct keyed_list sides[2] = {{0}, {0}};
    int family = find_family(folder);
    if (family < 0)
        return po_fail(error, PO_BAD_SESSION,
                       "%s: no images with left and right in their names", folder->path);
    enum po_status status = split(folder, family, sides, error);
    if (status == PO_OK)
        status = pair_by_key(pairs, folders, sides, error);
    if (status == PO_OK && pairs->count == 0)
        status = po_fail(error, PO_BAD_SESSION,
                         "%s: no pair: %d left and %d right images, but no two names "
                         "differ in the side alone (such as %s and %s)",
                         folder->path, sides[0].count, sides[1].count,
                         sides[0].names[0].name, sides[1].names[0].name);
    keyed_list_release(&sides[0]);
    keyed_list_release(&sides[1]);
    return status;
}

const struct layout layout_named_pairs = {"named-pairs", matches, list};
