/* SPDX-License-Identifier: Apache-2.0 */
/* One folder with both sides, told apart by name: left01 right01, 7_left, imageL7, 7_0.
 */
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "session/pair_rules.h"
#include "session/side_folder.h"

static bool key_of(const struct pair_files *files, int family, int side, const char *name,
                   char key[SIDE_KEY_BYTES])
{
    (void)files;
    return side_mark_strip(name, family, side, key);
}

static int compare_keys(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void free_keys(char **keys, int count)
{
    for (int i = 0; i < count; i++)
        free(keys[i]);
    free(keys);
}

/* The keys of the images with a 0 for the side, in order; NULL and none: no memory. */
static char **keys_of_zeros(const struct listing *listing, int family, int *count)
{
    char **keys = calloc((size_t)listing->count + 1, sizeof(*keys));
    char key[SIDE_KEY_BYTES];
    *count = 0;
    for (int i = 0; i < listing->count && keys != NULL; i++) {
        if (!listing->entries[i].is_image ||
            !side_mark_strip(listing->entries[i].name, family, SIDE_LEFT, key))
            continue;
        char *copy = strdup(key);
        if (copy == NULL) { /* a part of them would tell frames from sides wrongly */
            free_keys(keys, *count);
            *count = 0;
            return NULL;
        }
        keys[(*count)++] = copy;
    }
    if (*count > 1)
        qsort(keys, (size_t)*count, sizeof(*keys), compare_keys);
    return keys;
}

/* 0 and 1 tell cameras apart only where nothing goes on with 2, as frames would. */
static bool digits_are_sides(const struct pair_files *files, int family)
{
    const struct listing *listing = files->listings[0];
    char key[SIDE_KEY_BYTES];
    const char *wanted = key;
    int count;
    char **keys = keys_of_zeros(listing, family, &count);
    bool sides = count > 0;
    if (keys == NULL)
        trouble_note(files->trouble, PO_OUT_OF_MEMORY, "%s: no memory to list it",
                     files->folders[0]);
    for (int i = 0; i < listing->count && sides; i++)
        if (listing->entries[i].is_image &&
            side_mark_counts(listing->entries[i].name, family, key))
            sides = bsearch(&wanted, keys, (size_t)count, sizeof(*keys), compare_keys) ==
                    NULL;
    free_keys(keys, count);
    return sides;
}

static bool allows(const struct pair_files *files, int family)
{
    if (!side_mark_is_digit(family))
        return true;
    /* The images of one camera, in a folder of its own. */
    char other[SESSION_PATH_BYTES];
    return !side_folder_partner(files->folders[0], other, files->trouble) &&
           digits_are_sides(files, family);
}

static enum po_status pair(const struct folder *folder, struct pair_list *pairs,
                           struct po_error *error)
{
    const struct pair_files files = {.folders = {folder->path, folder->path},
                                     .listings = {folder->listing, folder->listing},
                                     .tolerance_s = folder->input->pair_tolerance_s,
                                     .trouble = folder->trouble};
    struct pair_rule rules[SIDE_MARK_FAMILIES];
    for (int family = 0; family < SIDE_MARK_FAMILIES; family++)
        rules[family] = (struct pair_rule){.name = side_mark_name(family),
                                           .family = family,
                                           .is_weak = side_mark_is_digit(family),
                                           .key = key_of,
                                           .allows = allows};
    return pair_by_rules(&files, rules, SIDE_MARK_FAMILIES, pairs, error);
}

/* How many images have the words of either side; `names` one of each. */
static void count_words(const struct folder *folder, int counts[2], const char *names[2])
{
    counts[SIDE_LEFT] = counts[SIDE_RIGHT] = 0;
    for (int i = 0; i < folder->listing->count; i++) {
        const struct listing_entry *entry = &folder->listing->entries[i];
        char key[SIDE_KEY_BYTES];
        for (int side = 0; side < 2 && entry->is_image; side++)
            if (side_mark_strip(entry->name, 0, side, key) && counts[side]++ == 0)
                names[side] = entry->name;
    }
}

static bool matches(const struct folder *folder)
{
    int counts[2];
    const char *names[2];
    struct pair_list pairs = {0};
    struct po_error cause = {0};
    count_words(folder, counts, names);
    if (counts[0] > 0 && counts[1] > 0)
        return true;
    enum po_status status = pair(folder, &pairs, &cause);
    if (status != PO_OK)
        trouble_note(folder->trouble, status, "%s", cause.message);
    bool paired = status == PO_OK && pairs.count > 0;
    pair_list_release(&pairs);
    return paired;
}

static enum po_status list(const struct folder *folder, struct pair_list *pairs,
                           struct po_error *error)
{
    int counts[2];
    const char *names[2] = {"", ""};
    enum po_status status = pair(folder, pairs, error);
    if (status != PO_OK || pairs->count > 0)
        return status;
    if (pairs->warnings.length > 0)
        return po_fail(error, PO_BAD_SESSION, "%s", pairs->warnings.texts[0]);
    count_words(folder, counts, names);
    if (counts[0] == 0 || counts[1] == 0)
        return po_fail(error, PO_BAD_SESSION,
                       "%s: no images with left and right in their names", folder->path);
    return po_fail(error, PO_BAD_SESSION,
                   "%s: no pair: %d left and %d right images, but no two names differ in "
                   "the side alone (such as %s and %s)",
                   folder->path, counts[0], counts[1], names[0], names[1]);
}

const struct layout layout_named_pairs = {"named-pairs", false, false, matches, list};
