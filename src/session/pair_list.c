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

bool array_grow(void **array, int count, int *capacity, size_t bytes)
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
                             const struct pair_paths *files, struct po_error *error)
{
    if (list->count >= MANIFEST_MAX_FRAMES)
        return po_fail(error, PO_BAD_SESSION, "more than %d frames; split the session",
                       MANIFEST_MAX_FRAMES);
    void *pairs = list->pairs;
    bool grown = array_grow(&pairs, list->count, &list->capacity, sizeof(*list->pairs));
    list->pairs = pairs;
    if (!grown)
        return no_memory(error);
    struct pair *pair = &list->pairs[list->count++];
    memset(pair, 0, sizeof(*pair));
    pair->key = strdup(key);
    pair->left = path_copy(files->left_folder, files->left_name);
    pair->right = path_copy(files->right_folder, files->right_name);
    return pair->key != NULL && pair->left != NULL && pair->right != NULL
               ? PO_OK
               : no_memory(error);
}

enum po_status pair_list_add_unmatched(struct pair_list *list, const char *folder,
                                       const char *name, struct po_error *error)
{
    void *unmatched = list->unmatched;
    bool grown = array_grow(&unmatched, list->unmatched_count, &list->unmatched_capacity,
                            sizeof(*list->unmatched));
    list->unmatched = unmatched;
    char *path = grown ? path_copy(folder, name) : NULL;
    if (path == NULL)
        return no_memory(error);
    list->unmatched[list->unmatched_count++] = path;
    return PO_OK;
}

void pair_list_take_over(struct pair_list *pairs, struct pair_list *from)
{
    for (int i = 0; i < pairs->unmatched_count; i++)
        free(pairs->unmatched[i]);
    free(pairs->unmatched);
    free(pairs->pairs);
    pairs->count = from->count;
    pairs->capacity = from->capacity;
    pairs->pairs = from->pairs;
    pairs->unmatched_count = from->unmatched_count;
    pairs->unmatched_capacity = from->unmatched_capacity;
    pairs->unmatched = from->unmatched;
    warning_list_join(&pairs->warnings, &from->warnings);
    memset(from, 0, sizeof(*from));
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
