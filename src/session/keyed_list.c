/* SPDX-License-Identifier: Apache-2.0 */
#include "session/keyed_list.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"

static enum po_status no_memory(struct po_error *error)
{
    return po_fail(error, PO_OUT_OF_MEMORY, "no memory for the list of images");
}

enum po_status keyed_list_add(struct keyed_list *list, const char *key, const char *name,
                              struct po_error *error)
{
    void *names = list->names;
    bool grown = array_grow(&names, list->count, &list->capacity, sizeof(*list->names));
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

enum po_status keyed_list_sort(struct keyed_list *list, struct pair_list *pairs,
                               const char *folder, struct po_error *error)
{
    if (list->count > 1)
        qsort(list->names, (size_t)list->count, sizeof(*list->names), compare_keys);
    return leave_out_doubles(pairs, list, folder, error);
}
