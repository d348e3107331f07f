/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "session/layout.h"

char *path_copy(const char *folder, const char *name)
{
    char path[SESSION_PATH_BYTES];
    return path_join(path, sizeof(path), folder, name) ? strdup(path) : NULL;
}

static enum po_status no_memory(struct po_error *error)
{
    return po_fail(error, PO_OUT_OF_MEMORY,
                   "no memory for the list of frames (or a path above %d bytes)",
                   SESSION_PATH_BYTES);
}

enum po_status path_keep(char **path, const char *folder, const char *name,
                         struct po_error *error)
{
    *path = path_copy(folder, name);
    return *path != NULL ? PO_OK : no_memory(error);
}

/* Room for one more element of `bytes`. */
static bool grow(void **array, int count, int *capacity, size_t bytes)
{
    if (count < *capacity)
        return true;
    int larger = *capacity * 2 + 32;
    void *grown = realloc(*array, (size_t)larger * bytes);
    if (grown == NULL)
        return false;
    *array = grown;
    *capacity = larger;
    return true;
}

enum po_status pair_list_add(struct pair_list *list, const char *key,
                             const char *left_folder, const char *left_name,
                             const char *right_folder, const char *right_name,
                             struct po_error *error)
{
    if (list->count >= MANIFEST_MAX_FRAMES)
        return po_fail(error, PO_BAD_SESSION, "more than %d frames; split the session",
                       MANIFEST_MAX_FRAMES);
    void *pairs = list->pairs;
    bool grown = grow(&pairs, list->count, &list->capacity, sizeof(*list->pairs));
    list->pairs = pairs;
    if (!grown)
        return no_memory(error);
    struct pair *pair = &list->pairs[list->count++];
    memset(pair, 0, sizeof(*pair));
    pair->key = strdup(key);
    pair->left = path_copy(left_folder, left_name);
    pair->right = path_copy(right_folder, right_name);
    return pair->key != NULL && pair->left != NULL && pair->right != NULL
               ? PO_OK
               : no_memory(error);
}

enum po_status pair_list_add_unmatched(struct pair_list *list, const char *folder,
                                       const char *name, struct po_error *error)
{
    void *unmatched = list->unmatched;
    bool grown = grow(&unmatched, list->unmatched_count, &list->unmatched_capacity,
                      sizeof(*list->unmatched));
    list->unmatched = unmatched;
    char *path = grown ? path_copy(folder, name) : NULL;
    if (path == NULL)
        return no_memory(error);
    list->unmatched[list->unmatched_count++] = path;
    return PO_OK;
}

void pair_list_release(struct pair_list *list)
{
    for (int i = 0; i < list->count; i++) {
        free(list->pairs[i].key);
        free(list->pairs[i].left);
        free(list->pairs[i].right);
        free(list->pairs[i].calibration);
        free(list->pairs[i].problem);
        free(list->pairs[i].ground_truth);
        free(list->pairs[i].ground_truth_mask);
    }
    free(list->pairs);
    for (int i = 0; i < list->unmatched_count; i++)
        free(list->unmatched[i]);
    free(list->unmatched);
    free(list->calibration);
    memset(list, 0, sizeof(*list));
}

enum po_status keyed_list_add(struct keyed_list *list, const char *key, const char *name,
                              struct po_error *error)
{
    void *names = list->names;
    bool grown = grow(&names, list->count, &list->capacity, sizeof(*list->names));
    list->names = names;
    char *copy = grown ? strdup(key) : NULL;
    if (copy == NULL)
        return no_memory(error);
    list->names[list->count++] = (struct keyed_name){.key = copy, .name = name};
    return PO_OK;
}

void keyed_list_release(struct keyed_list *list)
{
    for (int i = 0; i < list->count; i++)
        free(list->names[i].key);
    free(list->names);
    memset(list, 0, sizeof(*list));
}

static int compare_keys(const void *a, const void *b)
{
    const struct keyed_name *x = a;
    const struct keyed_name *y = b;
    int order = path_compare_natural(x->key, y->key);
    return order != 0 ? order : path_compare_natural(x->name, y->name);
}

/* Files that would be one frame (a.pgm beside a.png): which is meant nobody knows, so
 * that frame goes without. */
static enum po_status leave_out_doubles(struct pair_list *pairs, struct keyed_list *list,
                                        const char *folder, struct po_error *error)
{
    enum po_status status = PO_OK;
    int kept = 0;
    for (int i = 0, next; i < list->count && status == PO_OK; i = next) {
        for (next = i + 1; next < list->count &&
                           strcmp(list->names[next].key, list->names[i].key) == 0;)
            next++;
        if (next == i + 1) {
            struct keyed_name single = list->names[i];
            list->names[i] = list->names[kept];
            list->names[kept++] = single;
            continue;
        }
        warning_list_add(&pairs->warnings,
                         "%s: %s and %s would be the same frame '%s', which is left out; "
                         "move one away",
                         folder, list->names[i].name, list->names[i + 1].name,
                         list->names[i].key);
        for (int j = i; j < next && status == PO_OK; j++)
            status = pair_list_add_unmatched(pairs, folder, list->names[j].name, error);
    }
    for (int i = kept; i < list->count; i++)
        free(list->names[i].key);
    list->count = kept;
    return status;
}

static enum po_status sort_side(struct pair_list *pairs, struct keyed_list *list,
                                const char *folder, struct po_error *error)
{
    if (list->count > 1)
        qsort(list->names, (size_t)list->count, sizeof(*list->names), compare_keys);
    return leave_out_doubles(pairs, list, folder, error);
}

enum po_status pair_by_key(struct pair_list *pairs, const char *const folders[2],
                           struct keyed_list sides[2], struct po_error *error)
{
    int warned = pairs->warnings.length;
    enum po_status status = sort_side(pairs, &sides[0], folders[0], error);
    if (status == PO_OK)
        status = sort_side(pairs, &sides[1], folders[1], error);
    int l = 0;
    int r = 0;
    while (status == PO_OK && l < sides[0].count && r < sides[1].count) {
        const struct keyed_name *left = &sides[0].names[l];
        const struct keyed_name *right = &sides[1].names[r];
        int order = path_compare_natural(left->key, right->key);
        if (order == 0)
            status = pair_list_add(pairs, left->key, folders[0], left->name, folders[1],
                                   right->name, error);
        else if (order < 0)
            status = pair_list_add_unmatched(pairs, folders[0], left->name, error);
        else
            status = pair_list_add_unmatched(pairs, folders[1], right->name, error);
        l += order <= 0;
        r += order >= 0;
    }
    for (; status == PO_OK && l < sides[0].count; l++)
        status =
            pair_list_add_unmatched(pairs, folders[0], sides[0].names[l].name, error);
    for (; status == PO_OK && r < sides[1].count; r++)
        status =
            pair_list_add_unmatched(pairs, folders[1], sides[1].names[r].name, error);
    if (status == PO_OK && pairs->count == 0 && pairs->warnings.length > warned)
        return po_fail(error, PO_BAD_SESSION, "%s", pairs->warnings.texts[warned]);
    return status;
}
