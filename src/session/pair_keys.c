/* SPDX-License-Identifier: Apache-2.0 */
#include "session/pair_keys.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "session/time_stamps.h"

static enum po_status leave_rest(struct pair_list *pairs, const char *folder,
                                 const struct keyed_list *side, int first,
                                 struct po_error *error)
{
    enum po_status status = PO_OK;
    for (int i = first; i < side->count && status == PO_OK; i++)
        status = pair_list_add_unmatched(pairs, folder, side->names[i].name, error);
    return status;
}

/* Both sides are in order. */
static enum po_status pair_equal(struct pair_list *pairs, const char *const folders[2],
                                 const struct keyed_list sides[2], struct po_error *error)
{
    enum po_status status = PO_OK;
    int l = 0;
    int r = 0;
    while (status == PO_OK && l < sides[0].count && r < sides[1].count) {
        const struct keyed_name *left = &sides[0].names[l];
        const struct keyed_name *right = &sides[1].names[r];
        int order = path_compare_natural(left->key, right->key);
        if (order == 0)
            status = pair_list_add(
                pairs, left->key,
                &(struct pair_paths){folders[0], left->name, folders[1], right->name},
                error);
        else if (order < 0)
            status = pair_list_add_unmatched(pairs, folders[0], left->name, error);
        else
            status = pair_list_add_unmatched(pairs, folders[1], right->name, error);
        l += order <= 0;
        r += order >= 0;
    }
    if (status == PO_OK)
        status = leave_rest(pairs, folders[0], &sides[0], l, error);
    if (status == PO_OK)
        status = leave_rest(pairs, folders[1], &sides[1], r, error);
    return status;
}

static enum po_status sort_sides(struct pair_list *pairs, const char *const folders[2],
                                 struct keyed_list sides[2], struct po_error *error)
{
    enum po_status status = keyed_list_sort(&sides[0], pairs, folders[0], error);
    return status == PO_OK ? keyed_list_sort(&sides[1], pairs, folders[1], error)
                           : status;
}

enum po_status pair_by_key(struct pair_list *pairs, const char *const folders[2],
                           struct keyed_list sides[2], struct po_error *error)
{
    int warned = pairs->warnings.length;
    enum po_status status = sort_sides(pairs, folders, sides, error);
    if (status == PO_OK)
        status = pair_equal(pairs, folders, sides, error);
    if (status == PO_OK && pairs->count == 0 && pairs->warnings.length > warned)
        return po_fail(error, PO_BAD_SESSION, "%s", pairs->warnings.texts[warned]);
    return status;
}

enum po_status pair_by_key_or_time(struct pair_list *pairs, const char *const folders[2],
                                   struct keyed_list sides[2], double tolerance_s,
                                   struct po_error *error)
{
    struct stamped_list stamps[2] = {{0}, {0}};
    bool timed = false;
    enum po_status status = sort_sides(pairs, folders, sides, error);
    if (status == PO_OK)
        status = stamped_lists_of_keys(sides, folders, stamps, pairs, &timed, error);
    if (status == PO_OK)
        status = timed ? pair_by_time(pairs, folders, stamps, tolerance_s, error)
                       : pair_equal(pairs, folders, sides, error);
    if (status == PO_OK && timed && pairs->count == 0)
        warning_list_add(&pairs->warnings,
                         "%s and %s: the names are time stamps, and no two are nearer "
                         "than %g s; --pair-tolerance is %g s",
                         folders[0], folders[1], stamped_lists_gap_s(stamps),
                         tolerance_s);
    stamped_list_release(&stamps[0]);
    stamped_list_release(&stamps[1]);
    return status;
}
