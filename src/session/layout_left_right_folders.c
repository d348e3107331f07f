/* SPDX-License-Identifier: Apache-2.0 */
/* left/ and right/, or two folders of another known pair of names. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session/capture_kind.h"
#include "session/frame_number.h"
#include "session/pair_rules.h"
#include "session/side_folder.h"
#include "session/unread_files.h"

enum { FOLDERS_MOST = 16 };

static bool by_stem(const struct pair_files *files, int family, int side,
                    const char *name, char key[SIDE_KEY_BYTES])
{
    (void)files;
    (void)family;
    (void)side;
    stem_copy(name, key);
    return true;
}

/* The stem, without the side's mark where files repeat it (left/left_7.png). A name that
 * both folders have stays as it is, whatever words are in it. */
static bool by_mark(const struct pair_files *files, int family, int side,
                    const char *name, char key[SIDE_KEY_BYTES])
{
    (void)family;
    if (listing_find(files->listings[1 - side], name) != NULL)
        return false;
    for (int i = 0; i < SIDE_MARK_FAMILIES; i++)
        if (!side_mark_is_digit(i) && side_mark_strip(name, i, side, key))
            return true;
    stem_copy(name, key);
    return true;
}

static bool by_digit(const struct pair_files *files, int family, int side,
                     const char *name, char key[SIDE_KEY_BYTES])
{
    (void)files;
    return side_mark_strip(name, family, side, key);
}

/* Every name of a side has its digit: it is no number of a frame. */
static bool digits_are_sides(const struct pair_files *files, int family)
{
    char key[SIDE_KEY_BYTES];
    for (int side = 0; side < 2; side++)
        for (int i = 0; i < files->listings[side]->count; i++) {
            const struct listing_entry *entry = &files->listings[side]->entries[i];
            if (entry->is_image && !side_mark_strip(entry->name, family, side, key))
                return false;
        }
    return true;
}

static bool by_number(const struct pair_files *files, int family, int side,
                      const char *name, char key[SIDE_KEY_BYTES])
{
    (void)files;
    (void)family;
    (void)side;
    return frame_number_of(name, key);
}

static bool numbers_count(const struct pair_files *files, int family)
{
    (void)family;
    return frame_numbers_count(files->listings[0]) &&
           frame_numbers_count(files->listings[1]);
}

static const struct pair_rule rules[] = {
    {"equal names", 0, false, by_stem, NULL},
    {"names that differ in the side", 0, false, by_mark, NULL},
    {"names that end in 0 and 1", SIDE_MARK_FAMILIES - 2, false, by_digit,
     digits_are_sides},
    {"names that hold 0 and 1", SIDE_MARK_FAMILIES - 1, false, by_digit,
     digits_are_sides},
    {"equal frame numbers", 0, false, by_number, numbers_count},
};

enum { RULE_COUNT = sizeof(rules) / sizeof(rules[0]) };

/* One pair of folders and what was found in it. */
struct folder_try {
    const char *names[2];
    int images[2];
    enum capture_kind kind;
    struct pair_list pairs;
    struct warning_list unread;
};

/* scan_0 and scan_1 that hold both sides each are two sessions. */
static bool are_sessions(const struct side_folders *side, const struct folder *folder,
                         const char *const paths[2], const struct listing listings[2])
{
    bool sessions = false;
    for (int i = 0; i < 2 && side_mark_is_digit(side->family) && !sessions; i++) {
        const struct folder below = {.path = paths[i],
                                     .listing = &listings[i],
                                     .input = folder->input,
                                     .trouble = folder->trouble,
                                     .unlisted = folder->unlisted};
        sessions = layout_named_pairs.matches(&below);
    }
    return sessions;
}

