/* SPDX-License-Identifier: Apache-2.0 */
#include "session/session_below.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/path.h"
#include "session/side_folder.h"

enum { VISITED_MOST = 1000, SIDES_MOST = 16, LEVELS = 2 };

struct search {
    const struct po_input_settings *input;
    bool want_ground_truth;
    bool digits_are_sides;
    int visited;
    size_t root_length; /* of the path that is searched, for names below it */
    struct session_sets *sets;
};

void session_sets_release(struct session_sets *sets)
{
    for (int i = 0; i < sets->count; i++)
        session_set_release(&sets->sets[i]);
    free(sets->sets);
    memset(sets, 0, sizeof(*sets));
}

static enum po_status add_set(struct session_sets *sets, struct session_set *set,
                              struct po_error *error)
{
    void *array = sets->sets;
    bool grown = array_grow(&array, sets->count, &sets->capacity, sizeof(*sets->sets));
    sets->sets = array;
    if (!grown)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for the list of sessions");
    sets->sets[sets->count++] = *set;
    memset(set, 0, sizeof(*set));
    return PO_OK;
}

static bool is_side(const struct search *search, const struct side_folders *sides,
                    int count, const char *name)
{
    for (int i = 0; i < count; i++)
        if ((search->digits_are_sides || !side_mark_is_digit(sides[i].family)) &&
            (sides[i].names[0] == name || sides[i].names[1] == name))
            return true;
    return false;
}

/* The results of an earlier run, under whatever name. */
static bool is_own_output(const char *path, struct po_error *trouble)
{
    static const char *const marks[] = {".state", "frame.json"};
    char mark[SESSION_PATH_BYTES];
    struct stat facts;
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        if (!path_join(mark, sizeof(mark), path, marks[i]))
            continue;
        if (lstat(mark, &facts) == 0)
            return true;
        if (errno != ENOENT && errno != ENOTDIR)
            trouble_note(trouble, PO_IO, "%s: cannot look at it: %s", mark,
                         strerror(errno));
    }
    return false;
}

/* A folder that cannot be listed may be the session that is meant. */
static void note_unread(struct search *search, const char *path,
                        const struct po_error *cause)
{
    if (strcmp(path_name(path), LOST_FOUND) != 0)
        trouble_note(&search->sets->unread, PO_BAD_SESSION,
                     "%s; it may be a session: make it readable, or give the session "
                     "itself as --input",
                     cause->message);
}

static enum po_status search_folder(struct search *search, const char *path, int level,
                                    struct po_error *error);

static enum po_status visit(struct search *search, const char *path, int level,
                            struct po_error *error)
{
    struct session_set *set = calloc(1, sizeof(*set));
    if (set == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for the list of sessions");
    enum po_status status = session_set_list(
        path, search->input, search->want_ground_truth, set, &set->problem);
    if (status == PO_IO) {
        note_unread(search, path, &set->problem);
        status = PO_OK;
    } else if (set->layout != NULL && status != PO_OUT_OF_MEMORY) {
        enum capture_kind kind = capture_kind_of(path + search->root_length);
        set->pairs.kind = kind > set->pairs.kind ? kind : set->pairs.kind;
        status = add_set(search->sets, set, error);
    } else if (status == PO_OUT_OF_MEMORY) {
        status = po_fail(error, status, "%s", set->problem.message);
    } else {
        status = level < LEVELS ? search_folder(search, path, level + 1, error) : PO_OK;
    }
    session_set_release(set);
    free(set);
    return status;
}

static enum po_status search_folder(struct search *search, const char *path, int level,
                                    struct po_error *error)
{
    struct listing listing;
    struct side_folders sides[SIDES_MOST];
    struct po_error cause = {0};
    enum po_status status = listing_read(path, &listing, &cause);
    if (status == PO_OUT_OF_MEMORY)
        return po_fail(error, status, "%s", cause.message);
    if (status != PO_OK && status != PO_NOT_FOUND)
        note_unread(search, path, &cause);
    if (status != PO_OK)
        return PO_OK;
    int side_count = side_folders_find(&listing, sides, SIDES_MOST);
    for (int i = 0; i < listing.count && status == PO_OK; i++) {
        char below[SESSION_PATH_BYTES];
        if (!listing.entries[i].is_directory || search->visited >= VISITED_MOST ||
            is_side(search, sides, side_count, listing.entries[i].name) ||
            !path_join(below, sizeof(below), path, listing.entries[i].name) ||
            is_own_output(below, &cause))
            continue;
        if (cause.status != PO_OK) {
            note_unread(search, below, &cause);
            cause = (struct po_error){0};
            continue;
        }
        search->visited++;
        status = visit(search, below, level, error);
    }
    listing_release(&listing);
    return status;
}

enum po_status session_sets_find(const char *path, const struct po_input_settings *input,
                                 bool want_ground_truth, bool digits_are_sides,
                                 struct session_sets *sets, struct po_error *error)
{
    struct search search = {.input = input,
                            .digits_are_sides = digits_are_sides,
                            .want_ground_truth = want_ground_truth,
                            .root_length = strlen(path),
                            .sets = sets};
    return search_folder(&search, path, 1, error);
}

bool session_sets_have_pairs(const struct session_sets *sets)
{
    for (int i = 0; i < sets->count; i++)
        if (sets->sets[i].pairs.count > 0)
            return true;
    return false;
}

/* Folders with pairs count before those that only look like it. */
static bool goes_before(const struct session_set *a, const struct session_set *b)
{
    if ((a->pairs.count > 0) != (b->pairs.count > 0))
        return a->pairs.count > 0;
    return a->pairs.kind < b->pairs.kind;
}

int session_sets_only(const struct session_sets *sets)
{
    int best = -1;
    bool is_only = true;
    for (int i = 0; i < sets->count; i++) {
        if (best < 0 || goes_before(&sets->sets[i], &sets->sets[best])) {
            best = i;
            is_only = true;
        } else if (!goes_before(&sets->sets[best], &sets->sets[i])) {
            is_only = false;
        }
    }
    return is_only ? best : -1;
}

void session_sets_names(const struct session_sets *sets, const char *path, char *names,
                        size_t bytes)
{
    size_t used = 0;
    names[0] = '\0';
    for (int i = 0; i < sets->count && used < bytes; i++) {
        const char *name = sets->sets[i].path + strlen(path);
        used += (size_t)snprintf(names + used, bytes - used, "%s%.80s", i > 0 ? ", " : "",
                                 name + (*name == '/'));
    }
}
