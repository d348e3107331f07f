/* SPDX-License-Identifier: Apache-2.0 */
#include "session/session_set.h"

#include <stdlib.h>
#include <string.h>

#include "session/unread_files.h"

/* One row's answer. */
struct layout_try {
    const struct layout *layout;
    struct pair_list pairs;
};

void session_set_release(struct session_set *set)
{
    free(set->path);
    pair_list_release(&set->pairs);
    memset(set, 0, sizeof(*set));
}

static bool is_better(const struct layout_try *a, const struct layout_try *b)
{
    if ((a->pairs.count > 0) != (b->pairs.count > 0))
        return a->pairs.count > 0;
    if (a->pairs.is_weak != b->pairs.is_weak)
        return b->pairs.is_weak;
    return a->pairs.kind != b->pairs.kind ? a->pairs.kind < b->pairs.kind
                                          : a->pairs.count > b->pairs.count;
}

static void take_best(struct session_set *set, struct layout_try *tries, int count,
                      int best)
{
    set->layout = tries[best].layout;
    set->pairs = tries[best].pairs;
    memset(&tries[best].pairs, 0, sizeof(tries[best].pairs));
    for (int i = 0; i < count; i++)
        if (tries[i].pairs.count > 0)
            warning_list_add(&set->pairs.warnings,
                             "not used: %d %s of the layout %s; take them with --layout",
                             tries[i].pairs.count,
                             tries[i].pairs.count == 1 ? "pair" : "pairs",
                             tries[i].layout->name);
}

/* A row that finds nothing leaves the folder to the next; other errors are the disk's. */
static enum po_status try_layout(const struct folder *folder, struct layout_try *try,
                                 struct po_error *first, struct po_error *error)
{
    struct po_error cause = {0};
    enum po_status status = try->layout->list(folder, &try->pairs, &cause);
    if (status == PO_OK)
        return PO_OK;
    if (status != PO_BAD_SESSION)
        return po_fail(error, status, "%s", cause.message);
    if (first->status == PO_OK)
        *first = cause;
    pair_list_release(&try->pairs);
    return PO_OK;
}

static enum po_status try_layouts(const struct folder *folder, struct layout_try *tries,
                                  int count, struct session_set *set,
                                  struct po_error *error)
{
    enum po_status status = PO_OK;
    int best = 0;
    int tried = 0;
    for (; tried < count && status == PO_OK; tried++) {
        bool has_pairs = tries[best].pairs.count > 0 && !tries[best].pairs.is_weak;
        if (has_pairs &&
            (tries[best].layout->is_particular || tries[tried].layout->is_last_resort))
            break;
        status = try_layout(folder, &tries[tried], &set->problem, error);
        if (is_better(&tries[tried], &tries[best]))
            best = tried;
    }
    if (status == PO_OK && tries[best].pairs.count == 0)
        return po_fail(error, set->problem.status, "%s", set->problem.message);
    if (status == PO_OK)
        take_best(set, tries, tried, best);
    for (int i = 0; i < tried; i++)
        pair_list_release(&tries[i].pairs);
    return status;
}

static enum po_status list_known(const struct folder *folder,
                                 const struct layout *const *layouts, int count,
                                 struct session_set *set, struct po_error *error)
{
    struct layout_try *tries = calloc((size_t)count, sizeof(*tries));
    if (tries == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to list it", folder->path);
    for (int i = 0; i < count; i++)
        tries[i].layout = layouts[i];
    set->layout = layouts[0];
    enum po_status status = try_layouts(folder, tries, count, set, error);
    free(tries);
    return status;
}

/* What a row could not look at hides what the folder is; a folder that may hold a scene
 * does so where no pair was found. */
static enum po_status check_trouble(enum po_status status, const struct folder *folder,
                                    struct session_set *set, struct po_error *error)
{
    bool is_open = status == PO_BAD_SESSION || (status == PO_OK && set->pairs.count == 0);
    enum po_status hidden = trouble_status(folder->trouble, error);
    if (hidden == PO_OK && is_open)
        hidden = trouble_status(folder->unlisted, error);
    if (hidden != PO_OK)
        pair_list_release(&set->pairs);
    return hidden != PO_OK ? hidden : status;
}

enum po_status session_set_list(const char *path, const struct po_input_settings *input,
                                bool want_ground_truth, struct session_set *set,
                                struct po_error *error)
{
    struct listing listing;
    const struct layout *layouts[LAYOUTS_MAX];
    struct po_error trouble = {0};
    struct po_error unlisted = {0};
    enum po_status status = listing_read(path, &listing, error);
    if (status != PO_OK)
        return status;
    const struct folder folder = {.path = path,
                                  .listing = &listing,
                                  .input = input,
                                  .want_ground_truth = want_ground_truth,
                                  .trouble = &trouble,
                                  .unlisted = &unlisted};
    set->path = strdup(path);
    int count = layouts_matching(&folder, layouts);
    if (set->path == NULL)
        status = po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to list it", path);
    else if (count > 0)
        status = list_known(&folder, layouts, count, set, error);
    status = check_trouble(status, &folder, set, error);
    if (status == PO_OK && count > 0)
        unread_files_warn(&path, &listing, 1, &set->pairs.warnings);
    listing_release(&listing);
    return status;
}
