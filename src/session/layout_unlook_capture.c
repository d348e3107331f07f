/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UnLook structured-light captures: {left,right}_{index}_{pattern}.{jpg,png} beside
 * metadata.json. The evenly lit pictures are matched (reference_white, else ambient); the
 * projected patterns differ from frame to frame and are left out. Every picture is a
 * frame under --layout named-pairs.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/json_file.h"
#include "base/path.h"
#include "session/pair_keys.h"

enum { METADATA_MAX_BYTES = 4 << 20 };

/* The pattern's name behind "left_000_"; NULL: no such name. */
static const char *pattern_of(const char *name, const char *side)
{
    size_t length = strlen(side);
    if (strncasecmp(name, side, length) != 0 || name[length] != '_')
        return NULL;
    const char *digits = name + length + 1;
    size_t count = strspn(digits, "0123456789");
    return count > 0 && digits[count] == '_' ? digits + count + 1 : NULL;
}

static bool is_projected(const char *pattern)
{
    static const char *const words[] = {"reference_", "phase_shift", "gray_code",
                                        "graycode",   "ambient",     "sinusoid"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcasestr(pattern, words[i]) != NULL)
            return true;
    return false;
}

static bool matches(const struct folder *folder)
{
    bool metadata = listing_find(folder->listing, "metadata.json") != NULL;
    for (int i = 0; i < folder->listing->count; i++) {
        const struct listing_entry *entry = &folder->listing->entries[i];
        const char *pattern = pattern_of(entry->name, "left");
        if (pattern == NULL)
            pattern = pattern_of(entry->name, "primary");
        if (entry->is_image && pattern != NULL && (metadata || is_projected(pattern)))
            return true;
    }
    return false;
}

/* What the pictures to match are called, best first; NULL: all. */
static const char *choose_pattern(const struct folder *folder)
{
    static const char *const choices[] = {"reference_white", "ambient", "white",
                                          "uniform"};
    for (size_t c = 0; c < sizeof(choices) / sizeof(choices[0]); c++)
        for (int i = 0; i < folder->listing->count; i++) {
            const char *pattern = pattern_of(folder->listing->entries[i].name, "left");
            if (pattern != NULL && strcasestr(pattern, choices[c]) != NULL)
                return choices[c];
        }
    return NULL;
}

/* The metadata is only read to say that it is broken: names suffice. */
static void check_metadata(const struct folder *folder, struct pair_list *pairs)
{
    char path[SESSION_PATH_BYTES];
    struct json *root = NULL;
    struct po_error cause = {0};
    if (!path_join(path, sizeof(path), folder->path, "metadata.json") ||
        listing_find(folder->listing, "metadata.json") == NULL)
        return;
    if (json_read_file(path, METADATA_MAX_BYTES, &root, &cause) != PO_OK)
        warning_list_add(&pairs->warnings, "%s; the frames are taken from file names",
                         cause.message);
    json_free(root);
}

static enum po_status split(const struct folder *folder, const char *wanted,
                            struct keyed_list sides[2], int counts[3],
                            struct po_error *error)
{
    static const char *const side_names[2] = {"left", "right"};
    enum po_status status = PO_OK;
    for (int i = 0; i < folder->listing->count && status == PO_OK; i++) {
        const struct listing_entry *entry = &folder->listing->entries[i];
        if (!entry->is_image)
            continue;
        counts[2] += pattern_of(entry->name, "primary") != NULL;
        for (int side = 0; side < 2 && status == PO_OK; side++) {
            const char *pattern = pattern_of(entry->name, side_names[side]);
            char key[SIDE_KEY_BYTES];
            if (pattern == NULL)
                continue;
            counts[side]++;
            if (wanted != NULL && strcasestr(pattern, wanted) == NULL)
                continue;
            stem_copy(entry->name + strlen(side_names[side]) + 1, key);
            status = keyed_list_add(&sides[side], key, entry->name, error);
        }
    }
    return status;
}

static enum po_status complete(const struct folder *folder, const char *wanted,
                               const int counts[3], struct pair_list *pairs,
                               struct po_error *error)
{
    if (counts[0] + counts[1] == 0 && counts[2] > 0)
        return po_fail(error, PO_BAD_SESSION,
                       "%s: a capture of one camera (primary_*): stereo needs the "
                       "pictures of two (left_* and right_*)",
                       folder->path);
    if (pairs->count == 0)
        return po_fail(error, PO_BAD_SESSION,
                       "%s: no pair: %d pictures left_* and %d right_*, and no two share "
                       "index and pattern",
                       folder->path, counts[0], counts[1]);
    if (counts[0] > pairs->count)
        warning_list_add(&pairs->warnings,
                         "%d pictures %s are matched; %d of other patterns are left out "
                         "(--layout named-pairs takes all)",
                         pairs->count, wanted != NULL ? wanted : "of all patterns",
                         counts[0] - pairs->count);
    return PO_OK;
}

static enum po_status list(const struct folder *folder, struct pair_list *pairs,
                           struct po_error *error)
{
    const char *const folders[2] = {folder->path, folder->path};
    struct keyed_list sides[2] = {{0}, {0}};
    int counts[3] = {0, 0, 0};
    const char *wanted = choose_pattern(folder);
    check_metadata(folder, pairs);
    enum po_status status = split(folder, wanted, sides, counts, error);
    if (status == PO_OK)
        status = pair_by_key(pairs, folders, sides, error);
    if (status == PO_OK)
        status = complete(folder, wanted, counts, pairs, error);
    keyed_list_release(&sides[0]);
    keyed_list_release(&sides[1]);
    return status;
}

const struct layout layout_unlook_capture = {"unlook-capture", true, false, matches,
                                             list};