static enum po_status try_folders(const struct folder *folder,
                                  const struct side_folders *side, struct folder_try *try,
                                  struct po_error *error)
{
    char paths[2][SESSION_PATH_BYTES] = {"", ""};
    struct listing listings[2] = {{0}, {0}};
    enum po_status status = PO_OK;
    for (int i = 0; i < 2 && status == PO_OK; i++) {
        try->names[i] = side->names[i];
        (void)snprintf(paths[i], sizeof(paths[i]), "%.3800s/%.255s", folder->path,
                       side->names[i]);
        status = listing_read(paths[i], &listings[i], error);
        try->images[i] = listing_count_images(&listings[i]);
    }
    try->kind = capture_kind_of(side->names[0]);
    const struct pair_files files = {.folders = {paths[0], paths[1]},
                                     .listings = {&listings[0], &listings[1]},
                                     .tolerance_s = folder->input->pair_tolerance_s,
                                     .trouble = folder->trouble};
    if (status == PO_OK && !are_sessions(side, folder, files.folders, listings))
        status = pair_by_rules(&files, rules, RULE_COUNT, &try->pairs, error);
    if (try->pairs.kind > try->kind)
        try->kind = try->pairs.kind;
    if (status == PO_OK)
        unread_files_warn(files.folders, listings, 2, &try->unread);
    for (int i = 0; i < 2; i++)
        listing_release(&listings[i]);
    return status;
}

static bool is_better(const struct folder_try *a, const struct folder_try *b)
{
    if ((a->pairs.count > 0) != (b->pairs.count > 0))
        return a->pairs.count > 0;
    return a->kind != b->kind ? a->kind < b->kind : a->pairs.count > b->pairs.count;
}

static enum po_status no_pair(const struct folder *folder, const struct folder_try *try,
                              struct po_error *error)
{
    const struct warning_list *unread = &try->unread;
    if (try->pairs.warnings.length > 0)
        return po_fail(error, PO_BAD_SESSION, "%s", try->pairs.warnings.texts[0]);
    if (try->images[0] + try->images[1] == 0 && unread->length > 0)
        return po_fail(error, PO_BAD_SESSION, "no images in %s", unread->texts[0]);
    return po_fail(error, PO_BAD_SESSION,
                   "%s: no pair: %s holds %d images and %s %d, and no two names "
                   "are equal%s%s",
                   folder->path, try->names[0], try->images[0], try->names[1],
                   try->images[1], unread->length > 0 ? "; " : "",
                   unread->length > 0 ? unread->texts[0] : "");
}

/* Other cameras may be another rig: their pairs are reported, not joined. */
static void tell_others(const struct folder_try *tries, int count, int best,
                        struct warning_list *warnings)
{
    for (int i = 0; i < count; i++)
        if (i != best && tries[i].pairs.count > 0)
            warning_list_add(
                warnings, "not used: %d %s of %.80s/ and %.80s/%s%s",
                tries[i].pairs.count, tries[i].pairs.count == 1 ? "pair" : "pairs",
                tries[i].names[0], tries[i].names[1],
                tries[i].kind != KIND_CAPTURE ? ", which " : "",
                tries[i].kind != KIND_CAPTURE ? capture_kind_text(tries[i].kind) : "");
}

static enum po_status try_all(const struct folder *folder,
                              const struct side_folders *found, int count,
                              struct folder_try *tries, struct pair_list *pairs,
                              struct po_error *error)
{
    int best = 0;
    enum po_status status = PO_OK;
    for (int i = 0; i < count && status == PO_OK; i++) {
        status = try_folders(folder, &found[i], &tries[i], error);
        if (is_better(&tries[i], &tries[best]))
            best = i;
    }
    if (status == PO_OK && tries[best].pairs.count == 0)
        status = no_pair(folder, &tries[best], error);
    if (status == PO_OK) {
        pair_list_take_over(pairs, &tries[best].pairs);
        pairs->kind = tries[best].kind;
        warning_list_join(&pairs->warnings, &tries[best].unread);
        tell_others(tries, count, best, &pairs->warnings);
    }
    for (int i = 0; i < count; i++)
        pair_list_release(&tries[i].pairs);
    return status;
}

static bool matches(const struct folder *folder)
{
    struct side_folders found;
    return side_folders_find(folder->listing, &found, 1) > 0;
}

static enum po_status list(const struct folder *folder, struct pair_list *pairs,
                           struct po_error *error)
{
    struct side_folders found[FOLDERS_MOST];
    int count = side_folders_find(folder->listing, found, FOLDERS_MOST);
    if (count == 0)
        return po_fail(error, PO_BAD_SESSION, "%s: no folders left and right in it",
                       folder->path);
    struct folder_try *tries = calloc((size_t)count, sizeof(*tries));
    if (tries == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to list it", folder->path);
    enum po_status status = try_all(folder, found, count, tries, pairs, error);
    free(tries);
    return status;
}

const struct layout layout_left_right_folders = {"left-right-folders", false, false,
                                                 matches, list};
